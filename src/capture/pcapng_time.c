/* SPDX-License-Identifier: MIT */
#include "src/capture/pcapng_time.h"

#include <glib.h>

enum { BINARY = 0x80, NANO = 9, POWERS = 20 };

static uint64_t power_of_ten(unsigned exponent)
{
	uint64_t power = 1;
	while (exponent-- > 0)
		power *= 10;
	return power;
}

PcapngTime pcapng_time(uint8_t resolution, int64_t offset)
{
	PcapngTime time = {.resolution = resolution};

	if (resolution <= NANO)
		time.ns_per_tick = power_of_ten(NANO - resolution);
	else if (resolution == BINARY) /* 2^-0: whole seconds */
		time.ns_per_tick = NS_PER_SECOND;
	if (time.ns_per_tick > 0)
		time.n_ticks_max = PCAPNG_TIME_MAX / time.ns_per_tick;
	offset = CLAMP(offset, -PCAPNG_TIME_MAX / NS_PER_SECOND, PCAPNG_TIME_MAX / NS_PER_SECOND);
	time.offset_ns = offset * NS_PER_SECOND;
	return time;
}

/* Ticks of 2^-@exponent seconds; 1 to 127. */
static uint64_t scale_binary(unsigned exponent, uint64_t n_ticks)
{
	uint64_t seconds = 0;
	uint64_t fraction = n_ticks;
	if (exponent < 64) {
		seconds = n_ticks >> exponent;
		fraction = n_ticks & ((UINT64_C(1) << exponent) - 1);
	}
	if (exponent > 34) { /* 2^-34 s is less than a nanosecond */
		fraction = exponent - 34 < 64 ? fraction >> (exponent - 34) : 0;
		exponent = 34;
	}
	if (seconds > PCAPNG_TIME_MAX / NS_PER_SECOND)
		return PCAPNG_TIME_MAX;
	return seconds * NS_PER_SECOND + (fraction * NS_PER_SECOND >> exponent);
}

int64_t pcapng_time_scale(const PcapngTime *time, uint64_t n_ticks)
{
	unsigned exponent = time->resolution & 0x7f;
	uint64_t ns = 0;

	if (time->resolution & BINARY)
		ns = scale_binary(exponent, n_ticks);
	else if (exponent - NANO < POWERS) /* below it, 64 bits hold less than a nanosecond */
		ns = n_ticks / power_of_ten(exponent - NANO);
	return (int64_t)MIN(ns, PCAPNG_TIME_MAX);
}
