/* SPDX-License-Identifier: MIT */
/* Compressed captures: whole, in pieces, cut off, damaged. */
#include "config.h"

#include <string.h>

#include "src/capture/inflate.h"
#include "tests/capture/capture_bytes.h"

#ifdef HAVE_ZLIB
#include <zlib.h>
#endif
#ifdef HAVE_ZSTD
#include <zstd.h>
#endif

#if defined HAVE_ZLIB || defined HAVE_ZSTD
enum { N_FRAMES = 40, N_FRAMES_FIRST = 5, RECORD_SIZE = 16 + 100 };

typedef GByteArray *Compress(const uint8_t *data, size_t size);

static CaptureBytes small_pcap(void)
{
	CaptureBytes file = capture_bytes(false);
	put_pcap_header(&file, MAGIC_MICRO, 65535, 1);
	for (uint8_t i = 0; i < N_FRAMES; i++)
		put_pcap_record(&file, (PcapRecord){i, 0, 100, 100, i});
	return file;
}

/* The frames that come; they must be the first ones of small_pcap(). */
static unsigned read_frames(Source *source)
{
	unsigned n = 0;
	Frame frame;
	SourceStatus status;
	while ((status = source_next(source, &frame, NULL)) != SOURCE_END) {
		assert_int_equal(status, SOURCE_FRAME);
		assert_frame(&frame, n * NS_PER_SECOND, 100, (uint8_t)n);
		n++;
	}
	return n;
}

static Source *open_array(const GByteArray *array)
{
	g_autoptr(GError) error = NULL;
	Source *source = open_octets(array->data, array->len, &error);
	assert_null(error);
	assert_non_null(source);
	return source;
}

static void assert_whole(const GByteArray *array)
{
	Source *source = open_array(array);
	assert_int_equal(read_frames(source), N_FRAMES);
	assert_false(source_info(source, 0)->damaged);
	source_free(source);
}

static void assert_damaged(const GByteArray *array, unsigned n_frames, const char *says)
{
	Source *source = open_array(array);
	assert_int_equal(read_frames(source), n_frames);
	assert_true(source_info(source, 0)->damaged);
	if (strstr(source_info(source, 0)->damage, says) == NULL)
		fail_msg("\"%s\" does not say \"%s\"", source_info(source, 0)->damage, says);
	source_free(source);
}

/* Cut anywhere it gives the frames that are before the cut, and says that it was cut. */
static void assert_every_cut(const GByteArray *whole, const char *says)
{
	unsigned n_before = 0;
	for (guint size = 0; size < whole->len; size++) {
		g_autoptr(GError) error = NULL;
		Source *source = open_octets(whole->data, size, &error);
		if (source == NULL) {
			assert_int_equal(error->code, CAPTURE_ERROR_NOT_A_CAPTURE);
			continue;
		}
		unsigned n = read_frames(source);
		assert_true(n >= n_before);
		assert_true(source_info(source, 0)->damaged);
		assert_non_null(strstr(source_info(source, 0)->damage, says));
		n_before = n;
		source_free(source);
	}
	assert_whole(whole);
}

/* Two members, the border within a record. */
static GByteArray *in_two(const CaptureBytes *file, Compress *compress)
{
	guint cut = 24 + N_FRAMES_FIRST * RECORD_SIZE + 7;
	GByteArray *both = compress(file->array->data, cut);
	g_autoptr(GByteArray) rest = compress(file->array->data + cut, file->array->len - cut);
	return g_byte_array_append(both, rest->data, rest->len);
}

/* @n_frames: that the last member gives, too, without its last octets. */
static void assert_pieces(Compress *compress, unsigned n_frames, const char *says)
{
	CaptureBytes file = small_pcap();
	g_autoptr(GByteArray) one = compress(file.array->data, file.array->len);
	g_autoptr(GByteArray) two = in_two(&file, compress);
	assert_every_cut(one, says);
	assert_whole(two);
	g_byte_array_set_size(two, two->len - 3);
	assert_damaged(two, n_frames, says);
	capture_bytes_free(&file);
}
#endif

#if !defined HAVE_ZLIB || !defined HAVE_ZSTD
/* What begins with @magic names the library that was left out; that is all there is to test. */
static void assert_left_out(const char *magic, const char *says)
{
	g_autoptr(GError) error = NULL;
	assert_null(open_octets(magic, 4, &error));
	assert_non_null(strstr(error->message, says));
	skip();
}
#endif

#ifdef HAVE_ZLIB
static GByteArray *gzip(const uint8_t *data, size_t size)
{
	z_stream z = {0};
	assert_int_equal(deflateInit2(&z, 6, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY), Z_OK);
	GByteArray *out = g_byte_array_new();
	g_byte_array_set_size(out, (guint)deflateBound(&z, size));
	z.next_in = (Bytef *)(uintptr_t)data;
	z.avail_in = (uInt)size;
	z.next_out = out->data;
	z.avail_out = out->len;
	assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
	g_byte_array_set_size(out, (guint)z.total_out);
	deflateEnd(&z);
	return out;
}

static void gzip_may_be_cut_and_joined_anywhere(void **state)
{
	(void)state;
	assert_pieces(gzip, N_FRAMES, "the gzip data ends early, at offset");
}

static void zeros_behind_gzip_are_padding_and_all_else_is_told(void **state)
{
	(void)state;
	CaptureBytes file = small_pcap();
	g_autoptr(GByteArray) padded = gzip(file.array->data, file.array->len);
	guint end = padded->len;
	g_byte_array_append(padded, (const guint8 *)"\0\0\0\0\0", 5);
	assert_whole(padded);
	g_byte_array_append(padded, (const guint8 *)"log", 3);
	g_autofree char *says = g_strdup_printf("frame %d: the gzip data is damaged (something else "
	                                        "follows it), at offset %u of the file",
	                                        N_FRAMES + 1, end + 5);
	assert_damaged(padded, N_FRAMES, says);
	capture_bytes_free(&file);
}

static void a_wrong_checksum_is_told_after_all_frames(void **state)
{
	(void)state;
	CaptureBytes file = small_pcap();
	g_autoptr(GByteArray) turned = gzip(file.array->data, file.array->len);
	turned->data[turned->len - 8] ^= 1;
	assert_damaged(turned, N_FRAMES, "the gzip data is damaged (incorrect data check)");
	capture_bytes_free(&file);
}

/* Compressed twice is not a capture, and says what it is. */
static void what_is_compressed_twice_is_refused(void **state)
{
	(void)state;
	CaptureBytes file = small_pcap();
	g_autoptr(GByteArray) once = gzip(file.array->data, file.array->len);
	g_autoptr(GByteArray) twice = gzip(once->data, once->len);
	g_autoptr(GError) error = NULL;
	assert_null(open_octets(twice->data, twice->len, &error));
	assert_non_null(strstr(error->message, "of what it was compressed from stands gzip data"));
	capture_bytes_free(&file);
}
#else
static void gzip_is_not_tested_without_zlib(void **state)
{
	(void)state;
	assert_left_out("\x1f\x8b\x08\0", "built without zlib");
}
#endif

#ifdef HAVE_ZSTD
static GByteArray *zstd(const uint8_t *data, size_t size)
{
	GByteArray *out = g_byte_array_new();
	g_byte_array_set_size(out, (guint)ZSTD_compressBound(size));
	size_t n = ZSTD_compress(out->data, out->len, data, size, 3);
	assert_false(ZSTD_isError(n));
	g_byte_array_set_size(out, (guint)n);
	return out;
}

static void zstd_may_be_cut_and_joined_anywhere(void **state)
{
	(void)state;
	/* Its blocks come whole or not at all. */
	assert_pieces(zstd, N_FRAMES_FIRST, "the zstd data ends early, at offset");
}

static void a_skippable_frame_is_skipped_even_as_the_first(void **state)
{
	(void)state;
	CaptureBytes file = small_pcap();
	g_autoptr(GByteArray) out = g_byte_array_new();
	g_byte_array_append(out, (const guint8 *)"\x53\x2a\x4d\x18\3\0\0\0abc", 11);
	g_autoptr(GByteArray) frame = zstd(file.array->data, file.array->len);
	g_byte_array_append(out, frame->data, frame->len);
	assert_whole(out);
	g_byte_array_append(out, (const guint8 *)"trailing", 8);
	assert_damaged(out, N_FRAMES, "the zstd data is damaged (Unknown frame descriptor)");
	capture_bytes_free(&file);
}

/* RFC 8878 section 3.1.1: a frame with no size, a window and one empty raw block, the last. */
static void assert_window(uint8_t descriptor, const char *says)
{
	const uint8_t frame[] = {0x28, 0xb5, 0x2f, 0xfd, 0, descriptor, 1, 0, 0};
	g_autoptr(GError) error = NULL;
	assert_null(open_octets(frame, sizeof frame, &error));
	if (strstr(error->message, says) == NULL)
		fail_msg("\"%s\" does not say \"%s\"", error->message, says);
}

static void a_window_beyond_128_mib_is_refused(void **state)
{
	(void)state;
	assert_window(17 << 3, "the file is empty");             /* 2^(10 + 17) octets */
	assert_window(17 << 3 | 1, "requires too much memory"); /* an eighth more */
	assert_window(31 << 3, "requires too much memory");
}
#else
static void zstd_is_not_tested_without_zstd(void **state)
{
	(void)state;
	assert_left_out("\x28\xb5\x2f\xfd", "built without zstd");
}
#endif

static void what_is_not_compressed_is_left_alone(void **state)
{
	(void)state;
	assert_null(inflate_for((ByteSpan){(const uint8_t *)"\xd4\xc3\xb2\xa1", 4}));
	assert_null(inflate_for((ByteSpan){(const uint8_t *)"\x1f\x8b", 2}));
	assert_null(inflate_for((ByteSpan){NULL, 0}));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#ifdef HAVE_ZLIB
		cmocka_unit_test(gzip_may_be_cut_and_joined_anywhere),
		cmocka_unit_test(zeros_behind_gzip_are_padding_and_all_else_is_told),
		cmocka_unit_test(a_wrong_checksum_is_told_after_all_frames),
		cmocka_unit_test(what_is_compressed_twice_is_refused),
#else
		cmocka_unit_test(gzip_is_not_tested_without_zlib),
#endif
#ifdef HAVE_ZSTD
		cmocka_unit_test(zstd_may_be_cut_and_joined_anywhere),
		cmocka_unit_test(a_skippable_frame_is_skipped_even_as_the_first),
		cmocka_unit_test(a_window_beyond_128_mib_is_refused),
#else
		cmocka_unit_test(zstd_is_not_tested_without_zstd),
#endif
		cmocka_unit_test(what_is_not_compressed_is_left_alone),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
