/* SPDX-License-Identifier: MIT */
/*
 * topics_private: the insides of topics, for topics*.c alone.
 */
#pragma once

#include "src/session/level_tree.h"
#include "src/session/topics.h"

#define NO_LINK UINT32_MAX

typedef struct Topic {
	uint32_t node;
	uint32_t links; /* the first of the filters that match it */
	uint64_t newest;
	uint32_t n_links;
	bool crowded; /* more filters match it than have a link */
} Topic;

typedef struct Link {
	uint32_t filter;
	uint32_t next;
} Link;

typedef struct Waiting {
	uint64_t newest; /* the youngest message that the filter matches */
	uint32_t n;      /* clients that are away with it */
	uint32_t held;   /* sessions that have it, as far as is known: of clients away or not */
} Waiting;

typedef struct NodeList {
	uint32_t *nodes;
	uint32_t n, n_room;
} NodeList;

struct Topics {
	Interner *names;   /* of topics */
	Interner *filters;
	Interner *levels;
	LevelTree topic_tree, filter_tree;
	Store topics;  /* of Topic, as in names */
	Store waiting; /* of Waiting, as in filters */
	Store links;   /* of Link */
	NodeList scratch[2]; /* the walk along a topic's levels */
	NodeList matching;   /* filters that it found */
	uint64_t n_waiting;
	uint32_t n_shared_held; /* Shared Subscriptions, of all sessions */
	uint64_t n_steps; /* spent on links so far */
	uint64_t newest_unlinked; /* the youngest message of topics that lack links */
	bool unlinked;    /* too much to follow: any topic may lack links */
	uint32_t plus, hash; /* the wildcard levels */
};

static inline Waiting *waiting_at(const Topics *topics, uint32_t filter)
{
	return store_at_size(&topics->waiting, filter, sizeof(Waiting));
}

static inline Topic *topic_at(const Topics *topics, uint32_t topic)
{
	return store_at_size(&topics->topics, topic, sizeof(Topic));
}

static inline unsigned count_levels(ByteSpan text)
{
	unsigned n = 1;
	for (size_t i = 0; i < text.size; i++)
		n += text.data[i] == '/';
	return n;
}

/* A walk over the topics of a filter. */
typedef struct TopicWalk {
	const Topics *topics;
	uint64_t since; /* whose youngest message is this or younger */
	bool (*visit)(void *user, uint32_t topic); /* until it returns false */
	void *user;
	bool stopped;
} TopicWalk;

/* Returns how many nodes it looked at. */
uint64_t topics_walk(TopicWalk *walk, uint32_t filter);
