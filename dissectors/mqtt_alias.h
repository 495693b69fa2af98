/* SPDX-License-Identifier: MIT */
/*
 * mqtt_alias: the topic aliases of one direction (5.0 §3.3.2.3.4).
 *
 * Created at the first mapping, bounded in memory.  A mapping that precedes a
 * hole is not trusted: a packet in the hole may have changed it.
 */
#pragma once

#include "dissectors/bytes.h"

enum { MQTT_ALIAS_MEMORY = 1 << 19 }; /* octets for one direction */

typedef enum MqttAliasState {
	MQTT_ALIAS_NONE,  /* never mapped, as far as was seen */
	MQTT_ALIAS_KNOWN,
	MQTT_ALIAS_STALE, /* mapped, but a hole or the memory bound came between */
} MqttAliasState;

typedef struct MqttAliasMap MqttAliasMap;

/* Maps @alias (1..65535) to @topic, which is copied. */
void mqtt_alias_set(MqttAliasMap **map, uint16_t alias, ByteSpan topic);
/* KNOWN: *topic points into the map until the alias is set again. */
MqttAliasState mqtt_alias_get(const MqttAliasMap *map, uint16_t alias, ByteSpan *topic);
/* A hole: no mapping made so far is certain. */
void mqtt_alias_hole(MqttAliasMap *map);
void mqtt_alias_free(MqttAliasMap *map);
