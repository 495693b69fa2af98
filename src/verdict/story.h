/* SPDX-License-Identifier: MIT */
/*
 * story: the parts of a finding's text, each in its file.
 */
#pragma once

#include "src/session/expiry.h"
#include "src/verdict/finding.h"

/* What was seen, frame by frame, in time order (story_evidence.c). */
GArray *story_evidence(const Model *model, const Finding *finding);
/* Adds an item; takes @says. */
void story_add_evidence(GArray *evidence, FrameRef frame, Instant time, char *says);
/* Of what was in flight; the explanation is false for other causes (story_in_flight.c). */
void story_in_flight_evidence(GArray *evidence, const Model *model, const Finding *finding);
bool story_explain_in_flight(GString *out, const Model *model, const Finding *finding);
/* What happened and why, in two or three sentences (story_explain.c). */
char *story_explanation(const Model *model, const Finding *finding);

/* Who explains the losses of one cause. */
typedef struct StoryExplainer {
	CauseId cause;
	void (*explain)(GString *out, const Model *model, const Finding *finding);
} StoryExplainer;

/* The one of @n that is for the cause of @finding explains it; false if none is, or nothing is lost. */
bool story_explain_by(const StoryExplainer *list, size_t n, GString *out, const Model *model,
                      const Finding *finding);

/* Like story_explanation(), of causes that lie in the path, the broker reached or the name (story_paths.c); false if
 * @finding is none of them. */
bool story_explain_path(GString *out, const Model *model, const Finding *finding);
/* The clues among the evidence of a partial loss (story_partial.c). */
void story_add_clues(GArray *evidence, const Model *model, const Finding *finding);
/* Like story_explanation(), of partial losses; false if @finding is none (likewise). */
bool story_explain_partial(GString *out, const Model *model, const Finding *finding);

/* Likewise, of causes that are a broker's way with all its sessions (story_policy.c), and the other
 * sessions that show it. */
bool story_explain_policy(GString *out, const Model *model, const Finding *finding);
void story_policy_evidence(GArray *evidence, const Model *model, const Finding *finding);

/* What the client, and the broker's operator, are to change (story_fix.c); NULL: nothing. */
char *story_client_fix(const Model *model, const Finding *finding);
char *story_broker_fix(const Finding *finding);
/* What such causes add to the evidence (story_paths.c). */
void story_path_evidence(GArray *evidence, const Model *model, const Finding *finding);

/* The same, of those that an event explains (story_event.c). */
bool story_explain_event(GString *out, const Finding *finding);
/* Where publishers' answers tell when a session ended that should not have (story_death.c); false
 * and nothing if they do not. */
bool story_explain_death(GString *out, const Finding *finding, Expiry expiry, const char *broker);
/* That the client has not come back, if so. */
void story_add_not_back(GString *out, const Finding *finding);

/* What would have helped: which interval, which queue (story_partial.c). */
void story_counterfactual(GString *out, const Model *model, const Finding *finding);

/* "5 s", "2 min 5 s", "3 h 20 min", "14 d": @ns rounded for reading. */
char *story_duration(int64_t ns);
/* "0", "3600 (1 h)", "0xFFFFFFFF (never)". */
char *story_interval(uint32_t seconds);
