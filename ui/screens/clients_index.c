/* SPDX-License-Identifier: MIT */
#include "ui/screens/clients_index.h"

#include <string.h>

enum {
	FIRST_US = 300000,  /* for the first one: there is nothing to show until then */
	ASKED_US = 30000,   /* at once, for what somebody asked for */
	QUIET_US = 5000,    /* at once, for what came in */
	PAUSE_US = 300000,  /* between two that nobody asked for, at least */
	PAUSE_TIMES = 10,   /* and so many times as long as the last one took */
	NAMES_AT_ONCE = 20000,
	CHECK_EVERY = 512,
};

/* A client in the order of names: what it begins with, so that few texts have to be looked at. */
typedef struct Name {
	uint64_t begin[2];
	ClientIndex client;
} Name;

typedef struct Entry {
	uint64_t key;
	ClientIndex client;
} Entry;

struct ClientsIndex {
	ClientIndex *shown;
	uint32_t n_shown;
	uint32_t *positions; /* by ClientIndex; NO_INDEX: not shown */
	uint32_t n_positions;
	ClientIndex newest;

	GArray *names; /* of Name, all that are known so far, in order */

	bool asked;       /* for a new one */
	bool working, urgent;
	bool whole;       /* one stands */
	uint32_t verdict; /* of what stands, or is worked on */
	uint32_t next;    /* the next of @names to look at */
	GArray *entries;  /* of Entry, those that fit so far */
	int64_t took_us, ended_us;
};

ClientsIndex *clients_index_new(void)
{
	ClientsIndex *index = g_new0(ClientsIndex, 1);
	index->names = g_array_new(FALSE, FALSE, sizeof(Name));
	index->entries = g_array_new(FALSE, FALSE, sizeof(Entry));
	index->newest = NO_INDEX;
	index->asked = true;
	return index;
}

void clients_index_free(ClientsIndex *index)
{
	g_free(index->shown);
	g_free(index->positions);
	g_array_unref(index->names);
	g_array_unref(index->entries);
	g_free(index);
}

void clients_index_ask(ClientsIndex *index)
{
	index->asked = true;
}

/* --- names -------------------------------------------------------------------------------------- */

static Name name_of(const Model *model, ClientIndex client)
{
	ByteSpan text = model_text(model, model_client(model, client)->id);
	Name name = {.client = client};
	for (unsigned i = 0; i < sizeof name.begin; i++)
		name.begin[i / 8] = name.begin[i / 8] << 8 | (i < text.size ? text.data[i] : 0);
	return name;
}

static int compare_rest(const Model *model, const Name *a, const Name *b)
{
	ByteSpan x = model_text(model, model_client(model, a->client)->id);
	ByteSpan y = model_text(model, model_client(model, b->client)->id);
	size_t size = MIN(x.size, y.size);
	int order = size == 0 ? 0 : memcmp(x.data, y.data, size);
	if (order != 0)
		return order;
	if (x.size != y.size)
		return x.size < y.size ? -1 : 1;
	return a->client < b->client ? -1 : a->client > b->client;
}

static int compare_names(const void *a, const void *b, void *model)
{
	const Name *x = a, *y = b;
	for (unsigned i = 0; i < 2; i++)
		if (x->begin[i] != y->begin[i])
			return x->begin[i] < y->begin[i] ? -1 : 1;
	return compare_rest(model, x, y);
}

/* Sorts the names from @first on in among those before. */
static void merge_names(GArray *names, guint first, const Model *model)
{
	void *user = (void *)(uintptr_t)model;
	guint n_new = names->len - first;
	g_qsort_with_data(&g_array_index(names, Name, first), (gint)n_new, sizeof(Name), compare_names, user);
	g_autofree Name *added = g_memdup2(&g_array_index(names, Name, first), n_new * sizeof(Name));
	guint to = names->len, from = first, left = n_new;
	while (left > 0) {
		bool older = from > 0 &&
		             compare_names(&g_array_index(names, Name, from - 1), &added[left - 1], user) > 0;
		g_array_index(names, Name, --to) = older ? g_array_index(names, Name, --from) : added[--left];
	}
}

/* False: it was too long, and goes on the next time. */
static bool learn_names(ClientsIndex *index, const View *view, int64_t until)
{
	uint32_t n = view->roster->n_rows;
	while (index->names->len < n) {
		guint first = index->names->len;
		uint32_t end = first + MIN(n - first, NAMES_AT_ONCE);
		for (ClientIndex i = first; i < end; i++) {
			Name name = name_of(view->model, i);
			g_array_append_val(index->names, name);
		}
		merge_names(index->names, first, view->model);
		if (g_get_monotonic_time() > until)
			return index->names->len >= n;
	}
	return true;
}

/* --- which, and in which order ------------------------------------------------------------------ */

static bool is_shown(const View *view, const ClientsOrder *order, const RosterRow *row)
{
	uint64_t events = (uint64_t)row->n_connections + row->n_findings;
	if (row->client < order->n_cleared && events <= order->cleared[row->client])
		return false;
	if (order->filter == NULL)
		return true;
	FilterScope scope = {view->model, view->analysis->findings, view->roster, view->now};
	return row_filter_fits(order->filter, &scope, row->client) != order->inverted;
}

/* False as learn_names(). */
static bool look_at_rows(ClientsIndex *index, const View *view, const ClientsOrder *order, int64_t until)
{
	uint32_t n = MIN(index->names->len, view->roster->n_rows);
	for (; index->next < n; index->next++) {
		if (index->next % CHECK_EVERY == 0 && g_get_monotonic_time() > until)
			return false;
		ClientIndex client = g_array_index(index->names, Name, index->next).client;
		const RosterRow *row = &view->roster->rows[client];
		if (!is_shown(view, order, row))
			continue;
		Entry entry = {column_key(order->column, view, row), client};
		/* By name alone: their order is at hand. */
		if (order->column == COLUMN_CLIENT)
			entry.key = index->next;
		if (order->reverse)
			entry.key = UINT64_MAX - entry.key;
		g_array_append_val(index->entries, entry);
	}
	return true;
}

/* One pass of a radix sort, by octet @shift / 8; false: all are alike in it, and nothing is done. */
static bool sort_by_octet(const Entry *from, Entry *to, uint32_t n, unsigned shift)
{
	uint32_t places[257] = {0};
	for (uint32_t i = 0; i < n; i++)
		places[(from[i].key >> shift & 0xFF) + 1]++;
	for (unsigned i = 1; i <= 256; i++)
		if (places[i] == n)
			return false;
	for (unsigned i = 1; i < 257; i++)
		places[i] += places[i - 1];
	for (uint32_t i = 0; i < n; i++)
		to[places[from[i].key >> shift & 0xFF]++] = from[i];
	return true;
}

/* Stable, so that equal ones stay in the order of their names. */
static void sort_entries(GArray *entries)
{
	uint32_t n = entries->len;
	if (n < 2)
		return;
	Entry *one = (Entry *)(void *)entries->data, *other = g_new(Entry, n);
	g_autofree Entry *spare = other;
	for (unsigned shift = 0; shift < 64; shift += 8) {
		if (!sort_by_octet(one, other, n, shift))
			continue;
		Entry *sorted = other;
		other = one;
		one = sorted;
	}
	if (one == spare)
		memcpy(entries->data, spare, n * sizeof *spare);
}

static void show(ClientsIndex *index, uint32_t n_clients)
{
	sort_entries(index->entries);
	uint32_t n = index->n_shown = index->entries->len;
	index->shown = g_renew(ClientIndex, index->shown, (gsize)n + 1);
	index->positions = g_renew(uint32_t, index->positions, (gsize)n_clients + 1);
	index->n_positions = n_clients;
	index->newest = NO_INDEX;
	memset(index->positions, 0xFF, n_clients * sizeof *index->positions);
	for (uint32_t i = 0; i < n; i++) {
		ClientIndex client = index->shown[i] = g_array_index(index->entries, Entry, i).client;
		index->positions[client] = i;
		if (index->newest == NO_INDEX || client > index->newest)
			index->newest = client;
	}
	g_array_set_size(index->entries, 0);
	index->whole = true;
}

/* --- when --------------------------------------------------------------------------------------- */

static bool is_due(const ClientsIndex *index, const View *view)
{
	if (index->asked)
		return true;
	int64_t pause = MAX(PAUSE_US, PAUSE_TIMES * index->took_us);
	return view->status->verdict != index->verdict && g_get_monotonic_time() - index->ended_us >= pause;
}

static void begin(ClientsIndex *index, const View *view)
{
	index->urgent = index->asked;
	index->asked = false;
	index->working = true;
	index->verdict = view->status->verdict;
	index->next = 0;
	index->took_us = 0;
	g_array_set_size(index->entries, 0);
}

bool clients_index_work(ClientsIndex *index, const View *view, const ClientsOrder *order)
{
	if (index->asked || (!index->working && is_due(index, view)))
		begin(index, view);
	if (!index->working)
		return false;
	int64_t began = g_get_monotonic_time();
	int64_t until = began + (!index->whole ? FIRST_US : index->urgent ? ASKED_US : QUIET_US);
	bool done = learn_names(index, view, until) && look_at_rows(index, view, order, until);
	if (done)
		show(index, view->roster->n_rows);
	index->working = !done;
	index->ended_us = g_get_monotonic_time();
	index->took_us += index->ended_us - began;
	return done;
}

bool clients_index_busy(const ClientsIndex *index, const View *view)
{
	return index->working || index->asked || view->status->verdict != index->verdict;
}

double clients_index_done(const ClientsIndex *index)
{
	if (!index->working || index->names->len == 0)
		return 1;
	return (double)index->next / (double)index->names->len;
}

uint32_t clients_index_n(const ClientsIndex *index)
{
	return index->n_shown;
}

ClientIndex clients_index_at(const ClientsIndex *index, uint32_t position)
{
	return position < index->n_shown ? index->shown[position] : NO_INDEX;
}

uint32_t clients_index_position(const ClientsIndex *index, ClientIndex client)
{
	return client < index->n_positions ? index->positions[client] : NO_INDEX;
}

ClientIndex clients_index_newest(const ClientsIndex *index)
{
	return index->newest;
}
