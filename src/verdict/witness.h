/* SPDX-License-Identifier: MIT */
/*
 * witness: what tells that a session was alive at a moment, or dead.
 */
#pragma once

typedef enum DeathWitness {
	WITNESS_NONE,
	WITNESS_LAST_PACKET, /* of the connection before, whose end was not seen */
	WITNESS_CLOSE,       /* of the connection before: until then it had a session */
	WITNESS_MATCHED,     /* 0x00 to a publisher, for a message that only this session matched */
	WITNESS_NO_MATCHING, /* 0x10 to a publisher, for a message that the session would have matched */
	WITNESS_WILL,        /* the Will was published before its Will Delay Interval had passed */
	WITNESS_EVENT,       /* the restart of the broker that took it */
	WITNESS_CONNACK,     /* Session Present 0, or a new session as requested */
	WITNESS_N,
} DeathWitness;

/* "connection-closed", "publisher-told-0x10" ...; NULL for none. */
const char *death_witness_name(DeathWitness witness);
