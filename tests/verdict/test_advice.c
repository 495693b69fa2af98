/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "src/verdict/advice.h"

/* What sets the interval (5.0) or the bit (3.1.1), from the documentation of each library. */
static const struct {
	ClientLibrary library;
	const char *v5, *v3;
} calls[] = {
	{LIBRARY_MQTTNET, ".WithSessionExpiryInterval(86400)", ".WithCleanSession(false)"},
	{LIBRARY_PAHO_PYTHON, "p.SessionExpiryInterval=86400", "clean_session=False"},
	{LIBRARY_PAHO_JAVA, "setSessionExpiryInterval(86400L)", "setCleanSession(false)"},
	{LIBRARY_PAHO_C, "MQTTPROPERTY_CODE_SESSION_EXPIRY_INTERVAL", "cleansession=0"},
	{LIBRARY_MQTTJS, "sessionExpiryInterval:86400", "clean:false"},
	{LIBRARY_HIVEMQ_CLIENT, "sessionExpiryInterval(86400)", "cleanSession(false)"},
	{LIBRARY_LIBMOSQUITTO, "MQTT_PROP_SESSION_EXPIRY_INTERVAL, 86400",
	 "mosquitto_new(\"fixed\", false"},
	{LIBRARY_MOSQUITTO_TOOLS, "-x 86400", "-c"},
	{LIBRARY_RUMQTTC, "set_session_expiry_interval(Some(86400))", "set_clean_session(false)"},
	{LIBRARY_ESP_MQTT, ".session_expiry_interval=86400", "disable_clean_session=true"},
	{LIBRARY_DART_MQTT5, "startSession(sessionExpiryInterval: 86400)", NULL},
	{LIBRARY_AUTOPAHO, "SessionExpiryInterval: 86400", NULL},
	{LIBRARY_PUBSUBCLIENT, NULL, "connect(id,u,p,wt,wq,wr,wm,false)"},
};
enum { N_CALLS = sizeof(calls) / sizeof(calls[0]) };

static void assert_contains(const char *line, const char *part)
{
	if (!part) {
		assert_null(line);
		return;
	}
	assert_non_null(line);
	if (!strstr(line, part))
		fail_msg("\"%s\" is not in \"%s\"", part, line);
}

static void each_library_is_told_how_to_keep_a_session(void **state)
{
	(void)state;
	assert_int_equal(LIBRARY_N - LIBRARY_FIRST, N_CALLS);
	for (size_t i = 0; i < N_CALLS; i++) {
		assert_contains(advice_client_line(ADVICE_SET_EXPIRY, calls[i].library, true),
				calls[i].v5);
		assert_contains(advice_client_line(ADVICE_SET_EXPIRY, calls[i].library, false),
				calls[i].v3);
	}
}

/* Clean Start 0 alone keeps nothing in 5.0: the advice must not repeat the mistake. */
static void clean_start_advice_for_5_0_never_forgets_the_interval(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_CALLS; i++) {
		const char *line =
			advice_client_line(ADVICE_CLEAN_START_FALSE, calls[i].library, true);

		if (line)
			assert_true(strstr(line, "xpiry") || strstr(line, "EXPIRY") ||
				    strstr(line, "-x "));
	}
}

static void an_unknown_library_is_answered_in_the_words_of_the_standard(void **state)
{
	(void)state;
	assert_contains(advice_client_line(ADVICE_SET_EXPIRY, LIBRARY_UNKNOWN, true),
			"Session Expiry Interval > 0");
	assert_contains(advice_client_line(ADVICE_SET_EXPIRY, LIBRARY_UNKNOWN, false),
			"Clean Session 0");
	for (unsigned kind = ADVICE_NONE + 1; kind < ADVICE_N; kind++)
		assert_non_null(advice_client_line((AdviceKind)kind, LIBRARY_UNKNOWN, true));
}

/* 3.1.1 has no Session Expiry Interval, so nothing may be said about it. */
static void no_advice_for_3_1_1_speaks_of_the_interval(void **state)
{
	(void)state;
	for (unsigned kind = ADVICE_NONE; kind < ADVICE_N; kind++) {
		for (unsigned i = LIBRARY_UNKNOWN; i < LIBRARY_N; i++) {
			const char *line = advice_client_line((AdviceKind)kind, (ClientLibrary)i,
							      false);

			if (line)
				assert_null(strstr(line, "xpiryInterval"));
		}
	}
}

static void there_is_no_advice_for_no_kind(void **state)
{
	(void)state;
	assert_null(advice_client_line(ADVICE_NONE, LIBRARY_UNKNOWN, true));
	assert_null(advice_client_line(ADVICE_NONE, LIBRARY_MQTTJS, true));
	assert_null(advice_client_line(ADVICE_N, LIBRARY_MQTTJS, true));
}

static ClientLibrary guess(const char *client_id)
{
	return advice_guess_library(client_id, strlen(client_id));
}

static void invented_identifiers_betray_their_library(void **state)
{
	(void)state;
	assert_int_equal(guess("mqttjs_8a3f02bc"), LIBRARY_MQTTJS);
	assert_int_equal(guess("mqttx_0d1e2f3a"), LIBRARY_MQTTJS);
	assert_int_equal(guess("paho/34AAEB9D7F2C"), LIBRARY_PAHO_PYTHON);
	assert_int_equal(guess("paho81723645123456"), LIBRARY_PAHO_JAVA);
	assert_int_equal(guess("ESP32_7cA4B1"), LIBRARY_ESP_MQTT);
	assert_int_equal(guess("DVES_2F31A0"), LIBRARY_PUBSUBCLIENT);
}

static void other_identifiers_betray_nothing(void **state)
{
	(void)state;
	assert_int_equal(guess("sensor-17"), LIBRARY_UNKNOWN);
	assert_int_equal(guess("auto-5F1C2A3B-0000-4000-8000-000000000000"), LIBRARY_UNKNOWN);
	assert_int_equal(guess("paho-test-1234567890"), LIBRARY_UNKNOWN);
	assert_int_equal(guess("paho17"), LIBRARY_UNKNOWN);
	assert_int_equal(guess("my-mqttjs_1"), LIBRARY_UNKNOWN);
	assert_int_equal(advice_guess_library("mqttjs_1a2b", 6), LIBRARY_UNKNOWN);
	assert_int_equal(advice_guess_library(NULL, 0), LIBRARY_UNKNOWN);
	assert_int_equal(advice_guess_library("\0\xff", 2), LIBRARY_UNKNOWN);
}

static void libraries_have_names_and_keys_of_their_own(void **state)
{
	(void)state;
	for (unsigned i = LIBRARY_FIRST; i < LIBRARY_N; i++) {
		for (unsigned k = LIBRARY_FIRST; k < i; k++) {
			assert_string_not_equal(advice_library_name((ClientLibrary)i),
						advice_library_name((ClientLibrary)k));
			assert_string_not_equal(advice_library_key((ClientLibrary)i),
						advice_library_key((ClientLibrary)k));
		}
		assert_non_null(advice_library_default((ClientLibrary)i));
	}
	assert_string_equal(advice_library_name(LIBRARY_UNKNOWN), "unknown");
	assert_string_equal(advice_library_key(LIBRARY_N), "unknown");
	assert_null(advice_library_default(LIBRARY_UNKNOWN));
	assert_string_equal(advice_library_name(LIBRARY_MQTTJS), "MQTT.js");
}

static void a_silent_cap_is_raised_by_the_lifetime_setting_of_each_broker(void **state)
{
	(void)state;
	assert_contains(advice_broker_line(CAUSE_SILENT_CAP, BROKER_MOSQUITTO),
			"persistent_client_expiration");
	assert_contains(advice_broker_line(CAUSE_SILENT_CAP, BROKER_EMQX),
			"mqtt.session_expiry_interval");
	assert_contains(advice_broker_line(CAUSE_SILENT_CAP, BROKER_RABBITMQ),
			"mqtt.max_session_expiry_interval_seconds");
	assert_contains(advice_broker_line(CAUSE_SILENT_CAP, BROKER_FLASHMQ),
			"expire_sessions_after_seconds");
	assert_contains(advice_broker_line(CAUSE_SILENT_CAP, BROKER_HIVEMQ), "max-interval");
	for (unsigned i = BROKER_FIRST; i < BROKER_N; i++)
		assert_non_null(advice_broker_line(CAUSE_SILENT_CAP, (BrokerProduct)i));
}

static void other_causes_turn_on_other_settings(void **state)
{
	(void)state;
	assert_contains(advice_broker_line(CAUSE_QUEUE_OVERFLOW, BROKER_MOSQUITTO),
			"max_queued_messages");
	assert_contains(advice_broker_line(CAUSE_RESTART_WITHOUT_PERSISTENCE, BROKER_MOSQUITTO),
			"persistence true");
	assert_contains(advice_broker_line(CAUSE_RESTART_WITHOUT_PERSISTENCE, BROKER_EMQX),
			"durable_sessions.enable");
	assert_contains(advice_broker_line(CAUSE_SUBSCRIPTION_QOS0, BROKER_MOSQUITTO),
			"queue_qos0_messages");
	assert_contains(advice_broker_line(CAUSE_MESSAGE_EXPIRED, BROKER_EMQX),
			"mqtt.message_expiry_interval");
}

/* No setting helps a client that did not ask: it must not be sent to the operator. */
static void no_broker_is_asked_to_change_for_a_clients_own_setting(void **state)
{
	(void)state;
	for (unsigned i = BROKER_UNKNOWN; i <= BROKER_N; i++) {
		assert_null(advice_broker_line(CAUSE_EXPIRY_ABSENT, (BrokerProduct)i));
		assert_null(advice_broker_line(CAUSE_CLEAN_START, (BrokerProduct)i));
	}
	assert_null(advice_broker_line(CAUSE_SILENT_CAP, BROKER_UNKNOWN));
	assert_null(advice_broker_line(CAUSE_NONE, BROKER_EMQX));
	assert_string_equal(advice_broker_name(BROKER_UNKNOWN), "unknown");
	assert_string_equal(advice_broker_name(BROKER_AZURE_EVENT_GRID), "Azure Event Grid");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_library_is_told_how_to_keep_a_session),
		cmocka_unit_test(clean_start_advice_for_5_0_never_forgets_the_interval),
		cmocka_unit_test(an_unknown_library_is_answered_in_the_words_of_the_standard),
		cmocka_unit_test(no_advice_for_3_1_1_speaks_of_the_interval),
		cmocka_unit_test(there_is_no_advice_for_no_kind),
		cmocka_unit_test(invented_identifiers_betray_their_library),
		cmocka_unit_test(other_identifiers_betray_nothing),
		cmocka_unit_test(libraries_have_names_and_keys_of_their_own),
		cmocka_unit_test(a_silent_cap_is_raised_by_the_lifetime_setting_of_each_broker),
		cmocka_unit_test(other_causes_turn_on_other_settings),
		cmocka_unit_test(no_broker_is_asked_to_change_for_a_clients_own_setting),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
