/* SPDX-License-Identifier: MIT */
/*
 * model_private: the model's insides, for the files of src/session alone.
 */
#pragma once

#include <glib.h>

#include "src/session/forget.h"
#include "src/session/interner.h"
#include "src/session/live.h"
#include "src/session/messages.h"
#include "src/session/model.h"
#include "src/session/observe.h"
#include "src/session/store.h"
#include "src/session/topics.h"
#include "src/session/unkept.h"

typedef struct Delivery Delivery;
typedef struct FilterLogs FilterLogs;
typedef struct Pairs Pairs;
typedef struct Replays Replays;

enum { AWAY_FEW = 8 }; /* subscriptions that a client has as a rule are fewer */

/* Where a client is, as long as somebody has to know. */
typedef struct Presence {
	Away *away; /* it is away, or came back and misses something; NULL: nothing to lose */
	Live *live; /* its current connection; NULL while offline */
} Presence;

struct Model {
	ModelCounts counts;
	Arena arena;       /* of nearly all that follows */
	Store brokers;     /* of Broker */
	Store clients;     /* of Client */
	Store connections; /* of Connection */
	Store absences;    /* of Absence */
	Store remarks;     /* of Remarks; the first stands for none */
	Store resumes, marks; /* of Resume, of Mark */
	Store stalls;      /* of Stall */
	Store clues;       /* of Clue; the first stands for none */
	Store unheards;    /* of Unheard */
	Store backends;    /* of uint32_t, see backend.c; the first stands for unknown */
	TcpPrint *prints;  /* by index; NULL until there is one */
	Store deliveries;  /* of Delivery, recycled */
	uint32_t free_delivery; /* index + 1; 0: none */
	GArray *free_absences, *free_remarks; /* indexes to be used again; NULL: there never were any */
	GQueue *held_absences; /* of GArray of those that will be; NULL: none are held */
	GArray *resting_absences; /* since the last pause; NULL: none */
	GHashTable *untold; /* ConnectionIndex + 1: ended since model_told() was called; NULL: it never was */
	Room room;
	GHashTable *followers; /* ConnectionIndex + 1 -> Live that writes to it; NULL: nothing is forgotten */
	Interner *texts;
	Topics *topics;
	MessageLog *messages;
	Unkept *unkept;
	FilterLogs *filter_logs;
	uint64_t n_pending; /* messages that resumed sessions wait for, in all accounts */
	uint64_t n_unsubscribed_looks; /* at those of them that clients unsubscribed from, see away_quiet.c */
	uint64_t newest_no_matching; /* the youngest message of which 0x10 was told */
	uint64_t room_tried; /* the sequence number at which room was last looked for */
	GHashTable *undecoded; /* Endpoint that is no broker -> number of connections */
	BrokerIndex latest_broker; /* asked for; NO_INDEX: none yet */
	GHashTable *broker_by_endpoint; /* Endpoint (in Broker) -> index + 1 */
	uint32_t *client_slots; /* (broker, id) -> index + 1, of those that do not stand beside their
	                         * identifier in @texts (registry.c); 0 is free */
	uint32_t n_client_slots, n_clients_elsewhere;
	Store presences;   /* of Presence, as in clients */
	GArray *clocks;    /* of ClockDoubt, by source; NULL: no doubt */
	GHashTable *suspects;   /* Live -> Suspect: windows that are full, see stalls.h */
	Instant look_at;        /* when they are to be looked at; STALLS_NOTHING: there are none */
	GHashTable *unfinished; /* ClientIndex + 1 -> Unfinished, of few clients */
	GHashTable *groups;     /* of Group, see members.h; NULL until a member was away */
	uint32_t n_members_away; /* a client counts for each Shared Subscription it holds */
	GHashTable *wills;      /* of Will, see wills.h; NULL until one with an interval was accepted */
	Pairs *pairs;           /* NULL until a message of QoS 1 or 2 was published */
	GPtrArray *watches;     /* of Watch, see served.h; NULL until a session was watched */
	uint64_t will_shapes;   /* will_shape() of them all */
	uint32_t n_early_wills;
	Replays *replays;       /* NULL until a message of QoS 1 or 2 was published to be retained */
	Away *unused_aways[AWAY_FEW]; /* by their room for subscriptions; each holds the next one */
	Live *unused_lives; /* connections that are over: used again, the last first */
	GHashTable *unnamed_by_host; /* broker and host -> its last connection without client id + 1 */
};

static inline Connection *connection_at(const Model *model, ConnectionIndex index)
{
	return store_at_thinned(&model->connections, index, sizeof(Connection));
}

static inline Client *client_at(const Model *model, ClientIndex index)
{
	return store_at_size(&model->clients, index, sizeof(Client));
}

static inline Presence *presence_at(const Model *model, ClientIndex index)
{
	return store_at_size(&model->presences, index, sizeof(Presence));
}

static inline Broker *broker_at(const Model *model, BrokerIndex index)
{
	return store_at_size(&model->brokers, index, sizeof(Broker));
}

static inline Absence *absence_at(const Model *model, AbsenceIndex index)
{
	return store_at_size(&model->absences, index, sizeof(Absence));
}

void pairs_free(Pairs *pairs);
/* The connection's own, to be written. */
Remarks *remarks_of(Model *model, Connection *connection);
Resume *resume_of(Model *model, Connection *connection);
