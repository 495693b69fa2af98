/* SPDX-License-Identifier: MIT */
/*
 * mqtt_tree_walk: adds field after field of a decoded packet.  Private to mqtt_tree*.c.
 *
 * What the packet holds mqtt_decode() has said; here it is only found where that
 * stands.  Once a field is not where it should be, the walk is lost: it adds
 * nothing more but what is left.
 */
#pragma once

#include "dissectors/mqtt_tree.h"

typedef struct TreeWalk {
	GArray *fields;    /* of MqttField */
	ByteSpan octets;
	uint32_t at;       /* of the next field */
	bool lost;
	const MqttPacket *packet;
} TreeWalk;

static inline uint32_t tree_left(const TreeWalk *walk)
{
	return (uint32_t)walk->octets.size - walk->at;
}

/* No room for more fields. */
static inline bool tree_full(const TreeWalk *walk)
{
	return walk->fields->len >= MQTT_TREE_MAX_FIELDS;
}

/* The next octet; 0 behind the last. */
uint8_t tree_octet(const TreeWalk *walk);
/* A field of @size octets; @value is taken over, and may be NULL. */
void tree_value(TreeWalk *walk, unsigned depth, const char *label, uint32_t size, char *value);
/* Length and octets of what the decoder gave as @text; false and lost if it does not stand here. */
bool tree_string(TreeWalk *walk, unsigned depth, const char *label, ByteSpan text, MqttPrivacy privacy);
/* The next @size octets: data, or a payload, which may be text. */
void tree_octets(TreeWalk *walk, unsigned depth, const char *label, uint32_t size, MqttPrivacy privacy);
/* @size octets that hold @text. */
void tree_span(TreeWalk *walk, unsigned depth, const char *label, uint32_t size, ByteSpan text,
               MqttPrivacy privacy);
/* Bits of the octet before; @value is taken over, NULL: their number. */
void tree_bits(TreeWalk *walk, unsigned depth, const char *label, uint8_t mask, char *value);
/* A value that no octet says. */
void tree_implied(TreeWalk *walk, unsigned depth, const char *label, const char *value,
                  const char *clause);
/* A field with parts, from here to where it is closed. */
guint tree_open(TreeWalk *walk, unsigned depth, const char *label);
/* @value is taken over, and may be NULL. */
void tree_close(TreeWalk *walk, guint opened, char *value);

/* Property Length, properties of a packet of type @where (MQTT_RESERVED: Will Properties), and
 * those that are implied. */
void tree_properties(TreeWalk *walk, MqttType where, const MqttProperties *properties);
