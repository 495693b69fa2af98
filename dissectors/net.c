/* SPDX-License-Identifier: MIT */
/* net: addresses compared and written. */
#include "dissectors/net.h"

#include <arpa/inet.h>
#include <string.h>
#include <sys/socket.h>

enum { V4_OFFSET = 12 }; /* of the IPv4 address in its IPv4-mapped form */

bool ip_address_is_v4(const IpAddress *address)
{
	static const uint8_t prefix[V4_OFFSET] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
	return memcmp(address->octets, prefix, sizeof prefix) == 0;
}

bool ip_address_equal(const IpAddress *a, const IpAddress *b)
{
	return memcmp(a->octets, b->octets, sizeof a->octets) == 0;
}

bool endpoint_equal(const Endpoint *a, const Endpoint *b)
{
	return a->port == b->port && ip_address_equal(&a->address, &b->address);
}

/* --- text ---------------------------------------------------------------------------------
 *
 * By hand: a report names an address for each connection, and printf takes ten times as long. */

static char *put_decimal(char *to, unsigned value)
{
	char digits[10], *end = digits + sizeof digits, *begin = end;
	do
		*--begin = (char)('0' + value % 10);
	while ((value /= 10) != 0);
	memcpy(to, begin, (size_t)(end - begin));
	return to + (end - begin);
}

static char *put_v4(char *to, const uint8_t *octets)
{
	for (unsigned i = 0; i < 4; i++) {
		to = put_decimal(to, octets[i]);
		*to++ = '.';
	}
	return to - 1;
}

static char *put_hexadecimal(char *to, unsigned group)
{
	int shift = group >= 0x1000 ? 12 : group >= 0x100 ? 8 : group >= 0x10 ? 4 : 0;
	for (; shift >= 0; shift -= 4)
		*to++ = "0123456789abcdef"[group >> shift & 15];
	return to;
}

static unsigned group_at(const uint8_t *octets, unsigned i)
{
	return (unsigned)octets[2 * i] << 8 | octets[2 * i + 1];
}

enum { N_GROUPS = 8 };

/* The first of the longest runs of two and more groups that are 0; *n of them.  RFC 5952 section 4.2. */
static unsigned longest_zeroes(const uint8_t *octets, unsigned *n)
{
	unsigned first = N_GROUPS;
	*n = 1;
	for (unsigned i = 0; i < N_GROUPS; i++) {
		unsigned end = i;
		while (end < N_GROUPS && group_at(octets, end) == 0)
			end++;
		if (end - i > *n) {
			first = i;
			*n = end - i;
		}
		i = end;
	}
	return first;
}

static char *put_v6(char *to, const uint8_t *octets)
{
	unsigned n_zeroes, zeroes = longest_zeroes(octets, &n_zeroes);
	/* What may hold an IPv4 address is written so (section 5), and is rare. */
	if (zeroes == 0 && n_zeroes >= 5)
		return inet_ntop(AF_INET6, octets, to, ENDPOINT_TEXT_SIZE - 8) != NULL ? to + strlen(to) : to;
	for (unsigned i = 0; i < N_GROUPS; i++) {
		if (i == zeroes) {
			*to++ = ':';
			*to++ = ':';
			i += n_zeroes - 1;
			continue;
		}
		if (i > 0 && i != zeroes + n_zeroes)
			*to++ = ':';
		to = put_hexadecimal(to, group_at(octets, i));
	}
	return to;
}

static char *put_address(char *to, const IpAddress *address)
{
	return ip_address_is_v4(address) ? put_v4(to, address->octets + V4_OFFSET)
	                                 : put_v6(to, address->octets);
}

void ip_address_format(const IpAddress *address, char text[static ENDPOINT_TEXT_SIZE])
{
	*put_address(text, address) = '\0';
}

void endpoint_format(const Endpoint *endpoint, char text[static ENDPOINT_TEXT_SIZE])
{
	bool v4 = ip_address_is_v4(&endpoint->address);
	char *to = text;
	if (!v4)
		*to++ = '[';
	to = put_address(to, &endpoint->address);
	if (!v4)
		*to++ = ']';
	*to++ = ':';
	*put_decimal(to, endpoint->port) = '\0';
}
