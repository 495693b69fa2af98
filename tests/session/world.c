/* SPDX-License-Identifier: MIT */
#include "tests/session/world.h"

#include <glib.h>
#include <string.h>

#include "src/pipeline.h"
#include "tests/support/scenario.h"

enum { LINKTYPE_ETHERNET = 1 };

World *world_play(const char *story)
{
	return world_play_decoding(story, 0);
}

World *world_play_decoding(const char *story, uint16_t port)
{
	g_autoptr(GError) error = NULL;
	Scenario *scenario = scenario_parse(story, "story", &error);
	if (scenario == NULL)
		g_error("%s", error->message);

	World *world = g_new0(World, 1);
	world->model = model_new();
	Pipeline *pipeline = pipeline_new(world->model, &port, port != 0);
	g_autoptr(GPtrArray) frames = builder_frames(scenario->builder, &(BuilderOptions){0});
	for (guint i = 0; i < frames->len; i++) {
		const BuilderFrame *built = frames->pdata[i];
		pipeline_frames(pipeline, &(Frame){
			.bytes = {built->bytes->data, built->bytes->len},
			.wire_size = built->bytes->len,
			.link_type = LINKTYPE_ETHERNET,
			.ref = {.number = i + 1},
			.time = {built->time},
		}, 1);
	}
	pipeline_finish(pipeline, NULL);
	const PipelineCounts *counts = pipeline_counts(pipeline);
	world->other = counts->other;
	world->tls = counts->tls;
	world->websocket = counts->websocket;
	world->undecided = counts->undecided;
	pipeline_free(pipeline);
	scenario_free(scenario);
	return world;
}

void world_free(World *world)
{
	model_free(world->model);
	g_free(world);
}

ClientIndex world_client(const World *world, const char *id)
{
	for (ClientIndex i = 0; i < model_n_clients(world->model); i++) {
		ByteSpan text = model_text(world->model, model_client(world->model, i)->id);
		if (text.size == strlen(id) && memcmp(text.data, id, text.size) == 0)
			return i;
	}
	g_error("no client \"%s\"", id);
}

ConnectionIndex world_index(const World *world, const char *id, uint32_t n)
{
	ConnectionIndex index = model_client(world->model, world_client(world, id))->first;
	for (uint32_t i = 1; i < n && index != NO_INDEX; i++)
		index = model_connection(world->model, index)->next;
	if (index == NO_INDEX)
		g_error("\"%s\" has no connection %u", id, n);
	return index;
}

const Connection *world_connection(const World *world, const char *id, uint32_t n)
{
	return model_connection(world->model, world_index(world, id, n));
}

const Absence *world_absence(const World *world, const char *id, uint32_t n)
{
	return model_absence(world->model, world_connection(world, id, n)->absence);
}
