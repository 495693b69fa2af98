/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "ui/screens/app_private.h"

/* What one thread does while the screens go on. */
struct Saving {
	GThread *thread;
	Engine *engine;
	uint8_t *clients;
	uint32_t n_clients;
	char *path;
	gint done; /* atomic */
	bool good;
	uint64_t n_frames;
	GError *error;
};

static gpointer write_it(gpointer user)
{
	Saving *saving = user;
	saving->good = engine_save(saving->engine, saving->clients, saving->n_clients, saving->path,
	                           &saving->n_frames, &saving->error);
	g_atomic_int_set(&saving->done, 1);
	return NULL;
}

static bool choose(App *app, const View *view, uint8_t *clients)
{
	Screen *top = app_top(app);
	if (top->ops->clients != NULL && top->ops->clients(top, view, clients))
		return true;
	ClientIndex client = top->ops->client == NULL ? NO_INDEX : top->ops->client(top, view);
	if (client == NO_INDEX)
		return false;
	clients[client] = 1;
	return true;
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
	uint32_t n_clients = model_n_clients(view->model);
	uint8_t *clients = g_malloc0(n_clients + 1);
	if (!choose(app, view, clients)) {
		app_tell(app, "Not saved: no client is selected or marked");
		g_free(clients);
		return;
	}
	Saving *saving = g_new0(Saving, 1);
	saving->engine = app->engine;
	saving->clients = clients;
	saving->n_clients = n_clients;
	saving->path = g_strdup(path);
	app->saving = saving;
	saving->thread = g_thread_new("save", write_it, saving);
	app_tell(app, "Saving to %s", path);
}

static void end_saving(App *app)
{
	Saving *saving = g_steal_pointer(&app->saving);
	g_thread_join(saving->thread);
	if (saving->good)
		app_tell(app, "Saved %" G_GUINT64_FORMAT " packets to %s", (guint64)saving->n_frames,
		         saving->path);
	else
		app_tell(app, "Not saved: %s",
		         saving->error == NULL ? saving->path : saving->error->message);
	g_clear_error(&saving->error);
	g_free(saving->clients);
	g_free(saving->path);
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
