/* SPDX-License-Identifier: MIT */
#include "src/session/expiry.h"

/* The client's DISCONNECT carried a Session Expiry Interval: 5.0 §3.14.2.2.2. */
static Expiry after_disconnect(const Connection *connection, Expiry agreed)
{
	uint32_t wanted = connection->expiry_disconnect.value;
	uint32_t asked = connection->expiry_connect.known ? connection->expiry_connect.value : 0;
	/* The clause tests the CONNECT value, brokers perhaps the one in force. */
	if (wanted != 0 && (asked == 0) != (agreed.seconds == 0))
		return (Expiry){EXPIRY_AMBIGUOUS, wanted};
	if (wanted != 0 && asked == 0)
		return (Expiry){EXPIRY_DISCONNECT_INVALID, 0};
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
