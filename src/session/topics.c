/* SPDX-License-Identifier: MIT */
#include "src/session/topics_private.h"

#include <string.h>

#include "src/session/matching.h"

enum {
	MAX_LINKS = 1 << 24,
	MAX_LINK_STEPS = 1 << 24,
	MAX_LOOK_STEPS = 256,
	MAX_LINKS_OF_TOPIC = 64, /* each costs every message of the topic something */
};

Topics *topics_new(void)
{
	Topics *topics = g_new0(Topics, 1);
	topics->names = interner_new();
	topics->filters = interner_new();
	topics->levels = interner_new();
	level_tree_init(&topics->topic_tree);
	level_tree_init(&topics->filter_tree);
	store_init(&topics->topics, sizeof(Topic));
	store_init(&topics->waiting, sizeof(Waiting));
	store_init(&topics->links, sizeof(Link));
	topics->plus = interner_add(topics->levels, (ByteSpan){(const uint8_t *)"+", 1});
	topics->hash = interner_add(topics->levels, (ByteSpan){(const uint8_t *)"#", 1});
	return topics;
}

void topics_share(Topics *topics, Arena *arena)
{
	interner_share(topics->names, arena);
	interner_share(topics->filters, arena);
	interner_share(topics->levels, arena);
	store_share(&topics->topic_tree.nodes, arena);
	store_share(&topics->filter_tree.nodes, arena);
	store_share(&topics->topics, arena);
	store_share(&topics->waiting, arena);
	store_share(&topics->links, arena);
}

void topics_free(Topics *topics)
{
	if (topics == NULL)
		return;
	interner_free(topics->names);
	interner_free(topics->filters);
	interner_free(topics->levels);
	level_tree_clear(&topics->topic_tree);
	level_tree_clear(&topics->filter_tree);
	store_clear(&topics->topics);
	store_clear(&topics->waiting);
	store_clear(&topics->links);
	for (size_t i = 0; i < G_N_ELEMENTS(topics->scratch); i++)
		g_free(topics->scratch[i].nodes);
	g_free(topics->matching.nodes);
	g_free(topics);
}

/* Who makes topics and filters that nearly all match each other, or that take long to tell apart,
 * would have the square of their number. */
static bool may_link(Topics *topics)
{
	topics->unlinked |= topics->links.n >= MAX_LINKS || topics->n_steps >= MAX_LINK_STEPS;
	return !topics->unlinked;
}

static void link_filter(Topics *topics, uint32_t topic, uint32_t filter)
{
	Topic *entry = topic_at(topics, topic);
	if (entry->crowded || !may_link(topics))
		return;
	if (entry->n_links == MAX_LINKS_OF_TOPIC) {
		entry->crowded = true;
		topics->newest_unlinked = MAX(topics->newest_unlinked, entry->newest);
		return;
	}
	entry->n_links++;
	Link link = {filter, entry->links};
	entry->links = topics->links.n;
	*(Link *)store_add(&topics->links) = link;
}

/* A level that was never interned as filter level cannot be in the filter tree. */
static uint32_t filter_child(const Topics *topics, uint32_t parent, uint32_t level)
{
	return level == INTERNER_NONE ? NO_NODE
	                              : level_tree_child(&topics->filter_tree, parent, level);
}

static void node_list_grow(NodeList *list)
{
	list->n_room = list->n_room == 0 ? 64 : list->n_room * 2;
	list->nodes = g_renew(uint32_t, list->nodes, list->n_room);
}

static inline void add_node(NodeList *list, uint32_t node)
{
	if (list->n == list->n_room)
		node_list_grow(list);
	list->nodes[list->n++] = node;
}

static inline void add_if_node(NodeList *list, uint32_t node)
{
	if (node != NO_NODE)
		add_node(list, node);
}

/* One walk along the levels of a topic; @visit gets the filters that match, until it says stop. */
typedef struct FilterWalk {
	const Topics *topics;
	NodeList *here, *below; /* nodes of the filter tree, this level's and the next one's */
	bool (*visit)(void *user, uint32_t filter);
	void *user;
	bool stopped;
	uint64_t n_steps, max_steps; /* longer than that is stopped, too */
} FilterWalk;

static void visit_filter(FilterWalk *walk, uint32_t node)
{
	if (node == NO_NODE || walk->stopped)
		return;
	uint32_t filter = level_tree_node(&walk->topics->filter_tree, node)->leaf;
	if (filter != INTERNER_NONE)
		walk->stopped = walk->visit(walk->user, filter);
}

static void walk_level(FilterWalk *walk, uint32_t level, bool wildcards)
{
	const Topics *topics = walk->topics;
	walk->below->n = 0;
	walk->n_steps += walk->here->n;
	walk->stopped |= walk->n_steps > walk->max_steps;
	for (uint32_t i = 0; i < walk->here->n; i++) {
		uint32_t node = walk->here->nodes[i];
		add_if_node(walk->below, filter_child(topics, node, level));
		if (!wildcards)
			continue;
		add_if_node(walk->below, filter_child(topics, node, topics->plus));
		visit_filter(walk, filter_child(topics, node, topics->hash));
	}
	NodeList *swap = walk->here;
	walk->here = walk->below;
	walk->below = swap;
}

/* All matching branches of the filter tree abreast. */
static void walk_filters(FilterWalk *walk, ByteSpan name)
{
	const Topics *topics = walk->topics;
	bool dollar = name.size > 0 && name.data[0] == '$';
	walk->here->n = 0;
	add_node(walk->here, 0); /* the root */
	size_t position = 0;
	ByteSpan text;
	while (walk->here->n > 0 && !walk->stopped && level_next(name, &position, &text)) {
		uint32_t level = interner_find(topics->levels, text);
		/* Wildcards in a Topic Name are malformed ([MQTT-3.3.2-2]), and literally nothing. */
		if (level == topics->plus || level == topics->hash)
			level = INTERNER_NONE;
		walk_level(walk, level, !dollar); /* [MQTT-4.7.2-1] */
		dollar = false;
	}
	for (uint32_t i = 0; i < walk->here->n; i++) {
		uint32_t node = walk->here->nodes[i];
		visit_filter(walk, node);
		visit_filter(walk, filter_child(topics, node, topics->hash));
	}
}

typedef struct TopicLinking {
	Topics *topics;
	uint32_t topic;
} TopicLinking;

static bool link_matching(void *user, uint32_t filter)
{
	TopicLinking *linking = user;
	link_filter(linking->topics, linking->topic, filter);
	return topic_at(linking->topics, linking->topic)->crowded;
}

static FilterWalk filter_walk(Topics *topics, bool (*visit)(void *user, uint32_t filter),
                              void *user)
{
	return (FilterWalk){.topics = topics, .here = &topics->scratch[0], .below = &topics->scratch[1],
	                    .visit = visit, .user = user, .max_steps = UINT64_MAX};
}

static void link_matching_filters(Topics *topics, uint32_t topic)
{
	TopicLinking linking = {topics, topic};
	FilterWalk walk = filter_walk(topics, link_matching, &linking);
	walk_filters(&walk, interner_text(topics->names, topic));
	topics->n_steps += walk.n_steps;
}

/* The node at the end of @text's levels, made where it is missing. */
static uint32_t plant(Topics *topics, LevelTree *tree, ByteSpan text)
{
	uint32_t node = 0;
	size_t position = 0;
	ByteSpan level;
	while (level_next(text, &position, &level))
		node = level_tree_add_child(tree, node, interner_add(topics->levels, level));
	return node;
}

/* Without its links; NO_TOPIC: it is not followed. */
static uint32_t add_unlinked(Topics *topics, ByteSpan name)
{
	if (topics->topics.n >= TOPICS_MAX_TOPICS || count_levels(name) > TOPICS_MAX_LEVELS)
		return NO_TOPIC;
	uint32_t topic = interner_add(topics->names, name);
	Topic entry = {.node = plant(topics, &topics->topic_tree, name), .links = NO_LINK};
	level_tree_node(&topics->topic_tree, entry.node)->leaf = topic;
	*(Topic *)store_add(&topics->topics) = entry;
	return topic;
}

uint32_t topics_add(Topics *topics, ByteSpan name)
{
	uint32_t known = interner_find(topics->names, name);
	if (known != INTERNER_NONE)
		return known;
	uint32_t topic = add_unlinked(topics, name);
	if (topic != NO_TOPIC && may_link(topics))
		link_matching_filters(topics, topic);
	return topic;
}

static bool list_filter(void *user, uint32_t filter)
{
	Topics *topics = user;
	add_node(&topics->matching, filter);
	return false;
}

static bool somebody_waits(const Topics *topics)
{
	for (uint32_t i = 0; i < topics->matching.n; i++)
		if (waiting_at(topics, topics->matching.nodes[i])->n > 0)
			return true;
	return false;
}

/* What one walk found to match serves both to tell whether anybody waits, and for the links. */
static void link_list(Topics *topics, uint32_t topic)
{
	for (uint32_t i = 0; i < topics->matching.n && !topic_at(topics, topic)->crowded; i++)
		link_filter(topics, topic, topics->matching.nodes[i]);
}

uint32_t topics_prepare(const Topics *topics, ByteSpan name)
{
	return interner_await(topics->names, name);
}

bool topics_find_awaited(Topics *topics, ByteSpan name, uint32_t hash, uint32_t *topic)
{
	*topic = interner_find_awaited(topics->names, name, hash);
	if (*topic != INTERNER_NONE)
		return topics_is_awaited(topics, *topic);
	FilterWalk walk = filter_walk(topics, list_filter, topics);
	walk.max_steps = MAX_LOOK_STEPS;
	topics->matching.n = 0;
	if (!topics->unlinked)
		walk_filters(&walk, name);
	/* A long walk is worth to be remembered: the topic is then added whoever waits. */
	if (topics->unlinked || walk.stopped) {
		*topic = topics_add(topics, name);
		return true;
	}
	if (!somebody_waits(topics))
		return false;
	*topic = add_unlinked(topics, name);
	if (*topic != NO_TOPIC && may_link(topics)) {
		link_list(topics, *topic);
		topics->n_steps += walk.n_steps;
	}
	return true;
}

ByteSpan topics_topic(const Topics *topics, uint32_t topic)
{
	return interner_text(topics->names, topic);
}

ByteSpan topics_filter(const Topics *topics, uint32_t filter)
{
	return interner_text(topics->filters, filter);
}

void topics_await(Topics *topics, uint32_t filter, int change)
{
	waiting_at(topics, filter)->n += (uint32_t)change;
	topics->n_waiting += (uint64_t)(int64_t)change;
}

void topics_hold(Topics *topics, uint32_t filter, bool shared, int change)
{
	waiting_at(topics, filter)->held += (uint32_t)change;
	if (shared)
		topics->n_shared_held += (uint32_t)change;
}

TopicHolders topics_holders(const Topics *topics, uint32_t topic)
{
	const Topic *entry = topic_at(topics, topic);
	TopicHolders holders = {0};
	holders.perhaps_more = topics->unlinked || entry->crowded || topics->n_shared_held > 0;
	for (uint32_t next = entry->links; next != NO_LINK;) {
		const Link *link = store_at_size(&topics->links, next, sizeof(Link));
		const Waiting *waiting = waiting_at(topics, link->filter);
		holders.n += waiting->held;
		holders.online |= waiting->held > waiting->n;
		next = link->next;
	}
	return holders;
}

bool topics_anybody_waits(const Topics *topics)
{
	return topics->n_waiting > 0;
}

bool topics_is_awaited(const Topics *topics, uint32_t topic)
{
	if (topics->unlinked || topic_at(topics, topic)->crowded)
		return topics_anybody_waits(topics); /* who is owed it is told later, by the filters */
	uint32_t next = topic_at(topics, topic)->links;
	while (next != NO_LINK) {
		const Link *link = store_at_size(&topics->links, next, sizeof(Link));
		if (waiting_at(topics, link->filter)->n > 0)
			return true;
		next = link->next;
	}
	return false;
}

uint64_t topics_newest(const Topics *topics, uint32_t topic)
{
	return topic_at(topics, topic)->newest;
}

void topics_set_newest(Topics *topics, uint32_t topic, uint64_t sequence)
{
	Topic *entry = topic_at(topics, topic);
	entry->newest = sequence;
	if (topics->unlinked || entry->crowded)
		topics->newest_unlinked = sequence;
	uint32_t node = entry->node;
	while (node != 0) {
		LevelNode *at = level_tree_node(&topics->topic_tree, node);
		at->newest = sequence;
		node = at->parent;
	}
	for (uint32_t next = entry->links; next != NO_LINK;) {
		const Link *link = store_at_size(&topics->links, next, sizeof(Link));
		waiting_at(topics, link->filter)->newest = sequence;
		next = link->next;
	}
}

/* --- filters ------------------------------------------------------------------------------ */

typedef struct Linking {
	Topics *topics;
	uint32_t filter;
} Linking;

static bool link_visited(void *user, uint32_t topic)
{
	Linking *linking = user;
	link_filter(linking->topics, topic, linking->filter);
	return true;
}

uint32_t topics_add_filter(Topics *topics, ByteSpan text)
{
	uint32_t known = interner_find(topics->filters, text);
	if (known != INTERNER_NONE)
		return known;

	uint32_t filter = interner_add(topics->filters, text);
	store_add(&topics->waiting); /* of index @filter */
	ByteSpan plain;
	if (filter_is_shared(text, &plain) || count_levels(text) > TOPICS_MAX_LEVELS)
		return filter;
	uint32_t node = plant(topics, &topics->filter_tree, text);
	level_tree_node(&topics->filter_tree, node)->leaf = filter;
	if (may_link(topics))
		topics->n_steps += topics_walk(&(TopicWalk){.topics = topics, .visit = link_visited,
		                                       .user = &(Linking){topics, filter}},
		                               filter);
	return filter;
}
