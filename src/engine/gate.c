/* SPDX-License-Identifier: MIT */
#include "src/engine/gate.h"

void gate_init(Gate *gate)
{
	*gate = (Gate){0};
	g_mutex_init(&gate->lock);
	g_cond_init(&gate->changed);
}

void gate_clear(Gate *gate)
{
	g_mutex_clear(&gate->lock);
	g_cond_clear(&gate->changed);
}

void gate_enter(Gate *gate)
{
	g_mutex_lock(&gate->lock);
	while (gate->held || gate->wanting > 0)
		g_cond_wait(&gate->changed, &gate->lock);
	gate->working = true;
	g_mutex_unlock(&gate->lock);
}

void gate_leave(Gate *gate)
{
	g_mutex_lock(&gate->lock);
	gate->working = false;
	if (gate->wanting > 0)
		g_cond_broadcast(&gate->changed);
	g_mutex_unlock(&gate->lock);
}

void gate_hold(Gate *gate)
{
	g_mutex_lock(&gate->lock);
	gate->wanting++;
	while (gate->held || gate->working)
		g_cond_wait(&gate->changed, &gate->lock);
	gate->wanting--;
	gate->held = true;
	g_mutex_unlock(&gate->lock);
}

void gate_release(Gate *gate)
{
	g_mutex_lock(&gate->lock);
	gate->held = false;
	g_cond_broadcast(&gate->changed);
	g_mutex_unlock(&gate->lock);
}
