/* SPDX-License-Identifier: MIT */
#include "dissectors/mqtt_exchange.h"

#include <glib.h>
#include <string.h>

enum {
	CAPACITY_LINEAR = 32, /* up to this many are found by walking */
	CAPACITY_IDLE = 16,   /* kept while nothing is open */
};

/* What is in @few is written before it is read. */
static void forget(MqttExchanges *exchanges)
{
	memset(exchanges, 0, offsetof(MqttExchanges, few));
}

void mqtt_exchanges_clear(MqttExchanges *exchanges)
{
	if (exchanges->slots != exchanges->few)
		g_free(exchanges->slots);
	g_free(exchanges->buckets);
	forget(exchanges);
}

/* Chains the slots from @first on as unused. */
static void chain_unused(MqttExchanges *exchanges, uint32_t first)
{
	for (uint32_t at = exchanges->capacity; at > first; at--) {
		exchanges->slots[at - 1] = (MqttOpen){.newer = exchanges->unused};
		exchanges->unused = at;
	}
}

void mqtt_exchanges_reset(MqttExchanges *exchanges)
{
	if (exchanges->capacity > CAPACITY_IDLE) {
		mqtt_exchanges_clear(exchanges);
		return;
	}
	if (exchanges->n_open == 0)
		return; /* every slot is unused already */
	MqttOpen *slots = exchanges->slots;
	uint32_t capacity = exchanges->capacity;
	forget(exchanges);
	exchanges->slots = slots;
	exchanges->capacity = capacity;
	chain_unused(exchanges, 0);
}

static uint32_t bucket_of(const MqttExchanges *exchanges, unsigned side, uint16_t packet_id)
{
	return (packet_id * 2u + side) & (exchanges->capacity - 1);
}

static bool matches(const MqttOpen *open, unsigned side, MqttType type, uint16_t packet_id)
{
	return open->exchange.packet_id == packet_id && open->exchange.side == side &&
	       open->exchange.type == type;
}

MqttOpen *mqtt_exchanges_find(const MqttExchanges *exchanges, unsigned side, MqttType type,
                              uint16_t packet_id)
{
	bool hashed = exchanges->buckets != NULL;
	uint32_t at = hashed ? exchanges->buckets[bucket_of(exchanges, side, packet_id)]
	                     : exchanges->oldest;

	while (at != 0) {
		MqttOpen *open = &exchanges->slots[at - 1];
		if (matches(open, side, type, packet_id))
			return open;
		at = hashed ? open->chain : open->newer;
	}
	return NULL;
}

static void put_in_bucket(MqttExchanges *exchanges, uint32_t at)
{
	MqttOpen *open = &exchanges->slots[at - 1];
	uint32_t *bucket = &exchanges->buckets[bucket_of(exchanges, open->exchange.side,
	                                                 open->exchange.packet_id)];

	open->chain = *bucket;
	*bucket = at;
}

static void enlarge(MqttExchanges *exchanges)
{
	MqttOpen *few = exchanges->slots == exchanges->few ? exchanges->few : NULL;

	exchanges->slots = g_renew(MqttOpen, few != NULL ? NULL : exchanges->slots,
	                           exchanges->capacity);
	if (few != NULL)
		memcpy(exchanges->slots, few, sizeof exchanges->few);
}

static void grow(MqttExchanges *exchanges)
{
	uint32_t old = exchanges->capacity;

	exchanges->capacity = old == 0 ? MQTT_EXCHANGES_FEW : old * 2;
	if (old == 0)
		exchanges->slots = exchanges->few;
	else
		enlarge(exchanges);
	chain_unused(exchanges, old);
	if (exchanges->capacity <= CAPACITY_LINEAR)
		return;
	g_free(exchanges->buckets);
	exchanges->buckets = g_new0(uint32_t, exchanges->capacity);
	for (uint32_t at = exchanges->oldest; at != 0; at = exchanges->slots[at - 1].newer)
		put_in_bucket(exchanges, at);
}

/* A PUBLISH of this very connection takes from the send quota (5.0 §4.9). */
static bool takes_quota(const MqttExchange *exchange)
{
	return exchange->type == MQTT_PUBLISH && !exchange->opened_unseen;
}

static MqttOpen *add(MqttExchanges *exchanges, unsigned side, MqttType type, uint16_t packet_id)
{
	if (exchanges->unused == 0)
		grow(exchanges);
	uint32_t at = exchanges->unused;
	MqttOpen *open = &exchanges->slots[at - 1];
	exchanges->unused = open->newer;
	*open = (MqttOpen){.older = exchanges->newest};
	open->exchange.packet_id = packet_id;
	open->exchange.type = (uint8_t)type;
	open->exchange.side = (uint8_t)side;
	if (exchanges->newest != 0)
		exchanges->slots[exchanges->newest - 1].newer = at;
	else
		exchanges->oldest = at;
	exchanges->newest = at;
	exchanges->n_open++;
	if (exchanges->buckets != NULL)
		put_in_bucket(exchanges, at);
	return open;
}

MqttOpen *mqtt_exchanges_open(MqttExchanges *exchanges, unsigned side, MqttType type, uint16_t packet_id)
{
	MqttOpen *open = add(exchanges, side, type, packet_id);
	if (takes_quota(&open->exchange))
		exchanges->n_fresh[side & 1]++;
	return open;
}

MqttOpen *mqtt_exchanges_open_unseen(MqttExchanges *exchanges, unsigned side, uint16_t packet_id)
{
	MqttOpen *open = add(exchanges, side, MQTT_PUBLISH, packet_id);
	open->exchange.opened_unseen = true;
	return open;
}

static void take_from_bucket(MqttExchanges *exchanges, const MqttOpen *open, uint32_t at)
{
	uint32_t *link = &exchanges->buckets[bucket_of(exchanges, open->exchange.side,
	                                               open->exchange.packet_id)];

	while (*link != at)
		link = &exchanges->slots[*link - 1].chain;
	*link = open->chain;
}

void mqtt_exchanges_close(MqttExchanges *exchanges, MqttOpen *open)
{
	uint32_t at = (uint32_t)(open - exchanges->slots) + 1;

	if (exchanges->buckets != NULL)
		take_from_bucket(exchanges, open, at);
	if (open->older != 0)
		exchanges->slots[open->older - 1].newer = open->newer;
	else
		exchanges->oldest = open->newer;
	if (open->newer != 0)
		exchanges->slots[open->newer - 1].older = open->older;
	else
		exchanges->newest = open->older;
	if (takes_quota(&open->exchange) && !open->exchange.uncertain)
		exchanges->n_fresh[open->exchange.side & 1]--;
	open->newer = exchanges->unused;
	exchanges->unused = at;
	exchanges->n_open--;
	if (exchanges->n_open == 0 && exchanges->capacity > CAPACITY_IDLE)
		mqtt_exchanges_clear(exchanges);
}

void mqtt_exchanges_doubt(MqttExchanges *exchanges, MqttOpen *open)
{
	if (takes_quota(&open->exchange) && !open->exchange.uncertain)
		exchanges->n_fresh[open->exchange.side & 1]--;
	open->exchange.uncertain = true;
}

void mqtt_exchanges_hole(MqttExchanges *exchanges)
{
	for (uint32_t at = exchanges->oldest; at != 0; at = exchanges->slots[at - 1].newer)
		exchanges->slots[at - 1].exchange.uncertain = true;
	exchanges->n_fresh[0] = exchanges->n_fresh[1] = 0;
}

MqttOpen *mqtt_exchanges_next(const MqttExchanges *exchanges, size_t *position)
{
	uint32_t at = *position == 0 ? exchanges->oldest : (uint32_t)(*position - 1);
	MqttOpen *open;

	if (at == 0)
		return NULL;
	open = &exchanges->slots[at - 1];
	*position = (size_t)open->newer + 1;
	return open;
}
