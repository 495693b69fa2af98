/* SPDX-License-Identifier: MIT */
#include "src/verdict/story.h"

#include <string.h>

void finding_story_free(FindingStory *story)
{
	if (story == NULL)
		return;
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

static void split_clauses(GPtrArray *clauses, const char *list)
{
	g_auto(GStrv) parts = g_strsplit(list, ", ", -1);
	for (char **part = parts; *part != NULL; part++)
		g_ptr_array_add(clauses, g_strdup(*part));
}

/* What is missing, one sentence each. */
static const struct {
	GateFailure gate;
	const char *says;
} gate_texts[] = {
	{GATE_CONNECT_NOT_SEEN, "The CONNECT of a connection from this host meanwhile is not in the "
	                        "capture; it would tell whose it was, and Clean Start and Session "
	                        "Expiry Interval."},
	{GATE_CONNACK_NOT_SEEN, "The CONNACK of a connection of this client before is not in the "
	                        "capture; it would tell whether the session was there, and could "
	                        "have changed the Session Expiry Interval."},
	{GATE_END_NOT_SEEN, "The end of the connection before is not in the capture; a DISCONNECT "
	                    "with Session Expiry Interval 0 could be what ended the session."},
	{GATE_HOLES, "Octets of these connections are missing from the capture; what they carried "
	             "could decide this."},
	{GATE_CAPTURE_LOSS, "The capture lost packets, or its oldest connections were forgotten to make "
	                    "room (--memory); another with this Client Identifier could be among them."},
	{GATE_CLIENT_VANTAGE, "The capture shows one client only; another client with this "
	                      "identifier would not be in it. A capture at the broker settles it."},
	{GATE_OTHER_BROKER, "The same Client Identifier is in use at another broker address; if "
	                    "they are one service, state may live on the other node."},
	{GATE_OTHER_BACKEND, "By the look of its TCP or its CONNACK another host answered than before, at "
	                     "the same address; it may keep sessions of its own."},
	{GATE_OTHER_HOST, "The connection before came from another host, or another user. If "
	                  "these are two devices with one Client Identifier, the one that lost its "
	                  "session did not choose this."},
	{GATE_OTHERS_NOT_SEEN, "How the broker answered some other CONNECT is not in the capture; a "
	                       "session that it resumed there could refute this."},
	{GATE_MATCHED_SINCE, "After the session should have ended a publisher was still told that "
	                     "somebody is subscribed. If no client but this one was, the broker had "
	                     "kept the session, and something else ended it."},
	{GATE_TRUNCATED, "The snap length cut packets of these connections; what was cut off could decide "
	                 "this. Capture with -s 0."},
	{GATE_CLOCKS, "This compares times of two files, and nothing in them tells how their clocks "
	              "differ."},
	{GATE_NOT_OVER, "The capture goes on, and what comes may explain this otherwise: who is "
	                "responsible is told when it is over."},
};

static void add_false_if(FindingStory *story, const Finding *finding)
{
	uint32_t weakened = finding->weakened;
	if ((weakened & GATE_TRUNCATED) != 0)
		weakened &= ~(uint32_t)GATE_HOLES; /* the same octets */
	for (size_t i = 0; i < G_N_ELEMENTS(gate_texts); i++)
		if ((weakened & gate_texts[i].gate) != 0)
			g_ptr_array_add(story->false_if, g_strdup(gate_texts[i].says));
	g_ptr_array_add(story->false_if, g_strdup(cause_info(finding->cause)->text->refutation));
}

static const struct {
	InexactReason reason;
	const char *says;
} inexact_texts[] = {
	{INEXACT_SUBSCRIPTIONS_PARTIAL, "the capture does not hold every SUBSCRIBE and UNSUBSCRIBE, or every answer to them"},
	{INEXACT_UNACKNOWLEDGED, "the broker's acknowledgement of some messages is not in the capture"},
	{INEXACT_EVICTED, "the oldest messages of this absence were forgotten for memory"},
	{INEXACT_HOLES, "publishers' streams have holes in this time"},
	{INEXACT_NO_PUBLISHER_SEEN,
	 "clients of one host alone are in the capture, so what others published is not known"},
	{INEXACT_STILL_DRAINING,
	 "the connection or the capture ended before everything that waited could have come"},
	{INEXACT_END_NOT_SEEN,
	 "when the client went away is not in the capture, so neither is what it missed first"},
	{INEXACT_OTHER_LISTENER,
	 "some were published at another listener of the broker's host, and whether that is the same "
	 "broker is not known"},
	{INEXACT_UNPAIRED,
	 "much of what the broker delivers was published by nobody in the capture, so that more may "
	 "have been published for the client"},
	{INEXACT_REWRITTEN,
	 "topic rewriting, cannot compute: the broker delivers messages under other topics than those "
	 "they were published to"},
	{INEXACT_CLIENT_HOLES, "the client's own streams have holes"},
	{INEXACT_HELD, "what was published just before the client's window was full may have waited, too"},
	{INEXACT_TOPIC_UNKNOWN, "the topic of some messages is not known: an alias whose mapping is not in the capture, or "
	 "more topics than are kept"},
};

static char *why_not_exact(const Absence *cost)
{
	if (cost == NULL || (cost->inexact == 0 && cost->lost_in_flight == 0))
		return NULL;
	g_autoptr(GPtrArray) reasons = g_ptr_array_new();
	for (size_t i = 0; i < G_N_ELEMENTS(inexact_texts); i++)
		if ((cost->inexact & inexact_texts[i].reason) != 0)
			g_ptr_array_add(reasons, (void *)(uintptr_t)inexact_texts[i].says);
	if (cost->in_flight > 0 && cost->lost.min != cost->lost.max)
		g_ptr_array_add(reasons, (void *)(uintptr_t)
		                "whether the client had taken in what was in flight is not visible");
	if (reasons->len == 0)
		return NULL;
	g_ptr_array_add(reasons, NULL);
	return g_strjoinv("; ", (char **)reasons->pdata);
}

FindingStory *finding_story(const Model *model, const Finding *finding)
{
	const CauseInfo *info = cause_info(finding->cause);
	FindingStory *story = g_new0(FindingStory, 1);
	story->evidence = story_evidence(model, finding);
	story->false_if = g_ptr_array_new_with_free_func(g_free);
	story->clauses = g_ptr_array_new_with_free_func(g_free);
	split_clauses(story->clauses, info->clauses);
	add_false_if(story, finding);
	story->explanation = story_explanation(model, finding);
	story->fix_summary = g_strdup(info->text->fix);
	story->fix_client = story_client_fix(model, finding);
	story->fix_broker = story_broker_fix(finding);
	story->why_not_exact = why_not_exact(model_absence(model, finding->cost));
	return story;
}
