/* SPDX-License-Identifier: MIT */
#include "src/engine/gate.h"

void gate_init(Gate *gate)
{
	*gate = (Gate){0};
	pthread_mutex_init(&gate->lock, NULL);
	pthread_cond_init(&gate->changed, NULL);
}

void gate_clear(Gate *gate)
{
	pthread_mutex_destroy(&gate->lock);
	pthread_cond_destroy(&gate->changed);
}

void gate_enter(Gate *gate)
{
	pthread_mutex_lock(&gate->lock);
	while (gate->held || gate->wanting > 0)
		pthread_cond_wait(&gate->changed, &gate->lock);
	gate->working = true;
	pthread_mutex_unlock(&gate->lock);
}

void gate_leave(Gate *gate)
{
	pthread_mutex_lock(&gate->lock);
	gate->working = false;
	if (gate->wanting > 0)
		pthread_cond_broadcast(&gate->changed);
	pthread_mutex_unlock(&gate->lock);
}

void gate_hold(Gate *gate)
{
	pthread_mutex_lock(&gate->lock);
	gate->wanting++;
	while (gate->held || gate->working)
		pthread_cond_wait(&gate->changed, &gate->lock);
	gate->wanting--;
	gate->held = true;
	pthread_mutex_unlock(&gate->lock);
}

void gate_release(Gate *gate)
{
	pthread_mutex_lock(&gate->lock);
	gate->held = false;
	pthread_cond_broadcast(&gate->changed);
	pthread_mutex_unlock(&gate->lock);
}
