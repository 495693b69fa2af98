/* SPDX-License-Identifier: MIT */
/*
 * spool_private: what the writer and the readers of a spool share.  For src/capture only.
 */
#pragma once

#include <pthread.h>

#include "src/capture/spool.h"

struct Spool {
	int fd;
	uint64_t octets_most;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	/* All below under the lock.  A record is a Frame (without address) and its octets. */
	uint64_t n_stored;   /* octets in the file */
	GByteArray *tail;    /* what follows, not stored yet or not to be; only the writer changes it */
	uint64_t tail_at;    /* octets before it */
	uint64_t n_frames;
	uint64_t followed;   /* octets that the reader that follows has got */
	Source *infos;
	bool full, ended, abandoned;
	GError *error;
};
