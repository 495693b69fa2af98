/* SPDX-License-Identifier: MIT */
/*
 * fake_analysis: an Analysis whose every value a test decides.
 *
 * It stands in for the session model, the sources and the stories, so that a view
 * can be shown what no capture at hand contains.
 */
#pragma once

#include "src/analysis.h"

typedef struct Fake Fake;

Fake *fake_new(void);
void fake_free(Fake *fake);
Analysis *fake_analysis(Fake *fake);

/* Whatever is added can be changed through the pointer until the next thing of its kind is added;
 * each begins as the plainest of its kind. */
uint32_t fake_text(Fake *fake, const char *text, size_t size);
BrokerIndex fake_broker(Fake *fake, const char *ip, uint16_t port);
ClientIndex fake_client(Fake *fake, BrokerIndex broker, const char *id);
/* A whole 5.0 connection with Clean Start 0, @begin to @end seconds after the fake's noon; its
 * frames count from @frame: SYN, SYN+ACK, ACK, CONNECT (@frame + 3), CONNACK, DISCONNECT. */
Connection *fake_connection(Fake *fake, ClientIndex client, double begin, double end,
                            uint32_t frame);
Client *fake_client_at(Fake *fake, ClientIndex client);
Broker *fake_broker_at(Fake *fake, BrokerIndex broker);
void fake_subscribe(Fake *fake, ClientIndex client, const char *filter, uint32_t frame);
/* Between the client's last two connections; loses @n_lost messages. */
Absence *fake_absence(Fake *fake, ClientIndex client, const char *filter, uint32_t n_lost);
/* Between the client's last two connections, or a risk if it has only one. */
Finding *fake_finding(Fake *fake, ClientIndex client, CauseId cause);
/* Hits all clients that there are so far; its end is the first CONNECT of the last one. */
Incident *fake_incident(Fake *fake, BrokerIndex broker, double from, double to);
/* All findings so far refer to it. */
void fake_explain(Fake *fake, const Incident *incident);
SourceInfo *fake_source_info(Fake *fake);
ModelCounts *fake_counts(Fake *fake);
TcpCounts *fake_tcp(Fake *fake);
Decap *fake_decap(Fake *fake);
Instant fake_instant(double seconds);

/* The story that MQTT 5.0 clients most often tell: no Session Expiry Interval. */
Fake *fake_founding(void);
/* Everything is hostile or unknown. */
Fake *fake_hostile(void);
/* A restart of the broker took the sessions of two clients. */
Fake *fake_restart(void);
/* No MQTT at all. */
Fake *fake_nothing(void);
/* @n clients, each with a loss. */
Fake *fake_many(unsigned n);
