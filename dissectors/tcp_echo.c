/* SPDX-License-Identifier: MIT */
/*
 * tcp_echo: a connection that is seen a second time, behind a translation of its addresses.
 *
 * A capture on all devices of a host shows what the host forwards before and after NAT: two pairs of
 * endpoints, one connection.  The translation keeps the sequence number, the IP identification, the
 * window and the options (a timestamp among them), and forwarding lowers the TTL; who sends anew, or
 * opens a connection of its own, does not do all that within milliseconds.
 */
#include "dissectors/tcp_parts.h"

#include <string.h>

#define ECHO_NS (5 * NS_PER_SECOND / 1000)
enum { ECHO_HOPS = 4 };

static TcpFirst describe(const TcpSegment *segment, Instant time)
{
	TcpFirst first = {
		.time = time,
		.source = segment->source.address,
		.destination = segment->destination.address,
		.sequence = segment->sequence,
		.acknowledgement = segment->acknowledgement,
		.payload_size = segment->payload_size,
		.window = segment->window,
		.ip_id = segment->ip_id,
		.ttl = segment->ttl,
		.flags = segment->flags,
		.options_size = segment->options_size,
	};
	/* A header has 40 octets of them at most. */
	if (segment->options_size > 0)
		memcpy(first.options, segment->payload.data - segment->options_size,
		       MIN(segment->options_size, sizeof first.options));
	return first;
}

static bool is_echo(const TcpFirst *first, const TcpFirst *again)
{
	int hops = first->ttl - again->ttl;
	return again->time.ns - first->time.ns >= 0 && again->time.ns - first->time.ns <= ECHO_NS &&
	       hops > 0 && hops <= ECHO_HOPS && first->sequence == again->sequence &&
	       first->acknowledgement == again->acknowledgement && first->flags == again->flags &&
	       first->payload_size == again->payload_size && first->window == again->window &&
	       first->ip_id == again->ip_id && first->options_size == again->options_size &&
	       memcmp(first->options, again->options, sizeof first->options) == 0 &&
	       (!ip_address_equal(&first->source, &again->source) ||
	        !ip_address_equal(&first->destination, &again->destination));
}

bool tcp_echo(TcpTable *table, const TcpSegment *segment, Instant time)
{
	/* Who always begins at 0 is not told apart from others who do. */
	if (segment->sequence == 0)
		return false;
	TcpFirst now = describe(segment, time);
	uint32_t hash = segment->sequence * UINT32_C(0x9e3779b1);
	TcpFirst *place = &table->firsts[hash >> (32 - TCP_FIRST_BITS)];
	if (is_echo(place, &now))
		return true;
	*place = now;
	return false;
}
