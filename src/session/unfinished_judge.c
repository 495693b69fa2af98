/* SPDX-License-Identifier: MIT */
#include "src/session/unfinished_private.h"
#include "src/session/registry.h"

void unfinished_count(Live *live, ResumeKind kind, const Left *left)
{
	Connection *connection = connection_of(live);
	ResumeCount *count = &resume_of(live->model, connection)->of[kind];
	if (count->n++ > 0)
		return;
	count->first = (ResumeExample){
		.frame = left->opened.frame,
		.time = left->opened.time,
		.again = left->again.frame,
		.again_time = left->again.time,
		.packet_id = left->packet_id,
		.qos = left->qos,
		.state = left->state,
		.half = left->half,
	};
}

/* What the verdict on one connection needs to know of it. */
typedef struct Judging {
	Live *live;
	const Unfinished *unfinished;
	const Connection *to;
	int64_t seen_ns;     /* how long it was seen */
	Instant until;
	bool full[2];        /* so much is open that a sender may wait: to the client, from it */
	bool perhaps_shared; /* what did not come may have been for another */
	bool smaller;        /* the client takes smaller packets than before */
	Absence redelivery;  /* what did not come */
	Absence unreleased;  /* QoS 2, of which no PUBREL came */
	Absence own;         /* what the client did not send again */
} Judging;

/* Brokers and clients have limits of their own, of 10 or more as a rule, below what the peer
 * would take. */
static void look_at_windows(Judging *judging)
{
	enum { LEAST_LIMIT = 10 };
	const Connection *to = judging->to;
	uint32_t limit = to->receive_maximum.known ? MIN(to->receive_maximum.value, LEAST_LIMIT)
	                                           : LEAST_LIMIT;
	uint32_t n_open[2] = {0};
	size_t position = 0;
	const MqttExchange *exchange;
	while ((exchange = mqtt_stream_exchange_next(judging->live->stream, &position)) != NULL)
		if (exchange->type == MQTT_PUBLISH)
			n_open[(int)exchange->side == judging->live->client_side]++;
	judging->full[false] = n_open[false] >= limit;
	judging->full[true] = n_open[true] >= LEAST_LIMIT;
}

static bool takes_smaller_packets(const Connection *to, const Connection *from)
{
	return to->maximum_packet_size.known &&
	       (!from->maximum_packet_size.known ||
	        to->maximum_packet_size.value < from->maximum_packet_size.value);
}

static bool has_expired(const Judging *judging, const Left *left)
{
	return left->expiry != UINT32_MAX &&
	       judging->until.ns - left->opened.time.ns >= (int64_t)left->expiry * NS_PER_SECOND;
}

/* The client closed the connection, not in the orderly way, within a second. */
static bool was_rejected(const Judging *judging, const Left *left)
{
	const Connection *to = judging->to;
	if (to->closed_by != CLOSED_BY_CLIENT || !instant_known(to->closed) ||
	    (to->client_disconnected && to->client_disconnect_reason < 0x80))
		return false;
	return to->closed.ns - left->again.time.ns <= NS_PER_SECOND;
}

static void note_missing(Absence *cost, const Left *left)
{
	cost->owed.max++;
	cost->lost.max++;
	cost->lost_in_flight++;
	if (!instant_known(cost->first_owed))
		cost->first_owed = left->opened.time;
	cost->last_owed = left->opened.time;
	if (left->topic != NO_TOPIC)
		absence_add_example(cost, &(LostMessage){left->topic, NO_INDEX, left->qos,
		                                         left->opened.frame, left->opened.time});
}

/* Not sent again by the broker. */
static void judge_delivery(Judging *judging, Left *left)
{
	bool told = judging->to->outcome == OUTCOME_RESUMED &&
	            left->receivers != LEFT_TO_ANY_MEMBER;
	if (!told || (left->state == MQTT_EXCHANGE_SENT &&
	              (has_expired(judging, left) || judging->smaller))) {
		left->progress = LEFT_DONE;
		return;
	}
	if (left->watched_ns < RESUME_WATCH_S * NS_PER_SECOND || judging->full[false])
		return;
	left->progress = LEFT_DONE;
	if (left->state != MQTT_EXCHANGE_SENT) {
		unfinished_count(judging->live, RESUME_PUBREL_MISSING, left);
		if (left->state == MQTT_EXCHANGE_RECEIVED)
			note_missing(&judging->unreleased, left);
		return;
	}
	unfinished_count(judging->live, RESUME_NOT_REDELIVERED, left);
	note_missing(&judging->redelivery, left);
	judging->perhaps_shared |= left->receivers == LEFT_TO_UNKNOWN;
}

/* Not sent again by the client.  Without the session a 5.0 client must not (5.0 [MQTT-3.2.2-5]);
 * MQTT 3.1.1 leaves it free to give its state up too (3.1.1 §3.2.2.2). */
static void judge_own(Judging *judging, Left *left)
{
	const Connection *to = judging->to;
	if (!to->session_present) {
		left->progress = LEFT_DONE;
		unfinished_count(judging->live, RESUME_OWN_GIVEN_UP, left);
		return;
	}
	if (left->state == MQTT_EXCHANGE_SENT && has_expired(judging, left)) {
		left->progress = LEFT_DONE; /* nobody would have wanted it any more */
		return;
	}
	if (left->watched_ns < RESUME_WATCH_S * NS_PER_SECOND || judging->full[true])
		return;
	left->progress = LEFT_DONE;
	unfinished_count(judging->live, RESUME_OWN_MISSING, left);
	note_missing(&judging->own, left);
}

static Absence empty_cost(void)
{
	return (Absence){
		.resumed = true,
		.first_owed = INSTANT_UNKNOWN,
		.last_owed = INSTANT_UNKNOWN,
		.no_matching = INSTANT_UNKNOWN,
	};
}

static AbsenceIndex keep_cost(Judging *judging, Absence *cost)
{
	if (cost->lost.max == 0)
		return NO_ABSENCE;
	Model *model = judging->live->model;
	if (judging->to->holes > 0) {
		cost->inexact |= INEXACT_CLIENT_HOLES; /* it may have come in one */
		cost->lost.min = 0;
	}
	return model_keep_absence(model, cost);
}

static void keep_costs(Judging *judging)
{
	Model *model = judging->live->model;
	Absence *redelivery = &judging->redelivery, *unreleased = &judging->unreleased;
	Absence *own = &judging->own;
	if (redelivery->lost.max + unreleased->lost.max + own->lost.max == 0)
		return;
	redelivery->in_flight = redelivery->lost.max;
	redelivery->owed.min = redelivery->lost.min =
		judging->perhaps_shared ? 0 : redelivery->lost.max;
	redelivery->inexact |= judging->perhaps_shared ? INEXACT_SUBSCRIPTIONS_PARTIAL : 0;
	/* The client may pass a message on when it has the PUBLISH, or wait for PUBREL (5.0 §4.3.3). */
	unreleased->in_flight = unreleased->lost.max;
	unreleased->owed.min = unreleased->owed.max;
	own->client_in_flight = own->lost.max;
	own->inexact = INEXACT_UNACKNOWLEDGED; /* the broker may have had it all the same */
	Resume *resume = resume_of(model, connection_of(judging->live));
	resume->perhaps_shared = judging->perhaps_shared;
	resume->not_redelivered = keep_cost(judging, redelivery);
	resume->unreleased = keep_cost(judging, unreleased);
	resume->own_missing = keep_cost(judging, own);
}

static Judging judging_of(Live *live, const Unfinished *unfinished)
{
	const Connection *to = connection_of(live);
	Judging judging = {
		.live = live,
		.unfinished = unfinished,
		.to = to,
		.until = unfinished->last_seen,
		.smaller = takes_smaller_packets(to, connection_at(live->model, unfinished->from)),
		.redelivery = empty_cost(),
		.unreleased = empty_cost(),
		.own = empty_cost(),
	};
	if (instant_known(to->closed) && to->closed.ns > judging.until.ns)
		judging.until = to->closed;
	judging.seen_ns = judging.until.ns - to->connack_time.ns;
	look_at_windows(&judging);
	return judging;
}

void unfinished_judge(Live *live, Unfinished *unfinished)
{
	Judging judging = judging_of(live, unfinished);
	for (guint i = 0; i < unfinished->left->len; i++) {
		Left *left = left_at(unfinished, i);
		left->watched_ns += judging.seen_ns;
		if (left->progress == LEFT_AGAIN && was_rejected(&judging, left))
			unfinished_count(live, RESUME_REJECTED, left);
		if (left->progress != LEFT_WAITING)
			continue;
		if (left->from_client)
			judge_own(&judging, left);
		else
			judge_delivery(&judging, left);
	}
	keep_costs(&judging);
}
