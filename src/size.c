/* SPDX-License-Identifier: MIT */
#include "src/size.h"

#include <glib.h>
#include <string.h>

bool size_read(const char *text, uint64_t *octets)
{
	static const char units[] = "kmgt";
	char *end;
	uint64_t size = g_ascii_strtoull(text, &end, 10);
	const char *unit = *end == '\0' ? NULL : strchr(units, g_ascii_tolower(*end));
	unsigned shift = unit == NULL ? 0 : 10 * (unsigned)(unit - units + 1);
	if (!g_ascii_isdigit(*text) || (*end != '\0' && (unit == NULL || end[1] != '\0')) ||
	    size > UINT64_MAX >> shift)
		return false;
	*octets = size << shift;
	return true;
}
