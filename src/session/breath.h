/* SPDX-License-Identifier: MIT */
/*
 * breath: what takes long lets others look at the model now and then.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

/* Between leave() and enter() the model may be read, as between frames. */
typedef struct Breath {
	void (*leave)(void *user);
	void (*enter)(void *user);
	void *user;
	uint32_t n; /* pieces of work since the beginning */
} Breath;

/* What follows does not touch the model, until breath_in(); @breath may be NULL. */
static inline void breath_out(const Breath *breath)
{
	if (breath != NULL)
		breath->leave(breath->user);
}

static inline void breath_in(const Breath *breath)
{
	if (breath != NULL)
		breath->enter(breath->user);
}

/* One more piece of work is done; @breath may be NULL. */
static inline void breath_take(Breath *breath)
{
	enum { EVERY = 256 };
	if (breath == NULL || ++breath->n % EVERY != 0)
		return;
	breath_out(breath);
	breath_in(breath);
}
