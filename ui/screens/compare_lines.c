/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "ui/report/sentences.h"
#include "ui/screens/compare.h"
#include "ui/screens/event_find.h"
#include "ui/screens/event_text.h"

static void clear_line(void *pointer)
{
	CompareLine *line = pointer;
	g_free(line->label);
	g_free(line->values[0]);
	g_free(line->values[1]);
}

GArray *compare_lines_new(void)
{
	GArray *lines = g_array_new(FALSE, FALSE, sizeof(CompareLine));
	g_array_set_clear_func(lines, clear_line);
	return lines;
}

static void compare_heading(GArray *lines, const char *label)
{
	CompareLine line = {.label = g_strdup(label), .heading = true};
	g_array_append_val(lines, line);
}

/* The values are taken over; NULL: absent. */
static void compare_value(GArray *lines, const char *label, char *left, char *right)
{
	CompareLine line = {.label = g_strdup(label), .values = {left, right}, .depth = 1};
	line.different = g_strcmp0(left, right) != 0;
	g_array_append_val(lines, line);
}

/* --- fields --------------------------------------------------------------------------------------- */

typedef struct Side {
	PacketFields fields;
	GPtrArray *paths;     /* of char *, by field: "CONNECT/Payload/Will Topic#1" */
	GHashTable *by_path;  /* path to index + 1 */
} Side;

/* Fields of one name below the same field are told apart by number. */
static void name_paths(Side *side)
{
	GHashTable *counts = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	for (uint32_t i = 0; i < side->fields.tree->len; i++) {
		const MqttField *field = packet_field(&side->fields, i);
		uint32_t above = packet_field_above(&side->fields, i);
		const char *begin = i == above ? "" : g_ptr_array_index(side->paths, above);
		g_autofree char *name = g_strdup_printf("%s/%s", begin, i == 0 ? "" : field->label);
		guint n = GPOINTER_TO_UINT(g_hash_table_lookup(counts, name)) + 1;
		char *path = g_strdup_printf("%s#%u", name, n);
		g_hash_table_insert(counts, g_steal_pointer(&name), GUINT_TO_POINTER(n));
		g_ptr_array_add(side->paths, path);
		g_hash_table_insert(side->by_path, path, GUINT_TO_POINTER(i + 1));
	}
	g_hash_table_unref(counts);
}

static void side_init(Side *side, const CompareSide *of)
{
	side->paths = g_ptr_array_new_with_free_func(g_free);
	side->by_path = g_hash_table_new(g_str_hash, g_str_equal);
	if (of->history == NULL) {
		side->fields = (PacketFields){.tree = g_array_new(FALSE, FALSE, sizeof(MqttField))};
		return;
	}
	packet_fields_init(&side->fields, of->history, of->event);
	name_paths(side);
}

static void side_clear(Side *side)
{
	packet_fields_clear(&side->fields);
	g_hash_table_unref(side->by_path);
	g_ptr_array_unref(side->paths);
}

static char *value_of(const View *view, const MqttField *field)
{
	char *text = packet_field_text(view->report, field);
	if (field->fault >= 0 && *text == '\0') {
		g_free(text);
		return g_strdup_printf("fault: %s", field->clause);
	}
	return text;
}

static bool same_octets(const MqttField *a, const MqttField *b)
{
	return a->text.size == b->text.size && memcmp(a->text.data, b->text.data, a->text.size) == 0;
}

/* UINT32_MAX: absent on that side.  Redacted values may look alike and differ. */
static void add_fields(GArray *lines, const View *view, const Side sides[2], uint32_t left, uint32_t right)
{
	const MqttField *fields[2] = {
		left == UINT32_MAX ? NULL : packet_field(&sides[0].fields, left),
		right == UINT32_MAX ? NULL : packet_field(&sides[1].fields, right),
	};
	const MqttField *any = left == UINT32_MAX ? packet_field(&sides[1].fields, right) : fields[0];
	CompareLine line = {.label = g_strdup(any->label), .depth = any->depth};
	for (int i = 0; i < 2; i++)
		line.values[i] = fields[i] == NULL ? NULL : value_of(view, fields[i]);
	line.different = fields[0] == NULL || fields[1] == NULL ||
	                 g_strcmp0(line.values[0], line.values[1]) != 0 ||
	                 !same_octets(fields[0], fields[1]);
	g_array_append_val(lines, line);
}

static uint32_t index_in(const Side *side, const char *path)
{
	return GPOINTER_TO_UINT(g_hash_table_lookup(side->by_path, path)) - 1;
}

/* What only the right side has stands where it stands there. */
void compare_packets(GArray *lines, const View *view, const CompareSide of[2])
{
	Side sides[2];
	side_init(&sides[0], &of[0]);
	side_init(&sides[1], &of[1]);
	uint32_t next = 0, n_right = sides[1].fields.tree->len;
	for (uint32_t left = 0; left < sides[0].fields.tree->len; left++) {
		uint32_t right = index_in(&sides[1], g_ptr_array_index(sides[0].paths, left));
		for (; right != UINT32_MAX && next < right; next++)
			if (index_in(&sides[0], g_ptr_array_index(sides[1].paths, next)) == UINT32_MAX)
				add_fields(lines, view, sides, UINT32_MAX, next);
		if (right != UINT32_MAX)
			next = MAX(next, right + 1);
		add_fields(lines, view, sides, left, right);
	}
	for (; next < n_right; next++)
		if (index_in(&sides[0], g_ptr_array_index(sides[1].paths, next)) == UINT32_MAX)
			add_fields(lines, view, sides, UINT32_MAX, next);
	side_clear(&sides[0]);
	side_clear(&sides[1]);
}

/* --- connections ---------------------------------------------------------------------------------- */

static const Connection *connection_of(const View *view, const CompareSide *side)
{
	return view_connection(view, history_event(side->history, side->event)->connection);
}

static CompareSide beside(const CompareSide *side, MqttType type, bool has_type)
{
	CompareSide other = *side;
	ConnectionIndex connection = history_event(side->history, side->event)->connection;
	if (has_type)
		other.event = event_of_type(side->history, connection, type);
	if (other.event == UINT32_MAX)
		other.history = NULL;
	return other;
}

static void add_section(GArray *lines, const View *view, const CompareSide sides[2], MqttType type,
                        const char *heading)
{
	CompareSide both[2] = {beside(&sides[0], type, true), beside(&sides[1], type, true)};
	compare_heading(lines, heading);
	if (both[0].history == NULL && both[1].history == NULL)
		compare_value(lines, "(not captured, or not sent)", NULL, NULL);
	else
		compare_packets(lines, view, both);
}

typedef char *(*Describe)(const View *view, const Connection *connection);

static char *outcome(const View *view, const Connection *connection)
{
	(void)view;
	return g_strdup(outcome_name((Outcome)connection->outcome));
}

static char *closed_how(const View *view, const Connection *connection)
{
	(void)view;
	return g_strdup(close_kind_name((CloseKind)connection->close_kind));
}

static char *closed_by_whom(const View *view, const Connection *connection)
{
	(void)view;
	return g_strdup(closed_by_name((ClosedBy)connection->closed_by));
}

static char *opened(const View *view, const Connection *connection)
{
	char text[FORMAT_SIZE];
	event_time(view, connection->opened, text);
	return g_strdup(text);
}

static char *lasted(const View *view, const Connection *connection)
{
	(void)view;
	char text[FORMAT_SIZE];
	format_duration(ns_between(connection->opened, connection->closed), text);
	return g_strdup(text);
}

static char *source(const View *view, const Connection *connection)
{
	(void)view;
	return endpoint_sentence(&connection->source);
}

static char *kept(const View *view, const Connection *connection)
{
	(void)view;
	return kept_sentence(connection);
}

static void add_facts(GArray *lines, const View *view, const CompareSide sides[2])
{
	static const struct {
		const char *label;
		Describe describe;
	} facts[] = {{"Opened", opened},           {"Source", source}, {"Session found", outcome},
	             {"Ended", closed_how},        {"By", closed_by_whom}, {"Lasted", lasted},
	             {"Session kept afterwards", kept}};
	const Connection *both[2] = {connection_of(view, &sides[0]), connection_of(view, &sides[1])};
	compare_heading(lines, "The connections");
	for (size_t i = 0; i < G_N_ELEMENTS(facts); i++)
		compare_value(lines, facts[i].label, both[0] == NULL ? NULL : facts[i].describe(view, both[0]),
		              both[1] == NULL ? NULL : facts[i].describe(view, both[1]));
}

void compare_connections(GArray *lines, const View *view, const CompareSide sides[2])
{
	add_facts(lines, view, sides);
	add_section(lines, view, sides, MQTT_CONNECT, "CONNECT");
	add_section(lines, view, sides, MQTT_CONNACK, "CONNACK");
	add_section(lines, view, sides, MQTT_DISCONNECT, "DISCONNECT");
}
