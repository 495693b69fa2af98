/* SPDX-License-Identifier: MIT */
/*
 * brokers_screen: the brokers, and what is known of the one that is selected.
 */
#include "ui/report/format.h"
#include "ui/report/sentences.h"
#include "ui/report/text_private.h"
#include "ui/screens/app.h"
#include "ui/screens/brokers_sums.h"
#include "ui/screens/clients_columns.h"
#include "ui/screens/findings_private.h"
#include "ui/screens/scroller.h"

enum { MAX_EVENTS = 20, MAX_CAUSES = 8, INDENT = 2, SLICES_MAX = 400 };

typedef struct BrokersScreen {
	Screen base;
	Scroller scroller;
	int below;      /* rows of the details that are scrolled away */
	int n_details;  /* rows that they take in all */
	bool in_details;
	unsigned n_slices; /* of the time, that there is room for */
	BrokerSums *sums;  /* NULL: none yet */
	BrokerSums *coming; /* those that are being counted; NULL: none */
} BrokersScreen;

/* Where the next row of the details is drawn. */
typedef struct Details {
	Area area;
	int y;
} Details;

static BrokersScreen *of(Screen *screen)
{
	return (BrokersScreen *)screen;
}

static void brokers_free(Screen *screen)
{
	broker_sums_free(of(screen)->sums);
	broker_sums_free(of(screen)->coming);
	g_free(of(screen));
}

static char *brokers_title(Screen *screen, const View *view)
{
	(void)screen;
	g_autofree char *number = counted(model_n_brokers(view->model), "broker", NULL);
	return g_strdup_printf("Brokers: %s", number);
}

static Area row_of(Area area, int y)
{
	return area_part(area, 0, y, area.columns, 1);
}

/* --- counting ----------------------------------------------------------------------------------- */

static bool brokers_work(Screen *screen, const View *view, int64_t until)
{
	BrokersScreen *brokers = of(screen);
	BrokerIndex broker = (BrokerIndex)brokers->scroller.cursor;
	if (broker >= model_n_brokers(view->model) || brokers->n_slices == 0 ||
	    broker_sums_fit(brokers->sums, view, broker, brokers->n_slices))
		return false;
	if (!broker_sums_fit(brokers->coming, view, broker, brokers->n_slices)) {
		broker_sums_free(brokers->coming);
		brokers->coming = broker_sums_new(view, broker, brokers->n_slices);
	}
	if (!broker_sums_work(brokers->coming, view, until))
		return true;
	broker_sums_free(brokers->sums);
	brokers->sums = g_steal_pointer(&brokers->coming);
	return false;
}

/* How much there is to count shows only when it is drawn. */
static void make_room(BrokersScreen *brokers, const View *view, int columns)
{
	enum { AT_ONCE_US = 5000 };
	unsigned n_slices = (unsigned)CLAMP(columns - 2 * INDENT, 1, SLICES_MAX);
	if (n_slices == brokers->n_slices)
		return;
	brokers->n_slices = n_slices;
	brokers_work(&brokers->base, view, g_get_monotonic_time() + AT_ONCE_US);
}

/* --- details ------------------------------------------------------------------------------------ */

static void put_heading(Details *details, const char *heading)
{
	details->y++;
	area_text(details->area, 0, details->y++, ROLE_HEADING, heading);
}

static void put_text(Details *details, Role role, const char *text)
{
	details->y = area_paragraph(details->area, details->y, INDENT, role, text);
}

static void put_learned(Details *details, const View *view, const Broker *broker)
{
	g_autofree char *learned = text_learned(view->report, broker);
	put_heading(details, "What the capture shows of it");
	put_text(details, ROLE_NORMAL, learned);
}

static void put_states(Details *details, const BrokerSums *sums)
{
	g_autoptr(GString) text = g_string_new(NULL);
	for (unsigned state = 0; state < CLIENT_STATE_N; state++)
		if (sums->by_state[state] > 0)
			g_string_append_printf(text, "%s%u %s", text->len > 0 ? "; " : "", sums->by_state[state],
			                       client_state_name((ClientState)state));
	put_heading(details, "Clients now");
	put_text(details, ROLE_NORMAL, text->len > 0 ? text->str : "none");
}

static void put_events(Details *details, const View *view, BrokerIndex broker)
{
	const GPtrArray *incidents = view->analysis->incidents;
	unsigned n = 0;
	for (guint i = 0; i < incidents->len; i++) {
		const Incident *incident = g_ptr_array_index(incidents, i);
		if (incident->broker != broker || n >= MAX_EVENTS)
			continue;
		if (n++ == 0)
			put_heading(details, "Restarts and other events");
		g_autofree char *title = incident_title(view->report, i);
		g_autofree char *says = incident_explanation(incident);
		put_text(details, incident->n_lost > 0 ? ROLE_LOSS : ROLE_STRONG, title);
		details->y = area_paragraph(details->area, details->y, 2 * INDENT, ROLE_NORMAL, says);
	}
}

static unsigned most_frequent(const uint32_t *by_cause, const bool *told)
{
	unsigned best = CAUSE_NONE;
	for (unsigned cause = CAUSE_FIRST; cause < CAUSE_N; cause++)
		if (!told[cause] && by_cause[cause] > (best == CAUSE_NONE ? 0 : by_cause[best]))
			best = cause;
	return best;
}

/* Behind the cause's name, or below it where there is little room. */
static void put_headline(Details *details, int behind, const char *headline)
{
	enum { USUALLY = 38, LEAST = 24 };
	int x = MAX(behind, USUALLY);
	if (details->area.columns - x < LEAST) {
		details->y++;
		x = INDENT + 9;
	}
	details->y = area_paragraph(details->area, details->y, x, ROLE_NORMAL, headline);
}

static void put_causes(Details *details, const BrokerSums *sums)
{
	bool told[CAUSE_N] = {false};
	for (unsigned n = 0; n < MAX_CAUSES; n++) {
		unsigned cause = most_frequent(sums->by_cause, told);
		if (cause == CAUSE_NONE)
			return;
		if (n == 0)
			put_heading(details, "Causes of findings");
		told[cause] = true;
		const CauseInfo *info = cause_info((CauseId)cause);
		char number[FORMAT_SIZE];
		format_count(sums->by_cause[cause], number);
		Area line = row_of(details->area, details->y);
		if (details->y >= 0 && details->y < details->area.rows) {
			area_field(line, INDENT, 0, 8, ROLE_STRONG, ALIGN_RIGHT, number);
			area_text(line, INDENT + 9, 0, severity_role(info->severity), info->name);
		}
		put_headline(details, INDENT + 9 + text_width(info->name) + 2, info->headline);
	}
}

/* --- bars --------------------------------------------------------------------------------------- */

enum { NAME_WIDTH = 12, NUMBER_WIDTH = 9 };

static uint32_t sum_of(const uint32_t *numbers)
{
	uint32_t sum = 0;
	for (unsigned i = 0; i < RETURN_N; i++)
		sum += numbers[i];
	return sum;
}

/* A part for each kind, each with a sign of its own; at least one cell for what is there at all. */
static void draw_bar(Area area, const uint32_t *numbers, uint32_t most)
{
	static const struct {
		Glyph glyph;
		Role role;
	} looks[RETURN_N] = {
		[RETURN_RESUMED] = {GLYPH_LINE_ONLINE, ROLE_GOOD}, [RETURN_LOST] = {GLYPH_LOSS, ROLE_LOSS},
		[RETURN_EXPIRED] = {GLYPH_LINE_KEPT, ROLE_RISK},   [RETURN_UNKEPT] = {GLYPH_LINE_GONE, ROLE_FAINT},
		[RETURN_AFRESH] = {GLYPH_LINE_GONE, ROLE_FAINT},   [RETURN_UNKNOWN] = {GLYPH_LINE_UNKNOWN, ROLE_NOTE},
	};
	int x = 0;
	for (unsigned kind = 0; kind < RETURN_N; kind++) {
		int cells = (int)((double)numbers[kind] * area.columns / most);
		if (numbers[kind] > 0 && cells == 0)
			cells = 1;
		for (; cells > 0 && x < area.columns; cells--)
			area_glyph(area, x++, 0, looks[kind].role, looks[kind].glyph);
	}
}

static void put_bucket(Details *details, const uint32_t *numbers, const char *name, uint32_t most)
{
	Area line = row_of(details->area, details->y);
	int y = details->y++;
	if (y < 0 || y >= details->area.rows)
		return;
	int x = INDENT + NAME_WIDTH + 1;
	char number[FORMAT_SIZE];
	area_field(line, INDENT, 0, NAME_WIDTH, ROLE_NORMAL, ALIGN_RIGHT, name);
	for (unsigned kind = 0; kind < RETURN_N; kind++) {
		format_count(numbers[kind], number);
		area_field(line, x, 0, NUMBER_WIDTH, kind == RETURN_LOST && numbers[kind] > 0 ? ROLE_LOSS : ROLE_NORMAL,
		           ALIGN_RIGHT, numbers[kind] > 0 ? number : "");
		x += NUMBER_WIDTH;
	}
	draw_bar(area_part(line, x + 1, 0, line.columns - x - 1, 1), numbers, most);
}

static void put_bucket_headings(Details *details)
{
	Area line = row_of(details->area, details->y);
	if (details->y >= 0 && details->y < details->area.rows) {
		area_field(line, INDENT, 0, NAME_WIDTH, ROLE_HEADING, ALIGN_RIGHT, "away");
		for (unsigned kind = 0; kind < RETURN_N; kind++)
			area_field(line, INDENT + NAME_WIDTH + 1 + (int)kind * NUMBER_WIDTH, 0, NUMBER_WIDTH,
			           ROLE_HEADING, ALIGN_RIGHT, return_kind_name((ReturnKind)kind));
	}
	details->y++;
}

/* From the first to the last length that anybody was away. */
static void put_absences(Details *details, const BrokerTimes *times)
{
	uint32_t most = 0;
	unsigned first = AWAY_BUCKETS, last = 0;
	for (unsigned i = 0; i < AWAY_BUCKETS; i++) {
		uint32_t sum = sum_of(times->returns[i]);
		most = MAX(most, sum);
		if (sum == 0)
			continue;
		first = MIN(first, i);
		last = i;
	}
	put_heading(details, "What clients found that came back, by how long they were away");
	if (most == 0) {
		put_text(details, ROLE_NORMAL, "nobody came back");
		return;
	}
	put_bucket_headings(details);
	for (unsigned i = first; i <= last; i++)
		put_bucket(details, times->returns[i], away_bucket_name(i), most);
	if (times->n_unmeasured > 0) {
		g_autofree char *more = g_strdup_printf("%u more after absences whose beginning was not seen",
		                                        times->n_unmeasured);
		put_text(details, ROLE_FAINT, more);
	}
}

static void draw_spark(Area line, const BrokerTimes *times, uint32_t most)
{
	static const Glyph blocks[] = {GLYPH_BLOCK_1, GLYPH_BLOCK_2, GLYPH_BLOCK_3, GLYPH_BLOCK_4};
	for (unsigned i = 0; i < times->n_slices; i++) {
		if (times->opened[i] == 0)
			continue;
		uint64_t level = (uint64_t)(times->opened[i] - 1) * G_N_ELEMENTS(blocks) / most;
		area_glyph(line, INDENT + (int)i, 0, ROLE_NORMAL, blocks[MIN(level, G_N_ELEMENTS(blocks) - 1)]);
	}
}

static void put_churn(Details *details, const View *view, const BrokerTimes *times)
{
	uint32_t most = 0;
	for (unsigned i = 0; i < times->n_slices; i++)
		most = MAX(most, times->opened[i]);
	if (most == 0)
		return;
	char number[FORMAT_SIZE], duration[FORMAT_SIZE];
	format_count(most, number);
	int64_t span = ns_between(view->analysis->first, view->roster->now);
	format_duration(span / times->n_slices, duration);
	g_autofree char *heading = g_strdup_printf("Connections accepted, over the time: at most %s in %s", number,
	                                           duration);
	put_heading(details, heading);
	if (details->y >= 0 && details->y < details->area.rows)
		draw_spark(row_of(details->area, details->y), times, most);
	details->y++;
	char from[FORMAT_SIZE], to[FORMAT_SIZE];
	clock_text(view, view->analysis->first, from);
	clock_text(view, view->roster->now, to);
	if (details->y >= 0 && details->y < details->area.rows) {
		Area line = row_of(details->area, details->y);
		area_text(line, INDENT, 0, ROLE_FAINT, from);
		area_text(line, MAX(INDENT + (int)times->n_slices - text_width(to), 0), 0, ROLE_FAINT, to);
	}
	details->y++;
}

static void put_sums(Details *details, const View *view, const BrokersScreen *brokers, BrokerIndex broker)
{
	const BrokerSums *sums = brokers->sums;
	if (sums == NULL || sums->broker != broker) {
		double done = brokers->coming == NULL ? 0 : broker_sums_done(brokers->coming, view);
		g_autofree char *text = g_strdup_printf("Counting, %.0f %%", done * 100);
		put_heading(details, text);
		put_events(details, view, broker);
		return;
	}
	put_states(details, sums);
	put_events(details, view, broker);
	put_causes(details, sums);
	put_absences(details, sums->times);
	put_churn(details, view, sums->times);
}

static void draw_details(BrokersScreen *brokers, const View *view, Area area)
{
	BrokerIndex broker = (BrokerIndex)brokers->scroller.cursor;
	Details details = {area, -brokers->below - 1};
	make_room(brokers, view, area.columns);
	put_learned(&details, view, model_broker(view->model, broker));
	put_sums(&details, view, brokers, broker);
	brokers->n_details = details.y + brokers->below;
}

/* --- the list ----------------------------------------------------------------------------------- */

static void draw_broker(const View *view, Area line, BrokerIndex index)
{
	const Broker *broker = model_broker(view->model, index);
	g_autofree char *name = endpoint_sentence(&broker->endpoint);
	g_autofree char *clients = counted(broker->n_clients, "client", NULL);
	g_autofree char *connections = counted(broker->n_connections, "connection", NULL);
	g_autofree char *text = g_strdup_printf("%s, %s, %u resumed", clients, connections, broker->facts.n_resumed);
	int x = area_text(line, 0, 0, ROLE_BROKER, name);
	area_text(line, MAX(x + 2, 24), 0, ROLE_NORMAL, text);
}

static void draw_brokers(BrokersScreen *brokers, const View *view, Area rows, uint32_t n)
{
	for (int y = 0; y < rows.rows && brokers->scroller.top + y < n; y++) {
		draw_broker(view, row_of(rows, y), (BrokerIndex)(brokers->scroller.top + y));
		if (brokers->scroller.top + y == brokers->scroller.cursor)
			area_cursor(rows, 0, y, rows.columns);
	}
}

static void brokers_draw(Screen *screen, const View *view, Area area)
{
	BrokersScreen *brokers = of(screen);
	uint32_t n = model_n_brokers(view->model);
	if (n == 0) {
		area_paragraph(area, 0, 0, ROLE_NORMAL, view->status->ended ? "No broker was seen." : "No broker so far.");
		return;
	}
	int upper = MIN((int)MIN(n, (uint32_t)INT_MAX), MAX(area.rows / 4, 1));
	scroller_fit(&brokers->scroller, n, upper);
	draw_brokers(brokers, view, area_part(area, 0, 0, area.columns, upper), n);
	if (area.rows <= upper + 1)
		return;
	area_rule(area, upper, brokers->in_details ? ROLE_STRONG : ROLE_RULE);
	draw_details(brokers, view, area_part(area, 0, upper + 1, area.columns, area.rows - upper - 1));
}

/* --- acting ------------------------------------------------------------------------------------- */

static void open_clients(const BrokersScreen *brokers, const View *view, App *app)
{
	const Broker *broker = model_broker(view->model, (BrokerIndex)brokers->scroller.cursor);
	g_autofree char *name = endpoint_sentence(&broker->endpoint);
	g_autofree char *filter = g_strdup_printf("broker = %s", name);
	Screen *clients = clients_screen_new();
	clients_screen_filter(clients, filter);
	app_push(app, clients);
}

static bool scroll_details(BrokersScreen *brokers, Action action)
{
	Scroller details = {.cursor = brokers->below, .rows = 10};
	if (!scroller_act(&details, action, brokers->n_details))
		return false;
	brokers->below = (int)details.cursor;
	return true;
}

static bool brokers_act(Screen *screen, const View *view, Action action, App *app)
{
	BrokersScreen *brokers = of(screen);
	uint32_t n = model_n_brokers(view->model);
	int64_t before = brokers->scroller.cursor;
	if (action == ACTION_NEXT_PANE || action == ACTION_PREVIOUS_PANE)
		brokers->in_details = !brokers->in_details;
	else if (action == ACTION_OPEN && n > 0)
		open_clients(brokers, view, app);
	else if (brokers->in_details || n < 2)
		return scroll_details(brokers, action);
	else if (!scroller_act(&brokers->scroller, action, n))
		return false;
	if (brokers->scroller.cursor != before)
		brokers->below = 0;
	return true;
}

static SearchRows brokers_rows(Screen *screen, const View *view)
{
	return (SearchRows){model_n_brokers(view->model), (uint32_t)of(screen)->scroller.cursor};
}

static bool brokers_row_fits(Screen *screen, const View *view, const GRegex *pattern, uint32_t row)
{
	(void)screen;
	g_autofree char *name = endpoint_sentence(&model_broker(view->model, row)->endpoint);
	return g_regex_match(pattern, name, 0, NULL);
}

static void brokers_row_select(Screen *screen, const View *view, uint32_t row)
{
	(void)view;
	of(screen)->scroller.cursor = row;
	of(screen)->below = 0;
}

static char *brokers_copy(Screen *screen, const View *view)
{
	if (model_n_brokers(view->model) == 0)
		return NULL;
	const Broker *broker = model_broker(view->model, (BrokerIndex)of(screen)->scroller.cursor);
	g_autofree char *name = endpoint_sentence(&broker->endpoint);
	g_autofree char *learned = text_learned(view->report, broker);
	return g_strdup_printf("%s: %s", name, learned);
}

static bool brokers_clients(Screen *screen, const View *view, uint8_t *clients)
{
	BrokerIndex broker = (BrokerIndex)of(screen)->scroller.cursor;
	bool any = false;
	for (ClientIndex i = 0; i < model_n_clients(view->model); i++) {
		clients[i] = model_client(view->model, i)->broker == broker;
		any |= clients[i] != 0;
	}
	return any;
}

static bool brokers_click(Screen *screen, const View *view, int x, int y, bool twice, App *app)
{
	BrokersScreen *brokers = of(screen);
	int64_t row = brokers->scroller.top + y;
	(void)x;
	if (y < 0 || y >= brokers->scroller.rows || row >= model_n_brokers(view->model))
		return false;
	brokers_row_select(screen, view, (uint32_t)row);
	if (twice)
		open_clients(brokers, view, app);
	return true;
}

static const ScreenOps brokers_ops = {
	.id = SCREEN_BROKERS,
	.free = brokers_free,
	.title = brokers_title,
	.draw = brokers_draw,
	.work = brokers_work,
	.act = brokers_act,
	.rows = brokers_rows,
	.row_fits = brokers_row_fits,
	.row_select = brokers_row_select,
	.copy = brokers_copy,
	.clients = brokers_clients,
	.click = brokers_click,
};

Screen *brokers_screen_new(void)
{
	BrokersScreen *brokers = g_new0(BrokersScreen, 1);
	brokers->base.ops = &brokers_ops;
	return &brokers->base;
}
