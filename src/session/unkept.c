/* SPDX-License-Identifier: MIT */
#include "src/session/unkept.h"

#include <glib.h>
#include <string.h>

#include "src/session/matching.h"

enum {
	MAX_LOOKS = 1 << 20,    /* of all filters that begin with a wildcard, or nearly */
	N_CHAINS = UNKEPT_MAX,
	HEAD_SIZE = sizeof(uint64_t),
};

/* What a search goes through; apart from the messages, of which it wants few. */
typedef struct Heads {
	uint64_t head[UNKEPT_MAX];     /* the first octets of each topic */
	uint64_t previous[UNKEPT_MAX]; /* the one before whose topic begins so, or has the same hash;
	                                * 0: none */
	uint64_t chains[N_CHAINS];     /* the newest whose topic begins so, by hash; 0: none */
} Heads;

struct Unkept {
	UnkeptMessage *ring; /* NULL until the first */
	Heads *heads;        /* likewise */
	uint64_t next;
	uint64_t n_looks;
};

Unkept *unkept_new(void)
{
	Unkept *unkept = g_new0(Unkept, 1);
	unkept->next = 1;
	return unkept;
}

void unkept_free(Unkept *unkept)
{
	g_free(unkept->ring);
	g_free(unkept->heads);
	g_free(unkept);
}

static uint64_t head_of(const uint8_t *octets, size_t size)
{
	uint64_t head = 0;
	memcpy(&head, octets, MIN(size, sizeof head));
	return head;
}

static size_t chain_of(uint64_t head)
{
	return (size_t)(head * UINT64_C(0x9E3779B97F4A7C15) >> 32) % N_CHAINS;
}

void unkept_add(Unkept *unkept, const UnkeptMessage *message, ByteSpan topic)
{
	if (topic.size > UNKEPT_TOPIC)
		return;
	if (unkept->ring == NULL) {
		unkept->ring = g_new(UnkeptMessage, UNKEPT_MAX);
		unkept->heads = g_new0(Heads, 1);
	}
	uint64_t sequence = unkept->next++;
	size_t place = sequence % UNKEPT_MAX;
	UnkeptMessage *slot = &unkept->ring[place];
	slot->time = message->time;
	slot->frame = message->frame;
	slot->broker = message->broker;
	slot->publisher = message->publisher;
	slot->size = (uint32_t)topic.size;
	memcpy(slot->topic, topic.data, topic.size);
	Heads *heads = unkept->heads;
	heads->head[place] = head_of(slot->topic, topic.size);
	uint64_t *chain = &heads->chains[chain_of(heads->head[place])];
	heads->previous[place] = *chain;
	*chain = sequence;
}

uint64_t unkept_next(const Unkept *unkept)
{
	return unkept->next;
}

/* So many octets of the filter stand in every topic that it matches. */
static size_t literal_size(ByteSpan filter)
{
	size_t size = 0;
	while (size < filter.size && filter.data[size] != '+' && filter.data[size] != '#')
		size++;
	/* "sport/#" matches "sport" too. */
	if (size < filter.size && filter.data[size] == '#' && size > 0)
		size--;
	return size;
}

/* The messages of one walk, the newest first. */
typedef struct Found {
	unsigned n;
	uint16_t places[UNKEPT_MAX];
} Found;

static void look_at(Unkept *unkept, ByteSpan filter, uint64_t sequence, Found *found)
{
	const UnkeptMessage *message = &unkept->ring[sequence % UNKEPT_MAX];
	if (filter_matches_topic(filter, (ByteSpan){message->topic, message->size}))
		found->places[found->n++] = (uint16_t)(sequence % UNKEPT_MAX);
}

/* Topics that begin as the filter does. */
static void look_along_chain(Unkept *unkept, ByteSpan filter, uint64_t from, Found *found)
{
	const Heads *heads = unkept->heads;
	uint64_t head = head_of(filter.data, HEAD_SIZE);
	uint64_t sequence = heads->chains[chain_of(head)];
	while (sequence >= from) {
		if (heads->head[sequence % UNKEPT_MAX] == head)
			look_at(unkept, filter, sequence, found);
		sequence = heads->previous[sequence % UNKEPT_MAX];
	}
}

/* What few octets the filter begins with tell nearly all topics apart. */
static bool look_at_all(Unkept *unkept, ByteSpan filter, uint64_t from, Found *found)
{
	size_t literal = MIN(literal_size(filter), HEAD_SIZE);
	uint64_t mask = 0, head = head_of(filter.data, literal);
	memset(&mask, 0xFF, literal);
	uint64_t wanted = unkept->next - from;
	uint64_t n = MIN(wanted, MAX_LOOKS - unkept->n_looks);
	const uint64_t *heads = unkept->heads->head;
	for (uint64_t i = 0, sequence = unkept->next - 1; i < n; i++, sequence--)
		if ((heads[sequence % UNKEPT_MAX] & mask) == head)
			look_at(unkept, filter, sequence, found);
	unkept->n_looks += n;
	return n == wanted;
}

bool unkept_visit(Unkept *unkept, ByteSpan filter, uint64_t since,
                  bool (*visit)(void *user, const UnkeptMessage *message), void *user)
{
	uint64_t first = unkept->next > UNKEPT_MAX ? unkept->next - UNKEPT_MAX : 1;
	uint64_t from = MAX(since, first);
	bool whole = from == since;
	if (from >= unkept->next)
		return whole;
	Found found;
	found.n = 0; /* the rest is written before it is read */
	if (literal_size(filter) >= HEAD_SIZE)
		look_along_chain(unkept, filter, from, &found);
	else if (!look_at_all(unkept, filter, from, &found))
		whole = false;
	while (found.n > 0)
		if (!visit(user, &unkept->ring[found.places[--found.n]]))
			return false;
	return whole;
}
