/* SPDX-License-Identifier: MIT */
#include "dissectors/mqtt_names.h"
#include "ui/report/report_private.h"

static void json_counted(JsonWriter *writer, const char *key, uint64_t value)
{
	json_key(writer, key);
	json_number(writer, value);
}

static void write_link_types(JsonWriter *writer, const SourceInfo *info)
{
	json_key(writer, "link_types");
	json_begin_array(writer);
	for (unsigned i = 0; i < info->n_link_types; i++) {
		const char *name = link_type_name(info->link_types[i]);
		char number[24];
		g_snprintf(number, sizeof number, "%u", info->link_types[i]);
		json_string(writer, name != NULL ? name : number);
	}
	json_end_array(writer);
}

static void write_interfaces(JsonWriter *writer, const SourceInfo *info)
{
	json_key(writer, "interfaces");
	json_begin_array(writer);
	for (unsigned i = 0; i < info->n_interfaces; i++) {
		json_begin_object(writer);
		json_key(writer, "name");
		json_string(writer, info->interfaces[i].name);
		json_key(writer, "description");
		json_string(writer, info->interfaces[i].description);
		json_end_object(writer);
	}
	json_end_array(writer);
}

/* What the file tells beside its packets. */
static void write_notes(JsonWriter *writer, const SourceInfo *info)
{
	write_interfaces(writer, info);
	json_counted(writer, "flawed_packets", info->flawed_packets);
	json_key(writer, "comments");
	json_begin_array(writer);
	for (unsigned i = 0; i < info->n_comments; i++) {
		json_begin_object(writer);
		json_key(writer, "frame");
		if (info->comments[i].frame > 0)
			json_number(writer, info->comments[i].frame);
		else
			json_null(writer);
		json_key(writer, "text");
		json_string(writer, info->comments[i].text);
		json_end_object(writer);
	}
	json_end_array(writer);
	json_counted(writer, "more_comments", info->more_comments);
}

/* Null where nothing is known, not even that there is nothing to know. */
static void write_clock(JsonWriter *writer, const SourceInfo *info, const ClockReading *clock)
{
	json_begin_object(writer);
	json_key(writer, "stepped_back");
	json_seconds(writer, info->clock_back_ns);
	json_key(writer, "ahead");
	if (clock == NULL || !clock->known)
		json_null(writer);
	else
		json_seconds(writer, clock->offset_ns);
	json_key(writer, "doubt");
	if (clock == NULL || !clock->known)
		json_null(writer);
	else
		json_seconds(writer, clock->doubt_ns);
	json_counted(writer, "segments_in_common", clock == NULL ? 0 : clock->n_common);
	json_end_object(writer);
}

static void write_source(JsonWriter *writer, const SourceInfo *info, const ClockReading *clock)
{
	json_begin_object(writer);
	json_key(writer, "name");
	json_string(writer, info->name);
	write_link_types(writer, info);
	json_counted(writer, "packets", info->packets);
	json_counted(writer, "bytes", info->bytes);
	json_counted(writer, "truncated_packets", info->truncated_packets);
	json_counted(writer, "clock_steps_back", info->clock_steps_back);
	json_key(writer, "dropped");
	if (info->drops_known)
		json_number(writer, info->dropped);
	else
		json_null(writer);
	json_key(writer, "damage");
	json_string(writer, info->damaged ? info->damage : NULL);
	write_notes(writer, info);
	json_key(writer, "clock");
	write_clock(writer, info, clock);
	json_end_object(writer);
}

static void write_sources(JsonWriter *writer, const Analysis *analysis)
{
	const Source *source = analysis->source;
	const GArray *clocks = analysis->clocks;
	json_key(writer, "sources");
	json_begin_array(writer);
	unsigned n_infos = source_n_infos(source);
	for (unsigned i = 0; i < n_infos; i++)
		write_source(writer, source_info(source, i),
		             clocks == NULL ? NULL : &g_array_index(clocks, ClockReading, i));
	json_end_array(writer);
}

bool total_dropped(const Source *source, uint64_t *dropped)
{
	*dropped = 0;
	bool known = true;
	unsigned n_infos = source_n_infos(source);
	for (unsigned i = 0; i < n_infos; i++) {
		const SourceInfo *info = source_info(source, i);
		known = known && info->drops_known;
		*dropped += info->drops_known ? info->dropped : 0;
	}
	return known && n_infos > 0;
}

static void write_tcp(JsonWriter *writer, const TcpCounts *tcp)
{
	json_key(writer, "tcp");
	json_begin_object(writer);
	json_counted(writer, "connections", tcp->connections);
	json_counted(writer, "gaps", tcp->gaps);
	json_counted(writer, "gap_bytes", tcp->gap_bytes);
	json_counted(writer, "retransmitted", tcp->retransmitted);
	json_counted(writer, "reordered", tcp->reordered);
	json_counted(writer, "duplicates", tcp->duplicates);
	json_counted(writer, "conflicts", tcp->conflicts);
	json_counted(writer, "refused", tcp->refused);
	json_counted(writer, "evicted", tcp->evicted);
	json_counted(writer, "seen_again_behind_nat", tcp->echoes);
	json_end_object(writer);
}

static void write_faults(JsonWriter *writer, const ModelCounts *counts)
{
	json_key(writer, "faults");
	json_begin_object(writer);
	for (unsigned i = 0; i < MQTT_N_FAULTS; i++) {
		if (counts->faults[i] > 0)
			json_counted(writer, mqtt_fault_info((MqttFaultId)i)->name, counts->faults[i]);
	}
	json_end_object(writer);
}

static void write_mqtt(JsonWriter *writer, const ModelCounts *counts)
{
	json_key(writer, "mqtt");
	json_begin_object(writer);
	json_counted(writer, "connections", counts->connections);
	json_counted(writer, "unnamed_connections", counts->unnamed);
	json_counted(writer, "packets", counts->packets);
	json_key(writer, "by_type");
	json_begin_object(writer);
	for (unsigned type = MQTT_CONNECT; type < MQTT_N_TYPES; type++)
		json_counted(writer, mqtt_type_name((MqttType)type), counts->packets_by_type[type]);
	json_end_object(writer);
	json_counted(writer, "malformed", counts->malformed);
	write_faults(writer, counts);
	json_counted(writer, "skipped_bytes", counts->skipped_bytes);
	json_counted(writer, "evicted_messages", counts->evicted_messages);
	json_counted(writer, "untracked_messages", counts->untracked_messages);
	json_counted(writer, "forgotten_connections", counts->forgotten_connections);
	json_key(writer, "forgotten_until");
	json_instant(writer, counts->forgotten_until);
	json_end_object(writer);
}

static void write_undecoded_connections(JsonWriter *writer, const char *what, uint64_t connections)
{
	json_begin_object(writer);
	json_key(writer, "what");
	json_string(writer, what);
	json_counted(writer, "connections", connections);
	json_key(writer, "frames");
	json_null(writer);
	json_end_object(writer);
}

static void write_sides(JsonWriter *writer, const char *key, const char *client, const char *server)
{
	json_key(writer, key);
	json_begin_object(writer);
	json_key(writer, "client");
	json_string(writer, client);
	json_key(writer, "server");
	json_string(writer, server);
	json_end_object(writer);
}

static void write_tls_end(JsonWriter *writer, const TlsSeen *seen)
{
	static const char *const whose[] = {"client", "server"};
	bool closed = instant_known(seen->closed);
	json_key(writer, "last_from_client");
	json_instant(writer, seen->last[0]);
	json_key(writer, "last_from_server");
	json_instant(writer, seen->last[1]);
	json_key(writer, "closed");
	json_instant(writer, seen->closed);
	json_key(writer, "closed_by");
	json_string(writer, closed ? whose[seen->closed_by] : NULL);
	json_key(writer, "close_kind");
	json_string(writer, !closed ? NULL : seen->reset ? "rst" : "fin");
	json_key(writer, "unread_alerts_from");
	json_begin_array(writer);
	for (unsigned side = 0; side < 2; side++)
		if (seen->unread_alert[side])
			json_string(writer, whose[side]);
	json_end_array(writer);
	json_key(writer, "outcome");
	json_string(writer, outcome_name(OUTCOME_NOT_OBSERVABLE));
}

static const char *text_or_null(const char *text)
{
	return text[0] != '\0' ? text : NULL;
}

static void write_tls_seen(JsonWriter *writer, const TlsSeen *seen)
{
	const TlsFacts *facts = &seen->facts;
	json_begin_object(writer);
	json_key(writer, "server");
	json_endpoint(writer, &seen->server);
	json_key(writer, "client");
	json_endpoint(writer, &seen->client);
	json_key(writer, "opened");
	json_instant(writer, seen->opened);
	json_key(writer, "server_name");
	json_string(writer, facts->server_name[0] != '\0' ? facts->server_name : NULL);
	json_key(writer, "alpn");
	json_string(writer, facts->alpn[0] != '\0' ? facts->alpn : NULL);
	json_key(writer, "version");
	json_string(writer, tls_version_name(facts->version));
	json_key(writer, "alert");
	unsigned side = facts->alert_level[0] != 0 ? 0 : 1;
	if (facts->alert_level[side] != 0)
		json_number(writer, facts->alert[side]);
	else
		json_null(writer);
	write_sides(writer, "certificates", text_or_null(facts->certificate[0]),
	            text_or_null(facts->certificate[1]));
	write_tls_end(writer, seen);
	json_end_object(writer);
}

static void write_tls_kind(JsonWriter *writer, const char *what, uint64_t connections,
                           const GArray *seen, unsigned states)
{
	json_begin_object(writer);
	json_key(writer, "what");
	json_string(writer, what);
	json_counted(writer, "connections", connections);
	json_key(writer, "frames");
	json_null(writer);
	json_key(writer, "tls");
	json_begin_array(writer);
	for (guint i = 0; seen != NULL && i < seen->len; i++) {
		const TlsSeen *one = &g_array_index(seen, TlsSeen, i);
		if ((states >> one->state & 1) != 0)
			write_tls_seen(writer, one);
	}
	json_end_array(writer);
	json_end_object(writer);
}

static void write_undecoded_tls(JsonWriter *writer, const Analysis *analysis)
{
	const GArray *seen = analysis->tls_seen;
	unsigned own = 1u << TLS_WRONG_KEYS | 1u << TLS_FOREIGN | 1u << TLS_MIDWAY;
	write_tls_kind(writer, "tls-without-keys", analysis->tls_connections, seen, ~own);
	if (analysis->tls_wrong_keys > 0)
		write_tls_kind(writer, "tls-wrong-keys", analysis->tls_wrong_keys, seen,
		               1u << TLS_WRONG_KEYS);
	if (analysis->tls_foreign > 0)
		write_tls_kind(writer, "tls-unsupported", analysis->tls_foreign, seen, 1u << TLS_FOREIGN);
	if (analysis->tls_midway > 0)
		write_tls_kind(writer, "tls-without-handshake", analysis->tls_midway, seen,
		               1u << TLS_MIDWAY);
	if (analysis->tls_lost > 0)
		write_undecoded_connections(writer, "tls-renegotiated-without-keys", analysis->tls_lost);
}

static void write_not_decoded(JsonWriter *writer, const Analysis *analysis)
{
	json_key(writer, "not_decoded");
	json_begin_array(writer);
	write_undecoded_tls(writer, analysis);
	write_undecoded_connections(writer, "websocket", analysis->websocket_connections);
	write_undecoded_connections(writer, "other-tcp", analysis->other_connections);
	if (analysis->proxy_checks > 0)
		write_undecoded_connections(writer, "proxy-header-only", analysis->proxy_checks);
	write_undecoded_connections(writer, "too-little-seen", analysis->undecided_connections);
	size_t n_counts;
	const DecapCount *counts = decap_counts(analysis->decap, &n_counts);
	for (size_t i = 0; i < n_counts; i++) {
		json_begin_object(writer);
		json_key(writer, "what");
		json_string(writer, counts[i].what);
		json_key(writer, "connections");
		if (counts[i].connections > 0)
			json_number(writer, counts[i].connections);
		else
			json_null(writer);
		json_counted(writer, "frames", counts[i].frames);
		json_end_object(writer);
	}
	json_end_array(writer);
}


static void write_vantage(JsonWriter *writer, const DiagnoseOptions *options)
{
	json_key(writer, "vantage");
	json_begin_object(writer);
	json_key(writer, "value");
	json_string(writer, vantage_name(options->vantage));
	json_key(writer, "inferred");
	json_bool(writer, options->vantage_inferred);
	json_end_object(writer);
}

void json_capture_members(JsonWriter *writer, const ReportContext *context)
{
	const Analysis *analysis = context->analysis;
	write_sources(writer, analysis);
	json_key(writer, "first");
	json_instant(writer, analysis->frames > 0 ? analysis->first : INSTANT_UNKNOWN);
	json_key(writer, "last");
	json_instant(writer, analysis->frames > 0 ? analysis->last : INSTANT_UNKNOWN);
	json_counted(writer, "packets", analysis->frames);
	uint64_t dropped;
	bool known = total_dropped(analysis->source, &dropped);
	json_key(writer, "dropped_by_kernel");
	if (known)
		json_number(writer, dropped);
	else
		json_null(writer);
	json_key(writer, "interrupted");
	json_bool(writer, analysis->interrupted);
	write_tcp(writer, analysis->tcp);
	write_mqtt(writer, model_counts(context->model));
	write_not_decoded(writer, analysis);
	write_vantage(writer, &analysis->diagnosis);
}

void json_broker_members(JsonWriter *writer, const ReportContext *context, BrokerIndex index)
{
	const Broker *broker = model_broker(context->model, index);
	json_key(writer, "broker");
	json_endpoint(writer, &broker->endpoint);
	json_key(writer, "transports");
	json_begin_array(writer);
	for (unsigned i = 0; i < TRANSPORT_N; i++)
		if ((broker->transports >> i & 1) != 0)
			json_string(writer, transport_name((Transport)i));
	json_end_array(writer);
	json_counted(writer, "clients", broker->n_clients);
	json_counted(writer, "connections", broker->n_connections);
	json_restarts(writer, context, index);
	json_broker_learned(writer, context, broker);
}
