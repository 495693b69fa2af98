/* SPDX-License-Identifier: MIT */
#include "src/session/matching.h"

#include <string.h>

static bool begins_with_wildcard(ByteSpan filter)
{
	return filter.size > 0 && (filter.data[0] == '+' || filter.data[0] == '#');
}

static bool same_level(ByteSpan a, ByteSpan b)
{
	return a.size == b.size && (a.size == 0 || memcmp(a.data, b.data, a.size) == 0);
}

bool filter_matches_topic(ByteSpan filter, ByteSpan topic)
{
	if (topic.size > 0 && topic.data[0] == '$' && begins_with_wildcard(filter))
		return false; /* [MQTT-4.7.2-1] in both versions */

	size_t filter_at = 0, topic_at = 0;
	ByteSpan filter_level, topic_level;
	while (level_next(filter, &filter_at, &filter_level)) {
		if (level_is(filter_level, '#'))
			return filter_at == SIZE_MAX; /* the parent level too; elsewhere than at the end it
			                               * is no Topic Filter ([MQTT-4.7.1-1]) */
		if (!level_next(topic, &topic_at, &topic_level))
			return false;
		if (!level_is(filter_level, '+') && !same_level(filter_level, topic_level))
			return false;
	}
	return topic_at == SIZE_MAX;
}

bool filters_may_overlap(ByteSpan a, ByteSpan b)
{
	size_t a_at = 0, b_at = 0;
	ByteSpan a_level, b_level;
	for (;;) {
		bool a_more = level_next(a, &a_at, &a_level), b_more = level_next(b, &b_at, &b_level);
		if ((a_more && level_is(a_level, '#')) || (b_more && level_is(b_level, '#')))
			return true;
		if (!a_more || !b_more)
			return a_more == b_more;
		if (!level_is(a_level, '+') && !level_is(b_level, '+') &&
		    !same_level(a_level, b_level))
			return false;
	}
}

bool filter_is_shared(ByteSpan filter, ByteSpan *plain)
{
	static const char prefix[] = "$share/";
	size_t skip = sizeof prefix - 1;
	*plain = filter;
	if (filter.size <= skip || memcmp(filter.data, prefix, skip) != 0)
		return false;
	const uint8_t *slash = memchr(filter.data + skip, '/', filter.size - skip);
	if (slash == NULL)
		return false;
	size_t begin = (size_t)(slash - filter.data) + 1;
	*plain = (ByteSpan){filter.data + begin, filter.size - begin};
	return true;
}
