/* SPDX-License-Identifier: MIT */
/* Classic pcap, by draft-ietf-opsawg-pcap. */
#include <string.h>

#include "tests/capture/capture_bytes.h"

static void read_one(uint32_t magic, bool big_endian, uint32_t fraction, int64_t expected_ns)
{
	CaptureBytes file = capture_bytes(big_endian);
	put_pcap_header(&file, magic, 65535, 1);
	put_pcap_record(&file, (PcapRecord){1700000000, fraction, 5, 9, 0xab});
	Source *source = open_bytes(&file);

	Frame frame = next_frame(source);
	assert_frame(&frame, expected_ns, 5, 0xab);
	assert_int_equal(frame.wire_size, 9);
	assert_int_equal(frame.link_type, 1);
	assert_int_equal(frame.ref.number, 1);
	assert_int_equal(frame.ref.source, 0);
	assert_ended(source);
	assert_false(source_info(source, 0)->damaged);

	source_free(source);
	capture_bytes_free(&file);
}

static void microseconds_in_both_byte_orders(void **state)
{
	(void)state;
	read_one(MAGIC_MICRO, false, 123456, INT64_C(1700000000123456000));
	read_one(MAGIC_MICRO, true, 123456, INT64_C(1700000000123456000));
}

static void nanoseconds_in_both_byte_orders(void **state)
{
	(void)state;
	read_one(MAGIC_NANO, false, 123456789, INT64_C(1700000000123456789));
	read_one(MAGIC_NANO, true, 123456789, INT64_C(1700000000123456789));
}

static void a_file_without_frames_ends_at_once_and_its_link_type_is_known(void **state)
{
	(void)state;
	CaptureBytes file = capture_bytes(false);
	put_pcap_header(&file, MAGIC_MICRO, 65535, 113);
	Source *source = open_bytes(&file);

	assert_ended(source);
	assert_ended(source);
	const SourceInfo *info = source_info(source, 0);
	assert_int_equal(info->n_link_types, 1);
	assert_int_equal(info->link_types[0], 113);
	assert_int_equal(info->packets, 0);
	assert_false(info->damaged);
	assert_false(info->drops_known);

	source_free(source);
	capture_bytes_free(&file);
}

static void the_upper_bits_of_the_link_type_field_are_no_link_type(void **state)
{
	(void)state;
	CaptureBytes file = capture_bytes(true);
	put_pcap_header(&file, MAGIC_MICRO, 65535, 0x54000001); /* FCS of 5 times 16 bits, known */
	put_pcap_record(&file, (PcapRecord){1, 0, 1, 1, 0});
	Source *source = open_bytes(&file);

	assert_int_equal(next_frame(source).link_type, 1);

	source_free(source);
	capture_bytes_free(&file);
}

static void what_is_known_of_the_file_adds_up(void **state)
{
	(void)state;
	CaptureBytes file = capture_bytes(false);
	put_pcap_header(&file, MAGIC_MICRO, 65535, 1);
	put_pcap_record(&file, (PcapRecord){10, 0, 4, 4, 1});
	put_pcap_record(&file, (PcapRecord){9, 0, 4, 8, 2});  /* truncated, clock back */
	put_pcap_record(&file, (PcapRecord){9, 0, 0, 8, 3});  /* truncated */
	put_pcap_record(&file, (PcapRecord){11, 0, 6, 5, 4}); /* shorter on the wire than captured */
	Source *source = open_bytes(&file);

	for (unsigned i = 1; i <= 3; i++)
		assert_int_equal(next_frame(source).ref.number, i);
	assert_int_equal(next_frame(source).wire_size, 6);
	assert_ended(source);
	const SourceInfo *info = source_info(source, 0);
	assert_int_equal(info->packets, 4);
	assert_int_equal(info->bytes, 14);
	assert_int_equal(info->truncated_packets, 2);
	assert_int_equal(info->clock_steps_back, 1);

	source_free(source);
	capture_bytes_free(&file);
}

static void assert_damage(uint32_t snaplen, uint32_t n_claimed, const char *expected)
{
	CaptureBytes file = capture_bytes(false);
	put_pcap_header(&file, MAGIC_MICRO, snaplen, 1);
	put_pcap_record(&file, (PcapRecord){1, 0, 10, 10, 1}); /* 24 to 50 */
	put_u32(&file, 2);
	put_u32(&file, 0);
	put_u32(&file, n_claimed);
	put_u32(&file, n_claimed);
	Source *source = open_bytes(&file);

	next_frame(source);
	assert_ended(source);
	assert_true(source_info(source, 0)->damaged);
	assert_string_equal(source_info(source, 0)->damage, expected);
	assert_ended(source);

	source_free(source);
	capture_bytes_free(&file);
}

static void a_length_far_beyond_the_snap_length_is_damage(void **state)
{
	(void)state;
	assert_damage(96, 262145, "frame 2: captured length 262145 is more than 262144, in the record "
	                          "at offset 50");
	assert_damage(0, 0x10000001, "frame 2: captured length 268435457 is more than 268435456, in "
	                             "the record at offset 50");
	assert_damage(0xffffffff, 0xffffffff, "frame 2: captured length 4294967295 is more than "
	                                      "268435456, in the record at offset 50");
}

static void a_length_that_the_file_does_not_hold_is_a_cut_off_file(void **state)
{
	(void)state;
	assert_damage(96, 262144, "frame 2: the file ends after 16 octets of the record at offset 50");
}

static void frames_a_little_over_the_snap_length_are_read(void **state)
{
	(void)state;
	CaptureBytes file = capture_bytes(false);
	put_pcap_header(&file, MAGIC_MICRO, 96, 1);
	put_pcap_record(&file, (PcapRecord){1, 0, 110, 110, 1});
	Source *source = open_bytes(&file);

	assert_int_equal(next_frame(source).bytes.size, 110);
	assert_ended(source);
	assert_false(source_info(source, 0)->damaged);

	source_free(source);
	capture_bytes_free(&file);
}

static void frames_that_straddle_blocks_and_outgrow_them_stay_whole(void **state)
{
	(void)state;
	static const uint32_t sizes[] = {1, 200000, 100000, 262000, 700000, 3, 262128, 262144, 1};
	CaptureBytes file = capture_bytes(false);
	put_pcap_header(&file, MAGIC_MICRO, 1000000, 1);
	for (uint32_t i = 0; i < G_N_ELEMENTS(sizes); i++)
		put_pcap_record(&file, (PcapRecord){i, 0, sizes[i], sizes[i], (uint8_t)(i + 1)});
	Source *source = open_bytes(&file);

	for (uint32_t i = 0; i < G_N_ELEMENTS(sizes); i++) {
		Frame frame = next_frame(source);
		assert_frame(&frame, i * NS_PER_SECOND, sizes[i], (uint8_t)(i + 1));
	}
	assert_ended(source);

	source_free(source);
	capture_bytes_free(&file);
}

static void lengths_of_old_versions_stand_the_other_way_round(void **state)
{
	(void)state;
	static const uint8_t old[] = {
		0xa1, 0xb2, 0xc3, 0xd4, 0, 2, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1,
		0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 9, 0, 0, 0, 2, 0x77, 0x77,
	};
	g_autoptr(GError) error = NULL;
	Source *source = open_octets(old, sizeof old, &error);
	assert_non_null(source);

	Frame frame = next_frame(source);
	assert_frame(&frame, NS_PER_SECOND, 2, 0x77);
	assert_int_equal(frame.wire_size, 9);
	assert_ended(source);
	assert_false(source_info(source, 0)->damaged);

	source_free(source);
}

static void another_major_version_is_refused(void **state)
{
	(void)state;
	CaptureBytes file = capture_bytes(true);
	put_pcap_header(&file, MAGIC_MICRO, 65535, 1);
	file.array->data[5] = 3;
	g_autoptr(GError) error = NULL;
	assert_null(open_octets(file.array->data, file.array->len, &error));
	assert_int_equal(error->code, CAPTURE_ERROR_NOT_A_CAPTURE);
	assert_non_null(strstr(error->message, "pcap version 3.4 at offset 4 is not supported"));
	capture_bytes_free(&file);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(microseconds_in_both_byte_orders),
		cmocka_unit_test(nanoseconds_in_both_byte_orders),
		cmocka_unit_test(a_file_without_frames_ends_at_once_and_its_link_type_is_known),
		cmocka_unit_test(the_upper_bits_of_the_link_type_field_are_no_link_type),
		cmocka_unit_test(what_is_known_of_the_file_adds_up),
		cmocka_unit_test(a_length_far_beyond_the_snap_length_is_damage),
		cmocka_unit_test(a_length_that_the_file_does_not_hold_is_a_cut_off_file),
		cmocka_unit_test(frames_a_little_over_the_snap_length_are_read),
		cmocka_unit_test(frames_that_straddle_blocks_and_outgrow_them_stay_whole),
		cmocka_unit_test(lengths_of_old_versions_stand_the_other_way_round),
		cmocka_unit_test(another_major_version_is_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
