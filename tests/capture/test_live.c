/* SPDX-License-Identifier: MIT */
/* Live capture on the loopback interface; exits 77 where that is not permitted. */
#include <arpa/inet.h>
#include <glib/gstdio.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "src/capture/writer.h"
#include "tests/capture/capture_bytes.h"

enum { N_SENT = 600, HEADERS_SIZE = 14 + 20 + 8, PATIENCE_S = 10 };

typedef struct Peer {
	int fd;
	struct sockaddr_in address; /* of a free port on 127.0.0.1 that nobody else sends to */
	char filter[64];
} Peer;

static Peer peer_new(void)
{
	Peer peer = {.fd = socket(AF_INET, SOCK_DGRAM, 0)};
	socklen_t size = sizeof peer.address;
	peer.address.sin_family = AF_INET;
	peer.address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert_true(peer.fd >= 0);
	assert_int_equal(bind(peer.fd, (struct sockaddr *)&peer.address, size), 0);
	assert_int_equal(getsockname(peer.fd, (struct sockaddr *)&peer.address, &size), 0);
	g_snprintf(peer.filter, sizeof peer.filter, "udp dst port %u",
	           ntohs(peer.address.sin_port));
	return peer;
}

/* Datagrams of 2 octets: their number. */
static void send_numbers(const Peer *peer, unsigned n_datagrams)
{
	for (unsigned i = 0; i < n_datagrams; i++) {
		const uint8_t payload[] = {(uint8_t)(i >> 8), (uint8_t)i};
		assert_int_equal(sendto(peer->fd, payload, sizeof payload, 0,
		                        (const struct sockaddr *)&peer->address,
		                        sizeof peer->address), 2);
	}
}

/* The next frame within some seconds. */
static Frame wait_for_frame(Source *source)
{
	Frame frame = {0};
	gint64 deadline = g_get_monotonic_time() + PATIENCE_S * G_TIME_SPAN_SECOND;
	SourceStatus status;
	do {
		status = source_next(source, &frame, NULL);
	} while (status == SOURCE_AGAIN && g_get_monotonic_time() < deadline);
	assert_int_equal(status, SOURCE_FRAME);
	return frame;
}

static unsigned number_in(const Frame *frame)
{
	size_t size = frame->bytes.size;
	return (unsigned)frame->bytes.data[size - 2] << 8 | frame->bytes.data[size - 1];
}

static Source *open_lo(const LiveOptions *options)
{
	g_autoptr(GError) error = NULL;
	Source *source = source_open_live((const char *const[]){"lo", NULL}, options, &error);
	if (!source)
		fail_msg("%s", error->message);
	return source;
}

static void what_is_sent_is_captured_in_order(void **state)
{
	(void)state;
	Peer peer = peer_new();
	Source *source = open_lo(&(LiveOptions){.filter = peer.filter});
	gint64 before = g_get_real_time();
	send_numbers(&peer, N_SENT);

	for (unsigned i = 0; i < N_SENT; i++) {
		Frame frame = wait_for_frame(source);
		assert_int_equal(number_in(&frame), i);
		assert_int_equal(frame.bytes.size, HEADERS_SIZE + 2);
		assert_int_equal(frame.wire_size, HEADERS_SIZE + 2);
		assert_int_equal(frame.link_type, 1);
		assert_int_equal(frame.ref.number, i + 1);
		assert_in_range(frame.time.ns / 1000, before - 1000000, g_get_real_time() + 1000000);
	}
	Frame none;
	assert_int_equal(source_next(source, &none, NULL), SOURCE_AGAIN);
	const SourceInfo *info = source_info(source, 0);
	assert_string_equal(info->name, "lo");
	assert_int_equal(info->packets, N_SENT);
	assert_true(info->drops_known);
	assert_int_equal(info->dropped, 0);
	assert_int_equal(info->link_types[0], 1);

	source_free(source);
	close(peer.fd);
}

static void a_snap_length_cuts_frames(void **state)
{
	(void)state;
	Peer peer = peer_new();
	Source *source = open_lo(&(LiveOptions){.filter = peer.filter, .snaplen = 40});
	send_numbers(&peer, 1);

	Frame frame = wait_for_frame(source);
	assert_int_equal(frame.bytes.size, 40);
	assert_int_equal(frame.wire_size, HEADERS_SIZE + 2);
	assert_int_equal(source_info(source, 0)->truncated_packets, 1);

	source_free(source);
	close(peer.fd);
}

static void *stop_soon(void *source)
{
	g_usleep(50000);
	source_stop(source);
	return NULL;
}

static void a_stop_ends_a_silent_capture_within_two_time_outs(void **state)
{
	(void)state;
	Peer peer = peer_new();
	Source *source = open_lo(&(LiveOptions){.filter = peer.filter});
	pthread_t thread;
	pthread_create(&thread, NULL, stop_soon, source);

	gint64 before = g_get_monotonic_time();
	assert_ended(source);
	assert_true(g_get_monotonic_time() - before < 2 * G_TIME_SPAN_SECOND);
	assert_ended(source);

	pthread_join(thread, NULL);
	source_free(source);
	close(peer.fd);
}

static void a_stop_before_the_first_call_ends_at_once(void **state)
{
	(void)state;
	Source *source = open_lo(&(LiveOptions){.filter = "udp dst port 9"});
	source_stop(source);
	assert_ended(source);
	source_free(source);
}

static void a_capture_that_was_never_read_can_be_freed(void **state)
{
	(void)state;
	source_free(open_lo(&(LiveOptions){0}));
}

static void several_interfaces_are_captured_at_once(void **state)
{
	(void)state;
	Peer peer = peer_new();
	g_autoptr(GError) error = NULL;
	Source *source = source_open_live((const char *const[]){"any", "lo", NULL},
	                                  &(LiveOptions){.filter = peer.filter}, &error);
	assert_null(error);
	send_numbers(&peer, 10);

	unsigned n_frames[2] = {0};
	while (n_frames[0] < 10 || n_frames[1] < 10) {
		Frame frame = wait_for_frame(source);
		assert_in_range(frame.ref.source, 0, 1);
		assert_int_equal(frame.link_type, frame.ref.source == 0 ? 113 : 1);
		assert_int_equal(frame.ref.number, ++n_frames[frame.ref.source]);
		assert_int_equal(number_in(&frame), n_frames[frame.ref.source] - 1);
	}
	assert_int_equal(source_n_infos(source), 2);
	assert_string_equal(source_info(source, 0)->name, "any");

	source_free(source);
	close(peer.fd);
}

static void what_is_captured_can_be_saved(void **state)
{
	(void)state;
	Peer peer = peer_new();
	g_autofree char *path = NULL;
	close(g_file_open_tmp("mqlapse-test-XXXXXX", &path, NULL));
	Source *source = open_lo(&(LiveOptions){.filter = peer.filter});
	CaptureWriter *writer = capture_writer_open(path, source, NULL);
	assert_non_null(writer);
	send_numbers(&peer, 3);
	int64_t times[3];
	for (unsigned i = 0; i < 3; i++) {
		Frame frame = wait_for_frame(source);
		times[i] = frame.time.ns;
		assert_true(capture_writer_put(writer, &frame, source_info(source, 0), NULL, NULL));
	}
	assert_true(capture_writer_flush(writer, NULL));
	capture_writer_free(writer);
	source_free(source);

	source = source_open_file(path, NULL);
	assert_non_null(source);
	assert_string_equal(source_info(source, 0)->interfaces[0].name, "lo");
	for (unsigned i = 0; i < 3; i++) {
		Frame frame = next_frame(source);
		assert_int_equal(number_in(&frame), i);
		assert_int_equal(frame.time.ns, times[i]);
	}
	assert_ended(source);

	source_free(source);
	g_unlink(path);
	close(peer.fd);
}

static void assert_refused(const char *const *interfaces, LiveOptions options, int code,
                           const char *expected)
{
	g_autoptr(GError) error = NULL;
	assert_null(source_open_live(interfaces, &options, &error));
	assert_int_equal(error->code, code);
	if (!strstr(error->message, expected))
		fail_msg("\"%s\" does not say \"%s\"", error->message, expected);
}

static void what_cannot_be_captured_is_said(void **state)
{
	(void)state;
	assert_refused((const char *const[]){"lo", "no-such-if0", NULL}, (LiveOptions){0},
	               CAPTURE_ERROR_OPEN, "no-such-if0: no such interface");
	assert_refused((const char *const[]){"lo", NULL}, (LiveOptions){.filter = "port of call"},
	               CAPTURE_ERROR_FILTER, "lo: filter \"port of call\"");
}

static void two_links_are_for_pcapng(void **state)
{
	(void)state;
	g_autoptr(GError) error = NULL;
	g_autofree char *path = NULL;
	close(g_file_open_tmp("mqlapse-test-XXXXXX", &path, NULL));
	Source *source = source_open_live((const char *const[]){"lo", "any", NULL}, &(LiveOptions){0},
	                                  &error);
	assert_non_null(source);
	assert_null(capture_writer_open("/tmp/never-written.pcap", source, &error));
	assert_int_equal(error->code, CAPTURE_ERROR_WRITE);
	assert_non_null(strstr(error->message, "lo has type 1 and any has type 113"));
	assert_false(g_file_test("/tmp/never-written.pcap", G_FILE_TEST_EXISTS));
	CaptureWriter *writer = capture_writer_open(path, source, NULL);
	assert_non_null(writer);
	capture_writer_free(writer);
	source_free(source);
	g_unlink(path);
}

static bool is_permitted(void)
{
	g_autoptr(GError) error = NULL;
	Source *source = source_open_live((const char *const[]){"lo", NULL}, &(LiveOptions){0},
	                                  &error);
	if (!source)
		fprintf(stderr, "skipped: %s\n", error->message);
	source_free(source);
	return source != NULL;
}

int main(void)
{
	if (!is_permitted())
		return 77;
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_sent_is_captured_in_order),
		cmocka_unit_test(a_snap_length_cuts_frames),
		cmocka_unit_test(a_stop_ends_a_silent_capture_within_two_time_outs),
		cmocka_unit_test(a_stop_before_the_first_call_ends_at_once),
		cmocka_unit_test(a_capture_that_was_never_read_can_be_freed),
		cmocka_unit_test(several_interfaces_are_captured_at_once),
		cmocka_unit_test(what_is_captured_can_be_saved),
		cmocka_unit_test(what_cannot_be_captured_is_said),
		cmocka_unit_test(two_links_are_for_pcapng),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
