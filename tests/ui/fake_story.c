/* SPDX-License-Identifier: MIT */
/*
 * Stories in place of those that src/verdict tells: short, and all of their parts filled.
 */
#include "tests/ui/fake_analysis.h"
#include "ui/report/escape.h"

static void evidence_free(gpointer pointer)
{
	g_free(((Evidence *)pointer)->says);
}

static void add_evidence(FindingStory *story, FrameRef frame, Instant time, const char *says)
{
	Evidence evidence = {frame, time, g_strdup(says)};
	g_array_append_val(story->evidence, evidence);
}

static void tell_before(FindingStory *story, const Connection *before)
{
	add_evidence(story, before->connect_frame, before->connect_time,
	             "CONNECT: MQTT 5.0, Clean Start 0, no Session Expiry Interval");
	add_evidence(story, before->connack_frame, before->connack_time,
	             "CONNACK: accepted, no Session Expiry Interval");
	if (before->client_disconnected)
		add_evidence(story, before->close_frame, before->closed, "DISCONNECT from the client");
}

static void tell_after(FindingStory *story, const Connection *after)
{
	add_evidence(story, after->connect_frame, after->connect_time, "CONNECT: Clean Start 0");
	add_evidence(story, after->connack_frame, after->connack_time, "CONNACK: Session Present 0");
}

static void tell_losses(FindingStory *story, const Model *model, const Absence *cost)
{
	for (uint32_t i = 0; i < cost->n_examples; i++) {
		g_autoptr(GString) says = g_string_new("PUBLISH to ");
		escape_append(says, model_topic(model, cost->examples[i].topic));
		g_string_append(says, ": nobody is subscribed");
		add_evidence(story, cost->examples[i].frame, cost->examples[i].time, says->str);
	}
	if ((cost->inexact & INEXACT_NO_PUBLISHER_SEEN) != 0)
		story->why_not_exact = g_strdup("the capture shows no publisher: what was published "
		                                "meanwhile is not in it");
	else if (cost->lost.min != cost->lost.max)
		story->why_not_exact = g_strdup("some acknowledgements were not captured");
}

FindingStory *finding_story(const Model *model, const Finding *finding)
{
	const CauseInfo *info = cause_info((CauseId)finding->cause);
	FindingStory *story = g_new0(FindingStory, 1);
	story->evidence = g_array_new(FALSE, FALSE, sizeof(Evidence));
	g_array_set_clear_func(story->evidence, evidence_free);
	story->false_if = g_ptr_array_new_with_free_func(g_free);
	story->clauses = g_ptr_array_new_with_free_func(g_free);
	tell_before(story, model_connection(model, finding->from));
	const Absence *cost = model_absence(model, finding->cost);
	if (cost != NULL)
		tell_losses(story, model, cost);
	else if (finding->severity == SEVERITY_RISK)
		story->why_not_exact = g_strdup("nothing is lost yet");
	if (finding->to != NO_INDEX)
		tell_after(story, model_connection(model, finding->to));
	g_ptr_array_add(story->false_if, g_strdup("The CONNACK raised the interval."));
	g_auto(GStrv) clauses = g_strsplit(info->clauses, ", ", -1);
	for (char **clause = clauses; *clause != NULL; clause++)
		g_ptr_array_add(story->clauses, g_strdup(*clause));
	story->explanation = g_strdup("The client asked to resume, but it never asked the broker to keep "
	                              "the session: it ended with the connection.");
	story->fix_summary = g_strdup("Send a Session Expiry Interval in every CONNECT.");
	story->fix_client = g_strdup("CONNECT: Session Expiry Interval > 0");
	return story;
}

void finding_story_free(FindingStory *story)
{
	g_array_unref(story->evidence);
	g_ptr_array_unref(story->false_if);
	g_ptr_array_unref(story->clauses);
	g_free(story->explanation);
	g_free(story->fix_summary);
	g_free(story->fix_client);
	g_free(story->fix_broker);
	g_free(story->why_not_exact);
	g_free(story);
}
