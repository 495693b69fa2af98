/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "src/verdict/cause.h"

/* Typed from the contract and the taxonomy, not from the table under test. */
static const struct {
	const char *name, *responsible;
} expected[] = {
	{"expiry-absent", "client-config"},
	{"expiry-zero", "client-config"},
	{"clean-start", "client-config"},
	{"clean-start-per-process", "client-config"},
	{"disconnect-expiry-zero", "client-config"},
	{"disconnect-expiry-invalid", "client-bug"},
	{"expiry-dropped", "client-config"},
	{"version-switch", "client-config"},
	{"expired", "client-config"},
	{"client-id-changed", "client-config"},
	{"client-id-assigned", "client-config"},
	{"subscription-qos0", "client-config"},
	{"published-qos0", "client-config"},
	{"expiry-shortened", "broker-policy"},
	{"silent-cap", "broker-policy"},
	{"restart-without-persistence", "broker-policy"},
	{"queue-overflow", "broker-policy"},
	{"overflow-ended-session", "broker-policy"},
	{"qos-downgraded", "broker-policy"},
	{"message-expired", "client-config"},
	{"packet-too-large", "client-config"},
	{"shared-to-another", "client-config"},
	{"permission-withdrawn", "broker-policy"},
	{"admin-removed", "other-actor"},
	{"no-persistent-sessions", "broker-policy"},
	{"clean-start-not-stored", "broker-fault"},
	{"dropped-unexplained", "unknowable"},
	{"persistence-incomplete", "broker-fault"},
	{"no-subscriptions", "broker-fault"},
	{"subscription-missing", "broker-fault"},
	{"inflight-not-redelivered", "broker-fault"},
	{"pubrel-not-resent", "broker-fault"},
	{"qos2-replayed", "broker-fault"},
	{"doomed-session-resumed", "broker-fault"},
	{"kept-past-expiry", "broker-fault"},
	{"other-broker", "network"},
	{"other-namespace", "network"},
	{"client-id-takeover", "other-actor"},
	{"half-open", "network"},
	{"receive-window-stuck", "client-bug"},
	{"acked-before-subscribe", "client-bug"},
	{"state-kept", "client-bug"},
	{"no-resubscribe", "client-bug"},
	{"client-inflight-lost", "client-bug"},
	{"resume-rejected", "client-bug"},
	{"retained-replay", "client-config"},
	{"session-present-after-clean-start", "broker-fault"},
	{"clean-session-before", "client-config"},
	{"queued-messages-missing", "broker-fault"},
};
enum { N_EXPECTED = sizeof(expected) / sizeof(expected[0]) };

static void every_cause_of_the_contract_is_there_with_its_responsible_party(void **state)
{
	(void)state;
	assert_int_equal(CAUSE_N - CAUSE_FIRST, N_EXPECTED);
	for (size_t i = 0; i < N_EXPECTED; i++) {
		CauseId cause = cause_by_name(expected[i].name);

		if (cause == CAUSE_NONE)
			fail_msg("no cause is called %s", expected[i].name);
		assert_string_equal(responsible_name(cause_info(cause)->responsible),
				    expected[i].responsible);
	}
}

/* Two causes of one name would send the second to the first. */
static void every_name_leads_back_to_its_own_cause(void **state)
{
	(void)state;
	for (unsigned i = CAUSE_FIRST; i < CAUSE_N; i++)
		assert_int_equal(cause_by_name(cause_name((CauseId)i)), i);
}

static void what_is_no_cause_has_no_facts_and_no_name(void **state)
{
	(void)state;
	assert_int_equal(cause_by_name("expiry-Absent"), CAUSE_NONE);
	assert_int_equal(cause_by_name("expiry"), CAUSE_NONE);
	assert_int_equal(cause_by_name(""), CAUSE_NONE);
	assert_int_equal(cause_by_name(NULL), CAUSE_NONE);
	assert_null(cause_info(CAUSE_NONE));
	assert_null(cause_info(CAUSE_N));
	assert_string_equal(cause_name(CAUSE_NONE), "unknown");
	assert_string_equal(cause_name(CAUSE_N), "unknown");
}

static void the_names_of_the_contract_are_spelt_as_there(void **state)
{
	(void)state;
	assert_string_equal(confidence_name(CONFIDENCE_PROVEN), "proven");
	assert_string_equal(confidence_name(CONFIDENCE_STRONG), "strong");
	assert_string_equal(confidence_name(CONFIDENCE_CONSISTENT), "consistent");
	assert_string_equal(confidence_name(CONFIDENCE_CANNOT_KNOW), "cannot-know");
	assert_string_equal(severity_name(SEVERITY_LOSS), "loss");
	assert_string_equal(severity_name(SEVERITY_RISK), "risk");
	assert_string_equal(severity_name(SEVERITY_NOTE), "note");
	assert_string_equal(responsible_name(RESPONSIBLE_UNKNOWABLE), "unknowable");
	assert_string_equal(responsible_name(RESPONSIBLE_N), "unknown");
	assert_string_equal(confidence_name(CONFIDENCE_N), "unknown");
	assert_string_equal(severity_name(SEVERITY_N), "unknown");
}

/* An operator's deletion never shows on the wire. */
static void a_brokers_fault_in_a_whole_session_is_never_called_proven(void **state)
{
	(void)state;
	for (unsigned i = CAUSE_FIRST; i < CAUSE_N; i++) {
		const CauseInfo *info = cause_info((CauseId)i);

		if (info->group == CAUSE_GROUP_SESSION &&
		    info->responsible == RESPONSIBLE_BROKER_FAULT)
			assert_true(info->cap >= CONFIDENCE_STRONG);
	}
	assert_int_equal(cause_info(CAUSE_QUEUED_MESSAGES_MISSING)->cap, CONFIDENCE_STRONG);
	assert_int_equal(cause_info(CAUSE_SESSION_PRESENT_AFTER_CLEAN_START)->cap,
			 CONFIDENCE_PROVEN);
	assert_int_equal(cause_info(CAUSE_CLEAN_SESSION_BEFORE)->cap, CONFIDENCE_PROVEN);
	assert_int_equal(cause_info(CAUSE_ADMIN_REMOVED)->cap, CONFIDENCE_CANNOT_KNOW);
}

static void the_cap_only_weakens(void **state)
{
	(void)state;
	assert_int_equal(confidence_capped(CAUSE_SILENT_CAP, CONFIDENCE_PROVEN),
			 CONFIDENCE_STRONG);
	assert_int_equal(confidence_capped(CAUSE_SILENT_CAP, CONFIDENCE_CONSISTENT),
			 CONFIDENCE_CONSISTENT);
	assert_int_equal(confidence_capped(CAUSE_EXPIRY_ABSENT, CONFIDENCE_PROVEN),
			 CONFIDENCE_PROVEN);
	assert_int_equal(confidence_capped(CAUSE_NONE, CONFIDENCE_PROVEN), CONFIDENCE_PROVEN);
}

/* The order of decision for Session Present 0, as far as the taxonomy fixes it. */
static void causes_of_a_lost_session_stand_in_the_order_of_decision(void **state)
{
	static const char *const order[] = {
		"client-id-assigned",     "client-id-changed",
		"expiry-absent",          "expiry-zero",
		"disconnect-expiry-zero", "disconnect-expiry-invalid",
		"expiry-dropped",         "version-switch",
		"expired",                "expiry-shortened",
		"client-id-takeover",     "other-broker",
		"other-namespace",        "restart-without-persistence",
		"persistence-incomplete", "overflow-ended-session",
		"no-subscriptions",       "silent-cap",
		"clean-start-not-stored", "no-persistent-sessions",
		"dropped-unexplained",
	};

	(void)state;
	for (size_t i = 1; i < sizeof(order) / sizeof(order[0]); i++)
		assert_true(cause_by_name(order[i - 1]) < cause_by_name(order[i]));
}

static void groups_follow_one_another(void **state)
{
	(void)state;
	for (unsigned i = CAUSE_FIRST + 1; i < CAUSE_N; i++)
		assert_true(cause_info((CauseId)(i - 1))->group <= cause_info((CauseId)i)->group);
}

static void headlines_fit_a_row_and_end_without_full_stop(void **state)
{
	(void)state;
	for (unsigned i = CAUSE_FIRST; i < CAUSE_N; i++) {
		const char *headline = cause_info((CauseId)i)->headline;
		size_t length = strlen(headline);

		assert_in_range(length, 10, 66);
		assert_int_not_equal(headline[length - 1], '.');
	}
}

static void assert_no_pointer_is_missing(const CauseText *text)
{
	assert_non_null(text->meaning);
	assert_non_null(text->proof);
	assert_non_null(text->refutation);
	assert_non_null(text->fix);
	assert_non_null(text->developer_does);
	assert_non_null(text->other_words);
	assert_true(strlen(text->meaning) > 40 && strlen(text->proof) > 20);
	assert_true(strlen(text->refutation) > 20 && strlen(text->fix) > 15);
}

static void every_cause_has_its_prose(void **state)
{
	(void)state;
	for (unsigned i = CAUSE_FIRST; i < CAUSE_N; i++)
		assert_no_pointer_is_missing(cause_info((CauseId)i)->text);
}

/* The word belongs to faults: what the standard orders is no dropping. */
static void no_lawful_broker_is_said_to_drop_anything(void **state)
{
	(void)state;
	for (unsigned i = CAUSE_FIRST; i < CAUSE_N; i++) {
		const CauseInfo *info = cause_info((CauseId)i);

		assert_null(strstr(info->text->meaning, "dropped"));
		assert_null(strstr(info->headline, "dropped"));
	}
}

/* Where the wire shows only an answer, the text speaks of the answer. */
static void a_brokers_fault_is_worded_as_what_the_broker_at_an_address_did(void **state)
{
	(void)state;
	for (unsigned i = CAUSE_FIRST; i < CAUSE_N; i++) {
		const CauseInfo *info = cause_info((CauseId)i);

		if (info->group == CAUSE_GROUP_SESSION &&
		    (info->responsible == RESPONSIBLE_BROKER_FAULT ||
		     info->responsible == RESPONSIBLE_UNKNOWABLE))
			assert_non_null(strstr(info->text->meaning, "broker at that address "
								    "answered Session Present 0"));
	}
}

static void expiry_absent_names_the_error_in_the_standard(void **state)
{
	const CauseInfo *info = cause_info(CAUSE_EXPIRY_ABSENT);

	(void)state;
	assert_non_null(strstr(info->text->meaning, "§3.1.2.11.2"));
	assert_non_null(strstr(info->text->meaning, "known editing error"));
	assert_non_null(strstr(info->clauses, "5.0 §3.1.2.11.2"));
	assert_non_null(strstr(info->clauses, "5.0 [MQTT-3.1.2-23]"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_cause_of_the_contract_is_there_with_its_responsible_party),
		cmocka_unit_test(every_name_leads_back_to_its_own_cause),
		cmocka_unit_test(what_is_no_cause_has_no_facts_and_no_name),
		cmocka_unit_test(the_names_of_the_contract_are_spelt_as_there),
		cmocka_unit_test(a_brokers_fault_in_a_whole_session_is_never_called_proven),
		cmocka_unit_test(the_cap_only_weakens),
		cmocka_unit_test(causes_of_a_lost_session_stand_in_the_order_of_decision),
		cmocka_unit_test(groups_follow_one_another),
		cmocka_unit_test(headlines_fit_a_row_and_end_without_full_stop),
		cmocka_unit_test(every_cause_has_its_prose),
		cmocka_unit_test(no_lawful_broker_is_said_to_drop_anything),
		cmocka_unit_test(a_brokers_fault_is_worded_as_what_the_broker_at_an_address_did),
		cmocka_unit_test(expiry_absent_names_the_error_in_the_standard),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
