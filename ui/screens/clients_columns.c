/* SPDX-License-Identifier: MIT */
#include "ui/screens/clients_columns.h"

#include <string.h>

#include "dissectors/mqtt_names.h"
#include "ui/report/format.h"
#include "ui/report/sentences.h"

#define NS_PER_DAY (INT64_C(86400) * NS_PER_SECOND)

Role severity_role(Severity severity)
{
	static const Role roles[SEVERITY_N] = {
		[SEVERITY_LOSS] = ROLE_LOSS, [SEVERITY_RISK] = ROLE_RISK, [SEVERITY_NOTE] = ROLE_NOTE,
	};
	return severity < SEVERITY_N ? roles[severity] : ROLE_NORMAL;
}

Glyph severity_sign(Severity severity)
{
	static const Glyph glyphs[SEVERITY_N] = {
		[SEVERITY_LOSS] = GLYPH_LOSS, [SEVERITY_RISK] = GLYPH_RISK, [SEVERITY_NOTE] = GLYPH_NOTE,
	};
	return severity < SEVERITY_N ? glyphs[severity] : GLYPH_GOOD;
}

void clock_text(const View *view, Instant instant, char *text)
{
	if (!instant_known(instant)) {
		g_strlcpy(text, "?", FORMAT_SIZE);
		return;
	}
	if (view->times_relative) {
		format_offset(ns_between(view->analysis->first, instant), text);
		return;
	}
	char full[FORMAT_SIZE];
	format_date_time(instant, full);
	bool today = instant_known(view->now) && instant.ns / NS_PER_DAY == view->now.ns / NS_PER_DAY;
	/* "2026-11-22 10:15:30" */
	if (strlen(full) != 19)
		g_strlcpy(text, full, FORMAT_SIZE);
	else if (today)
		g_strlcpy(text, full + 11, FORMAT_SIZE);
	else
		g_strlcpy(text, full + 5, 12);
}

/* --- what is in a cell -------------------------------------------------------------------------- */

static void value_state(const View *view, const RosterRow *row, ColumnText *text)
{
	static const struct {
		const char *word;
		Glyph glyph;
		Role role;
	} states[CLIENT_STATE_N] = {
		[CLIENT_ONLINE] = {"online", GLYPH_ONLINE, ROLE_GOOD},
		[CLIENT_AWAY_KEPT] = {"kept", GLYPH_KEPT, ROLE_KEPT},
		[CLIENT_AWAY_GONE] = {"offline", GLYPH_GONE, ROLE_FAINT},
		[CLIENT_AWAY_UNKNOWN] = {"unknown", GLYPH_UNKNOWN, ROLE_NOTE},
		[CLIENT_REFUSED] = {"refused", GLYPH_OFFLINE, ROLE_RISK},
	};
	(void)view;
	text->glyph = states[row->state].glyph;
	text->role = states[row->state].role;
	g_string_append(text->text, states[row->state].word);
}

static void value_client(const View *view, const RosterRow *row, ColumnText *text)
{
	g_autofree char *name = client_sentence_short(view->report, row->client);
	text->role = row->severity == SEVERITY_LOSS ? ROLE_STRONG : ROLE_NORMAL;
	g_string_append(text->text, name);
}

static void value_broker(const View *view, const RosterRow *row, ColumnText *text)
{
	BrokerIndex broker = model_client(view->model, row->client)->broker;
	char endpoint[ENDPOINT_TEXT_SIZE];
	endpoint_format(&model_broker(view->model, broker)->endpoint, endpoint);
	g_string_append(text->text, endpoint);
}

static void value_version(const View *view, const RosterRow *row, ColumnText *text)
{
	(void)view;
	g_string_append(text->text, row->version == MQTT_VERSION_UNKNOWN
	                                    ? "?" : mqtt_version_name((MqttVersion)row->version));
}

static void value_connections(const View *view, const RosterRow *row, ColumnText *text)
{
	(void)view;
	g_string_append_printf(text->text, "%u", row->n_connections);
}

static void value_resumed(const View *view, const RosterRow *row, ColumnText *text)
{
	(void)view;
	if (row->n_reconnects == 0)
		g_string_append_c(text->text, '-');
	else
		g_string_append_printf(text->text, "%u of %u", row->n_resumed, row->n_reconnects);
}

/* "4:12", "1:04:12", "2 d 05 h" */
static void append_countdown(GString *text, int64_t ns)
{
	int64_t seconds = MAX(ns, 0) / NS_PER_SECOND;
	char duration[FORMAT_SIZE];
	format_duration(ns, duration);
	if (seconds >= 86400)
		g_string_append(text, duration);
	else if (seconds >= 3600)
		g_string_append_printf(text, "%d:%02d:%02d", (int)(seconds / 3600), (int)(seconds / 60 % 60),
		                       (int)(seconds % 60));
	else
		g_string_append_printf(text, "%d:%02d", (int)(seconds / 60), (int)(seconds % 60));
}

static void append_kept(const View *view, const RosterRow *row, GString *text)
{
	if (row->never)
		g_string_append(text, "for ever");
	else
		append_countdown(text, ns_between(view->now, row->deadline));
}

/* "kept 4:12 more", or "4:12" where there is little room: the state says the rest. */
static void value_since(const View *view, const RosterRow *row, ColumnText *text)
{
	char clock[FORMAT_SIZE];
	if (row->state != CLIENT_AWAY_KEPT) {
		clock_text(view, row->since, clock);
		g_string_append(text->text, clock);
		return;
	}
	text->role = ROLE_KEPT;
	append_kept(view, row, text->text);
	int more = row->never ? 5 : 10;
	if (text->room > 0 && text_width(text->text->str) + more > text->room)
		return;
	g_string_prepend(text->text, "kept ");
	g_string_append(text->text, row->never ? "" : " more");
}

static void value_cause(const View *view, const RosterRow *row, ColumnText *text)
{
	(void)view;
	if (row->finding == UINT32_MAX)
		return;
	text->glyph = severity_sign((Severity)row->severity);
	text->role = severity_role((Severity)row->severity);
	g_string_append(text->text, cause_name((CauseId)row->cause));
}

static void value_lost(const View *view, const RosterRow *row, ColumnText *text)
{
	(void)view;
	if (row->severity != SEVERITY_LOSS)
		return;
	text->role = row->lost.max > 0 || row->lost_unknown || row->lost_unbounded ? ROLE_LOSS : ROLE_NORMAL;
	bool open = row->lost_unknown || row->lost_unbounded;
	if (open && row->lost.min == 0)
		g_string_append_c(text->text, '?');
	else if (open)
		g_string_append_printf(text->text, "%u+", row->lost.min);
	else if (row->lost.min == row->lost.max)
		g_string_append_printf(text->text, "%u", row->lost.min);
	else
		g_string_append_printf(text->text, "%u-%u", row->lost.min, row->lost.max);
}

static void value_lapses(const View *view, const RosterRow *row, ColumnText *text)
{
	(void)view;
	if (row->n_lapses > 0)
		g_string_append_printf(text->text, "%u", row->n_lapses);
}

const char *party_text(const View *view, Responsible responsible)
{
	bool open = view->analysis->diagnosis.unfinished && responsible == RESPONSIBLE_UNKNOWABLE;
	return open ? "not decided yet" : responsible_name(responsible);
}

static void value_responsible(const View *view, const RosterRow *row, ColumnText *text)
{
	if (row->responsible < RESPONSIBLE_N)
		g_string_append(text->text, party_text(view, (Responsible)row->responsible));
}

static void value_user(const View *view, const RosterRow *row, ColumnText *text)
{
	ConnectionIndex last = model_client(view->model, row->client)->last;
	if (last == NO_INDEX || !model_connection(view->model, last)->has_username)
		return;
	g_autofree char *name =
		wire_sentence(view->report, WIRE_USERNAME, model_connection(view->model, last)->username);
	g_string_append(text->text, name);
}

static void value_seen(const View *view, const RosterRow *row, ColumnText *text)
{
	char clock[FORMAT_SIZE];
	clock_text(view, row->last_seen, clock);
	g_string_append(text->text, clock);
}

static void value_timeline(const View *view, const RosterRow *row, ColumnText *text)
{
	(void)view;
	(void)row;
	(void)text;
}

/* --- orders ------------------------------------------------------------------------------------- */

/* Numbers sort from the greatest on, for whoever looks for trouble; names and times forwards. */
static uint64_t most_first(uint64_t number)
{
	return UINT64_MAX - number;
}

static uint64_t in_time(Instant instant)
{
	return (uint64_t)instant.ns ^ (UINT64_C(1) << 63);
}

static uint64_t key_state(const View *view, const RosterRow *row)
{
	(void)view;
	return row->state;
}

static uint64_t key_client(const View *view, const RosterRow *row)
{
	(void)view;
	(void)row;
	return 0;
}

static uint64_t key_broker(const View *view, const RosterRow *row)
{
	return model_client(view->model, row->client)->broker;
}

static uint64_t key_version(const View *view, const RosterRow *row)
{
	(void)view;
	return row->version;
}

static uint64_t key_connections(const View *view, const RosterRow *row)
{
	(void)view;
	return most_first(row->n_connections);
}

static uint64_t key_resumed(const View *view, const RosterRow *row)
{
	(void)view;
	return most_first(row->n_resumed);
}

static uint64_t key_since(const View *view, const RosterRow *row)
{
	(void)view;
	return in_time(row->since);
}

/* As messages lost: those that nobody counted are before the rest. */
static uint64_t lost_at_most(const RosterRow *row)
{
	return (uint64_t)row->lost.max + (row->lost_unknown || row->lost_unbounded ? UINT64_C(1) << 32 : 0);
}

static uint64_t key_cause(const View *view, const RosterRow *row)
{
	(void)view;
	return ((uint64_t)row->severity << 56) + (UINT64_C(1) << 40) - lost_at_most(row);
}

static uint64_t key_lost(const View *view, const RosterRow *row)
{
	(void)view;
	return most_first(lost_at_most(row));
}

static uint64_t key_lapses(const View *view, const RosterRow *row)
{
	(void)view;
	return most_first(row->n_lapses);
}

static uint64_t key_responsible(const View *view, const RosterRow *row)
{
	(void)view;
	return row->responsible;
}

static uint64_t key_user(const View *view, const RosterRow *row)
{
	ConnectionIndex last = model_client(view->model, row->client)->last;
	if (last == NO_INDEX || !model_connection(view->model, last)->has_username)
		return UINT64_MAX;
	ByteSpan name = model_text(view->model, model_connection(view->model, last)->username);
	uint64_t key = 0;
	for (unsigned i = 0; i < sizeof key; i++)
		key = key << 8 | (i < name.size ? name.data[i] : 0);
	return key;
}

static uint64_t key_seen(const View *view, const RosterRow *row)
{
	(void)view;
	return most_first(in_time(row->last_seen));
}

static uint64_t key_timeline(const View *view, const RosterRow *row)
{
	return key_client(view, row);
}

/* --- the table ---------------------------------------------------------------------------------- */

const ColumnInfo *column_info(ClientColumn column)
{
	static const ColumnInfo infos[COLUMN_N] = {
#define CLIENT_COLUMN(id, function, name, heading, least, preferred, priority, align, shown, help) \
	[COLUMN_##id] = {name, heading, least, preferred, priority, ALIGN_##align, shown, help},
#include "ui/screens/clients_columns.def"
#undef CLIENT_COLUMN
	};
	return &infos[column];
}

void column_text(ClientColumn column, const View *view, const RosterRow *row, ColumnText *text)
{
	static void (*const values[COLUMN_N])(const View *, const RosterRow *, ColumnText *) = {
#define CLIENT_COLUMN(id, function, ...) [COLUMN_##id] = value_##function,
#include "ui/screens/clients_columns.def"
#undef CLIENT_COLUMN
	};
	g_string_truncate(text->text, 0);
	text->glyph = GLYPH_N;
	text->role = ROLE_NORMAL;
	values[column](view, row, text);
}

int column_text_width(const ColumnText *text)
{
	return text_width(text->text->str) + (text->glyph == GLYPH_N ? 0 : 2);
}

uint64_t column_key(ClientColumn column, const View *view, const RosterRow *row)
{
	static uint64_t (*const keys[COLUMN_N])(const View *, const RosterRow *) = {
#define CLIENT_COLUMN(id, function, ...) [COLUMN_##id] = key_##function,
#include "ui/screens/clients_columns.def"
#undef CLIENT_COLUMN
	};
	return keys[column](view, row);
}

ClientColumn column_by_name(const char *name)
{
	for (unsigned i = 0; i < COLUMN_N; i++)
		if (strcmp(column_info((ClientColumn)i)->name, name) == 0)
			return (ClientColumn)i;
	return COLUMN_N;
}
