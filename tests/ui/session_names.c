/* SPDX-License-Identifier: MIT */
#include "src/session/connection.h"

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
/* SPDX-License-Identifier: MIT */
#include "src/session/expiry.h"

/* The client's DISCONNECT carried a Session Expiry Interval: 5.0 §3.14.2.2.2. */
static Expiry after_disconnect(const Connection *connection, Expiry agreed)
{
	uint32_t wanted = connection->expiry_disconnect.value;
	uint32_t asked = connection->expiry_connect.known ? connection->expiry_connect.value : 0;
	if (asked == 0 && wanted != 0)
		return (Expiry){EXPIRY_DISCONNECT_INVALID, 0};
	if (agreed.seconds == 0 && wanted != 0)
		return (Expiry){EXPIRY_AMBIGUOUS, wanted};
	return (Expiry){EXPIRY_FROM_DISCONNECT, wanted};
}

Expiry connection_expiry(const Connection *connection)
{
	if (!connection->connect_seen)
		return (Expiry){EXPIRY_UNKNOWN, 0};
	if (connection->version != MQTT_5_0)
		return (Expiry){EXPIRY_FROM_CLEAN_SESSION, connection->clean_start ? 0 : EXPIRY_NEVER};

	Expiry agreed = {EXPIRY_FROM_DEFAULT, 0};
	if (connection->expiry_connect.known)
		agreed = (Expiry){EXPIRY_FROM_CONNECT, connection->expiry_connect.value};
	if (!connection->connack_seen)
		return (Expiry){EXPIRY_UNKNOWN, 0}; /* the broker may have answered another */
	if (connection->expiry_connack.known)
		agreed = (Expiry){EXPIRY_FROM_CONNACK, connection->expiry_connack.value};
	if (connection->expiry_disconnect.known)
		return after_disconnect(connection, agreed);
	return agreed;
}
