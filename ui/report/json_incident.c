/* SPDX-License-Identifier: MIT */
#include "ui/report/report_private.h"

static void write_number(JsonWriter *writer, const char *key, uint32_t number)
{
	json_key(writer, key);
	json_number(writer, number);
}

static void write_signs(JsonWriter *writer, const Incident *incident)
{
	json_key(writer, "signs");
	json_begin_array(writer);
	for (unsigned i = 0; i < SIGN_N; i++)
		if ((incident->signs & 1u << i) != 0)
			json_string(writer, incident_sign_name((IncidentSign)(1u << i)));
	json_end_array(writer);
}

static void write_numbers(JsonWriter *writer, const Incident *incident)
{
	json_key(writer, "numbers");
	json_begin_object(writer);
	write_number(writer, "open", incident->n_open);
	write_number(writer, "ended", incident->n_ended);
	write_number(writer, "attempts", incident->n_attempts);
	write_number(writer, "resumed", incident->n_resumed);
	write_number(writer, "lost", incident->n_lost);
	write_number(writer, "unknown", incident->n_unknown);
	json_end_object(writer);
}

static void write_clients(JsonWriter *writer, const ReportContext *context,
                          const Incident *incident)
{
	json_key(writer, "clients");
	json_begin_array(writer);
	for (uint32_t i = 0; i < incident->n_hit; i++) {
		ClientIndex client = incident->hit[i];
		if (context->selection->clients[client] != 0)
			json_bytes(writer, report_wire_text(context->texts, WIRE_CLIENT_ID,
			                                    model_client(context->model, client)->id));
	}
	json_end_array(writer);
}

static void write_evidence(JsonWriter *writer, const Incident *incident)
{
	json_key(writer, "evidence");
	json_begin_array(writer);
	for (unsigned i = 0; i < incident->n_frames; i++) {
		const IncidentFrame *frame = &incident->frames[i];
		json_begin_object(writer);
		json_key(writer, "frame");
		json_frame(writer, frame->frame);
		json_key(writer, "file");
		json_frame_source(writer, frame->frame);
		json_key(writer, "time");
		json_instant(writer, frame->time);
		json_key(writer, "says");
		json_string(writer, incident_frame_says(incident, frame));
		json_end_object(writer);
	}
	json_end_array(writer);
}

void json_incident_members(JsonWriter *writer, const ReportContext *context, uint32_t index)
{
	const Incident *incident = report_incident(context, index);
	json_key(writer, "id");
	json_number(writer, incident->number);
	json_key(writer, "kind");
	json_string(writer, incident_kind_name((IncidentKind)incident->kind));
	json_key(writer, "broker");
	json_endpoint(writer, &model_broker(context->model, incident->broker)->endpoint);
	json_key(writer, "from");
	json_instant(writer, incident->from);
	json_key(writer, "to");
	json_instant(writer, incident->to);
	json_key(writer, "confidence");
	json_string(writer, confidence_name((Confidence)incident->confidence));
	write_signs(writer, incident);
	write_numbers(writer, incident);
	write_clients(writer, context, incident);
	write_evidence(writer, incident);
	json_key(writer, "false_if");
	json_string(writer, incident_refutation((IncidentKind)incident->kind));
	json_key(writer, "explanation");
	g_autofree char *explanation = incident_explanation(incident);
	json_string(writer, explanation);
}

void json_restarts(JsonWriter *writer, const ReportContext *context, BrokerIndex broker)
{
	json_key(writer, "restarts");
	json_begin_array(writer);
	for (uint32_t i = 0; i < context->analysis->incidents->len; i++) {
		const Incident *incident = report_incident(context, i);
		if (incident->kind != INCIDENT_RESTART || incident->broker != broker)
			continue;
		json_begin_object(writer);
		json_key(writer, "down");
		json_instant(writer, incident->from);
		json_key(writer, "up");
		json_instant(writer, incident->to);
		json_key(writer, "confidence");
		json_string(writer, confidence_name((Confidence)incident->confidence));
		json_end_object(writer);
	}
	json_end_array(writer);
}
