/* SPDX-License-Identifier: MIT */
/*
 * report_private: what the formats share; for ui/report alone.
 */
#pragma once

#include "ui/report/json_writer.h"
#include "ui/report/report.h"
#include "ui/report/selection.h"
#include "ui/report/wire_text.h"

typedef struct ReportContext {
	const Analysis *analysis;
	const Model *model;
	const ReportOptions *options;
	const Selection *selection;
	WireTexts *texts;
} ReportContext;

/* The formats: each writes all of @out and tells by false, with errno, that it could not. */
bool report_write_json(const ReportContext *context, FILE *out);
bool report_write_ndjson(const ReportContext *context, FILE *out);
bool report_write_csv(const ReportContext *context, FILE *out);
bool report_write_markdown(const ReportContext *context, FILE *out);
bool report_write_html(const ReportContext *context, FILE *out);
bool report_write_text(const ReportContext *context, FILE *out);

/* Members of the object that is open; a key with its value where they name one. */
void json_capture_members(JsonWriter *writer, const ReportContext *context);
void json_broker_members(JsonWriter *writer, const ReportContext *context, BrokerIndex index);
/* Its members "learned" and "product" (json_learned.c). */
void json_broker_learned(JsonWriter *writer, const ReportContext *context, const Broker *broker);
void json_client_members(JsonWriter *writer, const ReportContext *context, ClientIndex index);
void json_finding_members(JsonWriter *writer, const ReportContext *context, uint32_t nth);
/* Of these members "severity", "cause", "responsible" and "confidence". */
void json_finding_verdict(JsonWriter *writer, const Finding *finding);
/* @key: the number of a connection among its client's, or null for NO_INDEX. */
void json_connection_number(JsonWriter *writer, const Model *model, const char *key, ConnectionIndex index);
void json_incident_members(JsonWriter *writer, const ReportContext *context, uint32_t index);
/* The key "restarts" of a broker. */
void json_restarts(JsonWriter *writer, const ReportContext *context, BrokerIndex broker);
void json_summary_members(JsonWriter *writer, const ReportContext *context);

/* A frame number, or null if it is not known. */
void json_frame(JsonWriter *writer, FrameRef frame);
/* The index of its source, or null likewise. */
void json_frame_source(JsonWriter *writer, FrameRef frame);
void json_endpoint(JsonWriter *writer, const Endpoint *endpoint);

/* Events that hit several clients (incidents.c). */
const Incident *report_incident(const ReportContext *context, uint32_t index);
/* It hit a client that the report is about. */
bool incident_is_selected(const ReportContext *context, uint32_t index);

/* Packets that kernel and interfaces are known to have dropped, over all sources; false if one
 * of them does not tell. */
bool total_dropped(const Source *source, uint64_t *dropped);
/* The connection that @finding is told of: the one that found it, or the one before. */
const Connection *finding_connection(const Model *model, const Finding *finding);
/* NULL for a risk, which no connection has found yet. */
const char *finding_outcome_name(const Model *model, const Finding *finding);
BrokerIndex finding_broker(const Model *model, const Finding *finding);
