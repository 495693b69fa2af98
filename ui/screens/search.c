/* SPDX-License-Identifier: MIT */
#include "ui/screens/search.h"

#include <string.h>

void search_clear(Search *search)
{
	g_free(search->text);
	g_clear_pointer(&search->pattern, g_regex_unref);
	*search = (Search){0};
}

/* Small letters stand for capitals as well, unless there is a capital.  What would need for ever to be
 * compared with one row does not fit it. */
static GRegex *compile(const char *text, GError **error)
{
	g_autofree char *lower = g_utf8_strdown(text, -1);
	GRegexCompileFlags flags = strcmp(lower, text) == 0 ? G_REGEX_CASELESS : 0;
	g_autofree char *bounded = g_strconcat("(*LIMIT_MATCH=100000)", text, NULL);
	GRegex *pattern = g_regex_new(bounded, flags | G_REGEX_OPTIMIZE, 0, NULL);
	/* Columns of a fault are to be those of what was typed. */
	return pattern != NULL ? pattern : g_regex_new(text, flags, 0, error);
}

bool search_set(Search *search, const char *text, GError **error)
{
	search_clear(search);
	search->text = g_strdup(text);
	if (*text != '\0')
		search->pattern = compile(text, error);
	return *text == '\0' || search->pattern != NULL;
}

static void step(Search *search)
{
	if (search->backwards)
		search->at = (search->at == 0 ? search->n : search->at) - 1;
	else
		search->at = search->at + 1 == search->n ? 0 : search->at + 1;
}

bool search_begin(Search *search, Screen *screen, const View *view, bool backwards, bool from_here)
{
	search->screen = NULL;
	if (search->pattern == NULL || screen->ops->rows == NULL)
		return false;
	SearchRows rows = screen->ops->rows(screen, view);
	search->n = search->left = rows.n;
	search->at = rows.n == 0 ? 0 : MIN(rows.at, rows.n - 1);
	search->backwards = backwards;
	search->screen = screen;
	if (rows.n > 0 && !from_here)
		step(search);
	return true;
}

void search_stop(Search *search)
{
	search->screen = NULL;
}

/* A list may have become shorter meanwhile. */
static bool fits(const Search *search, const View *view)
{
	Screen *screen = search->screen;
	return search->at < screen->ops->rows(screen, view).n &&
	       screen->ops->row_fits(screen, view, search->pattern, search->at);
}

SearchState search_work(Search *search, const View *view, int64_t until)
{
	enum { CHECK_EVERY = 32 };
	Screen *screen = search->screen;
	if (screen == NULL)
		return SEARCH_IDLE;
	while (search->left > 0) {
		if (fits(search, view)) {
			screen->ops->row_select(screen, view, search->at);
			search->screen = NULL;
			return SEARCH_FOUND;
		}
		step(search);
		if (--search->left % CHECK_EVERY == 0 && g_get_monotonic_time() > until && search->left > 0)
			return SEARCH_GOES_ON;
	}
	search->screen = NULL;
	return SEARCH_VAIN;
}

double search_done(const Search *search)
{
	if (search->screen == NULL || search->n == 0)
		return -1;
	return 1 - (double)search->left / (double)search->n;
}
