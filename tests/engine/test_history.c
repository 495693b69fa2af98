/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>

#include "tests/engine/input.h"

enum { N_ABSENCES = 12 };

/* --- asking ------------------------------------------------------------------------------------- */

static ClientIndex client_of(Engine *engine, const char *id)
{
	const Model *model = engine_analysis(engine)->model;
	for (ClientIndex i = 0; i < model_n_clients(model); i++) {
		ByteSpan text = model_text(model, model_client(model, i)->id);
		if (text.size == strlen(id) && memcmp(text.data, id, text.size) == 0)
			return i;
	}
	fail_msg("no client %s", id);
	return NO_INDEX;
}

static bool is_done(Engine *engine, void *user)
{
	engine_hold(engine);
	bool done = history_done(user) >= 1 && engine_status(engine).ended;
	engine_release(engine);
	return done;
}

static History *history_of(Engine *engine, const char *id)
{
	engine_hold(engine);
	ClientIndex client = client_of(engine, id);
	engine_release(engine);
	History *history = engine_history(engine, &client, 1);
	input_wait(engine, is_done, history);
	return history;
}

static unsigned count(History *history, HistoryKind kind, MqttType type)
{
	unsigned n = 0;
	for (uint32_t i = 0; i < history_n_events(history); i++) {
		const HistoryEvent *event = history_event(history, i);
		n += event->kind == kind && event->type == type;
	}
	return n;
}

static bool text_is(History *history, uint32_t text, const char *is)
{
	ByteSpan octets = history_text(history, text);
	return octets.size == strlen(is) && memcmp(octets.data, is, octets.size) == 0;
}

/* --- what must be so of every history ------------------------------------------------------------ */

static void assert_order(History *history)
{
	for (uint32_t i = 1; i < history_n_events(history); i++)
		assert_true(history_event(history, i - 1)->time.ns <= history_event(history, i)->time.ns);
}

/* Each is what its first octet says, whole, and decodes to what the event says. */
static void assert_octets(History *history)
{
	for (uint32_t i = 0; i < history_n_events(history); i++) {
		const HistoryEvent *event = history_event(history, i);
		ByteSpan octets = history_octets(history, i);
		if (event->kind != HISTORY_PACKET) {
			assert_int_equal(octets.size, 0);
			continue;
		}
		assert_int_equal(octets.size, event->size);
		MqttPacket packet;
		mqtt_decode(octets, (MqttVersion)event->version, &packet);
		assert_int_equal(packet.type, event->type);
		assert_int_equal(packet.packet_id, event->packet_id);
		assert_int_equal(packet.n_faults, 0);
	}
}

static void assert_answers(History *history)
{
	for (uint32_t i = 0; i < history_n_events(history); i++) {
		const HistoryEvent *event = history_event(history, i);
		if (event->answers >= 0)
			assert_int_equal(history_event(history, (uint32_t)event->answers)->answered_by, i);
		if (event->kind == HISTORY_PACKET &&
		    (event->type == MQTT_CONNACK || event->type == MQTT_SUBACK))
			assert_true(event->answers >= 0);
	}
}

/* The connections are those of the model. */
static void assert_connections(Engine *engine, History *history)
{
	engine_hold(engine);
	const Model *model = engine_analysis(engine)->model;
	for (uint32_t i = 0; i < history_n_events(history); i++) {
		const HistoryEvent *event = history_event(history, i);
		const Connection *connection = model_connection(model, event->connection);
		assert_int_equal(connection->client,
		                 event->kind == HISTORY_OWED ? event->publisher : event->client);
		if (event->kind == HISTORY_OPENED)
			assert_int_equal(event->frame.number, connection->opened_frame.number);
		if (event->kind == HISTORY_PACKET && event->type == MQTT_CONNECT)
			assert_int_equal(event->frame.number, connection->connect_frame.number);
	}
	engine_release(engine);
}

/* In the story each connection is closed by both sides. */
static unsigned count_closed_by_client(History *history)
{
	unsigned n = 0;
	for (uint32_t i = 0; i < history_n_events(history); i++) {
		const HistoryEvent *event = history_event(history, i);
		n += event->kind == HISTORY_FIN && event->from_client;
		if (event->kind == HISTORY_FIN || event->kind == HISTORY_OPENED)
			assert_int_equal(event->from_client, event->side == 0);
	}
	return n;
}

/* --- one story ----------------------------------------------------------------------------------- */

static void assert_pump(Engine *engine, History *history)
{
	assert_null(history_error(history));
	assert_int_equal(history_cut(history), 0);
	assert_int_equal(count(history, HISTORY_OPENED, 0), N_ABSENCES);
	assert_int_equal(count(history, HISTORY_FIN, 0), 2 * N_ABSENCES);
	assert_int_equal(count_closed_by_client(history), N_ABSENCES);
	assert_int_equal(count(history, HISTORY_PACKET, MQTT_CONNECT), N_ABSENCES);
	assert_int_equal(count(history, HISTORY_PACKET, MQTT_CONNACK), N_ABSENCES);
	assert_int_equal(count(history, HISTORY_PACKET, MQTT_SUBSCRIBE), N_ABSENCES);
	assert_int_equal(count(history, HISTORY_PACKET, MQTT_SUBACK), N_ABSENCES);
	assert_int_equal(count(history, HISTORY_OWED, MQTT_PUBLISH), N_ABSENCES);
	assert_order(history);
	assert_octets(history);
	assert_answers(history);
	assert_connections(engine, history);
}

static void assert_moments(Engine *engine, History *history)
{
	ClientIndex gw = client_of(engine, "gw");
	for (uint32_t i = 0; i < history_n_events(history); i++) {
		const HistoryEvent *event = history_event(history, i);
		uint32_t n;
		const HistorySubscription *list =
			history_subscriptions(history, event->moment.subscriptions, &n);
		bool has = event->type == MQTT_SUBACK || event->kind == HISTORY_OWED ||
		           event->kind == HISTORY_FIN;
		if (has) {
			assert_int_equal(n, 1);
			assert_true(text_is(history, list[0].filter, "plant/+/temp"));
			assert_int_equal(list[0].qos, 1);
		}
		if (event->type == MQTT_CONNACK)
			assert_int_equal(n, 0);
		if (event->kind != HISTORY_OWED)
			continue;
		assert_int_equal(event->publisher, gw);
		assert_int_equal(event->moment.waiting, 1);
		assert_int_equal(event->qos, 1);
	}
}

static void assert_pump_of(const EngineOptions *options)
{
	Engine *engine = input_engine_of(options);
	engine_run(engine);
	History *history = history_of(engine, "pump");
	assert_pump(engine, history);
	assert_moments(engine, history);
	engine_free(engine);
	assert_int_equal(count(history, HISTORY_OPENED, 0), N_ABSENCES); /* it outlives */
	history_unref(history);
}

static void a_file_is_read_again(void **state)
{
	(void)state;
	g_autofree char *story = input_story(N_ABSENCES);
	for (unsigned cut = 0; cut < 4; cut++) {
		char *file = input_file_cut(story, cut);
		assert_pump_of(&(EngineOptions){.files = (char *[]){file, NULL}});
		input_remove(file);
	}
}

static bool has_both(Engine *engine, void *user)
{
	(void)user;
	engine_hold(engine);
	bool has = model_n_clients(engine_analysis(engine)->model) == 2;
	engine_release(engine);
	return has;
}

static bool has_events(Engine *engine, void *user)
{
	engine_hold(engine);
	bool has = history_n_events(user) > 8;
	engine_release(engine);
	return has;
}

/* Up to the last message. */
static bool has_all(Engine *engine, void *user)
{
	engine_hold(engine);
	bool has = count(user, HISTORY_OWED, MQTT_PUBLISH) == N_ABSENCES;
	engine_release(engine);
	return has;
}

static void a_pipe_is_followed(void **state)
{
	(void)state;
	g_autofree char *story = input_story(N_ABSENCES);
	char *file = input_file(story);
	InputPipe *pipe = input_pipe_new(file, 7000);
	Engine *engine = input_engine(input_pipe_path(pipe));
	engine_start(engine, NULL, NULL);
	input_wait(engine, has_both, NULL);
	engine_hold(engine);
	ClientIndex client = client_of(engine, "pump");
	engine_release(engine);
	History *history = engine_history(engine, &client, 1);
	input_wait(engine, has_events, history);
	assert_false(engine_status(engine).ended);
	input_pipe_go_on(pipe);
	input_wait(engine, has_all, history);
	assert_pump(engine, history);
	history_unref(history);
	engine_free(engine);
	input_pipe_free(pipe);
	input_remove(file);
}

static void it_may_be_dropped_at_any_moment(void **state)
{
	(void)state;
	g_autofree char *story = input_story(400);
	char *file = input_file(story);
	Engine *engine = input_engine(file);
	engine_start(engine, NULL, NULL);
	for (unsigned i = 0; i < 20; i++) {
		ClientIndex client = i % 3; /* some of which are not known yet, or never will be */
		History *history = engine_history(engine, &client, 1);
		g_usleep(i * 500);
		history_unref(history);
	}
	ClientIndex clients[] = {0, 1};
	History *left = engine_history(engine, clients, 2);
	engine_free(engine);
	history_unref(left);
	input_remove(file);
}

static void another_file_in_its_place_is_told(void **state)
{
	(void)state;
	g_autofree char *story = input_story(N_ABSENCES);
	g_autofree char *other = input_story(2);
	char *file = input_file(story);
	char *second = input_file(other);
	Engine *engine = input_engine(file);
	engine_run(engine);
	assert_int_equal(g_rename(second, file), 0);
	g_free(second);
	History *history = history_of(engine, "pump");
	assert_non_null(history_error(history));
	assert_int_equal(history_n_events(history), 0);
	history_unref(history);
	engine_free(engine);
	input_remove(file);
}

static void what_carries_the_packets_makes_no_difference(void **state)
{
	(void)state;
	g_autofree char *story = input_story(N_ABSENCES);
	for (WrapKind wrap = WRAP_WS; wrap < WRAP_KINDS; wrap++) {
		if (!wrap_can_make(wrap)) {
			print_message("skipped: kind %d, for which this build has no zlib or no libssl\n", (int)wrap);
			continue;
		}
		char *keylog, *file = input_file_over(story, wrap, &keylog);
		assert_pump_of(&(EngineOptions){.files = (char *[]){file, NULL}, .keylog = keylog});
		input_remove(file);
		if (keylog != NULL)
			input_remove(keylog);
	}
}

static void a_capture_in_two_files_is_read_again(void **state)
{
	(void)state;
	g_autofree char *story = input_story(N_ABSENCES);
	char *file = input_file(story), *halves[2];
	input_file_in_two(file, halves);
	assert_pump_of(&(EngineOptions){.files = (char *[]){halves[0], halves[1], NULL}});
	input_remove(halves[0]);
	input_remove(halves[1]);
	input_remove(file);
}

/* What is in flight once each of them has come: the PUBLISH is, the last answer to it is not any more. */
static void a_message_is_in_flight_until_its_last_answer(void **state)
{
	(void)state;
	char *file = input_file_cut("broker mosq 10.0.0.5:1883\n"
	                            "host device 10.0.0.9\n"
	                            "auto-ack\n"
	                            "1 device > mosq CONNECT v5 client=pump clean_start=1 keep_alive=0 => CONNACK\n"
	                            "1.1 device SUBSCRIBE a/+ qos=2\n"
	                            "2 mosq > device PUBLISH a/1 \"x\" qos=1\n"
	                            "3 device PUBLISH b \"y\" qos=1\n"
	                            "4 device PUBLISH b \"z\" qos=2\n", 0);
	Engine *engine = input_engine(file);
	engine_run(engine);
	History *history = history_of(engine, "pump");
	unsigned n_answers = 0;
	for (uint32_t i = 0; i < history_n_events(history); i++) {
		const HistoryEvent *event = history_event(history, i);
		bool open = event->type == MQTT_PUBLISH || event->type == MQTT_PUBREC || event->type == MQTT_PUBREL;
		bool of_client = event->from_client == (event->type == MQTT_PUBLISH || event->type == MQTT_PUBREL);
		n_answers += event->type == MQTT_PUBACK || event->type == MQTT_PUBCOMP;
		if (event->kind != HISTORY_PACKET)
			continue;
		assert_int_equal(event->moment.from_client, open && of_client);
		assert_int_equal(event->moment.to_client, open && !of_client);
	}
	assert_int_equal(n_answers, 3);
	history_unref(history);
	engine_free(engine);
	input_remove(file);
}

/* The last client of all: its name is known only when the CONNACK comes. */
static void a_client_that_the_broker_names_has_a_history(void **state)
{
	(void)state;
	char *file = input_file_cut("broker mosq 10.0.0.5:1883\n"
	                            "host device 10.0.0.9\n"
	                            "auto-ack\n"
	                            "1 device > mosq CONNECT v5 client= clean_start=0 expiry=300 => CONNACK assigned=auto-1\n"
	                            "1.1 device SUBSCRIBE plant/+/temp qos=1\n"
	                            "2 device FIN\n", 0);
	Engine *engine = input_engine(file);
	engine_run(engine);
	History *history = history_of(engine, "auto-1");
	assert_int_equal(count(history, HISTORY_PACKET, MQTT_CONNECT), 1);
	assert_int_equal(count(history, HISTORY_PACKET, MQTT_CONNACK), 1);
	const HistoryEvent *last = history_event(history, history_n_events(history) - 1);
	uint32_t n = 0;
	history_subscriptions(history, last->moment.subscriptions, &n);
	assert_int_equal(n, 1);
	assert_order(history);
	assert_octets(history);
	history_unref(history);
	engine_free(engine);
	input_remove(file);
}

static void passwords_are_not_kept(void **state)
{
	(void)state;
	char *file = input_file_cut("broker mosq 10.0.0.5:1883\n"
	                            "host device 10.0.0.9\n"
	                            "1 device > mosq CONNECT v5 client=pump clean_start=1 username=me "
	                            "password=s3cret keep_alive=0 => CONNACK\n", 5);
	Engine *engine = input_engine(file);
	engine_run(engine);
	History *history = history_of(engine, "pump");
	bool seen = false;
	for (uint32_t i = 0; i < history_n_events(history); i++) {
		ByteSpan octets = history_octets(history, i);
		if (history_event(history, i)->type != MQTT_CONNECT)
			continue;
		seen = true;
		assert_true(octets.size > 8);
		assert_memory_equal(octets.data + octets.size - 8, "\0\6******", 8);
	}
	assert_true(seen);
	assert_octets(history);
	history_unref(history);
	engine_free(engine);
	input_remove(file);
}

int main(void)
{
	signal(SIGPIPE, SIG_IGN); /* writers whose reader ends */
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_file_is_read_again),
		cmocka_unit_test(a_pipe_is_followed),
		cmocka_unit_test(it_may_be_dropped_at_any_moment),
		cmocka_unit_test(another_file_in_its_place_is_told),
		cmocka_unit_test(what_carries_the_packets_makes_no_difference),
		cmocka_unit_test(a_capture_in_two_files_is_read_again),
		cmocka_unit_test(a_message_is_in_flight_until_its_last_answer),
		cmocka_unit_test(a_client_that_the_broker_names_has_a_history),
		cmocka_unit_test(passwords_are_not_kept),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
