/* SPDX-License-Identifier: MIT */
#include "ui/report/format.h"
#include "ui/report/sentences.h"
#include "ui/report/text_private.h"

enum { MAX_INCIDENTS = 20, MAX_NAMES = 8, INDENT = 4, LABEL_WIDTH = 12 };

static void put_frames(Page *page, const Incident *incident)
{
	for (unsigned i = 0; i < incident->n_frames; i++) {
		const IncidentFrame *frame = &incident->frames[i];
		char time[FORMAT_SIZE];
		format_time_of_day(frame->time, time);
		g_autofree char *number = g_strdup_printf("%" G_GUINT64_FORMAT,
		                                          (guint64)frame->frame.number);
		g_autofree char *says = g_strdup_printf("%s at %s: %s", number, time,
		                                        incident_frame_says(incident, frame));
		page_item(page, (Item){INDENT, LABEL_WIDTH, i == 0 ? "Frames" : "", INK_FAINT, INK_PLAIN},
		          says);
	}
}

static void put_clients(Page *page, const ReportContext *context, const Incident *incident)
{
	g_autofree char *clients = incident_clients_sentence(context, incident, MAX_NAMES);
	if (clients != NULL)
		page_item(page, (Item){INDENT, LABEL_WIDTH, "Clients", INK_FAINT, INK_PLAIN}, clients);
}

static void put_incident(Page *page, const ReportContext *context, uint32_t index)
{
	const Incident *incident = report_incident(context, index);
	page_blank(page);
	g_autofree char *title = incident_title(context, index);
	page_item(page, (Item){.ink = INK_STRONG}, title);
	g_autofree char *explanation = incident_explanation(incident);
	page_paragraph(page, INDENT, explanation);
	put_clients(page, context, incident);
	put_frames(page, incident);
	page_item(page, (Item){INDENT, LABEL_WIDTH, "False if", INK_FAINT, INK_PLAIN},
	          incident_refutation((IncidentKind)incident->kind));
}

void text_incidents(Page *page, const ReportContext *context)
{
	uint32_t n = context->analysis->incidents->len, n_selected = 0;
	for (uint32_t i = 0; i < n; i++)
		n_selected += incident_is_selected(context, i);
	if (n_selected == 0)
		return;
	g_autofree char *heading = counted(n_selected, "event that hit several clients",
	                                   "events that hit several clients");
	page_heading(page, heading);
	uint32_t n_told = 0;
	for (uint32_t i = 0; i < n && n_told < MAX_INCIDENTS; i++) {
		if (!incident_is_selected(context, i))
			continue;
		put_incident(page, context, i);
		n_told++;
	}
	if (n_told < n_selected) {
		g_autofree char *more = g_strdup_printf("%u more: --report=json has them all",
		                                        n_selected - n_told);
		page_blank(page);
		page_paragraph(page, 0, more);
	}
}
