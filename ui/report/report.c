/* SPDX-License-Identifier: MIT */
#include "ui/report/report.h"

#include <errno.h>

#include "ui/report/report_private.h"

typedef bool WriteReport(const ReportContext *context, FILE *out);

static const char *const names[] = {
	[REPORT_TEXT] = "text", [REPORT_JSON] = "json",         [REPORT_NDJSON] = "ndjson",
	[REPORT_CSV] = "csv",   [REPORT_MARKDOWN] = "markdown", [REPORT_HTML] = "html",
	[REPORT_UNKNOWN] = NULL,
};

static WriteReport *const writers[] = {
	[REPORT_TEXT] = report_write_text, [REPORT_JSON] = report_write_json,         [REPORT_NDJSON] = report_write_ndjson,
	[REPORT_CSV] = report_write_csv,   [REPORT_MARKDOWN] = report_write_markdown, [REPORT_HTML] = report_write_html,
};

G_DEFINE_QUARK(mqlapse-report-error-quark, report_error)

ReportFormat report_format_by_name(const char *name)
{
	if (name == NULL)
		return REPORT_TEXT;
	unsigned i = 0;
	while (i < REPORT_UNKNOWN && !g_str_equal(names[i], name))
		i++;
	return (ReportFormat)i;
}

const char *const *report_format_names(void)
{
	return names;
}

bool report_write(const Analysis *analysis, const ReportOptions *options, FILE *out,
                  GError **error)
{
	g_assert((unsigned)options->format < G_N_ELEMENTS(writers));
	WriteReport *write = writers[options->format];
	if (write == NULL) {
		g_set_error(error, MQLAPSE_REPORT_ERROR, REPORT_ERROR_FORMAT,
		            "%s is not in this version", names[options->format]);
		return false;
	}
	Selection selection;
	selection_init(&selection, analysis, options->client_globs);
	WireTexts *texts = wire_texts_new(analysis->model, options->redact, options->redact_key);
	ReportContext context = {analysis, analysis->model, options, &selection, texts};
	bool written = write(&context, out);
	int reason = errno;
	wire_texts_free(texts);
	selection_clear(&selection);
	if (!written)
		g_set_error(error, MQLAPSE_REPORT_ERROR, REPORT_ERROR_WRITE,
		            "cannot write the report: %s", g_strerror(reason));
	return written;
}
