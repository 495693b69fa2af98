/* SPDX-License-Identifier: MIT */
#include "dissectors/mqtt_backlog.h"

#include <glib.h>
#include <string.h>

MqttBacklog *mqtt_backlog_new(void)
{
	return g_new0(MqttBacklog, 1);
}

void mqtt_backlog_free(MqttBacklog *backlog)
{
	if (backlog == NULL)
		return;
	g_free(backlog->octets);
	g_free(backlog->pieces);
	g_free(backlog);
}

static void backlog_reserve(MqttBacklog *backlog, size_t size)
{
	if (size > backlog->capacity) {
		backlog->capacity = (uint32_t)MAX(size, MIN(MQTT_BACKLOG_OCTETS, backlog->capacity * 2u));
		backlog->octets = g_realloc(backlog->octets, backlog->capacity);
	}
	if (backlog->n_pieces == backlog->piece_capacity) {
		backlog->piece_capacity = backlog->piece_capacity == 0 ? 4 : backlog->piece_capacity * 2;
		backlog->pieces = g_renew(MqttPiece, backlog->pieces, backlog->piece_capacity);
	}
}

bool mqtt_backlog_add(MqttBacklog *backlog, ByteSpan span, const StreamPoint *at, bool aligned,
                      uint64_t order)
{
	if (span.size == 0)
		return true;
	if (span.size > MQTT_BACKLOG_OCTETS - backlog->size ||
	    backlog->n_pieces == MQTT_BACKLOG_PIECES)
		return false;
	backlog_reserve(backlog, backlog->size + span.size);
	memcpy(backlog->octets + backlog->size, span.data, span.size);
	backlog->pieces[backlog->n_pieces++] = (MqttPiece){
		.start = backlog->size, .aligned = aligned, .order = order, .at = *at};
	backlog->size += (uint32_t)span.size;
	return true;
}

void mqtt_backlog_trim(MqttBacklog *backlog, size_t n)
{
	uint32_t drop = 0;

	if (n == 0)
		return;
	if (n >= backlog->size) {
		backlog->size = 0;
		backlog->n_pieces = 0;
		return;
	}
	while (drop + 1 < backlog->n_pieces && backlog->pieces[drop + 1].start <= n)
		drop++;
	backlog->n_pieces -= drop;
	memmove(backlog->pieces, backlog->pieces + drop, backlog->n_pieces * sizeof *backlog->pieces);
	backlog->size -= (uint32_t)n;
	memmove(backlog->octets, backlog->octets + n, backlog->size);
	backlog->pieces[0].aligned = backlog->pieces[0].aligned && backlog->pieces[0].start == n;
	backlog->pieces[0].start = (uint32_t)n;
	for (uint32_t i = 0; i < backlog->n_pieces; i++)
		backlog->pieces[i].start -= (uint32_t)n;
}

ByteSpan mqtt_backlog_piece(const MqttBacklog *backlog, uint32_t index)
{
	uint32_t start = backlog->pieces[index].start;
	uint32_t end = index + 1 < backlog->n_pieces ? backlog->pieces[index + 1].start : backlog->size;

	return (ByteSpan){backlog->octets + start, end - start};
}

ByteSpan mqtt_backlog_octets(const MqttBacklog *backlog)
{
	if (backlog->size == 0)
		return (ByteSpan){(const uint8_t *)"", 0};
	return (ByteSpan){backlog->octets, backlog->size};
}
