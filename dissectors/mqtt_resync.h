/* SPDX-License-Identifier: MIT */
/*
 * mqtt_resync: finds the next packet boundary of one direction.
 *
 * Part of the framer.  The start of a segment is believed if one packet ends
 * with the segment, or two follow each other; a place inside a segment needs
 * two that end with it, or three.
 */
#pragma once

#include "dissectors/mqtt_framer.h"

/* Takes all of @span; the framer's offset is counted on by the caller. */
void mqtt_resync_bytes(MqttFramer *framer, const MqttFrameSink *sink, ByteSpan span,
                       const StreamPoint *at);
/* A hole while searching, or the end: what waits is lost. */
void mqtt_resync_gap(MqttFramer *framer, const MqttFrameSink *sink, uint64_t n_bytes,
                     const StreamPoint *at);
