/* SPDX-License-Identifier: MIT */
#include "dissectors/farewell.h"
#include "dissectors/mqtt_names.h"
#include "src/session/expiry.h"
#include "src/verdict/story.h"

static void free_evidence(void *data)
{
	g_free(((Evidence *)data)->says);
}

void story_add_evidence(GArray *evidence, FrameRef frame, Instant time, char *says)
{
	Evidence item = {frame, time, says};
	if (frame.number == 0) { /* never seen */
		g_free(says);
		return;
	}
	g_array_append_val(evidence, item);
}

static const char *clean_name(const Connection *connection)
{
	return connection->version == MQTT_5_0 ? "Clean Start" : "Clean Session";
}

static void add_connect(GArray *evidence, const Model *model, const Connection *connection)
{
	if (!connection->connect_seen)
		return;
	g_autoptr(GString) says = g_string_new(NULL);
	char source[ENDPOINT_TEXT_SIZE];
	endpoint_format(&connection->source, source);
	g_string_printf(says, "CONNECT from %s%s, MQTT %s%s, %s %d", source,
	                model_remarks(model, connection)->proxied ? " behind a proxy" : "",
	                mqtt_version_name(connection->version), connection->bridge ? " bridge" : "",
	                clean_name(connection), connection->clean_start);
	if (connection->empty_client_id)
		g_string_append(says, ", empty Client Identifier");
	if (connection->version == MQTT_5_0 && !connection->expiry_connect.known)
		g_string_append(says, ", no Session Expiry Interval (so 0)");
	if (connection->expiry_connect.known) {
		g_autofree char *interval = story_interval(connection->expiry_connect.value);
		g_string_append_printf(says, ", Session Expiry Interval %s", interval);
	}
	story_add_evidence(evidence, connection->connect_frame, connection->connect_time,
	                   g_string_free(g_steal_pointer(&says), FALSE));
}

static void add_connack(GArray *evidence, const Connection *connection)
{
	if (!connection->connack_seen)
		return;
	g_autoptr(GString) says = g_string_new("CONNACK");
	if (connection->return_code != 0)
		g_string_append_printf(says, " refused, code 0x%02X", connection->return_code);
	else if (connection->version == MQTT_3_1)
		g_string_append(says, " accepted (MQTT 3.1 has no Session Present)");
	else
		g_string_append_printf(says, " Session Present %d", connection->session_present);
	if (connection->expiry_connack.known) {
		g_autofree char *interval = story_interval(connection->expiry_connack.value);
		g_string_append_printf(says, ", Session Expiry Interval %s", interval);
	}
	if (connection->assigned_client_id.known)
		g_string_append(says, ", Assigned Client Identifier");
	story_add_evidence(evidence, connection->connack_frame, connection->connack_time,
	                   g_string_free(g_steal_pointer(&says), FALSE));
}

static const char *closer(const Connection *connection)
{
	switch ((ClosedBy)connection->closed_by) {
	case CLOSED_BY_CLIENT:
		return "the client";
	case CLOSED_BY_BROKER:
		return "the broker";
	case CLOSED_BY_NETWORK:
		return "the network";
	case CLOSED_BY_UNKNOWN:
	case CLOSED_BY_CAPTURE_END:
		break;
	}
	return "somebody";
}

static char *describe_disconnect(const Connection *connection)
{
	if (connection->closed_by == CLOSED_BY_BROKER)
		return g_strdup_printf("DISCONNECT 0x%02X from the broker",
		                       connection->server_disconnect_reason);
	if (connection->expiry_disconnect.known) {
		g_autofree char *interval = story_interval(connection->expiry_disconnect.value);
		return g_strdup_printf("DISCONNECT from the client, Session Expiry Interval %s",
		                       interval);
	}
	return g_strdup("DISCONNECT from the client");
}

static char *describe_close(const Connection *connection)
{
	switch ((CloseKind)connection->close_kind) {
	case CLOSE_DISCONNECT:
		return describe_disconnect(connection);
	case CLOSE_FIN:
		return g_strdup_printf("connection closed by %s without DISCONNECT (FIN)",
		                       closer(connection));
	case CLOSE_RST:
		return g_strdup_printf("connection reset by %s (RST)", closer(connection));
	case CLOSE_KEEP_ALIVE:
		return g_strdup("the broker closed the connection: nothing came within the Keep Alive");
	case CLOSE_TAKEOVER:
		return g_strdup("the broker closed the connection: the Client Identifier connected "
		                "again");
	case CLOSE_PROTOCOL_ERROR:
		return g_strdup_printf("the broker ended the connection: DISCONNECT 0x%02X",
		                       connection->server_disconnect_reason);
	case CLOSE_REFUSED:
		return g_strdup("the broker closed the refused connection");
	case CLOSE_VANISHED:
	case CLOSE_OPEN:
		break;
	}
	return g_strdup("end not seen");
}

static void add_parting(GString *says, const Parting *parting, const char *whose)
{
	FarewellLayer layer = (FarewellLayer)parting->layer;
	if (layer == FAREWELL_NONE)
		return;
	const char *meaning = farewell_meaning(layer, parting->code);
	g_string_append_printf(says, "; %s from the %s: %u (%s)",
	                       layer == FAREWELL_TLS ? "TLS alert" : "WebSocket Close", whose,
	                       parting->code, meaning != NULL ? meaning : "a code of its own");
}

static void add_close(GArray *evidence, const Model *model, const Connection *connection)
{
	if (!instant_known(connection->closed))
		return;
	const Parting *parting = model_remarks(model, connection)->parting;
	g_autofree char *how = describe_close(connection);
	g_autoptr(GString) says = g_string_new(how);
	/* Who answers a Close repeats its code (RFC 6455 section 5.5.1). */
	unsigned first = connection->closed_by == CLOSED_BY_BROKER, second = 1 - first;
	bool told = connection->close_kind == CLOSE_DISCONNECT;
	if (!told)
		add_parting(says, &parting[first], first == 0 ? "client" : "broker");
	if (!told && parting[second].code != parting[first].code)
		add_parting(says, &parting[second], second == 0 ? "client" : "broker");
	story_add_evidence(evidence, connection->close_frame, connection->closed,
	                   g_string_free(g_steal_pointer(&says), FALSE));
}

static void add_connection(GArray *evidence, const Model *model, ConnectionIndex index, bool whole)
{
	if (index == NO_INDEX)
		return;
	const Connection *connection = model_connection(model, index);
	add_connect(evidence, model, connection);
	add_connack(evidence, connection);
	if (whole)
		add_close(evidence, model, connection);
}

static void add_cost(GArray *evidence, const Absence *cost)
{
	if (cost == NULL)
		return;
	bool in_flight = cost->lost_in_flight == cost->lost.max; /* those have their own story */
	for (uint32_t i = 0; i < cost->n_examples && i < 2 && !in_flight; i++)
		story_add_evidence(evidence, cost->examples[i].frame, cost->examples[i].time,
		                   g_strdup_printf("PUBLISH QoS %u that the client had subscribed to",
		                                   cost->examples[i].qos));
	if (instant_known(cost->no_matching))
		story_add_evidence(evidence, cost->no_matching_frame, cost->no_matching,
		                   g_strdup("its publisher is told 0x10, no matching subscribers: no "
		                            "session held the subscription"));
}

static bool is_told(const GArray *evidence, FrameRef frame)
{
	for (guint i = 0; i < evidence->len; i++) {
		FrameRef told = g_array_index(evidence, Evidence, i).frame;
		if (told.number == frame.number && told.source == frame.source)
			return true;
	}
	return false;
}

static void add_incident(GArray *evidence, const Incident *incident)
{
	for (unsigned i = 0; i < incident->n_frames; i++) {
		const IncidentFrame *frame = &incident->frames[i];
		if (!is_told(evidence, frame->frame))
			story_add_evidence(evidence, frame->frame, frame->time,
			                   g_strdup(incident_frame_says(incident, frame)));
	}
}

static void add_life(GArray *evidence, const Finding *finding)
{
	if (finding->alive_by == WITNESS_MATCHED)
		story_add_evidence(evidence, finding->alive_frame, finding->died_after,
		                   g_strdup("a publisher is told 0x00, somebody is subscribed: of all "
		                            "sessions that are known this one alone matched"));
}

static void add_will(GArray *evidence, const Model *model, const Finding *finding)
{
	if (finding->dead_by != WITNESS_WILL || finding->from == NO_INDEX)
		return;
	const Remarks *remarks = model_remarks(model, model_connection(model, finding->from));
	g_autofree char *delay = story_interval(remarks->will_delay);
	story_add_evidence(evidence, finding->dead_frame, finding->died_before,
	                   g_strdup_printf("the client's Will is published before its Will Delay "
	                                   "Interval of %s has passed: its session had ended",
	                                   delay));
}

static int by_time(const void *a, const void *b)
{
	const Evidence *x = a, *y = b;
	if (x->time.ns != y->time.ns)
		return x->time.ns < y->time.ns ? -1 : 1;
	return x->frame.number < y->frame.number ? -1 : x->frame.number > y->frame.number;
}

/* The connection whose settings made the session, where a later one undid them. */
static ConnectionIndex maker(const Model *model, const Finding *finding)
{
	bool needed = finding->cause == CAUSE_EXPIRY_DROPPED ||
	              finding->cause == CAUSE_VERSION_SWITCH ||
	              finding->cause == CAUSE_CLIENT_ID_TAKEOVER;
	if (!needed || finding->from == NO_INDEX)
		return NO_INDEX;
	return model_connection(model, finding->from)->accepted_before;
}

GArray *story_evidence(const Model *model, const Finding *finding)
{
	GArray *evidence = g_array_new(FALSE, FALSE, sizeof(Evidence));
	g_array_set_clear_func(evidence, free_evidence);
	add_connection(evidence, model, maker(model, finding), true);
	add_connection(evidence, model, finding->from, true);
	add_connection(evidence, model, finding->to, false);
	if (finding->other != finding->from && finding->other != finding->to)
		add_connection(evidence, model, finding->other, true);
	add_cost(evidence, model_absence(model, finding->cost));
	add_life(evidence, finding);
	add_will(evidence, model, finding);
	story_in_flight_evidence(evidence, model, finding);
	story_add_clues(evidence, model, finding);
	story_policy_evidence(evidence, model, finding);
	story_path_evidence(evidence, model, finding);
	if (finding->incident != NULL)
		add_incident(evidence, finding->incident);
	g_array_sort(evidence, by_time);
	return evidence;
}
