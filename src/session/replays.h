/* SPDX-License-Identifier: MIT */
/*
 * replays: retained messages that a client gets once more after it was away.
 *
 * Only what is published with RETAIN 1 and QoS 1 or 2 is looked at, which is rare, and what is
 * delivered of that; of QoS 0 nobody expects that it comes again.  The tables have a fixed size: what
 * is overwritten is not told.
 */
#pragma once

#include "src/session/model_private.h"

/* A client's PUBLISH with RETAIN 1 and QoS 1 or 2. */
void replays_published(Live *live, const MqttEvent *event);
/* A PUBLISH of QoS 1 or 2 to the client, once model->replays is there. */
void replays_delivered(Live *live, const MqttEvent *event);
