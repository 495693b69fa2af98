/* SPDX-License-Identifier: MIT */
/*
 * Datagrams of one pair of endpoints: QUIC and MQTT-SN.  Each has two octets before it: bit 15 is the
 * sender, bit 14 fills it up with zeros to 1200 octets, the others are its length.
 */
#include <glib.h>
#include <string.h>

#include "dissectors/reader.h"
#include "dissectors/udp_watch.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const Endpoint ends[2] = {{{{10, [15] = 1}}, 50000}, {{{10, [15] = 2}}, 1884}};
	Reader reader = reader_over((ByteSpan){data, size});
	UdpWatch *watch = udp_watch_new();
	while (!reader.failed && reader_remaining(&reader) > 0) {
		uint16_t head = reader_u16(&reader);
		ByteSpan octets = reader_take(&reader, MIN(head & 0x3fffu, reader_remaining(&reader)));
		size_t filled = head & 0x4000 ? MAX(octets.size, 1200) : octets.size;
		uint8_t *datagram = g_malloc0(MAX(filled, 1));
		memcpy(datagram, octets.data, octets.size);
		unsigned side = head >> 15;
		bool begins;
		udp_watch(watch, &ends[side], &ends[1 - side], (ByteSpan){datagram, filled}, &begins);
		g_free(datagram);
	}
	udp_watch_free(watch);
	return 0;
}
