/* SPDX-License-Identifier: MIT */
#include "src/session/backend.h"

#include "src/session/observe_parts.h"

uint16_t backend_announces(const MqttProperties *properties)
{
	static const MqttPropertyIndex own[] = {
		MQTT_PROP_RECEIVE_MAXIMUM, MQTT_PROP_TOPIC_ALIAS_MAXIMUM, MQTT_PROP_MAXIMUM_QOS,
		MQTT_PROP_RETAIN_AVAILABLE, MQTT_PROP_MAXIMUM_PACKET_SIZE,
		MQTT_PROP_WILDCARD_SUBSCRIPTION_AVAILABLE,
		MQTT_PROP_SUBSCRIPTION_IDENTIFIERS_AVAILABLE,
		MQTT_PROP_SHARED_SUBSCRIPTION_AVAILABLE,
	};
	uint64_t hash = 1;
	for (size_t i = 0; i < G_N_ELEMENTS(own); i++) {
		uint64_t value = mqtt_has_property(properties, own[i])
		                         ? UINT64_C(1) + properties->number[own[i]] : 0;
		hash = (hash ^ value) * UINT64_C(0x9E3779B97F4A7C15);
		hash ^= hash >> 31;
	}
	uint16_t folded = (uint16_t)(hash >> 40);
	return folded != 0 ? folded : 1;
}

void observe_print(Model *model, uint8_t index, const TcpPrint *print)
{
	if (model->prints == NULL)
		model->prints = g_new0(TcpPrint, TCP_PRINTS_MAX + 1);
	model->prints[index] = *print;
}

/* What one byte of a Connection stands for.  Few kinds of hosts answer in one capture; the rest is as
 * if nothing was known of them. */
static uint8_t intern(Model *model, uint8_t print, uint16_t announces)
{
	uint32_t packed = print | (uint32_t)announces << 8;
	for (uint32_t i = 0; i < model->backends.n; i++)
		if (*(const uint32_t *)store_at(&model->backends, i) == packed)
			return (uint8_t)i;
	if (model->backends.n > UINT8_MAX)
		return 0;
	*(uint32_t *)store_add(&model->backends) = packed;
	return (uint8_t)(model->backends.n - 1);
}

void note_backend(Model *model, Connection *connection, const Opening *opening, uint16_t announces)
{
	uint8_t clock = (uint8_t)(opening->clock >> 2);
	connection->backend = intern(model, opening->print, announces);
	connection->backend_clock = opening->clock == 0 ? 0 : MAX(clock, 1);
}

Backend model_backend(const Model *model, const Connection *connection)
{
	uint32_t packed = *(const uint32_t *)store_at(&model->backends, connection->backend);
	uint8_t print = (uint8_t)packed;
	return (Backend){
		.print = print != 0 ? &model->prints[print] : NULL,
		.clock = connection->backend_clock,
		.announces = (uint16_t)(packed >> 8),
	};
}
