/* SPDX-License-Identifier: MIT */
/*
 * gate: one thread works in short turns, and others keep it still for a while.
 *
 * Who wants it still comes before the next turn, however quickly turns follow one
 * another; a plain lock would let them starve.
 */
#pragma once

#include <pthread.h>
#include <stdbool.h>

typedef struct Gate {
	pthread_mutex_t lock;
	pthread_cond_t changed;
	bool working;
	bool held;
	unsigned wanting;
} Gate;

void gate_init(Gate *gate);
void gate_clear(Gate *gate);

/* Around each turn. */
void gate_enter(Gate *gate);
void gate_leave(Gate *gate);

/* From here to gate_release() no turn, and nobody else who holds it. */
void gate_hold(Gate *gate);
void gate_release(Gate *gate);
