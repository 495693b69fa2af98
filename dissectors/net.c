/* SPDX-License-Identifier: MIT */
/* net: addresses compared and written. */
#include "dissectors/net.h"

#include <arpa/inet.h>
#include <stdio.h>
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

void ip_address_format(const IpAddress *address, char text[static ENDPOINT_TEXT_SIZE])
{
	bool v4 = ip_address_is_v4(address);
	const uint8_t *octets = address->octets + (v4 ? V4_OFFSET : 0);
	if (inet_ntop(v4 ? AF_INET : AF_INET6, octets, text, ENDPOINT_TEXT_SIZE) == NULL)
		text[0] = '\0';
}

void endpoint_format(const Endpoint *endpoint, char text[static ENDPOINT_TEXT_SIZE])
{
	char address[ENDPOINT_TEXT_SIZE];
	ip_address_format(&endpoint->address, address);
	bool v4 = ip_address_is_v4(&endpoint->address);
	snprintf(text, ENDPOINT_TEXT_SIZE, "%s%.45s%s:%u", v4 ? "" : "[", address, v4 ? "" : "]",
	         (unsigned)endpoint->port);
}
