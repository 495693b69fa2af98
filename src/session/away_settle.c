/* SPDX-License-Identifier: MIT */
#include "src/session/away_private.h"
#include "src/session/expiry.h"
#include "src/session/matching.h"
#include "src/session/registry.h"

void away_add_example(Absence *absence, const Message *message)
{
	absence_add_example(absence, &(LostMessage){message->topic, message->publisher, message->qos,
	                                    message->frame, message->time});
}

/* Subscribed under another filter meanwhile, so the message was delivered after all. */
static bool is_covered(const Model *model, const Away *away, const Message *message,
                       uint64_t sequence)
{
	/* as a rule away->client, but see away_abandon() */
	const Client *client = client_at(model, connection_at(model, away->to)->client);
	return away_is_subscribed(model, client, message->topic, sequence);
}

void away_note_alive(Model *model, const Away *away, const Message *message)
{
	if (away->n_inherited > 0)
		return; /* of what a session before had lost, somebody else took it */
	Remarks *remarks = remarks_of(model, connection_at(model, away->from));
	if (remarks->alive.frame.number == 0 || message->ack_time.ns > remarks->alive.time.ns)
		remarks->alive = (StreamPoint){message->ack_frame, message->ack_time};
}

Instant away_back_time(const Model *model, const Away *away)
{
	return away->to != NO_INDEX ? connection_at(model, away->to)->connack_time
	                            : model->counts.last;
}

static void note_witness(Model *model, const Away *away, Absence *absence, const Message *message)
{
	if (message_proves_session(message) && message->sequence < away->back &&
	    !instant_known(absence->no_matching))
		away_note_alive(model, away, message);
	bool nobody = message->state == MESSAGE_NO_MATCHING;
	bool somebody = message->state == MESSAGE_ACCEPTED && message->told;
	*(absence->n_no_matching > 0 ? &absence->n_matching
	                             : &absence->n_matching_before) += somebody;
	if (somebody && absence->n_no_matching == 0)
		absence->matched_alone = message_proves_session(message);
	absence->n_no_matching += nobody;
	if (!nobody || instant_known(absence->no_matching))
		return;
	absence->no_matching = message->ack_time;
	absence->no_matching_frame = message->ack_frame;
}

void away_note_owed(Absence *absence, Instant time)
{
	if (!instant_known(absence->first_owed))
		absence->first_owed = time;
	absence->last_owed = time;
}

static void lose_message(Model *model, Away *away, Absence *absence, uint64_t sequence)
{
	const Message *message = message_log_at(model->messages, sequence);
	bool in_gap = sequence >= away->back;
	if (!in_gap && away_message_expired(message, away_back_time(model, away))) {
		absence->expired++;
		return;
	}
	if (away_message_too_large(model, message, away_last_connection(model, away)))
		return;
	if (in_gap && is_covered(model, away, message, sequence))
		return;

	note_witness(model, away, absence, message);
	away_note_owed(absence, message->time);
	bool accepted = message->state != MESSAGE_UNACKNOWLEDGED;
	absence->owed.max++;
	absence->owed.min += accepted;
	if (!accepted)
		absence->inexact |= INEXACT_UNACKNOWLEDGED;
	if (in_gap)
		absence->lost_resubscribe_gap++;
	else
		absence->lost_offline++;
	away_add_example(absence, message);
}

/* What an earlier absence had left over died with the session, unless its own time was up before. */
static void lose_leftovers(const Model *model, const Away *away, Absence *absence)
{
	if (away->pending == NULL)
		return;
	Instant back = away_back_time(model, away);
	for (guint i = 0; i < away->pending->len; i++) {
		const Pending *pending = &g_array_index(away->pending, Pending, i);
		if (pending->expiry != UINT32_MAX && instant_known(back) &&
		    back.ns - pending->time.ns >= (int64_t)pending->expiry * NS_PER_SECOND) {
			absence->expired++;
			continue;
		}
		away_note_owed(absence, pending->time);
		absence->owed.max++;
		absence->owed.min++;
		absence->lost_offline++;
		absence_add_example(absence, &pending->lost);
	}
}

/* Of the client's own: what went with the session.  A client that wants no session, before or now,
 * has chosen that. */
static uint32_t own_given_up(const Model *model, const Away *away)
{
	if (away->to == NO_INDEX)
		return 0; /* it may have them still */
	const Connection *to = connection_at(model, away->to);
	const Resume *resume = model_resume(model, to);
	Expiry expiry = connection_expiry(connection_at(model, away->from));
	bool by_design = to->clean_start && expiry_known(expiry) && expiry.seconds == 0;
	const Connection *from = connection_at(model, away->from);
	if (resume == NULL || by_design || to->holes > 0 || !instant_known(from->closed))
		return 0; /* in a hole it may have been published anew, or acknowledged */
	return resume->of[RESUME_OWN_GIVEN_UP].n;
}

/* False: there are more than span->limit, and none was counted. */
static bool lose_each(Model *model, Away *away, Absence *absence, const AwaySpan *span)
{
	if (!away_may_collect(model, away, true, span)) {
		away_note_evicted(model, away);
		return true;
	}
	g_autoptr(GArray) sequences = away_collect(model, away, true, span);
	for (guint i = 0; sequences != NULL && i < sequences->len; i++)
		lose_message(model, away, absence, g_array_index(sequences, uint64_t, i));
	return sequences != NULL;
}

/* What many missed alike is not counted message by message for each of them. */
static void lose_span(Model *model, Away *away, Absence *absence, uint64_t from, uint64_t until)
{
	const AwaySpan span = {.from = from, .until = until, .limit = UINT_MAX};
	if (!away_sum(model, away, absence, &span))
		lose_each(model, away, absence, &span);
}

/* Whether another listener of the host is the same broker, nothing tells so far: then what was
 * published there was for the client, or not. */
static void add_elsewhere(const Model *model, Away *away, Absence *absence)
{
	enum { MANY = 10000 };
	if (model->brokers.n < 2)
		return;
	const AwaySpan span = {.from = away->since, .until = UINT64_MAX, .limit = MANY, .elsewhere = true};
	g_autoptr(GArray) sequences = away_collect(model, away, true, &span);
	uint32_t n = sequences != NULL ? sequences->len : MANY;
	if (n == 0)
		return;
	absence->inexact |= INEXACT_OTHER_LISTENER;
	absence->owed.max += n;
	absence->lost.max += n;
	absence->unbounded |= sequences == NULL;
}

void away_lose(Model *model, Away *away, Absence *absence)
{
	enum { FEW = 200 };
	lose_leftovers(model, away, absence);
	if (!lose_each(model, away, absence, &(AwaySpan){.from = away->since, .until = UINT64_MAX, .limit = FEW})) {
		lose_span(model, away, absence, away->since, away->back);
		lose_span(model, away, absence, away->back, UINT64_MAX);
	}
	if (away->doubtful)
		absence->owed.min = 0;
	absence->lost = absence->owed;
	/* Whether the client had taken in what was in flight, the capture cannot tell; nor whether the
	 * broker had what the client sent. */
	uint32_t own = own_given_up(model, away);
	if (own > 0)
		absence->inexact |= INEXACT_UNACKNOWLEDGED;
	absence->lost_in_flight = away->n_in_flight + own;
	absence->lost.max += absence->lost_in_flight;
	absence->owed.max += absence->lost_in_flight;
	add_elsewhere(model, away, absence);
}

typedef struct Positions {
	guint first_lost, last_lost, first_done, last_done;
	bool any_lost, any_done;
} Positions;

static LossPattern pattern_of(const Positions *at)
{
	if (!at->any_lost)
		return LOSS_NONE;
	if (!at->any_done)
		return LOSS_ALL;
	if (at->first_lost > at->last_done)
		return LOSS_NEWEST;
	return at->last_lost < at->first_done ? LOSS_OLDEST : LOSS_MIXED;
}

static void note_position(Positions *at, bool done, guint i)
{
	bool *any = done ? &at->any_done : &at->any_lost;
	guint *first = done ? &at->first_done : &at->first_lost;
	if (!*any)
		*first = i;
	*any = true;
	*(done ? &at->last_done : &at->last_lost) = i;
}

bool away_is_accepted(const Model *model, const Pending *pending)
{
	const Message *message = message_log_at(model->messages, pending->sequence);
	return message == NULL || message->state != MESSAGE_UNACKNOWLEDGED;
}

/* Of some topic, messages came and others did not.  Where whole topics came and whole topics did
 * not, a row of lost ones speaks for a lost subscription as much as for a full queue. */
static bool shares_a_topic(const Away *away)
{
	g_autoptr(GHashTable) came = g_hash_table_new(g_int64_hash, g_int64_equal);
	for (guint i = 0; i < away->pending->len; i++) {
		Pending *pending = &g_array_index(away->pending, Pending, i);
		if (pending->done && pending->not_owed == 0)
			g_hash_table_add(came, &pending->topic_key);
	}
	for (guint i = 0; i < away->pending->len; i++) {
		const Pending *pending = &g_array_index(away->pending, Pending, i);
		if (!pending->done && pending->not_owed == 0 &&
		    g_hash_table_contains(came, &pending->topic_key))
			return true;
	}
	return false;
}

/* While it waited for its turn. */
static bool may_have_expired(const Away *away, const Pending *pending)
{
	if (pending->expiry == UINT32_MAX || !instant_known(away->last_delivered))
		return pending->expiry != UINT32_MAX;
	int64_t waited = away->last_delivered.ns - pending->time.ns;
	return waited >= ((int64_t)pending->expiry - 1) * NS_PER_SECOND;
}

static void settle_resumed(Model *model, const Away *away, Absence *absence)
{
	if (away->pending == NULL)
		return;
	Positions at = {0};
	uint32_t held = 0;
	for (guint i = 0; i < away->pending->len; i++) {
		const Pending *pending = &g_array_index(away->pending, Pending, i);
		absence->expired += pending->not_owed == 1 + MISSED_EXPIRED && !pending->done;
		if (pending->not_owed != 0 || (pending->given_up && !pending->done))
			continue;
		bool in_flight = pending->sequence == 0;
		if (in_flight && !pending->done)
			continue; /* see unfinished.h */
		away_note_owed(absence, pending->time);
		absence->owed.max++;
		absence->owed.min += !in_flight;
		note_position(&at, pending->done, i);
		if (pending->done) {
			absence->delivered++;
			held += !in_flight;
			continue;
		}
		bool passed_over = pending->skipped && (away->quiet || !away->disordered);
		bool certain = passed_over && !away->doubtful && !pending->size_unsure &&
		               away_is_accepted(model, pending) && !may_have_expired(away, pending);
		absence->lost.max++;
		absence->lost.min += certain;
		if (!certain)
			absence->inexact |= INEXACT_STILL_DRAINING;
		/* Published while the client was connected, and had no room for it. */
		bool connected = pending->sequence < away->since && away->held != NULL;
		*(connected ? &absence->lost_connected : &absence->lost_offline) += 1;
		absence_add_example(absence, &pending->lost);
	}
	Client *client = client_at(model, away->client);
	client->most_held = MAX(client->most_held, held);
	absence->pattern = (uint8_t)pattern_of(&at);
	bool in_row = absence->pattern == LOSS_NEWEST || absence->pattern == LOSS_OLDEST;
	if (in_row && !shares_a_topic(away))
		absence->pattern = LOSS_MIXED;
}

static bool is_worth_keeping(const Absence *absence)
{
	if (absence->resumed)
		return absence->lost.max > 0;
	return absence->n_subscriptions > 0 || absence->in_flight > 0 || absence->lost.max > 0 ||
	       absence->unbounded || (absence->inexact & INEXACT_SUBSCRIPTIONS_PARTIAL) != 0;
}

void away_widen(const Model *model, const Away *away, Absence *absence)
{
	const Connection *from = connection_at(model, away->from);
	const Connection *to = away_last_connection(model, away);
	const Broker *broker = broker_at(model, client_at(model, away->client)->broker);
	if (!instant_known(from->closed)) {
		absence->inexact |= INEXACT_END_NOT_SEEN;
		absence->unbounded = true;
	}
	if (from->holes > 0 || to->holes > 0)
		absence->inexact |= INEXACT_CLIENT_HOLES;
	absence->unbounded |= away->unbounded || (absence->inexact & INEXACT_EVICTED) != 0;
	if (away->to != NO_INDEX && to->holes > 0)
		absence->lost.min = 0; /* it may have come in the hole */
	if (from->holes > 0 || !instant_known(from->closed)) /* an UNSUBSCRIBE may lie there */
		absence->lost.min = absence->owed.min = 0;
	uint32_t untracked = (uint32_t)MIN(broker->n_untracked - away->n_untracked, 1u << 20);
	if (untracked > 0) {
		absence->inexact |= INEXACT_TOPIC_UNKNOWN;
		absence->owed.max += untracked;
		absence->lost.max += away->resumed ? 0 : untracked;
	}
	uint64_t missing = broker->hole_bytes - away->hole_bytes;
	if (missing == 0)
		return;
	uint64_t mean = broker->n_publishes > 0 ? broker->publish_bytes / broker->n_publishes : 16;
	uint32_t more = (uint32_t)MIN(1 + missing / MAX(mean, 1), (uint64_t)1 << 20);
	absence->inexact |= INEXACT_HOLES;
	absence->owed.max += more;
	if (!away->resumed)
		absence->lost.max += more;
}

static void keep_absence(Model *model, Away *away, Absence *absence)
{
	if (absence->resumed)
		absence->n_subscriptions = 0; /* none was lost */
	else
		absence->subscriptions = g_memdup2(away->subscriptions, away->n_subscriptions *
		                                                        sizeof(LostSubscription));
	AbsenceIndex index = model_keep_absence(model, absence);
	if (away->to != NO_INDEX)
		connection_at(model, away->to)->absence = index;
	else
		remarks_of(model, connection_at(model, away->from))->never_back = index + 1;
}

Absence away_empty_absence(const Away *away)
{
	return (Absence){
		.inexact = away->inexact,
		.resumed = away->resumed,
		.first_owed = INSTANT_UNKNOWN,
		.last_owed = INSTANT_UNKNOWN,
		.no_matching = INSTANT_UNKNOWN,
	};
}

void away_settle(Model *model, Away *away)
{
	for (uint32_t i = 0; i < away->n_subscriptions; i++)
		away_stop_waiting(model, away, i);
	Absence absence = away_empty_absence(away);
	absence.n_subscriptions = away->n_subscriptions;
	absence.in_flight = away->n_in_flight;
	absence.client_in_flight = away->n_client_in_flight;
	if (away->to != NO_INDEX && away->resumed) {
		drain_learn(&broker_at(model, client_at(model, away->client)->broker)->facts, &away->drain);
		away_keep_missed(model, away);
	}
	if (away->to != NO_INDEX) {
		if (away->resumed)
			settle_resumed(model, away, &absence);
		else
			away_lose(model, away, &absence);
		absence.inexact |= away->inexact;
		away_widen(model, away, &absence);
		if (is_worth_keeping(&absence))
			keep_absence(model, away, &absence);
		else
			absence_clear(&absence);
	}
	presence_at(model, away->client)->away = NULL;
	model->n_pending -= away->n_counted;
	away_free(model, away);
}

/* --- not come back, as far as the capture goes --------------------------------------------- */

void away_give_up(Model *model, Away *away)
{
	if (model->newest_no_matching < away->since)
		return; /* as a rule: nothing says that its session is gone */
	away->back = message_log_next(model->messages);
	Absence absence = away_empty_absence(away);
	absence.n_subscriptions = away->n_subscriptions - away->n_inherited;
	absence.in_flight = away->n_in_flight;
	absence.client_in_flight = away->n_client_in_flight;
	away_lose(model, away, &absence);
	absence.inexact |= away->inexact;
	away_widen(model, away, &absence);
	if (instant_known(absence.no_matching))
		keep_absence(model, away, &absence);
	else
		absence_clear(&absence);
}

/* --- never to come back ------------------------------------------------------------------- */

/* The account of the absence before @connection, if it is still open. */
static const Away *account_of(const Model *model, ConnectionIndex connection)
{
	ClientIndex client = connection_at(model, connection)->client;
	const Away *away = client == NO_INDEX ? NULL : presence_at(model, client)->away;
	return away != NULL && away->to == connection ? away : NULL;
}

bool model_is_counting(const Model *model, ConnectionIndex connection)
{
	return account_of(model, connection) != NULL;
}

/* Its publisher was, or may still be, told whether somebody was subscribed: to what was missed. */
static bool may_be_witness(const Model *model, const Away *away, uint64_t sequence)
{
	const Message *message = message_log_at(model->messages, sequence);
	if (message == NULL)
		return true;
	if (message->state == MESSAGE_REJECTED ||
	    (message->state == MESSAGE_ACCEPTED && !message->told))
		return false;
	ByteSpan topic = topics_topic(model->topics, message->topic);
	for (uint32_t i = 0; i < away->n_subscriptions; i++)
		if (filter_matches_topic(topics_filter(model->topics, away->subscriptions[i].filter), topic))
			return true;
	return false;
}

bool model_has_unheard_witness(const Model *model, ConnectionIndex connection)
{
	enum { LOOK = 1000 };
	const Away *away = account_of(model, connection);
	if (away == NULL)
		return false;
	if (away->resumed || away->back > away->since + LOOK)
		return true;
	for (uint64_t sequence = away->since; sequence < away->back; sequence++)
		if (may_be_witness(model, away, sequence))
			return true;
	return false;
}

bool away_is_open(const Away *away)
{
	return away->to == NO_INDEX;
}

/* The first message that was published after @moment. */
static uint64_t first_message_after(const Model *model, Instant moment)
{
	uint64_t low = message_log_first(model->messages), high = message_log_next(model->messages);
	while (low < high) {
		uint64_t middle = low + (high - low) / 2;
		const Message *message = message_log_at(model->messages, middle);
		if (message != NULL && message->time.ns > moment.ns)
			high = middle;
		else
			low = middle + 1;
	}
	return low;
}

static void restore_from(LostSubscription *lost, uint64_t *until, const Client *client)
{
	for (uint32_t i = 0; i < client->n_subscriptions; i++) {
		const Subscription *subscription = &client->subscriptions[i];
		if (subscription->filter != lost->filter)
			continue;
		lost->restored = true;
		lost->restored_frame = subscription->since;
		*until = subscription->since_message;
	}
}

void away_abandon(Model *model, Away *away, ConnectionIndex instead)
{
	const Connection *back = connection_at(model, instead);
	const Client *client = client_at(model, back->client);
	away->to = instead;
	away->back = first_message_after(model, back->connack_time);
	for (uint32_t i = 0; i < away->n_subscriptions; i++) {
		away_stop_waiting(model, away, i);
		restore_from(&away->subscriptions[i], &away->until[i], client);
	}
	away_settle(model, away);
}
