/* SPDX-License-Identifier: MIT */
/*
 * live_device: one interface that libpcap captures on, and the thread that does so.
 *
 * The thread owns the handle once it runs.  It only copies octets, and looks at none.
 */
#pragma once

#include <stdatomic.h>

#include "src/capture/live_queue.h"

/* What the devices of one live source share. */
typedef struct LiveShared {
	LiveQueue queue;
	atomic_bool stopped;
} LiveShared;

typedef struct LiveDevice LiveDevice;

/* Opens and activates: from here on the kernel collects frames. @options as source_open_live(). */
LiveDevice *live_device_open(const char *interface, const LiveOptions *options, GError **error);
/* Starts the thread, which pushes batches with @index to the queue of @shared until that is stopped
 * or the interface fails; then it leaves the queue. */
bool live_device_start(LiveDevice *device, LiveShared *shared, unsigned index, GError **error);
/* Waits for the thread; @shared must have been stopped. */
void live_device_free(LiveDevice *device);

const char *live_device_name(const LiveDevice *device);
uint16_t live_device_link_type(const LiveDevice *device);
uint32_t live_device_snaplen(const LiveDevice *device);

/* By kernel, interface and full queue, so far; from any thread. */
uint64_t live_device_dropped(LiveDevice *device);
/* Why the interface gave up, or NULL; from any thread. */
const char *live_device_failure(LiveDevice *device);
