/* SPDX-License-Identifier: MIT */
#include "dissectors/mqtt_alias.h"

#include <glib.h>
#include <string.h>

typedef struct AliasEntry {
	uint8_t *topic;
	uint32_t epoch; /* the holes before it */
	uint16_t alias; /* 0: free */
	uint16_t size;
} AliasEntry;

/* Open addressing, at most half full; nothing is ever taken out. */
struct MqttAliasMap {
	AliasEntry *entries;
	uint32_t n_entries, capacity;
	uint32_t epoch;
	size_t memory;
	bool full; /* some mapping found no room */
};

enum { CAPACITY_FIRST = 8, TOPIC_OVERHEAD = 16 };

static AliasEntry *find_slot(const MqttAliasMap *map, uint16_t alias)
{
	uint32_t mask = map->capacity - 1;
	uint32_t slot = alias & mask;

	while (map->entries[slot].alias != 0 && map->entries[slot].alias != alias)
		slot = (slot + 1) & mask;
	return &map->entries[slot];
}

static void grow(MqttAliasMap *map)
{
	AliasEntry *old = map->entries;
	uint32_t n = map->capacity;

	map->capacity = n == 0 ? CAPACITY_FIRST : n * 2;
	map->entries = g_new0(AliasEntry, map->capacity);
	map->memory += (map->capacity - n) * sizeof *map->entries;
	for (uint32_t i = 0; i < n; i++) {
		if (old[i].alias != 0)
			*find_slot(map, old[i].alias) = old[i];
	}
	g_free(old);
}

/* The entry of @alias, new if need be; NULL if the bound is reached. */
static AliasEntry *entry_for(MqttAliasMap *map, uint16_t alias)
{
	AliasEntry *entry = map->capacity == 0 ? NULL : find_slot(map, alias);

	if (entry != NULL && entry->alias == alias)
		return entry;
	if (map->n_entries * 2 >= map->capacity) {
		if (map->memory + map->capacity * sizeof *entry > MQTT_ALIAS_MEMORY)
			return NULL;
		grow(map);
		entry = find_slot(map, alias);
	}
	entry->alias = alias;
	map->n_entries++;
	return entry;
}

static void replace_topic(MqttAliasMap *map, AliasEntry *entry, ByteSpan topic)
{
	if (entry->topic != NULL) {
		map->memory -= entry->size + TOPIC_OVERHEAD;
		g_free(entry->topic);
	}
	entry->topic = NULL;
	if (map->memory + topic.size + TOPIC_OVERHEAD > MQTT_ALIAS_MEMORY) {
		map->full = true;
		return;
	}
	entry->topic = g_memdup2(topic.data, topic.size);
	entry->size = (uint16_t)topic.size;
	map->memory += topic.size + TOPIC_OVERHEAD;
}

void mqtt_alias_set(MqttAliasMap **at, uint16_t alias, ByteSpan topic)
{
	AliasEntry *entry;

	if (alias == 0 || topic.size == 0 || topic.size > UINT16_MAX)
		return;
	if (*at == NULL)
		*at = g_new0(MqttAliasMap, 1);
	entry = entry_for(*at, alias);
	if (entry == NULL) {
		(*at)->full = true;
		return;
	}
	entry->epoch = (*at)->epoch;
	if (entry->topic != NULL && entry->size == topic.size &&
	    memcmp(entry->topic, topic.data, topic.size) == 0)
		return;
	replace_topic(*at, entry, topic);
}

MqttAliasState mqtt_alias_get(const MqttAliasMap *map, uint16_t alias, ByteSpan *topic)
{
	const AliasEntry *entry;

	if (map == NULL || map->capacity == 0 || alias == 0)
		return MQTT_ALIAS_NONE;
	entry = find_slot(map, alias);
	if (entry->alias == 0)
		return map->full ? MQTT_ALIAS_STALE : MQTT_ALIAS_NONE;
	if (entry->topic == NULL || entry->epoch != map->epoch)
		return MQTT_ALIAS_STALE;
	*topic = (ByteSpan){entry->topic, entry->size};
	return MQTT_ALIAS_KNOWN;
}

void mqtt_alias_hole(MqttAliasMap *map)
{
	if (map != NULL)
		map->epoch++;
}

void mqtt_alias_free(MqttAliasMap *map)
{
	if (map == NULL)
		return;
	for (uint32_t i = 0; i < map->capacity; i++)
		g_free(map->entries[i].topic);
	g_free(map->entries);
	g_free(map);
}
