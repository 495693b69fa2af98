/* SPDX-License-Identifier: MIT */
#include "src/verdict/story.h"

static void explain_kept_for_a_while(GString *out, const Finding *finding, const char *broker)
{
	g_autofree char *life = story_duration(finding->died_before.ns - finding->died_after.ns);
	g_string_append_printf(out, "By the client's settings the session ended when the connection "
	                            "closed, but the broker at %s kept it: after that a publisher was "
	                            "still told that somebody is subscribed, and no other session "
	                            "that is known matched. It ended within the %s behind that. "
	                            "Nothing in the capture proves why.", broker, life);
}

static bool lists(const CauseList *list, CauseId cause)
{
	for (unsigned i = 0; i < list->n; i++)
		if (list->causes[i] == cause)
			return true;
	return false;
}

bool story_explain_death(GString *out, const Finding *finding, Expiry expiry, const char *broker)
{
	bool lived_on = finding->alive_by == WITNESS_MATCHED;
	if (lived_on && expiry_known(expiry) && expiry.seconds == 0) {
		explain_kept_for_a_while(out, finding, broker);
		return true;
	}
	if (finding->to != NO_INDEX && lists(&finding->also_sufficient, CAUSE_CLIENT_ID_TAKEOVER)) {
		g_string_append(out, "Two hosts use this Client Identifier, but when the other one came, "
		                     "the session was dead already: before, publishers had been told "
		                     "that nobody is subscribed. Nothing in the capture proves why.");
		return true;
	}
	if (finding->to != NO_INDEX)
		return false;
	g_autofree char *lasts = story_interval(expiry.seconds);
	g_string_append_printf(out, "By the client's settings the session at %s %s%s, but publishers are "
	                            "told that nobody is subscribed. Nothing in the capture proves "
	                            "why.", broker,
	                       expiry_known(expiry) ? "should have lasted " : "may have lasted",
	                       expiry_known(expiry) ? lasts : "");
	return true;
}

void story_add_not_back(GString *out, const Finding *finding)
{
	if (finding->to != NO_INDEX || finding->severity != SEVERITY_LOSS)
		return;
	g_string_append(out, " The client has not come back within the capture; that its session is "
	                     "gone, the answers to publishers tell.");
}
