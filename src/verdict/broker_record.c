/* SPDX-License-Identifier: MIT */
#include "src/verdict/broker_record.h"

#include <glib.h>

#include "src/verdict/reconnect.h"

BrokerRecord *broker_records_new(uint32_t n_brokers)
{
	BrokerRecord *records = g_new0(BrokerRecord, (gsize)n_brokers + 1);
	for (uint32_t i = 0; i < n_brokers; i++) {
		for (unsigned kind = 0; kind < RECORD_N; kind++) {
			AbsenceRecord *absences = &records[i].kinds[kind];
			absences->longest_resumed_ns = absences->shortest_lost_ns = INT64_MIN;
			absences->doubtful_ns = INT64_MIN;
			absences->kept = absences->gone = NO_INDEX;
			absences->separate_until = INSTANT_UNKNOWN;
		}
	}
	return records;
}

bool broker_record_wants(const Connection *before)
{
	Expiry expiry = connection_expiry(before);
	return expiry_known(expiry) && expiry.seconds > 0;
}

RecordKind broker_record_kind(const Reconnect *view)
{
	if (!expiry_known(view->expiry) || view->expiry.seconds == 0)
		return RECORD_N;
	if (view->before->version != MQTT_5_0)
		return RECORD_V3;
	return view->before->clean_start ? RECORD_V5_CLEAN : RECORD_V5;
}

static bool is_within_expiry(const Reconnect *view)
{
	Instant deadline = reconnect_deadline(view);
	if (view->expiry.seconds == EXPIRY_NEVER)
		return true;
	return instant_known(deadline) &&
	       view->now->connect_time.ns <
	               deadline.ns - reconnect_grace_ns(view->expiry.seconds) -
	                       reconnect_doubt_ns(view->model, view->before, view->now);
}

bool broker_record_lost_in_sight(const Reconnect *view)
{
	const uint32_t blinding = GATE_CONNECT_NOT_SEEN | GATE_CONNACK_NOT_SEEN | GATE_END_NOT_SEEN |
	                          GATE_HOLES | GATE_CAPTURE_LOSS;
	if (view->now->outcome != OUTCOME_FRESH_UNEXPECTED || view->absence_ns == INT64_MIN ||
	    broker_record_kind(view) == RECORD_N || !is_within_expiry(view))
		return false;
	if ((reconnect_unseen(view) & blinding) != 0 || !reconnect_had_state(view))
		return false;
	TwinEvidence twin = reconnect_twin(view->model, view->before, view->now);
	return twin == TWIN_NO || twin == TWIN_MOVED;
}

void broker_record_see(BrokerRecord *record, const Model *model, const Connection *connection)
{
	backend_hosts_see(&record->hosts, model, connection);
	record->ever_resumed |= connection->outcome == OUTCOME_RESUMED;
	/* One that was open before the capture began is no reconnect within it. */
	record->doubtful |= connection->syn_seen &&
	                    (!connection->connect_seen || !connection->connack_seen);
}

/* So long the broker was down meanwhile: its clocks may have stood still (5.0 §3.1.2.11.2). */
static int64_t down_ns(const Reconnect *view)
{
	const Incident *restart = view->any_restart;
	if (restart == NULL)
		return 0;
	Instant from = restart->from.ns > view->before->closed.ns ? restart->from : view->before->closed;
	Instant to = instant_known(restart->to) && restart->to.ns < view->now->connect_time.ns
	                     ? restart->to : view->now->connect_time;
	return MAX(to.ns - from.ns, 0);
}

static void add_resumed(AbsenceRecord *absences, const Reconnect *view)
{
	if (view->absence_ns == INT64_MIN) {
		int64_t at_most = view->absence_at_most_ns;
		absences->doubtful_ns = MAX(absences->doubtful_ns,
		                            at_most == INT64_MIN ? INT64_MAX : at_most);
		return;
	}
	absences->n_resumed++;
	int64_t aged = view->absence_ns - down_ns(view);
	if (aged <= absences->longest_resumed_ns)
		return;
	absences->longest_resumed_ns = aged;
	absences->kept = view->now_index;
}

static void add_client(AbsenceRecord *absences, ClientIndex client)
{
	for (uint32_t i = 0; i < absences->n_clients; i++)
		if (absences->clients[i] == client)
			return;
	if (absences->n_clients < RECORD_CLIENTS)
		absences->clients[absences->n_clients++] = client;
}

static void add_lost(AbsenceRecord *absences, const Reconnect *view)
{
	absences->n_lost++;
	if (absences->gone == NO_INDEX || view->absence_ns < absences->shortest_lost_ns) {
		absences->shortest_lost_ns = view->absence_ns;
		absences->gone = view->now_index;
	}
	add_client(absences, view->now->client);
	/* They come in the order in which connections began: taking each one that begins after the last
	 * one taken gives nearly as many as there are. */
	if (instant_known(absences->separate_until) &&
	    view->before->closed.ns <= absences->separate_until.ns)
		return;
	absences->n_separate++;
	absences->separate_until = view->now->connect_time;
}

void broker_record_add(BrokerRecord *record, const Reconnect *view)
{
	RecordKind kind = broker_record_kind(view);
	bool resumed = view->now->outcome == OUTCOME_RESUMED;
	void (*add)(AbsenceRecord *, const Reconnect *) = resumed ? add_resumed : add_lost;
	if (kind == RECORD_N || (!resumed && !broker_record_lost_in_sight(view)))
		return;
	/* What a restart took tells nothing of the broker's ways while it runs. */
	if (!resumed && view->restart != NULL)
		return;
	add(&record->kinds[kind], view);
	if (kind != RECORD_V5_CLEAN)
		add(&record->kinds[RECORD_RESUMABLE], view);
}
