/* SPDX-License-Identifier: MIT */
#include "src/session/absence.h"

#include <glib.h>

void absence_clear(Absence *absence)
{
	g_clear_pointer(&absence->subscriptions, g_free);
	g_clear_pointer(&absence->examples, g_free);
}

void absence_add_example(Absence *absence, const LostMessage *message)
{
	if (absence->n_examples == ABSENCE_EXAMPLES)
		return;
	if (absence->examples == NULL)
		absence->examples = g_new(LostMessage, ABSENCE_EXAMPLES);
	absence->examples[absence->n_examples++] = *message;
}
