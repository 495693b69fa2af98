/* SPDX-License-Identifier: MIT */
#include <glib.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "src/session/registry.h"

enum { N_CLIENTS = 10, N_ROUNDS = 3000, CEILING = 1 << 20 };

static ClientIndex client_named(Model *model, unsigned number)
{
	BrokerIndex broker = model_add_broker(model, &(Endpoint){.port = 1883});
	g_autofree char *id = g_strdup_printf("client-%u", number);
	return model_add_client(model, broker, (ByteSpan){(const uint8_t *)id, strlen(id)});
}

/* Accepted, as observe_connect.c leaves it. */
static ConnectionIndex open_connection(Model *model, ClientIndex client)
{
	ConnectionIndex index = model_add_connection(model);
	Connection *connection = connection_at(model, index);
	connection->broker = 0;
	connection->connack_seen = true;
	model_attach(model, index, client);
	Client *of = client_at(model, client);
	connection->accepted_before = of->accepted;
	of->accepted = of->current = index;
	return index;
}

static void close_connection(Model *model, ConnectionIndex index)
{
	Connection *connection = connection_at(model, index);
	connection->closed = (Instant){index};
	client_at(model, connection->client)->current = NO_INDEX;
}

/* Each client comes and goes, and each of its returns has cost it something. */
static Model *world(size_t ceiling)
{
	Model *model = model_new();
	model_limit(model, ceiling);
	for (unsigned round = 0; round < N_ROUNDS; round++) {
		for (unsigned i = 0; i < N_CLIENTS; i++) {
			ConnectionIndex index = open_connection(model, client_named(model, i));
			Absence absence = {.subscriptions = g_new0(LostSubscription, 1), .n_subscriptions = 1};
			connection_at(model, index)->absence = model_keep_absence(model, &absence);
			remarks_of(model, connection_at(model, index))->idle_end_s = 7;
			close_connection(model, index);
		}
	}
	return model;
}

static void a_model_without_a_ceiling_forgets_nothing(void **state)
{
	(void)state;
	Model *model = world(0);
	assert_int_equal(model_counts(model)->forgotten_connections, 0);
	assert_true(model_size(model) > 4 * CEILING);
	for (ConnectionIndex i = 0; i < model_n_connections(model); i++)
		assert_false(model_connection(model, i)->forgotten);
	model_free(model);
}

/* An eighth more than asked for is what one chunk and the tables of texts may take. */
static void a_model_stays_about_within_its_ceiling(void **state)
{
	(void)state;
	Model *model = world(CEILING);
	assert_true(model_size(model) < CEILING + CEILING / 8);
	assert_true(model_counts(model)->forgotten_connections > N_CLIENTS * N_ROUNDS / 2);
	model_free(model);
}

static void what_is_forgotten_is_counted(void **state)
{
	(void)state;
	Model *model = world(CEILING);
	uint64_t n = 0;
	int64_t latest = -1;
	for (ConnectionIndex i = 0; i < model_n_connections(model); i++) {
		if (!model_connection(model, i)->forgotten)
			continue;
		n++;
		latest = i; /* the time when it was closed, by close_connection() */
	}
	assert_int_equal(model_counts(model)->forgotten_connections, n);
	assert_int_equal(model_counts(model)->forgotten_until.ns, latest);
	model_free(model);
}

static void what_is_forgotten_shows_nothing(void **state)
{
	(void)state;
	Model *model = world(CEILING);
	const Connection *gone = model_connection(model, 0);
	assert_true(gone->forgotten);
	assert_int_equal(gone->client, NO_INDEX);
	assert_int_equal(gone->previous, NO_INDEX);
	assert_int_equal(gone->next, NO_INDEX);
	assert_int_equal(gone->accepted_before, NO_INDEX);
	assert_int_equal(gone->absence, NO_ABSENCE);
	assert_false(instant_known(gone->closed));
	assert_int_equal(model_remarks(model, gone)->idle_end_s, 0);
	model_free(model);
}

static void the_oldest_go_first(void **state)
{
	(void)state;
	Model *model = world(CEILING);
	bool kept = false;
	for (ConnectionIndex i = 0; i < model_n_connections(model); i++) {
		bool forgotten = model_connection(model, i)->forgotten;
		assert_false(kept && forgotten);
		kept = !forgotten;
	}
	assert_true(kept);
	model_free(model);
}

/* The chain of each client is whole from its first connection that is left to its last. */
static void what_is_left_of_a_client_hangs_together(void **state)
{
	(void)state;
	Model *model = world(CEILING);
	for (ClientIndex i = 0; i < model_n_clients(model); i++) {
		const Client *client = model_client(model, i);
		ConnectionIndex at = client->first, before = NO_INDEX;
		uint32_t number = model_connection(model, at)->number;
		assert_true(number > 1);
		assert_int_equal(model_connection(model, at)->accepted_before, NO_INDEX);
		for (; at != NO_INDEX; at = model_connection(model, at)->next) {
			const Connection *connection = model_connection(model, at);
			assert_false(connection->forgotten);
			assert_int_equal(connection->client, i);
			assert_int_equal(connection->previous, before);
			assert_int_equal(connection->accepted_before, before);
			assert_int_equal(connection->number, number++);
			assert_int_equal(model_remarks(model, connection)->idle_end_s, 7);
			assert_int_equal(model_absence(model, connection->absence)->n_subscriptions, 1);
			before = at;
		}
		assert_int_equal(before, client->last);
		assert_int_equal(number - 1, N_ROUNDS);
	}
	model_free(model);
}

/* In a chunk of which nothing can go: each of the others is its client's last. */
static ConnectionIndex open_among_many(Model *model, ClientIndex client)
{
	ConnectionIndex first = open_connection(model, client);
	close_connection(model, first);
	for (unsigned i = 1; i < STORE_CHUNK; i++)
		close_connection(model, open_connection(model, client_named(model, i)));
	return first;
}

/* Where too many of a chunk have to stay nothing of it goes: what does go may lie between. */
static void a_chain_goes_on_over_what_was_forgotten(void **state)
{
	(void)state;
	Model *model = model_new();
	model_limit(model, 1);
	ClientIndex busy = client_named(model, 0);
	ConnectionIndex first = open_among_many(model, busy);
	for (unsigned i = 0; i < N_ROUNDS; i++)
		close_connection(model, open_connection(model, busy));

	assert_false(model_connection(model, first)->forgotten);
	assert_true(model_connection(model, STORE_CHUNK)->forgotten);
	assert_int_equal(model_client(model, busy)->first, first);
	ConnectionIndex next = model_connection(model, first)->next;
	const Connection *behind = model_connection(model, next);
	assert_true(next > STORE_CHUNK);
	assert_false(behind->forgotten);
	assert_int_equal(behind->previous, first);
	assert_int_equal(behind->accepted_before, NO_INDEX);
	assert_true(behind->gap_before);
	model_free(model);
}

/* One that was refused lay between two that stay: they are no pair without it. */
static void a_gap_is_marked_whatever_was_in_it(void **state)
{
	(void)state;
	Model *model = model_new();
	model_limit(model, 1);
	ClientIndex busy = client_named(model, 0);
	ConnectionIndex first = open_among_many(model, busy);
	ConnectionIndex refused = model_add_connection(model);
	connection_at(model, refused)->connack_seen = true;
	connection_at(model, refused)->return_code = 5;
	model_attach(model, refused, busy);
	close_connection(model, refused);
	for (unsigned i = 1; i < STORE_CHUNK; i++)
		close_connection(model, open_connection(model, client_named(model, 1)));
	ConnectionIndex second = open_connection(model, busy);
	close_connection(model, second);
	close_connection(model, open_connection(model, busy)); /* so that the refused one is needed no more */
	close_connection(model, open_connection(model, busy));
	for (unsigned i = 0; i < N_ROUNDS; i++)
		close_connection(model, open_connection(model, client_named(model, 1)));

	assert_true(model_connection(model, refused)->forgotten);
	ConnectionIndex next = model_connection(model, first)->next;
	assert_false(model_connection(model, next)->forgotten);
	assert_true(model_connection(model, next)->gap_before);
	model_free(model);
}

/* As long as somebody may have to tell that it ended. */
static void what_was_not_told_yet_is_not_forgotten(void **state)
{
	(void)state;
	Model *model = model_new();
	model_limit(model, 1);
	ClientIndex busy = client_named(model, 0);
	enum { TOLD = STORE_CHUNK };
	model_told(model, (Instant){TOLD - 1}); /* the time at which a connection is closed is its index */
	for (unsigned i = 0; i < N_ROUNDS; i++)
		close_connection(model, open_connection(model, busy));
	assert_int_equal(model_counts(model)->forgotten_connections, TOLD);
	assert_int_equal(model_counts(model)->forgotten_until.ns, TOLD - 1);

	model_told(model, (Instant){INT64_MAX});
	for (unsigned i = 0; i < N_ROUNDS; i++)
		close_connection(model, open_connection(model, busy));
	assert_true(model_counts(model)->forgotten_connections > N_ROUNDS);
	model_free(model);
}

/* Its end shows late, as that of a connection that vanished. */
static void an_end_that_shows_late_is_told_first(void **state)
{
	(void)state;
	Model *model = model_new();
	model_limit(model, 1);
	ClientIndex busy = client_named(model, 0);
	Live live = {.model = model, .connection = open_connection(model, busy)};
	live.record = connection_at(model, live.connection);
	forget_follow(&live);
	model_told(model, (Instant){INT64_MAX});
	close_connection(model, live.connection);
	forget_unfollow(&live);
	for (unsigned i = 0; i < N_ROUNDS; i++)
		close_connection(model, open_connection(model, busy));
	assert_true(model_connection(model, live.connection + 1)->forgotten);
	assert_false(model_connection(model, live.connection)->forgotten);

	model_told(model, (Instant){INT64_MAX});
	for (unsigned i = 0; i < N_ROUNDS; i++)
		close_connection(model, open_connection(model, busy));
	assert_true(model_connection(model, live.connection)->forgotten);
	model_free(model);
}

/* A verdict that is looked at would show what others have lost. */
static void the_place_of_an_absence_rests_while_verdicts_are_held(void **state)
{
	(void)state;
	Model *model = model_new();
	model_limit(model, 1);
	model_hold_absences(model);
	ClientIndex busy = client_named(model, 0);
	for (unsigned i = 0; i < N_ROUNDS; i++) {
		ConnectionIndex index = open_connection(model, busy);
		connection_at(model, index)->absence = model_keep_absence(model, &(Absence){0});
		close_connection(model, index);
	}
	assert_true(model_counts(model)->forgotten_connections > N_ROUNDS / 2);
	assert_int_equal(model_keep_absence(model, &(Absence){0}), N_ROUNDS);
	for (unsigned i = 0; i < ABSENCES_HELD; i++)
		forget_paused(model);
	assert_int_equal(model_keep_absence(model, &(Absence){0}), N_ROUNDS + 1);
	forget_paused(model);
	assert_true(model_keep_absence(model, &(Absence){0}) < N_ROUNDS);
	model_free(model);
}

static void holes_of_what_is_forgotten_are_counted(void **state)
{
	(void)state;
	Model *model = model_new();
	model_limit(model, 1);
	ClientIndex busy = client_named(model, 0);
	for (unsigned i = 0; i < N_ROUNDS; i++) {
		ConnectionIndex index = open_connection(model, busy);
		connection_at(model, index)->holes = i < 3;
		close_connection(model, index);
	}
	assert_int_equal(model_counts(model)->forgotten_torn, 3);
	model_free(model);
}

/* However little there may be: to compare the next one with. */
static void the_last_two_accepted_ones_of_a_client_stay(void **state)
{
	(void)state;
	Model *model = model_new();
	model_limit(model, 1);
	ClientIndex calm = client_named(model, N_CLIENTS);
	ConnectionIndex first = open_connection(model, calm);
	close_connection(model, first);
	ConnectionIndex second = open_connection(model, calm);
	close_connection(model, second);
	for (unsigned i = 0; i < N_ROUNDS; i++)
		close_connection(model, open_connection(model, client_named(model, 1)));

	assert_true(model_connection(model, second + 1)->forgotten);
	assert_false(model_connection(model, first)->forgotten);
	assert_false(model_connection(model, second)->forgotten);
	assert_int_equal(model_connection(model, second)->accepted_before, first);
	assert_int_equal(model_connection(model, second)->number, 2);
	model_free(model);
}

/* Whoever follows a connection writes to it; it moves when what lay beside it goes. */
static void a_connection_that_is_followed_stays_and_is_found(void **state)
{
	(void)state;
	Model *model = model_new();
	model_limit(model, 1);
	ClientIndex calm = client_named(model, N_CLIENTS);
	Live live = {.model = model, .connection = open_connection(model, calm)};
	live.record = connection_at(model, live.connection);
	forget_follow(&live);
	for (unsigned i = 0; i < N_ROUNDS; i++)
		close_connection(model, open_connection(model, client_named(model, 1)));

	assert_true(model_connection(model, live.connection + 1)->forgotten);
	assert_ptr_equal(live.record, model_connection(model, live.connection));
	assert_int_equal(live.record->client, calm);
	model_free(model);
}

static void the_place_of_absences_is_used_again(void **state)
{
	(void)state;
	Model *model = world(CEILING);
	assert_true(model->absences.n < N_CLIENTS * N_ROUNDS / 2);
	assert_true(model->remarks.n < N_CLIENTS * N_ROUNDS / 2);
	model_free(model);
}

static void a_smaller_ceiling_keeps_fewer_messages(void **state)
{
	(void)state;
	Model *model = model_new();
	model_limit(model, CEILING);
	for (unsigned i = 0; i < MESSAGES_MAX / 8; i++)
		message_log_add(model->messages, &(Message){.qos = 1});
	assert_true(message_log_size(model->messages) <= CEILING / 4);
	assert_int_equal(message_log_n_evicted(model->messages),
	                 MESSAGES_MAX / 8 - message_log_size(model->messages) / sizeof(Message));
	model_free(model);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_model_without_a_ceiling_forgets_nothing),
		cmocka_unit_test(a_model_stays_about_within_its_ceiling),
		cmocka_unit_test(what_is_forgotten_is_counted),
		cmocka_unit_test(what_is_forgotten_shows_nothing),
		cmocka_unit_test(the_oldest_go_first),
		cmocka_unit_test(what_is_left_of_a_client_hangs_together),
		cmocka_unit_test(a_chain_goes_on_over_what_was_forgotten),
		cmocka_unit_test(a_gap_is_marked_whatever_was_in_it),
		cmocka_unit_test(what_was_not_told_yet_is_not_forgotten),
		cmocka_unit_test(an_end_that_shows_late_is_told_first),
		cmocka_unit_test(the_place_of_an_absence_rests_while_verdicts_are_held),
		cmocka_unit_test(holes_of_what_is_forgotten_are_counted),
		cmocka_unit_test(the_last_two_accepted_ones_of_a_client_stay),
		cmocka_unit_test(a_connection_that_is_followed_stays_and_is_found),
		cmocka_unit_test(the_place_of_absences_is_used_again),
		cmocka_unit_test(a_smaller_ceiling_keeps_fewer_messages),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
