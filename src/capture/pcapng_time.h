/* SPDX-License-Identifier: MIT */
/*
 * pcapng_time: the time stamps of one pcapng interface (if_tsresol, if_tsoffset).
 */
#pragma once

#include "dissectors/bytes.h"

/* Moments further away from 1970 than this (146 years) are cut back to it, so that who adds any
 * 32-bit number of seconds to one cannot overflow. */
#define PCAPNG_TIME_MAX (INT64_MAX / 2)

typedef struct PcapngTime {
	uint64_t ns_per_tick;  /* 0: a tick is no whole number of nanoseconds */
	uint64_t n_ticks_max;  /* more would pass PCAPNG_TIME_MAX, where ns_per_tick is not 0 */
	int64_t offset_ns;
	uint8_t resolution;    /* if_tsresol */
} PcapngTime;

/* @resolution is if_tsresol (6: microseconds), @offset if_tsoffset in seconds. */
PcapngTime pcapng_time(uint8_t resolution, int64_t offset);

/* For resolutions that are no whole number of nanoseconds. */
int64_t pcapng_time_scale(const PcapngTime *time, uint64_t n_ticks);

static inline Instant pcapng_time_instant(const PcapngTime *time, uint64_t n_ticks)
{
	int64_t ns;
	if (time->ns_per_tick == 0)
		ns = pcapng_time_scale(time, n_ticks);
	else if (n_ticks <= time->n_ticks_max)
		ns = (int64_t)(n_ticks * time->ns_per_tick);
	else
		ns = PCAPNG_TIME_MAX;
	ns += time->offset_ns; /* neither is beyond INT64_MAX / 2 */
	if (ns > PCAPNG_TIME_MAX)
		ns = PCAPNG_TIME_MAX;
	if (ns < -PCAPNG_TIME_MAX)
		ns = -PCAPNG_TIME_MAX;
	return (Instant){ns};
}
