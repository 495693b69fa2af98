/* SPDX-License-Identifier: MIT */
/*
 * takeover: two hosts that throw each other out of one Client Identifier.
 */
#pragma once

#include "src/session/model.h"

/* A turn later than this after the one before is no answer to it, but a device that moved again. */
#define TAKEOVER_TURN_NS (300 * NS_PER_SECOND)

/* The broker closed the older of the two for the newer, while its host was still there to answer. */
bool alive_at_once(const Connection *a, const Connection *b);

/* Three times and more around @a, of the hosts of @a and @b one threw the other out while that was still alive,
 * and soon after it had been thrown out itself. */
bool throw_each_other_out(const Model *model, const Connection *a, const Connection *b);

typedef struct PingPong {
	uint32_t n;          /* takeovers by the other host */
	IpAddress hosts[2];  /* the first two that took turns */
	bool more_hosts;
	Instant begin, end;  /* of the first and of the last takeover */
	int64_t period_ns;   /* mean time between two; 0 with a single one */
} PingPong;

/* All takeovers of @client between hosts; n is 0 if there were none. */
PingPong ping_pong_of(const Model *model, const Client *client);
