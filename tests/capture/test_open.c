/* SPDX-License-Identifier: MIT */
/* What is no capture, and what comes through a pipe. */
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/capture/capture_bytes.h"

static void assert_refused(const void *data, size_t size, const char *expected)
{
	g_autoptr(GError) error = NULL;
	assert_null(open_octets(data, size, &error));
	assert_non_null(error);
	assert_int_equal(error->code, CAPTURE_ERROR_NOT_A_CAPTURE);
	assert_non_null(strstr(error->message, "mqlapse-test-"));
	if (!strstr(error->message, expected))
		fail_msg("\"%s\" does not say \"%s\"", error->message, expected);
}

static void a_file_that_is_no_capture_is_named_with_what_stands_there(void **state)
{
	(void)state;
	assert_refused("", 0, "at offset 0 stands nothing: the file is empty");
	assert_refused("BZh91AY&SY", 10, "bzip2 data, which this program does not read here: decompress");
	assert_refused("# time,topic\n1,a/b\n", 19, "text \"# time,topic 1,a\"");
	assert_refused("\x7f" "ELF\x02\x01\x01\0\0\0", 10, "octets 7f 45 4c 46 02 01 01 00");
	assert_refused("\xd4\xc3", 2, "octets d4 c3");
	assert_refused("\x34\xcd\xb2\xa1\2\0\4\0", 8, "modified record headers (Kuznetzov), not supp");
	assert_refused("\xa1\xb2\xcd\x34\0\2\0\4", 8, "modified record headers (Kuznetzov), not supp");
	assert_refused("\xd4\xc3\xb2\xa1\2\0\4\0", 8,
	               "the pcap file header at offset 0 is cut off: the file ends at offset 8");
	assert_refused("\x0a\x0d\x0d\x0a\x1c\0\0\0", 8, "the pcapng section header at offset 0 is cut");
	assert_refused("\x0a\x0d\x0d\x0a\x1c\0\0\0abcdefghijklmnopqrst", 28,
	               "at offset 8 stands no pcapng byte order");
	assert_refused("\x0a\x0d\x0d\x0a\x1d\0\0\0\x4d\x3c\x2b\x1a\1\0\0\0\0\0\0\0\0\0\0\0\x1d\0\0\0", 28,
	               "an impossible length of the pcapng section header, 29");
	assert_refused("\x0a\x0d\x0d\x0a\x1c\0\0\0\x4d\x3c\x2b\x1a\2\0\0\0\0\0\0\0\0\0\0\0\x1c\0\0\0", 28,
	               "pcapng version 2 at offset 12");
}

static void a_file_that_cannot_be_opened_or_read_is_an_error_that_names_it(void **state)
{
	(void)state;
	g_autoptr(GError) missing = NULL;
	assert_null(source_open_file("/nonexistent/file.pcap", &missing));
	assert_int_equal(missing->code, CAPTURE_ERROR_OPEN);
	assert_non_null(strstr(missing->message, "/nonexistent/file.pcap"));

	g_autoptr(GError) directory = NULL;
	assert_null(source_open_file("/", &directory));
	assert_int_equal(directory->code, CAPTURE_ERROR_READ);

	assert_null(source_open_file("/nonexistent/file.pcap", NULL)); /* nobody asks why */
	assert_null(source_open_file("/dev/null", NULL));
}

typedef struct Feed {
	const char *path;
	const CaptureBytes *bytes;
} Feed;

static void *feed_octet_by_octet(void *user)
{
	const Feed *feed = user;
	FILE *pipe = g_fopen(feed->path, "wb");
	setvbuf(pipe, NULL, _IONBF, 0);
	for (guint i = 0; i < feed->bytes->array->len; i++)
		fputc(feed->bytes->array->data[i], pipe);
	fclose(pipe);
	return NULL;
}

static void assert_piped(const CaptureBytes *file, bool damaged)
{
	g_autofree char *directory = g_dir_make_tmp("mqlapse-test-XXXXXX", NULL);
	g_autofree char *path = g_build_filename(directory, "fifo", NULL);
	assert_int_equal(mkfifo(path, 0600), 0);
	Feed feed = {path, file};
	GThread *thread = g_thread_new("feed", feed_octet_by_octet, &feed);
	g_autoptr(GError) error = NULL;
	Source *source = source_open_file(path, &error);
	assert_non_null(source);

	for (uint8_t i = 1; i <= 3; i++) {
		Frame frame = next_frame(source);
		assert_frame(&frame, i * NS_PER_SECOND, 10u * i, i);
	}
	assert_ended(source);
	assert_int_equal(source_info(source, 0)->damaged, damaged);

	g_thread_join(thread);
	source_free(source);
	g_unlink(path);
	g_rmdir(directory);
}

static void a_fifo_delivers_octet_by_octet(void **state)
{
	(void)state;
	CaptureBytes pcap = capture_bytes(true);
	CaptureBytes pcapng = capture_bytes(false);
	put_pcap_header(&pcap, MAGIC_MICRO, 65535, 1);
	put_section(&pcapng);
	put_interface(&pcapng, 1, 0, NULL);
	for (uint8_t i = 1; i <= 3; i++) {
		put_pcap_record(&pcap, (PcapRecord){i, 0, 10u * i, 10u * i, i});
		put_enhanced_packet(&pcapng, (PcapngPacket){0, i * UINT64_C(1000000), 10u * i, 10u * i, i});
	}

	assert_piped(&pcap, false);
	assert_piped(&pcapng, false);
	put_u16(&pcap, 0);
	put_u16(&pcapng, 0);
	assert_piped(&pcap, true);
	assert_piped(&pcapng, true);

	capture_bytes_free(&pcap);
	capture_bytes_free(&pcapng);
}

static void a_pipe_that_is_silent_says_again_and_can_be_stopped(void **state)
{
	(void)state;
	CaptureBytes file = capture_bytes(true);
	put_pcap_header(&file, MAGIC_MICRO, 65535, 1);
	put_pcap_record(&file, (PcapRecord){1, 0, 1, 1, 1});
	put_u32(&file, 2); /* the beginning of a record */
	int ends[2];
	assert_int_equal(pipe(ends), 0);
	assert_int_equal(write(ends[1], file.array->data, file.array->len), file.array->len);
	g_autofree char *path = g_strdup_printf("/dev/fd/%d", ends[0]);
	Source *source = source_open_file(path, NULL);
	assert_non_null(source);
	Frame frame;

	next_frame(source);
	assert_int_equal(source_next(source, &frame, NULL), SOURCE_AGAIN);
	assert_int_equal(source_next(source, &frame, NULL), SOURCE_AGAIN);
	source_stop(source);
	assert_int_equal(source_next(source, &frame, NULL), SOURCE_END);
	assert_false(source_info(source, 0)->damaged);

	source_free(source);
	close(ends[0]);
	close(ends[1]);
	capture_bytes_free(&file);
}

static void a_dash_is_standard_input(void **state)
{
	(void)state;
	CaptureBytes file = capture_bytes(true);
	put_pcap_header(&file, MAGIC_MICRO, 65535, 1);
	put_pcap_record(&file, (PcapRecord){1, 0, 1, 1, 1});
	int ends[2];
	assert_int_equal(pipe(ends), 0);
	assert_int_equal(dup2(ends[0], STDIN_FILENO), STDIN_FILENO);
	assert_int_equal(write(ends[1], file.array->data, file.array->len), file.array->len);
	close(ends[0]);
	close(ends[1]);

	Source *source = source_open_file("-", NULL);
	assert_non_null(source);
	assert_string_equal(source_info(source, 0)->name, "standard input");
	next_frame(source);
	assert_ended(source);

	source_free(source);
	capture_bytes_free(&file);
}

static void the_capture_library_tells_its_version(void **state)
{
	(void)state;
	assert_non_null(strstr(capture_version(), "libpcap"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_file_that_is_no_capture_is_named_with_what_stands_there),
		cmocka_unit_test(a_file_that_cannot_be_opened_or_read_is_an_error_that_names_it),
		cmocka_unit_test(a_fifo_delivers_octet_by_octet),
		cmocka_unit_test(a_pipe_that_is_silent_says_again_and_can_be_stopped),
		cmocka_unit_test(a_dash_is_standard_input),
		cmocka_unit_test(the_capture_library_tells_its_version),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
