/* SPDX-License-Identifier: MIT */
#include "src/pipeline_counts.h"

ChannelKind pipeline_kind(const Layers *layers)
{
	if (layers == NULL)
		return CHANNEL_OTHER;
	if (layers_only_proxy(layers))
		return CHANNEL_PROXY;
	if (layers_closed_tls(layers) != NULL)
		return CHANNEL_TLS;
	return layers_is_websocket(layers) ? CHANNEL_WEBSOCKET : CHANNEL_OTHER;
}

void pipeline_count_tls(PipelineCounts *counts, const Tls *tls)
{
	switch (tls == NULL ? TLS_NO_KEYS : tls_state(tls)) {
	case TLS_WRONG_KEYS:
		counts->tls_wrong_keys++;
		break;
	case TLS_FOREIGN:
		counts->tls_foreign++;
		break;
	case TLS_MIDWAY:
		counts->tls_midway++;
		break;
	case TLS_HANDSHAKE:
	case TLS_READABLE:
	case TLS_WAITING:
	case TLS_NO_KEYS:
	case TLS_NOT:
		counts->tls++;
		break;
	}
}

uint16_t pipeline_note_tls(GArray *seen, const TcpFlow *flow, const Tls *tls)
{
	if (tls == NULL || seen->len == TLS_SEEN_MOST)
		return 0;
	TlsSeen one = {
		.client = *tcp_flow_endpoint(flow, 0),
		.server = *tcp_flow_endpoint(flow, 1),
		.opened = tcp_flow_opened(flow).time,
		.state = tls_state(tls),
		.facts = *tls_facts(tls),
		.last = {INSTANT_UNKNOWN, INSTANT_UNKNOWN},
		.closed = INSTANT_UNKNOWN,
	};
	g_array_append_val(seen, one);
	return (uint16_t)seen->len;
}

void pipeline_count(PipelineCounts *counts, ChannelKind kind, const Layers *layers, bool spoke)
{
	switch (kind) {
	case CHANNEL_UNDECIDED:
		counts->undecided += spoke;
		break;
	case CHANNEL_TOO_SHORT:
		counts->undecided++;
		break;
	case CHANNEL_TLS:
		pipeline_count_tls(counts, layers_closed_tls(layers));
		break;
	case CHANNEL_WEBSOCKET:
		counts->websocket++;
		break;
	case CHANNEL_OTHER:
		counts->other++;
		break;
	case CHANNEL_PROXY:
		counts->proxy_checks++;
		break;
	case CHANNEL_MQTT:
		counts->tls_lost += layers != NULL && layers_lost_tls(layers);
		break;
	}
}
