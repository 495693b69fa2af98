/* SPDX-License-Identifier: MIT */
/*
 * clients_screen: the clients, a row each; where everything begins.
 */
#include <string.h>

#include "src/verdict/explain.h"
#include "ui/report/escape.h"
#include "ui/report/sentences.h"
#include "ui/screens/app.h"
#include "ui/screens/clients_private.h"

enum { ZOOM_MAX = 12 };

static ClientsScreen *of(Screen *screen)
{
	return (ClientsScreen *)screen;
}

static void clients_free(Screen *screen)
{
	ClientsScreen *clients = of(screen);
	clients_index_free(clients->index);
	line_cache_free(clients->lines);
	row_filter_free(clients->filter);
	g_byte_array_unref(clients->marks);
	g_clear_pointer(&clients->cleared, g_array_unref);
	g_free(clients->filter_text);
	g_free(clients->sort);
	g_free(clients);
}

static char *clients_title(Screen *screen, const View *view)
{
	(void)screen;
	(void)view;
	return g_strdup("Clients");
}

int64_t clients_n_rows(const ClientsScreen *clients)
{
	return clients_index_n(clients->index);
}

/* --- order and selection ------------------------------------------------------------------------ */

void clients_read_sort(ClientsScreen *clients, const Settings *settings)
{
	const char *sort = settings == NULL || settings->sort == NULL ? "cause" : settings->sort;
	if (g_strcmp0(sort, clients->sort) == 0)
		return;
	g_free(clients->sort);
	clients->sort = g_strdup(sort);
	clients->reverse = *sort == '-';
	clients->column = column_by_name(sort + clients->reverse);
	if (clients->column == COLUMN_N)
		clients->column = COLUMN_CAUSE;
	clients_index_ask(clients->index);
}

void clients_select_row(ClientsScreen *clients)
{
	ClientIndex at = clients_index_at(clients->index, (uint32_t)clients->scroller.cursor);
	if (at != NO_INDEX)
		clients->selected = at;
}

void clients_keep_selected(ClientsScreen *clients)
{
	if (clients->follow && clients_index_newest(clients->index) != NO_INDEX)
		clients->selected = clients_index_newest(clients->index);
	uint32_t position = clients_index_position(clients->index, clients->selected);
	if (position == NO_INDEX)
		return;
	clients->scroller.top += (int64_t)position - clients->scroller.cursor;
	clients->scroller.cursor = position;
}

/* --- sorting ------------------------------------------------------------------------------------ */

static void sort_by(ClientsScreen *clients, ClientColumn column, bool reverse, App *app)
{
	Settings *settings = app_settings(app);
	g_free(settings->sort);
	settings->sort = g_strconcat(reverse ? "-" : "", column_info(column)->name, NULL);
	clients_read_sort(clients, settings);
}

/* The next of the columns that show, in the order in which they do. */
static void sort_next(ClientsScreen *clients, int step, App *app)
{
	uint8_t columns[COLUMN_N];
	int n = 0, at = 0;
	for (unsigned i = 0; i < clients->layout.n; i++) {
		ClientColumn column = (ClientColumn)clients->layout.columns[i];
		if (column == COLUMN_TIMELINE)
			continue;
		if (column == clients->column)
			at = n + step;
		columns[n++] = (uint8_t)column;
	}
	if (n > 0)
		sort_by(clients, (ClientColumn)columns[(at + n) % n], false, app);
}

/* --- clearing ----------------------------------------------------------------------------------- */

/* All of them, or those that do not show: until something new befalls them. */
static void clear(ClientsScreen *clients, const View *view, bool others)
{
	const Roster *roster = view->roster;
	GArray *cleared = g_array_sized_new(FALSE, TRUE, sizeof(uint64_t), roster->n_rows);
	g_array_set_size(cleared, roster->n_rows);
	for (uint32_t i = 0; i < roster->n_rows; i++) {
		const RosterRow *row = &roster->rows[i];
		if (!others || clients_index_position(clients->index, i) == NO_INDEX)
			g_array_index(cleared, uint64_t, i) = (uint64_t)row->n_connections + row->n_findings;
	}
	g_clear_pointer(&clients->cleared, g_array_unref);
	clients->cleared = cleared;
	clients_index_ask(clients->index);
}

/* --- acting ------------------------------------------------------------------------------------- */

static void mark(ClientsScreen *clients)
{
	if (clients_n_rows(clients) == 0 || clients->selected == NO_INDEX)
		return;
	guint before = clients->marks->len;
	if (clients->selected >= before) {
		g_byte_array_set_size(clients->marks, clients->selected + 1);
		memset(clients->marks->data + before, 0, clients->marks->len - before);
	}
	clients->marks->data[clients->selected] ^= 1;
	scroller_act(&clients->scroller, ACTION_DOWN, clients_n_rows(clients));
}

static void zoom(ClientsScreen *clients, Action action)
{
	unsigned parts;
	if (action == ACTION_ZOOM_IN && clients->zoom < ZOOM_MAX) {
		clients->zoom++;
		clients->shift *= 2;
	} else if (action == ACTION_ZOOM_OUT && clients->zoom > 0) {
		clients->zoom--;
		clients->shift /= 2;
	} else if (action == ACTION_ZOOM_ALL) {
		clients->zoom = clients->shift = 0;
	}
	parts = 1u << clients->zoom;
	if (action == ACTION_LEFT && clients->shift + 1 < parts)
		clients->shift++;
	if (action == ACTION_RIGHT && clients->shift > 0)
		clients->shift--;
}

static void explain(const View *view, ClientIndex client, App *app)
{
	CauseId cause = (CauseId)view->roster->rows[client].cause;
	if (cause == CAUSE_NONE) {
		app_tell(app, "This client has no finding");
		return;
	}
	GString *text = g_string_new(NULL);
	explain_cause(cause, text, UNWRAPPED);
	app_push(app, text_screen_new(g_strdup(cause_name(cause)), g_string_free(text, FALSE)));
}

static bool act_on_client(ClientsScreen *clients, const View *view, Action action, App *app)
{
	ClientIndex client = clients->selected;
	if (clients_n_rows(clients) == 0 || client == NO_INDEX || client >= view->roster->n_rows)
		return false;
	uint32_t finding = view->roster->rows[client].finding;
	if (action == ACTION_OPEN)
		app_push(app, timeline_screen_new(client, finding));
	else if (action == ACTION_LADDER)
		app_push(app, ladder_screen_new(client, finding));
	else if (action == ACTION_EXPLAIN)
		explain(view, client, app);
	else
		return false;
	return true;
}

static void invert(ClientsScreen *clients, App *app)
{
	if (clients->filter == NULL) {
		app_tell(app, "There is no filter to turn round");
		return;
	}
	clients->inverted = !clients->inverted;
	clients_index_ask(clients->index);
}

static bool act_on_list(ClientsScreen *clients, const View *view, Action action, App *app)
{
	if (action == ACTION_SORT_NEXT || action == ACTION_SORT_PREVIOUS)
		sort_next(clients, action == ACTION_SORT_NEXT ? 1 : -1, app);
	else if (action == ACTION_SORT_REVERSE)
		sort_by(clients, clients->column, !clients->reverse, app);
	else if (action == ACTION_FILTER_INVERT)
		invert(clients, app);
	else if (action == ACTION_CLEAR || action == ACTION_CLEAR_OTHERS)
		clear(clients, view, action == ACTION_CLEAR_OTHERS);
	else if (action == ACTION_MARK)
		mark(clients);
	else if (action == ACTION_ZOOM_IN || action == ACTION_ZOOM_OUT || action == ACTION_ZOOM_ALL ||
	         action == ACTION_LEFT || action == ACTION_RIGHT)
		zoom(clients, action);
	else
		return false;
	return true;
}

static bool clients_act(Screen *screen, const View *view, Action action, App *app)
{
	ClientsScreen *clients = of(screen);
	if (scroller_act(&clients->scroller, action, clients_n_rows(clients))) {
		clients->follow = false;
		clients_select_row(clients);
		return true;
	}
	if (action == ACTION_FOLLOW) {
		clients->follow = !clients->follow;
		clients_keep_selected(clients);
		app_tell(app, clients->follow ? "Stays at the newest client" : "Stays where it is");
		return true;
	}
	bool done = act_on_list(clients, view, action, app);
	if (done)
		clients_select_row(clients);
	return done || act_on_client(clients, view, action, app);
}

/* --- searching ---------------------------------------------------------------------------------- */

static bool text_fits(const GRegex *pattern, ByteSpan text)
{
	if (text.size > 0 && g_utf8_validate_len((const char *)text.data, text.size, NULL))
		return g_regex_match_full(pattern, (const char *)text.data, (gssize)text.size, 0, 0, NULL, NULL);
	g_autoptr(GString) escaped = g_string_new(NULL);
	escape_append(escaped, text);
	return g_regex_match(pattern, escaped->str, 0, NULL);
}

static bool client_fits(const View *view, const GRegex *pattern, ClientIndex client)
{
	const Client *it = model_client(view->model, client);
	if (text_fits(pattern, model_text(view->model, it->id)))
		return true;
	const RosterRow *row = &view->roster->rows[client];
	if (row->cause != CAUSE_NONE && g_regex_match(pattern, cause_name((CauseId)row->cause), 0, NULL))
		return true;
	if (model_n_brokers(view->model) < 2)
		return false;
	char endpoint[ENDPOINT_TEXT_SIZE];
	endpoint_format(&model_broker(view->model, it->broker)->endpoint, endpoint);
	return g_regex_match(pattern, endpoint, 0, NULL);
}

static SearchRows clients_rows(Screen *screen, const View *view)
{
	ClientsScreen *clients = of(screen);
	(void)view;
	return (SearchRows){clients_index_n(clients->index), (uint32_t)clients->scroller.cursor};
}

static bool clients_row_fits(Screen *screen, const View *view, const GRegex *pattern, uint32_t row)
{
	return client_fits(view, pattern, clients_index_at(of(screen)->index, row));
}

static void clients_row_select(Screen *screen, const View *view, uint32_t row)
{
	ClientsScreen *clients = of(screen);
	(void)view;
	clients->scroller.cursor = row;
	clients->follow = false;
	clients_select_row(clients);
}

/* --- for the app -------------------------------------------------------------------------------- */

static ClientIndex clients_client(Screen *screen, const View *view)
{
	ClientsScreen *clients = of(screen);
	(void)view;
	return clients_n_rows(clients) > 0 ? clients->selected : NO_INDEX;
}

static char *clients_copy(Screen *screen, const View *view)
{
	ClientIndex client = clients_client(screen, view);
	return client == NO_INDEX ? NULL : client_sentence(view->report, client);
}

static bool clients_clients(Screen *screen, const View *view, uint8_t *marked)
{
	ClientsScreen *clients = of(screen);
	bool any = false;
	for (guint i = 0; i < MIN(clients->marks->len, model_n_clients(view->model)); i++) {
		marked[i] = clients->marks->data[i];
		any |= marked[i] != 0;
	}
	ClientIndex client = clients_client(screen, view);
	if (!any && client != NO_INDEX)
		marked[client] = 1;
	return any || client != NO_INDEX;
}

static bool clients_select(Screen *screen, const View *view, ClientIndex client)
{
	ClientsScreen *clients = of(screen);
	(void)view;
	uint32_t position = clients_index_position(clients->index, client);
	if (position == NO_INDEX)
		return false;
	clients->scroller.cursor = position;
	clients->selected = client;
	clients->follow = false;
	return true;
}

/* "" also brings back what was cleared. */
static bool clients_filter(Screen *screen, const View *view, const char *text, GError **error)
{
	ClientsScreen *clients = of(screen);
	(void)view;
	RowFilter *filter = row_filter_new(text, error);
	if (filter == NULL)
		return false;
	bool none = text[strspn(text, " \t")] == '\0';
	row_filter_free(clients->filter);
	g_free(clients->filter_text);
	clients->filter = none ? NULL : filter;
	clients->filter_text = g_strdup(none ? "" : text);
	if (none) {
		row_filter_free(filter);
		clients->inverted = false;
		g_clear_pointer(&clients->cleared, g_array_unref);
	}
	clients_index_ask(clients->index);
	return true;
}

void clients_screen_filter(Screen *screen, const char *filter)
{
	clients_filter(screen, NULL, filter, NULL);
}

static bool clients_work(Screen *screen, const View *view, int64_t until)
{
	ClientsScreen *clients = of(screen);
	clients_read_sort(clients, view->settings);
	if (clients_index_whole(clients->index, view))
		return false;
	ClientsOrder order = {
		.column = clients->column,
		.reverse = clients->reverse,
		.filter = clients->filter,
		.inverted = clients->inverted,
	};
	if (clients->cleared != NULL) {
		order.cleared = (const uint64_t *)(const void *)clients->cleared->data;
		order.n_cleared = clients->cleared->len;
	}
	if (!clients_index_work(clients->index, view, &order, until))
		return true;
	clients_keep_selected(clients);
	return false;
}

static char **clients_complete(Screen *screen, const View *view, const char *filter, size_t cursor)
{
	(void)screen;
	(void)view;
	return filter_complete(filter, cursor);
}

static bool click_heading(ClientsScreen *clients, int x, App *app)
{
	const ColumnLayout *layout = &clients->layout;
	for (unsigned i = 0; i < layout->n; i++) {
		ClientColumn column = (ClientColumn)layout->columns[i];
		if (x < layout->x[i] || x >= layout->x[i] + layout->width[i] || column == COLUMN_TIMELINE)
			continue;
		sort_by(clients, column, column == clients->column && !clients->reverse, app);
		return true;
	}
	return false;
}

static bool clients_click(Screen *screen, const View *view, int x, int y, bool twice, App *app)
{
	ClientsScreen *clients = of(screen);
	if (clients_n_rows(clients) == 0 || y < clients->heading_y)
		return false;
	if (y < clients->rows_y)
		return click_heading(clients, x, app);
	int64_t row = clients->scroller.top + y - clients->rows_y;
	if (row >= clients_n_rows(clients))
		return false;
	clients_row_select(screen, view, (uint32_t)row);
	return !twice || act_on_client(clients, view, ACTION_OPEN, app);
}

static const ScreenOps clients_ops = {
	.id = SCREEN_CLIENTS,
	.free = clients_free,
	.title = clients_title,
	.draw = clients_draw,
	.act = clients_act,
	.rows = clients_rows,
	.row_fits = clients_row_fits,
	.row_select = clients_row_select,
	.copy = clients_copy,
	.client = clients_client,
	.clients = clients_clients,
	.select = clients_select,
	.filter = clients_filter,
	.complete = clients_complete,
	.work = clients_work,
	.click = clients_click,
};

Screen *clients_screen_new(void)
{
	ClientsScreen *clients = g_new0(ClientsScreen, 1);
	clients->base.ops = &clients_ops;
	clients->index = clients_index_new();
	clients->lines = line_cache_new();
	clients->selected = NO_INDEX;
	clients->filter_text = g_strdup("");
	clients->marks = g_byte_array_new();
	return &clients->base;
}
