/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "src/session/deliveries.h"
#include "src/session/model_private.h"
#include "src/session/registry.h"

static int setup(void **state)
{
	*state = model_new();
	return 0;
}

static int teardown(void **state)
{
	model_free(*state);
	return 0;
}

static ByteSpan span(const char *text)
{
	return (ByteSpan){(const uint8_t *)text, strlen(text)};
}

static Endpoint endpoint(uint8_t last, uint16_t port)
{
	return (Endpoint){.address = {{[15] = last}}, .port = port};
}

static BrokerIndex broker(Model *model, uint8_t last, uint16_t port)
{
	Endpoint at = endpoint(last, port);
	return model_add_broker(model, &at);
}

static void a_broker_is_an_address_and_a_port(void **state)
{
	Model *model = *state;

	assert_int_equal(broker(model, 5, 1883), 0);
	assert_int_equal(broker(model, 5, 1884), 1);
	assert_int_equal(broker(model, 6, 1883), 2);
	assert_int_equal(broker(model, 5, 1883), 0);
	assert_int_equal(model_n_brokers(model), 3);
}

static void a_client_is_an_identifier_at_a_broker(void **state)
{
	Model *model = *state;
	BrokerIndex here = broker(model, 5, 1883), there = broker(model, 6, 1883);

	ClientIndex a = model_add_client(model, here, span("a"));
	ClientIndex b = model_add_client(model, there, span("a"));
	ClientIndex c = model_add_client(model, here, span("A"));

	assert_true(a != b && b != c && a != c);
	assert_int_equal(model_add_client(model, here, span("a")), a);
	assert_int_equal(model_broker(model, here)->n_clients, 2);
	assert_int_equal(model_client(model, a)->id, model_client(model, b)->id);
}

static void thousands_of_clients_are_found_again_at_the_same_place(void **state)
{
	Model *model = *state;
	BrokerIndex here = broker(model, 5, 1883);
	const Client *first = NULL;
	for (unsigned i = 0; i < 10000; i++) {
		g_autofree char *id = g_strdup_printf("client-%u", i);
		assert_int_equal(model_add_client(model, here, span(id)), i);
		if (i == 0)
			first = model_client(model, 0);
	}

	for (unsigned i = 0; i < 10000; i += 7) {
		g_autofree char *id = g_strdup_printf("client-%u", i);
		assert_int_equal(model_add_client(model, here, span(id)), i);
	}
	assert_ptr_equal(model_client(model, 0), first); /* elements never move */
	assert_int_equal(model_n_clients(model), 10000);
}

/* U+0000 cannot stand in an identifier: such a key is a host, and the client has no name. */
/* The brokers take turns: the client that stands beside an identifier is now of one, now of another. */
static void the_same_identifiers_at_several_brokers_are_different_clients(void **state)
{
	enum { BROKERS = 5, NAMES = 300 };
	Model *model = *state;
	ClientIndex clients[BROKERS][NAMES];
	char name[16];
	for (unsigned i = 0; i < BROKERS * NAMES; i++) {
		unsigned port = (i + i / BROKERS) % BROKERS;
		BrokerIndex broker = model_add_broker(model, &(Endpoint){.port = (uint16_t)(port + 1)});
		g_snprintf(name, sizeof name, "c%u", i / BROKERS);
		clients[port][i / BROKERS] = model_add_client(model, broker, span(name));
	}

	assert_int_equal(model_n_clients(model), BROKERS * NAMES);
	for (unsigned port = 0; port < BROKERS; port++) {
		BrokerIndex broker = model_add_broker(model, &(Endpoint){.port = (uint16_t)(port + 1)});
		for (unsigned i = 0; i < NAMES; i++) {
			g_snprintf(name, sizeof name, "c%u", i);
			assert_int_equal(model_add_client(model, broker, span(name)), clients[port][i]);
			assert_int_equal(model_client(model, clients[port][i])->broker, broker);
		}
	}
	assert_int_equal(model_n_clients(model), BROKERS * NAMES);
}

static void a_client_known_by_its_host_has_an_empty_identifier(void **state)
{
	Model *model = *state;
	BrokerIndex here = broker(model, 5, 1883);
	uint8_t one[HOST_KEY_SIZE] = {[16] = 1}, two[HOST_KEY_SIZE] = {[16] = 2};

	ClientIndex a = model_add_client(model, here, (ByteSpan){one, sizeof one});
	ClientIndex b = model_add_client(model, here, (ByteSpan){two, sizeof two});

	assert_int_not_equal(a, b);
	assert_int_equal(model_text(model, model_client(model, a)->id).size, 0);
	assert_int_equal(model_text(model, model_client(model, b)->id).size, 0);
}

static void connections_of_a_client_are_a_chain(void **state)
{
	Model *model = *state;
	ClientIndex a = model_add_client(model, broker(model, 5, 1883), span("a"));
	ConnectionIndex one = model_add_connection(model), stranger = model_add_connection(model);
	ConnectionIndex two = model_add_connection(model);

	model_attach(model, one, a);
	model_attach(model, two, a);

	assert_int_equal(model_client(model, a)->first, one);
	assert_int_equal(model_client(model, a)->last, two);
	assert_int_equal(model_client(model, a)->n_connections, 2);
	assert_int_equal(model_connection(model, one)->previous, NO_INDEX);
	assert_int_equal(model_connection(model, one)->next, two);
	assert_int_equal(model_connection(model, two)->previous, one);
	assert_int_equal(model_connection(model, two)->next, NO_INDEX);
	assert_int_equal(model_connection(model, two)->number, 2);
	assert_int_equal(model_connection(model, stranger)->client, NO_INDEX);
	assert_int_equal(model_connection(model, stranger)->outcome, OUTCOME_NOT_OBSERVABLE);
	assert_false(instant_known(model_connection(model, stranger)->closed));
}

static void no_absence_is_null(void **state)
{
	assert_null(model_absence(*state, NO_ABSENCE));
}

/* A slot for what is in flight is used again; tag 0 is none. */
static void deliveries_are_recycled(void **state)
{
	Model *model = *state;
	MqttPacket packet = {.type = MQTT_PUBLISH,
	                     .publish = {.qos = 1, .topic_known = true, .has_hash = true,
	                                 .resolved_topic = span("a/b")}};
	MqttEvent event = {.packet = &packet};

	uint32_t one = delivery_begin(model, &event), two = delivery_begin(model, &event);
	delivery_end(model, one);
	delivery_end(model, 0);
	uint32_t three = delivery_begin(model, &event);
	packet.publish.topic_known = false;

	assert_true(one != 0 && two != 0 && one != two);
	assert_int_equal(three, one);
	assert_memory_equal(delivery_at(model, two)->topic, "a/b", 3);
	assert_int_equal(delivery_begin(model, &event), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_broker_is_an_address_and_a_port),
		TEST(a_client_is_an_identifier_at_a_broker),
		TEST(thousands_of_clients_are_found_again_at_the_same_place),
		TEST(the_same_identifiers_at_several_brokers_are_different_clients),
		TEST(a_client_known_by_its_host_has_an_empty_identifier),
		TEST(connections_of_a_client_are_a_chain),
		TEST(no_absence_is_null),
		TEST(deliveries_are_recycled),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
