/* SPDX-License-Identifier: MIT */
/*
 * sentences: what the reports for people say in the same words.
 *
 * All returned strings are new, escaped for terminals, UTF-8.
 */
#pragma once

#include "ui/report/report_private.h"

/* A text of the wire, redacted if need be and escaped. */
char *wire_sentence(const ReportContext *context, WireKind kind, uint32_t index);
/* The same for a text that the model need not know. */
char *octets_sentence(const ReportContext *context, WireKind kind, ByteSpan text);
/* "sensor-17", or "a client without name". */
char *client_sentence(const ReportContext *context, ClientIndex client);
/* The same for where there is room for some columns only: of texts that fill no line but a book, the beginning. */
char *octets_sentence_short(const ReportContext *context, WireKind kind, ByteSpan text);
char *client_sentence_short(const ReportContext *context, ClientIndex client);
char *endpoint_sentence(const Endpoint *endpoint);

/* The whole capture in a line: "3 of 12 clients lost their session; 7 messages are gone." */
char *verdict_sentence(const ReportContext *context);
/* The span of the capture, "2026-11-22 12:00:00 to 12:06:11 UTC (6 min 11.0 s)". */
char *span_sentence(const Analysis *analysis);
/* "2 messages", "2 to 5 messages", "at least 2 messages". */
char *range_sentence(CountRange range, bool bounded);
/* What a finding cost: "2 of 2 messages owed, all while it was away"; NULL if nothing is known to
 * have been at stake. */
char *cost_sentence(const ReportContext *context, const Finding *finding);
/* How long the broker keeps the session after @connection: "not kept", "1 h 00 min", "for ever". */
char *kept_sentence(const Connection *connection);

/* "#1 restart at 10.0.0.5:1883, 2026-11-22 10:00:20, for 5.0 s (strong)". */
char *incident_title(const ReportContext *context, uint32_t index);
/* "c1, c2 and 4 more": names @at_most of the clients that the report is about; NULL if there is none. */
char *incident_clients_sentence(const ReportContext *context, const Incident *incident,
                                uint32_t at_most);

/* "1 message", "2 messages": @plural NULL appends an s. */
char *counted(uint64_t count, const char *singular, const char *plural);

/* "12", or "1:12" where there are several inputs; "" for none. */
void frame_text(const ReportContext *context, FrameRef frame, char text[static 48]);

/* Static. */
const char *severity_glyph(Severity severity);
const char *responsible_sentence(Responsible responsible);
const char *confidence_sentence(Confidence confidence);
