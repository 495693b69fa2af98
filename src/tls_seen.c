/* SPDX-License-Identifier: MIT */
#include "src/tls_seen.h"

enum { ALERT = 21, APPLICATION_DATA = 23, HEADER = 5 };

/* A record that is an alert by its type (TLS 1.2), or by its size, which nothing else of TLS 1.3 has:
 * two octets, the type, and a tag of 16. */
static bool is_alert(const TlsSeen *seen, ByteSpan span)
{
	enum { PROTECTED_SIZE = 2 + 1 + 16 };
	if (span.size < HEADER || span.data[1] != 3)
		return false;
	size_t size = (size_t)(span.data[3] << 8 | span.data[4]);
	if (span.data[0] == ALERT)
		return true;
	return span.data[0] == APPLICATION_DATA && seen->facts.version == 0x0304 &&
	       size == PROTECTED_SIZE && span.size == HEADER + PROTECTED_SIZE;
}

void tls_seen_bytes(TlsSeen *seen, unsigned side, ByteSpan span, Instant time)
{
	seen->last[side] = time;
	seen->octets[side] += span.size;
	/* Only the last one counts: what follows says that it was none. */
	seen->unread_alert[side] = is_alert(seen, span);
}

void tls_seen_end(TlsSeen *seen, unsigned side, StreamEnd how, Instant time)
{
	if (instant_known(seen->closed) || how == STREAM_END_STALE || how == STREAM_END_CAPTURE)
		return;
	seen->closed = time;
	seen->closed_by = (uint8_t)side;
	seen->reset = how == STREAM_END_RST;
}
