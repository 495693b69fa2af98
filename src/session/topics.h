/* SPDX-License-Identifier: MIT */
/*
 * topics: every Topic Name and Topic Filter of one broker world, stored once,
 * and which filter matches which topic.
 *
 * The matches are kept as links on the topic, made when a topic or a filter
 * appears, so that a PUBLISH on a known topic costs one look-up.
 */
#pragma once

#include "src/session/interner.h"

#define NO_TOPIC UINT32_MAX

enum {
	TOPICS_MAX_LEVELS = 128,     /* of a topic or filter that is followed */
	TOPICS_MAX_TOPICS = 1 << 20, /* topics that are followed */
};

typedef struct Topics Topics;

Topics *topics_new(void);
/* From now on @arena, which outlives them, gives the memory. */
void topics_share(Topics *topics, Arena *arena);
void topics_free(Topics *topics);

/* The index of @topic; NO_TOPIC if it is new and a bound is reached. */
uint32_t topics_add(Topics *topics, ByteSpan topic);
/* The index of @filter.  A shared subscription's filter is stored, but matches nothing here: no
 * single client has a claim on its messages (5.0 §4.8.2). */
uint32_t topics_add_filter(Topics *topics, ByteSpan filter);

ByteSpan topics_topic(const Topics *topics, uint32_t topic);
ByteSpan topics_filter(const Topics *topics, uint32_t filter);

/* One more (+1) or one fewer (-1) client is away that has @filter in its session. */
void topics_await(Topics *topics, uint32_t filter, int change);
/* One more or one fewer session has @filter, be its client away or not.  @shared: filter_is_shared(),
 * which the caller knows; the text lies far away. */
void topics_hold(Topics *topics, uint32_t filter, bool shared, int change);

typedef struct TopicHolders {
	uint32_t n;        /* a session counts for each filter that matches */
	bool perhaps_more; /* not all are counted, or some member of a shared subscription matches */
	bool online;       /* a client that is connected is among them */
} TopicHolders;

/* The sessions that match @topic, as far as they are known. */
TopicHolders topics_holders(const Topics *topics, uint32_t topic);
/* Anybody at all. */
bool topics_anybody_waits(const Topics *topics);
/* Somebody who is away has a filter that matches @topic. */
bool topics_is_awaited(const Topics *topics, uint32_t topic);
/* The same by name, and its index, which is new if need be: topics for which nobody waits are not
 * stored.  NO_TOPIC (and true) if a bound is reached.  @hash: what topics_prepare() gave for @name, some
 * work before, so that what is looked up is near. */
uint32_t topics_prepare(const Topics *topics, ByteSpan name);
bool topics_find_awaited(Topics *topics, ByteSpan name, uint32_t hash, uint32_t *topic);

/* The youngest message of @topic: a sequence number, 0 for none. */
uint64_t topics_newest(const Topics *topics, uint32_t topic);
void topics_set_newest(Topics *topics, uint32_t topic, uint64_t sequence);

/* A message that @filter matches is @since or younger. */
bool topics_filter_has_newer(const Topics *topics, uint32_t filter, uint64_t since);

/* Calls @visit for each topic that @filter matches and whose youngest message is @since or
 * younger, until it returns false. */
void topics_visit(const Topics *topics, uint32_t filter, uint64_t since,
                  bool (*visit)(void *user, uint32_t topic), void *user);
