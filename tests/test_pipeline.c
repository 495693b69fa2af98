/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "src/pipeline.h"
#include "tests/support/builder.h"

enum { LINKTYPE_ETHERNET = 1 };

static const BuilderEnd client = {.address = {10, 0, 0, 9}, .port = 40000};
static const BuilderEnd server = {.address = {10, 0, 0, 5}, .port = 1883};

typedef struct Run {
	Model *model;
	Pipeline *pipeline;
} Run;

static void take_frames(Pipeline *pipeline, Builder *builder)
{
	g_autoptr(GPtrArray) frames = builder_frames(builder, &(BuilderOptions){0});
	for (guint i = 0; i < frames->len; i++) {
		const BuilderFrame *frame = frames->pdata[i];
		pipeline_frames(pipeline, &(Frame){
			.bytes = {frame->bytes->data, frame->bytes->len},
			.wire_size = frame->bytes->len,
			.link_type = LINKTYPE_ETHERNET,
			.ref = {.number = i + 1},
			.time = {frame->time},
		}, 1);
	}
}

/* One connection, on which the client says @octets at 1 s, and the server @answer. */
static Run run(const void *octets, size_t size, const char *answer, uint16_t decode)
{
	Builder *builder = builder_new();
	BuilderConnection *connection = builder_connection(builder, client, server);
	builder_open(connection, NS_PER_SECOND);
	if (size > 0) {
		g_autoptr(GByteArray) said = g_byte_array_new();
		g_byte_array_append(said, octets, (guint)size);
		builder_send(connection, true, 2 * NS_PER_SECOND, said);
	}
	if (answer != NULL) {
		g_autoptr(GByteArray) said = g_byte_array_new();
		g_byte_array_append(said, (const uint8_t *)answer, (guint)strlen(answer));
		builder_send(connection, false, 3 * NS_PER_SECOND, said);
	}
	builder_close(connection, true, 4 * NS_PER_SECOND);

	Run result = {.model = model_new()};
	result.pipeline = pipeline_new(result.model, &decode, decode != 0);
	take_frames(result.pipeline, builder);
	pipeline_finish(result.pipeline, NULL);
	builder_free(builder);
	return result;
}

static void run_free(Run *it)
{
	pipeline_free(it->pipeline);
	model_free(it->model);
}

#define SAY(octets) run(octets, sizeof(octets) - 1, NULL, 0)

static void tls_is_counted_and_not_followed(void **state)
{
	(void)state;
	/* A ClientHello without extensions: one cipher suite, no compression. */
	Run it = SAY("\x16\x03\x01\x00\x2d\x01\x00\x00\x29\x03\x03"
	             "0123456789abcdef0123456789abcdef\x00\x00\x02\x13\x01\x01\x00");

	assert_int_equal(pipeline_counts(it.pipeline)->tls, 1);
	assert_int_equal(pipeline_counts(it.pipeline)->other, 0);
	assert_int_equal(model_n_connections(it.model), 0);
	run_free(&it);
}

static void an_http_upgrade_is_counted_as_websocket(void **state)
{
	(void)state;
	static const char get[] = "GET /mqtt HTTP/1.1\r\nUpgrade: websocket\r\n\r\n";
	Run it = run(get, sizeof get - 1, "HTTP/1.1 101 Switching Protocols\r\n\r\n", 0);

	assert_int_equal(pipeline_counts(it.pipeline)->websocket, 1);
	assert_int_equal(pipeline_counts(it.pipeline)->other, 0);
	run_free(&it);
}

static const char upgrade[] = "GET /mqtt HTTP/1.1\r\nUpgrade: websocket\r\n\r\n"
	"\x82\x8f\0\0\0\0\x10\x0d\0\4MQTT\4\2\0\x3c\0\1x";
static const char accepted[] = "HTTP/1.1 101 Switching Protocols\r\n\r\n\x82\4\x20\2";

static void mqtt_in_websocket_is_observed(void **state)
{
	(void)state;
	Run it = run(upgrade, sizeof upgrade - 1, accepted, 0);

	assert_int_equal(pipeline_counts(it.pipeline)->websocket, 0);
	assert_int_equal(model_n_connections(it.model), 1);
	assert_int_equal(model_connection(it.model, 0)->transport, TRANSPORT_WS);
	assert_int_equal(model_broker(it.model, 0)->transports, 1u << TRANSPORT_WS);
	run_free(&it);
}

static void a_refused_upgrade_is_counted_as_websocket(void **state)
{
	(void)state;
	static const char get[] = "GET /mqtt HTTP/1.1\r\nUpgrade: websocket\r\n\r\n";
	Run it = run(get, sizeof get - 1, "HTTP/1.1 403 Forbidden\r\n\r\n", 0);

	assert_int_equal(pipeline_counts(it.pipeline)->websocket, 1);
	assert_int_equal(model_n_connections(it.model), 0);
	run_free(&it);
}

static void another_protocol_is_counted_as_other(void **state)
{
	(void)state;
	static const char ssh[] = "SSH-2.0-OpenSSH_9.2p1\r\n";
	Run it = run(ssh, sizeof ssh - 1, "SSH-2.0-OpenSSH_9.2p1\r\n", 0);

	assert_int_equal(pipeline_counts(it.pipeline)->other, 1);
	assert_int_equal(pipeline_counts(it.pipeline)->tls, 0);
	assert_int_equal(model_counts(it.model)->connections, 0);
	run_free(&it);
}

static void a_connection_without_octets_is_not_counted(void **state)
{
	(void)state;
	Run it = run(NULL, 0, NULL, 0);
	const PipelineCounts *counts = pipeline_counts(it.pipeline);

	assert_int_equal(counts->other + counts->tls + counts->websocket + counts->undecided, 0);
	assert_true(counts->frames >= 6); /* it was there */
	run_free(&it);
}

static void too_little_to_tell_is_undecided(void **state)
{
	(void)state;
	Run it = SAY("\x10");

	assert_int_equal(pipeline_counts(it.pipeline)->undecided, 1);
	assert_int_equal(model_counts(it.model)->connections, 0);
	run_free(&it);
}

#define CONNECT "\x10\x10\x00\x04MQTT\x04\x02\x00\x3c\x00\x04pump"

static void a_connect_makes_a_client(void **state)
{
	(void)state;
	Run it = SAY(CONNECT);
	const PipelineCounts *counts = pipeline_counts(it.pipeline);

	assert_int_equal(model_n_clients(it.model), 1);
	assert_int_equal(model_connection(it.model, 0)->connect_time.ns / NS_PER_SECOND, 2);
	assert_int_equal(model_connection(it.model, 0)->close_kind, CLOSE_FIN);
	assert_int_equal(counts->other + counts->undecided, 0);
	assert_int_equal((counts->last.ns - counts->first.ns) / NS_PER_SECOND, 3);
	run_free(&it);
}

typedef struct Onlooker {
	const Model *model;
	unsigned n_looks, n_open; /* times that it could look, and that the connection was open then */
} Onlooker;

static void look(void *user)
{
	Onlooker *onlooker = user;
	onlooker->n_looks++;
	onlooker->n_open += model_connection(onlooker->model, 0)->closed_by == CLOSED_BY_UNKNOWN;
}

static void look_away(void *user)
{
	(void)user;
}

/* With very many connections that takes a while. */
static void the_model_may_be_read_before_the_first_open_connection_ends(void **state)
{
	(void)state;
	g_autoptr(GByteArray) said = g_byte_array_new();
	g_byte_array_append(said, (const uint8_t *)CONNECT, sizeof CONNECT - 1);
	Builder *builder = builder_new();
	BuilderConnection *connection = builder_connection(builder, client, server);
	builder_open(connection, NS_PER_SECOND);
	builder_send(connection, true, 2 * NS_PER_SECOND, said);
	Run it = {.model = model_new()};
	it.pipeline = pipeline_new(it.model, NULL, 0);
	take_frames(it.pipeline, builder);

	Onlooker onlooker = {.model = it.model};
	pipeline_finish(it.pipeline, &(Breath){.leave = look, .enter = look_away, .user = &onlooker});

	assert_true(onlooker.n_open > 0);
	assert_int_equal(model_connection(it.model, 0)->closed_by, CLOSED_BY_CAPTURE_END);
	builder_free(builder);
	run_free(&it);
}

static void a_port_given_is_mqtt_without_a_doubt(void **state)
{
	(void)state;
	/* one PUBLISH alone tells too little */
	static const char publish[] = "\x30\x05\x00\x01t21";
	Run given = run(publish, sizeof publish - 1, NULL, 1883);
	Run other = run(publish, sizeof publish - 1, NULL, 1884);

	assert_int_equal(model_counts(given.model)->connections, 1);
	assert_int_equal(model_counts(given.model)->packets, 1);
	assert_int_equal(model_counts(other.model)->connections, 0);
	run_free(&given);
	run_free(&other);
}

static void a_frame_without_time_happens_when_the_one_before_did(void **state)
{
	(void)state;
	Model *model = model_new();
	Pipeline *pipeline = pipeline_new(model, NULL, 0);
	const uint8_t octets[] = {0};
	Frame frame = {.bytes = {octets, 1}, .wire_size = 1, .link_type = LINKTYPE_ETHERNET,
	               .time = INSTANT_UNKNOWN};

	pipeline_frames(pipeline, &frame, 1);
	assert_true(pipeline_counts(pipeline)->first.ns == 0);
	frame.time.ns = 7;
	pipeline_frames(pipeline, &frame, 1);
	frame.time = INSTANT_UNKNOWN;
	pipeline_frames(pipeline, &frame, 1);
	pipeline_finish(pipeline, NULL);

	assert_int_equal(pipeline_counts(pipeline)->frames, 3);
	assert_true(pipeline_counts(pipeline)->last.ns == 7);
	pipeline_free(pipeline);
	model_free(model);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tls_is_counted_and_not_followed),
		cmocka_unit_test(an_http_upgrade_is_counted_as_websocket),
		cmocka_unit_test(mqtt_in_websocket_is_observed),
		cmocka_unit_test(a_refused_upgrade_is_counted_as_websocket),
		cmocka_unit_test(another_protocol_is_counted_as_other),
		cmocka_unit_test(a_connection_without_octets_is_not_counted),
		cmocka_unit_test(too_little_to_tell_is_undecided),
		cmocka_unit_test(a_connect_makes_a_client),
		cmocka_unit_test(the_model_may_be_read_before_the_first_open_connection_ends),
		cmocka_unit_test(a_port_given_is_mqtt_without_a_doubt),
		cmocka_unit_test(a_frame_without_time_happens_when_the_one_before_did),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
