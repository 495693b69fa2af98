/* SPDX-License-Identifier: MIT */
/*
 * observe: the one way into the model.
 *
 * The pipeline tells what happens on each MQTT connection, in the order of the
 * capture; the model draws the conclusions that need no theory: who is whose
 * connection, what sessions hold, what was published for whom.
 */
#pragma once

#include "dissectors/mqtt_stream.h"
#include "dissectors/transport.h"
#include "dissectors/tcp.h"
#include "dissectors/tcp_print.h"
#include "src/session/breath.h"
#include "src/session/model.h"

/* One MQTT connection that is being observed. */
typedef struct Live Live;

typedef struct Opening {
	Endpoint endpoint[2]; /* of side 0 and side 1 */
	bool syn_seen;        /* side 0 opened it, and the capture saw how */
	uint8_t print;        /* of the host that answered, see observe_print(); 0: not known */
	uint16_t clock;       /* base of its timestamp clock; 0: not known */
	StreamPoint at;       /* the SYN, or the first segment seen */
	const Proxy *proxy;   /* whose header came first, outlives the Live; or NULL */
	Transport transport;  /* that carries MQTT */
	MqttStream *stream;   /* for its open exchanges; outlives the Live */
	const TcpFlow *flow;  /* likewise, of what carries it all; or NULL */
} Opening;

/* What stands behind Opening.print @index. */
void observe_print(Model *model, uint8_t index, const TcpPrint *print);
Live *observe_open(Model *model, const Opening *opening);
void observe_packet(Live *live, const MqttEvent *event);
/* NO_INDEX as long as no packet told who is who. */
ConnectionIndex observe_connection(const Live *live);
/* What each packet of a connection will look at, to be called into the cache ahead of time. */
typedef struct ObserveNear {
	const Live *live;
	const void *connection, *client; /* NULL while there is none */
} ObserveNear;

void observe_near(const Live *live, ObserveNear *near);
void observe_fetch(const ObserveNear *near);
/* Octets of @side from which no packets could be made. */
void observe_lost(Live *live, unsigned side, uint64_t n_bytes, MqttLossKind kind);
/* A layer below says why @side ends; before observe_end() of that side, if it ends. */
void observe_farewell(Live *live, unsigned side, const Farewell *farewell);
/* One side is over. */
void observe_end(Live *live, unsigned side, StreamEnd how, const StreamPoint *at);
/* The connection is forgotten by the layers below; ends it if it was not ended. */
void observe_close(Live *live);
/* A connection ended of which no packet could be decoded.  If it went to an address that is known
 * for a broker, somebody's CONNECT may have been missed. */
void observe_undecoded(Model *model, const Opening *opening);
/* A SYN to @endpoint was answered by RST, or by nothing (@unanswered). */
void observe_attempt(Model *model, const Endpoint *endpoint, bool unanswered, const StreamPoint *at);
/* Somebody is going to look at the model before it is finished: what is kept at hand while a connection
 * is open is written where readers look. */
void observe_pause(Model *model);
/* No frame will follow: everything that was still being counted is settled.  @breath may be NULL. */
void observe_finish(Model *model, Breath *breath);
