/* SPDX-License-Identifier: MIT */
/*
 * messages: application messages published while somebody who subscribes to
 * them is away.
 *
 * One shared log in order of arrival; what a client is owed is a range of it.
 * Messages of one topic are chained backwards.  Sequence numbers start at 1.
 */
#pragma once

#include "dissectors/mqtt_packet.h"
#include "dissectors/stream.h"

enum { MESSAGES_MAX = 1 << 20 };

typedef enum MessageState {
	MESSAGE_UNACKNOWLEDGED, /* no PUBACK or PUBREC seen */
	MESSAGE_ACCEPTED,
	MESSAGE_NO_MATCHING, /* accepted, reason 0x10: nobody subscribed */
	MESSAGE_REJECTED,    /* reason >= 0x80 */
} MessageState;

typedef struct Message {
	uint64_t sequence; /* set by message_log_add() */
	Instant time;
	FrameRef frame;
	FrameRef ack_frame; /* of the PUBACK or PUBREC */
	Instant ack_time;
	MqttHash hash;
	uint64_t previous; /* of the same topic; 0: none */
	uint32_t topic;
	uint32_t broker;
	uint32_t publisher; /* ClientIndex, or NO_INDEX */
	uint32_t payload_size;
	uint32_t properties_size; /* of those that are forwarded, of MQTT 5.0 */
	uint32_t expiry; /* Message Expiry Interval in seconds; UINT32_MAX: none */
	uint8_t qos;
	uint8_t state; /* MessageState */
	bool has_hash : 1;
	bool told : 1;   /* MQTT 5.0: the acknowledgement tells whether anybody matched */
	bool sole : 1;   /* of the sessions that are known, one matches, by one filter */
	bool online : 1; /* a client that is connected is subscribed to it */
} Message;

/* In seconds; UINT32_MAX: none. */
static inline uint32_t message_expiry(const MqttPacket *packet)
{
	return mqtt_has_property(&packet->properties, MQTT_PROP_MESSAGE_EXPIRY_INTERVAL)
	               ? packet->properties.number[MQTT_PROP_MESSAGE_EXPIRY_INTERVAL]
	               : UINT32_MAX;
}

/* Its publisher was told that somebody is subscribed, and only one session can be meant. */
static inline bool message_proves_session(const Message *message)
{
	return message->state == MESSAGE_ACCEPTED && message->told && message->sole;
}

typedef struct MessageLog MessageLog;

MessageLog *message_log_new(void);
void message_log_free(MessageLog *log);

/* No more than @octets of them are kept, of those that are added from now on; some are, always. */
void message_log_limit(MessageLog *log, size_t octets);
size_t message_log_size(const MessageLog *log); /* octets */
uint64_t message_log_most(const MessageLog *log); /* messages that it keeps at most */

/* Appends a copy with its sequence number, and returns that.  When the log is full the oldest go. */
uint64_t message_log_add(MessageLog *log, const Message *message);
/* The sequence number that the next message will get. */
uint64_t message_log_next(const MessageLog *log);
/* The oldest that is still there. */
uint64_t message_log_first(const MessageLog *log);
/* NULL if it is gone or was never there. */
Message *message_log_at(const MessageLog *log, uint64_t sequence);
/* Messages before @sequence are needed no more. */
void message_log_trim(MessageLog *log, uint64_t sequence);
/* The next message_log_add() will have to grow the log or to drop the oldest. */
bool message_log_is_full(const MessageLog *log);
/* How many had to go although somebody may still need them. */
uint64_t message_log_n_evicted(const MessageLog *log);
