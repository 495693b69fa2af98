/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "src/session/expiry.h"

#define ABSENT {false, 0}
#define IS(n) {true, n}
#define NEVER 0xFFFFFFFFu

typedef struct Case {
	const char *clause;
	uint8_t version;
	bool clean;
	OptionalU32 connect, connack, disconnect;
	ExpirySource source;
	uint32_t seconds;
} Case;

static const Case cases[] = {
	{"3.1.1 [MQTT-3.1.2-4]", MQTT_3_1_1, false, ABSENT, ABSENT, ABSENT,
	 EXPIRY_FROM_CLEAN_SESSION, NEVER},
	{"3.1.1 [MQTT-3.1.2-6]", MQTT_3_1_1, true, ABSENT, ABSENT, ABSENT,
	 EXPIRY_FROM_CLEAN_SESSION, 0},
	{"3.1, Clean Session 0", MQTT_3_1, false, ABSENT, ABSENT, ABSENT,
	 EXPIRY_FROM_CLEAN_SESSION, NEVER},
	{"3.1, Clean Session 1", MQTT_3_1, true, ABSENT, ABSENT, ABSENT,
	 EXPIRY_FROM_CLEAN_SESSION, 0},

	/* CONNECT alone; Clean Start has no say in it */
	{"5.0 §3.1.2.11.2: absent is 0", MQTT_5_0, false, ABSENT, ABSENT, ABSENT,
	 EXPIRY_FROM_DEFAULT, 0},
	{"5.0 §3.1.2.11.2: absent is 0", MQTT_5_0, true, ABSENT, ABSENT, ABSENT,
	 EXPIRY_FROM_DEFAULT, 0},
	{"5.0 §3.1.2.11.2", MQTT_5_0, false, IS(0), ABSENT, ABSENT, EXPIRY_FROM_CONNECT, 0},
	{"5.0 [MQTT-3.1.2-23]", MQTT_5_0, false, IS(300), ABSENT, ABSENT, EXPIRY_FROM_CONNECT, 300},
	{"5.0 [MQTT-3.1.2-23]", MQTT_5_0, true, IS(300), ABSENT, ABSENT, EXPIRY_FROM_CONNECT, 300},
	{"5.0 §3.1.2.11.2: 0xFFFFFFFF", MQTT_5_0, false, IS(NEVER), ABSENT, ABSENT,
	 EXPIRY_FROM_CONNECT, NEVER},

	/* CONNACK instead of what the client asked */
	{"5.0 §3.2.2.3.2: lowered", MQTT_5_0, false, IS(86400), IS(3600), ABSENT,
	 EXPIRY_FROM_CONNACK, 3600},
	{"5.0 §3.2.2.3.2: lowered to 0", MQTT_5_0, false, IS(300), IS(0), ABSENT,
	 EXPIRY_FROM_CONNACK, 0},
	{"5.0 §3.2.2.3.2: raised", MQTT_5_0, false, IS(60), IS(600), ABSENT, EXPIRY_FROM_CONNACK, 600},
	{"5.0 §3.2.2.3.2: raised from absent", MQTT_5_0, false, ABSENT, IS(600), ABSENT,
	 EXPIRY_FROM_CONNACK, 600},
	{"5.0 §3.2.2.3.2: raised from 0", MQTT_5_0, false, IS(0), IS(600), ABSENT,
	 EXPIRY_FROM_CONNACK, 600},
	{"5.0 §3.2.2.3.2: never, lowered", MQTT_5_0, false, IS(NEVER), IS(7200), ABSENT,
	 EXPIRY_FROM_CONNACK, 7200},

	/* DISCONNECT */
	{"5.0 §3.14.2.2.2: cancelled", MQTT_5_0, false, IS(300), ABSENT, IS(0),
	 EXPIRY_FROM_DISCONNECT, 0},
	{"5.0 §3.14.2.2.2: lowered", MQTT_5_0, false, IS(300), ABSENT, IS(60),
	 EXPIRY_FROM_DISCONNECT, 60},
	{"5.0 §3.14.2.2.2: raised", MQTT_5_0, false, IS(300), ABSENT, IS(9000),
	 EXPIRY_FROM_DISCONNECT, 9000},
	{"5.0 §3.14.2.2.2: for ever", MQTT_5_0, false, IS(300), ABSENT, IS(NEVER),
	 EXPIRY_FROM_DISCONNECT, NEVER},
	{"5.0 §3.14.2.2.2: after CONNACK", MQTT_5_0, false, IS(300), IS(200), IS(100),
	 EXPIRY_FROM_DISCONNECT, 100},
	{"5.0 §3.14.2.2.2: 0 after CONNACK raised it", MQTT_5_0, false, ABSENT, IS(600), IS(0),
	 EXPIRY_FROM_DISCONNECT, 0},
	{"5.0 §3.14.2.2.2: 0 after 0 is no error", MQTT_5_0, false, IS(0), ABSENT, IS(0),
	 EXPIRY_FROM_DISCONNECT, 0},
	{"5.0 §3.14.2.2.2: 0 after absent is no error", MQTT_5_0, false, ABSENT, ABSENT, IS(0),
	 EXPIRY_FROM_DISCONNECT, 0},
	{"5.0 §3.14.2.2.2: protocol error", MQTT_5_0, false, ABSENT, ABSENT, IS(300),
	 EXPIRY_DISCONNECT_INVALID, 0},
	{"5.0 §3.14.2.2.2: protocol error", MQTT_5_0, false, IS(0), ABSENT, IS(300),
	 EXPIRY_DISCONNECT_INVALID, 0},
	{"5.0 §3.14.2.2.2: protocol error", MQTT_5_0, true, IS(0), ABSENT, IS(NEVER),
	 EXPIRY_DISCONNECT_INVALID, 0},
};

static Connection connection_of(const Case *at)
{
	return (Connection){
		.version = at->version,
		.connect_seen = true,
		.connack_seen = true,
		.clean_start = at->clean,
		.expiry_connect = at->connect,
		.expiry_connack = at->connack,
		.expiry_disconnect = at->disconnect,
	};
}

static void the_interval_is_what_the_standard_says(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		Connection connection = connection_of(&cases[i]);

		Expiry expiry = connection_expiry(&connection);

		if (expiry.source != cases[i].source || expiry.seconds != cases[i].seconds)
			fail_msg("case %zu, %s: source %d, %u s", i, cases[i].clause, expiry.source,
			         expiry.seconds);
		assert_true(expiry_known(expiry));
	}
}

/* The clause tests the CONNECT value; brokers that test their own disagree: nobody can know. */
static void a_disconnect_against_a_connack_override_is_ambiguous(void **state)
{
	(void)state;
	const Case lowered = {"", MQTT_5_0, false, IS(300), IS(0), IS(60), 0, 0};
	const Case raised = {"", MQTT_5_0, false, ABSENT, IS(600), IS(60), 0, 0};
	Connection a = connection_of(&lowered), b = connection_of(&raised);

	assert_int_equal(connection_expiry(&a).source, EXPIRY_AMBIGUOUS);
	assert_int_equal(connection_expiry(&b).source, EXPIRY_AMBIGUOUS);
	assert_false(expiry_known(connection_expiry(&a)));
	assert_false(expiry_known(connection_expiry(&b)));
}

static void without_the_connect_nothing_is_known(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		Connection connection = connection_of(&cases[i]);
		connection.connect_seen = false;

		assert_false(expiry_known(connection_expiry(&connection)));
	}
}

/* §3.2.2.3.2: an override could have stood in it; 3.x has none. */
static void without_the_connack_a_5_0_interval_is_not_known(void **state)
{
	(void)state;
	Connection new = {.version = MQTT_5_0, .connect_seen = true, .expiry_connect = IS(300)};
	Connection old = {.version = MQTT_3_1_1, .connect_seen = true};

	assert_int_equal(connection_expiry(&new).source, EXPIRY_UNKNOWN);
	assert_int_equal(connection_expiry(&old).source, EXPIRY_FROM_CLEAN_SESSION);
	assert_int_equal(connection_expiry(&old).seconds, EXPIRY_NEVER);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_interval_is_what_the_standard_says),
		cmocka_unit_test(a_disconnect_against_a_connack_override_is_ambiguous),
		cmocka_unit_test(without_the_connect_nothing_is_known),
		cmocka_unit_test(without_the_connack_a_5_0_interval_is_not_known),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
