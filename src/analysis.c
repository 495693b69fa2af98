/* SPDX-License-Identifier: MIT */
#include "src/analysis.h"

void analysis_read(Analysis *analysis, const Source *source, const Pipeline *pipeline,
                   const Model *model)
{
	const PipelineCounts *counts = pipeline_counts(pipeline);
	analysis->source = source;
	analysis->decap = pipeline_decap(pipeline);
	analysis->tcp = pipeline_tcp_counts(pipeline);
	analysis->model = model;
	analysis->frames = counts->frames;
	analysis->first = counts->first;
	analysis->last = counts->last;
	analysis->other_connections = counts->other;
	analysis->tls_connections = counts->tls;
	analysis->tls_wrong_keys = counts->tls_wrong_keys;
	analysis->tls_foreign = counts->tls_foreign;
	analysis->tls_midway = counts->tls_midway;
	analysis->tls_lost = counts->tls_lost;
	analysis->tls_seen = pipeline_tls_seen(pipeline);
	analysis->websocket_connections = counts->websocket;
	analysis->proxy_checks = counts->proxy_checks;
	analysis->undecided_connections = counts->undecided;
}

/* How many connections have holes; octets of one that are missing are as many holes as the network cut them. */
static uint32_t count_torn(const Model *model)
{
	uint32_t n_torn = (uint32_t)model_counts(model)->forgotten_torn;
	for (ConnectionIndex i = 0; i < model_n_connections(model); i++)
		n_torn += model_connection(model, i)->holes > 0;
	return n_torn;
}

/* Packets that are known to be missing.  A hole here or there concerns the connection that it is in; where
 * many have one, whole connections may be missing as well, and nothing tells which. */
static uint64_t lost_packets(const Source *source, const TcpCounts *tcp, const Model *model)
{
	enum { MANY_TORN = 8, ONE_IN = 500 /* connections */ };
	uint64_t dropped = 0;
	for (unsigned i = 0; i < source_n_infos(source); i++)
		dropped += source_info(source, i)->dropped;
	if (tcp->gaps < MANY_TORN || tcp->gaps < tcp->connections / ONE_IN)
		return dropped;
	uint32_t n_torn = count_torn(model);
	bool many = n_torn >= MANY_TORN && n_torn >= model_n_connections(model) / ONE_IN;
	return many ? MAX(dropped, tcp->gaps) : dropped;
}

DiagnoseOptions analysis_options(const Declared *declared, const Source *source,
                                 const Pipeline *pipeline, const Model *model)
{
	DiagnoseOptions diagnosis = {
		.vantage = declared->vantage_given ? declared->vantage : vantage_infer(model),
		.vantage_inferred = !declared->vantage_given,
		.broker_is = declared->broker_is,
		.capture_drops = lost_packets(source, pipeline_tcp_counts(pipeline), model),
		.n_forgotten = model_counts(model)->forgotten_connections,
	};
	return diagnosis;
}

void analysis_judged(Analysis *analysis, const Verdict *verdict)
{
	analysis->findings = verdict->findings;
	analysis->incidents = verdict->incidents;
}
