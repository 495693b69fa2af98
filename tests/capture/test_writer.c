/* SPDX-License-Identifier: MIT */
#include "config.h"

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

static char *temporary_path(const char *ending)
{
	g_autofree char *template = g_strdup_printf("mqlapse-test-XXXXXX%s", ending);
	char *path = NULL;
	int fd = g_file_open_tmp(template, &path, NULL);
	assert_true(fd >= 0);
	close(fd);
	return path;
}

/* Whatever frames are said to come from. */
static Source *some_file(void)
{
	CaptureBytes bytes = capture_bytes(false);
	put_pcap_header(&bytes, MAGIC_MICRO, 65535, 1);
	Source *source = open_bytes(&bytes);
	capture_bytes_free(&bytes);
	return source;
}

static CaptureWriter *writer_to(const char *path)
{
	g_autoptr(GError) error = NULL;
	Source *source = some_file();
	CaptureWriter *writer = capture_writer_open(path, source, &error);
	source_free(source);
	if (writer == NULL)
		fail_msg("%s", error->message);
	return writer;
}

static void put(CaptureWriter *writer, const Frame *frame, const SourceInfo *of,
                const char *const *comments)
{
	g_autoptr(GError) error = NULL;
	if (!capture_writer_put(writer, frame, of, comments, &error))
		fail_msg("%s", error->message);
}

static void finish(CaptureWriter *writer)
{
	assert_true(capture_writer_finish(writer, NULL));
	capture_writer_free(writer);
}

static void written_as(const char *ending)
{
	g_autofree char *path = temporary_path(ending);
	CaptureWriter *writer = writer_to(path);
	SourceInfo info = {.nanoseconds = true};
	Frame first = frame_of("\1\1\1", 101, INT64_C(1700000000123456789));
	Frame second = frame_of("\2", 101, INT64_MIN); /* unknown */
	put(writer, &first, &info, NULL);
	put(writer, &second, &info, NULL);
	finish(writer);

	Source *source = source_open_file(path, NULL);
	assert_non_null(source);
	Frame frame = next_frame(source);
	assert_frame(&frame, INT64_C(1700000000123456789), 3, 1);
	assert_int_equal(frame.wire_size, 100);
	assert_int_equal(frame.link_type, 101); /* raw IP, whose DLT has another number */
	frame = next_frame(source);
	assert_frame(&frame, 0, 1, 2);
	assert_ended(source);

	source_free(source);
	g_unlink(path);
}

static void what_is_written_is_read_again(void **state)
{
	(void)state;
	written_as(".pcap");
	written_as(".pcapng");
	written_as("");
}

static void the_name_says_the_form(void **state)
{
	(void)state;
	assert_true(capture_writer_annotates("a.pcapng"));
	assert_true(capture_writer_annotates("a"));
	assert_true(capture_writer_annotates("-"));
	assert_true(capture_writer_annotates("/x.pcap/a"));
	assert_false(capture_writer_annotates("a.pcap"));
	assert_false(capture_writer_annotates("A.PCAP"));
	assert_false(capture_writer_annotates("a.cap"));
}

static void a_second_link_type_is_refused_by_pcap_and_said(void **state)
{
	(void)state;
	g_autofree char *path = temporary_path(".pcap");
	g_autoptr(GError) error = NULL;
	CaptureWriter *writer = writer_to(path);
	SourceInfo info = {0};
	Frame first = frame_of("x", 1, 0), second = frame_of("x", 113, 0);

	put(writer, &first, &info, NULL);
	assert_false(capture_writer_put(writer, &second, &info, NULL, &error));
	assert_int_equal(error->code, CAPTURE_ERROR_WRITE);
	assert_non_null(strstr(error->message, "frame 7 is of type 113"));

	capture_writer_free(writer);
	g_unlink(path);
}

static void assert_octets(const char *path, const CaptureBytes *due)
{
	g_autofree char *got = NULL;
	gsize size;
	assert_true(g_file_get_contents(path, &got, &size, NULL));
	assert_int_equal(size, due->array->len);
	assert_memory_equal(got, due->array->data, size);
}

/* Octet by octet, as draft-ietf-opsawg-pcapng has them: for 0 to 3 octets of padding each. */
static void blocks_are_padded(void **state)
{
	(void)state;
	for (unsigned n = 0; n < 4; n++) {
		g_autofree char *path = temporary_path(".pcapng");
		CaptureWriter *writer = writer_to(path);
		char text[] = "abcd", name[] = "eth77";
		text[4 - n] = name[5 - n] = '\0';
		SourceInterface interface = {name, NULL, 96, false};
		SourceInfo info = {.interfaces = &interface, .n_interfaces = 1, .drops_known = true, .dropped = 5};
		Frame frame = frame_of(text, 113, INT64_C(0x123456789abc) * 1000 + 999);
		put(writer, &frame, &info, (const char *const[]){text, name, NULL});
		assert_true(capture_writer_secrets(writer, frame.bytes, NULL));
		assert_true(capture_writer_dropped(writer, 0, &info, NULL));
		finish(writer);

		CaptureBytes due = capture_bytes(G_BYTE_ORDER == G_BIG_ENDIAN), options = capture_bytes(due.big_endian);
		CaptureBytes body = capture_bytes(due.big_endian);
		put_u32(&body, 0x1a2b3c4d);
		put_u16(&body, 1);
		put_u16(&body, 0);
		put_u64(&body, UINT64_MAX);
		put_option(&body, 4, "mqlapse " PACKAGE_VERSION, (uint16_t)strlen("mqlapse " PACKAGE_VERSION));
		put_u32(&body, 0);
		put_block(&due, 0x0a0d0d0a, body.array->data, body.array->len);
		put_option(&options, 2, name, (uint16_t)strlen(name));
		put_option(&options, 9, "\6", 1);
		put_u32(&options, 0);
		put_interface(&due, 113, 96, &options);
		g_byte_array_set_size(body.array, 0);
		put_u32(&body, 0);
		put_u32(&body, 0x1234);
		put_u32(&body, 0x56789abc);
		put_u32(&body, 4 - n);
		put_u32(&body, 100);
		put_octets(&body, text, 4 - n);
		put_octets(&body, "\0\0\0", n);
		put_option(&body, 1, text, (uint16_t)(4 - n));
		put_option(&body, 1, name, (uint16_t)(5 - n));
		put_u32(&body, 0);
		put_block(&due, 6, body.array->data, body.array->len);
		g_byte_array_set_size(body.array, 0);
		put_u32(&body, 0x544c534b);
		put_u32(&body, 4 - n);
		put_octets(&body, text, 4 - n);
		put_block(&due, 10, body.array->data, body.array->len);
		g_byte_array_set_size(body.array, 0);
		put_u32(&body, 0);
		put_u32(&body, 0x1234);
		put_u32(&body, 0x56789abc);
		put_option(&body, 5, &(uint64_t){5}, 8);
		put_u32(&body, 0);
		put_block(&due, 5, body.array->data, body.array->len);
		assert_octets(path, &due);
		capture_bytes_free(&due);
		capture_bytes_free(&options);
		capture_bytes_free(&body);
		g_unlink(path);
	}
}

/* One for each that frames came from, told when the first does. */
static void interfaces_are_kept_apart(void **state)
{
	(void)state;
	g_autofree char *path = temporary_path(".pcapng");
	CaptureWriter *writer = writer_to(path);
	char a[] = "a", b[] = "b", first[] = "first";
	SourceInterface two[] = {{a, first, 0, false}, {b, NULL, 64, true}};
	SourceInfo ng = {.interfaces = two, .n_interfaces = 2}, live = {.name = "eth0", .live = true};
	SourceInfo shifted = {.clock_shift_ns = -1};
	Frame frames[] = {frame_of("1", 1, 1001), frame_of("2", 1, 1002), frame_of("3", 113, 1003),
	                  frame_of("4", 1, 1004), frame_of("5", 1, 1005), frame_of("6", 1, 1006)};
	const SourceInfo *const of[] = {&ng, &ng, &ng, &live, &shifted, &ng};
	frames[1].interface = frames[2].interface = 1; /* of two link types: no file can say so, but safe */
	frames[3].ref.source = 1;
	frames[4].ref.source = 2;
	for (unsigned i = 0; i < G_N_ELEMENTS(frames); i++)
		put(writer, &frames[i], of[i], NULL);
	finish(writer);

	static const struct { const char *name; uint32_t snaplen; unsigned ns; } due[] = {
		{"a", 0, 1000}, {"b", 64, 1002}, {"b", 64, 1003}, {"eth0", 0, 1000}, {NULL, 0, 1005}, {"a", 0, 1000},
	};
	Source *source = source_open_file(path, NULL);
	const SourceInfo *info = source_info(source, 0);
	for (unsigned i = 0; i < G_N_ELEMENTS(due); i++) {
		Frame frame = next_frame(source);
		assert_int_equal(frame.time.ns, due[i].ns);
		assert_int_equal(frame.link_type, frames[i].link_type);
		assert_int_equal(frame.interface, i < 5 ? i : 0);
		assert_int_equal(info->interfaces[frame.interface].snaplen, due[i].snaplen);
		const char *name = info->interfaces[frame.interface].name;
		assert_true(g_strcmp0(name, due[i].name) == 0);
	}
	assert_ended(source);
	assert_int_equal(info->n_interfaces, 5);
	source_free(source);
	g_unlink(path);
}

static void nothing_is_a_capture_too(const char *ending)
{
	g_autofree char *path = temporary_path(ending);
	finish(writer_to(path));
	Source *source = source_open_file(path, NULL);
	assert_non_null(source);
	assert_ended(source);
	source_free(source);
	g_unlink(path);
}

static void a_capture_may_be_empty(void **state)
{
	(void)state;
	nothing_is_a_capture_too(".pcap");
	nothing_is_a_capture_too(".pcapng");
}

static void a_file_that_cannot_be_written_is_an_error(void **state)
{
	(void)state;
	g_autoptr(GError) error = NULL;
	Source *source = some_file();
	assert_null(capture_writer_open("/nonexistent/out.pcap", source, &error));
	assert_int_equal(error->code, CAPTURE_ERROR_WRITE);
	assert_non_null(strstr(error->message, "/nonexistent/out.pcap"));
	source_free(source);
}

static void a_full_disk_is_an_error(void **state)
{
	(void)state;
	if (access("/dev/full", W_OK) != 0)
		skip();
	g_autoptr(GError) error = NULL;
	CaptureWriter *writer = writer_to("/dev/full");
	SourceInfo info = {0};
	Frame frame = frame_of("x", 1, 0);

	bool written = capture_writer_put(writer, &frame, &info, NULL, &error) &&
	               capture_writer_flush(writer, &error);
	assert_false(written);
	assert_int_equal(error->code, CAPTURE_ERROR_WRITE);

	capture_writer_free(writer);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_written_is_read_again),
		cmocka_unit_test(the_name_says_the_form),
		cmocka_unit_test(a_second_link_type_is_refused_by_pcap_and_said),
		cmocka_unit_test(blocks_are_padded),
		cmocka_unit_test(interfaces_are_kept_apart),
		cmocka_unit_test(a_capture_may_be_empty),
		cmocka_unit_test(a_file_that_cannot_be_written_is_an_error),
		cmocka_unit_test(a_full_disk_is_an_error),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
