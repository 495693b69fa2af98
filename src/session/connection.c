/* SPDX-License-Identifier: MIT */
#include "src/session/connection.h"

_Static_assert(sizeof(Connection) <= 200, "hundreds of thousands of connections are kept");

bool connection_was_accepted(const Connection *connection)
{
	return connection->connack_seen && connection->return_code == 0;
}

const char *outcome_name(Outcome outcome)
{
	switch (outcome) {
	case OUTCOME_FIRST_SEEN:
		return "first-seen";
	case OUTCOME_RESUMED:
		return "resumed";
	case OUTCOME_FRESH_AS_REQUESTED:
		return "fresh-as-requested";
	case OUTCOME_FRESH_UNEXPECTED:
		return "fresh-unexpected";
	case OUTCOME_REFUSED:
		return "refused";
	case OUTCOME_NOT_OBSERVABLE:
		return "not-observable";
	}
	return "not-observable";
}

const char *closed_by_name(ClosedBy closed_by)
{
	switch (closed_by) {
	case CLOSED_BY_UNKNOWN:
		return "unknown";
	case CLOSED_BY_CLIENT:
		return "client";
	case CLOSED_BY_BROKER:
		return "broker";
	case CLOSED_BY_NETWORK:
		return "network";
	case CLOSED_BY_CAPTURE_END:
		return "capture-end";
	}
	return "unknown";
}

const char *close_kind_name(CloseKind kind)
{
	switch (kind) {
	case CLOSE_OPEN:
		return "open";
	case CLOSE_DISCONNECT:
		return "disconnect";
	case CLOSE_FIN:
		return "fin";
	case CLOSE_RST:
		return "rst";
	case CLOSE_KEEP_ALIVE:
		return "keep-alive";
	case CLOSE_TAKEOVER:
		return "takeover";
	case CLOSE_REFUSED:
		return "refused";
	case CLOSE_PROTOCOL_ERROR:
		return "protocol-error";
	case CLOSE_VANISHED:
		return "vanished";
	}
	return "open";
}
