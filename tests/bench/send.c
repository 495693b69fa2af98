/* SPDX-License-Identifier: MIT */
/*
 * send INTERFACE CAPTURE FRAMES_PER_SECOND SECONDS: sends the frames of a classic pcap file of Ethernet, one
 * after the other, at a steady rate, whatever their times are.  Needs the right to send what one likes.
 *
 * Prints, as JSON, how many frames it sent in which time.  Only for an interface made for it: addresses are
 * those of the capture.
 */
#define _GNU_SOURCE /* sendmmsg() */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { FILE_HEADER = 24, FRAME_HEADER = 16, AT_ONCE = 64, MTU_MOST = 1514 };
#define PCAP_MICROSECONDS UINT32_C(0xa1b2c3d4)
#define PCAP_NANOSECONDS UINT32_C(0xa1b23c4d)

typedef struct Capture {
	const uint8_t *octets;
	size_t size, at;
} Capture;

static void fail(const char *what)
{
	fprintf(stderr, "send: %s: %s\n", what, strerror(errno));
	exit(1);
}

static uint32_t u32_at(const Capture *capture, size_t at)
{
	uint32_t value;
	memcpy(&value, capture->octets + at, sizeof value);
	return value;
}

static Capture map(const char *path)
{
	struct stat status;
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &status) != 0)
		fail(path);
	Capture capture = {.size = (size_t)status.st_size, .at = FILE_HEADER};
	void *mapped = capture.size == 0 ? MAP_FAILED : mmap(NULL, capture.size, PROT_READ, MAP_PRIVATE, fd, 0);
	close(fd);
	if (mapped == MAP_FAILED)
		fail(path);
	capture.octets = mapped;
	uint32_t magic = capture.size < FILE_HEADER ? 0 : u32_at(&capture, 0);
	if (magic != PCAP_MICROSECONDS && magic != PCAP_NANOSECONDS) {
		fprintf(stderr, "send: %s is no pcap file of this machine's byte order\n", path);
		exit(1);
	}
	return capture;
}

/* False: there is none left.  Longer frames than the interface takes are cut. */
static bool next_frame(Capture *capture, struct iovec *frame)
{
	if (capture->size - capture->at < FRAME_HEADER)
		return false;
	size_t size = u32_at(capture, capture->at + 8);
	if (size > capture->size - capture->at - FRAME_HEADER)
		return false;
	/* sendmmsg() does not write there */
	frame->iov_base = (void *)(uintptr_t)(capture->octets + capture->at + FRAME_HEADER);
	frame->iov_len = size < MTU_MOST ? size : MTU_MOST;
	capture->at += FRAME_HEADER + size;
	return true;
}

static int open_socket(const char *interface)
{
	int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
	struct sockaddr_ll address = {
		.sll_family = AF_PACKET,
		.sll_protocol = htons(ETH_P_IP),
		.sll_ifindex = (int)if_nametoindex(interface),
	};
	if (fd < 0 || address.sll_ifindex == 0 || bind(fd, (struct sockaddr *)&address, sizeof address) != 0)
		fail(interface);
	return fd;
}

static double now(void)
{
	struct timespec time;
	clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static unsigned send_some(int fd, Capture *capture, unsigned most)
{
	struct iovec frames[AT_ONCE];
	struct mmsghdr messages[AT_ONCE] = {0};
	unsigned n = 0, sent = 0;
	while (n < most && n < AT_ONCE && next_frame(capture, &frames[n])) {
		messages[n].msg_hdr.msg_iov = &frames[n];
		messages[n++].msg_hdr.msg_iovlen = 1;
	}
	while (sent < n) {
		int done = sendmmsg(fd, messages + sent, n - sent, 0);
		if (done < 0 && errno != ENOBUFS && errno != EINTR && errno != EAGAIN)
			fail("sendmmsg");
		sent += done > 0 ? (unsigned)done : 0;
	}
	return sent;
}

int main(int argc, char **argv)
{
	enum { PAUSE_NS = 500000 };
	if (argc != 5) {
		fprintf(stderr, "send INTERFACE CAPTURE FRAMES_PER_SECOND SECONDS\n");
		return 2;
	}
	Capture capture = map(argv[2]);
	double rate = strtod(argv[3], NULL), seconds = strtod(argv[4], NULL);
	int fd = open_socket(argv[1]);
	uint64_t n = 0, all = (uint64_t)(rate * seconds);
	double begun = now();
	bool any = true;
	while (any && n < all) {
		double due = (now() - begun) * rate;
		uint64_t behind = due > (double)n ? (uint64_t)due - n : 0;
		if (behind > all - n)
			behind = all - n;
		unsigned sent = behind == 0 ? 0 : send_some(fd, &capture, (unsigned)(behind < AT_ONCE ? behind : AT_ONCE));
		n += sent;
		any = behind == 0 || sent > 0;
		if (behind < AT_ONCE)
			nanosleep(&(struct timespec){.tv_nsec = PAUSE_NS}, NULL);
	}
	double took = now() - begun;
	printf("{\"frames\": %llu, \"seconds\": %.3f, \"frames_per_second\": %.0f}\n", (unsigned long long)n, took,
	       (double)n / took);
	close(fd);
	return 0;
}
