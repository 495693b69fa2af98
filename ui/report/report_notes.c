/* SPDX-License-Identifier: MIT */
#include "ui/report/report_notes.h"

#include <string.h>

#include "src/verdict/roster.h"
#include "ui/report/sentences.h"

enum { NAME_MOST = 160 }; /* octets of a Client Identifier: the verdict behind it is to be read as well */

static const char *what_is_here(const Finding *finding)
{
	switch ((Severity)finding->severity) {
	case SEVERITY_LOSS:
		return finding->lapse ? "session lost here" : "loss shows here";
	case SEVERITY_RISK:
		return "session at risk";
	case SEVERITY_NOTE:
	case SEVERITY_N:
		break;
	}
	return "note";
}

static char *short_name(const ReportContext *context, const Finding *finding)
{
	g_autofree char *name = client_sentence(context, finding->client);
	if (strlen(name) <= NAME_MOST)
		return g_steal_pointer(&name);
	*g_utf8_find_prev_char(name, name + NAME_MOST) = '\0';
	return g_strconcat(name, "…", NULL);
}

static void note_verdict(FrameNotes *notes, const ReportContext *context, const Finding *finding)
{
	FrameRef frame = finding_shows(context->model, finding).frame;
	if (frame.number == 0)
		return;
	g_autofree char *name = short_name(context, finding);
	g_autofree char *text = g_strdup_printf(
		"%s: %s (client %s; %s, %s)", what_is_here(finding), cause_name((CauseId)finding->cause),
		name, responsible_name((Responsible)finding->responsible),
		confidence_name((Confidence)finding->confidence));
	frame_notes_add(notes, frame, text);
}

static void note_evidence(FrameNotes *notes, const ReportContext *context, const Finding *finding)
{
	g_autoptr(FindingStory) story = finding_story(context->model, finding);
	g_autofree char *name = short_name(context, finding);
	for (guint i = 0; i < story->evidence->len; i++) {
		const Evidence *evidence = &g_array_index(story->evidence, Evidence, i);
		g_autofree char *text = g_strdup_printf(
			"%s (client %s): %s", cause_name((CauseId)finding->cause), name,
			report_story_text(context->texts, finding, evidence->says));
		frame_notes_add(notes, evidence->frame, text);
	}
}

static bool is_wanted(const ReportContext *context, const uint8_t *clients, const Finding *finding)
{
	const uint8_t *wanted = clients != NULL ? clients : context->selection->clients;
	return finding->client == NO_INDEX ? context->selection->all && clients == NULL
	                                   : wanted[finding->client] != 0;
}

/* The verdicts first: should there be more to say than is kept, they are. */
FrameNotes *report_notes(const ReportContext *context, const uint8_t *clients)
{
	FrameNotes *notes = frame_notes_new();
	frame_notes_add_comments(notes, context->analysis->source);
	const GArray *findings = context->analysis->findings;
	for (unsigned pass = 0; pass < 2; pass++) {
		for (guint i = 0; i < findings->len && !frame_notes_full(notes); i++) {
			const Finding *finding = &g_array_index(findings, Finding, i);
			if (!is_wanted(context, clients, finding))
				continue;
			if (pass == 0)
				note_verdict(notes, context, finding);
			else
				note_evidence(notes, context, finding);
		}
	}
	return notes;
}

void report_choose_frames(const Analysis *analysis, const ReportOptions *options, SaveRun *saving)
{
	Selection selection;
	selection_init(&selection, analysis, options->client_globs);
	WireTexts *texts = wire_texts_new(analysis->model, options->redact, options->redact_key);
	ReportContext context = {analysis, analysis->model, options, &selection, texts};
	save_use_notes(saving->save, report_notes(&context, NULL));
	if (!selection.all) {
		Chosen *chosen = chosen_new(analysis->model, selection.clients);
		saving->filter = chosen_wireshark(chosen, &saving->n_left);
		save_only(saving->save, chosen);
	}
	wire_texts_free(texts);
	selection_clear(&selection);
}
