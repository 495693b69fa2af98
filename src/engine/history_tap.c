/* SPDX-License-Identifier: MIT */
#include "src/engine/history_tap.h"

#include "src/engine/history_batch.h"

void tap_clear(Tap *tap)
{
	if (tap->carry != NULL)
		g_byte_array_unref(tap->carry);
	*tap = (Tap){0};
}

void tap_begin(Tap *tap, ByteSpan span)
{
	tap->span = span;
	tap->span_at = tap->offset;
	tap->offset += span.size;
}

/* What begins a packet that is not complete is wanted with the next call. */
static void carry_on(Tap *tap)
{
	uint64_t from = MAX(tap->taken, tap->span_at);
	if (from >= tap->offset)
		return;
	if (tap->carry == NULL)
		tap->carry = g_byte_array_new();
	if (tap->carry->len == 0)
		tap->carry_at = from;
	size_t room = HISTORY_PACKET_MOST - MIN(tap->carry->len, HISTORY_PACKET_MOST);
	if (tap->carry_at + tap->carry->len == from)
		g_byte_array_append(tap->carry, tap->span.data + (from - tap->span_at),
		                    (guint)MIN(tap->offset - from, room));
}

void tap_end(Tap *tap, bool wanted)
{
	if (wanted)
		carry_on(tap);
	tap->span = (ByteSpan){0};
}

void tap_gap(Tap *tap, uint64_t n_octets)
{
	tap->offset += n_octets;
}

/* Those of @octets, which begin at @at, that follow from @next on. */
static uint64_t append(ByteSpan octets, uint64_t at, uint64_t next, uint64_t end, GByteArray *packet)
{
	if (octets.size == 0 || next < at || next >= at + octets.size)
		return next;
	uint64_t until = MIN(end, at + octets.size);
	if (until <= next)
		return next;
	g_byte_array_append(packet, octets.data + (next - at), (guint)(until - next));
	return until;
}

void tap_packet(const Tap *tap, uint64_t offset, uint64_t size, GByteArray *packet)
{
	uint64_t end = offset + MIN(size, HISTORY_PACKET_MOST);
	uint64_t next = offset;
	if (tap->carry != NULL)
		next = append((ByteSpan){tap->carry->data, tap->carry->len}, tap->carry_at, next, end,
		              packet);
	append(tap->span, tap->span_at, next, end, packet);
}

void tap_taken(Tap *tap, uint64_t offset)
{
	tap->taken = MAX(tap->taken, offset);
	if (tap->carry == NULL || tap->carry->len == 0)
		return;
	uint64_t behind = tap->taken > tap->carry_at ? tap->taken - tap->carry_at : 0;
	g_byte_array_remove_range(tap->carry, 0, (guint)MIN(behind, tap->carry->len));
	tap->carry_at += MIN(behind, tap->carry->len);
}
