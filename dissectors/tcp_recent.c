/* SPDX-License-Identifier: MIT */
/*
 * tcp_recent: a small cache of segments seen lately, over all flows.
 *
 * Where a capture sees a packet on two devices (veth and bridge), the copies
 * are a few packets apart at most; each place holds the last segment only.
 */
#include "dissectors/tcp_parts.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

enum { DUPLICATE_US = 1000, HASHED_OCTETS = 240 };

static uint64_t mix(uint64_t a, uint64_t b)
{
	uint64_t hash = (a ^ b >> 32) * UINT64_C(0x9e3779b97f4a7c15) ^ b;
	hash = (hash ^ hash >> 29) * UINT64_C(0xbf58476d1ce4e5b9);
	return hash ^ hash >> 32;
}

static TcpRecent describe(const TcpArrival *arrival, size_t *place)
{
	const TcpSegment *segment = arrival->segment;
	const TcpFlow *flow = arrival->flow;
	uint64_t connection = (uint64_t)flow->tag << 32 ^ (uint64_t)flow->opened.frame.number << 32;
	uint64_t key = mix(connection | segment->sequence,
	                   (uint64_t)segment->payload_size << 32 | segment->payload.size << 1 |
	                           arrival->side);
	uint64_t detail = mix((uint64_t)segment->acknowledgement << 32 | segment->ip_id,
	                      (uint64_t)segment->window << 32 | segment->flags);
	size_t hashed = MIN(segment->payload.size, (size_t)HASHED_OCTETS);
	*place = key & ((1 << TCP_RECENT_BITS) - 1);
	return (TcpRecent){
		.key = (uint32_t)(key >> 32),
		.detail = (uint32_t)detail,
		.octets = hashed > 0 ? (uint32_t)XXH3_64bits(segment->payload.data, hashed) : 0,
		.time = (uint32_t)(arrival->at->time.ns / 1000),
	};
}

static bool within(uint32_t a, uint32_t b, uint32_t span)
{
	return a - b + span <= 2 * span;
}

TcpRecentMatch tcp_recent_match(const TcpArrival *arrival)
{
	size_t place;
	TcpRecent now = describe(arrival, &place);
	TcpRecent *seen = &arrival->table->recent[place];
	if (seen->key != now.key) {
		*seen = now;
		return TCP_RECENT_NONE;
	}
	if (seen->octets != now.octets)
		return TCP_RECENT_CONFLICT;
	if (seen->detail == now.detail && within(now.time, seen->time, DUPLICATE_US))
		return TCP_RECENT_DUPLICATE;
	*seen = now;
	return TCP_RECENT_SAME;
}

void tcp_recent_note(const TcpArrival *arrival)
{
	size_t place;
	TcpRecent now = describe(arrival, &place);
	arrival->table->recent[place] = now;
}
