/* SPDX-License-Identifier: MIT */
/*
 * deliveries: QoS 1 and 2 messages in flight to clients, recycled.
 *
 * A tag is what the exchange of the PUBLISH carries: index + 1, 0 for none.
 */
#pragma once

#include "src/session/model_private.h"

/* A QoS 1 or 2 PUBLISH to a client that is not acknowledged yet. */
struct Delivery {
	MqttHash hash;
	uint64_t topic_hash;
	Instant time;
	FrameRef frame;
	uint32_t next_free;
	uint32_t expiry; /* Message Expiry Interval in seconds; UINT32_MAX: none */
	uint8_t qos;
	uint8_t topic_size;
	uint8_t topic[86]; /* its beginning, for the report */
};

/* 0 if the packet does not tell what it carries. */
uint32_t delivery_begin(Model *model, const MqttEvent *event);
void delivery_end(Model *model, uint32_t tag);
static inline Delivery *delivery_at(const Model *model, uint32_t tag)
{
	return store_at(&model->deliveries, tag - 1);
}
