/* SPDX-License-Identifier: MIT */
#include "tests/dissectors/tcp_rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static void say(Rig *rig, const char *word)
{
	if (rig->quiet)
		return;
	if (rig->log->len > 0)
		g_string_append_c(rig->log, ' ');
	g_string_append(rig->log, word);
}

static void hear_bytes(void *self, unsigned side, ByteSpan span, const StreamPoint *at)
{
	Rig *rig = self;
	(void)at;
	assert_true(span.size > 0);
	g_byte_array_append(rig->octets[side], span.data, (guint)span.size);
	if (!rig->quiet) {
		char *word = g_strdup_printf("%u<%.*s>", side, (int)span.size, (const char *)span.data);
		say(rig, word);
		g_free(word);
	}
	if (rig->ignores)
		tcp_flow_ignore(rig->flow);
}

static void hear_gap(void *self, unsigned side, uint64_t n_bytes, GapKind kind,
                     const StreamPoint *at)
{
	Rig *rig = self;
	(void)at;
	assert_true(n_bytes > 0);
	rig->gap_bytes[side] += n_bytes;
	rig->gaps[side]++;
	char *word = g_strdup_printf("%u~%" G_GUINT64_FORMAT "%c", side, n_bytes, "mtd"[kind]);
	say(rig, word);
	g_free(word);
}

static void hear_end(void *self, unsigned side, StreamEnd how, const StreamPoint *at)
{
	static const char *const names[] = {"fin", "rst", "stale", "capture"};
	(void)at;
	char *word = g_strdup_printf("%u.%s", side, names[how]);
	say(self, word);
	g_free(word);
}

static const StreamSinkOps sink_ops = {hear_bytes, hear_gap, hear_end};

static StreamSink hear_opened(void *user, TcpFlow *flow, const StreamPoint *at)
{
	Rig *rig = user;
	(void)at;
	rig->flow = flow;
	rig->n_open++;
	say(rig, "open");
	return (StreamSink){rig->deaf ? NULL : &sink_ops, rig};
}

static void hear_closed(void *user, TcpFlow *flow)
{
	Rig *rig = user;
	(void)flow;
	rig->n_closed++;
	say(rig, "closed");
}

static void hear_refused(void *user, TcpFlow *flow, const StreamPoint *at)
{
	(void)flow;
	(void)at;
	say(user, "refused");
}

void rig_init(Rig *rig, const TcpLimits *limits)
{
	static const TcpTableOps ops = {
		.opened = hear_opened,
		.closed = hear_closed,
		.refused = hear_refused,
	};
	*rig = (Rig){
		.log = g_string_new(NULL),
		.octets = {g_byte_array_new(), g_byte_array_new()},
		.at = {.frame = {1, 0}, .time = {1000 * NS_PER_SECOND}},
		.step_ns = 2000000,
		.port = RIG_CLIENT_PORT,
		.window = 8192,
	};
	rig->table = tcp_table_new(limits, &ops, rig);
}

void rig_clear(Rig *rig)
{
	tcp_table_free(rig->table);
	g_string_free(rig->log, TRUE);
	g_byte_array_unref(rig->octets[0]);
	g_byte_array_unref(rig->octets[1]);
}

static Endpoint endpoint(uint8_t last, uint16_t port)
{
	Endpoint made = {.port = port};
	static const uint8_t octets[15] = {[10] = 0xff, [11] = 0xff, [12] = 10};
	memcpy(made.address.octets, octets, sizeof octets);
	made.address.octets[15] = last;
	return made;
}

void rig_segment(Rig *rig, unsigned from, TcpSegment segment)
{
	Endpoint client = endpoint(1, rig->port), server = endpoint(2, RIG_SERVER_PORT);
	segment.source = from == 0 ? client : server;
	segment.destination = from == 0 ? server : client;
	segment.ttl = from == 0 ? 64 : 57;
	segment.window = rig->window;
	segment.ip_id = rig->ip_id;
	tcp_table_segment(rig->table, &segment, &rig->at);
	rig->at.frame.number++;
	rig->at.time.ns += rig->step_ns;
}

void rig_send(Rig *rig, unsigned from, unsigned flags, uint32_t sequence, uint32_t ack)
{
	rig_segment(rig, from, (TcpSegment){
		.flags = (uint8_t)flags, .sequence = sequence, .acknowledgement = ack,
	});
}

void rig_text(Rig *rig, unsigned from, uint32_t sequence, uint32_t ack, const char *text)
{
	size_t size = strlen(text);
	rig_segment(rig, from, (TcpSegment){
		.flags = TCP_ACK | TCP_PSH,
		.sequence = sequence,
		.acknowledgement = ack,
		.payload = {(const uint8_t *)text, size},
		.payload_size = (uint32_t)size,
	});
}

void rig_handshake(Rig *rig, uint32_t client, uint32_t server)
{
	rig_send(rig, 0, TCP_SYN, client, 0);
	rig_send(rig, 1, TCP_SYN | TCP_ACK, server, client + 1);
	rig_send(rig, 0, TCP_ACK, client + 1, server + 1);
}

void rig_finish(Rig *rig)
{
	tcp_table_finish(rig->table, &rig->at);
}

void rig_expect(Rig *rig, const char *expected)
{
	assert_string_equal(rig->log->str, expected);
	g_string_truncate(rig->log, 0);
}

const TcpCounts *rig_counts(const Rig *rig)
{
	return tcp_table_counts(rig->table);
}

void rig_open(Rig *rig)
{
	rig_handshake(rig, 1000, 5000);
	rig_expect(rig, "open");
}

int rig_set_up(void **state)
{
	Rig *rig = g_new0(Rig, 1);
	rig_init(rig, NULL);
	*state = rig;
	return 0;
}

int rig_tear_down(void **state)
{
	rig_clear(*state);
	g_free(*state);
	return 0;
}
