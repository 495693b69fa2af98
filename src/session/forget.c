/* SPDX-License-Identifier: MIT */
#include "src/session/forget.h"

#include "src/session/away_private.h"
#include "src/session/model_private.h"
#include "src/session/unfinished_private.h"

/* What a client's next packets may be compared with begins with this one of its connections. */
static ConnectionIndex first_needed(const Model *model, ClientIndex index)
{
	const Client *client = client_at(model, index);
	const Away *away = presence_at(model, index)->away;
	ConnectionIndex first = MIN(client->last, MIN(client->accepted, client->current));
	if (client->accepted != NO_INDEX)
		first = MIN(first, connection_at(model, client->accepted)->accepted_before);
	if (away != NULL)
		first = MIN(first, away->from);
	const Unfinished *unfinished = !client->left_unfinished ? NULL :
		g_hash_table_lookup(model->unfinished, GUINT_TO_POINTER(index + 1));
	return unfinished == NULL ? first : MIN(first, unfinished->from);
}

/* The last that is known of it. */
static int64_t end_of(const Connection *connection)
{
	if (instant_known(connection->closed))
		return connection->closed.ns;
	return MAX(MAX(connection->opened.ns, connection->connack_time.ns),
	           MAX(connection->connect_time.ns, connection->last_from_client.ns));
}

static bool is_needed(const Model *model, ConnectionIndex index)
{
	const Connection *connection = connection_at(model, index);
	if (connection->client == NO_INDEX || connection->followed || end_of(connection) > model->room.told.ns)
		return true;
	/* Its end may have become known long after it. */
	bool untold = model->untold != NULL && g_hash_table_contains(model->untold, GUINT_TO_POINTER(index + 1));
	return untold || index >= first_needed(model, connection->client);
}

/* --- one connection ------------------------------------------------------------------------- */

static void put_index(GArray **list, uint32_t index)
{
	if (*list == NULL)
		*list = g_array_new(FALSE, FALSE, sizeof index);
	g_array_append_val(*list, index);
}

static void give_up_absence(Model *model, AbsenceIndex index)
{
	if (index == NO_ABSENCE)
		return;
	Absence *absence = absence_at(model, index);
	absence_clear(absence);
	*absence = (Absence){.first_owed = INSTANT_UNKNOWN, .last_owed = INSTANT_UNKNOWN,
	                     .no_matching = INSTANT_UNKNOWN};
	put_index(model->held_absences != NULL ? &model->resting_absences : &model->free_absences, index);
}

void forget_paused(Model *model)
{
	if (model->held_absences == NULL)
		return;
	GArray *resting = g_steal_pointer(&model->resting_absences);
	g_queue_push_tail(model->held_absences,
	                  resting != NULL ? resting : g_array_new(FALSE, FALSE, sizeof(AbsenceIndex)));
	if (g_queue_get_length(model->held_absences) <= ABSENCES_HELD)
		return;
	g_autoptr(GArray) ready = g_queue_pop_head(model->held_absences);
	for (guint i = 0; i < ready->len; i++)
		put_index(&model->free_absences, g_array_index(ready, AbsenceIndex, i));
}

static void give_up_remarks(Model *model, Connection *connection)
{
	if (connection->remarks == 0)
		return;
	Remarks *remarks = remarks_of(model, connection);
	const Resume *resume = model_resume(model, connection);
	const Unheard *unheard = model_unheard(model, connection);
	for (unsigned i = 0; i < MISSED_N; i++)
		give_up_absence(model, remarks->missed[i] - 1);
	give_up_absence(model, remarks->never_back - 1);
	if (resume != NULL) {
		give_up_absence(model, resume->not_redelivered);
		give_up_absence(model, resume->unreleased);
		give_up_absence(model, resume->own_missing);
	}
	if (unheard != NULL)
		give_up_absence(model, unheard->cost);
	*remarks = (Remarks){0};
	put_index(&model->free_remarks, connection->remarks);
}

/* Of its client's chain, which goes on without it; but those behind it have nothing any more that they could
 * be compared with. */
static void take_out(Model *model, ConnectionIndex index)
{
	const Connection *gone = connection_at(model, index);
	Client *client = client_at(model, gone->client);
	ConnectionIndex next = gone->next;
	if (gone->previous != NO_INDEX)
		connection_at(model, gone->previous)->next = next;
	else
		client->first = next;
	connection_at(model, next)->previous = gone->previous; /* the last one always stays */
	connection_at(model, next)->gap_before = client->cut = true;
	for (bool last = !connection_was_accepted(gone); next != NO_INDEX && !last;) {
		Connection *after = connection_at(model, next);
		if (after->accepted_before == index)
			after->accepted_before = NO_INDEX;
		last = connection_was_accepted(after);
		next = after->next;
	}
}

static void give_up(Model *model, ConnectionIndex index)
{
	Connection *connection = connection_at(model, index);
	take_out(model, index);
	give_up_absence(model, connection->absence);
	give_up_remarks(model, connection);
	ModelCounts *counts = &model->counts;
	counts->forgotten_connections++;
	counts->forgotten_torn += connection->holes > 0;
	counts->forgotten_until.ns = MAX(counts->forgotten_until.ns, end_of(connection));
}

/* --- a chunk of them ------------------------------------------------------------------------ */

void forget_follow(Live *live)
{
	Model *model = live->model;
	live->record->followed = true;
	if (model->followers != NULL)
		g_hash_table_insert(model->followers, GUINT_TO_POINTER(live->connection + 1), live);
}

void forget_unfollow(const Live *live)
{
	live->record->followed = false;
	if (live->model->followers != NULL)
		g_hash_table_remove(live->model->followers, GUINT_TO_POINTER(live->connection + 1));
	if (live->model->untold != NULL)
		g_hash_table_add(live->model->untold, GUINT_TO_POINTER(live->connection + 1));
}

/* Whoever still writes to @index. */
static Live *follower_of(const Model *model, ConnectionIndex index)
{
	return g_hash_table_lookup(model->followers, GUINT_TO_POINTER(index + 1));
}

/* False: there is too little to be had. */
static bool choose(const Model *model, ConnectionIndex first, bool *kept, unsigned *n_kept)
{
	unsigned n_there = 0;
	*n_kept = 0;
	for (ConnectionIndex i = 0; i < STORE_CHUNK; i++) {
		const Connection *connection = connection_at(model, first + i);
		kept[i] = !connection->forgotten && is_needed(model, first + i);
		*n_kept += kept[i];
		n_there += !connection->forgotten;
	}
	return *n_kept < n_there && *n_kept <= STORE_THINNED_MOST;
}

static void begin_forgetting(Model *model)
{
	if (model->connections.gone != NULL)
		return;
	Connection *gone = model->connections.gone = g_new(Connection, 1);
	*gone = (Connection){.forgotten = true, .absence = NO_ABSENCE, .outcome = OUTCOME_NOT_OBSERVABLE};
	gone->client = gone->previous = gone->next = NO_INDEX;
	gone->accepted_before = gone->same_host_before = NO_INDEX;
	gone->opened = gone->connect_time = gone->connack_time = INSTANT_UNKNOWN;
	gone->closed = gone->last_from_client = INSTANT_UNKNOWN;
}

static void forget_chunk(Model *model, uint32_t chunk)
{
	ConnectionIndex first = chunk * STORE_CHUNK;
	bool kept[STORE_CHUNK];
	unsigned n_kept;
	if (!choose(model, first, kept, &n_kept))
		return;
	begin_forgetting(model);
	for (ConnectionIndex i = 0; i < STORE_CHUNK; i++)
		if (!kept[i] && !connection_at(model, first + i)->forgotten)
			give_up(model, first + i);
	store_thin(&model->connections, chunk, kept, n_kept);
	for (ConnectionIndex i = 0; i < STORE_CHUNK; i++)
		if (kept[i] && connection_at(model, first + i)->followed)
			follower_of(model, first + i)->record = connection_at(model, first + i);
}

/* --- all ------------------------------------------------------------------------------------ */

size_t model_size(const Model *model)
{
	size_t slots = (size_t)model->n_client_slots * sizeof(uint32_t);
	return model->arena.total - model->arena.left - store_saved(&model->connections) +
	       message_log_size(model->messages) + slots;
}

void model_limit(Model *model, size_t octets)
{
	model->room = (Room){.most = octets, .next = octets, .told = {INT64_MAX}};
	if (octets == 0)
		return;
	message_log_limit(model->messages, octets / 4);
	if (model->followers == NULL)
		model->followers = g_hash_table_new(NULL, NULL);
}

void model_told(Model *model, Instant until)
{
	if (model->room.most == 0)
		return; /* nothing is forgotten */
	model->room.told = until;
	if (model->untold == NULL)
		model->untold = g_hash_table_new(NULL, NULL);
	g_hash_table_remove_all(model->untold);
}

void model_hold_absences(Model *model)
{
	if (model->room.most > 0)
		model->held_absences = g_queue_new();
}

/* Once round at most: the oldest first, and where it stopped the next time. */
void forget_if_full(Model *model)
{
	enum { SHARE = 8 };
	Room *room = &model->room;
	uint32_t n_chunks = model->connections.n / STORE_CHUNK;
	if (room->most == 0 || model->connections.n % STORE_CHUNK != 0 || model_size(model) < room->next)
		return;
	for (uint32_t i = 0; i < n_chunks && model_size(model) > room->most - room->most / SHARE; i++) {
		forget_chunk(model, room->chunk % n_chunks);
		room->chunk = (room->chunk + 1) % n_chunks;
	}
	/* It may not have helped: then not for each one that comes, and more seldom the more there are. */
	size_t size = model_size(model);
	room->next = MAX(room->most, size + MAX(size, room->most) / (2 * SHARE));
}
