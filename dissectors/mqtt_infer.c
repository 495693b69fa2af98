/* SPDX-License-Identifier: MIT */
#include "dissectors/mqtt_infer.h"

#include <glib.h>

enum {
	VOTE_WEAK = 1,   /* a PUBLISH that has a place for properties, and none */
	VOTE_FAILS = 2,  /* makes no sense in the other version */
	VOTE_PROVES = 4, /* properties that read well */
	VOTES_MOST = 32,
};

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

/* Faults that say something about the version: what the payload holds does not. */
static uint32_t telling_faults(const MqttPacket *packet)
{
	uint32_t n = packet->n_faults;

	for (uint32_t i = 0; i < MIN(packet->n_faults, MQTT_MAX_FAULTS); i++)
		n -= packet->faults[i].id == MQTT_FAULT_PAYLOAD_NOT_UTF8;
	return n;
}

static void vote(MqttInference *inference, unsigned for_5, unsigned for_3)
{
	inference->votes_5 = (uint8_t)(inference->votes_5 + for_5);
	inference->votes_3 = (uint8_t)(inference->votes_3 + for_3);
	if (inference->votes_5 > VOTES_MOST || inference->votes_3 > VOTES_MOST) {
		inference->votes_5 /= 2;
		inference->votes_3 /= 2;
	}
	if (inference->votes_5 >= VOTE_FAILS && inference->votes_5 >= inference->votes_3)
		inference->version = MQTT_5_0;
	else if (inference->votes_3 >= VOTE_FAILS)
		inference->version = MQTT_3_1_1;
}

/* Decoded as 5.0, @packet has no more faults than as 3.1.1: what that proves. */
static unsigned votes_for_5(const MqttPacket *packet, uint32_t faults_5, uint32_t faults_3)
{
	if (packet->properties.raw.size > 0 && faults_5 == 0)
		return VOTE_PROVES;
	if (faults_5 < faults_3)
		return VOTE_FAILS;
	return packet->type == MQTT_PUBLISH && packet->publish.payload_size > 0 ? VOTE_WEAK : 0;
}

/* As both versions; what makes more sense stands, and counts for the packets that follow. */
static void decode_unsure(MqttInference *inference, const MqttFrame *frame, MqttPacket *packet)
{
	uint32_t faults_5, faults_3;

	decode_as(frame, MQTT_3_1_1, packet);
	faults_3 = telling_faults(packet);
	decode_as(frame, MQTT_5_0, packet);
	faults_5 = telling_faults(packet);
	if (faults_3 < faults_5) {
		vote(inference, 0, VOTE_FAILS);
		decode_as(frame, MQTT_3_1_1, packet);
		return;
	}
	unsigned votes = votes_for_5(packet, faults_5, faults_3);
	vote(inference, votes, 0);
	if (faults_3 == faults_5 && (inference->version == MQTT_3_1_1 || votes == 0))
		decode_as(frame, inference->version, packet);
}

void mqtt_infer_decode(MqttInference *inference, const MqttFrame *frame, MqttPacket *packet)
{
	MqttVersion version = frame->version != 0 ? frame->version : inference->version;
	bool connect = frame->octets.data[0] >> 4 == MQTT_CONNECT;

	if (inference->certain || connect || !frame->whole)
		decode_as(frame, version, packet);
	else
		decode_unsure(inference, frame, packet);
}
