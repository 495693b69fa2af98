/* SPDX-License-Identifier: MIT */
#include "dissectors/mqtt_names.h"
#include "src/session/expiry.h"
#include "src/session/host.h"
#include "ui/report/report_private.h"

void json_frame(JsonWriter *writer, FrameRef frame)
{
	if (frame.number == 0)
		json_null(writer);
	else
		json_number(writer, frame.number);
}

void json_frame_source(JsonWriter *writer, FrameRef frame)
{
	if (frame.number == 0)
		json_null(writer);
	else
		json_number(writer, frame.source);
}

void json_endpoint(JsonWriter *writer, const Endpoint *endpoint)
{
	char text[ENDPOINT_TEXT_SIZE];
	endpoint_format(endpoint, text);
	json_string(writer, text);
}

static void write_optional(JsonWriter *writer, const char *key, bool known, uint64_t value)
{
	json_key(writer, key);
	if (known)
		json_number(writer, value);
	else
		json_null(writer);
}

static void write_optional_bool(JsonWriter *writer, const char *key, bool known, bool value)
{
	json_key(writer, key);
	if (known)
		json_bool(writer, value);
	else
		json_null(writer);
}

static void write_subscription(JsonWriter *writer, const ReportContext *context,
                               const Subscription *subscription)
{
	json_begin_object(writer);
	json_key(writer, "filter");
	json_bytes(writer, report_wire_text(context->texts, WIRE_FILTER, subscription->filter));
	json_key(writer, "qos");
	json_number(writer, subscription->qos);
	json_key(writer, "share");
	if (subscription->shared)
		json_bytes(writer, report_wire_text(context->texts, WIRE_SHARE, subscription->filter));
	else
		json_null(writer);
	json_key(writer, "since_frame");
	json_frame(writer, subscription->since);
	json_key(writer, "since_file");
	json_frame_source(writer, subscription->since);
	json_key(writer, "known");
	json_string(writer, subscription->proven ? "proven" : "inferred");
	json_end_object(writer);
}

static void write_subscriptions(JsonWriter *writer, const ReportContext *context,
                                const Client *client)
{
	json_key(writer, "subscriptions");
	json_begin_array(writer);
	for (uint32_t i = 0; i < client->n_subscriptions; i++)
		write_subscription(writer, context, &client->subscriptions[i]);
	json_end_array(writer);
	json_key(writer, "subscriptions_partial");
	json_bool(writer, client->subscriptions_partial);
}

static void write_opening(JsonWriter *writer, const Model *model, const Connection *connection)
{
	json_key(writer, "n");
	json_number(writer, connection->number);
	json_key(writer, "version");
	json_string(writer, connection->version == MQTT_VERSION_UNKNOWN
	                            ? NULL
	                            : mqtt_version_name((MqttVersion)connection->version));
	write_optional_bool(writer, "bridge", connection->connect_seen, connection->bridge);
	json_key(writer, "transport");
	json_string(writer, transport_name((Transport)connection->transport));
	json_key(writer, "source");
	json_endpoint(writer, model_socket(model, connection));
	json_key(writer, "proxied_source");
	if (model_remarks(model, connection)->proxied)
		json_endpoint(writer, &connection->source);
	else
		json_null(writer);
	json_key(writer, "opened");
	json_instant(writer, connection->opened);
	json_key(writer, "connect_frame");
	json_frame(writer, connection->connect_frame);
	json_key(writer, "connect_file");
	json_frame_source(writer, connection->connect_frame);
}

static void write_disconnect_reason(JsonWriter *writer, const Connection *connection)
{
	bool v5 = connection->version == MQTT_5_0; /* MQTT 3.x has no reason there */
	bool of_server = connection->server_disconnected &&
	                 (!connection->client_disconnected ||
	                  connection->closed_by == CLOSED_BY_BROKER);
	write_optional(writer, "disconnect_reason",
	               v5 && (of_server || connection->client_disconnected),
	               of_server ? connection->server_disconnect_reason
	                         : connection->client_disconnect_reason);
}

/* What WebSocket or TLS said at the end of the connection. */
static void write_partings(JsonWriter *writer, const Model *model, const Connection *connection)
{
	static const char *const whose[] = {"client", "broker"};
	json_key(writer, "farewells");
	json_begin_array(writer);
	for (unsigned side = 0; side < 2; side++) {
		const Parting *parting = &model_remarks(model, connection)->parting[side];
		FarewellLayer layer = (FarewellLayer)parting->layer;
		if (layer == FAREWELL_NONE)
			continue;
		json_begin_object(writer);
		json_key(writer, "from");
		json_string(writer, whose[side]);
		json_key(writer, "layer");
		json_string(writer, farewell_layer_name(layer));
		json_key(writer, "code");
		json_number(writer, parting->code);
		json_key(writer, "meaning");
		json_string(writer, farewell_meaning(layer, parting->code));
		json_end_object(writer);
	}
	json_end_array(writer);
}

static void write_closing(JsonWriter *writer, const Model *model, const Connection *connection)
{
	json_key(writer, "closed");
	json_instant(writer, connection->closed);
	json_key(writer, "close_frame");
	json_frame(writer, connection->close_frame);
	json_key(writer, "close_file");
	json_frame_source(writer, connection->close_frame);
	json_key(writer, "closed_by");
	json_string(writer, closed_by_name((ClosedBy)connection->closed_by));
	json_key(writer, "close_kind");
	json_string(writer, close_kind_name((CloseKind)connection->close_kind));
	write_disconnect_reason(writer, connection);
	write_partings(writer, model, connection);
}

static void write_interval(JsonWriter *writer, const char *key, OptionalU32 interval)
{
	write_optional(writer, key, interval.known, interval.value);
}

static void write_expiry(JsonWriter *writer, const Connection *connection)
{
	json_key(writer, "session_expiry");
	json_begin_object(writer);
	write_interval(writer, "connect", connection->expiry_connect);
	write_interval(writer, "connack", connection->expiry_connack);
	write_interval(writer, "disconnect", connection->expiry_disconnect);
	Expiry expiry = connection_expiry(connection);
	json_key(writer, "effective");
	if (!expiry_known(expiry))
		json_null(writer);
	else if (expiry.seconds == EXPIRY_NEVER)
		json_string(writer, "never");
	else
		json_number(writer, expiry.seconds);
	json_end_object(writer);
}

static void write_username(JsonWriter *writer, const ReportContext *context,
                           const Connection *connection)
{
	json_key(writer, "username");
	if (connection->has_username)
		json_bytes(writer,
		           report_wire_text(context->texts, WIRE_USERNAME, connection->username));
	else
		json_null(writer);
}

static void write_answer(JsonWriter *writer, const ReportContext *context,
                         const Connection *connection)
{
	bool seen = connection->connack_seen;
	/* MQTT 3.1 has no Session Present: the bit is reserved there. */
	write_optional_bool(writer, "session_present", seen && connection->version != MQTT_3_1,
	                    connection->session_present);
	write_optional(writer, "return_code", seen, connection->return_code);
	json_key(writer, "assigned_client_id");
	if (connection->assigned_client_id.known)
		json_bytes(writer, report_wire_text(context->texts, WIRE_CLIENT_ID,
		                                    connection->assigned_client_id.value));
	else
		json_null(writer);
	json_key(writer, "outcome");
	json_string(writer,
	            outcome_name(seen ? (Outcome)connection->outcome : OUTCOME_NOT_OBSERVABLE));
}

/* Everything of it was captured, from its opening to its end or that of the capture. */
static bool is_complete(const Connection *connection)
{
	return connection->syn_seen && connection->connect_seen && connection->connack_seen &&
	       connection->holes == 0 && connection->close_kind != CLOSE_VANISHED;
}

static void write_connection(JsonWriter *writer, const ReportContext *context,
                             const Connection *connection)
{
	json_begin_object(writer);
	write_opening(writer, context->model, connection);
	write_closing(writer, context->model, connection);
	bool seen = connection->connect_seen;
	write_optional_bool(writer, "clean_start", seen, connection->clean_start);
	write_optional(writer, "keep_alive", seen, connection->keep_alive);
	write_username(writer, context, connection);
	write_expiry(writer, connection);
	write_answer(writer, context, connection);
	json_key(writer, "holes");
	json_number(writer, connection->holes);
	json_key(writer, "faults");
	json_number(writer, connection->faults);
	json_key(writer, "complete");
	json_bool(writer, is_complete(connection));
	json_end_object(writer);
}

void json_client_members(JsonWriter *writer, const ReportContext *context, ClientIndex index)
{
	const Client *client = model_client(context->model, index);
	json_key(writer, "client_id");
	json_bytes(writer, report_wire_text(context->texts, WIRE_CLIENT_ID, client->id));
	json_key(writer, "broker");
	json_endpoint(writer, &model_broker(context->model, client->broker)->endpoint);
	json_key(writer, "state");
	json_string(writer, client->current != NO_INDEX ? "online" : "offline");
	write_subscriptions(writer, context, client);
	json_key(writer, "connections");
	json_begin_array(writer);
	for (ConnectionIndex i = client->first; i != NO_INDEX;) {
		const Connection *connection = model_connection(context->model, i);
		write_connection(writer, context, connection);
		i = connection->next;
	}
	json_end_array(writer);
}
