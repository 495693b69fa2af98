/* SPDX-License-Identifier: MIT */
/*
 * history_record_private: what the parts of a recorder share.
 */
#pragma once

#include "src/engine/history_record.h"
#include "src/engine/history_tap.h"

/* One client whose history it is. */
typedef struct Track {
	ClientIndex client;
	ConnectionIndex current; /* that its packets were last seen on */
	SessionMoment moment;
	uint32_t n_known;        /* subscriptions in the list that the moment has */
	bool listed;             /* there is one */
} Track;

/* What will turn out, by the model before. */
typedef struct Expected {
	ConnectionIndex connection;
	ClientIndex client;
} Expected;

struct Recorder {
	const Model *model;
	HistoryBatch *batch;
	Track *tracks;
	unsigned n_tracks;
	GHashTable *expected; /* frame that opened it (as a 64-bit number) -> Expected */
	GByteArray *packet;   /* the octets of one */
	bool betrayed;
};

/* One TCP connection. */
typedef struct Watched {
	Recorder *recorder;
	Track *track;        /* NULL: nobody's, or not known yet */
	bool foreign;        /* it is nobody's */
	ConnectionIndex connection;
	StreamPoint opened;
	unsigned client_side; /* the side that is the MQTT client; the one that opened it, until it is known */
	bool over;           /* reset or given up, both sides at once */
	bool closed;         /* one side sent its FIN: of a reset it is told of the other side, whoever sent it */
	StreamSink mqtt;
	Tap taps[2];
	GHashTable *asked;   /* type, side and Packet Identifier -> index of the event + 1 */
} Watched;

/* --- history_owed.c ---------------------------------------------------------------------------- */

/* Somebody published: who is away, and is owed it? */
void recorder_published(Recorder *recorder, const MqttEvent *event, ConnectionIndex connection);
/* The session of @track after a packet of its own. */
void track_follow(Recorder *recorder, Track *track, const MqttEvent *event, const MqttStream *stream);
/* Its connection is over. */
void track_left(Track *track);
