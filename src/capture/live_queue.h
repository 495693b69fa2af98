/* SPDX-License-Identifier: MIT */
/*
 * live_queue: batches of captured frames, from the threads that capture to the one
 * that reads.
 *
 * Bounded: when the reader does not keep up, batches are refused, and the producer
 * counts what went.  Batches come out in the order in which they went in.
 */
#pragma once

#include <pthread.h>

#include "src/capture/source.h"

enum { BATCH_FRAMES_MAX = 256, BATCH_SIZE = 1024 * 1024 };

typedef struct BatchFrame {
	Instant time;
	uint32_t offset; /* in the octets of the batch */
	uint32_t size;
	uint32_t wire_size;
} BatchFrame;

/* One allocation; free with g_free(). */
typedef struct Batch {
	struct Batch *next;
	unsigned producer;
	unsigned n_frames;
	uint32_t n_octets; /* used, of @capacity */
	uint32_t capacity;
	BatchFrame frames[BATCH_FRAMES_MAX];
	uint8_t octets[];
} Batch;

/* Room for @n_octets or BATCH_SIZE, whichever is more. */
Batch *batch_new(unsigned producer, uint32_t n_octets);
/* False: no room. */
bool batch_add(Batch *batch, Instant time, ByteSpan bytes, uint32_t wire_size);

typedef struct LiveQueue {
	pthread_mutex_t lock;
	pthread_cond_t changed;
	Batch *first;
	Batch *last;
	size_t n_octets; /* that the batches occupy */
	size_t n_octets_max;
	unsigned n_producers; /* still at work */
} LiveQueue;

void live_queue_init(LiveQueue *queue, size_t n_octets_max, unsigned n_producers);
/* No thread may use it any more. */
void live_queue_clear(LiveQueue *queue);

/* Takes @batch over.  False: the queue is full, and the batch is gone. */
bool live_queue_push(LiveQueue *queue, Batch *batch);
/* A producer ends. */
void live_queue_leave(LiveQueue *queue);
/* The next batch, for the caller to free; NULL after @timeout_ms without one, or at once where no
 * producer is left: then *out_ended is true. */
Batch *live_queue_pop(LiveQueue *queue, unsigned timeout_ms, bool *out_ended);
