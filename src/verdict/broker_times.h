/* SPDX-License-Identifier: MIT */
/*
 * broker_times: how the clients of one broker came and went, and how long they were away.
 *
 * A pure function of the model; it blames nobody.
 */
#pragma once

#include "src/session/model.h"

/* What a client that came back found. */
typedef enum ReturnKind {
	RETURN_RESUMED,  /* its session */
	RETURN_LOST,     /* none, though by its settings it was to be there */
	RETURN_EXPIRED,  /* none, after its interval had passed */
	RETURN_UNKEPT,   /* none, as it had asked the broker to keep nothing */
	RETURN_AFRESH,   /* none, as it wished: it began anew while the old one was to be kept */
	RETURN_UNKNOWN,  /* how it was, or until when it was kept, is not known */
	RETURN_N,
} ReturnKind;

enum { AWAY_BUCKETS = 9 };

typedef struct BrokerTimes {
	BrokerIndex broker;
	Instant from, to;
	uint32_t returns[AWAY_BUCKETS][RETURN_N]; /* by the length of the absence */
	uint32_t n_unmeasured; /* returns after an absence whose beginning was not seen */
	uint32_t *opened;      /* connections accepted in each slice of the time, @n_slices of them */
	unsigned n_slices;
} BrokerTimes;

/* Of no connection yet.  @n_slices of the time from @from to @to; 0: none. */
BrokerTimes *broker_times_new(BrokerIndex broker, Instant from, Instant to, unsigned n_slices);
/* Counts @connection, if it is of the broker. */
void broker_times_add(BrokerTimes *times, const Model *model, ConnectionIndex connection);
void broker_times_free(BrokerTimes *times);

/* Absences shorter than this are in @bucket or before it; INT64_MAX: there is no bound. */
int64_t away_bucket_end(unsigned bucket);
/* "< 1 s", "1 - 10 s" ... */
const char *away_bucket_name(unsigned bucket);
const char *return_kind_name(ReturnKind kind);
