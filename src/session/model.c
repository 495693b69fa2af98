/* SPDX-License-Identifier: MIT */
#include "src/session/model_private.h"

#include "src/session/away.h"
#include "src/session/deliveries.h"
#include "src/session/filter_log.h"
#include "src/session/stalls.h"
#include "src/session/unfinished.h"

static unsigned endpoint_hash(const void *key)
{
	const Endpoint *endpoint = key;
	unsigned hash = endpoint->port;
	for (size_t i = 0; i < sizeof endpoint->address.octets; i++)
		hash = hash * 31 + endpoint->address.octets[i];
	return hash;
}

static int endpoint_is_equal(const void *a, const void *b)
{
	return endpoint_equal(a, b);
}

static void begin_store(Model *model, Store *store, size_t element_size)
{
	store_init(store, element_size);
	store_share(store, &model->arena);
}

/* Of some, the first element stands for none. */
static void begin_stores(Model *model)
{
	begin_store(model, &model->brokers, sizeof(Broker));
	begin_store(model, &model->clients, sizeof(Client));
	begin_store(model, &model->presences, sizeof(Presence));
	begin_store(model, &model->connections, sizeof(Connection));
	begin_store(model, &model->absences, sizeof(Absence));
	begin_store(model, &model->remarks, sizeof(Remarks));
	store_add(&model->remarks);
	begin_store(model, &model->resumes, sizeof(Resume));
	begin_store(model, &model->stalls, sizeof(Stall));
	begin_store(model, &model->clues, sizeof(Clue));
	store_add(&model->clues);
	begin_store(model, &model->unheards, sizeof(Unheard));
	begin_store(model, &model->backends, sizeof(uint32_t));
	store_add(&model->backends);
	begin_store(model, &model->marks, sizeof(Mark));
	begin_store(model, &model->deliveries, sizeof(Delivery));
}

Model *model_new(void)
{
	Model *model = g_new0(Model, 1);
	model->counts.first = model->counts.last = model->counts.forgotten_until = INSTANT_UNKNOWN;
	model->arena.many = true;
	begin_stores(model);
	model->texts = interner_new();
	interner_share(model->texts, &model->arena);
	model->topics = topics_new();
	topics_share(model->topics, &model->arena);
	model->messages = message_log_new();
	model->unkept = unkept_new();
	model->filter_logs = filter_logs_new();
	model->undecoded = g_hash_table_new_full(endpoint_hash, endpoint_is_equal, g_free, NULL);
	model->broker_by_endpoint = g_hash_table_new(endpoint_hash, endpoint_is_equal);
	model->latest_broker = NO_INDEX;
	model->suspects = g_hash_table_new_full(NULL, NULL, NULL, (GDestroyNotify)stalls_free);
	model->look_at = STALLS_NOTHING;
	model->unfinished = g_hash_table_new_full(NULL, NULL, NULL, (GDestroyNotify)unfinished_free);
	model->unnamed_by_host = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL);
	return model;
}

static void free_aways(Model *model)
{
	for (ClientIndex i = 0; i < model->presences.n; i++) {
		Away *away = presence_at(model, i)->away;
		if (away != NULL)
			away_clear(away);
	}
	store_clear(&model->presences);
}

void model_free(Model *model)
{
	if (model == NULL)
		return;
	if (model->clocks != NULL)
		g_array_unref(model->clocks);
	for (uint32_t i = 0; i < model->clients.n; i++)
		g_free(client_at(model, i)->subscriptions);
	for (uint32_t i = 0; i < model->absences.n; i++)
		absence_clear(absence_at(model, i));
	free_aways(model);
	g_hash_table_unref(model->unnamed_by_host);
	g_hash_table_unref(model->unfinished);
	g_clear_pointer(&model->groups, g_hash_table_unref);
	pairs_free(model->pairs);
	g_clear_pointer(&model->watches, g_ptr_array_unref);
	g_clear_pointer(&model->wills, g_hash_table_unref);
	g_free(model->replays);
	g_free(model->prints);
	g_hash_table_unref(model->suspects);
	g_hash_table_unref(model->broker_by_endpoint);
	g_hash_table_unref(model->undecoded);
	g_clear_pointer(&model->free_absences, g_array_unref);
	g_clear_pointer(&model->resting_absences, g_array_unref);
	if (model->held_absences != NULL)
		g_queue_free_full(model->held_absences, (GDestroyNotify)g_array_unref);
	g_clear_pointer(&model->untold, g_hash_table_unref);
	g_clear_pointer(&model->free_remarks, g_array_unref);
	g_clear_pointer(&model->followers, g_hash_table_unref);
	store_clear(&model->brokers);
	store_clear(&model->clients);
	store_clear(&model->connections);
	store_clear(&model->absences);
	store_clear(&model->remarks);
	store_clear(&model->resumes);
	store_clear(&model->stalls);
	store_clear(&model->clues);
	store_clear(&model->backends);
	store_clear(&model->marks);
	store_clear(&model->unheards);
	store_clear(&model->deliveries);
	interner_free(model->texts);
	topics_free(model->topics);
	message_log_free(model->messages);
	unkept_free(model->unkept);
	filter_logs_free(model->filter_logs);
	large_free(model->client_slots, model->n_client_slots * sizeof(uint32_t));
	arena_clear(&model->arena);
	g_free(model);
}

const ModelCounts *model_counts(const Model *model)
{
	return &model->counts;
}

uint32_t model_n_brokers(const Model *model)
{
	return model->brokers.n;
}

uint32_t model_n_clients(const Model *model)
{
	return model->clients.n;
}

uint32_t model_n_connections(const Model *model)
{
	return model->connections.n;
}

const Broker *model_broker(const Model *model, BrokerIndex index)
{
	return broker_at(model, index);
}

const Client *model_client(const Model *model, ClientIndex index)
{
	return client_at(model, index);
}

const Connection *model_connection(const Model *model, ConnectionIndex index)
{
	return connection_at(model, index);
}

const Absence *model_absence(const Model *model, AbsenceIndex index)
{
	return index == NO_ABSENCE ? NULL : absence_at(model, index);
}

uint32_t model_n_marks(const Model *model)
{
	return model->marks.n;
}

const Mark *model_mark(const Model *model, uint32_t index)
{
	return store_at_size(&model->marks, index, sizeof(Mark));
}

AbsenceIndex model_missed(const Model *model, const Connection *connection, MissedKind kind)
{
	uint32_t index = model_remarks(model, connection)->missed[kind];
	return index == 0 ? NO_ABSENCE : index - 1;
}

const Remarks *model_remarks(const Model *model, const Connection *connection)
{
	return store_at_size(&model->remarks, connection->remarks, sizeof(Remarks));
}

const Resume *model_resume(const Model *model, const Connection *connection)
{
	uint32_t resume = model_remarks(model, connection)->resume;
	return resume == 0 ? NULL : store_at(&model->resumes, resume - 1);
}

const Stall *model_stall(const Model *model, const Connection *connection)
{
	uint32_t stall = model_remarks(model, connection)->stall;
	return stall == 0 ? NULL : store_at(&model->stalls, stall - 1);
}

Resume *resume_of(Model *model, Connection *connection)
{
	Remarks *remarks = remarks_of(model, connection);
	if (remarks->resume == 0) {
		Resume *resume = store_add(&model->resumes);
		resume->not_redelivered = resume->unreleased = resume->own_missing = NO_ABSENCE;
		remarks->resume = model->resumes.n;
	}
	return store_at(&model->resumes, remarks->resume - 1);
}

const Unheard *model_unheard(const Model *model, const Connection *connection)
{
	uint32_t unheard = model_remarks(model, connection)->unheard;
	return unheard == 0 ? NULL : store_at(&model->unheards, unheard - 1);
}

Remarks *remarks_of(Model *model, Connection *connection)
{
	if (connection->remarks == 0)
		connection->remarks = store_take(&model->remarks, model->free_remarks);
	return store_at_size(&model->remarks, connection->remarks, sizeof(Remarks));
}

ByteSpan model_text(const Model *model, uint32_t text)
{
	return interner_text(model->texts, text);
}

ByteSpan model_topic(const Model *model, uint32_t topic)
{
	return topics_topic(model->topics, topic);
}

ByteSpan model_filter(const Model *model, uint32_t filter)
{
	return topics_filter(model->topics, filter);
}
