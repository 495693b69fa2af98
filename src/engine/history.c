/* SPDX-License-Identifier: MIT */
#include "src/engine/history_private.h"

static void list_clear(const Store *lists)
{
	for (uint32_t i = 0; i < lists->n; i++)
		g_free(((SubscriptionList *)store_at(lists, i))->list);
}

History *history_new(void)
{
	History *history = g_new0(History, 1);
	history->n_refs = 1;
	store_init(&history->events, sizeof(HistoryEvent));
	store_init(&history->octets, sizeof(Octets));
	store_init(&history->texts, sizeof(Octets));
	store_init(&history->subscriptions, sizeof(SubscriptionList));
	store_add(&history->subscriptions);
	store_add(&history->texts);
	history->blocks = g_ptr_array_new_with_free_func(g_free);
	return history;
}

History *history_ref(History *history)
{
	g_atomic_int_inc(&history->n_refs);
	return history;
}

void history_unref(History *history)
{
	if (history == NULL || !g_atomic_int_dec_and_test(&history->n_refs))
		return;
	list_clear(&history->subscriptions);
	store_clear(&history->events);
	store_clear(&history->octets);
	store_clear(&history->texts);
	store_clear(&history->subscriptions);
	g_ptr_array_unref(history->blocks);
	g_free(history->error);
	g_free(history);
}

uint32_t history_n_events(History *history)
{
	return history->events.n;
}

const HistoryEvent *history_event(History *history, uint32_t index)
{
	return store_at(&history->events, index);
}

double history_done(History *history)
{
	return history->done;
}

unsigned history_cut(History *history)
{
	return history->cut;
}

const char *history_error(History *history)
{
	return history->error;
}

ByteSpan history_text(History *history, uint32_t text)
{
	const Octets *octets = store_at(&history->texts, text);
	return (ByteSpan){octets->data, octets->size};
}

ByteSpan history_octets(History *history, uint32_t index)
{
	const Octets *octets = store_at(&history->octets, index);
	return (ByteSpan){octets->data, octets->size};
}

const HistorySubscription *history_subscriptions(History *history, uint32_t subscriptions, uint32_t *n)
{
	const SubscriptionList *list = store_at(&history->subscriptions, subscriptions);
	*n = list->n;
	return list->list;
}
