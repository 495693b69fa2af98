/* SPDX-License-Identifier: MIT */
/*
 * world: a story in the language of tests/scenarios/README.md, played through the whole program up to
 * the model: frames, TCP, MQTT.
 */
#pragma once

#include "src/session/model.h"

/* A broker, a client "pump" on host device, and a publisher "gw" that is always there. */
#define CAST \
	"broker mosq 10.0.0.5:1883\n" \
	"host device 10.0.0.9\n" \
	"host twin 10.0.0.8\n" \
	"host gw 10.0.0.7\n" \
	"auto-ack\n" \
	"-9 gw > mosq CONNECT v5 client=gw clean_start=1 keep_alive=0 => CONNACK\n"

typedef struct World {
	Model *model;
	uint64_t other, tls, websocket, undecided; /* what the pipeline counted */
} World;

/* The test fails if @story is no scenario. */
World *world_play(const char *story);
/* The same, with the octets on TCP port @port taken as MQTT without detection; 0: none. */
World *world_play_decoding(const char *story, uint16_t port);
void world_free(World *world);

/* The client known by @id; the test fails if there is none. */
ClientIndex world_client(const World *world, const char *id);
/* The @n-th connection, from 1, of the client with @id. */
ConnectionIndex world_index(const World *world, const char *id, uint32_t n);
const Connection *world_connection(const World *world, const char *id, uint32_t n);
/* What it cost to be away before that connection; NULL if nothing. */
const Absence *world_absence(const World *world, const char *id, uint32_t n);
