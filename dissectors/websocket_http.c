/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "dissectors/websocket_parts.h"

bool websocket_begins(ByteSpan bytes)
{
	static const char get[] = "GET ";
	return bytes.size > 0 && memcmp(bytes.data, get, MIN(bytes.size, sizeof get - 1)) == 0;
}

size_t http_head_size(ByteSpan bytes)
{
	for (size_t at = 0; at + 1 < bytes.size; at++) {
		if (bytes.data[at] != '\n')
			continue;
		if (bytes.data[at + 1] == '\n')
			return at + 2;
		if (bytes.data[at + 1] == '\r' && at + 2 < bytes.size && bytes.data[at + 2] == '\n')
			return at + 3;
	}
	return 0;
}

/* The next line, without its end. */
static ByteSpan next_line(ByteSpan *rest)
{
	const uint8_t *end = memchr(rest->data, '\n', rest->size);
	size_t size = end == NULL ? rest->size : (size_t)(end - rest->data);
	ByteSpan line = {rest->data, size};

	size += end != NULL;
	*rest = (ByteSpan){rest->data + size, rest->size - size};
	if (line.size > 0 && line.data[line.size - 1] == '\r')
		line.size--;
	return line;
}

static bool contains(ByteSpan text, const char *token)
{
	size_t size = strlen(token);
	for (size_t at = 0; at + size <= text.size; at++)
		if (g_ascii_strncasecmp((const char *)text.data + at, token, size) == 0)
			return true;
	return false;
}

static bool begins(ByteSpan text, const char *with)
{
	size_t size = strlen(with);
	return text.size >= size && g_ascii_strncasecmp((const char *)text.data, with, size) == 0;
}

static unsigned status_of(ByteSpan line)
{
	unsigned status = 0;

	if (line.size < 12)
		return 0;
	for (unsigned at = 9; at < 12; at++) {
		if (!g_ascii_isdigit(line.data[at]))
			return 0;
		status = status * 10 + line.data[at] - '0';
	}
	return status;
}

HttpHead http_head_parse(ByteSpan head)
{
	ByteSpan line = next_line(&head);
	HttpHead result = {0};

	if (begins(line, "HTTP/1."))
		result.status = status_of(line);
	result.is_http = result.status != 0 || (begins(line, "GET ") && contains(line, " HTTP/1."));
	while (head.size > 0) {
		line = next_line(&head);
		if (begins(line, "Upgrade:"))
			result.upgrade = result.upgrade || contains(line, "websocket");
	}
	return result;
}
