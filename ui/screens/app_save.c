/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "ui/report/report_notes.h"
#include "ui/report/sentences.h"
#include "ui/screens/app_private.h"

/* What one thread does while the screens go on. */
struct Saving {
	GThread *thread;
	Engine *engine;
	uint8_t *clients;
	uint32_t n_clients;
	char *path;
	FrameNotes *notes;
	char *filter; /* by which Wireshark shows it */
	gint done; /* atomic */
	bool good;
	uint64_t n_frames;
	GError *error;
};

static gpointer write_it(gpointer user)
{
	Saving *saving = user;
	saving->good = engine_save(saving->engine, saving->clients, saving->n_clients, saving->path,
	                           g_steal_pointer(&saving->notes), &saving->n_frames,
	                           &saving->error);
	g_atomic_int_set(&saving->done, 1);
	return NULL;
}

/* 1 for each client that is marked, or selected; NULL: none is. */
static uint8_t *choose(App *app, const View *view)
{
	Screen *top = app_top(app);
	uint8_t *clients = g_malloc0(model_n_clients(view->model) + 1u);
	if (top->ops->clients != NULL && top->ops->clients(top, view, clients))
		return clients;
	ClientIndex client = top->ops->client == NULL ? NO_INDEX : top->ops->client(top, view);
	if (client == NO_INDEX) {
		g_free(clients);
		return NULL;
	}
	clients[client] = 1;
	return clients;
}

char *app_save_what(App *app, const View *view)
{
	g_autofree uint8_t *clients = choose(app, view);
	if (clients == NULL)
		return NULL;
	uint32_t n = 0;
	ClientIndex one = NO_INDEX;
	for (ClientIndex i = 0; i < model_n_clients(view->model); i++)
		if (clients[i] != 0) {
			one = i;
			n++;
		}
	g_autofree char *name = n == 1 ? client_sentence_short(view->report, one) : counted(n, "client", NULL);
	return g_strdup_printf("The frames of %s%s; .pcapng keeps comments and secrets as well, .pcap does not",
	                       name, n == 1 ? "" : " that are marked");
}

static char *display_filter(const View *view, const uint8_t *clients, uint32_t *n_left)
{
	g_autoptr(Chosen) chosen = chosen_new(view->model, clients);
	return chosen_wireshark(chosen, n_left);
}

void app_wireshark(App *app, const View *view, const char *rest)
{
	(void)rest;
	uint32_t n_left = 0;
	g_autofree uint8_t *clients = choose(app, view);
	g_autofree char *filter = clients == NULL ? NULL : display_filter(view, clients, &n_left);
	if (filter == NULL || *filter == '\0') {
		app_tell(app, "No filter: no client is selected or marked");
		return;
	}
	g_free(app->clipboard);
	app->clipboard = g_strdup(filter);
	g_autoptr(GString) page = g_string_new(filter);
	g_string_replace(page, " && (", "\n  && (", 0); /* to be read; what is copied is one line */
	g_string_replace(page, " || ", "\n|| ", 0);
	g_string_prepend(page, "Display filter for Wireshark, copied:\n\n");
	if (n_left > 0)
		g_string_append_printf(page, "\n\nIt leaves out %u more connections.", n_left);
	app_show_text(app, g_strdup("Wireshark"), g_strdup(page->str));
}

void app_save(App *app, const View *view, const char *path)
{
	if (app->saving != NULL || *path == '\0') {
		app_tell(app, *path == '\0' ? "Not saved: no name" : "Still saving");
		return;
	}
	if (g_file_test(path, G_FILE_TEST_EXISTS)) {
		app_tell(app, "Not saved: there is a file %s already", path);
		return;
	}
	uint8_t *clients = choose(app, view);
	if (clients == NULL) {
		app_tell(app, "Not saved: no client is selected or marked");
		return;
	}
	Saving *saving = g_new0(Saving, 1);
	saving->engine = app->engine;
	saving->clients = clients;
	saving->n_clients = model_n_clients(view->model);
	saving->path = g_strdup(path);
	saving->notes = report_notes(view->report, clients);
	uint32_t n_left;
	saving->filter = display_filter(view, clients, &n_left);
	app->saving = saving;
	saving->thread = g_thread_new("save", write_it, saving);
	app_tell(app, "Saving to %s", path);
}

static void end_saving(App *app)
{
	Saving *saving = g_steal_pointer(&app->saving);
	g_thread_join(saving->thread);
	if (saving->good)
		app_tell(app, "Saved %" G_GUINT64_FORMAT " packets to %s; :wireshark copies the filter %s",
		         (guint64)saving->n_frames, saving->path, saving->filter);
	else
		app_tell(app, "Not saved: %s",
		         saving->error == NULL ? saving->path : saving->error->message);
	g_clear_error(&saving->error);
	g_free(saving->clients);
	g_free(saving->path);
	g_free(saving->filter);
	g_free(saving);
}

bool app_saved(App *app)
{
	if (app->saving == NULL || g_atomic_int_get(&app->saving->done) == 0)
		return false;
	end_saving(app);
	return true;
}

void app_stop_saving(App *app)
{
	if (app->saving != NULL)
		end_saving(app);
}
