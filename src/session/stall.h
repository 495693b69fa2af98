/* SPDX-License-Identifier: MIT */
/*
 * stall: a client that lives but does not acknowledge, so that the broker may
 * send it nothing more (5.0 §4.9).
 */
#pragma once

#include "src/session/connection.h"

enum {
	STALL_WATCH_S = 30,      /* the client has to show for so long that it lives */
	STALL_LEAST_WINDOW = 10, /* brokers hold back at limits of their own, from here on */
};

typedef struct Stall {
	FrameRef oldest, newest; /* of what is not acknowledged */
	Instant oldest_time, newest_time;
	Instant until;           /* the client's last sign of life meanwhile */
	uint32_t n_in_flight;    /* not acknowledged */
	uint32_t n_held;         /* messages for the client that the broker took meanwhile */
	FrameRef held;           /* the first of them */
	Instant held_time;
	bool by_receive_maximum; /* as many as the client takes; else the broker's own limit */
	bool ended;              /* the client acknowledged after all */
} Stall;
