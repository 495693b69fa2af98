/* SPDX-License-Identifier: MIT */
/*
 * MQTT streams.  The first octet of an input: bit 0 takes it as MQTT without detection, bit 1 says
 * that the beginning was seen.  Then chunks, see stream_input.h.
 */
#include <glib.h>

#include "dissectors/mqtt_stream.h"
#include "dissectors/reader.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/stream_input.h"

typedef struct Account {
	MqttStream *stream;
	unsigned decided, ends[2];
	uint64_t offset[2]; /* of the last packet */
	bool rejected;
} Account;

static void on_packet(void *self, const MqttEvent *event)
{
	Account *account = self;
	g_assert_false(account->rejected);
	g_assert_cmpuint(account->decided, ==, 1);
	g_assert_cmpuint(event->offset, >=, account->offset[event->side]);
	account->offset[event->side] = event->offset + 1;
	g_assert_false(event->exchange_done && event->exchange == NULL);
}

static void on_lost(void *self, unsigned side, uint64_t n_bytes, MqttLossKind kind,
                    const StreamPoint *at)
{
	Account *account = self;
	(void)side;
	(void)kind;
	(void)at;
	g_assert_false(account->rejected);
	g_assert_cmpuint(n_bytes, >, 0);
}

static void on_end(void *self, unsigned side, StreamEnd how, const StreamPoint *at)
{
	Account *account = self;
	(void)how;
	(void)at;
	g_assert_cmpuint(++account->ends[side], ==, 1);
}

static void on_decided(void *self, MqttCertainty certainty)
{
	Account *account = self;
	g_assert_cmpuint(++account->decided, ==, 1);
	account->rejected = certainty == MQTT_REJECTED;
}

static const MqttSinkOps ops = {
	.packet = on_packet, .lost = on_lost, .end = on_end, .decided = on_decided};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	Reader reader = reader_over((ByteSpan){data, size});
	uint8_t mode = reader_u8(&reader);
	Account account = {0};
	account.stream = mqtt_stream_new(&ops, &account, mode & 1);
	if (mode & 2)
		mqtt_stream_from_start(account.stream);
	StreamSink sink = mqtt_stream_sink(account.stream);
	bool ended[2] = {false, false};
	StreamPoint at = {{0, 0}, {0}};
	while (!reader.failed && reader_remaining(&reader) > 0 && !account.rejected) {
		at.frame.number++;
		at.time.ns += 1000000;
		stream_input_chunk(&reader, sink, ended, &at);
	}
	for (unsigned side = 0; side < 2 && !account.rejected; side++)
		if (!ended[side])
			sink.ops->end(sink.self, side, STREAM_END_CAPTURE, &at);
	mqtt_stream_free(account.stream);
	return 0;
}
