/* SPDX-License-Identifier: MIT */
#include "src/chosen.h"

#include <inttypes.h>
#include <string.h>

#include "src/session/host.h"

typedef struct Ends {
	Endpoint client, broker;
} Ends;

G_STATIC_ASSERT(sizeof(Ends) == 36); /* no padding: it is compared and hashed as octets */

/* One connection. */
typedef struct Span {
	Instant opened;
	bool wanted;
} Span;

typedef struct Path {
	Ends ends;
	GArray *spans;   /* of Span, by time */
	uint32_t wanted; /* of them */
} Path;

struct Chosen {
	GHashTable *by_ends; /* Ends → Path */
	GPtrArray *paths;    /* in the order of their first connections; owns them */
};

static guint ends_hash(gconstpointer key)
{
	return octets_hash(key, sizeof(Ends));
}

static gboolean ends_equal(gconstpointer a, gconstpointer b)
{
	return memcmp(a, b, sizeof(Ends)) == 0;
}

static void path_free(gpointer data)
{
	Path *path = data;
	g_array_unref(path->spans);
	g_free(path);
}

static gint by_time(gconstpointer a, gconstpointer b)
{
	int64_t of_a = ((const Span *)a)->opened.ns;
	int64_t of_b = ((const Span *)b)->opened.ns;
	return of_a < of_b ? -1 : of_a > of_b;
}

static void add_connection(Chosen *chosen, const Model *model, const Connection *connection,
                           const uint8_t *clients)
{
	Ends ends = {*model_socket(model, connection), model_broker(model, connection->broker)->endpoint};
	Path *path = g_hash_table_lookup(chosen->by_ends, &ends);
	if (path == NULL) {
		path = g_new0(Path, 1);
		path->ends = ends;
		path->spans = g_array_new(FALSE, FALSE, sizeof(Span));
		g_hash_table_insert(chosen->by_ends, &path->ends, path);
		g_ptr_array_add(chosen->paths, path);
	}
	bool wanted = connection->client != NO_INDEX && clients[connection->client] != 0;
	g_array_append_val(path->spans, ((Span){connection->opened, wanted}));
	path->wanted += wanted;
}

Chosen *chosen_new(const Model *model, const uint8_t *clients)
{
	Chosen *chosen = g_new0(Chosen, 1);
	chosen->by_ends = g_hash_table_new(ends_hash, ends_equal);
	chosen->paths = g_ptr_array_new_with_free_func(path_free);
	uint32_t n_connections = model_n_connections(model);
	for (uint32_t i = 0; i < n_connections; i++) {
		const Connection *connection = model_connection(model, i);
		if (connection->broker != NO_INDEX && !connection->forgotten)
			add_connection(chosen, model, connection, clients);
	}
	for (guint i = 0; i < chosen->paths->len; i++)
		g_array_sort(((Path *)chosen->paths->pdata[i])->spans, by_time);
	return chosen;
}

void chosen_free(Chosen *chosen)
{
	if (chosen == NULL)
		return;
	g_hash_table_unref(chosen->by_ends);
	g_ptr_array_unref(chosen->paths);
	g_free(chosen);
}

/* What comes before the first connection began counts to it: clocks of merged files may differ. */
static bool wanted_at(const GArray *spans, Instant time)
{
	guint low = 0, high = spans->len;
	while (low < high) {
		guint middle = low + (high - low) / 2;
		if (g_array_index(spans, Span, middle).opened.ns <= time.ns)
			low = middle + 1;
		else
			high = middle;
	}
	return g_array_index(spans, Span, low > 0 ? low - 1 : 0).wanted;
}

bool chosen_has(const Chosen *chosen, const TcpSegment *segment, Instant time)
{
	Ends there = {segment->source, segment->destination};
	Ends back = {segment->destination, segment->source};
	const Path *path = g_hash_table_lookup(chosen->by_ends, &there);
	if (path == NULL)
		path = g_hash_table_lookup(chosen->by_ends, &back);
	return path != NULL && wanted_at(path->spans, time);
}

/* --- the display filter ----------------------------------------------------------------------- */

static void append_moment(GString *out, const char *relation, Instant time)
{
	int64_t ns = MAX(time.ns, 0);
	g_string_append_printf(out, "frame.time_epoch %s %" PRId64 ".%09" PRId64, relation,
	                       ns / NS_PER_SECOND, ns % NS_PER_SECOND);
}

/* From the beginning of the @first span to that of the one after the @last. */
static void append_time(GString *out, const GArray *spans, guint first, guint last)
{
	if (first > 0)
		append_moment(out, ">=", g_array_index(spans, Span, first).opened);
	if (first > 0 && last + 1 < spans->len)
		g_string_append(out, " && ");
	if (last + 1 < spans->len)
		append_moment(out, "<", g_array_index(spans, Span, last + 1).opened);
}

static void append_times(GString *out, const GArray *spans)
{
	bool more = false;
	g_string_append(out, " && (");
	for (guint first = 0; first < spans->len; first++) {
		if (!g_array_index(spans, Span, first).wanted)
			continue;
		guint last = first;
		while (last + 1 < spans->len && g_array_index(spans, Span, last + 1).wanted)
			last++;
		g_string_append(out, more ? " || (" : "(");
		append_time(out, spans, first, last);
		g_string_append_c(out, ')');
		more = true;
		first = last;
	}
	g_string_append_c(out, ')');
}

static void append_address(GString *out, const IpAddress *address)
{
	char text[ENDPOINT_TEXT_SIZE];
	ip_address_format(address, text);
	g_string_append_printf(out, "%s == %s && ", ip_address_is_v4(address) ? "ip.addr" : "ipv6.addr",
	                       text);
}

static void append_path(GString *out, const Path *path)
{
	const Ends *ends = &path->ends;
	g_string_append(out, out->len > 0 ? " || (" : "(");
	append_address(out, &ends->client.address);
	if (!ip_address_equal(&ends->client.address, &ends->broker.address))
		append_address(out, &ends->broker.address);
	g_string_append_printf(out, "tcp.port == %u && tcp.port == %u", ends->client.port,
	                       ends->broker.port);
	if (path->wanted < path->spans->len)
		append_times(out, path->spans);
	g_string_append_c(out, ')');
}

char *chosen_wireshark(const Chosen *chosen, uint32_t *n_left)
{
	GString *out = g_string_new(NULL);
	uint32_t n = 0;
	*n_left = 0;
	for (guint i = 0; i < chosen->paths->len; i++) {
		const Path *path = chosen->paths->pdata[i];
		if (path->wanted == 0)
			continue;
		if (n > 0 && n + path->wanted > CHOSEN_FILTER_MOST) {
			*n_left += path->wanted;
			continue;
		}
		append_path(out, path);
		n += path->wanted;
	}
	return g_string_free(out, FALSE);
}
