/* SPDX-License-Identifier: MIT */
/*
 * broker_facts: what the capture shows about one broker, without a theory of why.
 */
#pragma once

#include "src/session/connection.h"

/* INT64_MIN where nothing was seen. */
typedef struct BrokerFacts {
	int64_t longest_absence_resumed_ns;
	int64_t shortest_absence_lost_ns; /* within its expiry */
	uint32_t n_resumed;
	uint32_t n_resumed_without_subscriptions;
	bool reports_no_matching_subscribers; /* 0x10 seen */
	bool denies_subscribers; /* the same for messages to clients that were connected: no proof */
	bool waits_for_will_delay;   /* a Will came after its Will Delay Interval */
	bool sends_wills_early;      /* before it, although the session lived: no proof */
	bool announces_expiry;  /* Session Expiry Interval seen in a CONNACK */
	bool sends_taken_over;  /* 0x8E */
	bool sends_keep_alive_timeout; /* 0x8D */
	bool sends_shutting_down; /* 0x8B */
	bool redelivery_seen, redelivery_with_dup;
	bool queues_qos0;  /* messages for QoS 0 subscriptions came after an absence */
	double drain_rate; /* messages a second that had waited, the fastest seen; 0: not seen */
	/* of its deliveries, a sample: those that a client was seen to publish, those that none was, and
	 * of these the ones whose payload was published under another topic */
	uint32_t n_paired, n_unpaired, n_elsewhere;
	bool refuses_v5; /* by return code 1 of MQTT 3.1.1, or 0x84 */
	/* 5.0 sessions begun with Clean Start 1 and an interval, whose client came back within it */
	uint32_t n_clean_start_kept, n_clean_start_lost;
	/* MQTT 3.1 has no Session Present; some brokers set that bit all the same */
	bool v31_session_present;
	/* the CONNACKs of 5.0 that accept: which properties all of them have, and any of them has, as
	 * 1u << MqttPropertyIndex, and the last values */
	uint32_t n_connacks_v5;
	uint32_t connack_always, connack_ever;
	OptionalU32 receive_maximum, topic_alias_maximum, maximum_qos;
} BrokerFacts;
