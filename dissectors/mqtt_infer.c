/* SPDX-License-Identifier: MIT */
#include "dissectors/mqtt_infer.h"

enum { WEAK_VOTES = 2 };

static void decode_as(const MqttFrame *frame, MqttVersion version, MqttPacket *packet)
{
	if (frame->whole) {
		mqtt_decode(frame->octets, version, packet);
		return;
	}
	if (frame->header_whole) {
		mqtt_decode_publish_header(frame->octets, version, packet);
		packet->publish.payload_size =
			frame->header_size + frame->remaining_length - (uint32_t)frame->octets.size;
	} else {
		mqtt_decode_cut(frame->octets, version, packet);
	}
	packet->truncated = frame->cut;
	packet->header_size = frame->header_size;
	packet->remaining_length = frame->remaining_length;
}

static bool faultless(const MqttFrame *frame, MqttVersion version, MqttPacket *packet)
{
	decode_as(frame, version, packet);
	return packet->n_faults == 0;
}

/* A 5.0 PUBLISH whose properties are more than the one octet 0 is no coincidence. */
static bool proves_5(const MqttPacket *packet)
{
	return packet->properties.raw.size > 0;
}

static void decode_unknown(MqttInference *inference, const MqttFrame *frame, MqttPacket *packet)
{
	bool as_5 = faultless(frame, MQTT_5_0, packet);

	if (as_5 && proves_5(packet)) {
		inference->version = MQTT_5_0;
		return;
	}
	if (!faultless(frame, MQTT_3_1_1, packet)) {
		if (!as_5)
			return;
		inference->version = MQTT_5_0;
		decode_as(frame, MQTT_5_0, packet);
		return;
	}
	if (!as_5) {
		inference->version = MQTT_3_1_1;
		return;
	}
	if (packet->type == MQTT_PUBLISH && packet->publish.payload_size > 0) {
		if (++inference->weak_votes >= WEAK_VOTES)
			inference->version = MQTT_5_0;
		decode_as(frame, MQTT_5_0, packet);
		return;
	}
	decode_as(frame, MQTT_VERSION_UNKNOWN, packet);
}

/* Inferred so far: another version takes over if only it makes sense of the packet. */
static void decode_likely(MqttInference *inference, const MqttFrame *frame, MqttPacket *packet)
{
	MqttVersion other = inference->version == MQTT_5_0 ? MQTT_3_1_1 : MQTT_5_0;

	if (faultless(frame, inference->version, packet))
		return;
	if (faultless(frame, other, packet))
		inference->version = other;
	else
		decode_as(frame, inference->version, packet);
}

void mqtt_infer_decode(MqttInference *inference, const MqttFrame *frame, MqttPacket *packet)
{
	MqttVersion version = frame->version != 0 ? frame->version : inference->version;
	bool connect = frame->octets.data[0] >> 4 == MQTT_CONNECT;

	if (inference->certain || connect || (frame->cut && !frame->header_whole))
		decode_as(frame, version, packet);
	else if (frame->header_whole && !frame->whole)
		decode_as(frame, version, packet);
	else if (inference->version == MQTT_VERSION_UNKNOWN)
		decode_unknown(inference, frame, packet);
	else
		decode_likely(inference, frame, packet);
}
