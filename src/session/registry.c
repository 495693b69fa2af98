/* SPDX-License-Identifier: MIT */
#include "src/session/registry.h"

bool model_is_broker(const Model *model, const Endpoint *endpoint)
{
	return g_hash_table_contains(model->broker_by_endpoint, endpoint);
}

void model_note_undecoded(Model *model, const Endpoint *endpoint)
{
	enum { MOST = 65536 };
	uint32_t n = GPOINTER_TO_UINT(g_hash_table_lookup(model->undecoded, endpoint));
	if (n > 0 || g_hash_table_size(model->undecoded) < MOST)
		g_hash_table_replace(model->undecoded, g_memdup2(endpoint, sizeof *endpoint),
		                     GUINT_TO_POINTER(n + 1));
}

static BrokerIndex find_broker(const Model *model, const Endpoint *endpoint)
{
	/* As a rule there are one or two. */
	enum { LOOK = 4 };
	for (BrokerIndex i = 0; i < model->brokers.n && i < LOOK; i++)
		if (endpoint_equal(&broker_at(model, i)->endpoint, endpoint))
			return i;
	if (model->brokers.n <= LOOK)
		return NO_INDEX;
	if (endpoint_equal(&broker_at(model, model->latest_broker)->endpoint, endpoint))
		return model->latest_broker;
	void *known = g_hash_table_lookup(model->broker_by_endpoint, endpoint);
	return known == NULL ? NO_INDEX : GPOINTER_TO_UINT(known) - 1;
}

static BrokerIndex new_broker(Model *model, const Endpoint *endpoint)
{
	BrokerIndex index = model->brokers.n;
	Broker *broker = store_add(&model->brokers);
	broker->endpoint = *endpoint;
	broker->group = index;
	broker->n_undecoded = GPOINTER_TO_UINT(g_hash_table_lookup(model->undecoded, endpoint));
	broker->undecoded = broker->n_undecoded > 0;
	broker->facts.longest_absence_resumed_ns = INT64_MIN;
	broker->facts.shortest_absence_lost_ns = INT64_MIN;
	broker->uptime = (BrokerUptime){INSTANT_UNKNOWN, INSTANT_UNKNOWN, INSTANT_UNKNOWN,
	                                INSTANT_UNKNOWN};
	g_hash_table_insert(model->broker_by_endpoint, &broker->endpoint,
	                    GUINT_TO_POINTER(index + 1));
	return index;
}

BrokerIndex model_add_broker(Model *model, const Endpoint *endpoint)
{
	BrokerIndex known = find_broker(model, endpoint);
	model->latest_broker = known != NO_INDEX ? known : new_broker(model, endpoint);
	return model->latest_broker;
}

/* --- clients ------------------------------------------------------------------------------
 *
 * As a rule one broker knows an identifier: the client stands beside its text.  Those that have the
 * identifier at further brokers are in a table of their own. */

static uint32_t slot_start(uint32_t n_slots, BrokerIndex broker, uint32_t id)
{
	uint64_t key = ((uint64_t)broker << 32 | id) * UINT64_C(0x9E3779B97F4A7C15);
	return (uint32_t)(key >> 32) & (n_slots - 1);
}

static uint32_t slot_of(const Model *model, BrokerIndex broker, uint32_t id)
{
	uint32_t slot = slot_start(model->n_client_slots, broker, id);
	while (model->client_slots[slot] != 0) {
		const Client *client = client_at(model, model->client_slots[slot] - 1);
		if (client->broker == broker && client->key == id)
			return slot;
		slot = (slot + 1) & (model->n_client_slots - 1);
	}
	return slot;
}

static void grow_client_slots(Model *model)
{
	uint32_t *old = model->client_slots, n_old = model->n_client_slots;
	model->n_client_slots = MAX(n_old * 2, 64);
	model->client_slots = large_new0(model->n_client_slots * sizeof(uint32_t));
	for (uint32_t i = 0; i < n_old; i++) {
		if (old[i] == 0)
			continue;
		const Client *client = client_at(model, old[i] - 1);
		model->client_slots[slot_of(model, client->broker, client->key)] = old[i];
	}
	large_free(old, n_old * sizeof(uint32_t));
}

/* Where the client of @broker stands, or is to stand; 0 there: it is not known yet. */
static uint32_t *client_place(Model *model, BrokerIndex broker, uint32_t id, uint32_t *beside)
{
	if (*beside == 0 || client_at(model, *beside - 1)->broker == broker)
		return beside;
	if (model->n_clients_elsewhere >= model->n_client_slots / 2)
		grow_client_slots(model);
	uint32_t *place = &model->client_slots[slot_of(model, broker, id)];
	model->n_clients_elsewhere += *place == 0;
	return place;
}

static bool is_host_key(ByteSpan id)
{
	return id.size == HOST_KEY_SIZE && id.data[0] == 0;
}

ClientIndex model_add_client(Model *model, BrokerIndex broker, ByteSpan id)
{
	uint32_t *beside;
	uint32_t text = interner_add_tagged(model->texts, id, &beside);
	uint32_t *place = client_place(model, broker, text, beside);
	if (*place != 0)
		return *place - 1;

	ClientIndex index = model->clients.n;
	*place = index + 1;
	Client *client = store_add(&model->clients);
	store_add(&model->presences);
	client->broker = broker;
	client->key = text;
	client->id = is_host_key(id) ? interner_add(model->texts, (ByteSpan){id.data, 0}) : text;
	client->first = client->last = client->accepted = client->current = NO_INDEX;
	broker_at(model, broker)->n_clients++;
	return index;
}

ConnectionIndex model_add_connection(Model *model)
{
	forget_if_full(model);
	ConnectionIndex index = model->connections.n;
	Connection *connection = store_add(&model->connections);
	connection->client = connection->previous = connection->next = NO_INDEX;
	connection->broker = connection->accepted_before = connection->same_host_before = NO_INDEX;
	connection->opened = connection->connect_time = connection->connack_time = INSTANT_UNKNOWN;
	connection->closed = connection->last_from_client = INSTANT_UNKNOWN;
	connection->absence = NO_ABSENCE;
	connection->outcome = OUTCOME_NOT_OBSERVABLE;
	return index;
}

AbsenceIndex model_keep_absence(Model *model, const Absence *absence)
{
	AbsenceIndex index = store_take(&model->absences, model->free_absences);
	*absence_at(model, index) = *absence;
	return index;
}

void model_attach(Model *model, ConnectionIndex index, ClientIndex client_index)
{
	Connection *connection = connection_at(model, index);
	Client *client = client_at(model, client_index);
	connection->client = client_index;
	connection->number = ++client->n_connections;
	connection->previous = client->last;
	if (client->last == NO_INDEX)
		client->first = index;
	else
		connection_at(model, client->last)->next = index;
	client->last = index;
}
