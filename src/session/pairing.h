/* SPDX-License-Identifier: MIT */
/*
 * pairing: whether what brokers deliver is what clients were seen to publish.
 *
 * If much of it is not, publishers are out of sight, and if none of it is, though the payloads are
 * known, the broker rewrites topics: either way the cost of an absence cannot be told exactly.  And
 * what is published at one listener and delivered at another of the same host shows that they are one
 * broker.  Messages of QoS 1 and 2 alone, and of many a sample that both sides agree on.
 */
#pragma once

#include "src/session/model_private.h"

typedef struct Pairs Pairs;

/* A client's PUBLISH of QoS 1 or 2; a Will of a CONNECT that was accepted. */
void pairing_published(Live *live, const MqttPublish *publish);
void pairing_will(Live *live);
/* A PUBLISH of QoS 1 or 2 to a client. */
void pairing_delivered(Live *live, const MqttPublish *publish);

/* The two are listeners of one broker, for all that is known. */
static inline bool is_one_broker(const Model *model, BrokerIndex a, BrokerIndex b)
{
	return a == b || broker_at(model, a)->group == broker_at(model, b)->group;
}

/* Listeners of one host, which may be one broker or several. */
static inline bool may_be_one_broker(const Model *model, BrokerIndex a, BrokerIndex b)
{
	return !is_one_broker(model, a, b) &&
	       ip_address_equal(&broker_at(model, a)->endpoint.address,
	                        &broker_at(model, b)->endpoint.address);
}
