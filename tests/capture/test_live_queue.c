/* SPDX-License-Identifier: MIT */
#include "src/capture/live_queue.h"
#include "tests/capture/capture_bytes.h"

static const uint8_t octets[2 * BATCH_SIZE];

static void a_batch_is_full_after_256_frames(void **state)
{
	(void)state;
	Batch *batch = batch_new(3, 0);
	for (unsigned i = 0; i < 256; i++)
		assert_true(batch_add(batch, (Instant){i}, (ByteSpan){octets, 1}, 1));
	assert_false(batch_add(batch, (Instant){0}, (ByteSpan){octets, 0}, 0));
	assert_int_equal(batch->producer, 3);
	assert_int_equal(batch->frames[255].offset, 255);
	assert_int_equal(batch->frames[255].time.ns, 255);
	g_free(batch);
}

static void a_batch_holds_a_mebibyte_or_one_frame_that_is_larger(void **state)
{
	(void)state;
	Batch *batch = batch_new(0, 0);
	assert_true(batch_add(batch, (Instant){0}, (ByteSpan){octets, 1024 * 1024 - 1}, 0));
	assert_false(batch_add(batch, (Instant){0}, (ByteSpan){octets, 2}, 2));
	assert_true(batch_add(batch, (Instant){0}, (ByteSpan){octets, 1}, 1));
	assert_int_equal(batch->frames[0].wire_size, 1024 * 1024 - 1);
	g_free(batch);

	batch = batch_new(0, sizeof octets);
	assert_true(batch_add(batch, (Instant){0}, (ByteSpan){octets, sizeof octets}, 5000000));
	assert_int_equal(batch->frames[0].wire_size, 5000000);
	g_free(batch);
}

static Batch *batch_of(unsigned producer, uint32_t n_octets)
{
	Batch *batch = batch_new(producer, n_octets);
	assert_true(batch_add(batch, (Instant){0}, (ByteSpan){octets, n_octets}, n_octets));
	return batch;
}

static void assert_popped(LiveQueue *queue, unsigned producer)
{
	bool ended;
	Batch *batch = live_queue_pop(queue, 0, &ended);
	assert_non_null(batch);
	assert_false(ended);
	assert_int_equal(batch->producer, producer);
	g_free(batch);
}

static void a_full_queue_refuses_until_there_is_room_again(void **state)
{
	(void)state;
	LiveQueue queue;
	live_queue_init(&queue, 2 * (sizeof(Batch) + 1000), 1);

	assert_true(live_queue_push(&queue, batch_of(1, 1000)));
	assert_true(live_queue_push(&queue, batch_of(2, 1000)));
	assert_false(live_queue_push(&queue, batch_of(3, 1)));
	assert_popped(&queue, 1);
	assert_true(live_queue_push(&queue, batch_of(4, 1000)));
	assert_popped(&queue, 2);
	assert_popped(&queue, 4);
	assert_true(live_queue_push(&queue, batch_of(5, 1)));

	live_queue_clear(&queue); /* with a batch in it */
}

static void an_empty_queue_ends_when_the_last_producer_has_left(void **state)
{
	(void)state;
	LiveQueue queue;
	bool ended;
	live_queue_init(&queue, 1 << 20, 2);

	live_queue_leave(&queue);
	gint64 before = g_get_monotonic_time();
	assert_null(live_queue_pop(&queue, 30, &ended));
	assert_false(ended);
	assert_true(g_get_monotonic_time() - before >= 29000);
	assert_true(live_queue_push(&queue, batch_of(1, 1)));
	live_queue_leave(&queue);
	assert_popped(&queue, 1);
	assert_null(live_queue_pop(&queue, 60000, &ended));
	assert_true(ended);

	live_queue_clear(&queue);
}

enum { N_PRODUCERS = 3, N_BATCHES = 2000 };

typedef struct Producer {
	LiveQueue *queue;
	unsigned index;
	unsigned n_refused;
	pthread_t thread;
} Producer;

static void *produce(void *user)
{
	Producer *producer = user;
	for (uint32_t i = 0; i < N_BATCHES; i++) {
		Batch *batch = batch_new(producer->index, 0);
		batch_add(batch, (Instant){i}, (ByteSpan){octets, i % 50}, 50);
		producer->n_refused += !live_queue_push(producer->queue, batch);
	}
	live_queue_leave(producer->queue);
	return NULL;
}

static void every_batch_is_either_delivered_in_order_or_counted(void **state)
{
	(void)state;
	LiveQueue queue;
	Producer producers[N_PRODUCERS];
	unsigned n_popped[N_PRODUCERS] = {0};
	int64_t last[N_PRODUCERS] = {-1, -1, -1};
	live_queue_init(&queue, 20 * sizeof(Batch), N_PRODUCERS);
	for (unsigned i = 0; i < N_PRODUCERS; i++) {
		producers[i] = (Producer){.queue = &queue, .index = i};
		pthread_create(&producers[i].thread, NULL, produce, &producers[i]);
	}

	bool ended = false;
	while (!ended) {
		Batch *batch = live_queue_pop(&queue, 100, &ended);
		if (!batch)
			continue;
		assert_true(batch->frames[0].time.ns > last[batch->producer]);
		last[batch->producer] = batch->frames[0].time.ns;
		n_popped[batch->producer]++;
		g_free(batch);
	}
	for (unsigned i = 0; i < N_PRODUCERS; i++) {
		pthread_join(producers[i].thread, NULL);
		assert_int_equal(n_popped[i] + producers[i].n_refused, N_BATCHES);
	}
	live_queue_clear(&queue);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_batch_is_full_after_256_frames),
		cmocka_unit_test(a_batch_holds_a_mebibyte_or_one_frame_that_is_larger),
		cmocka_unit_test(a_full_queue_refuses_until_there_is_room_again),
		cmocka_unit_test(an_empty_queue_ends_when_the_last_producer_has_left),
		cmocka_unit_test(every_batch_is_either_delivered_in_order_or_counted),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
