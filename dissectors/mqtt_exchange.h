/* SPDX-License-Identifier: MIT */
/*
 * mqtt_exchange: packet identifiers in use on one connection.
 *
 * Each side has identifiers of its own; PUBLISH, SUBSCRIBE and UNSUBSCRIBE are
 * told apart by what acknowledges them.  What is open is kept in the order of
 * opening.
 */
#pragma once

#include "dissectors/mqtt_stream.h"

/* An open exchange and what only this side of the seam needs of it. */
typedef struct MqttOpen {
	MqttExchange exchange;
	uint32_t n_entries; /* filters asked for; 0: not known */
	uint32_t older, newer, chain; /* index + 1; 0: none */
} MqttOpen;

enum { MQTT_EXCHANGES_FEW = 4 };

/* Stays where it is: it may point into itself. */
typedef struct MqttExchanges {
	MqttOpen *slots;      /* @few, or more of them elsewhere; NULL: none yet */
	uint32_t *buckets;    /* only while many are open */
	uint32_t capacity;
	uint32_t oldest, newest, unused; /* index + 1; 0: none */
	uint32_t n_open;
	uint32_t n_fresh[2];  /* PUBLISH of this connection, a side: what Receive Maximum counts */
	MqttOpen few[MQTT_EXCHANGES_FEW];
} MqttExchanges;

void mqtt_exchanges_clear(MqttExchanges *exchanges);
/* The same, but memory for a few exchanges is kept. */
void mqtt_exchanges_reset(MqttExchanges *exchanges);
/* The open exchange of @side with @packet_id that a packet of @type (PUBLISH, SUBSCRIBE or
 * UNSUBSCRIBE) opened; NULL if there is none.  Valid until the next open or close. */
MqttOpen *mqtt_exchanges_find(const MqttExchanges *exchanges, unsigned side, MqttType type,
                              uint16_t packet_id);
/* A new one, which else is zeroed; there must be none with these values yet. */
MqttOpen *mqtt_exchanges_open(MqttExchanges *exchanges, unsigned side, MqttType type, uint16_t packet_id);
/* Likewise, of a PUBLISH that was not captured. */
MqttOpen *mqtt_exchanges_open_unseen(MqttExchanges *exchanges, unsigned side, uint16_t packet_id);
void mqtt_exchanges_close(MqttExchanges *exchanges, MqttOpen *open);
/* How @open goes on may be missed. */
void mqtt_exchanges_doubt(MqttExchanges *exchanges, MqttOpen *open);
/* Packets of a side were missed: what is open may have gone on unseen. */
void mqtt_exchanges_hole(MqttExchanges *exchanges);
MqttOpen *mqtt_exchanges_next(const MqttExchanges *exchanges, size_t *position);
