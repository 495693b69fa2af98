/* SPDX-License-Identifier: MIT */
#include "ui/screens/app_private.h"

enum { SLICE_US = 5000 };

static void tell_vain(App *app)
{
	if (prompt_active(app->prompt))
		prompt_complain(app->prompt, "not here");
	else
		app_tell(app, "\"%s\" is not here", app->search.text);
}

void app_search_work(App *app, const View *view, int64_t until)
{
	switch (search_work(&app->search, view, until)) {
	case SEARCH_IDLE:
	case SEARCH_GOES_ON:
		break;
	case SEARCH_FOUND:
		app->changed = true;
		break;
	case SEARCH_VAIN:
		app->changed = true;
		tell_vain(app);
		break;
	}
}

void app_find(App *app, const View *view, bool backwards, bool from_here)
{
	if (search_begin(&app->search, app_top(app), view, backwards, from_here))
		app_search_work(app, view, g_get_monotonic_time() + SLICE_US);
}

void app_search(App *app, const View *view, const char *text)
{
	g_autoptr(GError) error = NULL;
	if (search_set(&app->search, text, &error))
		app_find(app, view, false, true);
	else
		prompt_complain(app->prompt, error->message);
}
