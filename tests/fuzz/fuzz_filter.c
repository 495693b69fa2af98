/* SPDX-License-Identifier: MIT */
/*
 * Filters of the list of clients: parsed, completed at each place, and asked of a few clients.
 */
#include <string.h>

#include "tests/fuzz/fuzz.h"
#include "tests/ui/fake_analysis.h"
#include "ui/screens/filter.h"

static void ask(const RowFilter *filter)
{
	Fake *fake = fake_hostile();
	const Analysis *analysis = fake_analysis(fake);
	g_autoptr(GArray) findings = g_array_new(FALSE, FALSE, sizeof(Finding));
	g_array_append_vals(findings, analysis->findings->data, analysis->findings->len);
	Verdict verdict = {.findings = findings};
	g_autoptr(Roster) roster = roster_new(analysis->model, &verdict, analysis->last);
	FilterScope scope = {analysis->model, findings, roster, analysis->last, analysis->incidents};
	for (ClientIndex i = 0; i < roster->n_rows; i++)
		row_filter_fits(filter, &scope, i);
	for (uint32_t i = 0; i < findings->len; i++)
		row_filter_fits_finding(filter, &scope, i);
	fake_free(fake);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size > 2 * FILTER_LENGTH)
		return 0;
	g_autofree char *text = g_strndup((const char *)data, size);
	g_autoptr(GError) error = NULL;
	g_autoptr(RowFilter) filter = row_filter_new(text, &error);
	g_assert((filter == NULL) == (error != NULL));
	if (filter != NULL)
		ask(filter);
	for (size_t cursor = 0; cursor <= MIN(strlen(text), 64); cursor++)
		g_strfreev(filter_complete(text, cursor));
	return 0;
}
