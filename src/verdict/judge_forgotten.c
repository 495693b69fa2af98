/* SPDX-License-Identifier: MIT */
#include "src/verdict/judge.h"

/* Of the client of @index something was forgotten, or something of others that ended later than it began. */
static bool rests_on_gaps(const Model *model, ConnectionIndex index)
{
	if (index == NO_INDEX)
		return false;
	const Connection *connection = model_connection(model, index);
	Instant until = model_counts(model)->forgotten_until;
	return connection->forgotten || connection->opened.ns <= until.ns ||
	       (connection->client != NO_INDEX && model_client(model, connection->client)->cut);
}

/* A risk is in what is there now. */
void doubt_forgotten(const Model *model, Finding *finding)
{
	if (model_counts(model)->forgotten_connections == 0 || finding->severity == SEVERITY_RISK ||
	    (!model_client(model, finding->client)->cut && !rests_on_gaps(model, finding->from) &&
	     !rests_on_gaps(model, finding->to) && !rests_on_gaps(model, finding->other)))
		return;
	finding->weakened |= GATE_CAPTURE_LOSS;
	finding->confidence = MAX(finding->confidence, (uint8_t)CONFIDENCE_CONSISTENT);
	finding->responsible = RESPONSIBLE_UNKNOWABLE;
}
