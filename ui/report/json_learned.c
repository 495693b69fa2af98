/* SPDX-License-Identifier: MIT */
#include "src/verdict/recognise.h"
#include "ui/report/report_private.h"

static void write_seen(JsonWriter *writer, const char *key, bool seen)
{
	json_key(writer, key);
	if (seen)
		json_bool(writer, true);
	else
		json_null(writer); /* not to have seen it proves nothing */
}

static void write_number(JsonWriter *writer, const char *key, OptionalU32 number)
{
	json_key(writer, key);
	if (number.known)
		json_number(writer, number.value);
	else
		json_null(writer);
}

/* True and false are both claims: null where both were seen, or none. */
static void write_either(JsonWriter *writer, const char *key, bool yes, bool no)
{
	json_key(writer, key);
	if (yes == no)
		json_null(writer);
	else
		json_bool(writer, yes);
}

static void write_ways(JsonWriter *writer, const BrokerFacts *facts)
{
	write_seen(writer, "queues_qos0", facts->queues_qos0);
	/* Not a time, but a number with decimals likewise. */
	json_key(writer, "drain_rate");
	json_seconds(writer, facts->drain_rate > 0 ? (int64_t)(facts->drain_rate * 1e9) : INT64_MIN);
	write_seen(writer, "keeps_sessions_without_subscriptions",
	           facts->n_resumed_without_subscriptions > 0);
	write_either(writer, "keeps_sessions_of_clean_start", facts->n_clean_start_kept > 0,
	             facts->n_clean_start_lost > 0);
	write_seen(writer, "session_present_in_mqtt31", facts->v31_session_present);
	write_seen(writer, "refuses_mqtt5", facts->refuses_v5);
	write_number(writer, "maximum_qos", facts->maximum_qos);
	write_number(writer, "receive_maximum", facts->receive_maximum);
	write_number(writer, "topic_alias_maximum", facts->topic_alias_maximum);
}

/* The share of what it delivered that a client was seen to publish. */
static void write_pairing(JsonWriter *writer, const BrokerFacts *facts)
{
	uint32_t n = facts->n_paired + facts->n_unpaired;
	json_key(writer, "pairing_coverage");
	/* Not a time, but a number with decimals likewise. */
	json_seconds(writer, n == 0 ? INT64_MIN
	                            : (int64_t)((double)facts->n_paired / (double)n * 1e9));
	json_key(writer, "deliveries_without_publisher");
	json_number(writer, facts->n_unpaired);
}

static void write_facts(JsonWriter *writer, const BrokerFacts *facts)
{
	write_seen(writer, "reports_no_matching_subscribers",
	           facts->reports_no_matching_subscribers);
	json_key(writer, "longest_gap_resumed");
	json_seconds(writer, facts->longest_absence_resumed_ns);
	json_key(writer, "shortest_gap_lost");
	json_seconds(writer, facts->shortest_absence_lost_ns);
	json_key(writer, "dup_on_redelivery");
	if (facts->redelivery_seen)
		json_bool(writer, facts->redelivery_with_dup);
	else
		json_null(writer);
	write_seen(writer, "announces_expiry", facts->announces_expiry);
	write_seen(writer, "sends_taken_over", facts->sends_taken_over);
	write_seen(writer, "sends_keep_alive_timeout", facts->sends_keep_alive_timeout);
	write_seen(writer, "sends_shutting_down", facts->sends_shutting_down);
	write_either(writer, "waits_for_will_delay", facts->waits_for_will_delay,
	             facts->sends_wills_early);
	write_ways(writer, facts);
	write_pairing(writer, facts);
}

static void write_product(JsonWriter *writer, const ReportContext *context, const Broker *broker)
{
	BrokerProduct declared = context->analysis->diagnosis.broker_is;
	BrokerProduct product = declared != BROKER_UNKNOWN ? declared
	                                                   : recognise_broker(&broker->facts);
	json_key(writer, "product");
	if (product == BROKER_UNKNOWN) {
		json_null(writer);
		return;
	}
	json_begin_object(writer);
	json_key(writer, "name");
	json_string(writer, advice_broker_name(product));
	json_key(writer, "declared");
	json_bool(writer, declared != BROKER_UNKNOWN);
	json_end_object(writer);
}

void json_broker_learned(JsonWriter *writer, const ReportContext *context, const Broker *broker)
{
	json_key(writer, "learned");
	json_begin_object(writer);
	write_facts(writer, &broker->facts);
	json_end_object(writer);
	write_product(writer, context, broker);
}
