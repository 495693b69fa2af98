/* SPDX-License-Identifier: MIT */
/* Plain pthreads rather than GLib's locks, since race detectors know them. */
#include "src/capture/live_queue.h"

#include <errno.h>
#include <string.h>
#include <time.h>

Batch *batch_new(unsigned producer, uint32_t n_octets)
{
	uint32_t capacity = MAX(n_octets, BATCH_SIZE);
	Batch *batch = g_malloc(sizeof *batch + capacity);
	batch->next = NULL;
	batch->producer = producer;
	batch->n_frames = 0;
	batch->n_octets = 0;
	batch->capacity = capacity;
	return batch;
}

bool batch_add(Batch *batch, Instant time, ByteSpan bytes, uint32_t wire_size)
{
	if (batch->n_frames == BATCH_FRAMES_MAX || bytes.size > batch->capacity - batch->n_octets)
		return false;
	batch->frames[batch->n_frames++] = (BatchFrame){
		.time = time,
		.offset = batch->n_octets,
		.size = (uint32_t)bytes.size,
		.wire_size = MAX(wire_size, (uint32_t)bytes.size),
	};
	if (bytes.size > 0)
		memcpy(batch->octets + batch->n_octets, bytes.data, bytes.size);
	batch->n_octets += (uint32_t)bytes.size;
	return true;
}

void live_queue_init(LiveQueue *queue, size_t n_octets_max, unsigned n_producers)
{
	*queue = (LiveQueue){.n_octets_max = n_octets_max, .n_producers = n_producers};
	pthread_mutex_init(&queue->lock, NULL);

	pthread_condattr_t attributes;
	pthread_condattr_init(&attributes);
	pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
	pthread_cond_init(&queue->changed, &attributes);
	pthread_condattr_destroy(&attributes);
}

void live_queue_clear(LiveQueue *queue)
{
	while (queue->first) {
		Batch *batch = queue->first;
		queue->first = batch->next;
		g_free(batch);
	}
	pthread_cond_destroy(&queue->changed);
	pthread_mutex_destroy(&queue->lock);
}

static size_t occupied(const Batch *batch)
{
	return sizeof *batch + batch->capacity;
}

bool live_queue_push(LiveQueue *queue, Batch *batch)
{
	/* Most batches are far from full, and many of them may wait here. */
	batch = g_realloc(batch, sizeof *batch + batch->n_octets);
	batch->capacity = batch->n_octets;

	pthread_mutex_lock(&queue->lock);
	bool fits = occupied(batch) <= queue->n_octets_max - queue->n_octets;
	if (fits) {
		if (queue->last)
			queue->last->next = batch;
		else
			queue->first = batch;
		queue->last = batch;
		queue->n_octets += occupied(batch);
		pthread_cond_signal(&queue->changed);
	}
	pthread_mutex_unlock(&queue->lock);
	if (!fits)
		g_free(batch);
	return fits;
}

void live_queue_leave(LiveQueue *queue)
{
	pthread_mutex_lock(&queue->lock);
	g_assert(queue->n_producers > 0);
	queue->n_producers--;
	pthread_cond_signal(&queue->changed);
	pthread_mutex_unlock(&queue->lock);
}

static struct timespec deadline_in(unsigned timeout_ms)
{
	struct timespec deadline;
	clock_gettime(CLOCK_MONOTONIC, &deadline);
	deadline.tv_sec += timeout_ms / 1000;
	deadline.tv_nsec += (long)(timeout_ms % 1000) * 1000000;
	if (deadline.tv_nsec >= NS_PER_SECOND) {
		deadline.tv_sec++;
		deadline.tv_nsec -= NS_PER_SECOND;
	}
	return deadline;
}

Batch *live_queue_pop(LiveQueue *queue, unsigned timeout_ms, bool *out_ended)
{
	struct timespec deadline = deadline_in(timeout_ms);
	int waited = 0;

	pthread_mutex_lock(&queue->lock);
	while (!queue->first && queue->n_producers > 0 && waited != ETIMEDOUT)
		waited = pthread_cond_timedwait(&queue->changed, &queue->lock, &deadline);
	Batch *batch = queue->first;
	if (batch) {
		queue->first = batch->next;
		if (!queue->first)
			queue->last = NULL;
		queue->n_octets -= occupied(batch);
	}
	*out_ended = !batch && queue->n_producers == 0;
	pthread_mutex_unlock(&queue->lock);
	return batch;
}
