/* SPDX-License-Identifier: MIT */
/*
 * Writes MQTT control packets for tests. Knows nothing of the dissectors and their tables, so that
 * an error
 * there cannot hide behind the same error here. Strings are NUL-terminated; lengths are below
 * 65536.
 * `level` is the protocol level of the connection: 3, 4 or 5, with 0x80 added for a bridge.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>

/* Encoded properties without their length prefix; NULL means none. Ignored below level 5. */
typedef GByteArray EncodeProperties;

typedef struct {
	guint8 level;
	bool clean;
	guint16 keep_alive;
	const char *client_id;
	const char *username, *password; /* NULL: absent */
	const char *will_topic;          /* NULL: no Will */
	const char *will_payload;
	guint8 will_qos;
	bool will_retain;
	const EncodeProperties *properties, *will_properties;
} EncodeConnect;

typedef struct {
	guint8 level;
	guint8 qos;
	bool retain, dup;
	guint16 id; /* used for QoS 1 and 2 only */
	const char *topic;
	const void *payload;
	gsize length;
	const EncodeProperties *properties;
} EncodePublish;

/* PUBACK 0x40, PUBREC 0x50, PUBREL 0x62, PUBCOMP 0x70. The short forms of 5.0 are used where
 * they may be. */
typedef struct {
	guint8 first;
	guint8 level;
	guint16 id;
	guint8 reason;
	const EncodeProperties *properties;
} EncodeAck;

/*
 * SUBSCRIBE 0x82, UNSUBSCRIBE 0xA2: `body` holds the encoded filters (encode_filter).
 * SUBACK 0x90, UNSUBACK 0xB0: `body` holds the codes, one byte each; UNSUBACK has none below level
 * 5.
 */
typedef struct {
	guint8 first;
	guint8 level;
	guint16 id;
	const GByteArray *body;
	const EncodeProperties *properties;
} EncodeList;

void encode_connect(GByteArray *out, const EncodeConnect *connect);
void encode_connack(GByteArray *out, guint8 level, bool session_present, guint8 reason,
                    const EncodeProperties *properties);
void encode_publish(GByteArray *out, const EncodePublish *publish);
void encode_ack(GByteArray *out, const EncodeAck *ack);
void encode_list(GByteArray *out, const EncodeList *list);
/* PINGREQ 0xC0 and PINGRESP 0xD0. */
void encode_ping(GByteArray *out, guint8 first);
/* DISCONNECT 0xE0 and AUTH 0xF0; below level 5 only the two bytes. */
void encode_reason(GByteArray *out, guint8 first, guint8 level, guint8 reason,
                   const EncodeProperties *properties);

/* Appends one filter; `options` is the options byte of SUBSCRIBE, -1 for UNSUBSCRIBE. */
void encode_filter(GByteArray *body, const char *filter, int options);

void encode_u8(GByteArray *out, guint8 value);
void encode_u16(GByteArray *out, guint16 value);
void encode_u32(GByteArray *out, guint32 value);
void encode_varint(GByteArray *out, guint32 value);
void encode_string(GByteArray *out, const char *text);
