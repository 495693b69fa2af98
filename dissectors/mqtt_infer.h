/* SPDX-License-Identifier: MIT */
/*
 * mqtt_infer: decodes framed packets with the version of the connection.
 *
 * Where no CONNECT told the version it is inferred from packets that make sense
 * in one version only, and corrected when later ones say otherwise.
 */
#pragma once

#include "dissectors/mqtt_framer.h"

typedef struct MqttInference {
	MqttVersion version; /* UNKNOWN: nothing told yet */
	bool certain;     /* by a CONNECT */
	uint8_t votes_5;  /* for 5.0, and for what came before it */
	uint8_t votes_3;
} MqttInference;

/* Fills *packet: truncated, payload size and all; no hash. */
void mqtt_infer_decode(MqttInference *inference, const MqttFrame *frame, MqttPacket *packet);
