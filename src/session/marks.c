/* SPDX-License-Identifier: MIT */
#include "src/session/marks.h"

#include <string.h>

#include "src/session/host.h"
#include "src/session/registry.h"

enum { MARKS_MAX = 1 << 22 }; /* a hostile capture gets no more memory than this many take */

/* How far two ways to reckon the start of one run of a broker may differ. */
#define START_SLACK_NS (3 * NS_PER_SECOND)

static Mark *add_mark(Model *model, BrokerIndex index, MarkKind kind, const StreamPoint *at)
{
	if (model->marks.n >= MARKS_MAX)
		return NULL;
	Broker *broker = broker_at(model, index);
	broker->last_mark = model->marks.n + 1;
	Mark *mark = store_add(&model->marks);
	*mark = (Mark){
		.at = at->time,
		.until = at->time,
		.frame = at->frame,
		.broker = index,
		.connection = NO_INDEX,
		.n_open = broker->n_open,
		.n = 1,
		.n_accepted = broker->n_accepted,
		.kind = (uint8_t)kind,
	};
	return mark;
}

static Mark *add_of_live(const Live *live, MarkKind kind, const StreamPoint *at)
{
	const Connection *connection = connection_of(live);
	Mark *mark = add_mark(live->model, connection->broker, kind, at);
	if (mark != NULL)
		mark->connection = live->connection;
	return mark;
}

/* --- connections -------------------------------------------------------------------------- */

void marks_open(Live *live)
{
	if (live->counted)
		return;
	live->counted = true;
	broker_at(live->model, connection_of(live)->broker)->n_open++;
}

void marks_gone(Live *live)
{
	if (!live->counted)
		return;
	live->counted = false;
	broker_at(live->model, connection_of(live)->broker)->n_open--;
}

static void note_idle(const Live *live, int64_t idle_ns)
{
	Connection *connection = connection_of(live);
	if (idle_ns >= 60 * NS_PER_SECOND)
		remarks_of(live->model, connection)->idle_end_s =
			(uint32_t)MIN(idle_ns / NS_PER_SECOND, UINT32_MAX);
}

void marks_closed(Live *live, const StreamPoint *at)
{
	CloseKind kind = (CloseKind)connection_of(live)->close_kind;
	bool own_accord = kind == CLOSE_FIN || kind == CLOSE_RST || kind == CLOSE_DISCONNECT ||
	                  kind == CLOSE_KEEP_ALIVE;
	/* The client had broken the silence, and got no answer but this. */
	if (live->counted && kind == CLOSE_RST && live->idle_s > 0 && live->idle_by_client)
		note_idle(live, live->idle_s * NS_PER_SECOND);
	if (live->counted && own_accord)
		add_of_live(live, MARK_CLOSED, at);
}

void marks_reset(Live *live, const StreamPoint *at)
{
	const int64_t at_once = 3 * NS_PER_SECOND;
	if (!live->counted || live->idle_s == 0 || live->idle_by_client ||
	    at->time.ns - live->last_packet.ns > at_once)
		return;
	note_idle(live, live->idle_s * NS_PER_SECOND);
	add_of_live(live, MARK_CUT_OFF, at);
}

void marks_superseded(const Live *live, const Connection *newer)
{
	const Connection *older = connection_of(live);
	if (!live->counted ||
	    !model_same_host(live->model, older, newer))
		return;
	note_idle(live, newer->opened.ns - live->last_packet.ns);
	StreamPoint at = {newer->connect_frame, newer->connect_time};
	add_of_live(live, MARK_SUPERSEDED, &at);
}

void marks_turned_away(const Live *live, const StreamPoint *at)
{
	add_of_live(live, MARK_TURNED_AWAY, at);
}

/* --- attempts ----------------------------------------------------------------------------- */

/* The mark that takes another attempt in: the broker's last, if nobody came in between. */
static Mark *open_mark(const Model *model, const Broker *broker, MarkKind kind)
{
	if (broker->last_mark == 0)
		return NULL;
	Mark *last = store_at(&model->marks, broker->last_mark - 1);
	return last->kind == kind && last->n_accepted == broker->n_accepted ? last : NULL;
}

void observe_attempt(Model *model, const Endpoint *endpoint, bool unanswered,
                     const StreamPoint *at)
{
	if (!model_is_broker(model, endpoint))
		return;
	BrokerIndex index = model_add_broker(model, endpoint);
	Mark *last = open_mark(model, broker_at(model, index), MARK_REFUSED);
	/* That nobody answered is known late, and not in the order of the attempts. */
	if (unanswered || last == NULL) {
		add_mark(model, index, unanswered ? MARK_UNANSWERED : MARK_REFUSED, at);
		return;
	}
	last->until = at->time;
	last->n++;
}

/* --- $SYS/broker/uptime ------------------------------------------------------------------- */

/* "123 seconds", as mosquitto has it; -1 if it is something else. */
static int64_t seconds_of(ByteSpan text)
{
	int64_t seconds = 0;
	size_t i = 0;
	while (i < text.size && i < 9 && g_ascii_isdigit(text.data[i]))
		seconds = seconds * 10 + (text.data[i++] - '0');
	if (i == 0 || (i < text.size && text.data[i] != ' '))
		return -1;
	return seconds;
}

static bool is_near(Instant a, Instant b)
{
	return instant_known(a) && instant_known(b) && a.ns - b.ns <= START_SLACK_NS &&
	       b.ns - a.ns <= START_SLACK_NS;
}

/* A run that began after the last sign of the run before, and was told of twice: what was
 * held up on its way, or comes from another node, is not taken for one. */
static void note_start(Model *model, BrokerIndex index, Instant start, const StreamPoint *at)
{
	BrokerUptime *uptime = &broker_at(model, index)->uptime;
	if (!instant_known(uptime->start) || start.ns <= uptime->start.ns + START_SLACK_NS) {
		if (!instant_known(uptime->start) || start.ns < uptime->start.ns)
			uptime->start = start;
		uptime->seen = at->time;
		uptime->next_start = INSTANT_UNKNOWN;
		return;
	}
	if (start.ns + START_SLACK_NS < uptime->seen.ns)
		return;
	if (!is_near(start, uptime->next_start)) {
		uptime->next_start = start;
		uptime->next_seen = at->time;
		return;
	}
	if (at->time.ns < uptime->next_seen.ns + START_SLACK_NS)
		return;
	StreamPoint before = {at->frame, uptime->seen};
	Mark *mark = add_mark(model, index, MARK_UPTIME, &before);
	if (mark != NULL)
		mark->until = start;
	*uptime = (BrokerUptime){start, at->time, INSTANT_UNKNOWN, INSTANT_UNKNOWN};
}

void marks_uptime(Live *live, const MqttEvent *event)
{
	static const char topic[] = "$SYS/broker/uptime";
	const MqttPublish *publish = &event->packet->publish;
	ByteSpan name = publish->resolved_topic;
	if (name.size != sizeof topic - 1 || memcmp(name.data, topic, name.size) != 0)
		return;
	int64_t seconds = seconds_of(publish->payload);
	if (seconds < 0 || event->begin.time.ns < INT64_MIN + seconds * NS_PER_SECOND)
		return;
	Instant start = {event->begin.time.ns - seconds * NS_PER_SECOND};
	BrokerIndex broker = connection_of(live)->broker;
	note_start(live->model, broker, start, &event->begin);
}
