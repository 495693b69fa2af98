/* SPDX-License-Identifier: MIT */
#include "ui/report/escape.h"

#include <string.h>

#include "ui/report/utf8.h"

/* Letters by their category that are blank all the same, as fillers and inherent vowels. */
static bool is_blank_letter(uint32_t code)
{
	switch (code) {
	case 0x034F: case 0x115F: case 0x1160: case 0x17B4: case 0x17B5: case 0x2800: case 0x3164: case 0xFFA0:
		return true;
	default:
		return false;
	}
}

bool escape_is_deceptive(uint32_t code)
{
	if (code < 0xA0) /* the controls of C0 and C1, and DEL */
		return code < 0x20 || code >= 0x7F;
	if (code < 0x0600 && code != 0x00AD && code != 0x034F) /* nearly all that there is */
		return false;
	if (code == 0x2028 || code == 0x2029 || is_blank_letter(code)) /* line breaks */
		return true;
	if (code >= 0x2060 && code <= 0x206F) /* word joiner, isolates */
		return true;
	if (code >= 0xE0000 && code <= 0xE0FFF) /* tags, and more variation selectors */
		return true;
	if ((code & 0xFFFE) == 0xFFFE || (code >= 0xFDD0 && code <= 0xFDEF)) /* noncharacters */
		return true;
	return g_unichar_type(code) == G_UNICODE_FORMAT; /* zero width, directions, annotations, signs */
}

/* One character of @text; returns how many octets it was. */
static size_t append_one(GString *out, ByteSpan text)
{
	uint32_t code;
	unsigned size = utf8_decode(text, &code);
	if (size == 0 || code < 0x20 || code == 0x7F) {
		g_string_append_printf(out, "\\x%02X", text.data[0]);
		return 1;
	}
	if (code == '\\')
		g_string_append(out, "\\\\");
	else if (escape_is_deceptive(code))
		g_string_append_printf(out, "\\u{%04X}", code);
	else
		g_string_append_len(out, (const char *)text.data, size);
	return size;
}

/* Nearly all of what is written: one octet, one column, and it stands for itself. */
static bool is_plain(uint8_t octet)
{
	return octet >= ' ' && octet <= '~';
}

void escape_append(GString *out, ByteSpan text)
{
	while (text.size > 0) {
		size_t n = 0;
		while (n < text.size && is_plain(text.data[n]) && text.data[n] != '\\')
			n++;
		if (n > 0)
			g_string_append_len(out, (const char *)text.data, (gssize)n);
		else
			n = append_one(out, text);
		text = bytes_after(text, n);
	}
}

void escape_append_markdown(GString *out, const char *escaped)
{
	for (const char *at = escaped; *at != '\0'; at++) {
		bool first = at == escaped;
		if (*at == '<' || *at == '&') {
			/* as entities: some renderers let \< through as HTML */
			g_string_append_printf(out, "&#%d;", *at);
			continue;
		}
		if (strchr("\\`*_[]|~$@", *at) != NULL || (first && strchr("#+-=>", *at) != NULL) ||
		    g_str_has_prefix(at, "://"))
			g_string_append_c(out, '\\');
		g_string_append_c(out, *at);
	}
}

void escape_append_code(GString *out, ByteSpan text)
{
	g_autoptr(GString) visible = g_string_sized_new(text.size);
	escape_append(visible, text);
	size_t longest = 0;
	for (const char *at = visible->str; *at != '\0';) {
		size_t ticks = strspn(at, "`");
		longest = MAX(longest, ticks);
		at += ticks > 0 ? ticks : 1;
	}
	g_autofree char *fence = g_strnfill(longest + 1, '`');
	/* A blank keeps a backtick of the text from the fence; one pair of blanks is not shown. */
	const char *pad = longest > 0 || visible->str[0] == ' ' || visible->len == 0 ? " " : "";
	g_string_append_printf(out, "%s%s%s%s%s", fence, pad, visible->str, pad, fence);
}

/* Octets of the piece of terminal text at @at, and the columns it takes. */
static size_t measure(const char *at, unsigned *columns)
{
	*columns = 0;
	if (at[0] == '\033' && at[1] == '[') {
		size_t size = 2 + strspn(at + 2, "0123456789;");
		return at[size] == 'm' ? size + 1 : 1;
	}
	uint32_t code;
	unsigned size = utf8_decode((ByteSpan){(const uint8_t *)at, strnlen(at, 4)}, &code);
	if (size == 0) {
		*columns = 1;
		return 1;
	}
	if (g_unichar_iszerowidth(code))
		return size;
	*columns = g_unichar_iswide(code) ? 2 : 1;
	return size;
}

unsigned text_columns(const char *text)
{
	unsigned total = 0;
	for (;;) {
		for (; is_plain((uint8_t)*text); text++)
			total++;
		if (*text == '\0')
			return total;
		unsigned columns;
		text += measure(text, &columns);
		total += columns;
	}
}

size_t text_fit(const char *text, unsigned columns)
{
	const char *at = text;
	for (;;) {
		for (; columns > 0 && is_plain((uint8_t)*at); at++)
			columns--;
		if (*at == '\0')
			break;
		unsigned more = 1;
		size_t size = is_plain((uint8_t)*at) ? 1 : measure(at, &more);
		if (more > columns)
			break;
		columns -= more;
		at += size;
	}
	return (size_t)(at - text);
}
