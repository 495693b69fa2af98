/* SPDX-License-Identifier: MIT */
/*
 * mqtt_decoder: what the decoders of the packet types share.  Private to mqtt_*.c here.
 *
 * Every octet is read through one sticky reader whose offsets count from the
 * fixed header, so that the offset of a fault needs no arithmetic.
 */
#pragma once

#include "dissectors/mqtt_packet.h"
#include "dissectors/reader.h"

typedef struct MqttDecoder {
	Reader reader;
	MqttPacket *packet;
	size_t total; /* octets of the packet; more than the reader has where it is cut */
	bool cut;     /* what is missing was not captured: running out is no fault */
	bool stopped; /* the fields behind make no sense, and a fault says so already */
	bool padded;  /* the Remaining Length took more octets than needed */
} MqttDecoder;

/* Whether the packet has octets behind the reader, captured or not. */
static inline bool decoder_more(const MqttDecoder *decoder)
{
	return !decoder->reader.failed && decoder->reader.offset < decoder->total;
}

static inline size_t decoder_offset(const MqttDecoder *decoder, const uint8_t *at)
{
	return (size_t)(at - decoder->reader.bytes.data);
}

static inline void decoder_fault(MqttDecoder *decoder, MqttFaultId id, size_t offset)
{
	mqtt_add_fault(decoder->packet, id, offset);
}

/* The packet says nothing more that could be read; a fault has been recorded. */
static inline void decoder_stop(MqttDecoder *decoder)
{
	decoder->stopped = true;
	decoder->reader.failed = true;
}

/* A Variable Byte Integer.  Zero and a failed reader if it does not end within four octets;
 * *invalid tells that it went on, as opposed to the octets running out. */
typedef struct Varint {
	uint32_t value;
	bool invalid;
	bool padded; /* takes more octets than needed */
} Varint;
Varint read_long_varint(Reader *reader);

static inline Varint read_varint(Reader *reader)
{
	size_t at = reader->offset;
	if (reader->failed || at >= reader->bytes.size || reader->bytes.data[at] >= 0x80)
		return read_long_varint(reader);
	reader->offset++;
	return (Varint){.value = reader->bytes.data[at]};
}

/* The same; what is wrong with it is recorded. */
Varint decoder_varint(MqttDecoder *decoder);

/* Length and octets; what the rules for strings find is recorded.  Empty if it runs out. */
ByteSpan decoder_binary(MqttDecoder *decoder);
ByteSpan decoder_string(MqttDecoder *decoder);
/* A string that has to be a Topic Name; that it is empty is not looked at. */
ByteSpan decoder_topic(MqttDecoder *decoder);
void decoder_check_string(MqttDecoder *decoder, ByteSpan text);
void decoder_check_topic(MqttDecoder *decoder, ByteSpan topic);
uint16_t decoder_packet_id(MqttDecoder *decoder);
void decoder_check_reason(MqttDecoder *decoder, uint8_t code, size_t offset);
/* The flags and the length of the fixed header, once the version is known. */
void decoder_check_fixed_header(MqttDecoder *decoder);
/* That a Payload or Will Payload is what its Payload Format Indicator says. */
void decoder_check_payload(MqttDecoder *decoder, ByteSpan payload,
                           const MqttProperties *properties);

/* Property Length and properties of a packet of type @where; MQTT_RESERVED: Will Properties. */
void decoder_properties(MqttDecoder *decoder, MqttType where, MqttProperties *properties);
void properties_clear(MqttProperties *properties);

void decode_connect(MqttDecoder *decoder);
void decode_connack(MqttDecoder *decoder);
void decode_subscribe(MqttDecoder *decoder);
void decode_unsubscribe(MqttDecoder *decoder);
void decode_suback(MqttDecoder *decoder);
void decode_unsuback(MqttDecoder *decoder);
