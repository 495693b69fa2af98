/* SPDX-License-Identifier: MIT */
#include "tests/capture/capture_bytes.h"

/* A pcap whose frames have these times in seconds, and whose octets all hold @fill. */
static Source *open_times(const uint32_t *seconds, size_t n_frames, uint8_t fill)
{
	CaptureBytes file = capture_bytes(false);
	put_pcap_header(&file, MAGIC_MICRO, 65535, 1);
	for (size_t i = 0; i < n_frames; i++)
		put_pcap_record(&file, (PcapRecord){seconds[i], 0, 2, 2, fill});
	Source *source = open_bytes(&file);
	capture_bytes_free(&file);
	return source;
}

static void assert_next(Source *source, uint32_t seconds, unsigned index, unsigned number)
{
	Frame frame = next_frame(source);
	assert_frame(&frame, seconds * NS_PER_SECOND, 2, (uint8_t)(0x10 + index));
	assert_int_equal(frame.ref.source, index);
	assert_int_equal(frame.ref.number, number);
}

static void frames_come_by_time_and_at_the_same_time_by_source(void **state)
{
	(void)state;
	Source *source = source_merge((Source *[]){
		open_times((const uint32_t[]){5, 9}, 2, 0x10),
		open_times((const uint32_t[]){1, 5, 5, 10}, 4, 0x11),
		open_times(NULL, 0, 0x12),
		open_times((const uint32_t[]){5, 6}, 2, 0x13),
	}, 4);

	assert_next(source, 1, 1, 1);
	assert_next(source, 5, 0, 1);
	assert_next(source, 5, 1, 2);
	assert_next(source, 5, 1, 3);
	assert_next(source, 5, 3, 1);
	assert_next(source, 6, 3, 2);
	assert_next(source, 9, 0, 2);
	assert_next(source, 10, 1, 4);
	assert_ended(source);
	assert_ended(source);

	source_free(source);
}

static void a_clock_that_steps_back_holds_no_other_source_up(void **state)
{
	(void)state;
	Source *source = source_merge((Source *[]){
		open_times((const uint32_t[]){8, 2, 9}, 3, 0x10),
		open_times((const uint32_t[]){7, 8}, 2, 0x11),
	}, 2);

	assert_next(source, 7, 1, 1);
	assert_next(source, 8, 0, 1);
	assert_next(source, 2, 0, 2);
	assert_next(source, 8, 1, 2);
	assert_next(source, 9, 0, 3);
	assert_ended(source);
	assert_int_equal(source_info(source, 0)->clock_steps_back, 1);
	assert_int_equal(source_info(source, 1)->clock_steps_back, 0);

	source_free(source);
}

/* Frames a second apart; of @n_odd of them, from @odd on, the time is 200 s too early: the first is 199 s
 * older than the one before it. */
static int64_t clock_back(uint32_t odd, uint32_t n_odd)
{
	enum { FRAMES = 300 };
	uint32_t seconds[FRAMES];
	for (uint32_t i = 0; i < FRAMES; i++)
		seconds[i] = 1000 + i - (i >= odd && i < odd + n_odd ? 200 : 0);
	Source *source = open_times(seconds, FRAMES, 0x10);
	Frame frame;
	while (source_next(source, &frame, NULL) == SOURCE_FRAME)
		continue;
	assert_int_equal(source_info(source, 0)->clock_steps_back, 1);
	int64_t back = source_info(source, 0)->clock_back_ns;
	source_free(source);
	return back;
}

static void a_few_frames_at_a_wrong_place_are_no_step_of_the_clock(void **state)
{
	(void)state;
	assert_int_equal(clock_back(100, 12), 0);
	/* So many later frames that the clock may have been put right again; or it never was. */
	assert_int_equal(clock_back(100, 50), 199 * NS_PER_SECOND);
	assert_int_equal(clock_back(100, 300), 199 * NS_PER_SECOND);
	/* Before any pace is known nothing speaks for a wrong place. */
	assert_int_equal(clock_back(5, 12), 199 * NS_PER_SECOND);
}

static void infos_keep_the_order_of_the_sources(void **state)
{
	(void)state;
	Source *inner = source_merge((Source *[]){
		open_times((const uint32_t[]){1}, 1, 0x10),
		open_times((const uint32_t[]){2, 3}, 2, 0x11),
	}, 2);
	Source *source = source_merge((Source *[]){
		inner,
		open_times((const uint32_t[]){1, 4, 5}, 3, 0x12),
	}, 2);

	assert_next(source, 1, 0, 1);
	assert_next(source, 1, 2, 1);
	assert_next(source, 2, 1, 1);
	assert_next(source, 3, 1, 2);
	assert_next(source, 4, 2, 2);
	assert_next(source, 5, 2, 3);
	assert_ended(source);
	assert_int_equal(source_n_infos(source), 3);
	for (unsigned i = 0; i < 3; i++)
		assert_int_equal(source_info(source, i)->packets, i + 1);

	source_free(source);
}

static void many_sources_come_in_order(void **state)
{
	(void)state;
	enum { N_SOURCES = 40, N_FRAMES = 20 };
	Source *sources[N_SOURCES];
	uint32_t random = 12345;
	for (unsigned i = 0; i < N_SOURCES; i++) {
		uint32_t seconds[N_FRAMES];
		uint32_t now = 0;
		for (unsigned j = 0; j < N_FRAMES; j++) {
			random = random * 1664525 + 1013904223;
			seconds[j] = now += random >> 29;
		}
		sources[i] = open_times(seconds, N_FRAMES, 0x10);
	}
	Source *source = source_merge(sources, N_SOURCES);

	Frame before = next_frame(source);
	for (unsigned i = 1; i < N_SOURCES * N_FRAMES; i++) {
		Frame frame = next_frame(source);
		assert_true(frame.time.ns > before.time.ns ||
		            (frame.time.ns == before.time.ns &&
		             frame.ref.source >= before.ref.source));
		before = frame;
	}
	assert_ended(source);

	source_free(source);
}

static void one_source_is_left_as_it_is(void **state)
{
	(void)state;
	Source *only = open_times((const uint32_t[]){1}, 1, 0x10);
	assert_ptr_equal(source_merge(&only, 1), only);
	source_free(only);
}

static void a_damaged_source_ends_and_the_others_go_on(void **state)
{
	(void)state;
	CaptureBytes file = capture_bytes(false);
	put_pcap_header(&file, MAGIC_MICRO, 65535, 1);
	put_pcap_record(&file, (PcapRecord){1, 0, 2, 2, 0x10});
	put_u32(&file, 99);
	Source *source = source_merge((Source *[]){
		open_bytes(&file),
		open_times((const uint32_t[]){2, 3}, 2, 0x11),
	}, 2);

	assert_next(source, 1, 0, 1);
	assert_next(source, 2, 1, 1);
	assert_next(source, 3, 1, 2);
	assert_ended(source);
	assert_true(source_info(source, 0)->damaged);
	assert_false(source_info(source, 1)->damaged);

	source_free(source);
	capture_bytes_free(&file);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(frames_come_by_time_and_at_the_same_time_by_source),
		cmocka_unit_test(a_clock_that_steps_back_holds_no_other_source_up),
		cmocka_unit_test(a_few_frames_at_a_wrong_place_are_no_step_of_the_clock),
		cmocka_unit_test(infos_keep_the_order_of_the_sources),
		cmocka_unit_test(many_sources_come_in_order),
		cmocka_unit_test(one_source_is_left_as_it_is),
		cmocka_unit_test(a_damaged_source_ends_and_the_others_go_on),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
