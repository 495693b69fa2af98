/* SPDX-License-Identifier: MIT */
/*
 * wills: a Will that comes before its Will Delay Interval has passed, because the session has ended
 * (5.0 §3.1.3.2.2, [MQTT-3.1.2-8]).
 *
 * Only Wills with an interval are looked for, which are few; and only what nobody else is seen to
 * publish, at any time, is taken for one.
 */
#pragma once

#include "src/session/breath.h"
#include "src/session/model_private.h"

/* The CONNECT of @live was accepted, and carried a Will. */
void wills_keep(Live *live);
/* A PUBLISH of either side, which wills_may_be() lets through. */
void wills_published(Live *live, const MqttEvent *event);
void wills_delivered(Live *live, const MqttEvent *event);
/* The capture is over: what may be somebody else's is taken back. */
void wills_finish(Model *model, Breath *breath); /* NULL: at one go */

/* By its sizes alone: nearly nothing else gets through. */
static inline uint64_t will_shape(size_t topic_size, size_t payload_size)
{
	return UINT64_C(1) << ((topic_size * 7 + payload_size) & 63);
}

static inline bool wills_may_be(const Model *model, const MqttPublish *publish)
{
	return model->wills != NULL && publish->topic_known &&
	       (model->will_shapes & will_shape(publish->resolved_topic.size,
	                                        publish->payload_size)) != 0;
}
