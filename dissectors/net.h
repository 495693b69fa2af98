/* SPDX-License-Identifier: MIT */
/*
 * net: addresses, and one TCP segment as decapsulation yields it.
 */
#pragma once

#include "dissectors/bytes.h"

/* An IPv6 address, or an IPv4 one in its IPv4-mapped form (RFC 4291 section 2.5.5.2). */
typedef struct IpAddress {
	uint8_t octets[16];
} IpAddress;

typedef struct Endpoint {
	IpAddress address;
	uint16_t port;
} Endpoint;

enum { ENDPOINT_TEXT_SIZE = 56 };

bool ip_address_is_v4(const IpAddress *address);
bool ip_address_equal(const IpAddress *a, const IpAddress *b);
bool endpoint_equal(const Endpoint *a, const Endpoint *b);
/* "10.0.0.5:1883" or "[fd00::10]:1883", NUL-terminated, into @text. */
void endpoint_format(const Endpoint *endpoint, char text[static ENDPOINT_TEXT_SIZE]);
/* The same without the port. */
void ip_address_format(const IpAddress *address, char text[static ENDPOINT_TEXT_SIZE]);

enum TcpFlag {
	TCP_FIN = 0x01,
	TCP_SYN = 0x02,
	TCP_RST = 0x04,
	TCP_PSH = 0x08,
	TCP_ACK = 0x10,
};

typedef struct TcpSegment {
	Endpoint source;
	Endpoint destination;
	uint32_t sequence;
	uint32_t acknowledgement;
	uint16_t window;
	uint8_t flags;         /* enum TcpFlag */
	uint8_t ttl;           /* IPv4 TTL or IPv6 Hop Limit */
	uint8_t options_size;  /* octets of TCP options, captured right before the payload */
	uint16_t ip_id;        /* IPv4 Identification; 0 for IPv6 */
	ByteSpan payload;      /* what was captured */
	uint32_t payload_size; /* what was on the wire; more than payload.size where snaplen cut it */
} TcpSegment;
