/* SPDX-License-Identifier: MIT */
/*
 * live: frames from interfaces, in the order in which their batches arrive.
 *
 * The kernel collects frames from the moment of opening.  The threads start with the
 * first call of source_next(), so that privileges dropped in between are dropped for
 * them too.
 */
#include "src/capture/live_device.h"
#include "src/capture/source_impl.h"

enum { WAIT_MS = 100 };
#define QUEUE_OCTETS_MAX (UINT32_C(64) * 1024 * 1024)

typedef struct LiveSource {
	Source base;
	LiveDevice **devices;
	InfoRecord *records; /* one for each device */
	uint64_t *n_frames;  /* likewise */
	unsigned n_devices;
	bool started;
	LiveShared shared;
	Batch *batch;        /* whose frames are given out */
	unsigned n_given;    /* of them */
	Frame run[BATCH_FRAMES_MAX];
} LiveSource;

/* The queue waits for every device: those that did not start leave it at once. */
static bool start(LiveSource *live, GError **error)
{
	bool all_started = true;
	for (unsigned i = 0; i < live->n_devices; i++) {
		if (all_started)
			all_started = live_device_start(live->devices[i], &live->shared, i, error);
		if (!all_started)
			live_queue_leave(&live->shared.queue);
	}
	live->started = true;
	return all_started;
}

static void update_infos(LiveSource *live)
{
	for (unsigned i = 0; i < live->n_devices; i++) {
		live->records[i].info.dropped = live_device_dropped(live->devices[i]);
		const char *failure = live_device_failure(live->devices[i]);
		if (failure)
			info_record_damage(&live->records[i], "after frame %" G_GUINT64_FORMAT
			                   ": the interface gave up: %s",
			                   (guint64)live->n_frames[i], failure);
	}
}

/* SOURCE_FRAME: there is a batch with frames to give out. */
static SourceStatus next_batch(LiveSource *live)
{
	bool ended;
	g_free(live->batch);
	live->batch = live_queue_pop(&live->shared.queue, WAIT_MS, &ended);
	live->n_given = 0;
	if (live->batch)
		return SOURCE_FRAME;
	update_infos(live);
	return ended ? SOURCE_END : SOURCE_AGAIN;
}

static SourceStatus next(Source *source, Frame *frame, GError **error)
{
	LiveSource *live = (LiveSource *)source;

	if (!live->started && !start(live, error))
		return SOURCE_ERROR;
	if (!live->batch || live->n_given == live->batch->n_frames) {
		SourceStatus status = next_batch(live);
		if (status != SOURCE_FRAME)
			return status;
		update_infos(live);
	}
	const BatchFrame *given = &live->batch->frames[live->n_given++];
	unsigned index = live->batch->producer;
	frame->bytes = (ByteSpan){live->batch->octets + given->offset, given->size};
	frame->wire_size = given->wire_size;
	frame->time = given->time;
	frame->link_type = live_device_link_type(live->devices[index]);
	frame->interface = 0;
	frame->ref = (FrameRef){
		.number = ++live->n_frames[index] & UINT64_C(0xffffffffffff),
		.source = index & 0xffff,
	};
	info_record_count(&live->records[index], frame);
	return SOURCE_FRAME;
}

/* What is left of the batch: its octets stand still until the next one. */
static SourceStatus next_run(Source *source, FrameRun *run, GError **error)
{
	LiveSource *live = (LiveSource *)source;
	SourceStatus status = next(source, &live->run[0], error);
	run->frames = live->run;
	run->n = status == SOURCE_FRAME;
	while (run->n > 0 && live->n_given < live->batch->n_frames)
		run->n += next(source, &live->run[run->n], error) == SOURCE_FRAME;
	return status;
}

static bool set_filter(Source *source, const char *filter, GError **error)
{
	(void)source;
	g_set_error(error, MQLAPSE_CAPTURE_ERROR, CAPTURE_ERROR_FILTER,
	            "filter \"%s\": a live capture takes its filter when it is opened", filter);
	return false;
}

static void stop(Source *source)
{
	atomic_store(&((LiveSource *)source)->shared.stopped, true);
}

static unsigned n_infos(const Source *source)
{
	return ((const LiveSource *)source)->n_devices;
}

static const SourceInfo *info_at(const Source *source, unsigned index)
{
	return &((const LiveSource *)source)->records[index].info;
}

static void free_live(Source *source)
{
	LiveSource *live = (LiveSource *)source;
	stop(source);
	for (unsigned i = 0; i < live->n_devices; i++) {
		live_device_free(live->devices[i]);
		info_record_clear(&live->records[i]);
	}
	live_queue_clear(&live->shared.queue);
	g_free(live->batch);
	g_free(live->devices);
	g_free(live->records);
	g_free(live->n_frames);
	g_free(live);
}

static const SourceOps live_ops = {
	.next = next,
	.next_run = next_run,
	.set_filter = set_filter,
	.stop = stop,
	.n_infos = n_infos,
	.info = info_at,
	.free = free_live,
};

static bool add_device(LiveSource *live, const char *interface, const LiveOptions *options,
                       GError **error)
{
	LiveDevice *device = live_device_open(interface, options, error);
	if (!device)
		return false;
	InfoRecord *record = &live->records[live->n_devices];
	info_record_init(record, interface);
	info_record_link_type(record, live_device_link_type(device));
	record->info.drops_known = true;
	record->info.live = record->info.nanoseconds = true;
	record->info.snaplen = live_device_snaplen(device);
	live->devices[live->n_devices++] = device;
	return true;
}

Source *source_open_live(const char *const *interfaces, const LiveOptions *options, GError **error)
{
	unsigned n_interfaces = 0;
	while (interfaces[n_interfaces])
		n_interfaces++;
	g_assert(n_interfaces > 0);

	LiveSource *live = g_new0(LiveSource, 1);
	live->base.ops = &live_ops;
	live->devices = g_new0(LiveDevice *, n_interfaces);
	live->records = g_new0(InfoRecord, n_interfaces);
	live->n_frames = g_new0(uint64_t, n_interfaces);
	live_queue_init(&live->shared.queue, QUEUE_OCTETS_MAX, n_interfaces);
	atomic_init(&live->shared.stopped, false);

	bool opened = true;
	for (unsigned i = 0; i < n_interfaces && opened; i++)
		opened = add_device(live, interfaces[i], options, error);
	if (opened)
		return &live->base;
	source_free(&live->base);
	return NULL;
}
