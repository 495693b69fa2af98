/* SPDX-License-Identifier: MIT */
#include "ui/report/report_private.h"

typedef void WriteIndexed(JsonWriter *writer, const ReportContext *context, uint32_t index);

static void write_count_object(JsonWriter *writer, const char *key)
{
	json_key(writer, key);
	json_begin_object(writer);
}

static void write_by_cause(JsonWriter *writer, const Tally *tally)
{
	write_count_object(writer, "by_cause");
	for (unsigned cause = CAUSE_FIRST; cause < CAUSE_N; cause++) {
		if (tally->lapses_by_cause[cause] == 0)
			continue;
		json_key(writer, cause_name((CauseId)cause));
		json_number(writer, tally->lapses_by_cause[cause]);
	}
	json_end_object(writer);
}

static void write_by_responsible(JsonWriter *writer, const Tally *tally)
{
	write_count_object(writer, "by_responsible");
	for (unsigned i = 0; i < RESPONSIBLE_N; i++) {
		if (tally->lapses_by_responsible[i] == 0)
			continue;
		json_key(writer, responsible_name((Responsible)i));
		json_number(writer, tally->lapses_by_responsible[i]);
	}
	json_end_object(writer);
}

void json_summary_members(JsonWriter *writer, const ReportContext *context)
{
	const Tally *tally = &context->selection->tally;
	json_key(writer, "clients");
	json_number(writer, tally->clients);
	json_key(writer, "reconnects");
	json_number(writer, tally->reconnects);
	json_key(writer, "resumed");
	json_number(writer, tally->resumed);
	json_key(writer, "lapses");
	json_number(writer, tally->lapses);
	json_key(writer, "messages_lost");
	json_begin_object(writer);
	json_key(writer, "min");
	json_number(writer, tally->lost_min);
	json_key(writer, "max");
	if (tally->lost_unbounded)
		json_null(writer);
	else
		json_number(writer, tally->lost_max);
	json_end_object(writer);
	write_by_cause(writer, tally);
	write_by_responsible(writer, tally);
}

static bool client_selected(const ReportContext *context, uint32_t index)
{
	return context->selection->clients[index] != 0;
}

static void write_brokers(JsonWriter *writer, const ReportContext *context)
{
	json_key(writer, "brokers");
	json_begin_array(writer);
	uint32_t n_brokers = model_n_brokers(context->model);
	for (uint32_t i = 0; i < n_brokers; i++) {
		json_begin_object(writer);
		json_broker_members(writer, context, i);
		json_end_object(writer);
	}
	json_end_array(writer);
}

static void write_clients(JsonWriter *writer, const ReportContext *context)
{
	json_key(writer, "clients");
	json_begin_array(writer);
	uint32_t n_clients = model_n_clients(context->model);
	for (uint32_t i = 0; i < n_clients; i++) {
		if (!client_selected(context, i))
			continue;
		json_begin_object(writer);
		json_client_members(writer, context, i);
		json_end_object(writer);
	}
	json_end_array(writer);
}

static void write_incidents(JsonWriter *writer, const ReportContext *context)
{
	json_key(writer, "incidents");
	json_begin_array(writer);
	for (uint32_t i = 0; i < context->analysis->incidents->len; i++) {
		if (!incident_is_selected(context, i))
			continue;
		json_begin_object(writer);
		json_incident_members(writer, context, i);
		json_end_object(writer);
	}
	json_end_array(writer);
}

static void write_findings(JsonWriter *writer, const ReportContext *context)
{
	json_key(writer, "findings");
	json_begin_array(writer);
	for (uint32_t i = 0; i < context->selection->n_findings; i++) {
		json_begin_object(writer);
		json_finding_members(writer, context, i);
		json_end_object(writer);
	}
	json_end_array(writer);
}

bool report_write_json(const ReportContext *context, FILE *out)
{
	JsonWriter *writer = json_writer_new(out, 2);
	json_begin_object(writer);
	json_key(writer, "schema");
	json_string(writer, "mqlapse.report/1");
	json_key(writer, "capture");
	json_begin_object(writer);
	json_capture_members(writer, context);
	json_end_object(writer);
	write_brokers(writer, context);
	write_clients(writer, context);
	write_incidents(writer, context);
	write_findings(writer, context);
	json_key(writer, "summary");
	json_begin_object(writer);
	json_summary_members(writer, context);
	json_end_object(writer);
	json_end_object(writer);
	json_end_line(writer);
	return json_writer_finish(writer);
}

static void begin_line(JsonWriter *writer, const char *type)
{
	json_begin_object(writer);
	json_key(writer, "type");
	json_string(writer, type);
}

static void end_line(JsonWriter *writer)
{
	json_end_object(writer);
	json_end_line(writer);
}

static void write_line(JsonWriter *writer, const ReportContext *context, const char *type,
                       WriteIndexed *members, uint32_t index)
{
	begin_line(writer, type);
	members(writer, context, index);
	end_line(writer);
}

bool report_write_ndjson(const ReportContext *context, FILE *out)
{
	JsonWriter *writer = json_writer_new(out, 0);
	begin_line(writer, "capture");
	json_key(writer, "schema");
	json_string(writer, "mqlapse.report/1");
	json_capture_members(writer, context);
	end_line(writer);
	uint32_t n_brokers = model_n_brokers(context->model);
	for (uint32_t i = 0; i < n_brokers; i++)
		write_line(writer, context, "broker", json_broker_members, i);
	uint32_t n_clients = model_n_clients(context->model);
	for (uint32_t i = 0; i < n_clients; i++) {
		if (client_selected(context, i))
			write_line(writer, context, "client", json_client_members, i);
	}
	for (uint32_t i = 0; i < context->analysis->incidents->len; i++) {
		if (incident_is_selected(context, i))
			write_line(writer, context, "incident", json_incident_members, i);
	}
	for (uint32_t i = 0; i < context->selection->n_findings; i++)
		write_line(writer, context, "finding", json_finding_members, i);
	begin_line(writer, "summary");
	json_summary_members(writer, context);
	end_line(writer);
	return json_writer_finish(writer);
}
