/* SPDX-License-Identifier: MIT */
/* From the words of the scenario language to one MQTT control packet. */
#pragma once

#include "tests/support/words.h"

/* What a connection remembers from packet to packet. Sides: [0] client, [1] broker. */
typedef struct {
	guint8 level; /* set by CONNECT; 0 before */
	guint16 next_id[2];
	guint16 last_id[2]; /* of the last packet that asks for an answer */
} PacketContext;

typedef struct {
	guint8 first;
	guint8 qos;        /* of a PUBLISH */
	guint16 id;        /* 0: none */
	int answer;        /* reason that the automatic answer carries; -1: no answer wanted */
	GByteArray *codes; /* SUBSCRIBE, UNSUBSCRIBE: what the automatic answer grants; else NULL */
} PacketMade;

/* Whether `name` is a control packet, or BYTES. */
bool packet_is_name(const char *name);
bool packet_is_connect(const char *name);

/*
 * Appends the packet whose name is the first word of `range`. False with range->error set where
 * words are
 * unknown, missing or wrong. `default_client` is the Client Identifier where client= does not
 * stand there.
 */
bool packet_make(WordRange *range, PacketContext *context, guint side, const char *default_client,
                 GByteArray *out, PacketMade *made);

/* Appends the answer to `made` by the other side: PUBACK, PUBREC, SUBACK, ...; gives false where
 * none is due. */
bool packet_answer(const PacketMade *made, guint8 level, GByteArray *out, PacketMade *answer);
