/* SPDX-License-Identifier: MIT */
/*
 * model_private: the model's insides, for the files of src/session alone.
 */
#pragma once

#include <glib.h>

#include "src/session/interner.h"
#include "src/session/messages.h"
#include "src/session/model.h"
#include "src/session/observe.h"
#include "src/session/store.h"
#include "src/session/topics.h"

typedef struct Away Away;

/* A QoS 1 or 2 PUBLISH to a client that is not acknowledged yet. */
typedef struct Delivery {
	MqttHash hash;
	uint64_t topic_hash;
	Instant time;
	FrameRef frame;
	uint32_t next_free;
	uint8_t qos;
	uint8_t topic_size;
	uint8_t topic[90]; /* its beginning, for the report */
} Delivery;

struct Model {
	ModelCounts counts;
	Store brokers;     /* of Broker */
	Store clients;     /* of Client */
	Store connections; /* of Connection */
	Store absences;    /* of Absence */
	Store deliveries;  /* of Delivery, recycled */
	uint32_t free_delivery; /* index + 1; 0: none */
	Interner *texts;
	Topics *topics;
	MessageLog *messages;
	uint64_t room_tried; /* the sequence number at which room was last looked for */
	GHashTable *broker_by_endpoint; /* Endpoint (in Broker) -> index + 1 */
	uint32_t *client_slots; /* (broker, id) -> index + 1; 0 is free */
	uint32_t n_client_slots;
	GHashTable *away; /* ClientIndex -> Away, of clients with something to lose */
	GHashTable *live; /* ConnectionIndex -> Live */
	GHashTable *unnamed_by_host; /* broker and host -> its last connection without client id + 1 */
};

struct Live {
	Model *model;
	MqttStream *stream;
	Opening opening;
	ConnectionIndex connection; /* NO_INDEX until a packet tells the roles */
	bool accepted;  /* CONNACK 0 seen: this is the client's current connection */
	bool left;      /* for the session it is over: ended, or superseded by another */
	bool closed;    /* its own end is known */
	uint32_t holes; /* before the roles were known */
	Away *away;     /* of the client: what it was owed when this connection began */
	GHashTable *asked; /* packet id -> what SUBSCRIBE or UNSUBSCRIBE named; NULL until needed */
};

static inline Connection *connection_at(const Model *model, ConnectionIndex index)
{
	return store_at(&model->connections, index);
}

static inline Client *client_at(const Model *model, ClientIndex index)
{
	return store_at(&model->clients, index);
}

static inline Broker *broker_at(const Model *model, BrokerIndex index)
{
	return store_at(&model->brokers, index);
}

static inline Absence *absence_at(const Model *model, AbsenceIndex index)
{
	return store_at(&model->absences, index);
}

/* Found or made (registry.c). */
enum { HOST_KEY_SIZE = 17 }; /* U+0000 and an address: the key of a client without identifier */
BrokerIndex model_add_broker(Model *model, const Endpoint *endpoint);
ClientIndex model_add_client(Model *model, BrokerIndex broker, ByteSpan id);
ConnectionIndex model_add_connection(Model *model);
/* Hangs @connection at the end of @client's chain. */
void model_attach(Model *model, ConnectionIndex connection, ClientIndex client);

/* In flight to a client (deliveries.c); a tag is index + 1. */
uint32_t delivery_begin(Model *model, const MqttEvent *event);
void delivery_end(Model *model, uint32_t tag);
static inline Delivery *delivery_at(const Model *model, uint32_t tag)
{
	return store_at(&model->deliveries, tag - 1);
}

/* PUBLISH and its acknowledgements (observe_publish.c). */
void observe_publish_from_client(Live *live, const MqttEvent *event);
void observe_publish_acknowledged(Live *live, const MqttEvent *event);
void observe_publish_to_client(Live *live, const MqttEvent *event);

/* SUBSCRIBE and the like (observe_subscribe.c). */
void observe_subscribe(Live *live, const MqttEvent *event);
void observe_suback(Live *live, const MqttEvent *event);
void observe_unsubscribe(Live *live, const MqttEvent *event);
void observe_unsuback(Live *live, const MqttEvent *event);

/* CONNECT, CONNACK (observe_connect.c). */
void observe_connect(Live *live, const MqttEvent *event);
void observe_connack(Live *live, const MqttEvent *event);
void observe_disconnect(Live *live, const MqttEvent *event);
/* The connection is over for the session (observe_close.c). */
void live_leave(Live *live);
/* Its end on the wire; the first one counts. */
void live_close(Live *live, ClosedBy by, CloseKind kind, const StreamPoint *at);
