/* SPDX-License-Identifier: MIT */
#include "ui/screens/clients_index.h"

#include <string.h>

#include "ui/screens/entries.h"

enum {
	NAMES_AT_ONCE = 10000,
	CHECK_EVERY = 128,
};

/* A client in the order of names: what it begins with, so that few texts have to be looked at. */
typedef struct Name {
	uint64_t begin[2];
	ClientIndex client;
} Name;

struct ClientsIndex {
	ClientIndex *shown;
	uint32_t n_shown;
	uint32_t *positions; /* by ClientIndex; NO_INDEX: not shown */
	uint32_t n_positions;
	ClientIndex newest;

	GArray *names; /* of Name, all that are known so far, in order */

	bool asked;       /* for a new one */
	bool working;
	uint32_t verdict; /* of what stands, or is worked on */
	uint32_t next;    /* the next of @names to look at */
	GArray *entries;  /* of Entry, those that fit so far */
	EntrySort sort;
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
	entry_sort_clear(&index->sort);
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
	FilterScope scope = {view->model, view->analysis->findings, view->roster, view->now,
	                     view->analysis->incidents};
	return row_filter_fits(order->filter, &scope, row->client) != order->inverted;
}

static void look_at(ClientsIndex *index, const View *view, const ClientsOrder *order, ClientIndex client)
{
	const RosterRow *row = &view->roster->rows[client];
	if (!is_shown(view, order, row))
		return;
	Entry entry = {column_key(order->column, view, row), client};
	/* By name alone: their order is at hand. */
	if (order->column == COLUMN_CLIENT)
		entry.key = index->next;
	if (order->reverse)
		entry.key = UINT64_MAX - entry.key;
	g_array_append_val(index->entries, entry);
}

/* False as learn_names(). */
static bool look_at_rows(ClientsIndex *index, const View *view, const ClientsOrder *order, int64_t until)
{
	uint32_t n = index->names->len;
	while (index->next < n) {
		ClientIndex client = g_array_index(index->names, Name, index->next).client;
		if (client < view->roster->n_rows)
			look_at(index, view, order, client);
		index->next++;
		if (index->next % CHECK_EVERY == 0 && g_get_monotonic_time() > until)
			return index->next == n;
	}
	return true;
}

static void show(ClientsIndex *index, uint32_t n_clients)
{
	uint32_t n = index->n_shown = index->entries->len;
	index->shown = g_renew(ClientIndex, index->shown, (gsize)n + 1);
	index->positions = g_renew(uint32_t, index->positions, (gsize)n_clients + 1);
	index->n_positions = n_clients;
	index->newest = NO_INDEX;
	memset(index->positions, 0xFF, n_clients * sizeof *index->positions);
	for (uint32_t i = 0; i < n; i++) {
		ClientIndex client = index->shown[i] = g_array_index(index->entries, Entry, i).index;
		index->positions[client] = i;
		if (index->newest == NO_INDEX || client > index->newest)
			index->newest = client;
	}
	g_array_set_size(index->entries, 0);
}

/* --- when --------------------------------------------------------------------------------------- */

static void begin(ClientsIndex *index, const View *view)
{
	index->asked = false;
	index->working = true;
	index->verdict = view->status->verdict;
	index->next = 0;
	g_array_set_size(index->entries, 0);
	entry_sort_clear(&index->sort);
}

bool clients_index_whole(const ClientsIndex *index, const View *view)
{
	return !index->working && !index->asked && index->verdict == view->status->verdict;
}

bool clients_index_work(ClientsIndex *index, const View *view, const ClientsOrder *order, int64_t until)
{
	if (index->asked || index->verdict != view->status->verdict)
		begin(index, view);
	if (!index->working)
		return true;
	bool done = learn_names(index, view, until) && look_at_rows(index, view, order, until) &&
	            entries_sort(index->entries, &index->sort, until);
	if (done)
		show(index, view->roster->n_rows);
	index->working = !done;
	return done;
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
