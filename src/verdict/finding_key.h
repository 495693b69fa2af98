/* SPDX-License-Identifier: MIT */
/*
 * finding_key: what a finding is known by, from verdict to verdict of one model.
 */
#pragma once

#include "src/verdict/finding.h"

typedef struct FindingKey {
	ClientIndex client;
	ConnectionIndex from, to;
	uint32_t cause; /* CauseId; no padding: it is hashed as octets */
} FindingKey;

static inline FindingKey finding_key(const Finding *finding)
{
	return (FindingKey){finding->client, finding->from, finding->to, finding->cause};
}

static inline bool finding_key_equal(const FindingKey *a, const FindingKey *b)
{
	return a->client == b->client && a->from == b->from && a->to == b->to && a->cause == b->cause;
}
