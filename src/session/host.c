/* SPDX-License-Identifier: MIT */
#include "src/session/host.h"

const Endpoint *model_socket(const Model *model, const Connection *connection)
{
	const Remarks *remarks = model_remarks(model, connection);
	return remarks->proxied ? &remarks->proxy : &connection->source;
}

bool model_same_host(const Model *model, const Connection *a, const Connection *b)
{
	const Endpoint *of_a = &a->source, *of_b = &b->source;
	if (model_remarks(model, a)->proxied != model_remarks(model, b)->proxied &&
	    ip_address_equal(&model_socket(model, a)->address, &model_socket(model, b)->address))
		return true;
	return ip_address_equal(&of_a->address, &of_b->address);
}
