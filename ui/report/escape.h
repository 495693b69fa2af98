/* SPDX-License-Identifier: MIT */
/*
 * escape: text from the wire, made harmless to look at.
 *
 * Control characters, ill-formed UTF-8 and characters that are invisible or turn
 * the direction of writing are spelt out: \xNN for octets, \u{...} for
 * characters.  A backslash is doubled, so nothing can pretend to be escaped.
 */
#pragma once

#include <glib.h>

#include "dissectors/bytes.h"

/* Characters that change how their neighbours look, or that nobody sees. */
bool escape_is_deceptive(uint32_t code);

void escape_append(GString *out, ByteSpan text);
/* @escaped is what escape_append() made; what Markdown would take for markup is escaped as well. */
void escape_append_markdown(GString *out, const char *escaped);
/* @text as a code span of Markdown, outside tables. */
void escape_append_code(GString *out, ByteSpan text);

/* How many columns @text takes on a terminal: wide characters take two, combining ones none.
 * Control sequences "ESC [ ... m" take none. */
unsigned text_columns(const char *text);
/* The octets of @text's longest beginning that takes at most @columns; never parts a character
 * from its combining marks. */
size_t text_fit(const char *text, unsigned columns);
