/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <glib.h>

#include "src/session/model_private.h"
#include "src/session/registry.h"
#include "src/verdict/reconnect.h"

enum { DEVICE = 9, TWIN = 8 };

typedef struct Scene {
	Model *model;
	DiagnoseOptions options;
} Scene;

static Connection *add(Scene *scene, uint8_t host)
{
	ConnectionIndex index = model_add_connection(scene->model);
	model_attach(scene->model, index, 0);
	Connection *connection = connection_at(scene->model, index);
	connection->broker = 0;
	connection->source.address.octets[15] = host;
	connection->version = MQTT_5_0;
	connection->connect_seen = connection->connack_seen = true;
	connection->expiry_connect = (OptionalU32){true, 60};
	connection->connect_time = (Instant){(int64_t)index * 100 * NS_PER_SECOND};
	connection->last_from_client = (Instant){connection->connect_time.ns + 30 * NS_PER_SECOND};
	connection->closed = (Instant){connection->connect_time.ns + 40 * NS_PER_SECOND};
	connection->accepted_before = connection->previous;
	return connection;
}

static int setup(void **state)
{
	Scene *scene = g_new0(Scene, 1);
	scene->model = model_new();
	Endpoint broker = {.port = 1883};
	model_add_broker(scene->model, &broker);
	model_add_client(scene->model, 0, (ByteSpan){(const uint8_t *)"pump", 4});
	*state = scene;
	return 0;
}

static int teardown(void **state)
{
	Scene *scene = *state;
	model_free(scene->model);
	g_free(scene);
	return 0;
}

static Reconnect view_of(const Scene *scene, ConnectionIndex index)
{
	Reconnect view;
	assert_true(reconnect_view(scene->model, &scene->options, index, &view));
	return view;
}

static void only_an_accepted_return_of_a_known_client_is_a_reconnect(void **state)
{
	Scene *scene = *state;
	Reconnect view;
	add(scene, DEVICE);
	Connection *again = add(scene, DEVICE);
	assert_false(reconnect_view(scene->model, &scene->options, 0, &view));
	assert_true(reconnect_view(scene->model, &scene->options, 1, &view));

	again->return_code = 0x87;
	assert_false(reconnect_view(scene->model, &scene->options, 1, &view));
	again->return_code = 0;
	again->connack_seen = false;
	assert_false(reconnect_view(scene->model, &scene->options, 1, &view));
	again->connack_seen = true;
	again->client = NO_INDEX;
	assert_false(reconnect_view(scene->model, &scene->options, 1, &view));
}

static void an_absence_lasts_from_the_brokers_close_to_the_connect(void **state)
{
	Scene *scene = *state;
	Connection *before = add(scene, DEVICE);
	add(scene, DEVICE);
	assert_true(view_of(scene, 1).absence_ns == 60 * NS_PER_SECOND);
	assert_true(view_of(scene, 1).absence_at_most_ns == 70 * NS_PER_SECOND);

	before->closed.ns = 101 * NS_PER_SECOND; /* after the CONNECT that took over */
	assert_true(view_of(scene, 1).absence_ns == 0);
	before->closed = INSTANT_UNKNOWN;
	assert_true(view_of(scene, 1).absence_ns == INT64_MIN);
	assert_false(instant_known(reconnect_deadline(&(Reconnect){.before = before})));
}

static void the_deadline_is_the_close_plus_the_interval(void **state)
{
	Scene *scene = *state;
	Connection *before = add(scene, DEVICE);
	add(scene, DEVICE);
	Reconnect view = view_of(scene, 1);
	assert_true(reconnect_deadline(&view).ns == (40 + 60) * NS_PER_SECOND);

	before->expiry_connect.value = EXPIRY_NEVER;
	view = view_of(scene, 1);
	assert_false(instant_known(reconnect_deadline(&view)));
	before->expiry_connect.value = 0xFFFFFFFE;
	view = view_of(scene, 1);
	assert_true(reconnect_deadline(&view).ns == INT64_C(40) * NS_PER_SECOND +
	                                            INT64_C(4294967294) * NS_PER_SECOND);
	before->connect_seen = false;
	view = view_of(scene, 1);
	assert_false(instant_known(reconnect_deadline(&view)));
}

static void a_view_knows_the_connection_before_the_one_before(void **state)
{
	Scene *scene = *state;
	Connection *first = add(scene, DEVICE);
	add(scene, DEVICE);
	add(scene, DEVICE);

	assert_ptr_equal(view_of(scene, 2).earlier, first);
	assert_null(view_of(scene, 1).earlier);
}

static void everything_that_could_have_been_missed_is_a_gate(void **state)
{
	Scene *scene = *state;
	Connection *before = add(scene, DEVICE), *now = add(scene, DEVICE);
	Reconnect view = view_of(scene, 1);
	assert_int_equal(reconnect_unseen(&view), 0);

	before->connack_seen = false;
	assert_int_equal(reconnect_unseen(&view), GATE_CONNACK_NOT_SEEN);
	before->connack_seen = true;
	before->closed = INSTANT_UNKNOWN;
	assert_int_equal(reconnect_unseen(&view), GATE_END_NOT_SEEN);
	before->closed = (Instant){0};
	before->holes = 1;
	assert_int_equal(reconnect_unseen(&view), GATE_HOLES);
	before->holes = 0;
	now->holes = 1;
	assert_int_equal(reconnect_unseen(&view), GATE_HOLES);
	now->holes = 0;
	scene->options.capture_drops = 1;
	assert_int_equal(reconnect_unseen(&view), GATE_CAPTURE_LOSS);
	scene->options.capture_drops = 0;
	scene->options.vantage = VANTAGE_CLIENT;
	view.other_brokers = true;
	assert_int_equal(reconnect_unseen(&view), GATE_CLIENT_VANTAGE | GATE_OTHER_BROKER);
}

/* --- twins -------------------------------------------------------------------------------- */

static TwinEvidence twin(const Scene *scene, ConnectionIndex a, ConnectionIndex b)
{
	TwinEvidence one = reconnect_twin(scene->model, model_connection(scene->model, a),
	                                  model_connection(scene->model, b));
	TwinEvidence other = reconnect_twin(scene->model, model_connection(scene->model, b),
	                                    model_connection(scene->model, a));
	assert_int_equal(one, other);
	return one;
}

static void one_host_is_no_twin_whatever_its_settings(void **state)
{
	Scene *scene = *state;
	Connection *a = add(scene, DEVICE);
	add(scene, DEVICE);
	a->keep_alive = 7;
	a->close_kind = CLOSE_TAKEOVER;
	a->answered_fin = true;

	assert_int_equal(twin(scene, 0, 1), TWIN_NO);
}

static void the_same_settings_elsewhere_are_a_device_that_moved(void **state)
{
	Scene *scene = *state;
	Connection *a = add(scene, DEVICE);
	add(scene, TWIN);
	a->clean_start = true; /* programs change that from one connection to the next */

	assert_int_equal(twin(scene, 0, 1), TWIN_MOVED);
}

static void any_setting_that_differs_may_be_a_twin(void **state)
{
	Scene *scene = *state;
	Connection *a = add(scene, DEVICE), plain = *a;
	add(scene, TWIN);
	a->version = MQTT_3_1_1;
	assert_int_equal(twin(scene, 0, 1), TWIN_MAYBE);
	*a = plain, a->next = 1, a->keep_alive = 60;
	assert_int_equal(twin(scene, 0, 1), TWIN_MAYBE);
	*a = plain, a->next = 1, a->has_username = true;
	assert_int_equal(twin(scene, 0, 1), TWIN_MAYBE);
	*a = plain, a->next = 1, a->has_will = true;
	assert_int_equal(twin(scene, 0, 1), TWIN_MAYBE);
	*a = plain, a->next = 1, a->expiry_connect.value = 61;
	assert_int_equal(twin(scene, 0, 1), TWIN_MAYBE);
	*a = plain, a->next = 1, a->expiry_connect.known = false;
	assert_int_equal(twin(scene, 0, 1), TWIN_MAYBE);
	*a = plain, a->next = 1, a->receive_maximum = (OptionalU32){true, 20};
	assert_int_equal(twin(scene, 0, 1), TWIN_MAYBE);
	*a = plain, a->next = 1, a->maximum_packet_size = (OptionalU32){true, 20};
	assert_int_equal(twin(scene, 0, 1), TWIN_MAYBE);
}

/* Settings that a program does not change; Keep Alive is one that it may. */
static void hosts_of_different_settings_that_take_turns_are_twins(void **state)
{
	Scene *scene = *state;
	add(scene, DEVICE);
	add(scene, TWIN)->expiry_connect.value = 7;
	assert_int_equal(twin(scene, 0, 1), TWIN_MAYBE);
	add(scene, DEVICE);

	assert_int_equal(twin(scene, 0, 1), TWIN_PROVEN);
	assert_int_equal(twin(scene, 1, 2), TWIN_PROVEN);
}

static void one_device_may_stretch_its_keep_alive_between_two_networks(void **state)
{
	Scene *scene = *state;
	add(scene, DEVICE);
	add(scene, TWIN)->keep_alive = 7;
	add(scene, DEVICE);

	assert_int_equal(twin(scene, 0, 1), TWIN_MAYBE);
	assert_int_equal(twin(scene, 1, 2), TWIN_MAYBE);
}

static void two_that_were_alive_at_once_are_twins_if_their_settings_differ(void **state)
{
	Scene *scene = *state;
	Connection *a = add(scene, DEVICE), *b = add(scene, TWIN);
	a->close_kind = CLOSE_TAKEOVER;
	assert_int_equal(twin(scene, 0, 1), TWIN_MOVED); /* half-open: its host may be gone */
	a->answered_fin = true;
	assert_int_equal(twin(scene, 0, 1), TWIN_MAYBE); /* one device, two interfaces */
	b->has_will = true;
	assert_int_equal(twin(scene, 0, 1), TWIN_PROVEN);
	a->close_kind = CLOSE_FIN;
	assert_int_equal(twin(scene, 0, 1), TWIN_MAYBE);
}

/* C36: three alternations are a ping-pong, whatever the settings. */
static void three_that_threw_each_other_out_are_twins_with_any_settings(void **state)
{
	Scene *scene = *state;
	for (int i = 0; i < 4; i++) {
		Connection *it = add(scene, i % 2 == 0 ? DEVICE : TWIN);
		it->close_kind = CLOSE_TAKEOVER;
		it->answered_fin = i < 2;
	}
	assert_int_equal(twin(scene, 0, 1), TWIN_MAYBE);

	connection_at(scene->model, 2)->answered_fin = true;

	assert_int_equal(twin(scene, 0, 1), TWIN_PROVEN);
	assert_int_equal(twin(scene, 2, 3), TWIN_PROVEN);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(only_an_accepted_return_of_a_known_client_is_a_reconnect),
		TEST(an_absence_lasts_from_the_brokers_close_to_the_connect),
		TEST(the_deadline_is_the_close_plus_the_interval),
		TEST(a_view_knows_the_connection_before_the_one_before),
		TEST(everything_that_could_have_been_missed_is_a_gate),
		TEST(one_host_is_no_twin_whatever_its_settings),
		TEST(the_same_settings_elsewhere_are_a_device_that_moved),
		TEST(any_setting_that_differs_may_be_a_twin),
		TEST(hosts_of_different_settings_that_take_turns_are_twins),
		TEST(one_device_may_stretch_its_keep_alive_between_two_networks),
		TEST(two_that_were_alive_at_once_are_twins_if_their_settings_differ),
		TEST(three_that_threw_each_other_out_are_twins_with_any_settings),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
