/* SPDX-License-Identifier: MIT */
#include "dissectors/mqtt_stream.h"
#include "src/verdict/story.h"

/* The causes that turn on what was in flight, and which exchanges each means. */
static const struct {
	CauseId cause;
	ResumeKind kind;
} kinds[] = {
	{CAUSE_INFLIGHT_NOT_REDELIVERED, RESUME_NOT_REDELIVERED},
	{CAUSE_PUBREL_NOT_RESENT, RESUME_PUBREL_MISSING},
	{CAUSE_QOS2_REPLAYED, RESUME_REPLAYED},
	{CAUSE_CLIENT_INFLIGHT_LOST, RESUME_OWN_MISSING},
	{CAUSE_STATE_KEPT, RESUME_OWN_KEPT},
	{CAUSE_RESUME_REJECTED, RESUME_REJECTED},
};

/* NULL: the cause is none of them. */
static const ResumeCount *count_of(const Model *model, const Finding *finding, ResumeKind *kind)
{
	if (finding->to == NO_INDEX)
		return NULL;
	const Resume *resume = model_resume(model, model_connection(model, finding->to));
	for (size_t i = 0; resume != NULL && i < G_N_ELEMENTS(kinds); i++) {
		if (kinds[i].cause == finding->cause) {
			*kind = kinds[i].kind;
			return &resume->of[kinds[i].kind];
		}
	}
	return NULL;
}

static bool is_own(ResumeKind kind)
{
	return kind == RESUME_OWN_MISSING || kind == RESUME_OWN_GIVEN_UP || kind == RESUME_OWN_KEPT;
}

static const char *state_words(const ResumeExample *example)
{
	switch ((MqttExchangeState)example->state) {
	case MQTT_EXCHANGE_RECEIVED:
		return "answered by PUBREC; PUBREL had not followed when the connection ended";
	case MQTT_EXCHANGE_RELEASED:
		return "answered by PUBREC, PUBREL sent; PUBCOMP had not come when the connection ended";
	case MQTT_EXCHANGE_SENT:
		break;
	}
	return "not acknowledged when the connection ended";
}

static const Stall *stall_of(const Model *model, const Finding *finding)
{
	if (finding->cause != CAUSE_RECEIVE_WINDOW_STUCK)
		return NULL;
	return model_stall(model, model_connection(model, finding->from));
}

static void add_stall(GArray *evidence, const Stall *stall)
{
	story_add_evidence(evidence, stall->oldest, stall->oldest_time,
	                   g_strdup("PUBLISH to the client: not acknowledged"));
	if (stall->n_in_flight > 1)
		story_add_evidence(evidence, stall->newest, stall->newest_time,
		                   g_strdup_printf("PUBLISH to the client, the last of %u that are not "
		                                   "acknowledged", stall->n_in_flight));
	story_add_evidence(evidence, stall->held, stall->held_time,
	                   g_strdup("PUBLISH that the client had subscribed to; the broker takes it, "
	                            "and does not send it on"));
}

void story_in_flight_evidence(GArray *evidence, const Model *model, const Finding *finding)
{
	ResumeKind kind = RESUME_N;
	const Stall *stall = stall_of(model, finding);
	if (stall != NULL)
		add_stall(evidence, stall);
	const ResumeCount *count = count_of(model, finding, &kind);
	if (count == NULL || count->n == 0)
		return;
	const ResumeExample *first = &count->first;
	story_add_evidence(evidence, first->frame, first->time,
	                   g_strdup_printf("%s QoS %u, Packet Identifier %u, from the %s: %s",
	                                   first->half ? "an exchange of" : "PUBLISH", first->qos,
	                                   first->packet_id, is_own(kind) ? "client" : "broker",
	                                   state_words(first)));
	if (first->again.number != 0)
		story_add_evidence(evidence, first->again, first->again_time,
		                   g_strdup_printf("Packet Identifier %u again",
		                                   first->packet_id));
}

static void say_how_many(GString *out, uint32_t n, const char *one, const char *many)
{
	if (n == 1)
		g_string_append(out, one);
	else
		g_string_append_printf(out, "%" G_GUINT32_FORMAT " %s", n, many);
}

static void explain_redelivery(GString *out, const ResumeCount *count)
{
	say_how_many(out, count->n, "A message that the broker had sent was",
	             "messages that the broker had sent were");
	g_string_append_printf(out, " not acknowledged when the connection ended. The session was "
	                            "resumed, so the broker had to send %s again; in more than %d s "
	                            "it did not.",
	                       count->n == 1 ? "it" : "them", RESUME_WATCH_S);
}

static void explain_release(GString *out, const ResumeCount *count)
{
	say_how_many(out, count->n, "A QoS 2 message was", "QoS 2 messages were");
	g_string_append_printf(out, " half through when the connection ended: the client had answered "
	                            "PUBREC. The session was resumed, so the broker had to go on with "
	                            "PUBREL (or with PUBLISH, had it not got the PUBREC); in more "
	                            "than %d s neither came.", RESUME_WATCH_S);
}

static void explain_own(GString *out, const ResumeCount *count)
{
	say_how_many(out, count->n, "A message of the client itself was",
	             "messages of the client itself were");
	g_string_append_printf(out, " not acknowledged when the connection ended. It had to send %s "
	                            "again; in more than %d s it did not. The broker may have taken "
	                            "%s all the same.",
	                       count->n == 1 ? "it" : "them", RESUME_WATCH_S,
	                       count->n == 1 ? "it" : "them");
}

/* In a row, @from included, before it or after it. */
static unsigned rejections(const Model *model, ConnectionIndex from, bool forward)
{
	enum { LOOK = 1000 };
	unsigned n = 0;
	for (ConnectionIndex index = from; index != NO_INDEX && n < LOOK; n++) {
		const Connection *connection = model_connection(model, index);
		const Resume *resume = model_resume(model, connection);
		if (resume == NULL || resume->of[RESUME_REJECTED].n == 0)
			break;
		index = forward ? connection->next : connection->accepted_before;
	}
	return n;
}

static void explain_rejection(GString *out, const Model *model, const Finding *finding,
                              const ResumeCount *count)
{
	unsigned n = rejections(model, finding->from, false) + rejections(model, finding->to, true);
	g_string_append_printf(out, "The session was resumed, and the broker went on with Packet "
	                            "Identifier %u, as it had to. The client closed the connection "
	                            "within a second, without acknowledging it, %u times in a row.",
	                       count->first.packet_id, n);
}

static void explain_stall(GString *out, const Stall *stall)
{
	g_autofree char *lasted = story_duration(stall->until.ns - stall->newest_time.ns);
	say_how_many(out, stall->n_in_flight, "A message to the client is",
	             "messages to the client are");
	g_string_append(out, " not acknowledged, ");
	g_string_append(out, stall->by_receive_maximum
	                             ? "as many as its Receive Maximum allows, so the broker may not "
	                               "send it more. "
	                             : "and the broker sends no more: a limit of its own, by the look "
	                               "of it. ");
	g_string_append_printf(out, "The client went on sending for %s, but acknowledged nothing; "
	                            "meanwhile the broker took ", lasted);
	say_how_many(out, stall->n_held, "at least one message", "messages or more");
	g_string_append_printf(out, " for it, and holds back what it took. %s",
	                       stall->ended ? "Then the client went on."
	                                    : "It is lost if the broker's queue is full.");
}

bool story_explain_in_flight(GString *out, const Model *model, const Finding *finding)
{
	ResumeKind kind = RESUME_N;
	const Stall *stall = stall_of(model, finding);
	if (stall != NULL) {
		explain_stall(out, stall);
		return true;
	}
	const ResumeCount *count = count_of(model, finding, &kind);
	if (count == NULL || count->n == 0)
		return false;
	switch (kind) {
	case RESUME_NOT_REDELIVERED:
		explain_redelivery(out, count);
		return true;
	case RESUME_PUBREL_MISSING:
		explain_release(out, count);
		return true;
	case RESUME_OWN_MISSING:
		explain_own(out, count);
		return true;
	case RESUME_REJECTED:
		explain_rejection(out, model, finding, count);
		return true;
	case RESUME_REPLAYED:
	case RESUME_OWN_KEPT:
	case RESUME_OWN_GIVEN_UP:
	case RESUME_N:
		break;
	}
	return false;
}
