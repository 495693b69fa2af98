/* SPDX-License-Identifier: MIT */
#include <glib.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "src/session/away.h"
#include "src/session/registry.h"

static void room_is_made_while_clients_are_connected(void **state)
{
	(void)state;
	Model *model = model_new();
	BrokerIndex broker = model_add_broker(model, &(Endpoint){.port = 1883});
	ClientIndex client = model_add_client(model, broker, (ByteSpan){(const uint8_t *)"a", 1});
	Live connected = {.model = model, .connection = 7};
	presence_at(model, client)->live = &connected;
	for (int i = 0; i < 3; i++)
		message_log_add(model->messages, &(Message){.qos = 1});

	away_make_room(model);

	/* Nobody is away, so nobody needs any of them. */
	assert_int_equal(message_log_first(model->messages), message_log_next(model->messages));
	model_free(model);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(room_is_made_while_clients_are_connected),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
