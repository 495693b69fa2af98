/* SPDX-License-Identifier: MIT */
/* From a filter to the topics that it matches. */
#include "src/session/topics_private.h"

#include <string.h>

#include "src/session/matching.h"

typedef struct Branch {
	uint32_t node;
	uint32_t depth; /* of the filter's levels, how many are behind */
} Branch;

typedef struct Walk {
	TopicWalk *of;
	const Topics *topics;
	Branch *stack; /* @first, or longer */
	uint32_t n, n_room;
	unsigned n_levels;
	Branch first[64];
	ByteSpan levels[TOPICS_MAX_LEVELS];
} Walk;

static void lengthen(Walk *walk)
{
	Branch *longer = g_new(Branch, walk->n_room * 2);
	memcpy(longer, walk->stack, walk->n * sizeof(Branch));
	if (walk->stack != walk->first)
		g_free(walk->stack);
	walk->stack = longer;
	walk->n_room *= 2;
}

static void push(Walk *walk, uint32_t node, uint32_t depth)
{
	if (node == NO_NODE || level_tree_node(&walk->topics->topic_tree, node)->newest < walk->of->since)
		return;
	if (walk->n == walk->n_room)
		lengthen(walk);
	walk->stack[walk->n++] = (Branch){node, depth};
}

static void push_children(Walk *walk, uint32_t node, uint32_t depth)
{
	const LevelTree *tree = &walk->topics->topic_tree;
	for (uint32_t child = level_tree_node(tree, node)->first_child; child != NO_NODE;
	     child = level_tree_node(tree, child)->next_sibling) {
		if (node == 0) {
			ByteSpan text = interner_text(walk->topics->levels,
			                              level_tree_node(tree, child)->level);
			if (text.size > 0 && text.data[0] == '$')
				continue; /* [MQTT-4.7.2-1] */
		}
		push(walk, child, depth);
	}
}

static void visit_leaf(Walk *walk, uint32_t node)
{
	uint32_t topic = level_tree_node(&walk->topics->topic_tree, node)->leaf;
	if (topic != INTERNER_NONE && topics_newest(walk->topics, topic) >= walk->of->since &&
	    !walk->of->visit(walk->of->user, topic))
		walk->of->stopped = true;
}

static void step(Walk *walk, Branch at)
{
	if (at.depth >= walk->n_levels) {
		visit_leaf(walk, at.node);
		return;
	}
	ByteSpan level = walk->levels[at.depth];
	if (level_is(level, '#')) {
		if (at.depth + 1 < walk->n_levels)
			return; /* no Topic Filter: [MQTT-4.7.1-1] */
		if (at.node != 0)
			visit_leaf(walk, at.node);
		push_children(walk, at.node, at.depth);
		return;
	}
	if (level_is(level, '+')) {
		push_children(walk, at.node, at.depth + 1);
		return;
	}
	uint32_t text = interner_find(walk->topics->levels, level);
	if (text != INTERNER_NONE)
		push(walk, level_tree_child(&walk->topics->topic_tree, at.node, text), at.depth + 1);
}

uint64_t topics_walk(TopicWalk *of, uint32_t filter)
{
	ByteSpan text = interner_text(of->topics->filters, filter), plain;
	if (filter_is_shared(text, &plain) || count_levels(text) > TOPICS_MAX_LEVELS)
		return 0;
	Walk walk; /* large: what is not set here is written before it is read */
	walk.of = of;
	walk.topics = of->topics;
	walk.stack = walk.first;
	walk.n_room = G_N_ELEMENTS(walk.first);
	walk.n_levels = 0;
	size_t position = 0;
	while (level_next(text, &position, &walk.levels[walk.n_levels]))
		walk.n_levels++;

	walk.stack[0] = (Branch){0, 0};
	walk.n = 1;
	uint64_t n = 0;
	for (; walk.n > 0 && !of->stopped; n++)
		step(&walk, walk.stack[--walk.n]);
	if (walk.stack != walk.first)
		g_free(walk.stack);
	return n;
}

void topics_visit(const Topics *topics, uint32_t filter, uint64_t since,
                  bool (*visit)(void *user, uint32_t topic), void *user)
{
	topics_walk(&(TopicWalk){.topics = topics, .since = since, .visit = visit, .user = user},
	            filter);
}

static bool one_is_enough(void *user, uint32_t topic)
{
	(void)user;
	(void)topic;
	return false;
}

bool topics_filter_has_newer(const Topics *topics, uint32_t filter, uint64_t since)
{
	if (waiting_at(topics, filter)->newest >= since)
		return true;
	if (topics->newest_unlinked < since)
		return false;
	TopicWalk walk = {.topics = topics, .since = since, .visit = one_is_enough};
	topics_walk(&walk, filter);
	return walk.stopped;
}
