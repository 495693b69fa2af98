/* SPDX-License-Identifier: MIT */
#include "src/verdict/finding.h"

static const char *const names[] = {"broker", "client", "tap"};

const char *vantage_name(Vantage vantage)
{
	return names[vantage];
}

/* A capture beside a client shows the traffic of one host, and that host is not the broker's own.
 * Where several hosts are seen with one broker, the capture sees that broker's traffic. */
Vantage vantage_infer(const Model *model)
{
	const Connection *first = NULL;
	for (ConnectionIndex i = 0; i < model_n_connections(model); i++) {
		const Connection *connection = model_connection(model, i);
		if (connection->forgotten)
			continue;
		const Broker *broker = model_broker(model, connection->broker);
		if (ip_address_equal(&connection->source.address, &broker->endpoint.address))
			return VANTAGE_BROKER;
		if (first == NULL)
			first = connection;
		else if (!ip_address_equal(&first->source.address, &connection->source.address))
			return VANTAGE_BROKER;
	}
	return VANTAGE_CLIENT;
}
