/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <glib/gstdio.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

#include "tests/engine/input.h"

enum { N_ABSENCES = 30 };

typedef struct Setup {
	char *file;
	uint64_t n_frames;
} Setup;

static int set_up(void **state)
{
	Setup *setup = g_new0(Setup, 1);
	g_autofree char *story = input_story(N_ABSENCES);
	setup->file = input_file(story);
	Engine *engine = input_engine(setup->file);
	engine_run(engine);
	setup->n_frames = engine_status(engine).frames;
	engine_free(engine);
	*state = setup;
	return setup->n_frames > 8 * N_ABSENCES ? 0 : -1;
}

static int tear_down(void **state)
{
	Setup *setup = *state;
	input_remove(setup->file);
	g_free(setup);
	return 0;
}

/* Each return but the first found nothing, for which its settings are responsible. */
static void assert_all_is_found(Engine *engine)
{
	engine_hold(engine);
	const Analysis *analysis = engine_analysis(engine);
	unsigned n_losses = 0;
	for (guint i = 0; i < analysis->findings->len; i++) {
		const Finding *finding = &g_array_index(analysis->findings, Finding, i);
		n_losses += finding->severity == SEVERITY_LOSS &&
		            finding->responsible == RESPONSIBLE_CLIENT_CONFIG;
	}
	assert_int_equal(n_losses, N_ABSENCES - 1);
	assert_int_equal(model_n_connections(analysis->model), N_ABSENCES + 1);
	assert_int_equal(engine_roster(engine)->n_rows, 2);
	engine_release(engine);
}

static void it_runs_without_a_thread(void **state)
{
	const Setup *setup = *state;
	Engine *engine = input_engine(setup->file);
	assert_int_equal(engine_status(engine).verdict, 0);
	engine_run(engine);
	EngineStatus status = engine_status(engine);
	assert_true(status.ended);
	assert_false(status.live);
	assert_true(status.verdict > 0);
	assert_null(status.error);
	assert_true(status.done >= 1);
	assert_all_is_found(engine);
	engine_free(engine);
}

static void count_wake(void *user)
{
	atomic_fetch_add((atomic_uint *)user, 1);
}

static void it_runs_in_a_thread_and_wakes(void **state)
{
	const Setup *setup = *state;
	atomic_uint n_wakes = 0;
	Engine *engine = input_engine(setup->file);
	engine_start(engine, count_wake, &n_wakes);
	input_wait(engine, input_is_ended, NULL);
	assert_all_is_found(engine);
	engine_free(engine);
	assert_true(atomic_load(&n_wakes) > 0);
}

static bool has_frames(Engine *engine, void *user)
{
	return engine_status(engine).frames >= *(const uint64_t *)user;
}

static bool has_waiting(Engine *engine, void *user)
{
	return engine_status(engine).waiting >= *(const uint64_t *)user;
}

static bool has_a_verdict(Engine *engine, void *user)
{
	(void)user;
	engine_hold(engine);
	bool has = engine_analysis(engine)->findings->len > 0;
	engine_release(engine);
	return has;
}

static void a_pipe_is_judged_before_it_ends(void **state)
{
	const Setup *setup = *state;
	InputPipe *pipe = input_pipe_new(setup->file, 15000);
	Engine *engine = input_engine(input_pipe_path(pipe));
	engine_start(engine, NULL, NULL);
	input_wait(engine, has_a_verdict, NULL);
	EngineStatus status = engine_status(engine);
	assert_true(status.live);
	assert_false(status.ended);
	assert_true(status.frames < setup->n_frames);
	input_pipe_go_on(pipe);
	input_wait(engine, input_is_ended, NULL);
	assert_int_equal(engine_status(engine).frames, setup->n_frames);
	assert_all_is_found(engine);
	engine_free(engine);
	input_pipe_free(pipe);
}

static void append(const char *path, const char *octets, size_t size)
{
	FILE *file = fopen(path, "ab");
	assert_non_null(file);
	assert_int_equal(fwrite(octets, 1, size, file), size);
	assert_int_equal(fclose(file), 0);
}

static void a_file_that_grows_is_read_on(void **state)
{
	const Setup *setup = *state;
	g_autofree char *octets = NULL;
	gsize size;
	assert_true(g_file_get_contents(setup->file, &octets, &size, NULL));
	g_autofree char *path = g_strconcat(setup->file, ".growing", NULL);
	append(path, octets, 15000);
	EngineOptions options = {.files = (char *[]){path, NULL}, .follow = true};
	Engine *engine = engine_new(&options, NULL);
	assert_non_null(engine);
	engine_start(engine, NULL, NULL);
	input_wait(engine, has_a_verdict, NULL);
	assert_true(engine_status(engine).live);
	append(path, octets + 15000, size - 15000);
	input_wait(engine, has_frames, &(uint64_t){setup->n_frames});
	assert_false(engine_status(engine).ended);
	engine_stop(engine);
	input_wait(engine, input_is_ended, NULL);
	assert_all_is_found(engine);
	engine_free(engine);
	g_unlink(path);
}

static void what_comes_while_it_is_frozen_waits(void **state)
{
	const Setup *setup = *state;
	InputPipe *pipe = input_pipe_new(setup->file, 5000);
	Engine *engine = input_engine(input_pipe_path(pipe));
	engine_freeze(engine, true);
	engine_start(engine, NULL, NULL);
	input_pipe_go_on(pipe);
	input_wait(engine, has_waiting, &(uint64_t){setup->n_frames});
	EngineStatus status = engine_status(engine);
	assert_true(status.frozen);
	assert_int_equal(status.frames, 0);
	engine_freeze(engine, false);
	input_wait(engine, has_frames, &(uint64_t){setup->n_frames});
	input_wait(engine, input_is_ended, NULL);
	assert_int_equal(engine_status(engine).waiting, 0);
	assert_all_is_found(engine);
	engine_free(engine);
	input_pipe_free(pipe);
}

static void it_stops_where_it_is(void **state)
{
	const Setup *setup = *state;
	InputPipe *pipe = input_pipe_new(setup->file, 5000);
	Engine *engine = input_engine(input_pipe_path(pipe));
	engine_start(engine, NULL, NULL);
	input_wait(engine, has_frames, &(uint64_t){1});
	engine_stop(engine);
	input_wait(engine, input_is_ended, NULL);
	assert_true(engine_status(engine).frames < setup->n_frames);
	engine_hold(engine);
	assert_true(engine_analysis(engine)->interrupted);
	engine_release(engine);
	engine_free(engine);
	input_pipe_free(pipe);
}

static void end_soon(const char *path, unsigned i)
{
	Engine *engine = input_engine(path);
	engine_freeze(engine, i % 3 == 0);
	engine_start(engine, NULL, NULL);
	g_usleep(i * 300);
	engine_free(engine);
}

static void it_ends_at_any_moment(void **state)
{
	const Setup *setup = *state;
	for (unsigned i = 0; i < 20; i++) {
		end_soon(setup->file, i);
		InputPipe *pipe = input_pipe_new(setup->file, 100 + 1000 * i);
		end_soon(input_pipe_path(pipe), i);
		input_pipe_free(pipe);
	}
}

static uint64_t frames_in(const char *path)
{
	Engine *engine = input_engine(path);
	engine_run(engine);
	uint64_t n = engine_status(engine).frames;
	engine_free(engine);
	return n;
}

static void save_of(const char *input, const char *client, uint64_t *n_frames)
{
	g_autofree char *path = NULL;
	int fd = g_file_open_tmp("mqlapse-test-XXXXXX", &path, NULL);
	close(fd);
	Engine *engine = input_engine(input);
	engine_run(engine);
	const Model *model = engine_analysis(engine)->model;
	g_autofree uint8_t *clients = g_malloc0(model_n_clients(model));
	for (ClientIndex i = 0; i < model_n_clients(model); i++) {
		ByteSpan id = model_text(model, model_client(model, i)->id);
		clients[i] = id.size == strlen(client) && memcmp(id.data, client, id.size) == 0;
	}
	uint64_t n;
	g_autoptr(GError) error = NULL;
	assert_true(engine_save(engine, clients, model_n_clients(model), path, NULL, &n, &error));
	*n_frames = frames_in(path);
	assert_int_equal(n, *n_frames);
	engine_free(engine);
	g_unlink(path);
}

static void it_saves_what_belongs_to_a_client(void **state)
{
	const Setup *setup = *state;
	uint64_t of_pump, of_gw, of_pump_in_pipe;
	save_of(setup->file, "pump", &of_pump);
	save_of(setup->file, "gw", &of_gw);
	assert_int_equal(of_pump + of_gw, setup->n_frames);
	InputPipe *pipe = input_pipe_new(setup->file, 5000);
	input_pipe_go_on(pipe);
	save_of(input_pipe_path(pipe), "pump", &of_pump_in_pipe);
	input_pipe_free(pipe);
	assert_int_equal(of_pump, of_pump_in_pipe);
}

static void what_is_no_capture_is_told(void **state)
{
	(void)state;
	g_autoptr(GError) error = NULL;
	EngineOptions options = {.files = (char *[]){(char[]){"/nonexistent/x.pcap"}, NULL}};
	assert_null(engine_new(&options, &error));
	assert_non_null(error);
}

static void clocks_are_compared_when_work_begins_and_not_before(void **state)
{
	(void)state;
	g_autofree char *story = input_story(3);
	char *file = input_file(story), *halves[2];
	input_file_in_two(file, halves);
	Engine *engine = input_engine_of(&(EngineOptions){.files = (char *[]){halves[0], halves[1], NULL}});
	assert_null(engine_analysis(engine)->clocks);
	engine_run(engine);
	const GArray *clocks = engine_analysis(engine)->clocks;
	assert_non_null(clocks);
	assert_int_equal(clocks->len, 2);
	engine_free(engine);
	input_remove(halves[0]);
	input_remove(halves[1]);
	input_remove(file);
}

int main(void)
{
	signal(SIGPIPE, SIG_IGN); /* writers whose reader ends */
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_runs_without_a_thread),
		cmocka_unit_test(it_runs_in_a_thread_and_wakes),
		cmocka_unit_test(a_pipe_is_judged_before_it_ends),
		cmocka_unit_test(a_file_that_grows_is_read_on),
		cmocka_unit_test(what_comes_while_it_is_frozen_waits),
		cmocka_unit_test(it_stops_where_it_is),
		cmocka_unit_test(it_ends_at_any_moment),
		cmocka_unit_test(it_saves_what_belongs_to_a_client),
		cmocka_unit_test(what_is_no_capture_is_told),
		cmocka_unit_test(clocks_are_compared_when_work_begins_and_not_before),
	};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
