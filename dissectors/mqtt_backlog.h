/* SPDX-License-Identifier: MIT */
/*
 * mqtt_backlog: octets of one direction that wait until they can be judged,
 * with the place where each segment was seen.  Bounded.
 */
#pragma once

#include "dissectors/stream.h"

enum {
	MQTT_BACKLOG_OCTETS = 16384,
	MQTT_BACKLOG_PIECES = 64,
};

typedef struct MqttPiece {
	uint32_t start;   /* of its octets in the backlog */
	bool aligned;     /* it begins a segment */
	uint64_t order;   /* as given by the owner */
	StreamPoint at;
} MqttPiece;

typedef struct MqttBacklog {
	uint8_t *octets;
	uint32_t size, capacity;
	uint32_t n_pieces, piece_capacity;
	MqttPiece *pieces;
} MqttBacklog;

MqttBacklog *mqtt_backlog_new(void);
void mqtt_backlog_free(MqttBacklog *backlog);
/* False, and nothing is added, if a bound would be passed. */
bool mqtt_backlog_add(MqttBacklog *backlog, ByteSpan span, const StreamPoint *at, bool aligned,
                      uint64_t order);
/* Forgets the first @n octets. */
void mqtt_backlog_trim(MqttBacklog *backlog, size_t n);
/* The octets of piece @index. */
ByteSpan mqtt_backlog_piece(const MqttBacklog *backlog, uint32_t index);
ByteSpan mqtt_backlog_octets(const MqttBacklog *backlog);
