/* SPDX-License-Identifier: MIT */
/*
 * brokers_sums: what is counted over all clients and connections for one broker, piece by piece.
 */
#pragma once

#include "src/verdict/broker_times.h"
#include "ui/screens/screen.h"

typedef struct BrokerSums {
	BrokerIndex broker;
	uint32_t verdict;  /* of which they are */
	unsigned n_slices; /* that were asked for */
	BrokerTimes *times;
	uint32_t by_state[CLIENT_STATE_N];
	uint32_t by_cause[CAUSE_N];
	uint32_t n_clients, n_connections; /* that are counted */
} BrokerSums;

/* Nothing is counted yet. */
BrokerSums *broker_sums_new(const View *view, BrokerIndex broker, unsigned n_slices);
void broker_sums_free(BrokerSums *sums);
/* Goes on until about @until (µs, monotonic); true: all is counted.  @view as when it was made. */
bool broker_sums_work(BrokerSums *sums, const View *view, int64_t until);
bool broker_sums_fit(const BrokerSums *sums, const View *view, BrokerIndex broker, unsigned n_slices);
/* The part that is counted, 0 to 1. */
double broker_sums_done(const BrokerSums *sums, const View *view);
