/* SPDX-License-Identifier: MIT */
#include "ui/report/report.h"

#include <errno.h>

#include "ui/report/report_private.h"

typedef bool WriteReport(const ReportContext *context, FILE *out);

typedef struct Format {
	const char *name;
	WriteReport *write; /* NULL: not in this version */
} Format;

static const Format formats[] = {
	[REPORT_TEXT] = {"text", report_write_text},
	[REPORT_JSON] = {"json", report_write_json},
	[REPORT_NDJSON] = {"ndjson", report_write_ndjson},
	[REPORT_CSV] = {"csv", report_write_csv},
	[REPORT_MARKDOWN] = {"markdown", report_write_markdown},
	[REPORT_HTML] = {"html", report_write_html},
};

G_DEFINE_QUARK(mqlapse-report-error-quark, report_error)

ReportFormat report_format_by_name(const char *name)
{
	if (name == NULL)
		return REPORT_TEXT;
	for (unsigned i = 0; i < G_N_ELEMENTS(formats); i++) {
		if (g_str_equal(formats[i].name, name))
			return (ReportFormat)i;
	}
	return REPORT_UNKNOWN;
}

bool report_write(const Analysis *analysis, const ReportOptions *options, FILE *out,
                  GError **error)
{
	g_assert((unsigned)options->format < G_N_ELEMENTS(formats));
	const Format *format = &formats[options->format];
	if (format->write == NULL) {
		g_set_error(error, MQLAPSE_REPORT_ERROR, REPORT_ERROR_FORMAT,
		            "%s is not in this version", format->name);
		return false;
	}
	Selection selection;
	selection_init(&selection, analysis, options->client_globs);
	WireTexts *texts = wire_texts_new(analysis->model, options->redact, options->redact_key);
	ReportContext context = {analysis, analysis->model, options, &selection, texts};
	bool written = format->write(&context, out);
	int reason = errno;
	wire_texts_free(texts);
	selection_clear(&selection);
	if (!written)
		g_set_error(error, MQLAPSE_REPORT_ERROR, REPORT_ERROR_WRITE,
		            "cannot write the report: %s", g_strerror(reason));
	return written;
}
