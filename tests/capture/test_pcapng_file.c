/* SPDX-License-Identifier: MIT */
/* pcapng, by draft-ietf-opsawg-pcapng. */
#include <string.h>

#include "tests/capture/capture_bytes.h"

static void enhanced_packets_in_both_byte_orders(void **state)
{
	(void)state;
	for (int big_endian = 0; big_endian < 2; big_endian++) {
		CaptureBytes file = capture_bytes(big_endian);
		put_section(&file);
		put_interface(&file, 1, 65535, NULL);
		/* Microseconds unless said otherwise. */
		put_enhanced_packet(&file, (PcapngPacket){0, UINT64_C(1700000000123456), 5, 9, 0xab});
		Source *source = open_bytes(&file);

		Frame frame = next_frame(source);
		assert_frame(&frame, INT64_C(1700000000123456000), 5, 0xab);
		assert_int_equal(frame.wire_size, 9);
		assert_int_equal(frame.link_type, 1);
		assert_int_equal(frame.ref.number, 1);
		assert_ended(source);
		assert_false(source_info(source, 0)->damaged);
		assert_int_equal(source_info(source, 0)->truncated_packets, 1);

		source_free(source);
		capture_bytes_free(&file);
	}
}

static void assert_time(uint8_t resolution, int64_t offset, uint64_t ticks, int64_t expected_ns)
{
	CaptureBytes file = capture_bytes(true);
	CaptureBytes options = capture_bytes(true);
	CaptureBytes seconds = capture_bytes(true);
	put_option(&options, 2, "eth0", 4);
	put_option(&options, 9, &resolution, 1);
	put_u64(&seconds, (uint64_t)offset);
	put_option(&options, 14, seconds.array->data, 8);
	put_option(&options, 0, NULL, 0);
	put_section(&file);
	put_interface(&file, 1, 0, &options);
	put_enhanced_packet(&file, (PcapngPacket){0, ticks, 1, 1, 0});
	Source *source = open_bytes(&file);

	assert_int_equal(next_frame(source).time.ns, expected_ns);

	source_free(source);
	capture_bytes_free(&file);
	capture_bytes_free(&options);
	capture_bytes_free(&seconds);
}

static void decimal_time_resolutions(void **state)
{
	(void)state;
	assert_time(0, 0, 1700000000, INT64_C(1700000000000000000));
	assert_time(3, 0, 1700000000123, INT64_C(1700000000123000000));
	assert_time(6, 0, 1700000000123456, INT64_C(1700000000123456000));
	assert_time(9, 0, 1700000000123456789, INT64_C(1700000000123456789));
	assert_time(10, 0, UINT64_C(17000000001234567899), INT64_C(1700000000123456789));
	assert_time(12, 0, UINT64_C(1234567890123456789), INT64_C(1234567890123456));
	assert_time(29, 0, UINT64_MAX, 0);
	assert_time(127, 0, UINT64_MAX, 0);
}

static void binary_time_resolutions(void **state)
{
	(void)state;
	assert_time(0x80, 0, 1700000000, INT64_C(1700000000000000000));
	assert_time(0x81, 0, 3, 1500000000);                      /* 3/2 s */
	assert_time(0x80 | 32, 0, UINT64_C(5) << 30, 1250000000); /* 5/4 s */
	assert_time(0x80 | 32, 0, UINT64_C(0x6553f10080000000), INT64_C(1700000000500000000));
	assert_time(0x80 | 63, 0, UINT64_C(3) << 62, 1500000000);
	assert_time(0x80 | 64, 0, UINT64_C(1) << 63, 500000000);
	assert_time(0xff, 0, UINT64_MAX, 0);
}

static void a_time_offset_is_added(void **state)
{
	(void)state;
	assert_time(6, 1700000000, 123456, INT64_C(1700000000123456000));
	assert_time(6, -10, 4000000, INT64_C(-6000000000));
	assert_time(0x80 | 32, 100, UINT64_C(1) << 31, INT64_C(100500000000));
}

static void a_time_out_of_range_is_cut_back_so_that_sums_stay_in_range(void **state)
{
	(void)state;
	assert_time(0, 0, UINT64_MAX, INT64_MAX / 2);
	assert_time(9, 0, UINT64_MAX, INT64_MAX / 2);
	assert_time(0x81, 0, UINT64_MAX, INT64_MAX / 2);
	assert_time(9, INT64_MAX, 5000000000, INT64_MAX / 2);
	assert_time(9, INT64_MIN, 0, -(INT64_MAX / 2 / NS_PER_SECOND * NS_PER_SECOND));
}

static void link_types_and_snap_lengths_may_differ_by_interface(void **state)
{
	(void)state;
	CaptureBytes file = capture_bytes(false);
	put_section(&file);
	put_interface(&file, 1, 100, NULL);
	put_interface(&file, 276, 262144, NULL);
	put_enhanced_packet(&file, (PcapngPacket){1, 1000, 3, 3, 1});
	put_enhanced_packet(&file, (PcapngPacket){0, 2000, 100, 300, 2});
	put_interface(&file, 101, 0, NULL); /* in the middle */
	put_enhanced_packet(&file, (PcapngPacket){2, 3000, 5, 5, 3});
	Source *source = open_bytes(&file);

	assert_int_equal(next_frame(source).link_type, 276);
	assert_int_equal(next_frame(source).link_type, 1);
	assert_int_equal(next_frame(source).link_type, 101);
	assert_ended(source);
	const SourceInfo *info = source_info(source, 0);
	assert_int_equal(info->n_link_types, 3);
	assert_int_equal(info->link_types[0], 1);
	assert_int_equal(info->link_types[1], 276);
	assert_int_equal(info->link_types[2], 101);

	source_free(source);
	capture_bytes_free(&file);
}

static void a_section_brings_its_own_byte_order_and_interfaces(void **state)
{
	(void)state;
	CaptureBytes file = capture_bytes(false);
	put_section(&file);
	put_interface(&file, 1, 0, NULL);
	put_interface(&file, 113, 0, NULL);
	put_enhanced_packet(&file, (PcapngPacket){1, 1, 1, 1, 1});
	file.big_endian = true;
	put_section(&file);
	put_interface(&file, 101, 0, NULL);
	put_enhanced_packet(&file, (PcapngPacket){0, 2, 2, 2, 2});
	put_enhanced_packet(&file, (PcapngPacket){1, 3, 3, 3, 3}); /* described in the other section */
	Source *source = open_bytes(&file);

	Frame frame = next_frame(source);
	assert_frame(&frame, 1000, 1, 1);
	assert_int_equal(frame.link_type, 113);
	frame = next_frame(source);
	assert_frame(&frame, 2000, 2, 2);
	assert_int_equal(frame.link_type, 101);
	assert_int_equal(frame.ref.number, 2);
	assert_ended(source);
	/* 28 + 20 + 20 + 36, 28 + 20 + 36 */
	assert_string_equal(source_info(source, 0)->damage, "frame 3: interface 1 is not described, in "
	                    "the packet block at offset 188");

	source_free(source);
	capture_bytes_free(&file);
}

static void simple_packets_are_cut_to_the_snap_length_and_take_the_time_of_the_last(void **state)
{
	(void)state;
	CaptureBytes file = capture_bytes(false);
	put_section(&file);
	put_interface(&file, 1, 6, NULL);
	put_simple_packet(&file, 5, 5, 1);
	put_enhanced_packet(&file, (PcapngPacket){0, 7, 2, 2, 2});
	put_simple_packet(&file, 6, 60, 3);
	Source *source = open_bytes(&file);

	Frame frame = next_frame(source);
	assert_false(instant_known(frame.time));
	assert_int_equal(frame.bytes.size, 5); /* not the padding */
	assert_int_equal(frame.wire_size, 5);
	next_frame(source);
	frame = next_frame(source);
	assert_frame(&frame, 7000, 6, 3);
	assert_int_equal(frame.wire_size, 60);
	assert_ended(source);
	assert_int_equal(source_info(source, 0)->truncated_packets, 1);

	source_free(source);
	capture_bytes_free(&file);
}

static void obsolete_packet_blocks_are_read(void **state)
{
	(void)state;
	for (int big_endian = 0; big_endian < 2; big_endian++) {
		CaptureBytes file = capture_bytes(big_endian);
		put_section(&file);
		put_interface(&file, 1, 0, NULL);
		put_interface(&file, 101, 0, NULL);
		put_obsolete_packet(&file, (PcapngPacket){1, UINT64_C(0x500000000), 5, 6, 0x11});
		Source *source = open_bytes(&file);

		Frame frame = next_frame(source);
		assert_frame(&frame, INT64_C(21474836480000), 5, 0x11);
		assert_int_equal(frame.link_type, 101);
		assert_int_equal(frame.wire_size, 6);
		assert_ended(source);

		source_free(source);
		capture_bytes_free(&file);
	}
}

static void put_statistics(CaptureBytes *file, uint32_t interface, uint64_t by_interface,
                           uint64_t by_system)
{
	CaptureBytes body = capture_bytes(file->big_endian);
	CaptureBytes value = capture_bytes(file->big_endian);
	put_u32(&body, interface);
	put_u64(&body, 0);
	put_u64(&value, by_interface);
	put_u64(&value, by_system);
	put_option(&body, 1, "a comment", 9);
	put_option(&body, 5, value.array->data, 8);
	put_option(&body, 7, value.array->data + 8, 8);
	put_option(&body, 0, NULL, 0);
	put_block(file, 5, body.array->data, body.array->len);
	capture_bytes_free(&body);
	capture_bytes_free(&value);
}

static void drops_are_the_last_counters_of_each_interface(void **state)
{
	(void)state;
	CaptureBytes file = capture_bytes(true);
	put_section(&file);
	put_interface(&file, 1, 0, NULL);
	put_interface(&file, 1, 0, NULL);
	put_statistics(&file, 0, 1, 2);
	put_statistics(&file, 1, 100, 0);
	put_statistics(&file, 0, 4, 6); /* the counters go on */
	put_section(&file);
	put_interface(&file, 1, 0, NULL);
	put_statistics(&file, 0, 0, 1000);
	Source *source = open_bytes(&file);

	assert_false(source_info(source, 0)->drops_known);
	assert_ended(source);
	assert_true(source_info(source, 0)->drops_known);
	assert_int_equal(source_info(source, 0)->dropped, 1110);

	source_free(source);
	capture_bytes_free(&file);
}

static void unknown_blocks_are_passed_over(void **state)
{
	(void)state;
	CaptureBytes file = capture_bytes(false);
	put_section(&file);
	put_block(&file, 0x0000000a, "secrets", 7);
	put_interface(&file, 1, 0, NULL);
	put_block(&file, 0x80000bad, "", 0);
	put_enhanced_packet(&file, (PcapngPacket){0, 1, 1, 1, 1});
	put_block(&file, 4, "names", 5);
	put_enhanced_packet(&file, (PcapngPacket){0, 2, 1, 1, 2});
	Source *source = open_bytes(&file);

	assert_int_equal(next_frame(source).bytes.data[0], 1);
	assert_int_equal(next_frame(source).bytes.data[0], 2);
	assert_ended(source);
	assert_false(source_info(source, 0)->damaged);

	source_free(source);
	capture_bytes_free(&file);
}

/* The file is a section (0 to 28), an interface (28 to 48), a packet (48 to 84) and another (84 to
 * 120); @value is written over the four octets at @at. */
static void assert_damage(unsigned at, uint32_t value, const char *expected)
{
	CaptureBytes file = capture_bytes(false);
	put_section(&file);
	put_interface(&file, 1, 0, NULL);
	put_enhanced_packet(&file, (PcapngPacket){0, 1, 4, 4, 1});
	put_enhanced_packet(&file, (PcapngPacket){0, 1, 4, 4, 2});
	CaptureBytes patch = capture_bytes(false);
	put_u32(&patch, value);
	memcpy(file.array->data + at, patch.array->data, 4);
	Source *source = open_bytes(&file);

	next_frame(source);
	assert_ended(source);
	assert_true(source_info(source, 0)->damaged);
	assert_string_equal(source_info(source, 0)->damage, expected);
	assert_ended(source);

	source_free(source);
	capture_bytes_free(&file);
	capture_bytes_free(&patch);
}

static void lengths_that_contradict_are_damage(void **state)
{
	(void)state;
	assert_damage(116, 40, "frame 2: two lengths, 36 and 40, of the block at offset 84");
	assert_damage(88, 8, "frame 2: impossible length 8 of the block at offset 84");
	assert_damage(88, 0, "frame 2: impossible length 0 of the block at offset 84");
	assert_damage(88, 37, "frame 2: impossible length 37 of the block at offset 84");
	assert_damage(88, 0xfffffffc, "frame 2: impossible length 4294967292 of the block at offset 84");
	assert_damage(88, 40, "frame 2: the file ends after 36 octets of the block at offset 84");
	assert_damage(104, 5, "frame 2: captured length 5 does not fit in the packet block of 36 octets "
	                      "at offset 84");
	assert_damage(104, 0xffffffff, "frame 2: captured length 4294967295 does not fit in the packet "
	                               "block of 36 octets at offset 84");
	assert_damage(92, 1, "frame 2: interface 1 is not described, in the packet block at offset 84");
}

static void a_section_of_another_version_in_the_middle_is_damage(void **state)
{
	(void)state;
	CaptureBytes file = capture_bytes(true);
	put_section(&file);
	put_interface(&file, 1, 0, NULL);
	put_section(&file);
	file.array->data[48 + 13] = 2;
	Source *source = open_bytes(&file);

	assert_ended(source);
	assert_string_equal(source_info(source, 0)->damage,
	                    "frame 1: pcapng version 2 is not supported, in the section at offset 48");

	source_free(source);
	capture_bytes_free(&file);
}

static void a_packet_before_any_interface_is_damage(void **state)
{
	(void)state;
	CaptureBytes file = capture_bytes(true);
	put_section(&file);
	put_simple_packet(&file, 4, 4, 0);
	Source *source = open_bytes(&file);

	assert_ended(source);
	assert_string_equal(source_info(source, 0)->damage,
	                    "frame 1: no interface is described, in the simple packet block at offset 28");

	source_free(source);
	capture_bytes_free(&file);
}

static void options_that_run_over_the_block_are_not_read(void **state)
{
	(void)state;
	CaptureBytes file = capture_bytes(true);
	CaptureBytes options = capture_bytes(true);
	put_u16(&options, 9);
	put_u16(&options, 60000);
	put_section(&file);
	put_interface(&file, 1, 0, &options);
	put_enhanced_packet(&file, (PcapngPacket){0, 1, 1, 1, 1});
	Source *source = open_bytes(&file);

	assert_int_equal(next_frame(source).time.ns, 1000);

	source_free(source);
	capture_bytes_free(&file);
	capture_bytes_free(&options);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(enhanced_packets_in_both_byte_orders),
		cmocka_unit_test(decimal_time_resolutions),
		cmocka_unit_test(binary_time_resolutions),
		cmocka_unit_test(a_time_offset_is_added),
		cmocka_unit_test(a_time_out_of_range_is_cut_back_so_that_sums_stay_in_range),
		cmocka_unit_test(link_types_and_snap_lengths_may_differ_by_interface),
		cmocka_unit_test(a_section_brings_its_own_byte_order_and_interfaces),
		cmocka_unit_test(
			simple_packets_are_cut_to_the_snap_length_and_take_the_time_of_the_last),
		cmocka_unit_test(obsolete_packet_blocks_are_read),
		cmocka_unit_test(drops_are_the_last_counters_of_each_interface),
		cmocka_unit_test(unknown_blocks_are_passed_over),
		cmocka_unit_test(lengths_that_contradict_are_damage),
		cmocka_unit_test(a_section_of_another_version_in_the_middle_is_damage),
		cmocka_unit_test(a_packet_before_any_interface_is_damage),
		cmocka_unit_test(options_that_run_over_the_block_are_not_read),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
