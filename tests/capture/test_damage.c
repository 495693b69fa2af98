/* SPDX-License-Identifier: MIT */
/* Captures cut off at every octet, and captures with random octets turned. */
#include <string.h>

#include "tests/capture/capture_bytes.h"

enum { N_FRAMES = 6, N_ROUNDS = 5000, N_FLIPS_MAX = 4 };

static CaptureBytes small_pcap(void)
{
	CaptureBytes file = capture_bytes(false);
	put_pcap_header(&file, MAGIC_MICRO, 65535, 1);
	for (uint8_t i = 0; i < N_FRAMES; i++)
		put_pcap_record(&file, (PcapRecord){i, 0, i * 3u, i * 3u, i});
	return file;
}

/* Every kind of block, and two sections of different byte order. */
static CaptureBytes small_pcapng(void)
{
	CaptureBytes file = capture_bytes(false);
	put_section(&file);
	put_interface(&file, 1, 100, NULL);
	put_enhanced_packet(&file, (PcapngPacket){0, 1, 5, 5, 0});
	put_simple_packet(&file, 6, 6, 1);
	put_block(&file, 10, "secret", 6);
	put_enhanced_packet(&file, (PcapngPacket){0, 2, 0, 5, 2});
	file.big_endian = true;
	CaptureBytes options = capture_bytes(true);
	put_option(&options, 9, "\x89", 1);
	put_option(&options, 14, "\0\0\0\0\0\0\0\1", 8);
	put_option(&options, 0, NULL, 0);
	put_section(&file);
	put_interface(&file, 101, 0, &options);
	put_obsolete_packet(&file, (PcapngPacket){0, 3, 9, 9, 3});
	put_enhanced_packet(&file, (PcapngPacket){0, 4, 8, 9, 4});
	put_block(&file, 5, "\0\0\0\0\0\0\0\0\0\0\0\0\0\5\0\x8\0\0\0\0\0\0\0\2\0\0\0\0", 28);
	put_enhanced_packet(&file, (PcapngPacket){0, 5, 1, 1, 5});
	capture_bytes_free(&options);
	return file;
}

/* Where each record or block ends, told from the lengths that the builders wrote. */
static GArray *record_ends(const CaptureBytes *file, bool pcapng)
{
	GArray *ends = g_array_new(FALSE, FALSE, sizeof(guint));
	const uint8_t *data = file->array->data;
	guint at = pcapng ? 0 : 24;
	while (at < file->array->len) {
		if (pcapng && at < 164) /* the little-endian section: all lengths are below 256 */
			at += data[at + 4];
		else if (pcapng)
			at += data[at + 7];
		else
			at += 16u + data[at + 8];
		g_array_append_val(ends, at);
	}
	assert_int_equal(at, file->array->len);
	return ends;
}

static bool is_an_end(const GArray *ends, guint offset)
{
	for (guint i = 0; i < ends->len; i++) {
		if (g_array_index(ends, guint, i) == offset)
			return true;
	}
	return false;
}

/* Reads all; the frames must be the first ones of the whole capture. */
static unsigned count_frames(Source *source)
{
	unsigned n_frames = 0;
	Frame frame;
	while (source_next(source, &frame, NULL) == SOURCE_FRAME) {
		for (size_t i = 0; i < frame.bytes.size; i++)
			assert_int_equal(frame.bytes.data[i], n_frames);
		n_frames++;
	}
	return n_frames;
}

static void assert_every_cut(const CaptureBytes *file, bool pcapng, guint header_size)
{
	g_autoptr(GArray) ends = record_ends(file, pcapng);
	unsigned n_frames_before = 0;
	for (guint size = 0; size <= file->array->len; size++) {
		g_autoptr(GError) error = NULL;
		Source *source = open_octets(file->array->data, size, &error);
		if (size < header_size) {
			assert_null(source);
			assert_int_equal(error->code, CAPTURE_ERROR_NOT_A_CAPTURE);
			continue;
		}
		assert_non_null(source);
		unsigned n_frames = count_frames(source);
		bool whole = size == header_size || is_an_end(ends, size);
		assert_int_equal(source_info(source, 0)->damaged, !whole);
		/* A frame appears with the last octet of its record, and with no other. */
		assert_true(n_frames == n_frames_before || (whole && n_frames == n_frames_before + 1));
		n_frames_before = n_frames;
		source_free(source);
	}
	assert_int_equal(n_frames_before, N_FRAMES);
}

static void a_pcap_cut_off_anywhere_gives_every_whole_frame(void **state)
{
	(void)state;
	CaptureBytes file = small_pcap();
	assert_every_cut(&file, false, 24);
	capture_bytes_free(&file);
}

static void a_pcapng_cut_off_anywhere_gives_every_whole_frame(void **state)
{
	(void)state;
	CaptureBytes file = small_pcapng();
	assert_every_cut(&file, true, 28);
	capture_bytes_free(&file);
}

static uint32_t next_random(uint32_t *random)
{
	*random = *random * 1664525 + 1013904223;
	return *random >> 8;
}

/* Touches every octet, so that a sanitizer sees those that are not there. */
static void read_to_the_end(Source *source, size_t file_size)
{
	Frame frame;
	uint64_t n_octets = 0;
	uint64_t sum = 0;
	while (source_next(source, &frame, NULL) == SOURCE_FRAME) {
		assert_true(frame.wire_size >= frame.bytes.size);
		for (size_t i = 0; i < frame.bytes.size; i++)
			sum += frame.bytes.data[i];
		n_octets += frame.bytes.size;
	}
	assert_true(n_octets <= file_size);
	assert_true(sum <= 255 * n_octets);
	assert_int_equal(source_info(source, 0)->bytes, n_octets);
}

static void assert_survives(const CaptureBytes *file)
{
	size_t size = file->array->len;
	g_autofree uint8_t *data = g_malloc(size);
	uint32_t random = 20240229;
	for (unsigned round = 0; round < N_ROUNDS; round++) {
		memcpy(data, file->array->data, size);
		uint32_t n_flips = 1 + next_random(&random) % N_FLIPS_MAX;
		for (uint32_t i = 0; i < n_flips; i++) {
			/* The magic number stays, or most rounds would end there. */
			size_t at = 4 + next_random(&random) % (size - 4);
			data[at] ^= (uint8_t)(1u << next_random(&random) % 8);
		}
		Source *source = open_octets(data, size, NULL);
		if (!source)
			continue;
		if (round % 2)
			source_set_filter(source, "tcp port 1883", NULL);
		read_to_the_end(source, size);
		source_free(source);
	}
}

static void random_flips_never_reach_beyond_the_file(void **state)
{
	(void)state;
	CaptureBytes pcap = small_pcap();
	CaptureBytes pcapng = small_pcapng();
	assert_survives(&pcap);
	assert_survives(&pcapng);
	capture_bytes_free(&pcap);
	capture_bytes_free(&pcapng);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_pcap_cut_off_anywhere_gives_every_whole_frame),
		cmocka_unit_test(a_pcapng_cut_off_anywhere_gives_every_whole_frame),
		cmocka_unit_test(random_flips_never_reach_beyond_the_file),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
