/* SPDX-License-Identifier: MIT */
#include "src/save.h"

#include <string.h>
#include <sys/stat.h>

#include "dissectors/decap.h"
#include "src/capture/writer.h"
#include "src/session/host.h"

enum { LINK_TYPE_ETHERNET = 1 };

typedef struct Path {
	Endpoint client, broker;
} Path;

G_STATIC_ASSERT(sizeof(Path) == 36); /* no padding: it is compared and hashed as octets */

/* One connection on a path. */
typedef struct Span {
	Instant opened;
	bool wanted;
} Span;

struct Save {
	const char *path;
	CaptureWriter *writer;
	GError *error;
	GHashTable *paths; /* Path → GArray of Span by time; NULL: every frame is wanted */
	Decap *decap;
};

static bool set_error(GError **error, const char *file, const char *says)
{
	g_set_error(error, MQLAPSE_CAPTURE_ERROR, CAPTURE_ERROR_WRITE, "%s: %s", file, says);
	return false;
}

bool save_check(char *const *files, const char *path, bool twice, GError **error)
{
	struct stat out, in;
	bool exists = strcmp(path, "-") != 0 && stat(path, &out) == 0;
	for (; *files != NULL; files++) {
		bool named = strcmp(*files, "-") != 0;
		if (named && stat(*files, &in) != 0)
			continue; /* opening it will tell */
		if (named && exists && S_ISREG(in.st_mode) && in.st_dev == out.st_dev &&
		    in.st_ino == out.st_ino)
			return set_error(error, path, "-w would overwrite the capture that -r reads");
		if (twice && (!named || !S_ISREG(in.st_mode)))
			return set_error(error, *files, "-w with --client reads twice, which only a file "
			                                "allows: save the input to one first");
	}
	return true;
}

Save *save_new(const char *path)
{
	Save *save = g_new0(Save, 1);
	save->path = path;
	return save;
}

static guint path_hash(gconstpointer key)
{
	const uint8_t *octets = key;
	uint32_t hash = UINT32_C(2166136261); /* FNV-1a */
	for (size_t i = 0; i < sizeof(Path); i++)
		hash = (hash ^ octets[i]) * UINT32_C(16777619);
	return hash;
}

static gboolean path_equal(gconstpointer a, gconstpointer b)
{
	return memcmp(a, b, sizeof(Path)) == 0;
}

static void spans_free(gpointer spans)
{
	g_array_unref(spans);
}

static gint by_time(gconstpointer a, gconstpointer b)
{
	int64_t of_a = ((const Span *)a)->opened.ns;
	int64_t of_b = ((const Span *)b)->opened.ns;
	return of_a < of_b ? -1 : of_a > of_b;
}

static void add_connection(Save *save, const Model *model, const Connection *connection,
                           const uint8_t *clients)
{
	Path key = {*model_socket(model, connection), model_broker(model, connection->broker)->endpoint};
	GArray *spans = g_hash_table_lookup(save->paths, &key);
	if (spans == NULL) {
		spans = g_array_new(FALSE, FALSE, sizeof(Span));
		g_hash_table_insert(save->paths, g_memdup2(&key, sizeof key), spans);
	}
	bool wanted = connection->client != NO_INDEX && clients[connection->client] != 0;
	g_array_append_val(spans, ((Span){connection->opened, wanted}));
}

void save_only(Save *save, const Model *model, const uint8_t *clients)
{
	save->decap = decap_new();
	save->paths = g_hash_table_new_full(path_hash, path_equal, g_free, spans_free);
	uint32_t n_connections = model_n_connections(model);
	for (uint32_t i = 0; i < n_connections; i++) {
		const Connection *connection = model_connection(model, i);
		if (connection->broker != NO_INDEX)
			add_connection(save, model, connection, clients);
	}
	GHashTableIter iter;
	gpointer spans;
	g_hash_table_iter_init(&iter, save->paths);
	while (g_hash_table_iter_next(&iter, NULL, &spans))
		g_array_sort(spans, by_time);
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

static bool is_wanted(const Save *save, const Frame *frame)
{
	if (save->paths == NULL)
		return true;
	TcpSegment segment;
	DecapResult result = decap_frame(save->decap, frame, &segment);
	if (result != DECAP_TCP)
		return result == DECAP_WAITING; /* whose fragment it is shows later: better one too many */
	Path there = {segment.source, segment.destination};
	Path back = {segment.destination, segment.source};
	const GArray *spans = g_hash_table_lookup(save->paths, &there);
	if (spans == NULL)
		spans = g_hash_table_lookup(save->paths, &back);
	return spans != NULL && wanted_at(spans, frame->time);
}

static void open_writer(Save *save, uint16_t link_type)
{
	if (save->writer == NULL)
		save->writer = capture_writer_open(save->path, link_type, 0, &save->error);
}

void save_frame(Save *save, const Frame *frame)
{
	if (save->error != NULL || !is_wanted(save, frame))
		return;
	open_writer(save, frame->link_type);
	if (save->writer != NULL)
		capture_writer_put(save->writer, frame, &save->error);
}

bool save_finish(Save *save, GError **error)
{
	if (save->error == NULL)
		open_writer(save, LINK_TYPE_ETHERNET);
	if (save->error == NULL)
		capture_writer_flush(save->writer, &save->error);
	bool good = save->error == NULL;
	capture_writer_free(save->writer);
	decap_free(save->decap);
	g_clear_pointer(&save->paths, g_hash_table_unref);
	if (!good)
		g_propagate_error(error, save->error);
	g_free(save);
	return good;
}
