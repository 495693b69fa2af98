/* SPDX-License-Identifier: MIT */
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#include "src/capture/writer.h"
#include "tests/capture/capture_bytes.h"

static Frame frame_of(const char *text, uint16_t link_type, int64_t ns)
{
	return (Frame){
		.bytes = {(const uint8_t *)text, strlen(text)},
		.wire_size = 100,
		.link_type = link_type,
		.ref = {.number = 7},
		.time = {ns},
	};
}

static char *temporary_path(void)
{
	char *path = NULL;
	int fd = g_file_open_tmp("mqlapse-test-XXXXXX", &path, NULL);
	assert_true(fd >= 0);
	close(fd);
	return path;
}

static void what_is_written_is_read_again(void **state)
{
	(void)state;
	g_autofree char *path = temporary_path();
	g_autoptr(GError) error = NULL;
	CaptureWriter *writer = capture_writer_open(path, 101, 0, &error);
	assert_non_null(writer);
	Frame first = frame_of("\1\1\1", 101, INT64_C(1700000000123456789));
	Frame second = frame_of("\2", 101, INT64_MIN); /* unknown */
	assert_true(capture_writer_put(writer, &first, &error));
	assert_true(capture_writer_put(writer, &second, &error));
	assert_true(capture_writer_flush(writer, &error));

	Source *source = source_open_file(path, &error);
	assert_non_null(source);
	Frame frame = next_frame(source);
	assert_frame(&frame, INT64_C(1700000000123456789), 3, 1);
	assert_int_equal(frame.wire_size, 100);
	assert_int_equal(frame.link_type, 101); /* raw IP, whose DLT has another number */
	frame = next_frame(source);
	assert_frame(&frame, 0, 1, 2);
	assert_ended(source);

	source_free(source);
	capture_writer_free(writer);
	g_unlink(path);
}

static void a_second_link_type_is_refused_and_said(void **state)
{
	(void)state;
	g_autofree char *path = temporary_path();
	g_autoptr(GError) error = NULL;
	CaptureWriter *writer = capture_writer_open(path, 1, 0, &error);
	assert_non_null(writer);
	Frame frame = frame_of("x", 113, 0);

	assert_false(capture_writer_put(writer, &frame, &error));
	assert_int_equal(error->code, CAPTURE_ERROR_WRITE);
	assert_non_null(strstr(error->message, "frame 7 is of type 113"));

	capture_writer_free(writer);
	g_unlink(path);
}

static void a_file_that_cannot_be_written_is_an_error(void **state)
{
	(void)state;
	g_autoptr(GError) error = NULL;
	assert_null(capture_writer_open("/nonexistent/out.pcap", 1, 0, &error));
	assert_int_equal(error->code, CAPTURE_ERROR_WRITE);
	assert_non_null(strstr(error->message, "/nonexistent/out.pcap"));
}

static void a_full_disk_is_an_error(void **state)
{
	(void)state;
	if (access("/dev/full", W_OK) != 0)
		skip();
	g_autoptr(GError) error = NULL;
	CaptureWriter *writer = capture_writer_open("/dev/full", 1, 0, &error);
	assert_non_null(writer);
	Frame frame = frame_of("x", 1, 0);

	bool written = capture_writer_put(writer, &frame, &error) &&
	               capture_writer_flush(writer, &error);
	assert_false(written);
	assert_int_equal(error->code, CAPTURE_ERROR_WRITE);

	capture_writer_free(writer);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_written_is_read_again),
		cmocka_unit_test(a_second_link_type_is_refused_and_said),
		cmocka_unit_test(a_file_that_cannot_be_written_is_an_error),
		cmocka_unit_test(a_full_disk_is_an_error),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
