/* SPDX-License-Identifier: MIT */
/*
 * mqtt_detect: whether a connection is MQTT, by its octets.
 *
 * A CONNECT at the start of a side settles it.  Without one, packets that stay
 * plausible on both sides, in types that fit the direction, make it likely.
 * What cannot be judged yet waits, bounded, and is handed back in order.
 */
#pragma once

#include "dissectors/mqtt_plausible.h"
#include "dissectors/mqtt_stream.h"

typedef struct MqttDetect MqttDetect;

/* Whether @bytes begin with a CONNECT of any version, up to its protocol level: YES, NO, or OPEN
 * (too short to tell). */
MqttGuess mqtt_connect_start(ByteSpan bytes);

MqttDetect *mqtt_detect_new(void);
void mqtt_detect_free(MqttDetect *detect);
/* @from_start: the octets of both sides are those from the beginning of the connection.
 * CERTAIN at a CONNECT, LIKELY by plausible packets; keeps the octets in either case. */
MqttCertainty mqtt_detect_bytes(MqttDetect *detect, unsigned side, ByteSpan span,
                                const StreamPoint *at, bool from_start);
/* A hole: what waits of this side can no longer be judged together with what follows.
 * @n_bytes and @kind are handed back in their turn. */
void mqtt_detect_gap(MqttDetect *detect, unsigned side, uint64_t n_bytes, GapKind kind,
                     const StreamPoint *at);
/* Whether the first octets of both sides, as far as they came, begin packets. */
bool mqtt_detect_whole(const MqttDetect *detect);
/* Hands back all that came, in the order in which it came. */
void mqtt_detect_replay(const MqttDetect *detect, const StreamSinkOps *ops, void *self);
