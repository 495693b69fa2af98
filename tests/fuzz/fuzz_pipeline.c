/* SPDX-License-Identifier: MIT */
/*
 * A capture file from its first octet to every report.  No report may hold what moves a cursor or
 * turns the direction of writing.
 */
#include <stdio.h>
#include <stdlib.h>

#include "src/analysis.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/octet_file.h"
#include "ui/report/report.h"

static bool is_harmless(gunichar c)
{
	if (c < 0x20)
		return c == '\n' || c == '\r' || c == '\t';
	return !(c >= 0x7F && c <= 0x9F) && !(c >= 0x202A && c <= 0x202E) &&
	       !(c >= 0x2066 && c <= 0x2069) && c != 0x200E && c != 0x200F && c != 0x061C;
}

static void check_text(const char *text, size_t size)
{
	g_assert_true(g_utf8_validate(text, (gssize)size, NULL));
	glong n;
	g_autofree gunichar *points = g_utf8_to_ucs4_fast(text, (glong)size, &n);
	for (glong i = 0; i < n; i++) {
		if (is_harmless(points[i]))
			continue;
		fprintf(stderr, "U+%04X is not harmless\n", points[i]);
		abort();
	}
}

static void report_in(const Analysis *analysis, ReportFormat format, bool redact)
{
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);
	ReportOptions options = {.format = format, .redact = redact, .redact_key = "k"};
	g_assert_true(report_write(analysis, &options, out, NULL));
	fclose(out);
	check_text(text, size);
	free(text);
}

static void report_all(const Source *source, const Pipeline *pipeline, const Model *model)
{
	Analysis analysis = {.diagnosis = analysis_options(&(Declared){0}, source, pipeline, model)};
	analysis_read(&analysis, source, pipeline, model);
	g_autoptr(Verdict) verdict = diagnose(model, &analysis.diagnosis);
	analysis_judged(&analysis, verdict);
	for (ReportFormat format = REPORT_TEXT; format <= REPORT_MARKDOWN; format++)
		report_in(&analysis, format, format % 2 == 1);
	report_in(&analysis, REPORT_JSON, false);
	report_in(&analysis, REPORT_TEXT, true);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	Source *source = octet_file_open(data, size);
	if (source == NULL)
		return 0;
	Model *model = model_new();
	Pipeline *pipeline = pipeline_new(model, NULL, 0);
	Frame frame;
	SourceStatus status;
	while ((status = source_next(source, &frame, NULL)) == SOURCE_FRAME || status == SOURCE_AGAIN)
		if (status == SOURCE_FRAME)
			pipeline_frames(pipeline, &frame, 1);
	pipeline_finish(pipeline, NULL);
	report_all(source, pipeline, model);
	pipeline_free(pipeline);
	model_free(model);
	source_free(source);
	return 0;
}
