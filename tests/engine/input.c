/* SPDX-License-Identifier: MIT */
#include "tests/engine/input.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <pthread.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/support/scenario.h"

struct InputPipe {
	char *directory, *path, *octets;
	size_t n, size;
	GThread *thread;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	bool goes_on;
};

/* Each absence costs one message, and the settings are to blame. */
char *input_story(unsigned n_absences)
{
	GString *story = g_string_new("broker mosq 10.0.0.5:1883\n"
	                              "host device 10.0.0.9\n"
	                              "host gw 10.0.0.7\n"
	                              "auto-ack\n"
	                              "0 gw > mosq CONNECT v5 client=gw clean_start=1 keep_alive=0 "
	                              "=> CONNACK\n");
	for (unsigned i = 0; i < n_absences; i++) {
		unsigned at = 10 + 100 * i;
		g_string_append_printf(story,
			"%u device > mosq CONNECT v5 client=pump clean_start=0 => CONNACK\n"
			"%u device SUBSCRIBE plant/+/temp qos=1\n"
			"%u device FIN\n"
			"%u gw PUBLISH plant/%u/temp \"%u\" qos=1\n",
			at, at + 1, at + 20, at + 50, i % 9, i);
	}
	return g_string_free(story, FALSE);
}

char *input_file(const char *story)
{
	return input_file_cut(story, 0);
}

static char *new_file(void)
{
	char *path;
	int fd = g_file_open_tmp("mqlapse-test-XXXXXX", &path, NULL);
	close(fd);
	return path;
}

static char *written(const Scenario *scenario, unsigned cut_every)
{
	g_autoptr(GError) error = NULL;
	char *path = new_file();
	if (!builder_write(scenario->builder, &(BuilderOptions){.cut_every = cut_every}, path, &error))
		g_error("%s", error->message);
	return path;
}

static Scenario *parsed(const char *story, WrapKind wrap)
{
	g_autoptr(GError) error = NULL;
	Scenario *scenario = scenario_parse_over(story, "story", wrap, &error);
	if (scenario == NULL)
		g_error("%s", error->message);
	return scenario;
}

char *input_file_cut(const char *story, unsigned cut_every)
{
	Scenario *scenario = parsed(story, WRAP_NONE);
	char *path = written(scenario, cut_every);
	scenario_free(scenario);
	return path;
}

char *input_file_over(const char *story, WrapKind wrap, char **keylog)
{
	Scenario *scenario = parsed(story, wrap);
	char *path = written(scenario, 0);
	const GString *secrets = builder_keylog(scenario->builder);
	*keylog = secrets->len > 0 ? new_file() : NULL;
	if (*keylog != NULL && !g_file_set_contents(*keylog, secrets->str, -1, NULL))
		g_error("%s cannot be written", *keylog);
	scenario_free(scenario);
	return path;
}

void input_file_in_two(const char *file, char *halves[2])
{
	enum { FILE_HEADER = 24, RECORD_HEADER = 16, CAPTURED_AT = 8 };
	g_autofree char *octets = NULL;
	gsize size;
	if (!g_file_get_contents(file, &octets, &size, NULL))
		g_error("%s cannot be read", file);
	GString *parts[2] = {g_string_new_len(octets, FILE_HEADER), g_string_new_len(octets, FILE_HEADER)};
	unsigned n = 0;
	for (gsize at = FILE_HEADER; at < size;) {
		guint32 captured;
		memcpy(&captured, octets + at + CAPTURED_AT, sizeof captured);
		g_string_append_len(parts[n++ % 2], octets + at, RECORD_HEADER + (gssize)captured);
		at += RECORD_HEADER + captured;
	}
	for (unsigned i = 0; i < 2; i++) {
		halves[i] = new_file();
		if (!g_file_set_contents(halves[i], parts[i]->str, (gssize)parts[i]->len, NULL))
			g_error("%s cannot be written", halves[i]);
		g_string_free(parts[i], TRUE);
	}
}

void input_remove(char *path)
{
	g_unlink(path);
	g_free(path);
}

/* --- a FIFO ------------------------------------------------------------------------------------ */

static void write_out(int fd, const char *octets, size_t size)
{
	while (size > 0) {
		ssize_t n = write(fd, octets, size);
		if (n <= 0)
			return;
		octets += n;
		size -= (size_t)n;
	}
}

static void *fill(void *user)
{
	InputPipe *pipe = user;
	int fd = open(pipe->path, O_WRONLY | O_CLOEXEC);
	write_out(fd, pipe->octets, pipe->n);
	pthread_mutex_lock(&pipe->lock);
	while (!pipe->goes_on)
		pthread_cond_wait(&pipe->changed, &pipe->lock);
	pthread_mutex_unlock(&pipe->lock);
	write_out(fd, pipe->octets + pipe->n, pipe->size - pipe->n);
	close(fd);
	return NULL;
}

InputPipe *input_pipe_new(const char *file, size_t n)
{
	InputPipe *pipe = g_new0(InputPipe, 1);
	pthread_mutex_init(&pipe->lock, NULL);
	pthread_cond_init(&pipe->changed, NULL);
	pipe->directory = g_dir_make_tmp("mqlapse-test-XXXXXX", NULL);
	pipe->path = g_build_filename(pipe->directory, "pipe", NULL);
	if (!g_file_get_contents(file, &pipe->octets, &pipe->size, NULL) ||
	    mkfifo(pipe->path, 0600) != 0)
		g_error("cannot make a pipe");
	pipe->n = MIN(n, pipe->size);
	pipe->thread = g_thread_new("fill", fill, pipe);
	return pipe;
}

const char *input_pipe_path(const InputPipe *pipe)
{
	return pipe->path;
}

void input_pipe_go_on(InputPipe *pipe)
{
	pthread_mutex_lock(&pipe->lock);
	pipe->goes_on = true;
	pthread_cond_broadcast(&pipe->changed);
	pthread_mutex_unlock(&pipe->lock);
}

void input_pipe_free(InputPipe *pipe)
{
	input_pipe_go_on(pipe);
	g_thread_join(pipe->thread);
	g_unlink(pipe->path);
	g_rmdir(pipe->directory);
	pthread_mutex_destroy(&pipe->lock);
	pthread_cond_destroy(&pipe->changed);
	g_free(pipe->path);
	g_free(pipe->directory);
	g_free(pipe->octets);
	g_free(pipe);
}

/* --- an engine --------------------------------------------------------------------------------- */

Engine *input_engine_of(const EngineOptions *options)
{
	g_autoptr(GError) error = NULL;
	Engine *engine = engine_new(options, &error);
	if (engine == NULL)
		g_error("%s", error->message);
	return engine;
}

Engine *input_engine(const char *path)
{
	g_autofree char *name = g_strdup(path);
	return input_engine_of(&(EngineOptions){.files = (char *[]){name, NULL}});
}

void input_wait(Engine *engine, bool (*is_so)(Engine *engine, void *user), void *user)
{
	gint64 until = g_get_monotonic_time() + 30 * G_USEC_PER_SEC;
	while (!is_so(engine, user)) {
		if (g_get_monotonic_time() > until)
			g_error("nothing comes of it");
		g_usleep(2000);
	}
}

bool input_is_ended(Engine *engine, void *user)
{
	(void)user;
	return engine_status(engine).ended;
}
