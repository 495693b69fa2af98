/* SPDX-License-Identifier: MIT */
#include "src/session/unheard.h"
#include "src/session/registry.h"
static uint64_t acknowledged(const Live *live)
{
	return tcp_flow_acknowledged(live->opening.flow, !live->client_side);
}

void unheard_note(Live *live, const MqttEvent *event)
{
	Unheard *unheard = &live->unheard;
	if (live->opening.flow == NULL)
		return;
	/* The first has arrived: so far all is well. */
	if (unheard->n_qos0 + unheard->n_queued == 0 || acknowledged(live) >= unheard->end)
		*unheard = (Unheard){
			.end = tcp_flow_delivered(live->opening.flow, !live->client_side),
			.first = event->begin.frame,
			.since = event->begin.time,
		};
	uint16_t *n = event->packet->publish.qos == 0 ? &unheard->n_qos0 : &unheard->n_queued;
	if (*n < UINT16_MAX)
		++*n;
}

/* An absence of its own: nothing of QoS 0 was owed.  Whether the client had taken some of it in, the
 * capture cannot tell. */
static AbsenceIndex cost_of(Model *model, const Unheard *unheard)
{
	Absence cost = {
		.lost = {0, unheard->n_qos0},
		.lost_in_flight = unheard->n_qos0,
		.resumed = true,
		.first_owed = INSTANT_UNKNOWN,
		.last_owed = INSTANT_UNKNOWN,
		.no_matching = INSTANT_UNKNOWN,
	};
	return model_keep_absence(model, &cost);
}

/* TCP sent again in earnest, when a time without an answer had passed; what comes again within
 * milliseconds is a probe or a copy of the network's. */
static bool was_sent_again(const TcpFlow *flow, unsigned side, Instant since)
{
	enum { TIMEOUT_LEAST_NS = 200000000 }; /* of Linux; RFC 6298 asks for a second */
	Instant last = tcp_flow_last_activity(flow, side);
	return tcp_flow_sent_again(flow, side) && instant_known(last) &&
	       last.ns - since.ns >= TIMEOUT_LEAST_NS;
}

void unheard_settle(Live *live, Instant at)
{
	Unheard unheard = live->unheard;
	const TcpFlow *flow = live->opening.flow;
	live->unheard = (Unheard){0};
	if (flow == NULL || unheard.n_qos0 + unheard.n_queued == 0 ||
	    at.ns - unheard.since.ns < UNHEARD_SILENCE_NS || acknowledged(live) >= unheard.end)
		return;
	Model *model = live->model;
	unheard.silent = live->last_from_client;
	unheard.sent_again = was_sent_again(flow, !live->client_side, unheard.since);
	unheard.cost = unheard.n_qos0 > 0 ? cost_of(model, &unheard) : NO_ABSENCE;
	*(Unheard *)store_add(&model->unheards) = unheard;
	remarks_of(model, connection_of(live))->unheard = model->unheards.n;
}
