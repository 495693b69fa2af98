/* SPDX-License-Identifier: MIT */
/*
 * wire_text: the one way from a text of the wire into a report.
 *
 * Here alone it is decided what --redact hides.  What comes out is not escaped
 * yet: JSON, terminals and tables each have their own dangers.
 */
#pragma once

#include <glib.h>

#include "src/session/model.h"
#include "src/verdict/finding.h"

typedef enum WireKind {
	WIRE_CLIENT_ID, /* never hidden: without it no finding can be acted on */
	WIRE_USERNAME,
	WIRE_TOPIC,
	WIRE_WILL_TOPIC, /* the index is one of model_text(), not of model_topic() */
	WIRE_FILTER,
	WIRE_SHARE, /* the name of a shared subscription; the index is its filter's */
} WireKind;

typedef struct WireTexts WireTexts;

/* @redact_key NULL: a new one, so that tokens of two reports cannot be compared. */
WireTexts *wire_texts_new(const Model *model, bool redact, const char *redact_key);
void wire_texts_free(WireTexts *texts);

/* The text of @index (of model_text(), model_topic() or model_filter()), or a token in its place:
 * "<topic-1a2b3c4d5e>", the same for the same text.  Valid until the next call. */
ByteSpan report_wire_text(WireTexts *texts, WireKind kind, uint32_t index);
/* The same for a text that the model need not know. */
ByteSpan report_wire_octets(WireTexts *texts, WireKind kind, ByteSpan text);

/* The same for a sentence in which verdicts have put escaped texts: what is hidden elsewhere is
 * replaced in it too.  Valid until the next call; NULL for NULL. */
const char *report_story_text(WireTexts *texts, const Finding *finding, const char *sentence);
