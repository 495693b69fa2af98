/* SPDX-License-Identifier: MIT */
#include "src/session/learn.h"

#include "src/session/expiry.h"

/* Nothing that differs from client to client. */
static uint32_t shape_of(const MqttProperties *properties)
{
	return properties->present & ~(1u << MQTT_PROP_ASSIGNED_CLIENT_IDENTIFIER |
	                               1u << MQTT_PROP_REASON_STRING |
	                               1u << MQTT_PROP_RESPONSE_INFORMATION |
	                               1u << MQTT_PROP_AUTHENTICATION_DATA);
}

static void learn_number(OptionalU32 *fact, const MqttProperties *properties,
                         MqttPropertyIndex index)
{
	if (mqtt_has_property(properties, index))
		*fact = (OptionalU32){true, properties->number[index]};
}

static void learn_shape(BrokerFacts *facts, const MqttProperties *properties)
{
	uint32_t shape = shape_of(properties);
	facts->connack_always = facts->n_connacks_v5 == 0 ? shape : facts->connack_always & shape;
	facts->connack_ever |= shape;
	facts->n_connacks_v5++;
	learn_number(&facts->receive_maximum, properties, MQTT_PROP_RECEIVE_MAXIMUM);
	learn_number(&facts->topic_alias_maximum, properties, MQTT_PROP_TOPIC_ALIAS_MAXIMUM);
	learn_number(&facts->maximum_qos, properties, MQTT_PROP_MAXIMUM_QOS);
}

void learn_connack(Model *model, const Connection *connection, const MqttPacket *packet)
{
	BrokerFacts *facts = &broker_at(model, connection->broker)->facts;
	if (connection->return_code != 0) {
		facts->refuses_v5 |= connection->connect_seen && connection->version == MQTT_5_0 &&
		                     (connection->return_code == 1 || connection->return_code == 0x84);
		return;
	}
	facts->announces_expiry |= connection->expiry_connack.known;
	facts->v31_session_present |= connection->version == MQTT_3_1 && connection->session_present;
	if (connection->connect_seen && connection->version == MQTT_5_0)
		learn_shape(facts, &packet->properties);
}

/* The session after @before was to last until @now. */
static bool was_due(const Connection *before, const Connection *now)
{
	Expiry expiry = connection_expiry(before);
	return expiry_known(expiry) && expiry.seconds > 0 && instant_known(before->closed) &&
	       (expiry.seconds == EXPIRY_NEVER ||
	        now->connect_time.ns - before->closed.ns <
	                (int64_t)expiry.seconds * NS_PER_SECOND);
}

static void learn_absence(Model *model, const Connection *connection, const Client *client)
{
	BrokerFacts *facts = &broker_at(model, connection->broker)->facts;
	const Connection *before = connection_at(model, client->accepted);
	if (!instant_known(before->closed))
		return;
	int64_t absence = MAX(connection->connect_time.ns - before->closed.ns, 0);
	if (connection->outcome == OUTCOME_RESUMED) {
		facts->longest_absence_resumed_ns = MAX(facts->longest_absence_resumed_ns, absence);
		return;
	}
	if (connection->outcome == OUTCOME_FRESH_UNEXPECTED && was_due(before, connection) &&
	    (facts->shortest_absence_lost_ns == INT64_MIN ||
	     absence < facts->shortest_absence_lost_ns))
		facts->shortest_absence_lost_ns = absence;
}

static void learn_clean_start(BrokerFacts *facts, const Connection *before,
                              const Connection *now, bool had_subscriptions)
{
	if (before->version != MQTT_5_0 || !before->clean_start || !was_due(before, now))
		return;
	if (now->outcome == OUTCOME_RESUMED)
		facts->n_clean_start_kept++;
	else if (now->outcome == OUTCOME_FRESH_UNEXPECTED && had_subscriptions)
		facts->n_clean_start_lost++;
}

/* The session had no subscription for certain: no SUBSCRIBE can have been missed. */
static bool held_none(const Connection *before, const Client *client)
{
	return client->n_subscriptions == 0 && !client->subscriptions_partial &&
	       !client->subscriptions_unsure && !client->subscriptions_unanswered &&
	       before->holes == 0;
}

void learn_reconnect(Model *model, const Connection *connection, const Client *client)
{
	if (client->accepted == NO_INDEX)
		return;
	BrokerFacts *facts = &broker_at(model, connection->broker)->facts;
	model->counts.reconnects++;
	if (connection->outcome == OUTCOME_RESUMED) {
		const Connection *before = connection_at(model, client->accepted);
		model->counts.resumed++;
		facts->n_resumed++;
		facts->sends_wills_early |=
			model_remarks(model, before)->early_will.frame.number != 0;
		if (held_none(before, client))
			facts->n_resumed_without_subscriptions++;
	}
	learn_absence(model, connection, client);
	learn_clean_start(facts, connection_at(model, client->accepted), connection,
	                  client->n_subscriptions > 0);
}
