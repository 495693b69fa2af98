/* SPDX-License-Identifier: MIT */
/*
 * history_tap: the octets of one side of an MQTT connection, from the end of the last control packet
 * on, as far as they may be wanted.
 */
#pragma once

#include <glib.h>

#include "dissectors/bytes.h"

typedef struct Tap {
	uint64_t offset;   /* of the next octet, as in MqttEvent */
	uint64_t taken;    /* those before it are in packets that are done */
	GByteArray *carry; /* from an earlier call; NULL: nothing */
	uint64_t carry_at; /* the offset of its first octet */
	ByteSpan span;     /* of the call under way */
	uint64_t span_at;
} Tap;

void tap_clear(Tap *tap);
/* Around the call that may make packets of @span. */
void tap_begin(Tap *tap, ByteSpan span);
void tap_end(Tap *tap, bool wanted);
void tap_gap(Tap *tap, uint64_t n_octets);
/* Appends to @packet those of the @size octets from @offset on that are there, up to the first that is
 * not.  Within a call. */
void tap_packet(const Tap *tap, uint64_t offset, uint64_t size, GByteArray *packet);
/* Nothing before @offset will be wanted. */
void tap_taken(Tap *tap, uint64_t offset);
