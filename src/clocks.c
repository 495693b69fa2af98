/* SPDX-License-Identifier: MIT */
#include "src/clocks.h"

#include <string.h>
#include <sys/stat.h>

#include "dissectors/decap.h"
#include "src/capture/source.h"

enum {
	ALL_MOST = 1 << 18, /* that samples of all files hold together */
	ONE_MOST = 1 << 15,
	ONE_LEAST = 1 << 9,
	COMMON_LEAST = 3,  /* fewer may be chance */
	HASHED_OCTETS = 64,
};
/* What is seen in one direction only took a while, nobody knows how long. */
#define ONE_WAY_NS (NS_PER_SECOND / 10)
/* The same octets at moments further apart are another matter. */
#define DOUBT_MOST_NS (60 * NS_PER_SECOND)
#define SAME_PACKET_NS (NS_PER_SECOND / 1000)

/* The end of a segment in the stream of its sender, or an acknowledgement up to there. */
typedef struct Point {
	uint64_t key;
	uint64_t print; /* of a segment: what tells it from a copy sent later */
	int64_t time;   /* when it was first there */
	bool forth;     /* of a segment: from the lower endpoint to the higher */
	bool again;     /* there were several, not at once */
} Point;

struct ClockSample {
	GHashTable *sent, *acknowledged; /* of Point, by key */
	uint64_t mask; /* only keys without these bits are kept */
	guint n_most;
	Instant first, last; /* of all segments */
};

static uint64_t mix(uint64_t hash, const void *octets, size_t size)
{
	const uint8_t *at = octets;
	for (size_t i = 0; i < size; i++)
		hash = (hash ^ at[i]) * UINT64_C(1099511628211); /* FNV-1a */
	return hash;
}

static uint64_t point_key(const Endpoint *sender, const Endpoint *receiver, uint32_t sequence)
{
	uint64_t hash = UINT64_C(14695981039346656037);
	hash = mix(hash, sender, sizeof sender->address + sizeof sender->port);
	hash = mix(hash, receiver, sizeof receiver->address + sizeof receiver->port);
	hash = mix(hash, &sequence, sizeof sequence);
	return hash ^ hash >> 29;
}

ClockSample *clock_sample_new(guint n_most)
{
	ClockSample *sample = g_new0(ClockSample, 1);
	sample->sent = g_hash_table_new_full(g_int64_hash, g_int64_equal, NULL, g_free);
	sample->acknowledged = g_hash_table_new_full(g_int64_hash, g_int64_equal, NULL, g_free);
	sample->n_most = n_most;
	sample->first = sample->last = INSTANT_UNKNOWN;
	return sample;
}

void clock_sample_free(ClockSample *sample)
{
	if (sample == NULL)
		return;
	g_hash_table_unref(sample->sent);
	g_hash_table_unref(sample->acknowledged);
	g_free(sample);
}

static gboolean is_beyond(gpointer key, gpointer value, gpointer user)
{
	const ClockSample *sample = user;
	(void)key;
	return (((const Point *)value)->key & sample->mask) != 0;
}

/* Keeps every other one; two files that share points keep the same ones. */
static void thin_out(ClockSample *sample)
{
	while (g_hash_table_size(sample->sent) + g_hash_table_size(sample->acknowledged) >
	       sample->n_most) {
		sample->mask = sample->mask << 1 | 1;
		g_hash_table_foreach_remove(sample->sent, is_beyond, sample);
		g_hash_table_foreach_remove(sample->acknowledged, is_beyond, sample);
	}
}

static void note(ClockSample *sample, GHashTable *points, Point point)
{
	if ((point.key & sample->mask) != 0)
		return;
	Point *known = g_hash_table_lookup(points, &point.key);
	if (known != NULL) {
		known->again |= point.time - known->time > SAME_PACKET_NS;
		return;
	}
	known = g_memdup2(&point, sizeof point);
	g_hash_table_insert(points, &known->key, known);
	thin_out(sample);
}

static uint64_t print_of(const TcpSegment *segment)
{
	uint64_t hash = mix(segment->flags, &segment->ip_id, sizeof segment->ip_id);
	hash = mix(hash, &segment->payload_size, sizeof segment->payload_size);
	return mix(hash, segment->payload.data, MIN(segment->payload.size, (size_t)HASHED_OCTETS));
}

void clock_sample_add(ClockSample *sample, const TcpSegment *segment, Instant time)
{
	const Endpoint *from = &segment->source, *to = &segment->destination;
	unsigned flags = segment->flags;
	uint32_t size = segment->payload_size + ((flags & TCP_SYN) != 0) + ((flags & TCP_FIN) != 0);
	if (!instant_known(sample->first) || time.ns < sample->first.ns)
		sample->first = time;
	if (time.ns > sample->last.ns)
		sample->last = time;
	if (size > 0)
		note(sample, sample->sent, (Point){
			.key = point_key(from, to, segment->sequence + size),
			.print = print_of(segment),
			.time = time.ns,
			.forth = memcmp(from, to, sizeof *from) < 0,
		});
	if ((flags & TCP_ACK) != 0)
		note(sample, sample->acknowledged,
		     (Point){.key = point_key(to, from, segment->acknowledgement), .time = time.ns});
}

/* --- the estimate ------------------------------------------------------------------------- */

static int by_size(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
	return x < y ? -1 : x > y;
}

/* How the times differ of what both samples hold, from the lower endpoint (@forth) or to it. */
static GArray *differences(const ClockSample *a, const ClockSample *b, bool forth)
{
	GArray *found = g_array_new(FALSE, FALSE, sizeof(int64_t));
	GHashTableIter iter;
	void *value;
	g_hash_table_iter_init(&iter, a->sent);
	while (g_hash_table_iter_next(&iter, NULL, &value)) {
		const Point *point = value;
		const Point *other = g_hash_table_lookup(b->sent, &point->key);
		if (other == NULL || point->again || other->again || point->print != other->print ||
		    point->forth != forth)
			continue;
		int64_t difference = other->time - point->time;
		g_array_append_val(found, difference);
	}
	g_array_sort(found, by_size);
	return found;
}

static int64_t median(const GArray *sorted)
{
	return g_array_index(sorted, int64_t, sorted->len / 2);
}

/* How far they are from the middle, the last hundredth at each end aside. */
static int64_t spread(const GArray *sorted)
{
	guint aside = sorted->len / 100;
	int64_t middle = median(sorted);
	int64_t below = middle - g_array_index(sorted, int64_t, aside);
	int64_t above = g_array_index(sorted, int64_t, sorted->len - 1 - aside) - middle;
	return MAX(below, above);
}

/* The way between the two places adds to the one direction what it takes from the other. */
static void estimate(ClockReading *reading, const GArray *forth, const GArray *back)
{
	reading->n_common = forth->len + back->len;
	if (reading->n_common < COMMON_LEAST)
		return;
	if (forth->len == 0 || back->len == 0) {
		const GArray *only = forth->len > 0 ? forth : back;
		reading->offset_ns = median(only);
		reading->doubt_ns = spread(only) + ONE_WAY_NS;
	} else {
		int64_t way = (median(forth) - median(back)) / 2;
		reading->offset_ns = median(back) + way;
		reading->doubt_ns = ABS(way) + MAX(spread(forth), spread(back));
	}
	reading->known = reading->doubt_ns < DOUBT_MOST_NS;
}

/* The least time from a segment in @sent to its acknowledgement in @acknowledged; false if none is. */
static bool least_answer(const ClockSample *sent, const ClockSample *acknowledged, int64_t *out)
{
	GHashTableIter iter;
	void *value;
	bool found = false;
	g_hash_table_iter_init(&iter, sent->sent);
	while (g_hash_table_iter_next(&iter, NULL, &value)) {
		const Point *point = value;
		const Point *answer = g_hash_table_lookup(acknowledged->acknowledged, &point->key);
		if (answer == NULL)
			continue;
		int64_t took = answer->time - point->time;
		*out = found ? MIN(*out, took) : took;
		found = true;
	}
	return found;
}

/* What is acknowledged was sent before, by a true clock: that bounds the offset from both ends. */
static void bound(ClockReading *reading, const ClockSample *a, const ClockSample *b)
{
	int64_t most, least;
	if (!least_answer(a, b, &most) || !least_answer(b, a, &least))
		return;
	least = -least;
	if (least > most || most - least > DOUBT_MOST_NS)
		return;
	reading->known = true;
	reading->offset_ns = least + (most - least) / 2;
	reading->doubt_ns = (most - least) / 2;
}

ClockReading clock_samples_compare(const ClockSample *a, const ClockSample *b)
{
	ClockReading reading = {.beside = true};
	g_autoptr(GArray) forth = differences(a, b, true);
	g_autoptr(GArray) back = differences(a, b, false);
	estimate(&reading, forth, back);
	if (!reading.known)
		bound(&reading, a, b);
	if (instant_known(a->first) && instant_known(b->first))
		/* Of a capture in parts one may begin in the moment in which the other ends. */
		reading.beside = a->first.ns < b->last.ns && b->first.ns < a->last.ns;
	if (!reading.known)
		return reading;
	/* What may as well be none is none. */
	if (ABS(reading.offset_ns) <= reading.doubt_ns) {
		reading.doubt_ns += ABS(reading.offset_ns);
		reading.offset_ns = 0;
	}
	return reading;
}

/* --- files -------------------------------------------------------------------------------- */

static bool can_be_read_twice(const char *file)
{
	struct stat status;
	return strcmp(file, "-") != 0 && stat(file, &status) == 0 && S_ISREG(status.st_mode);
}

/* NULL: it cannot be read; who reads it again will tell. */
static ClockSample *sample_file(const char *file, guint n_most, const atomic_bool *stopped)
{
	Source *source = can_be_read_twice(file) ? source_open_file(file, NULL) : NULL;
	if (source == NULL)
		return NULL;
	ClockSample *sample = clock_sample_new(n_most);
	Decap *decap = decap_new();
	FrameRun run;
	while ((stopped == NULL || !atomic_load(stopped)) &&
	       source_next_run(source, &run, NULL) == SOURCE_FRAME) {
		for (unsigned i = 0; i < run.n; i++) {
			const Frame *frame = &run.frames[i];
			TcpSegment segment;
			if (instant_known(frame->time) &&
			    decap_frame(decap, frame, &segment) == DECAP_TCP)
				clock_sample_add(sample, &segment, frame->time);
		}
	}
	decap_free(decap);
	source_free(source);
	return sample;
}

/* The reading of file @i by way of @known, whose own is @base. */
static ClockReading by_way_of(const ClockSample *known, const ClockReading *base,
                              const ClockSample *sample)
{
	ClockReading reading = clock_samples_compare(known, sample);
	reading.offset_ns += base->offset_ns;
	reading.doubt_ns += base->doubt_ns;
	return reading;
}

/* Compares files that are not known with one that is, which then helps with the others. */
static void spread_from(guint from, ClockSample *const *samples, GArray *readings)
{
	for (guint i = 0; i < readings->len; i++) {
		ClockReading *reading = &g_array_index(readings, ClockReading, i);
		const ClockReading *base = &g_array_index(readings, ClockReading, from);
		if (reading->known || samples[i] == NULL || samples[from] == NULL)
			continue;
		ClockReading now = by_way_of(samples[from], base, samples[i]);
		now.beside |= reading->beside;
		*reading = now;
		if (reading->known)
			spread_from(i, samples, readings);
	}
}

GArray *clocks_compare(char *const *files, const atomic_bool *stopped)
{
	guint n = g_strv_length((char **)(uintptr_t)files);
	if (n < 2)
		return NULL;
	guint n_most = CLAMP(ALL_MOST / n, ONE_LEAST, ONE_MOST);
	g_autofree ClockSample **samples = g_new0(ClockSample *, n);
	GArray *readings = g_array_new(FALSE, TRUE, sizeof(ClockReading));
	g_array_set_size(readings, n);
	for (guint i = 0; i < n && n <= CLOCKS_MOST; i++)
		samples[i] = sample_file(files[i], n_most, stopped);
	for (guint i = 0; i < n; i++)
		g_array_index(readings, ClockReading, i).beside = samples[i] == NULL;
	g_array_index(readings, ClockReading, 0).known = true;
	spread_from(0, samples, readings);
	for (guint i = 0; i < n; i++)
		clock_sample_free(samples[i]);
	return readings;
}
