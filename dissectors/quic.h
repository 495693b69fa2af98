/* SPDX-License-Identifier: MIT */
/*
 * quic: what the first packets of QUIC say in the clear for who knows how (RFC 9000, RFC 9001, RFC 9369).
 *
 * The keys of Initial packets come from a number in their own header, so that anybody may read the
 * ClientHello; its ALPN tells whether the connection carries MQTT.  Nothing more is decoded.
 */
#pragma once

#include "dissectors/bytes.h"

enum {
	QUIC_HELLO_MOST = 8192, /* octets of a ClientHello */
	QUIC_PACKETS_MOST = 16, /* of one connection that are looked at */
};

typedef enum QuicVerdict {
	QUIC_NOT,     /* no Initial packet of a known version */
	QUIC_PARTIAL, /* it is QUIC; of the ClientHello something is missing, or it cannot be opened */
	QUIC_OTHER,
	QUIC_MQTT,
} QuicVerdict;

/* A connection whose ClientHello is being put together. */
typedef struct Quic Quic;

/* Whether @datagram may begin a connection; cheap. */
bool quic_begins(ByteSpan datagram);
Quic *quic_new(void);
void quic_free(Quic *quic);
/* The next datagram of the client. */
QuicVerdict quic_datagram(Quic *quic, ByteSpan datagram);
