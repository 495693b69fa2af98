/* SPDX-License-Identifier: MIT */
/* story_event: findings that an event explains which hit others too. */
#include "src/verdict/story.h"

static void explain_restart(GString *out, const Finding *finding)
{
	const Incident *restart = finding->incident;
	g_autofree char *event = incident_explanation(restart);
	g_string_append_printf(out, "%s The session, which the client had asked to keep, was not "
	                            "there any more.", event);
	if (finding->confidence <= CONFIDENCE_STRONG)
		return;
	if ((restart->signs & ~(unsigned)SIGN_CLOSED) == 0)
		g_string_append(out, " So few connections may close together by chance.");
	if (restart->n_lost == 1)
		g_string_append(out, " That no other client is known to have lost a session leaves "
		                     "room for other reasons.");
}

bool story_explain_event(GString *out, const Finding *finding)
{
	bool restart = finding->cause == CAUSE_RESTART_WITHOUT_PERSISTENCE ||
	               finding->cause == CAUSE_PERSISTENCE_INCOMPLETE;
	if (!restart || finding->incident == NULL)
		return false;
	explain_restart(out, finding);
	return true;
}
