/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <glib.h>

#include "src/verdict/recognise.h"
#include "tests/session/world.h"

/* What the broker of a story looks like whose CONNACK to two clients of MQTT 5.0 carries @properties. */
static BrokerProduct looks(const char *properties)
{
	g_autofree char *story = g_strdup_printf(
		"broker mosq 10.0.0.5:1883\nhost device 10.0.0.9\nhost gw 10.0.0.7\nauto-ack\n"
		"0 device > mosq CONNECT v5 client=pump clean_start=1 => CONNACK %s\n"
		"1 gw > mosq CONNECT v5 client=gw clean_start=1 => CONNACK assigned=x %s\n",
		properties, properties);
	World *world = world_play(story);
	BrokerProduct product = recognise_broker(&model_broker(world->model, 0)->facts);
	world_free(world);
	return product;
}

static void a_broker_is_guessed_by_defaults_that_nobody_changes(void **state)
{
	(void)state;
	assert_int_equal(looks("alias_max=10 receive_max=20"), BROKER_MOSQUITTO);
	assert_int_equal(looks("alias_max=5 receive_max=10"), BROKER_HIVEMQ);
	assert_int_equal(looks("expiry=60 max_qos=1 shared_available=0"), BROKER_RABBITMQ);
	assert_int_equal(looks("alias_max=10 max_qos=1"), BROKER_AZURE_EVENT_GRID);
}

static void anything_else_tells_nothing(void **state)
{
	(void)state;
	assert_int_equal(looks(""), BROKER_UNKNOWN);
	assert_int_equal(looks("alias_max=10"), BROKER_UNKNOWN);
	assert_int_equal(looks("alias_max=10 receive_max=21"), BROKER_UNKNOWN);
	assert_int_equal(looks("alias_max=10 receive_max=20 server_keep_alive=30"), BROKER_UNKNOWN);
	assert_int_equal(looks("max_qos=1 shared_available=0"), BROKER_UNKNOWN);
	assert_int_equal(looks("max_qos=0 alias_max=10"), BROKER_UNKNOWN);
}

static void what_only_some_answers_have_tells_nothing(void **state)
{
	(void)state;
	World *world = world_play(CAST /* whose gw is answered without properties */
		"0 device > mosq CONNECT v5 client=pump clean_start=1 => CONNACK alias_max=10 "
		"receive_max=20\n");
	assert_int_equal(recognise_broker(&model_broker(world->model, 0)->facts), BROKER_UNKNOWN);
	world_free(world);
}

static ClientLibrary library_of(const char *connect)
{
	g_autofree char *story = g_strdup_printf(CAST "0 device > mosq CONNECT %s => CONNACK\n", connect);
	World *world = world_play(story);
	const Model *model = world->model;
	const Connection *connection = model_connection(model, model_n_connections(model) - 1);
	LibraryGuess guess = recognise_library(model, connection);
	assert_true((guess.library == LIBRARY_UNKNOWN) == (guess.by == NULL));
	world_free(world);
	return guess.library;
}

static void a_library_is_guessed_by_identifier_or_connect(void **state)
{
	(void)state;
	assert_int_equal(library_of("v3.1.1 client=mqttjs_12ab clean_session=1"), LIBRARY_MQTTJS);
	assert_int_equal(library_of("v5 client=mqttjs_12ab clean_start=1 receive_max=20"), LIBRARY_MQTTJS);
	assert_int_equal(library_of("v5 client=pump clean_start=1 receive_max=20"), LIBRARY_LIBMOSQUITTO);
	assert_int_equal(library_of("v5 client=pump clean_start=0 receive_max=20 expiry=never"),
	                 LIBRARY_MOSQUITTO_TOOLS);
	assert_int_equal(library_of("v5 client=pump clean_start=0 receive_max=20 expiry=60"),
	                 LIBRARY_LIBMOSQUITTO);
}

static void ordinary_clients_are_not_guessed(void **state)
{
	(void)state;
	assert_int_equal(library_of("v5 client=pump clean_start=1"), LIBRARY_UNKNOWN);
	assert_int_equal(library_of("v5 client=pump clean_start=1 receive_max=21"), LIBRARY_UNKNOWN);
	assert_int_equal(library_of("v5 client=pump clean_start=1 receive_max=20 max_packet=4096"),
	                 LIBRARY_UNKNOWN);
	assert_int_equal(library_of("v3.1.1 client=pump clean_session=0"), LIBRARY_UNKNOWN);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_broker_is_guessed_by_defaults_that_nobody_changes),
		cmocka_unit_test(anything_else_tells_nothing),
		cmocka_unit_test(what_only_some_answers_have_tells_nothing),
		cmocka_unit_test(a_library_is_guessed_by_identifier_or_connect),
		cmocka_unit_test(ordinary_clients_are_not_guessed),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
