/* SPDX-License-Identifier: MIT */
#include "dissectors/mqtt_pairing.h"

static MqttPairing pairing_of(MqttOpen *open, MqttMismatch mismatch)
{
	return (MqttPairing){
		.open = open,
		.mismatch = mismatch,
		.uncertain = open != NULL && open->exchange.uncertain,
	};
}

static MqttOpen *open_new(MqttExchanges *exchanges, const MqttPacket *packet, unsigned side,
                          const StreamPoint *at)
{
	MqttOpen *open = mqtt_exchanges_open(exchanges, side, packet->type, packet->packet_id);
	open->exchange.qos = packet->type == MQTT_PUBLISH ? packet->publish.qos : 0;
	open->exchange.state = MQTT_EXCHANGE_SENT;
	open->exchange.opened = *at;
	return open;
}

/* The exchange of QoS 2 of which only the second half is seen. */
static MqttOpen *open_unseen(MqttExchanges *exchanges, uint16_t packet_id, unsigned side,
                             const StreamPoint *at, MqttExchangeState state)
{
	MqttOpen *open = mqtt_exchanges_open_unseen(exchanges, side, packet_id);
	open->exchange.qos = 2;
	open->exchange.state = (uint8_t)state;
	open->exchange.opened = *at;
	return open;
}

static MqttPairing pair_publish(MqttExchanges *exchanges, const MqttPacket *packet, unsigned side,
                                const StreamPoint *at)
{
	MqttOpen *open;
	MqttPairing pairing;

	if (packet->publish.qos != 1 && packet->publish.qos != 2)
		return (MqttPairing){0};
	open = mqtt_exchanges_find(exchanges, side, MQTT_PUBLISH, packet->packet_id);
	if (open != NULL && packet->publish.dup && open->exchange.qos == packet->publish.qos)
		return pairing_of(open, MQTT_SENT_AGAIN);
	if (open == NULL)
		return pairing_of(open_new(exchanges, packet, side, at), MQTT_PAIRED);
	if (open->exchange.opened_unseen && open->exchange.state == MQTT_EXCHANGE_RECEIVED &&
	    packet->publish.qos == 2)
		return pairing_of(open, MQTT_PAIRED); /* the capture has its PUBREC first */
	pairing = pairing_of(NULL, MQTT_ID_IN_USE);
	pairing.uncertain = open->exchange.uncertain || open->exchange.opened_unseen;
	mqtt_exchanges_close(exchanges, open);
	pairing.open = open_new(exchanges, packet, side, at);
	return pairing;
}

static uint32_t count_filters(const MqttPacket *packet)
{
	MqttFilter filter;
	size_t position = 0;
	uint32_t n = 0;

	while (mqtt_filter_next(packet, &position, &filter))
		n++;
	return n;
}

/* Whether another kind of packet of @side has the identifier. */
static const MqttOpen *other_use(const MqttExchanges *exchanges, const MqttPacket *packet,
                                 unsigned side)
{
	static const MqttType types[] = {MQTT_PUBLISH, MQTT_SUBSCRIBE, MQTT_UNSUBSCRIBE};
	const MqttOpen *open = NULL;

	for (size_t i = 0; i < 3 && open == NULL; i++) {
		if (types[i] != packet->type)
			open = mqtt_exchanges_find(exchanges, side, types[i], packet->packet_id);
	}
	return open;
}

static MqttPairing pair_request(MqttExchanges *exchanges, const MqttPacket *packet, unsigned side,
                                const StreamPoint *at)
{
	MqttOpen *open = mqtt_exchanges_find(exchanges, side, packet->type, packet->packet_id);
	const MqttOpen *other = other_use(exchanges, packet, side);
	MqttPairing pairing = {0};

	if (open != NULL || other != NULL) {
		pairing.mismatch = MQTT_ID_IN_USE;
		pairing.uncertain = (open != NULL && open->exchange.uncertain) ||
		                    (other != NULL && (other->exchange.uncertain || other->exchange.opened_unseen));
	}
	if (open != NULL)
		mqtt_exchanges_close(exchanges, open);
	pairing.open = open_new(exchanges, packet, side, at);
	pairing.open->n_entries = packet->truncated ? 0 : count_filters(packet);
	return pairing;
}

static MqttPairing pair_puback(MqttExchanges *exchanges, const MqttPacket *packet, unsigned side)
{
	MqttOpen *open = mqtt_exchanges_find(exchanges, 1 - side, MQTT_PUBLISH, packet->packet_id);
	MqttPairing pairing = pairing_of(open, MQTT_PAIRED);

	if (open == NULL)
		pairing.mismatch = MQTT_NOTHING_OPEN;
	else if (open->exchange.qos != 1)
		pairing.mismatch = MQTT_WRONG_ANSWER;
	else
		pairing.done = true;
	return pairing;
}

static MqttPairing pair_pubrec(MqttExchanges *exchanges, const MqttPacket *packet, unsigned side,
                               const StreamPoint *at, bool unseen)
{
	MqttOpen *open = mqtt_exchanges_find(exchanges, 1 - side, MQTT_PUBLISH, packet->packet_id);
	MqttPairing pairing = pairing_of(open, MQTT_PAIRED);
	bool refused = packet->has_reason && packet->reason >= 0x80;

	if (open == NULL) {
		pairing.mismatch = MQTT_NOTHING_OPEN;
		if (unseen && !refused)
			pairing.open = open_unseen(exchanges, packet->packet_id, 1 - side, at,
			                           MQTT_EXCHANGE_RECEIVED);
		return pairing;
	}
	if (open->exchange.qos != 2) {
		pairing.mismatch = MQTT_WRONG_ANSWER;
		return pairing;
	}
	if (open->exchange.state == MQTT_EXCHANGE_SENT)
		open->exchange.state = MQTT_EXCHANGE_RECEIVED;
	pairing.done = refused;
	return pairing;
}

static MqttPairing pair_pubrel(MqttExchanges *exchanges, const MqttPacket *packet, unsigned side,
                               const StreamPoint *at)
{
	MqttOpen *open = mqtt_exchanges_find(exchanges, side, MQTT_PUBLISH, packet->packet_id);
	MqttPairing pairing = pairing_of(open, MQTT_PAIRED);

	/* A PUBREL of something unknown is what a resumed session sends (5.0 §4.4). */
	if (open == NULL) {
		pairing.open = open_unseen(exchanges, packet->packet_id, side, at, MQTT_EXCHANGE_RELEASED);
		return pairing;
	}
	if (open->exchange.qos != 2) {
		pairing.mismatch = MQTT_WRONG_ANSWER;
		return pairing;
	}
	if (open->exchange.state == MQTT_EXCHANGE_SENT)
		pairing.mismatch = MQTT_PUBREL_EARLY;
	if (open->exchange.state == MQTT_EXCHANGE_RELEASED)
		pairing.mismatch = MQTT_SENT_AGAIN;
	open->exchange.state = MQTT_EXCHANGE_RELEASED;
	return pairing;
}

static MqttPairing pair_pubcomp(MqttExchanges *exchanges, const MqttPacket *packet, unsigned side)
{
	MqttOpen *open = mqtt_exchanges_find(exchanges, 1 - side, MQTT_PUBLISH, packet->packet_id);
	MqttPairing pairing = pairing_of(open, MQTT_PAIRED);

	if (open == NULL) {
		pairing.mismatch = MQTT_NOTHING_OPEN;
		return pairing;
	}
	pairing.done = open->exchange.qos == 2;
	if (open->exchange.state != MQTT_EXCHANGE_RELEASED)
		pairing.mismatch = MQTT_WRONG_ANSWER;
	return pairing;
}

static MqttPairing pair_suback(MqttExchanges *exchanges, const MqttPacket *packet, unsigned side)
{
	MqttType type = packet->type == MQTT_SUBACK ? MQTT_SUBSCRIBE : MQTT_UNSUBSCRIBE;
	MqttOpen *open = mqtt_exchanges_find(exchanges, 1 - side, type, packet->packet_id);
	MqttPairing pairing = pairing_of(open, MQTT_PAIRED);
	bool has_codes = packet->type == MQTT_SUBACK || packet->version == MQTT_5_0;

	if (open == NULL) {
		pairing.mismatch = MQTT_NOTHING_OPEN;
		return pairing;
	}
	pairing.done = true;
	if (has_codes && !packet->truncated && open->n_entries > 0 &&
	    packet->entries.size != open->n_entries)
		pairing.mismatch = MQTT_WRONG_COUNT;
	return pairing;
}

MqttPairing mqtt_pair(MqttExchanges *exchanges, const MqttPacket *packet, unsigned side,
                      const StreamPoint *at, bool unseen)
{
	if (packet->packet_id == 0)
		return (MqttPairing){0};
	switch (packet->type) {
	case MQTT_PUBLISH:
		return pair_publish(exchanges, packet, side, at);
	case MQTT_SUBSCRIBE:
	case MQTT_UNSUBSCRIBE:
		return pair_request(exchanges, packet, side, at);
	case MQTT_PUBACK:
		return pair_puback(exchanges, packet, side);
	case MQTT_PUBREC:
		return pair_pubrec(exchanges, packet, side, at, unseen);
	case MQTT_PUBREL:
		return pair_pubrel(exchanges, packet, side, at);
	case MQTT_PUBCOMP:
		return pair_pubcomp(exchanges, packet, side);
	case MQTT_SUBACK:
	case MQTT_UNSUBACK:
		return pair_suback(exchanges, packet, side);
	case MQTT_RESERVED:
	case MQTT_CONNECT:
	case MQTT_CONNACK:
	case MQTT_PINGREQ:
	case MQTT_PINGRESP:
	case MQTT_DISCONNECT:
	case MQTT_AUTH:
	case MQTT_N_TYPES:
		break;
	}
	return (MqttPairing){0};
}
