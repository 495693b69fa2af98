/* SPDX-License-Identifier: MIT */
/*
 * html_private: the parts of the HTML report.
 */
#pragma once

#include "src/verdict/lifeline.h"
#include "ui/report/report_private.h"

/* @text as content or in an attribute: no character of it is markup. */
void html_append(GString *out, const char *text);
/* The page's beginning: its head with all of its style, and the opening of the body. */
void html_append_head(GString *out, const char *title);

/* Inline SVG: when the client was connected, away with or without its session, and what showed. */
void html_append_timeline(GString *out, const Lifeline *lifeline, Instant from, Instant to);
/* What the colours of a timeline mean. */
void html_append_legend(GString *out);

/* A finding with all of its evidence; the nth selected. */
void html_append_finding(GString *out, const ReportContext *context, uint32_t nth);
