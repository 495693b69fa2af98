/* SPDX-License-Identifier: MIT */
#include "src/verdict/counterfactual.h"
#include "src/verdict/rules_overflow.h"
#include "src/verdict/story.h"

static const Clue *clue_of(const Model *model, const Finding *finding, ClueKind kind)
{
	ConnectionIndex index = finding->to != NO_INDEX ? finding->to : finding->from;
	return index == NO_INDEX ? NULL
	                         : model_clue(model, model_connection(model, index), kind);
}

/* Likewise, for a finding that would not be there without it. */
static Clue clue_behind(const Model *model, const Finding *finding, ClueKind kind)
{
	const Clue *clue = clue_of(model, finding, kind);
	return clue != NULL ? *clue : (Clue){0};
}

/* Which clues belong to which cause.  Of wire text a story holds none: the frame shows it. */
static const struct {
	CauseId cause;
	ClueKind kind;
	const char *says; /* NULL: what was asked for and what was answered, or to whom it went */
} clue_texts[] = {
	{CAUSE_QOS_DOWNGRADED, CLUE_GRANTED_LESS, NULL},
	{CAUSE_SUBSCRIPTION_MISSING, CLUE_NOT_SUBSCRIBED,
	 "UNSUBACK 0x11: no such subscription existed in the session"},
	{CAUSE_SUBSCRIPTION_MISSING, CLUE_TAKEN_AS_NEW,
	 "PUBLISH RETAIN 1 after SUBSCRIBE with Retain Handling 1: the subscription was new to the "
	 "broker"},
	{CAUSE_SUBSCRIPTION_MISSING, CLUE_NOT_SERVED,
	 "PUBLISH that the client had subscribed to, taken by the broker: it does not come"},
	{CAUSE_QUEUED_MESSAGES_MISSING, CLUE_LIVED_ON,
	 "PUBLISH with a Subscription Identifier, before any SUBSCRIBE: that subscription lived"},
	{CAUSE_PERMISSION_WITHDRAWN, CLUE_REFUSED_NOW, NULL},
	{CAUSE_ACKED_BEFORE_SUBSCRIBE, CLUE_EARLY_DELIVERY,
	 "PUBLISH to the client, before any SUBSCRIBE: the session lived"},
	{CAUSE_ACKED_BEFORE_SUBSCRIBE, CLUE_SUBSCRIBED_LATE,
	 "SUBSCRIBE to it, when all of that was acknowledged"},
	{CAUSE_SHARED_TO_ANOTHER, CLUE_TO_ANOTHER_MEMBER, NULL},
	{CAUSE_RETAINED_REPLAY, CLUE_HAD_BEFORE,
	 "PUBLISH RETAIN 0 to the client: it got the message"},
	{CAUSE_RETAINED_REPLAY, CLUE_RETAINED_AGAIN,
	 "PUBLISH RETAIN 1 to the client, after its SUBSCRIBE: the same topic and payload"},
};

static char *describe_member(const Model *model, const Clue *clue)
{
	char source[ENDPOINT_TEXT_SIZE];
	const Connection *member = model_connection(model, clue->other);
	if (member->forgotten)
		return g_strdup("PUBLISH to another member of the group");
	endpoint_format(&member->source, source);
	return g_strdup_printf("PUBLISH to another member of the group, at %s", source);
}

static char *describe_answer(const Model *model, const Clue *clue)
{
	if (clue->kind == CLUE_TO_ANOTHER_MEMBER)
		return describe_member(model, clue);
	if (clue->answered < 0x80)
		return g_strdup_printf("SUBACK grants QoS %u, the client had asked for QoS %u",
		                       clue->answered, clue->asked);
	return g_strdup_printf("SUBACK 0x%02X: refused what had been granted before", clue->answered);
}

void story_add_clues(GArray *evidence, const Model *model, const Finding *finding)
{
	for (size_t i = 0; i < G_N_ELEMENTS(clue_texts); i++) {
		if (clue_texts[i].cause != finding->cause)
			continue;
		const Clue *clue = clue_of(model, finding, clue_texts[i].kind);
		if (clue == NULL)
			continue;
		const char *says = clue_texts[i].says;
		story_add_evidence(evidence, clue->at.frame, clue->at.time,
		                   says != NULL ? g_strdup(says) : describe_answer(model, clue));
	}
}

static char *explain_grant(const Model *model, const Finding *finding)
{
	const Clue clue = clue_behind(model, finding, CLUE_GRANTED_LESS);
	g_autoptr(GString) out = g_string_new(NULL);
	g_string_printf(out, "The client asked for QoS %u, and the broker granted QoS %u. ",
	                clue.asked, clue.answered);
	g_string_append(out, clue.answered == 0
	                             ? "At QoS 0 nothing need be kept for the client while it is away."
	                             : "Messages are kept for it all the same while it is away; only "
	                               "how they are handed over is less strict.");
	return g_string_free(g_steal_pointer(&out), FALSE);
}

static char *explain_not_served(const Clue *clue)
{
	return g_strdup_printf("The session was resumed, and of what the broker then took for one of its "
	                       "subscriptions nothing came, %" G_GUINT32_FORMAT " messages%s; before, "
	                       "such messages had come. The subscription may be gone; a permission that "
	                       "changed, or a rule of the broker, would look alike. A SUBSCRIBE with "
	                       "Retain Handling 1 to a filter with a retained message would tell.",
	                       clue->n, clue->answered == 0x10
	                                        ? ", and their publishers were told that nobody is "
	                                          "subscribed (0x10)" : "");
}

static char *explain_missing(const Model *model, const Finding *finding)
{
	const Clue *unserved = clue_of(model, finding, CLUE_NOT_SERVED);
	if (finding->confidence > CONFIDENCE_STRONG && unserved != NULL && finding->cost == unserved->cost)
		return explain_not_served(unserved);
	bool probed = clue_of(model, finding, CLUE_NOT_SUBSCRIBED) != NULL;
	return g_strdup_printf("The session was resumed, but not with all of its subscriptions: %s. "
	                       "The client had subscribed to it on an earlier connection, and no "
	                       "UNSUBSCRIBE of it was seen.",
	                       probed ? "to an UNSUBSCRIBE the broker answered that there had been none "
	                                "(0x11)"
	                              : "a SUBSCRIBE with Retain Handling 1 brought a retained message, "
	                                "which comes only where there had been none");
}

static char *explain_withdrawn(const Model *model, const Finding *finding)
{
	const Clue clue = clue_behind(model, finding, CLUE_REFUSED_NOW);
	return g_strdup_printf("The broker refused (0x%02X) what it had granted this client before. "
	                       "Messages on it do not reach the client any more.", clue.answered);
}

static char *explain_late(const Model *model, const Finding *finding)
{
	(void)model;
	(void)finding;
	return g_strdup("The session was resumed, and the broker delivered what had waited. The client "
	                "acknowledged it, and sent SUBSCRIBE only then. If the application was not "
	                "ready to take messages before that, they were delivered and never seen: the "
	                "broker did its part. The application's own log tells.");
}

static char *explain_no_resubscribe(const Model *model, const Finding *finding)
{
	const Absence *cost = model_absence(model, finding->cost);
	g_autoptr(GString) out = g_string_new("The client had subscriptions, and Session Present 0 told "
	                                      "it that they were gone. It did not subscribe again.");
	if (cost != NULL && cost->lost_resubscribe_gap > 0)
		g_string_append_printf(out, " %" G_GUINT32_FORMAT " of the messages below went by while it "
		                            "was connected.", cost->lost_resubscribe_gap);
	return g_string_free(g_steal_pointer(&out), FALSE);
}

/* "3 messages" that did not come. */
static char *count_lost(const Model *model, const Finding *finding)
{
	const Absence *cost = model_absence(model, finding->cost);
	uint32_t n = cost == NULL ? 0 : cost->lost.max;
	return n == 1 ? g_strdup("1 message that it subscribes to")
	              : g_strdup_printf("%" G_GUINT32_FORMAT " messages that it subscribes to", n);
}

static char *explain_qos0(const Model *model, const Finding *finding)
{
	g_autofree char *lost = count_lost(model, finding);
	bool published = finding->cause == CAUSE_PUBLISHED_QOS0;
	return g_strdup_printf("The session was resumed. While the client was away, %s came by with "
	                       "QoS 0%s%s, and the broker need not keep those for a client that is not "
	                       "there. They did not come.",
	                       lost, published ? " from the publisher"
	                                       : " for it, because its subscription has QoS 0",
	                       finding->responsible != RESPONSIBLE_BROKER_POLICY ? ""
	                       : published ? " (this broker takes no more: Maximum QoS 0)"
	                                   : " (the broker granted no more)");
}

static char *explain_expired(const Model *model, const Finding *finding)
{
	g_autofree char *lost = count_lost(model, finding);
	return g_strdup_printf("The session was resumed. Of what was published meanwhile, %s had a "
	                       "Message Expiry Interval that had passed when the client was back: the "
	                       "broker had to delete it.", lost);
}

static char *explain_too_large(const Model *model, const Finding *finding)
{
	g_autofree char *lost = count_lost(model, finding);
	const Connection *now = model_connection(model, finding->to);
	return g_strdup_printf("The client takes packets of %" G_GUINT32_FORMAT " octets at most "
	                       "(Maximum Packet Size in its CONNECT). While it was away, %s came that "
	                       "cannot be forwarded within that; the broker has to act as if they had "
	                       "been delivered, and nobody is told.",
	                       now->maximum_packet_size.value, lost);
}

static char *explain_ended(const Model *model, const Finding *finding)
{
	const Absence *cost = model_absence(model, finding->cost);
	uint32_t n = cost == NULL ? 0 : cost->n_matching_before;
	return g_strdup_printf("The session should have lasted. Publishers were told that somebody "
	                       "subscribes until %" G_GUINT32_FORMAT " messages waited for the client, "
	                       "and from then on that nobody does: at that limit the broker ended the "
	                       "session itself, and what waited went with it.", n);
}

static char *explain_shared(const Model *model, const Finding *finding)
{
	(void)model;
	(void)finding;
	return g_strdup("The session was resumed. It holds a Shared Subscription ($share), and while the "
	                "client was away the broker gave a message of it to another member of the group. "
	                "Each message goes to one member only, so it does not come to this client. That "
	                "is no loss.");
}

static char *explain_replay(const Model *model, const Finding *finding)
{
	bool resumed = model_connection(model, finding->to)->outcome == OUTCOME_RESUMED;
	return g_strdup_printf("The client got this message before. After it was back it sent SUBSCRIBE, "
	                       "and the broker answered with the retained message of the topic, which is "
	                       "the same one (RETAIN 1). It was not redelivered%s.",
	                       resumed ? ", and the session is as it should be"
	                               : ": the new session has nothing to do with it");
}

static const struct {
	CauseId cause;
	char *(*explain)(const Model *model, const Finding *finding);
} explainers[] = {
	{CAUSE_QOS_DOWNGRADED, explain_grant},
	{CAUSE_SUBSCRIPTION_MISSING, explain_missing},
	{CAUSE_PERMISSION_WITHDRAWN, explain_withdrawn},
	{CAUSE_ACKED_BEFORE_SUBSCRIBE, explain_late},
	{CAUSE_NO_RESUBSCRIBE, explain_no_resubscribe},
	{CAUSE_SUBSCRIPTION_QOS0, explain_qos0},
	{CAUSE_PUBLISHED_QOS0, explain_qos0},
	{CAUSE_MESSAGE_EXPIRED, explain_expired},
	{CAUSE_PACKET_TOO_LARGE, explain_too_large},
	{CAUSE_OVERFLOW_ENDED_SESSION, explain_ended},
	{CAUSE_SHARED_TO_ANOTHER, explain_shared},
	{CAUSE_RETAINED_REPLAY, explain_replay},
};

bool story_explain_partial(GString *out, const Model *model, const Finding *finding)
{
	for (size_t i = 0; i < G_N_ELEMENTS(explainers); i++) {
		if (explainers[i].cause != finding->cause)
			continue;
		g_autofree char *text = explainers[i].explain(model, finding);
		g_string_append(out, text);
		return true;
	}
	return false;
}

/* The interval alone ended the session, or would have. */
static bool is_about_interval(CauseId cause)
{
	return cause == CAUSE_EXPIRY_ABSENT || cause == CAUSE_EXPIRY_ZERO || cause == CAUSE_EXPIRED ||
	       cause == CAUSE_EXPIRY_SHORTENED || cause == CAUSE_EXPIRY_DROPPED ||
	       cause == CAUSE_VERSION_SWITCH;
}

Counterfactual finding_counterfactual(const Model *model, const Finding *finding)
{
	Counterfactual other = {.interval_s = INT64_MIN};
	if (finding->severity != SEVERITY_LOSS || finding->at_the_edge ||
	    !is_about_interval((CauseId)finding->cause))
		return other;
	if (finding->absence_ns > 0 && finding->absence_ns < (int64_t)EXPIRY_NEVER * NS_PER_SECOND)
		other.interval_s = finding->absence_ns / NS_PER_SECOND + 1;
	const Absence *cost = model_absence(model, finding->cost);
	if (cost != NULL && cost->lost_offline > OVERFLOW_COMMON_LIMIT)
		other.queue_drops = cost->lost_offline - OVERFLOW_COMMON_LIMIT;
	return other;
}

void story_counterfactual(GString *out, const Model *model, const Finding *finding)
{
	Counterfactual other = finding_counterfactual(model, finding);
	if (other.interval_s != INT64_MIN)
		g_string_append_printf(out, " An interval of %" G_GINT64_FORMAT " s or more would have "
		                            "covered this absence.", other.interval_s);
	if (other.queue_drops > 0)
		g_string_append_printf(out, " But of the %" G_GUINT32_FORMAT " messages a queue of %d, the "
		                            "default of many brokers, would still have dropped %"
		                            G_GUINT32_FORMAT ".",
		                       other.queue_drops + OVERFLOW_COMMON_LIMIT, OVERFLOW_COMMON_LIMIT,
		                       other.queue_drops);
}
