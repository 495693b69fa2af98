/* SPDX-License-Identifier: MIT */
#include "src/session/renamed.h"

#include <stdlib.h>
#include <string.h>

#include "src/session/away.h"
#include "src/session/id_shape.h"

/* One client of a host: the time in which it is seen alive, and what all of one family share. */
typedef struct Use {
	uint64_t host;   /* broker and address, hashed */
	uint64_t family; /* shape of the identifier and what the device wants, hashed */
	int64_t begin, end;
	ClientIndex client;
} Use;

static uint64_t mix(uint64_t hash, uint64_t value)
{
	hash = (hash ^ value) * UINT64_C(0x9E3779B97F4A7C15);
	return hash ^ hash >> 29;
}

static uint64_t host_of(const Connection *connection)
{
	uint64_t parts[2];
	memcpy(parts, connection->source.address.octets, sizeof parts);
	return mix(mix(mix(1, connection->broker), parts[0]), parts[1]);
}

/* The same filters in any order, the same user, the same version. */
static uint64_t family_of(const Model *model, const Client *client, const Connection *first)
{
	uint64_t filters = 0;
	for (uint32_t i = 0; i < client->n_subscriptions; i++)
		filters += mix(client->subscriptions[i].qos, client->subscriptions[i].filter);
	uint64_t user = first->has_username ? UINT64_C(1) + first->username : 0;
	uint64_t wants = mix(mix(filters, user), first->version | (uint64_t)first->keep_alive << 8 |
	                                          (uint64_t)first->has_will << 24);
	return mix(wants, id_shape(interner_text(model->texts, client->id)));
}

/* How long the client is known to have lived: a close by the broker may come long after. */
static int64_t end_of(const Model *model, const Client *client)
{
	const Connection *last = connection_at(model, client->last);
	if (client->current != NO_INDEX || !instant_known(last->closed))
		return INT64_MAX;
	bool waited = last->close_kind == CLOSE_KEEP_ALIVE && instant_known(last->last_from_client);
	return waited ? last->last_from_client.ns : last->closed.ns;
}

static bool is_named(const Model *model, const Client *client)
{
	return interner_text(model->texts, client->id).size > 0 && client->first != NO_INDEX &&
	       connection_at(model, client->first)->connect_seen &&
	       !connection_at(model, client->first)->empty_client_id;
}

/* It left something behind and never came for it. */
static bool is_orphaned(const Model *model, ClientIndex index)
{
	const Away *away = presence_at(model, index)->away;
	const Client *client = client_at(model, index);
	return away != NULL && away_is_open(away) && client->current == NO_INDEX &&
	       client->n_subscriptions > 0 && is_named(model, client);
}

/* --- gathering ---------------------------------------------------------------------------- */

/* Hosts by hash; the lowest bit tells that more than one client came from there. */
typedef struct Hosts {
	uint64_t *slots; /* 0: free */
	uint32_t mask;
	bool any; /* a host has several clients, one of them orphaned */
} Hosts;

enum { HOST_SHARED = 1, HOST_ORPHANED = 2, HOST_BOTH = HOST_SHARED | HOST_ORPHANED };

static uint64_t *slot_of(const Hosts *hosts, uint64_t host)
{
	uint64_t key = (host & ~(uint64_t)HOST_BOTH) | 4;
	uint32_t at = (uint32_t)((host ^ host >> 32) * UINT64_C(0x9E3779B97F4A7C15) >> 32) & hosts->mask;
	while (hosts->slots[at] != 0 && (hosts->slots[at] & ~(uint64_t)HOST_BOTH) != key)
		at = (at + 1) & hosts->mask;
	return &hosts->slots[at];
}

static Hosts list_hosts(const Model *model, Breath *breath)
{
	Hosts hosts = {.mask = 15};
	while (hosts.mask < model->clients.n * 2)
		hosts.mask = hosts.mask * 2 + 1;
	hosts.slots = large_new0(((size_t)hosts.mask + 1) * sizeof(uint64_t));
	for (ClientIndex i = 0; i < model->clients.n; i++) {
		const Client *client = client_at(model, i);
		breath_take(breath);
		if (!is_named(model, client))
			continue;
		uint64_t host = host_of(connection_at(model, client->first));
		uint64_t *slot = slot_of(&hosts, host);
		*slot = *slot != 0 ? *slot | HOST_SHARED : (host & ~(uint64_t)HOST_BOTH) | 4;
		if (is_orphaned(model, i))
			*slot |= HOST_ORPHANED;
		hosts.any |= (*slot & HOST_BOTH) == HOST_BOTH;
	}
	return hosts;
}

static void hosts_clear(Hosts *hosts)
{
	large_free(hosts->slots, ((size_t)hosts->mask + 1) * sizeof(uint64_t));
}

static int compare_uses(const void *a, const void *b)
{
	const Use *x = a, *y = b;
	if (x->host != y->host)
		return x->host < y->host ? -1 : 1;
	if (x->family != y->family)
		return x->family < y->family ? -1 : 1;
	if (x->begin != y->begin)
		return x->begin < y->begin ? -1 : 1;
	return (x->client > y->client) - (x->client < y->client);
}

/* All clients of hosts that have several, one of them orphaned. */
static GArray *list_uses(const Model *model, const Hosts *hosts, Breath *breath)
{
	GArray *uses = g_array_new(FALSE, FALSE, sizeof(Use));
	for (ClientIndex i = 0; i < model->clients.n; i++) {
		const Client *client = client_at(model, i);
		breath_take(breath);
		if (!is_named(model, client))
			continue;
		const Connection *first = connection_at(model, client->first);
		uint64_t host = host_of(first);
		if ((*slot_of(hosts, host) & HOST_BOTH) != HOST_BOTH)
			continue;
		Use use = {host, family_of(model, client, first), first->connect_time.ns,
		           end_of(model, client), i};
		g_array_append_val(uses, use);
	}
	breath_out(breath);
	g_array_sort(uses, compare_uses);
	breath_in(breath);
	return uses;
}

/* --- judging ------------------------------------------------------------------------------ */

/* Two were alive at once: several devices, each with its own name. */
static bool overlaps(const Use *uses, guint n)
{
	for (guint i = 0; i + 1 < n; i++)
		if (uses[i].end > uses[i + 1].begin)
			return true;
	return false;
}

static void link_names(Model *model, const Use *old, const Use *new, bool alone)
{
	const Client *before = client_at(model, old->client), *after = client_at(model, new->client);
	Connection *arrival = connection_at(model, after->first);
	if (!is_orphaned(model, old->client) || arrival->outcome != OUTCOME_FIRST_SEEN || arrival->number > 1 ||
	    arrival->clean_start || before->accepted == NO_INDEX)
		return;
	IdDifference difference = id_difference(interner_text(model->texts, before->id),
	                                        interner_text(model->texts, after->id),
	                                        new->begin - old->begin);
	if (difference == ID_UNRELATED)
		return;
	Remarks *remarks = remarks_of(model, arrival);
	remarks->name_before = before->accepted + 1;
	remarks->name_difference = (uint8_t)difference;
	remarks->only_name_of_host = alone;
	away_abandon(model, presence_at(model, old->client)->away, after->first);
}

static void link_family(Model *model, const Use *uses, guint n, bool alone)
{
	if (n < 2 || overlaps(uses, n))
		return;
	for (guint i = 0; i + 1 < n; i++)
		link_names(model, &uses[i], &uses[i + 1], alone);
}

static guint count_same(const Use *uses, guint n, bool family)
{
	guint same = 1;
	while (same < n && uses[same].host == uses->host &&
	       (!family || uses[same].family == uses->family))
		same++;
	return same;
}

void note_renamed(Model *model, Breath *breath)
{
	Hosts hosts = list_hosts(model, breath);
	g_autoptr(GArray) list = hosts.any ? list_uses(model, &hosts, breath)
	                                   : g_array_new(FALSE, FALSE, sizeof(Use));
	hosts_clear(&hosts);
	const Use *uses = (const Use *)(const void *)list->data;
	guint of_host = 0;
	for (guint i = 0, host_end = 0; i < list->len;) {
		if (i >= host_end) {
			of_host = count_same(uses + i, list->len - i, false);
			host_end = i + of_host;
		}
		guint n = count_same(uses + i, list->len - i, true);
		link_family(model, uses + i, n, n == of_host);
		i += n;
		breath_take(breath);
	}
}
