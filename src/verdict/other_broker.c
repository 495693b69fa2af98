/* SPDX-License-Identifier: MIT */
#include "src/verdict/other_broker.h"

#include "src/session/host.h"
#include "src/verdict/reconnect.h"

/* The last accepted connection of @client before @moment, if it had ended by then: whoever is still
 * connected there has not come here instead. */
static ConnectionIndex last_before(const Model *model, const Client *client, Instant moment)
{
	ConnectionIndex index = client->last;
	while (index != NO_INDEX) {
		const Connection *connection = model_connection(model, index);
		if (connection_was_accepted(connection) && connection->connack_time.ns <= moment.ns)
			return instant_known(connection->closed) &&
			                       connection->closed.ns <= moment.ns
			               ? index
			               : NO_INDEX;
		index = connection->previous;
	}
	return NO_INDEX;
}

static bool is_kept_until(const Connection *connection, Instant moment)
{
	Expiry expiry = connection_expiry(connection);
	if (!expiry_known(expiry) || expiry.seconds == 0)
		return false;
	return expiry.seconds == EXPIRY_NEVER ||
	       connection->closed.ns + expiry.seconds * NS_PER_SECOND > moment.ns;
}

/* The client was let in again where its session was: it had stayed behind there. */
static bool returned_to_its_session(const Model *model, const Connection *left)
{
	for (ConnectionIndex next = left->next; next != NO_INDEX;) {
		const Connection *connection = model_connection(model, next);
		if (connection->outcome == OUTCOME_RESUMED)
			return true;
		next = connection->next;
	}
	return false;
}

bool other_broker_explains(const Model *model, ConnectionIndex arrival, ClientIndex elsewhere,
                           OtherBroker *other)
{
	const Connection *now = model_connection(model, arrival);
	const Client *client = model_client(model, elsewhere);
	ConnectionIndex left = last_before(model, client, now->connect_time);
	if (left == NO_INDEX || now->outcome != OUTCOME_FIRST_SEEN || now->clean_start)
		return false;
	const Connection *before = model_connection(model, left);
	if (!before->had_subscriptions || !is_kept_until(before, now->connect_time) ||
	    !model_same_host(model, before, now))
		return false;
	const Broker *here = model_broker(model, now->broker);
	const Broker *there = model_broker(model, client->broker);
	*other = (OtherBroker){
		.left = left,
		.same_host = ip_address_equal(&here->endpoint.address, &there->endpoint.address),
		.returned = returned_to_its_session(model, before),
	};
	return true;
}
