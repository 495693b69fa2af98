/* SPDX-License-Identifier: MIT */
/* incident_failover: what looked like a restart, but the clients went to another address. */
#include "src/verdict/incidents.h"

#define MOVE_NS (120 * NS_PER_SECOND)

static uint32_t largest_id(const Model *model)
{
	uint32_t largest = 0;
	for (ClientIndex i = 0; i < model_n_clients(model); i++)
		largest = MAX(largest, model_client(model, i)->id);
	return largest;
}

/* For each identifier the number of the candidate, from 1, that hit a client of this name; 0: none. */
static guint *numbers_of_ids(const Model *model, const GArray *candidates)
{
	guint *numbers = g_new0(guint, (gsize)largest_id(model) + 1);
	for (guint i = 0; i < candidates->len; i++) {
		const Candidate *candidate = &g_array_index(candidates, Candidate, i);
		for (guint k = 0; candidate->hit != NULL && k < candidate->hit->len; k++) {
			ClientIndex hit = g_array_index(candidate->hit, ClientIndex, k);
			numbers[model_client(model, hit)->id] = i + 1;
		}
	}
	return numbers;
}

/* The first connection of @client that was accepted soon after @from; NULL if there is none. */
static const Connection *arrival(const Model *model, const Client *client, Instant from)
{
	for (ConnectionIndex i = client->first; i != NO_INDEX;) {
		const Connection *connection = model_connection(model, i);
		if (connection_was_accepted(connection) && connection->connack_time.ns > from.ns)
			return connection->connack_time.ns - from.ns <= MOVE_NS ? connection : NULL;
		i = connection->next;
	}
	return NULL;
}

static void note_move(Candidate *candidate, const Connection *there)
{
	candidate->n_moved++;
	if (candidate->n_moved > 1 && candidate->moved_at.ns <= there->connack_time.ns)
		return;
	candidate->moved_at = there->connack_time;
	candidate->moved_frame = there->connect_frame;
}

void find_failovers(const Model *model, GArray *candidates)
{
	if (model_n_brokers(model) < 2 || candidates->len == 0)
		return;
	g_autofree guint *numbers = numbers_of_ids(model, candidates);
	for (ClientIndex i = 0; i < model_n_clients(model); i++) {
		const Client *client = model_client(model, i);
		guint number = numbers[client->id];
		if (number == 0)
			continue;
		Candidate *candidate = &g_array_index(candidates, Candidate, number - 1);
		if (client->broker == candidate->incident.broker)
			continue;
		const Connection *there = arrival(model, client, candidate->incident.from);
		if (there != NULL)
			note_move(candidate, there);
	}
	for (guint i = 0; i < candidates->len; i++) {
		Candidate *candidate = &g_array_index(candidates, Candidate, i);
		Incident *incident = &candidate->incident;
		/* Those who came back to the same address tell what became of their sessions there. */
		if (candidate->n_moved < 2 || candidate->n_moved * 2 < incident->n_ended ||
		    incident->n_lost + incident->n_resumed > 0)
			continue;
		incident->kind = INCIDENT_FAILOVER;
		incident->to = candidate->moved_at;
		incident->frames[INCIDENT_FRAMES - 1] =
			(IncidentFrame){candidate->moved_frame, candidate->moved_at, 0};
	}
}
