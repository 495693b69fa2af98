/* SPDX-License-Identifier: MIT */
/*
 * ladder_screen: a client, its broker, and who else was involved, packet by packet.
 */
#include "ui/report/sentences.h"
#include "ui/screens/app.h"
#include "ui/screens/event_find.h"
#include "ui/screens/event_text.h"
#include "ui/screens/ladder.h"

static Ladder *of(Screen *screen)
{
	return (Ladder *)screen;
}

uint32_t ladder_selected(const Ladder *ladder)
{
	uint32_t n = ladder->history == NULL ? 0 : history_n_events(ladder->history);
	return n == 0 ? UINT32_MAX : (uint32_t)CLAMP(ladder->list.cursor, 0, (int64_t)n - 1);
}

static void select_event(Ladder *ladder, uint32_t event)
{
	scroller_jump(&ladder->list, event);
	ladder->follow = false;
	ladder->wanted = (FrameRef){0};
	ladder->wanted_at = INSTANT_UNKNOWN;
}

/* --- who is involved ------------------------------------------------------------------------------ */

static void involve(Ladder *ladder, const View *view, ClientIndex client)
{
	if (client >= model_n_clients(view->model))
		return;
	for (unsigned i = 0; i < ladder->n_clients; i++)
		if (ladder->clients[i] == client)
			return;
	if (ladder->n_clients < LADDER_CLIENTS)
		ladder->clients[ladder->n_clients++] = client;
}

unsigned ladder_lane(const Ladder *ladder, const Model *model, const HistoryEvent *event)
{
	if (ladder->twin != 0 && event->client == ladder->client &&
	    event->connection < model_n_connections(model) &&
	    ip_address_equal(&model_connection(model, event->connection)->source.address,
	                     &ladder->twin_host))
		return ladder->twin;
	for (unsigned i = 0; i < ladder->n_clients; i++)
		if (i != ladder->twin && ladder->clients[i] == event->client)
			return i;
	return 0;
}

/* The connection that got in the way: of another client, or of another host under the same name. */
static void involve_other(Ladder *ladder, const View *view, const Finding *finding)
{
	const Connection *other = view_connection(view, finding->other);
	if (other == NULL)
		return;
	const Connection *own = finding_connection(view->model, finding);
	if (other->client != ladder->client) {
		involve(ladder, view, other->client);
	} else if (own != NULL && !ip_address_equal(&own->source.address, &other->source.address)) {
		ladder->twin = ladder->n_clients;
		ladder->twin_host = other->source.address;
		ladder->clients[ladder->n_clients++] = ladder->client;
	}
}

static const Finding *finding_of(const Ladder *ladder, const View *view)
{
	return ladder->finding < view->analysis->findings->len
	               ? &g_array_index(view->analysis->findings, Finding, ladder->finding)
	               : NULL;
}

/* The twin, who published what was lost, and some of those that the same event hit. */
static void involve_all(Ladder *ladder, const View *view)
{
	const Finding *finding = finding_of(ladder, view);
	ladder->n_clients = ladder->twin = 0;
	involve(ladder, view, ladder->client);
	if (finding == NULL)
		return;
	involve_other(ladder, view, finding);
	const Absence *cost = model_absence(view->model, finding->cost);
	for (uint32_t i = 0; cost != NULL && i < cost->n_examples; i++)
		involve(ladder, view, cost->examples[i].publisher);
	for (uint32_t i = 0; finding->incident != NULL && i < MIN(finding->incident->n_hit, 3u); i++)
		involve(ladder, view, finding->incident->hit[i]);
}

static void note_evidence(Ladder *ladder, const View *view)
{
	const Finding *finding = finding_of(ladder, view);
	g_array_set_size(ladder->evidence, 0);
	if (finding == NULL)
		return;
	g_autoptr(FindingStory) story = finding_story(view->model, finding);
	for (guint i = 0; i < story->evidence->len; i++) {
		FrameRef frame = g_array_index(story->evidence, Evidence, i).frame;
		if (frame.number != 0)
			g_array_append_val(ladder->evidence, frame);
	}
	const Connection *shows = finding_connection(view->model, finding);
	if (shows == NULL)
		return;
	ladder->wanted = shows->connect_frame;
	ladder->wanted_at = shows->connect_time;
}

static void begin(Ladder *ladder, const View *view)
{
	if (ladder->history != NULL)
		history_unref(ladder->history);
	involve_all(ladder, view);
	note_evidence(ladder, view);
	ClientIndex asked[LADDER_CLIENTS];
	unsigned n_asked = 0;
	for (unsigned i = 0; i < ladder->n_clients; i++)
		if (i == 0 || i != ladder->twin)
			asked[n_asked++] = ladder->clients[i];
	ladder->history = engine_history(view->engine, asked, n_asked);
	g_array_set_size(ladder->online, 0);
	marks_init(&ladder->marks);
	packet_fields_clear(&ladder->fields);
	ladder->shown = UINT32_MAX;
}

/* --- before each look ----------------------------------------------------------------------------- */

/* The old connection of a client that came again may end late: that is no end of the new one. */
static uint8_t online_after(Ladder *ladder, const HistoryEvent *event, unsigned lane, uint8_t online)
{
	uint8_t bit = (uint8_t)(1u << lane);
	bool up = (online & bit) != 0;
	bool begins = event->kind == HISTORY_OPENED ||
	              (event->kind == HISTORY_PACKET && (event->type == MQTT_CONNECT || !up));
	bool ends = event->kind == HISTORY_FIN || event->kind == HISTORY_RST ||
	            event->kind == HISTORY_VANISHED;
	if (begins)
		ladder->current[lane] = event->connection;
	if (ends && event->connection == ladder->current[lane])
		return online & (uint8_t)~bit;
	return begins ? online | bit : online;
}

static void note_online(Ladder *ladder, const Model *model)
{
	uint32_t n = history_n_events(ladder->history);
	for (guint i = ladder->online->len; i < n; i++) {
		uint8_t online = i == 0 ? 0 : g_array_index(ladder->online, uint8_t, i - 1);
		const HistoryEvent *event = history_event(ladder->history, i);
		online = online_after(ladder, event, ladder_lane(ladder, model, event), online);
		g_array_append_val(ladder->online, online);
	}
}

static void look_for_wanted(Ladder *ladder)
{
	uint32_t n = history_n_events(ladder->history);
	if (n == 0 || (ladder->wanted.number == 0 && !instant_known(ladder->wanted_at)))
		return;
	uint32_t event = event_of_frame(ladder->history, ladder->wanted);
	if (event == UINT32_MAX && history_done(ladder->history) < 1)
		return;
	if (event == UINT32_MAX && instant_known(ladder->wanted_at))
		event = event_at(ladder->history, ladder->wanted_at);
	select_event(ladder, event == UINT32_MAX ? ladder_selected(ladder) : event);
}

void ladder_renew(Ladder *ladder, const View *view)
{
	if (ladder->history == NULL)
		begin(ladder, view);
	note_online(ladder, view->model);
	look_for_wanted(ladder);
}

/* --- the ops -------------------------------------------------------------------------------------- */

static void ladder_free(Screen *screen)
{
	Ladder *ladder = of(screen);
	if (ladder->history != NULL)
		history_unref(ladder->history);
	packet_fields_clear(&ladder->fields);
	g_array_unref(ladder->online);
	g_array_unref(ladder->evidence);
	g_free(ladder);
}

static char *ladder_title(Screen *screen, const View *view)
{
	Ladder *ladder = of(screen);
	const Client *client = model_client(view->model, ladder->client);
	g_autofree char *name = client_sentence_short(view->report, ladder->client);
	g_autofree char *broker =
		endpoint_sentence(&model_broker(view->model, client->broker)->endpoint);
	const Finding *finding = finding_of(ladder, view);
	return g_strdup_printf("Ladder of %s at %s%s%s", name, broker, finding == NULL ? "" : ": ",
	                       finding == NULL ? "" : cause_name((CauseId)finding->cause));
}

static void step_finding(Ladder *ladder, const View *view, int step, App *app)
{
	const Roster *roster = view->roster;
	if (ladder->client >= roster->n_rows)
		return;
	uint32_t first = roster->first[ladder->client], end = roster->first[ladder->client + 1];
	uint32_t at = first;
	while (at < end && roster->by_client[at] != ladder->finding)
		at++;
	uint32_t next = at == end ? first : at + (uint32_t)step;
	if (next < first || next >= end) {
		app_tell(app, "There is no other finding about this client that way.");
		return;
	}
	ladder->finding = roster->by_client[next];
	begin(ladder, view);
}

static bool ladder_act(Screen *screen, const View *view, Action action, App *app)
{
	Ladder *ladder = of(screen);
	ladder_renew(ladder, view);
	if (scroller_act(&ladder->list, action, history_n_events(ladder->history))) {
		select_event(ladder, (uint32_t)ladder->list.cursor);
		return true;
	}
	switch ((int)action) {
	case ACTION_OPEN:
	case ACTION_PACKET: event_open(ladder->history, ladder_selected(ladder), app); return true;
	case ACTION_MARK: marks_toggle(&ladder->marks, ladder_selected(ladder)); return true;
	case ACTION_COMPARE:
		marks_compare(&ladder->marks, ladder->history, ladder_selected(ladder), app);
		return true;
	case ACTION_NEXT_FINDING: step_finding(ladder, view, 1, app); return true;
	case ACTION_PREVIOUS_FINDING: step_finding(ladder, view, -1, app); return true;
	case ACTION_FOLLOW: ladder->follow = !ladder->follow; return true;
	case ACTION_LADDER: app_tell(app, "This is the ladder."); return true;
	default: return false;
	}
}

static SearchRows ladder_rows(Screen *screen, const View *view)
{
	Ladder *ladder = of(screen);
	ladder_renew(ladder, view);
	return (SearchRows){history_n_events(ladder->history), ladder_selected(ladder)};
}

static bool ladder_row_fits(Screen *screen, const View *view, const GRegex *pattern, uint32_t row)
{
	return event_fits(view->report, of(screen)->history, pattern, row);
}

static void ladder_row_select(Screen *screen, const View *view, uint32_t row)
{
	(void)view;
	select_event(of(screen), row);
}

static char *ladder_copy(Screen *screen, const View *view)
{
	uint32_t event = ladder_selected(of(screen));
	return event == UINT32_MAX ? NULL : event_row_text(view, of(screen)->history, event);
}

static ClientIndex ladder_client(Screen *screen, const View *view)
{
	(void)view;
	return of(screen)->client;
}

static bool ladder_clients(Screen *screen, const View *view, uint8_t *clients)
{
	Ladder *ladder = of(screen);
	(void)view;
	for (unsigned i = 0; i < ladder->n_clients; i++)
		clients[ladder->clients[i]] = 1;
	return ladder->n_clients > 0;
}

static bool ladder_go(Screen *screen, const View *view, Instant moment, FrameRef frame)
{
	Ladder *ladder = of(screen);
	ladder_renew(ladder, view);
	ladder->wanted = frame;
	ladder->wanted_at = moment;
	bool there = frame.number == 0 || history_done(ladder->history) < 1 ||
	             event_of_frame(ladder->history, frame) != UINT32_MAX;
	look_for_wanted(ladder);
	return there;
}

static bool ladder_click(Screen *screen, const View *view, int x, int y, bool twice, App *app)
{
	Ladder *ladder = of(screen);
	(void)x;
	ladder_renew(ladder, view);
	int64_t row = ladder->list.top + y - ladder->list_y;
	if (y < ladder->list_y || row >= history_n_events(ladder->history))
		return false;
	select_event(ladder, (uint32_t)row);
	if (twice)
		event_open(ladder->history, ladder_selected(ladder), app);
	return true;
}

static FrameRef ladder_frame(Screen *screen, const View *view)
{
	(void)view;
	uint32_t event = ladder_selected(of(screen));
	return event == UINT32_MAX ? (FrameRef){0} : history_event(of(screen)->history, event)->frame;
}

static bool ladder_busy(Screen *screen, const View *view)
{
	History *history = of(screen)->history;
	(void)view;
	return history != NULL && history_done(history) < 1 && history_error(history) == NULL;
}

static const ScreenOps ladder_ops = {
	.id = SCREEN_LADDER,
	.free = ladder_free,
	.title = ladder_title,
	.draw = ladder_draw,
	.act = ladder_act,
	.rows = ladder_rows,
	.row_fits = ladder_row_fits,
	.row_select = ladder_row_select,
	.copy = ladder_copy,
	.client = ladder_client,
	.clients = ladder_clients,
	.go = ladder_go,
	.click = ladder_click,
	.frame = ladder_frame,
	.busy = ladder_busy,
};

Screen *ladder_screen_new(ClientIndex client, uint32_t finding)
{
	Ladder *ladder = g_new0(Ladder, 1);
	ladder->base.ops = &ladder_ops;
	ladder->client = client;
	ladder->finding = finding;
	ladder->online = g_array_new(FALSE, FALSE, sizeof(uint8_t));
	ladder->evidence = g_array_new(FALSE, FALSE, sizeof(FrameRef));
	ladder->wanted_at = INSTANT_UNKNOWN;
	ladder->shown = UINT32_MAX;
	marks_init(&ladder->marks);
	return &ladder->base;
}
