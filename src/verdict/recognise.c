/* SPDX-License-Identifier: MIT */
#include "src/verdict/recognise.h"

#define HAS(index) (1u << MQTT_PROP_##index)

static bool is_number(OptionalU32 number, uint32_t value)
{
	return number.known && number.value == value;
}

/* Defaults that nobody changes, as a rule.  mosquitto 2.0: exactly these two; RabbitMQ: no QoS 2, no
 * Shared Subscriptions, and always an interval; Azure Event Grid: no QoS 2. */
BrokerProduct recognise_broker(const BrokerFacts *facts)
{
	const uint32_t two = HAS(RECEIVE_MAXIMUM) | HAS(TOPIC_ALIAS_MAXIMUM);
	const uint32_t rabbit = HAS(SESSION_EXPIRY_INTERVAL) | HAS(MAXIMUM_QOS) |
	                        HAS(SHARED_SUBSCRIPTION_AVAILABLE);
	uint32_t always = facts->connack_always;
	if (facts->n_connacks_v5 == 0)
		return BROKER_UNKNOWN;
	bool lower_qos = (always & HAS(MAXIMUM_QOS)) != 0 && is_number(facts->maximum_qos, 1);
	if ((always & rabbit) == rabbit && lower_qos)
		return BROKER_RABBITMQ;
	if (always == two && facts->connack_ever == two && is_number(facts->receive_maximum, 20) &&
	    is_number(facts->topic_alias_maximum, 10))
		return BROKER_MOSQUITTO;
	if ((always & two) == two && is_number(facts->receive_maximum, 10) &&
	    is_number(facts->topic_alias_maximum, 5))
		return BROKER_HIVEMQ;
	if (lower_qos && (always & HAS(TOPIC_ALIAS_MAXIMUM)) != 0 &&
	    is_number(facts->topic_alias_maximum, 10))
		return BROKER_AZURE_EVENT_GRID;
	return BROKER_UNKNOWN;
}

LibraryGuess recognise_library(const Model *model, const Connection *connection)
{
	if (connection->forgotten)
		return (LibraryGuess){LIBRARY_UNKNOWN, NULL};
	ByteSpan id = model_text(model, model_client(model, connection->client)->id);
	ClientLibrary library = advice_guess_library((const char *)id.data, id.size);
	if (library != LIBRARY_UNKNOWN)
		return (LibraryGuess){library, "its Client Identifier"};
	/* libmosquitto sends this figure unless told otherwise, and mosquitto_sub -c asks for ever. */
	if (connection->version != MQTT_5_0 || !is_number(connection->receive_maximum, 20) ||
	    connection->maximum_packet_size.known)
		return (LibraryGuess){LIBRARY_UNKNOWN, NULL};
	bool tools = !connection->clean_start && is_number(connection->expiry_connect, EXPIRY_NEVER);
	return (LibraryGuess){tools ? LIBRARY_MOSQUITTO_TOOLS : LIBRARY_LIBMOSQUITTO,
	                      "its CONNECT, Receive Maximum 20"};
}
