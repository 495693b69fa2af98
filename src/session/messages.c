/* SPDX-License-Identifier: MIT */
#include "src/session/messages.h"

#include "src/session/large.h"

enum { FIRST_CAPACITY = 1 << 10 };

struct MessageLog {
	Message *ring;
	uint64_t capacity; /* a power of two */
	uint64_t first, next;
	uint64_t n_evicted;
	uint64_t most; /* capacity */
};

MessageLog *message_log_new(void)
{
	MessageLog *log = g_new0(MessageLog, 1);
	log->capacity = FIRST_CAPACITY;
	log->most = MESSAGES_MAX;
	log->ring = large_new0(log->capacity * sizeof(Message));
	log->first = log->next = 1;
	return log;
}

void message_log_free(MessageLog *log)
{
	if (log == NULL)
		return;
	large_free(log->ring, log->capacity * sizeof(Message));
	g_free(log);
}

void message_log_limit(MessageLog *log, size_t octets)
{
	while (log->most > log->capacity && log->most * sizeof(Message) > octets)
		log->most /= 2;
}

size_t message_log_size(const MessageLog *log)
{
	return log->capacity * sizeof(Message);
}

uint64_t message_log_most(const MessageLog *log)
{
	return log->most;
}

static Message *slot(const MessageLog *log, uint64_t sequence)
{
	return &log->ring[sequence & (log->capacity - 1)];
}

bool message_log_is_full(const MessageLog *log)
{
	return log->next - log->first == log->capacity;
}

static void grow(MessageLog *log)
{
	MessageLog larger = *log;
	larger.capacity *= 2;
	larger.ring = large_new0(larger.capacity * sizeof(Message));
	for (uint64_t i = log->first; i < log->next; i++)
		*slot(&larger, i) = *slot(log, i);
	large_free(log->ring, log->capacity * sizeof(Message));
	*log = larger;
}

uint64_t message_log_add(MessageLog *log, const Message *message)
{
	if (message_log_is_full(log)) {
		if (log->capacity < log->most) {
			grow(log);
		} else {
			log->first++;
			log->n_evicted++;
		}
	}
	*slot(log, log->next) = *message;
	slot(log, log->next)->sequence = log->next;
	return log->next++;
}

uint64_t message_log_next(const MessageLog *log)
{
	return log->next;
}

uint64_t message_log_first(const MessageLog *log)
{
	return log->first;
}

Message *message_log_at(const MessageLog *log, uint64_t sequence)
{
	if (sequence < log->first || sequence >= log->next)
		return NULL;
	return slot(log, sequence);
}

void message_log_trim(MessageLog *log, uint64_t sequence)
{
	log->first = CLAMP(sequence, log->first, log->next);
}

uint64_t message_log_n_evicted(const MessageLog *log)
{
	return log->n_evicted;
}
