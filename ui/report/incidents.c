/* SPDX-License-Identifier: MIT */
/* incidents: what the formats share about events that hit several clients. */
#include "ui/report/format.h"
#include "ui/report/sentences.h"

const Incident *report_incident(const ReportContext *context, uint32_t index)
{
	return g_ptr_array_index(context->analysis->incidents, index);
}

bool incident_is_selected(const ReportContext *context, uint32_t index)
{
	const Incident *incident = report_incident(context, index);
	if (context->selection->all)
		return true;
	for (uint32_t i = 0; i < incident->n_hit; i++)
		if (context->selection->clients[incident->hit[i]] != 0)
			return true;
	return false;
}

char *incident_title(const ReportContext *context, uint32_t index)
{
	const Incident *incident = report_incident(context, index);
	char from[FORMAT_SIZE], duration[FORMAT_SIZE];
	format_date_time(incident->from, from);
	g_autofree char *broker = endpoint_sentence(&model_broker(context->model,
	                                                          incident->broker)->endpoint);
	g_autofree char *lasted = NULL;
	if (instant_known(incident->to)) {
		format_duration(ns_between(incident->from, incident->to), duration);
		lasted = g_strdup_printf(", for %s", duration);
	}
	return g_strdup_printf("#%u %s at %s, %s%s (%s)", incident->number,
	                       incident_kind_name((IncidentKind)incident->kind), broker, from,
	                       lasted != NULL ? lasted : "",
	                       confidence_name((Confidence)incident->confidence));
}

char *incident_clients_sentence(const ReportContext *context, const Incident *incident,
                                uint32_t at_most)
{
	g_autoptr(GString) text = g_string_new(NULL);
	uint32_t n_named = 0, n_selected = 0;
	for (uint32_t i = 0; i < incident->n_hit; i++) {
		ClientIndex client = incident->hit[i];
		if (context->selection->clients[client] == 0)
			continue;
		n_selected++;
		if (n_named == at_most)
			continue;
		g_autofree char *name = client_sentence(context, client);
		g_string_append_printf(text, "%s%s", n_named > 0 ? ", " : "", name);
		n_named++;
	}
	if (n_selected == 0)
		return NULL;
	if (n_selected > n_named)
		g_string_append_printf(text, " and %u more", n_selected - n_named);
	return g_string_free(g_steal_pointer(&text), FALSE);
}
