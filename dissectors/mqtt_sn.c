/* SPDX-License-Identifier: MIT */
/* mqtt_sn: sections are of "MQTT For Sensor Networks (MQTT-SN) Protocol Specification Version 1.2". */
#include "dissectors/mqtt_sn.h"

#include <glib.h>

enum {
	CONNECT = 0x04,
	CONNACK = 0x05,
	WILLTOPICREQ = 0x06,
	REGISTER = 0x0a,
	REGACK = 0x0b,
	PUBLISH = 0x0c,
	PUBACK = 0x0d,
	SUBSCRIBE = 0x12,
	SUBACK = 0x13,
	UNSUBSCRIBE = 0x14,
	UNSUBACK = 0x15,
	PINGREQ = 0x16,
	PINGRESP = 0x17,
	N_TYPES = 0x1e,
	REJECTED_MOST = 3, /* the highest return code, section 5.3.10 */
	CLIENT_ID_MOST = 23,
};

typedef struct Message {
	uint8_t type;
	ByteSpan body; /* behind the type */
} Message;

/* Section 5.2: octets of the body, by type; both 0 for what is reserved, or cannot be told. */
static const struct {
	uint8_t least;
	uint16_t most;
} sizes[N_TYPES] = {
	[CONNECT] = {5, 4 + CLIENT_ID_MOST}, [CONNACK] = {1, 1},  [WILLTOPICREQ] = {0, 0},
	[REGISTER] = {5, 65535},             [REGACK] = {5, 5},   [PUBLISH] = {5, 65535},
	[PUBACK] = {5, 5},                   [SUBSCRIBE] = {4, 65535}, [SUBACK] = {6, 6},
	[UNSUBSCRIBE] = {4, 65535},          [UNSUBACK] = {2, 2}, [PINGREQ] = {0, CLIENT_ID_MOST},
	[PINGRESP] = {0, 0},
};

static bool read_message(ByteSpan datagram, Message *message)
{
	size_t header = 2;
	if (datagram.size < header)
		return false;
	size_t size = datagram.data[0];
	if (size == 1) { /* the length follows in two octets, section 5.2.1 */
		header = 4;
		if (datagram.size < header)
			return false;
		size = (size_t)datagram.data[1] << 8 | datagram.data[2];
	}
	if (size != datagram.size)
		return false;
	message->type = datagram.data[header - 1];
	message->body = (ByteSpan){datagram.data + header, size - header};
	return message->type < N_TYPES;
}

static bool is_printable(ByteSpan text)
{
	for (size_t i = 0; i < text.size; i++)
		if (!g_ascii_isprint(text.data[i]))
			return false;
	return true;
}

/* Section 5.3.4: which of the flags a type may have. */
static bool flags_fit(const Message *message)
{
	uint8_t flags = message->body.data[0];
	switch (message->type) {
	case CONNECT: /* Will and CleanSession; the only ProtocolId there is */
		return (flags & ~0x0c) == 0 && message->body.data[1] == 0x01;
	case PUBLISH:
		return (flags & 0x0c) == 0 && (flags & 3) != 3;
	case SUBSCRIBE:
		return (flags & 0x1c) == 0 && (flags & 0x60) != 0x60 && (flags & 3) != 3;
	case UNSUBSCRIBE:
		return (flags & 0xfc) == 0 && (flags & 3) != 3;
	case SUBACK:
		return (flags & ~0x60) == 0 && message->body.data[5] <= REJECTED_MOST;
	case CONNACK:
		return flags <= REJECTED_MOST;
	case REGACK:
	case PUBACK:
		return message->body.data[4] <= REJECTED_MOST;
	default:
		return true;
	}
}

bool mqtt_sn_message(ByteSpan datagram)
{
	Message message;
	if (!read_message(datagram, &message))
		return false;
	size_t size = message.body.size;
	bool bare = message.type == WILLTOPICREQ || message.type == PINGRESP;
	if (size < sizes[message.type].least || size > sizes[message.type].most ||
	    (sizes[message.type].most == 0 && !bare))
		return false;
	if (message.type == CONNECT &&
	    !is_printable((ByteSpan){message.body.data + 4, size - 4}))
		return false;
	return size == 0 || flags_fit(&message);
}

static uint16_t u16_at(ByteSpan body, size_t at)
{
	return at + 2 <= body.size ? (uint16_t)(body.data[at] << 8 | body.data[at + 1]) : 0;
}

/* Where the MsgId stands in the body, section 5.4; 0: there is none. */
static size_t id_at(uint8_t type)
{
	switch (type) {
	case REGISTER:
	case REGACK:
	case PUBACK:
		return 2;
	case PUBLISH:
	case SUBACK:
		return 3;
	case SUBSCRIBE:
	case UNSUBSCRIBE:
		return 1;
	default:
		return 0;
	}
}

static uint16_t id_of(const Message *message)
{
	if (message->type == UNSUBACK)
		return u16_at(message->body, 0);
	size_t at = id_at(message->type);
	return at == 0 ? 0 : u16_at(message->body, at);
}

static bool answers(uint8_t request, uint8_t answer)
{
	switch (request) {
	case CONNECT:
		return answer == CONNACK || answer == WILLTOPICREQ;
	case REGISTER:
		return answer == REGACK;
	case PUBLISH:
		return answer == PUBACK;
	case SUBSCRIBE:
		return answer == SUBACK;
	case UNSUBSCRIBE:
		return answer == UNSUBACK;
	default:
		return false;
	}
}

bool mqtt_sn_proven(MqttSn *flow, unsigned sender, ByteSpan datagram, bool hint)
{
	enum { EXCHANGES = 2 };
	Message message;
	if (!read_message(datagram, &message))
		return false;
	uint16_t id = id_of(&message);
	if (flow->sender != sender && answers(flow->request, message.type) && id == flow->id &&
	    (id != 0 || flow->request == CONNECT)) {
		flow->connected |= flow->request == CONNECT;
		flow->n_answered++;
		flow->request = 0;
	} else if (answers(message.type, CONNACK) || answers(message.type, REGACK) ||
	           answers(message.type, PUBACK) || answers(message.type, SUBACK) ||
	           answers(message.type, UNSUBACK)) {
		flow->request = message.type;
		flow->sender = (uint8_t)sender;
		flow->id = id;
	}
	return flow->connected || flow->n_answered >= EXCHANGES || (hint && flow->n_answered > 0);
}
