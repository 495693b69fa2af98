/* SPDX-License-Identifier: MIT */
/*
 * tcp_recent: a small cache of segments seen lately, over all flows.
 *
 * Where a capture sees a packet on two devices (veth and bridge), the copies
 * are a few packets apart at most; each place holds the last few segments only,
 * and all together stay in the first-level cache.
 */
#include "dissectors/tcp_parts.h"

#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

enum { DUPLICATE_TICKS = 1000000 >> 10, HASHED_OCTETS = 240, SOURCES = 15 };

/* Between two places a packet is under way for longer. */
#define FAR_TICKS ((uint32_t)(2 * NS_PER_SECOND >> 10))

static inline uint64_t mix(uint64_t a, uint64_t b)
{
	uint64_t hash = (a ^ b >> 32) * UINT64_C(0x9e3779b97f4a7c15) ^ b;
	hash *= UINT64_C(0xbf58476d1ce4e5b9);
	return hash ^ hash >> 32;
}

static inline TcpRecent describe(const TcpArrival *arrival, size_t *set)
{
	const TcpSegment *segment = arrival->segment;
	const TcpFlow *flow = arrival->flow;
	uint64_t connection = flow->tag ^ flow->opened.frame.number;
	uint64_t key = mix(connection << 32 | segment->sequence,
	                   (uint64_t)segment->payload_size << 32 | segment->payload.size << 1 |
	                           arrival->side);
	uint64_t detail = mix((uint64_t)segment->acknowledgement << 32 | segment->ip_id,
	                      (uint64_t)segment->window << 32 | segment->flags);
	size_t hashed = MIN(segment->payload.size, (size_t)HASHED_OCTETS);
	*set = key & (TCP_RECENT_SETS - 1);
	return (TcpRecent){
		.key = (uint32_t)(key >> 32),
		.detail = (uint32_t)(detail >> 32),
		.octets = ((hashed > 0 ? (uint32_t)XXH3_64bits(segment->payload.data, hashed) : 0) &
		           ~(uint32_t)SOURCES) | (arrival->at->frame.source & SOURCES),
		.time = (uint32_t)((uint64_t)arrival->at->time.ns >> 10), /* a cheap microsecond */
	};
}

static bool within(uint32_t a, uint32_t b, uint32_t span)
{
	return a - b + span <= 2 * span;
}

static bool is_captured_twice(const TcpRecent *seen, const TcpRecent *now)
{
	bool far = ((seen->octets ^ now->octets) & SOURCES) != 0;
	return seen->detail == now->detail &&
	       within(now->time, seen->time, far ? FAR_TICKS : DUPLICATE_TICKS);
}

static void remember(TcpRecent *ways, TcpRecent now)
{
	memmove(ways + 1, ways, (TCP_RECENT_WAYS - 1) * sizeof *ways);
	ways[0] = now;
}

static TcpRecent *find(TcpRecent *ways, uint32_t key)
{
	for (size_t i = 0; i < TCP_RECENT_WAYS; i++)
		if (ways[i].key == key)
			return &ways[i];
	return NULL;
}

TcpRecentMatch tcp_recent_match(const TcpArrival *arrival)
{
	size_t set;
	TcpRecent now = describe(arrival, &set);
	TcpRecent *ways = arrival->table->recent[set];
	TcpRecent *seen = find(ways, now.key);
	if (seen == NULL) {
		remember(ways, now);
		return TCP_RECENT_NONE;
	}
	if (seen->octets >> 4 != now.octets >> 4)
		return TCP_RECENT_CONFLICT;
	if (is_captured_twice(seen, &now))
		return TCP_RECENT_DUPLICATE;
	*seen = now;
	return TCP_RECENT_SAME;
}

void tcp_recent_note(const TcpArrival *arrival)
{
	size_t set;
	TcpRecent now = describe(arrival, &set);
	remember(arrival->table->recent[set], now);
}
