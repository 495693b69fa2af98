/* SPDX-License-Identifier: MIT */
/*
 * to_come: until there are screens of their own.
 */
#include "ui/screens/screen.h"

Screen *findings_screen_new(void)
{
	return text_screen_new(g_strdup("Findings"), g_strdup("Not yet: the clients show them.\n"));
}

Screen *brokers_screen_new(void)
{
	return text_screen_new(g_strdup("Brokers"), g_strdup("Not yet: --report shows them.\n"));
}
