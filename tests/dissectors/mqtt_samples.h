/* SPDX-License-Identifier: MIT */
/*
 * mqtt_samples: valid packets of every type, version and form, in the notation
 * of octets.h.
 */
#pragma once

#include "dissectors/mqtt_packet.h"

typedef struct MqttSample {
	MqttVersion version;
	const char *text;
} MqttSample;

extern const MqttSample mqtt_samples[];
extern const size_t n_mqtt_samples;
