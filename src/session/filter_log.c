/* SPDX-License-Identifier: MIT */
#include "src/session/filter_log.h"

#include <stdlib.h>

#include "src/session/away_private.h"
#include "src/session/pairing.h"

enum {
	MAX_ENTRIES = 1 << 21, /* of all logs together, about */
	MAX_CHANGES = 1 << 20,
};

/* Counts up to and with this message. */
typedef struct Entry {
	uint64_t sequence;
	uint32_t n, n_acknowledged, n_no_matching, n_matching, n_sole, n_expiring;
} Entry;

typedef struct FilterLog {
	GArray *entries; /* of Entry */
	guint n_counted; /* of these, the first: their counts are right */
	uint32_t largest;
	uint64_t next;      /* messages from this on are not in it yet */
	uint64_t n_changes; /* of all that ever were, so many are in the counts */
} FilterLog;

struct FilterLogs {
	GHashTable *by_filter; /* filter and broker -> FilterLog */
	uint64_t n_entries;
	GArray *changes;    /* uint64_t: messages that were acknowledged, in that order */
	uint64_t n_dropped; /* changes that came before those */
};

static void free_log(void *data)
{
	FilterLog *log = data;
	g_array_unref(log->entries);
	g_free(log);
}

FilterLogs *filter_logs_new(void)
{
	FilterLogs *logs = g_new0(FilterLogs, 1);
	logs->by_filter = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, free_log);
	logs->changes = g_array_new(FALSE, FALSE, sizeof(uint64_t));
	return logs;
}

void filter_logs_free(FilterLogs *logs)
{
	g_hash_table_unref(logs->by_filter);
	g_array_unref(logs->changes);
	g_free(logs);
}

static void drop_changes(FilterLogs *logs)
{
	logs->n_dropped += logs->changes->len;
	g_array_set_size(logs->changes, 0);
}

void filter_logs_acknowledged(FilterLogs *logs, uint64_t sequence)
{
	if (g_hash_table_size(logs->by_filter) == 0)
		return;
	if (logs->changes->len >= MAX_CHANGES)
		drop_changes(logs);
	g_array_append_val(logs->changes, sequence);
}

void filter_logs_forget(FilterLogs *logs)
{
	g_hash_table_remove_all(logs->by_filter);
	logs->n_entries = 0;
	drop_changes(logs);
}

static FilterLog *find(FilterLogs *logs, uint32_t filter, BrokerIndex broker)
{
	uint64_t key = (uint64_t)broker << 32 | filter;
	FilterLog *log = g_hash_table_lookup(logs->by_filter, &key);
	if (log != NULL)
		return log;
	if (logs->n_entries > MAX_ENTRIES) { /* they can all be made again */
		filter_logs_forget(logs);
	}
	log = g_new0(FilterLog, 1);
	log->entries = g_array_new(FALSE, FALSE, sizeof(Entry));
	log->n_changes = logs->n_dropped + logs->changes->len;
	g_hash_table_insert(logs->by_filter, g_memdup2(&key, sizeof key), log);
	return log;
}

static Entry *entry_at(const FilterLog *log, guint i)
{
	return &g_array_index(log->entries, Entry, i);
}

/* --- bringing it up to date --------------------------------------------------------------- */

typedef struct Extending {
	const Model *model;
	FilterLog *log;
	BrokerIndex broker;
} Extending;

static bool append_topic(void *user, uint32_t topic)
{
	const Extending *extending = user;
	const Model *model = extending->model;
	FilterLog *log = extending->log;
	uint64_t sequence = topics_newest(model->topics, topic);
	const Message *message;
	while (sequence >= log->next &&
	       (message = message_log_at(model->messages, sequence)) != NULL) {
		if (is_one_broker(model, message->broker, extending->broker)) {
			Entry entry = {.sequence = sequence};
			g_array_append_val(log->entries, entry);
			size_t topic_size = topics_topic(model->topics, topic).size;
			log->largest = MAX(log->largest,
			                   away_forwarded_size(message, topic_size).most);
		}
		sequence = message->previous;
	}
	return true;
}

static int compare_entries(const void *a, const void *b)
{
	const Entry *x = a, *y = b;
	return (x->sequence > y->sequence) - (x->sequence < y->sequence);
}

static void append_new(Model *model, FilterLog *log, uint32_t filter, BrokerIndex broker)
{
	uint64_t next = message_log_next(model->messages);
	if (log->next == next)
		return;
	guint n = log->entries->len;
	topics_visit(model->topics, filter, log->next, append_topic,
	             &(Extending){model, log, broker});
	if (log->entries->len > n)
		qsort(entry_at(log, n), log->entries->len - n, sizeof(Entry), compare_entries);
	model->filter_logs->n_entries += log->entries->len - n;
	log->next = next;
}

/* The first entry that is not before @sequence. */
static guint lower_bound(const FilterLog *log, uint64_t sequence)
{
	guint low = 0, high = log->entries->len;
	while (low < high) {
		guint middle = low + (high - low) / 2;
		if (entry_at(log, middle)->sequence < sequence)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* Acknowledged since they were counted: from the first of them on the counts are wrong. */
static void look_for_changes(const FilterLogs *logs, FilterLog *log)
{
	uint64_t first = UINT64_MAX;
	if (log->n_changes < logs->n_dropped)
		first = 0;
	uint64_t n_changes = logs->n_dropped + logs->changes->len;
	for (uint64_t i = MAX(log->n_changes, logs->n_dropped); i < n_changes; i++)
		first = MIN(first, g_array_index(logs->changes, uint64_t, i - logs->n_dropped));
	log->n_changes = n_changes;
	if (first != UINT64_MAX)
		log->n_counted = MIN(log->n_counted, lower_bound(log, first));
}

/* One that is gone from the log of messages is counted no more. */
static void count(const Model *model, FilterLog *log)
{
	Entry sum = log->n_counted > 0 ? *entry_at(log, log->n_counted - 1) : (Entry){0};
	for (guint i = log->n_counted; i < log->entries->len; i++) {
		Entry *entry = entry_at(log, i);
		const Message *message = message_log_at(model->messages, entry->sequence);
		sum.sequence = entry->sequence;
		if (message != NULL && message->state != MESSAGE_REJECTED) {
			sum.n++;
			sum.n_acknowledged += message->state != MESSAGE_UNACKNOWLEDGED;
			sum.n_no_matching += message->state == MESSAGE_NO_MATCHING;
			sum.n_matching += message->state == MESSAGE_ACCEPTED && message->told;
			sum.n_sole += message_proves_session(message);
			sum.n_expiring += message->expiry != UINT32_MAX;
		}
		*entry = sum;
	}
	log->n_counted = log->entries->len;
}

static FilterLog *up_to_date(Model *model, uint32_t filter, BrokerIndex broker)
{
	FilterLog *log = find(model->filter_logs, filter, broker);
	look_for_changes(model->filter_logs, log);
	append_new(model, log, filter, broker);
	count(model, log);
	return log;
}

/* --- asking ------------------------------------------------------------------------------- */

/* The counts before entry @i. */
static Entry before(const FilterLog *log, guint i)
{
	return i > 0 ? *entry_at(log, i - 1) : (Entry){0};
}

/* The sequence number of the message with which a count, at @offset in an Entry, becomes @n. */
static uint64_t where(const FilterLog *log, size_t offset, uint32_t n)
{
	guint low = 0, high = log->entries->len;
	while (low < high) {
		guint middle = low + (high - low) / 2;
		const uint8_t *entry = (const uint8_t *)entry_at(log, middle);
		if (*(const uint32_t *)(const void *)(entry + offset) < n)
			low = middle + 1;
		else
			high = middle;
	}
	return entry_at(log, low)->sequence;
}

FilterSum filter_log_sum(Model *model, uint32_t filter, BrokerIndex broker, uint64_t since,
                         uint64_t until)
{
	const FilterLog *log = up_to_date(model, filter, broker);
	guint begin = lower_bound(log, MAX(since, message_log_first(model->messages)));
	guint end = MAX(lower_bound(log, until), begin);
	Entry from = before(log, begin), to = before(log, end);
	FilterSum sum = {
		.n = to.n - from.n,
		.n_acknowledged = to.n_acknowledged - from.n_acknowledged,
		.n_no_matching = to.n_no_matching - from.n_no_matching,
		.n_expiring = to.n_expiring - from.n_expiring,
		.largest = log->largest,
	};
	for (uint32_t i = 0; i < FILTER_LOG_FIRST && i < sum.n; i++)
		sum.first[i] = where(log, offsetof(Entry, n), from.n + i + 1);
	if (sum.n > 0)
		sum.last = where(log, offsetof(Entry, n), to.n);
	if (sum.n_no_matching > 0)
		sum.first_no_matching = where(log, offsetof(Entry, n_no_matching),
		                              from.n_no_matching + 1);
	if (sum.n_no_matching > 0)
		to = before(log, lower_bound(log, sum.first_no_matching));
	if (to.n_sole > from.n_sole)
		sum.last_sole = where(log, offsetof(Entry, n_sole), to.n_sole);
	return sum;
}

uint32_t filter_log_n_matching(Model *model, uint32_t filter, BrokerIndex broker, uint64_t since,
                               uint64_t until)
{
	const FilterLog *log = up_to_date(model, filter, broker);
	guint begin = lower_bound(log, MAX(since, message_log_first(model->messages)));
	guint end = MAX(lower_bound(log, until), begin);
	return before(log, end).n_matching - before(log, begin).n_matching;
}
