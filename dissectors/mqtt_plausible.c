/* SPDX-License-Identifier: MIT */
#include "dissectors/mqtt_plausible.h"

#include "dissectors/mqtt_framer.h"
#include "dissectors/mqtt_names.h"

typedef struct TypeTraits {
	uint8_t weight; /* how much one of them proves */
	uint32_t most;  /* remaining length that is believed */
} TypeTraits;

enum { MOST_ACK = 1 << 17, MOST_LONG = 1 << 20, MOST_PUBLISH = 0xfffffff };

static const TypeTraits traits[MQTT_N_TYPES] = {
	[MQTT_CONNECT] = {6, MOST_LONG},
	[MQTT_CONNACK] = {2, MOST_ACK},
	[MQTT_PUBLISH] = {2, MOST_PUBLISH},
	[MQTT_PUBACK] = {1, MOST_ACK},
	[MQTT_PUBREC] = {1, MOST_ACK},
	[MQTT_PUBREL] = {1, MOST_ACK},
	[MQTT_PUBCOMP] = {1, MOST_ACK},
	[MQTT_SUBSCRIBE] = {3, MOST_LONG},
	[MQTT_SUBACK] = {2, MOST_ACK},
	[MQTT_UNSUBSCRIBE] = {3, MOST_LONG},
	[MQTT_UNSUBACK] = {1, MOST_ACK},
	[MQTT_PINGREQ] = {1, 0},
	[MQTT_PINGRESP] = {1, 0},
	[MQTT_DISCONNECT] = {1, MOST_ACK},
	[MQTT_AUTH] = {1, MOST_ACK},
};

unsigned mqtt_type_senders(MqttType type, MqttVersion version)
{
	MqttVersion as = version == MQTT_VERSION_UNKNOWN ? MQTT_5_0 : version;

	return (mqtt_type_sent_by(type, as, true) ? MQTT_SENDER_CLIENT : 0u) |
	       (mqtt_type_sent_by(type, as, false) ? MQTT_SENDER_SERVER : 0u);
}

bool mqtt_plausible_start(uint8_t octet, unsigned senders)
{
	const MqttTypeInfo *type = mqtt_type_info((MqttType)(octet >> 4));
	unsigned may = mqtt_type_senders((MqttType)(octet >> 4), MQTT_5_0);
	uint8_t flags = octet & 15;

	if (may == 0 || (senders != MQTT_SENDER_UNKNOWN && (may & senders) == 0))
		return false;
	if (octet >> 4 != MQTT_PUBLISH)
		return flags == type->flags;
	return (flags & 6) != 6 && (flags & 14) != 8; /* QoS 3; DUP with QoS 0 */
}

static bool decodes(ByteSpan bytes, MqttVersion version, MqttPacket *packet)
{
	mqtt_decode(bytes, version, packet);
	return packet->n_faults == 0;
}

static bool packet_plausible(ByteSpan bytes, MqttVersion version, MqttPacket *packet)
{
	if (version != MQTT_VERSION_UNKNOWN)
		return decodes(bytes, version, packet);
	return decodes(bytes, MQTT_3_1_1, packet) || decodes(bytes, MQTT_5_0, packet);
}

static bool topic_plausible(ByteSpan topic)
{
	for (size_t i = 0; i < topic.size; i++) {
		uint8_t octet = topic.data[i];
		if (octet < 0x20 || octet == 0x7f || octet == '#' || octet == '+')
			return false;
	}
	return true;
}

/* A PUBLISH that is not whole yet: its topic must be there and make sense. */
static MqttGuess publish_open(ByteSpan bytes, int header, size_t total, MqttChain *chain)
{
	ByteSpan topic;
	size_t plain;

	if (bytes.size < (size_t)header + 2)
		return MQTT_GUESS_OPEN;
	topic.size = (size_t)(bytes.data[header] << 8 | bytes.data[header + 1]);
	topic.data = bytes.data + header + 2;
	plain = (size_t)header + 2 + topic.size + ((bytes.data[0] & 6) != 0 ? 2 : 0);
	if (plain > total)
		return MQTT_GUESS_NO;
	if (bytes.size < plain) {
		size_t there = bytes.size - (size_t)header - 2;
		topic.size = there < topic.size ? there : topic.size;
		return topic_plausible(topic) ? MQTT_GUESS_OPEN : MQTT_GUESS_NO;
	}
	if (!topic_plausible(topic))
		return MQTT_GUESS_NO;
	if ((bytes.data[0] & 6) != 0 && bytes.data[plain - 2] == 0 && bytes.data[plain - 1] == 0)
		return MQTT_GUESS_NO;
	chain->publish_follows = topic.size > 0;
	chain->next = total;
	return MQTT_GUESS_OPEN;
}

/* The remaining length of types that have but one before 5.0; -1 for the others. */
static int fixed_length(MqttType type)
{
	bool two = (type >= MQTT_PUBACK && type <= MQTT_PUBCOMP) || type == MQTT_CONNACK ||
	           type == MQTT_UNSUBACK;

	return two ? 2 : type == MQTT_DISCONNECT ? 0 : -1;
}

/* Only the beginning of a packet is there. */
static MqttGuess packet_open(ByteSpan bytes, int header, size_t total, MqttChain *chain)
{
	MqttType type = (MqttType)(bytes.data[0] >> 4);
	int length = fixed_length(type);
	MqttPacket packet;

	if (type == MQTT_PUBLISH)
		return publish_open(bytes, header, total, chain);
	if (length >= 0 && total == (size_t)(header + length))
		return MQTT_GUESS_OPEN;
	chain->n_decoded++;
	mqtt_decode_cut(bytes, MQTT_5_0, &packet);
	if (packet.n_faults == 0)
		return MQTT_GUESS_OPEN;
	mqtt_decode_cut(bytes, MQTT_3_1_1, &packet);
	return packet.n_faults == 0 && length < 0 ? MQTT_GUESS_OPEN : MQTT_GUESS_NO;
}

/* Types of which a connection has one only. */
static bool once_too_often(MqttType type, const MqttChain *chain)
{
	bool once = type == MQTT_CONNECT || type == MQTT_CONNACK;

	return once && (chain->types >> type & 1) != 0;
}

/* One more packet of the chain; YES if it is whole and good. */
static MqttGuess chain_step(ByteSpan bytes, MqttVersion version, MqttChain *chain)
{
	uint32_t remaining = 0;
	MqttPacket packet;
	int header;

	if (!mqtt_plausible_start(bytes.data[0], chain->senders) ||
	    once_too_often((MqttType)(bytes.data[0] >> 4), chain))
		return MQTT_GUESS_NO;
	header = mqtt_fixed_header(bytes, &remaining);
	if (header <= 0)
		return header == 0 ? MQTT_GUESS_OPEN : MQTT_GUESS_NO;
	if (remaining > traits[bytes.data[0] >> 4].most)
		return MQTT_GUESS_NO;
	size_t total = (size_t)header + remaining;
	if (total > bytes.size)
		return packet_open(bytes, header, total, chain);
	chain->n_decoded++;
	if (!packet_plausible((ByteSpan){bytes.data, total}, version, &packet))
		return MQTT_GUESS_NO;
	if (packet.type == MQTT_PUBLISH && !topic_plausible(packet.publish.topic))
		return MQTT_GUESS_NO;
	chain->n_packets++;
	chain->size += total;
	chain->weight += traits[packet.type].weight;
	chain->types |= (uint16_t)(1u << packet.type);
	chain->senders &= mqtt_type_senders(packet.type, MQTT_5_0);
	return MQTT_GUESS_YES;
}

MqttChain mqtt_chain(ByteSpan bytes, MqttVersion version, unsigned senders, unsigned most)
{
	MqttChain chain = {.rest = MQTT_GUESS_YES};

	chain.senders = senders == MQTT_SENDER_UNKNOWN ? MQTT_SENDER_EITHER : senders;
	while (chain.size < bytes.size && chain.n_packets < most && chain.rest == MQTT_GUESS_YES) {
		ByteSpan rest = {bytes.data + chain.size, bytes.size - chain.size};
		chain.rest = chain_step(rest, version, &chain);
	}
	return chain;
}
