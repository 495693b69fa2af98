/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "tests/capture/capture_bytes.h"

/* IPv4 from 127.0.0.1 to 127.0.0.1, UDP, from port 1 to port 1883 (075b), no payload. */
#define IP_UDP \
	0x45, 0, 0, 28, 0, 0, 0, 0, 64, 17, 0, 0, 127, 0, 0, 1, 127, 0, 0, 1, \
	0, 1, 0x07, 0x5b, 0, 8, 0, 0

static const uint8_t ethernet_udp[] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x08, 0x00, IP_UDP};
static const uint8_t raw_udp[] = {IP_UDP};
static const uint8_t ethernet_arp[60] = {[12] = 0x08, [13] = 0x06};

static void put_frame(CaptureBytes *file, uint32_t interface, const uint8_t *octets, uint32_t size)
{
	CaptureBytes body = capture_bytes(file->big_endian);
	put_u32(&body, interface);
	put_u64(&body, 0);
	put_u32(&body, size);
	put_u32(&body, size);
	put_octets(&body, octets, size);
	put_block(file, 6, body.array->data, body.array->len);
	capture_bytes_free(&body);
}

static CaptureBytes mixed_capture(void)
{
	CaptureBytes file = capture_bytes(false);
	put_section(&file);
	put_interface(&file, 1, 0, NULL);   /* Ethernet */
	put_interface(&file, 101, 0, NULL); /* raw IP */
	put_frame(&file, 0, ethernet_arp, sizeof ethernet_arp);
	put_frame(&file, 1, raw_udp, sizeof raw_udp);
	put_frame(&file, 0, ethernet_udp, sizeof ethernet_udp);
	put_frame(&file, 0, ethernet_arp, sizeof ethernet_arp);
	return file;
}

static void a_filter_is_compiled_for_each_link_type_and_numbers_stay(void **state)
{
	(void)state;
	CaptureBytes file = mixed_capture();
	Source *source = open_bytes(&file);
	g_autoptr(GError) error = NULL;
	assert_true(source_set_filter(source, "udp port 1883", &error));

	Frame frame = next_frame(source);
	assert_int_equal(frame.link_type, 101);
	assert_int_equal(frame.ref.number, 2);
	frame = next_frame(source);
	assert_int_equal(frame.link_type, 1);
	assert_int_equal(frame.ref.number, 3);
	assert_ended(source);
	assert_int_equal(source_info(source, 0)->packets, 2);

	source_free(source);
	capture_bytes_free(&file);
}

static void a_filter_that_excludes_everything_leaves_nothing(void **state)
{
	(void)state;
	CaptureBytes file = mixed_capture();
	Source *source = open_bytes(&file);
	assert_true(source_set_filter(source, "udp port 1884", NULL));

	assert_ended(source);
	assert_int_equal(source_info(source, 0)->packets, 0);

	source_free(source);
	capture_bytes_free(&file);
}

static void a_mistake_in_a_filter_shows_before_the_first_frame(void **state)
{
	(void)state;
	CaptureBytes file = mixed_capture();
	Source *source = open_bytes(&file);
	g_autoptr(GError) error = NULL;

	assert_false(source_set_filter(source, "port of call", &error));
	assert_int_equal(error->domain, MQLAPSE_CAPTURE_ERROR);
	assert_int_equal(error->code, CAPTURE_ERROR_FILTER);
	assert_non_null(strstr(error->message, "port of call"));
	assert_int_equal(next_frame(source).ref.number, 1);

	source_free(source);
	capture_bytes_free(&file);
}

static void a_filter_that_a_later_link_type_cannot_have_is_an_error(void **state)
{
	(void)state;
	CaptureBytes file = capture_bytes(false);
	put_section(&file);
	put_interface(&file, 1, 0, NULL);
	put_frame(&file, 0, ethernet_udp, sizeof ethernet_udp);
	put_interface(&file, 101, 0, NULL);
	put_frame(&file, 1, raw_udp, sizeof raw_udp);
	Source *source = open_bytes(&file);
	g_autoptr(GError) error = NULL;
	Frame frame;
	assert_true(source_set_filter(source, "ether host 00:00:00:00:00:00", &error));

	next_frame(source);
	assert_int_equal(source_next(source, &frame, &error), SOURCE_ERROR);
	assert_int_equal(error->code, CAPTURE_ERROR_FILTER);
	assert_non_null(strstr(error->message, "link type 101"));

	source_free(source);
	capture_bytes_free(&file);
}

static void a_filter_on_merged_files_holds_for_each(void **state)
{
	(void)state;
	CaptureBytes file = mixed_capture();
	Source *source = source_merge((Source *[]){open_bytes(&file), open_bytes(&file)}, 2);
	assert_true(source_set_filter(source, "arp", NULL));

	for (unsigned i = 0; i < 4; i++)
		assert_int_equal(next_frame(source).bytes.size, 60);
	assert_ended(source);

	source_free(source);
	capture_bytes_free(&file);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_filter_is_compiled_for_each_link_type_and_numbers_stay),
		cmocka_unit_test(a_filter_that_excludes_everything_leaves_nothing),
		cmocka_unit_test(a_mistake_in_a_filter_shows_before_the_first_frame),
		cmocka_unit_test(a_filter_that_a_later_link_type_cannot_have_is_an_error),
		cmocka_unit_test(a_filter_on_merged_files_holds_for_each),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
