/* SPDX-License-Identifier: MIT */
/*
 * content_key: one number for what a message says, to know it again.
 */
#pragma once

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "dissectors/mqtt_packet.h"

static inline uint64_t mix64(uint64_t value)
{
	value *= UINT64_C(0x9E3779B97F4A7C15);
	return value ^ value >> 32;
}

static inline MqttHash payload_hash(ByteSpan payload)
{
	XXH128_hash_t hash = XXH3_128bits(payload.data, payload.size);
	return (MqttHash){hash.low64, hash.high64};
}

/* Payloads of QoS 0 are not hashed as they pass; for few of them it is worth it.  False if the payload
 * is not all there. */
static inline bool publish_hash(const MqttPublish *publish, MqttHash *hash)
{
	if (publish->has_hash)
		*hash = publish->hash;
	else if (publish->payload.size == publish->payload_size)
		*hash = payload_hash(publish->payload);
	else
		return false;
	return true;
}

/* Of @topic and the hash of a payload, and whatever else @salt is to tell apart; never 0. */
static inline uint64_t content_key(ByteSpan topic, MqttHash payload, uint32_t salt)
{
	uint64_t key = mix64(XXH3_64bits(topic.data, topic.size) ^ mix64(payload.low + salt));
	return key != 0 ? key : 1;
}
