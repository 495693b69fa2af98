/* SPDX-License-Identifier: MIT */
/*
 * text_private: the parts of the text report.
 */
#pragma once

#include "ui/report/paint.h"
#include "ui/report/report_private.h"

/* The nth selected finding as a story, as a line. */
void text_finding(Page *page, const ReportContext *context, uint32_t nth);
void text_finding_line(Page *page, const ReportContext *context, uint32_t nth);

/* What hit several clients. */
void text_incidents(Page *page, const ReportContext *context);

/* What was read, and how well. */
void text_input(Page *page, const ReportContext *context);
void text_clients(Page *page, const ReportContext *context);
/* What the capture shows of @broker, and what it may be. */
char *text_learned(const ReportContext *context, const Broker *broker);
void text_brokers(Page *page, const ReportContext *context);
void text_faults(Page *page, const ReportContext *context);
void text_not_decoded(Page *page, const ReportContext *context);

Ink severity_ink(Severity severity);
