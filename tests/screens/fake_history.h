/* SPDX-License-Identifier: MIT */
/*
 * fake_history: a History of which a test decides each event, in place of the engine's.
 */
#pragma once

#include "src/engine/engine.h"

typedef struct FakeAt {
	double seconds; /* since the fake's noon, see fake_analysis.h */
	uint32_t frame;
	ClientIndex client;
	ConnectionIndex connection;
	bool from_client;
} FakeAt;

History *fake_history_new(void);
/* @error NULL: none. */
void fake_history_state(History *history, double done, const char *error, unsigned cut);
/* A packet in the notation of octets.h; answers the last one that it acknowledges. */
uint32_t fake_packet(History *history, FakeAt at, MqttVersion version, const char *octets);
/* The same from octets, of which the first @n_kept are kept. */
uint32_t fake_octets(History *history, FakeAt at, MqttVersion version, ByteSpan octets, size_t n_kept);
uint32_t fake_event(History *history, FakeAt at, HistoryKind kind);
/* Valid until the next is added. */
HistoryEvent *fake_last(History *history);
uint32_t fake_history_text(History *history, const char *text, size_t size);
/* Of events from here on. */
void fake_subscribed(History *history, const char *filter, uint8_t qos, uint32_t since);

/* An Engine that has nothing but this history; the caller keeps it. */
Engine *fake_engine_new(History *history);
void fake_engine_free(Engine *engine);
