/* SPDX-License-Identifier: MIT */
/*
 * filter_log: the messages that one filter matched, with running totals.
 *
 * Made when first asked for, and carried on from there: what a range of them comes to costs a
 * search, however many messages lie in it and however many clients ask.
 */
#pragma once

#include "src/session/model_private.h"

enum { FILTER_LOG_FIRST = ABSENCE_EXAMPLES };

/* Messages that were not rejected, from one sequence number until before another. */
typedef struct FilterSum {
	uint32_t n;
	uint32_t n_acknowledged; /* of these: the broker has taken them for certain */
	uint32_t n_no_matching;  /* of these: nobody was subscribed, says the broker */
	uint32_t n_expiring;     /* of these: with a Message Expiry Interval */
	uint32_t largest;        /* when forwarded, at the most; of all, not of these alone */
	uint64_t first_no_matching;       /* 0: none */
	uint64_t last_sole; /* before that, the last that was for one session alone, which was there; 0 */
	uint64_t first[FILTER_LOG_FIRST]; /* the first ones, as many as there are */
	uint64_t last;                    /* 0: none */
} FilterSum;

FilterLogs *filter_logs_new(void);
void filter_logs_free(FilterLogs *logs);
/* The state of a message has changed. */
void filter_logs_acknowledged(FilterLogs *logs, uint64_t sequence);

/* What belongs to which broker has changed. */
void filter_logs_forget(FilterLogs *logs);

FilterSum filter_log_sum(Model *model, uint32_t filter, BrokerIndex broker, uint64_t since,
                         uint64_t until);
/* Of those in the same range: how many were accepted with the word that somebody is subscribed. */
uint32_t filter_log_n_matching(Model *model, uint32_t filter, BrokerIndex broker, uint64_t since,
                               uint64_t until);
