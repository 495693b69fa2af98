/* SPDX-License-Identifier: MIT */
#include "src/session/unkept.h"

#include <glib.h>
#include <string.h>

#include "src/session/matching.h"

enum { MAX_LOOKS = 1 << 23 }; /* of all clients together */

struct Unkept {
	UnkeptMessage *ring; /* NULL until the first */
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
	g_free(unkept);
}

static uint64_t head_of(const uint8_t *octets, size_t size)
{
	uint64_t head = 0;
	memcpy(&head, octets, MIN(size, sizeof head));
	return head;
}

void unkept_add(Unkept *unkept, const UnkeptMessage *message, ByteSpan topic)
{
	if (topic.size > UNKEPT_TOPIC)
		return;
	if (unkept->ring == NULL)
		unkept->ring = g_new0(UnkeptMessage, UNKEPT_MAX);
	UnkeptMessage *slot = &unkept->ring[unkept->next++ % UNKEPT_MAX];
	slot->time = message->time;
	slot->frame = message->frame;
	slot->broker = message->broker;
	slot->publisher = message->publisher;
	slot->size = (uint32_t)topic.size;
	memcpy(slot->topic, topic.data, topic.size);
	slot->head = head_of(slot->topic, topic.size);
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

bool unkept_visit(Unkept *unkept, ByteSpan filter, uint64_t since,
                  bool (*visit)(void *user, const UnkeptMessage *message), void *user)
{
	uint64_t first = unkept->next > UNKEPT_MAX ? unkept->next - UNKEPT_MAX : 1;
	uint64_t from = MAX(since, first);
	uint64_t octets[2] = {0, 0};
	size_t literal = MIN(literal_size(filter), sizeof octets[0]);
	memset(&octets[0], 0xFF, literal);
	memcpy(&octets[1], filter.data, literal);
	const uint64_t mask = octets[0], head = octets[1];
	for (uint64_t sequence = from; sequence < unkept->next; sequence++) {
		const UnkeptMessage *message = &unkept->ring[sequence % UNKEPT_MAX];
		if (unkept->n_looks++ >= MAX_LOOKS)
			return false;
		if ((message->head & mask) == head &&
		    filter_matches_topic(filter, (ByteSpan){message->topic, message->size}) &&
		    !visit(user, message))
			return false;
	}
	return from == since;
}
