/* SPDX-License-Identifier: MIT */
#include "src/capture/live_device.h"

#include <pcap/pcap.h>
#include <poll.h>
#include <signal.h>

#include "src/capture/link_type.h"

enum { SNAPLEN = 262144, BUFFER_MIB = 16, BUFFER_MIB_MAX = 1024, TIMEOUT_MS = 100 };
#define STATISTICS_INTERVAL G_TIME_SPAN_SECOND

struct LiveDevice {
	char *name;
	pcap_t *handle;
	uint16_t link_type;
	uint32_t snaplen;
	int timeout_ms;
	int64_t ns_per_tick; /* of the time stamps that libpcap gives */
	LiveShared *shared;
	unsigned index;
	pthread_t thread;
	bool started;
	/* Of the thread alone. */
	Batch *batch;
	uint32_t last_by_kernel;
	uint32_t last_by_interface;
	/* Of both sides. */
	atomic_uint_least64_t dropped;
	_Atomic(char *) failure;
};

const char *capture_version(void)
{
	return pcap_lib_version();
}

const char *live_device_name(const LiveDevice *device)
{
	return device->name;
}

uint16_t live_device_link_type(const LiveDevice *device)
{
	return device->link_type;
}

uint32_t live_device_snaplen(const LiveDevice *device)
{
	return device->snaplen;
}

uint64_t live_device_dropped(LiveDevice *device)
{
	return atomic_load(&device->dropped);
}

const char *live_device_failure(LiveDevice *device)
{
	return atomic_load(&device->failure);
}

static void set_activation_error(const LiveDevice *device, int status, GError **error)
{
	const char *detail = pcap_geterr(device->handle);
	if (*detail == '\0')
		detail = pcap_statustostr(status);
	if (status == PCAP_ERROR_PERM_DENIED || status == PCAP_ERROR_PROMISC_PERM_DENIED)
		g_set_error(error, MQLAPSE_CAPTURE_ERROR, CAPTURE_ERROR_PERMISSION,
		            "%s: no permission to capture (%s); run it with sudo, or give the program "
		            "the right once: sudo setcap cap_net_raw,cap_net_admin=eip "
		            "\"$(command -v mqlapse)\"", device->name, detail);
	else if (status == PCAP_ERROR_NO_SUCH_DEVICE)
		g_set_error(error, MQLAPSE_CAPTURE_ERROR, CAPTURE_ERROR_OPEN,
		            "%s: no such interface; \"ip link\" lists them, and \"any\" is all of them",
		            device->name);
	else
		g_set_error(error, MQLAPSE_CAPTURE_ERROR, CAPTURE_ERROR_OPEN,
		            "%s: cannot capture: %s", device->name, detail);
}

static bool activate(LiveDevice *device, const LiveOptions *options, GError **error)
{
	pcap_t *handle = device->handle;
	int buffer_mib = options->buffer_mib > 0 ? MIN(options->buffer_mib, BUFFER_MIB_MAX)
	                                         : BUFFER_MIB;
	device->timeout_ms = options->timeout_ms > 0 ? options->timeout_ms : TIMEOUT_MS;

	/* Before the activation none of these can fail.  No immediate mode: it costs TPACKET_V3. */
	pcap_set_snaplen(handle, options->snaplen > 0 ? MIN(options->snaplen, SNAPLEN) : SNAPLEN);
	pcap_set_promisc(handle, 1);
	pcap_set_timeout(handle, device->timeout_ms);
	pcap_set_buffer_size(handle, buffer_mib * 1024 * 1024);
	pcap_set_tstamp_precision(handle, PCAP_TSTAMP_PRECISION_NANO);
	int status = pcap_activate(handle);
	if (status < 0) {
		set_activation_error(device, status, error);
		return false;
	}
	device->link_type = link_type_from_dlt(pcap_datalink(handle));
	device->snaplen = (uint32_t)pcap_snapshot(handle);
	device->ns_per_tick =
		pcap_get_tstamp_precision(handle) == PCAP_TSTAMP_PRECISION_NANO ? 1 : 1000;
	return true;
}

static bool install_filter(LiveDevice *device, const char *filter, GError **error)
{
	struct bpf_program code;
	int status = pcap_compile(device->handle, &code, filter, 1, PCAP_NETMASK_UNKNOWN);
	if (status == 0) {
		status = pcap_setfilter(device->handle, &code);
		pcap_freecode(&code);
	}
	if (status != 0)
		g_set_error(error, MQLAPSE_CAPTURE_ERROR, CAPTURE_ERROR_FILTER,
		            "%s: filter \"%s\": %s", device->name, filter,
		            pcap_geterr(device->handle));
	return status == 0;
}

/* The thread waits by itself, since libpcap's own wait need not end when nothing comes. */
static bool make_nonblocking(LiveDevice *device, GError **error)
{
	char text[PCAP_ERRBUF_SIZE] = "";
	if (pcap_setnonblock(device->handle, 1, text) == 0)
		return true;
	g_set_error(error, MQLAPSE_CAPTURE_ERROR, CAPTURE_ERROR_OPEN, "%s: cannot capture: %s",
	            device->name, text);
	return false;
}

LiveDevice *live_device_open(const char *interface, const LiveOptions *options, GError **error)
{
	char text[PCAP_ERRBUF_SIZE] = "";
	LiveDevice *device = g_new0(LiveDevice, 1);
	device->name = g_strdup(interface);
	atomic_init(&device->dropped, 0);
	atomic_init(&device->failure, NULL);
	device->handle = pcap_create(interface, text);
	if (!device->handle)
		g_set_error(error, MQLAPSE_CAPTURE_ERROR, CAPTURE_ERROR_OPEN,
		            "%s: cannot capture: %s", interface, text);
	if (device->handle && activate(device, options, error) &&
	    (!options->filter || install_filter(device, options->filter, error)) &&
	    make_nonblocking(device, error))
		return device;
	live_device_free(device);
	return NULL;
}

static void flush(LiveDevice *device)
{
	Batch *batch = device->batch;
	if (!batch)
		return;
	unsigned n_frames = batch->n_frames;
	device->batch = NULL;
	if (!live_queue_push(&device->shared->queue, batch))
		atomic_fetch_add(&device->dropped, n_frames);
}

static void take_frame(u_char *user, const struct pcap_pkthdr *header, const u_char *octets)
{
	LiveDevice *device = (LiveDevice *)(void *)user;
	Instant time = {header->ts.tv_sec * NS_PER_SECOND +
	                header->ts.tv_usec * device->ns_per_tick};
	ByteSpan bytes = {octets, header->caplen};

	if (device->batch && batch_add(device->batch, time, bytes, header->len))
		return;
	flush(device);
	device->batch = batch_new(device->index, header->caplen);
	batch_add(device->batch, time, bytes, header->len);
}

/* libpcap's counters are 32 bits wide and wrap. */
static void count_drops(LiveDevice *device)
{
	struct pcap_stat statistics;
	if (pcap_stats(device->handle, &statistics) != 0)
		return;
	uint32_t by_kernel = statistics.ps_drop - device->last_by_kernel;
	uint32_t by_interface = statistics.ps_ifdrop - device->last_by_interface;
	device->last_by_kernel = statistics.ps_drop;
	device->last_by_interface = statistics.ps_ifdrop;
	atomic_fetch_add(&device->dropped, (uint64_t)by_kernel + by_interface);
}

/* Some devices have nothing to wait on, and are looked at every now and then. */
static void wait_for_frames(const LiveDevice *device)
{
	int fd = pcap_get_selectable_fd(device->handle);
	if (fd >= 0)
		poll(&(struct pollfd){.fd = fd, .events = POLLIN}, 1, device->timeout_ms);
	else
		g_usleep(10 * G_TIME_SPAN_MILLISECOND);
}

static void *capture(void *user)
{
	LiveDevice *device = user;
	int64_t next_statistics = 0;
	int n_frames = 0;

	while (n_frames >= 0 && !atomic_load(&device->shared->stopped)) {
		if (n_frames == 0)
			wait_for_frames(device);
		n_frames = pcap_dispatch(device->handle, BATCH_FRAMES_MAX, take_frame,
		                         (u_char *)device);
		flush(device);
		int64_t now = g_get_monotonic_time();
		if (now >= next_statistics) {
			count_drops(device);
			next_statistics = now + STATISTICS_INTERVAL;
		}
	}
	if (n_frames < 0)
		atomic_store(&device->failure, g_strdup(pcap_geterr(device->handle)));
	count_drops(device);
	live_queue_leave(&device->shared->queue);
	return NULL;
}

bool live_device_start(LiveDevice *device, LiveShared *shared, unsigned index, GError **error)
{
	device->shared = shared;
	device->index = index;

	/* Signals are for the thread that started us. */
	sigset_t all;
	sigset_t before;
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	int status = pthread_create(&device->thread, NULL, capture, device);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	device->started = status == 0;
	if (status != 0)
		g_set_error(error, MQLAPSE_CAPTURE_ERROR, CAPTURE_ERROR_OPEN,
		            "%s: cannot start a thread: %s", device->name, g_strerror(status));
	return device->started;
}

void live_device_free(LiveDevice *device)
{
	if (device->started)
		pthread_join(device->thread, NULL);
	if (device->handle)
		pcap_close(device->handle);
	g_free(atomic_load(&device->failure));
	g_free(device->name);
	g_free(device);
}
