/* SPDX-License-Identifier: MIT */
#include "src/engine/history_batch.h"

#include <string.h>

enum { BLOCK_SIZE = 1 << 18 };

typedef struct Answer {
	uint32_t event, by;
} Answer;

struct HistoryBatch {
	History *history;
	GArray *events;        /* of HistoryEvent */
	GArray *octets;        /* of Octets, one for each */
	GArray *texts;         /* of Octets */
	GArray *subscriptions; /* of SubscriptionList */
	GArray *answers;       /* of Answer */
	GPtrArray *blocks;
	GHashTable *known;     /* GBytes -> index of a text */
	uint8_t *room;
	size_t left;           /* of it */
	uint64_t n_octets;     /* kept in all */
	unsigned cut; /* HistoryCut */
};

HistoryBatch *history_batch_new(History *history)
{
	HistoryBatch *batch = g_new0(HistoryBatch, 1);
	batch->history = history_ref(history);
	batch->events = g_array_new(FALSE, FALSE, sizeof(HistoryEvent));
	batch->octets = g_array_new(FALSE, FALSE, sizeof(Octets));
	batch->texts = g_array_new(FALSE, FALSE, sizeof(Octets));
	batch->subscriptions = g_array_new(FALSE, FALSE, sizeof(SubscriptionList));
	batch->answers = g_array_new(FALSE, FALSE, sizeof(Answer));
	batch->blocks = g_ptr_array_new_with_free_func(g_free);
	batch->known = g_hash_table_new_full(g_bytes_hash, g_bytes_equal,
	                                     (GDestroyNotify)g_bytes_unref, NULL);
	return batch;
}

void history_batch_free(HistoryBatch *batch)
{
	for (guint i = 0; i < batch->subscriptions->len; i++)
		g_free(g_array_index(batch->subscriptions, SubscriptionList, i).list);
	g_array_unref(batch->events);
	g_array_unref(batch->octets);
	g_array_unref(batch->texts);
	g_array_unref(batch->subscriptions);
	g_array_unref(batch->answers);
	g_ptr_array_unref(batch->blocks);
	g_hash_table_unref(batch->known);
	history_unref(batch->history);
	g_free(batch);
}

static uint8_t *room_for(HistoryBatch *batch, size_t size)
{
	if (batch->left < size) {
		batch->left = MAX(size, BLOCK_SIZE);
		batch->room = g_malloc(batch->left);
		g_ptr_array_add(batch->blocks, batch->room);
	}
	uint8_t *room = batch->room;
	batch->room += size;
	batch->left -= size;
	batch->n_octets += size;
	return room;
}

static Octets keep(HistoryBatch *batch, ByteSpan octets)
{
	if (octets.size == 0)
		return (Octets){NULL, 0};
	if (octets.size > HISTORY_OCTETS_MOST - MIN(batch->n_octets, HISTORY_OCTETS_MOST)) {
		batch->cut |= HISTORY_CUT_OCTETS;
		return (Octets){NULL, 0};
	}
	uint8_t *room = room_for(batch, octets.size);
	memcpy(room, octets.data, octets.size);
	return (Octets){room, (uint32_t)octets.size};
}

int32_t history_batch_event(HistoryBatch *batch, const HistoryEvent *event, ByteSpan octets)
{
	uint32_t index = batch->history->events.n + batch->events->len;
	if (index >= HISTORY_EVENTS_MOST) {
		batch->cut |= HISTORY_CUT_EVENTS;
		return -1;
	}
	Octets kept = keep(batch, octets);
	g_array_append_val(batch->events, *event);
	g_array_append_val(batch->octets, kept);
	return (int32_t)index;
}

uint32_t history_batch_text(HistoryBatch *batch, ByteSpan text)
{
	if (text.size == 0)
		return 0;
	g_autoptr(GBytes) key = g_bytes_new(text.data, text.size);
	void *known;
	if (g_hash_table_lookup_extended(batch->known, key, NULL, &known))
		return GPOINTER_TO_UINT(known);
	Octets kept = keep(batch, text);
	if (kept.size == 0)
		return 0;
	uint32_t index = batch->history->texts.n + batch->texts->len;
	g_array_append_val(batch->texts, kept);
	g_hash_table_insert(batch->known, g_steal_pointer(&key), GUINT_TO_POINTER(index));
	return index;
}

uint32_t history_batch_subscriptions(HistoryBatch *batch, HistorySubscription *list, uint32_t n)
{
	SubscriptionList one = {list, n};
	batch->n_octets += n * sizeof *list;
	g_array_append_val(batch->subscriptions, one);
	return batch->history->subscriptions.n + batch->subscriptions->len - 1;
}

void history_batch_answer(HistoryBatch *batch, int32_t event, int32_t by)
{
	Answer answer = {(uint32_t)event, (uint32_t)by};
	if (event >= 0 && by >= 0)
		g_array_append_val(batch->answers, answer);
}

static void move(Store *to, GArray *from)
{
	for (guint i = 0; i < from->len; i++)
		memcpy(store_add(to), from->data + i * to->element_size, to->element_size);
	g_array_set_size(from, 0);
}

void history_batch_publish(HistoryBatch *batch)
{
	History *history = batch->history;
	move(&history->events, batch->events);
	move(&history->octets, batch->octets);
	move(&history->texts, batch->texts);
	move(&history->subscriptions, batch->subscriptions);
	for (guint i = 0; i < batch->blocks->len; i++)
		g_ptr_array_add(history->blocks, batch->blocks->pdata[i]);
	g_ptr_array_set_free_func(batch->blocks, NULL);
	g_ptr_array_set_size(batch->blocks, 0);
	g_ptr_array_set_free_func(batch->blocks, g_free);
	for (guint i = 0; i < batch->answers->len; i++) {
		const Answer *answer = &g_array_index(batch->answers, Answer, i);
		HistoryEvent *event = store_at(&history->events, answer->event);
		event->answered_by = (int32_t)answer->by;
	}
	g_array_set_size(batch->answers, 0);
	history->cut |= batch->cut;
}
