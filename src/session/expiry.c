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

static bool is_before(StreamPoint at, Instant time, FrameRef frame)
{
	if (!instant_known(time) || at.time.ns != time.ns)
		return instant_known(time) && at.time.ns < time.ns;
	return at.frame.source == frame.source && at.frame.number < frame.number;
}

Connection connection_as_of(const Connection *connection, StreamPoint at)
{
	Connection then = *connection;
	if (is_before(at, then.connect_time, then.connect_frame))
		then.connect_seen = false;
	if (is_before(at, then.connack_time, then.connack_frame))
		then.expiry_connack = (OptionalU32){0};
	if (is_before(at, then.closed, then.close_frame))
		then.expiry_disconnect = (OptionalU32){0};
	return then;
}
