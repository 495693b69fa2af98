/* SPDX-License-Identifier: MIT */
#include "src/verdict/recognise.h"
#include "ui/report/format.h"
#include "ui/report/report_private.h"
#include "ui/report/text_private.h"

static void append_fact(GString *facts, bool holds, const char *says)
{
	if (holds)
		g_string_append_printf(facts, "%s%s", facts->len > 0 ? "; " : "", says);
}

static void append_ways(GString *text, const BrokerFacts *facts)
{
	append_fact(text, facts->queues_qos0, "queues for QoS 0 subscriptions too");
	if (facts->drain_rate > 0)
		g_string_append_printf(text, "%sdelivers what waited at up to %.1f messages a second",
		                       text->len > 0 ? "; " : "", facts->drain_rate);
	append_fact(text, facts->n_resumed_without_subscriptions > 0,
	            "keeps sessions without subscriptions");
	append_fact(text, facts->n_clean_start_kept > 0 && facts->n_clean_start_lost == 0,
	            "keeps sessions begun with Clean Start 1");
	append_fact(text, facts->n_clean_start_kept == 0 && facts->n_clean_start_lost > 0,
	            "did not keep sessions begun with Clean Start 1");
	append_fact(text, facts->v31_session_present, "sets Session Present in MQTT 3.1 too");
	append_fact(text, facts->refuses_v5, "refuses MQTT 5.0");
	append_fact(text, facts->maximum_qos.known && facts->maximum_qos.value == 1, "takes no QoS 2");
	append_fact(text, facts->maximum_qos.known && facts->maximum_qos.value == 0,
	            "takes QoS 0 only");
}

/* Said where it is less than it should be: then publishers are out of sight. */
static void append_pairing(GString *text, const BrokerFacts *facts)
{
	enum { FEW = 3 };
	uint32_t n = facts->n_paired + facts->n_unpaired;
	if (facts->n_unpaired >= FEW)
		g_string_append_printf(text, "%sof %" G_GUINT32_FORMAT " messages that it delivered and "
		                             "that were looked up, %" G_GUINT32_FORMAT " were published by "
		                             "nobody in the capture", text->len > 0 ? "; " : "", n,
		                       facts->n_unpaired);
}

static void append_product(GString *text, const ReportContext *context, const BrokerFacts *facts)
{
	BrokerProduct declared = context->analysis->diagnosis.broker_is;
	BrokerProduct product = recognise_broker(facts);
	if (declared != BROKER_UNKNOWN)
		g_string_append_printf(text, "said to be %s", advice_broker_name(declared));
	else if (product != BROKER_UNKNOWN)
		g_string_append_printf(text, "looks like %s, by its CONNACK", advice_broker_name(product));
}

char *text_learned(const ReportContext *context, const Broker *broker)
{
	const BrokerFacts *facts = &broker->facts;
	GString *text = g_string_new(NULL);
	append_product(text, context, facts);
	char duration[FORMAT_SIZE];
	if (facts->longest_absence_resumed_ns != INT64_MIN) {
		format_duration(facts->longest_absence_resumed_ns, duration);
		g_string_append_printf(text, "%sresumed a session after up to %s",
		                       text->len > 0 ? "; " : "", duration);
	}
	if (facts->shortest_absence_lost_ns != INT64_MIN) {
		format_duration(facts->shortest_absence_lost_ns, duration);
		g_string_append_printf(text, "%slost one, within its expiry, after %s",
		                       text->len > 0 ? "; " : "", duration);
	}
	append_fact(text, facts->announces_expiry, "announces a Session Expiry Interval");
	append_fact(text, facts->reports_no_matching_subscribers,
	            "tells publishers when nobody is subscribed (0x10)");
	append_fact(text, facts->sends_taken_over, "tells of takeovers (0x8E)");
	append_fact(text, facts->sends_keep_alive_timeout, "tells of keep-alive timeouts (0x8D)");
	append_fact(text, facts->sends_shutting_down, "tells when it shuts down (0x8B)");
	append_fact(text, facts->waits_for_will_delay && !facts->sends_wills_early,
	            "lets a Will wait for its Will Delay Interval");
	append_fact(text, facts->redelivery_seen && facts->redelivery_with_dup, "redelivers with DUP 1");
	append_fact(text, facts->redelivery_seen && !facts->redelivery_with_dup,
	            "redelivers with DUP 0, against [MQTT-3.3.1-1]");
	append_pairing(text, facts);
	append_ways(text, facts);
	if (text->len == 0)
		g_string_append(text, "nothing particular");
	return g_string_free(text, FALSE);
}
