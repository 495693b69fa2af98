/* SPDX-License-Identifier: MIT */
#include "src/session/members.h"

#include "src/session/clues.h"
#include "src/session/matching.h"
#include "src/session/observe_parts.h"

/* One Shared Subscription of one broker: the name of the group and the filter behind it. */
struct Group {
	uint64_t key;
	uint32_t n_away;
	ConnectionIndex to; /* the last delivery was to this member */
	StreamPoint last;   /* frame number 0: none */
};

static Group *find(const Model *model, BrokerIndex broker, uint32_t filter)
{
	uint64_t key = (uint64_t)broker << 32 | filter;
	return model->groups == NULL ? NULL : g_hash_table_lookup(model->groups, &key);
}

static Group *find_or_add(Model *model, BrokerIndex broker, uint32_t filter)
{
	if (model->groups == NULL)
		model->groups = g_hash_table_new_full(g_int64_hash, g_int64_equal, NULL, g_free);
	Group *group = find(model, broker, filter);
	if (group != NULL)
		return group;
	group = g_new0(Group, 1);
	group->key = (uint64_t)broker << 32 | filter;
	g_hash_table_insert(model->groups, &group->key, group);
	return group;
}

void members_await(Model *model, BrokerIndex broker, uint32_t filter, int change)
{
	find_or_add(model, broker, filter)->n_away += (uint32_t)change;
	model->n_members_away += (uint32_t)change;
}

/* The Shared Subscription by which @client gets what is published on @topic; NULL: that cannot be
 * told from others that it has, or may have. */
static const Subscription *brought_by(const Model *model, const Client *client, ByteSpan topic)
{
	enum { LOOK = 64 };
	if (client->n_subscriptions > LOOK || client->subscriptions_partial ||
	    client->subscriptions_unsure || client->subscriptions_unanswered)
		return NULL;
	const Subscription *only = NULL;
	for (uint32_t i = 0; i < client->n_subscriptions; i++) {
		const Subscription *subscription = &client->subscriptions[i];
		ByteSpan plain;
		filter_is_shared(topics_filter(model->topics, subscription->filter), &plain);
		if (!filter_matches_topic(plain, topic))
			continue;
		if (!subscription->shared || only != NULL)
			return NULL;
		only = subscription;
	}
	return only;
}

void members_delivered(Live *live, const MqttEvent *event)
{
	Model *model = live->model;
	const Connection *connection = connection_of(live);
	const MqttPublish *publish = &event->packet->publish;
	/* What comes again was the other member's before. */
	if (publish->dup || publish->retain || !publish->topic_known ||
	    connection->client == NO_INDEX || live->asked != NULL)
		return;
	const Client *client = client_at(model, connection->client);
	const Subscription *by = brought_by(model, client, publish->resolved_topic);
	Group *group = by == NULL ? NULL : find(model, connection->broker, by->filter);
	if (group == NULL || group->n_away == 0)
		return;
	group->to = live->connection;
	group->last = event->begin;
}

/* An ordinary subscription would have brought the client its own copy. */
static bool has_ordinary(const Model *model, const Away *away, ByteSpan plain)
{
	for (uint32_t i = 0; i < away->n_subscriptions; i++)
		if (!away->subscriptions[i].shared &&
		    filters_may_overlap(topics_filter(model->topics, away->subscriptions[i].filter),
		                        plain))
			return true;
	return false;
}

static const Group *got_instead(const Model *model, const Away *away, uint32_t i)
{
	const LostSubscription *subscription = &away->subscriptions[i];
	const Connection *from = connection_at(model, away->from);
	ByteSpan plain;
	if (!subscription->shared || subscription->qos == 0 || !instant_known(from->closed))
		return NULL;
	const Group *group = find(model, from->broker, subscription->filter);
	if (group == NULL || group->last.frame.number == 0 ||
	    group->last.time.ns <= from->closed.ns ||
	    connection_at(model, group->to)->client == away->client ||
	    connection_at(model, group->to)->forgotten)
		return NULL;
	filter_is_shared(topics_filter(model->topics, subscription->filter), &plain);
	return has_ordinary(model, away, plain) ? NULL : group;
}

void members_return(Model *model, const Away *away)
{
	Connection *to = connection_at(model, away->to);
	for (uint32_t i = 0; model->groups != NULL && i < away->n_subscriptions; i++) {
		const Group *group = got_instead(model, away, i);
		if (group == NULL)
			continue;
		Clue *clue = clue_put(model, to, CLUE_TO_ANOTHER_MEMBER, &group->last);
		if (clue == NULL)
			return;
		clue->filter = away->subscriptions[i].filter;
		clue->other = group->to;
		clue->unsure = away->doubtful ||
		               (away->inexact & INEXACT_SUBSCRIPTIONS_PARTIAL) != 0;
		return; /* one is enough */
	}
}
