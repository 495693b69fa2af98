/* SPDX-License-Identifier: MIT */
#include "ui/report/sentences.h"
#include "ui/report/text_private.h"

enum { MAX_STORIES = 25, MAX_LINES = 200 };

static Ink verdict_ink(const Tally *tally)
{
	if (tally->losses > 0)
		return INK_LOSS;
	return tally->risks > 0 ? INK_RISK : INK_STRONG;
}

static void put_verdict(Page *page, const ReportContext *context)
{
	g_autofree char *verdict = verdict_sentence(context);
	const Tally *tally = &context->selection->tally;
	page_item(page, (Item){.ink = verdict_ink(tally)}, verdict);
	if (!context->selection->all && tally->clients > 0) {
		g_autofree char *clients = counted(tally->clients, "client", NULL);
		g_autofree char *only = g_strdup_printf("Only what --client selects: %s.", clients);
		page_paragraph(page, 0, only);
	}
}

static void put_responsible(Page *page, const Tally *tally)
{
	if (tally->losses < 2)
		return;
	g_autofree char *losses = counted(tally->losses, "loss", "losses");
	g_autoptr(GString) list = g_string_new(losses);
	const char *before = ": ";
	for (unsigned i = 0; i < RESPONSIBLE_N; i++) {
		if (tally->losses_by_responsible[i] == 0)
			continue;
		g_string_append(list, before);
		if (tally->losses_by_responsible[i] < tally->losses)
			g_string_append_printf(list, "%u × ", tally->losses_by_responsible[i]);
		g_string_append(list, responsible_sentence((Responsible)i));
		before = "; ";
	}
	page_item(page, (Item){0, 10, "Whose", INK_FAINT, INK_PLAIN}, list->str);
}

/* The findings from @first on, by cause. */
static void put_rest(Page *page, const ReportContext *context, uint32_t first)
{
	const Selection *selection = context->selection;
	if (first >= selection->n_findings)
		return;
	uint32_t by_cause[CAUSE_N] = {0};
	for (uint32_t i = first; i < selection->n_findings; i++)
		by_cause[selection_finding(selection, i)->cause]++;
	page_blank(page);
	g_autofree char *more = counted(selection->n_findings - first, "more finding", NULL);
	g_autofree char *hint = g_strdup_printf("%s, by cause (--client GLOB or --report=json shows them):",
	                                        more);
	page_paragraph(page, 0, hint);
	for (unsigned cause = CAUSE_FIRST; cause < CAUSE_N; cause++) {
		if (by_cause[cause] == 0)
			continue;
		g_autofree char *label = g_strdup_printf("%10u", by_cause[cause]);
		page_item(page, (Item){0, 12, label, INK_PLAIN, INK_PLAIN}, cause_name((CauseId)cause));
	}
}

static void put_findings(Page *page, const ReportContext *context)
{
	uint32_t n_findings = context->selection->n_findings;
	if (n_findings == 0)
		return;
	g_autofree char *heading = counted(n_findings, "finding", NULL);
	page_heading(page, heading);
	uint32_t nth = 0;
	for (; nth < n_findings && nth < MAX_STORIES; nth++)
		text_finding(page, context, nth);
	if (nth < n_findings)
		page_blank(page);
	for (; nth < n_findings && nth < MAX_LINES; nth++)
		text_finding_line(page, context, nth);
	put_rest(page, context, nth);
}

bool report_write_text(const ReportContext *context, FILE *out)
{
	Page page;
	page_init(&page, out, context->options->width, context->options->color);
	put_verdict(&page, context);
	text_input(&page, context);
	put_responsible(&page, &context->selection->tally);
	text_incidents(&page, context);
	put_findings(&page, context);
	text_clients(&page, context);
	text_brokers(&page, context);
	text_faults(&page, context);
	text_not_decoded(&page, context);
	bool written = page_flush(&page) && fflush(out) == 0;
	page_clear(&page);
	return written;
}
