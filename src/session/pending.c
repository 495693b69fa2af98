/* SPDX-License-Identifier: MIT */
#include "src/session/pending.h"

#define NO_POSITION UINT32_MAX

/* Entries of one topic and QoS, or of one topic and payload.  Each cursor only moves forward. */
typedef struct Queue {
	uint64_t key;
	uint32_t waiting;   /* the first that has neither come nor been skipped */
	uint32_t open;      /* the first that has not come */
	uint32_t unskipped; /* of a topic: the first that pending_index_skip() has not looked at */
} Queue;

struct PendingIndex {
	GArray *pending;
	GHashTable *topics; /* of Queue, by topic and QoS; linked by next_of_topic */
	GHashTable *alike;  /* of Queue, by topic and payload; linked by next_alike */
};

static uint64_t key_of_topic(uint64_t topic_key, uint8_t qos)
{
	return topic_key + qos;
}

/* Entries whose payload is not known have a queue of their own, and so has what is owed (which
 * comes with QoS 1 or 2) beside what is not (which comes with QoS 0). */
static uint64_t key_alike(uint64_t topic_key, uint8_t qos, bool has_hash, const MqttHash *hash)
{
	uint64_t key = (topic_key + (qos > 0)) * UINT64_C(0x9E3779B97F4A7C15);
	return has_hash ? key ^ hash->low ^ hash->high << 1 : ~key;
}

static Pending *entry_at(const PendingIndex *index, uint32_t position)
{
	return &g_array_index(index->pending, Pending, position);
}

/* Puts @position before the others and returns the one that stood first. */
static uint32_t put_first(GHashTable *queues, uint64_t key, uint32_t position)
{
	Queue *queue = g_hash_table_lookup(queues, &key);
	if (queue == NULL) {
		queue = g_new(Queue, 1);
		queue->key = key;
		queue->open = NO_POSITION;
		g_hash_table_add(queues, queue);
	}
	uint32_t next = queue->open;
	queue->waiting = queue->open = queue->unskipped = position;
	return next;
}

PendingIndex *pending_index_new(GArray *pending)
{
	PendingIndex *index = g_new0(PendingIndex, 1);
	index->pending = pending;
	index->topics = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL);
	index->alike = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL);
	for (uint32_t i = pending->len; i-- > 0;) {
		Pending *entry = entry_at(index, i);
		uint64_t topic = key_of_topic(entry->topic_key, entry->qos);
		uint64_t alike =
			key_alike(entry->topic_key, entry->qos, entry->has_hash, &entry->hash);
		entry->next_of_topic = put_first(index->topics, topic, i);
		entry->next_alike = put_first(index->alike, alike, i);
	}
	return index;
}

void pending_index_free(PendingIndex *index)
{
	if (index == NULL)
		return;
	g_hash_table_unref(index->topics);
	g_hash_table_unref(index->alike);
	g_free(index);
}

typedef struct Found {
	uint32_t waiting, open;
} Found;

/* The first of a queue, after moving its cursors over what they have to pass. */
static Found first_of(const PendingIndex *index, GHashTable *queues, uint64_t key)
{
	Queue *queue = g_hash_table_lookup(queues, &key);
	if (queue == NULL)
		return (Found){NO_POSITION, NO_POSITION};
	size_t next = queues == index->topics ? offsetof(Pending, next_of_topic)
	                                      : offsetof(Pending, next_alike);
	while (queue->waiting != NO_POSITION &&
	       (entry_at(index, queue->waiting)->done || entry_at(index, queue->waiting)->skipped))
		queue->waiting = G_STRUCT_MEMBER(uint32_t, entry_at(index, queue->waiting), next);
	while (queue->open != NO_POSITION && entry_at(index, queue->open)->done)
		queue->open = G_STRUCT_MEMBER(uint32_t, entry_at(index, queue->open), next);
	return (Found){queue->waiting, queue->open};
}

static bool is_match(const Pending *pending, uint64_t key, const MqttPublish *publish)
{
	return pending->topic_key == key && (pending->qos > 0) == (publish->qos > 0) &&
	       (!pending->has_hash || !publish->has_hash ||
	        (pending->hash.low == publish->hash.low && pending->hash.high == publish->hash.high));
}

Pending *pending_index_find(PendingIndex *index, uint64_t key, const MqttPublish *publish)
{
	Found found;
	if (publish->has_hash) {
		uint8_t qos = publish->qos;
		Found known = first_of(index, index->alike, key_alike(key, qos, true, &publish->hash));
		Found unknown = first_of(index, index->alike, key_alike(key, qos, false, NULL));
		found = (Found){MIN(known.waiting, unknown.waiting), MIN(known.open, unknown.open)};
	} else {
		found = first_of(index, index->topics, key_of_topic(key, publish->qos));
	}
	uint32_t position = found.waiting != NO_POSITION ? found.waiting : found.open;
	if (position == NO_POSITION || !is_match(entry_at(index, position), key, publish))
		return NULL;
	return entry_at(index, position);
}

bool pending_index_knows(const PendingIndex *index, uint64_t key, const MqttPublish *publish)
{
	if (!publish->has_hash)
		return false;
	uint64_t owed = key_alike(key, 1, true, &publish->hash), other = key_alike(key, 0, true, &publish->hash);
	return g_hash_table_contains(index->alike, &owed) || g_hash_table_contains(index->alike, &other);
}

void pending_index_skip(PendingIndex *index, uint64_t key, uint8_t qos, const Pending *until)
{
	uint64_t of_topic = key_of_topic(key, qos);
	Queue *queue = g_hash_table_lookup(index->topics, &of_topic);
	if (queue == NULL)
		return;
	while (queue->unskipped != NO_POSITION) {
		Pending *entry = entry_at(index, queue->unskipped);
		if (until != NULL && entry >= until)
			return;
		entry->skipped |= !entry->done && entry->sequence != 0;
		queue->unskipped = entry->next_of_topic;
	}
}
