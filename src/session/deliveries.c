/* SPDX-License-Identifier: MIT */
#include <string.h>
#define XXH_INLINE_ALL
#include <xxhash.h>

#include "src/session/deliveries.h"

static uint32_t take_slot(Model *model)
{
	if (model->free_delivery == 0) {
		store_add(&model->deliveries);
		return model->deliveries.n;
	}
	uint32_t tag = model->free_delivery;
	model->free_delivery = delivery_at(model, tag)->next_free;
	return tag;
}

uint32_t delivery_begin(Model *model, const MqttEvent *event)
{
	const MqttPublish *publish = &event->packet->publish;
	if (!publish->topic_known || !publish->has_hash)
		return 0;
	uint32_t tag = take_slot(model);
	Delivery *delivery = delivery_at(model, tag);
	ByteSpan topic = publish->resolved_topic;
	delivery->hash = publish->hash;
	delivery->topic_hash = XXH3_64bits(topic.data, topic.size);
	delivery->time = event->begin.time;
	delivery->frame = event->begin.frame;
	delivery->expiry = message_expiry(event->packet);
	delivery->qos = publish->qos;
	delivery->topic_size = (uint8_t)MIN(topic.size, sizeof delivery->topic);
	memcpy(delivery->topic, topic.data, delivery->topic_size);
	return tag;
}

void delivery_end(Model *model, uint32_t tag)
{
	if (tag == 0)
		return;
	delivery_at(model, tag)->next_free = model->free_delivery;
	model->free_delivery = tag;
}
