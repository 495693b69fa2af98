/* SPDX-License-Identifier: MIT */
#include "dissectors/farewell.h"

#include <glib.h>

const char *farewell_layer_name(FarewellLayer layer)
{
	static const char *const names[] = {"none", "websocket", "tls"};
	return names[layer];
}

const char *farewell_meaning(FarewellLayer layer, uint16_t code)
{
	static const struct {
		FarewellLayer layer;
		uint16_t code;
		const char *meaning;
	} table[] = {
#define WEBSOCKET(code, meaning) {FAREWELL_WEBSOCKET, code, meaning},
#define TLS(code, meaning)       {FAREWELL_TLS, code, meaning},
#include "dissectors/farewells.def"
#undef WEBSOCKET
#undef TLS
	};
	for (size_t i = 0; i < G_N_ELEMENTS(table); i++)
		if (table[i].layer == layer && table[i].code == code)
			return table[i].meaning;
	return NULL;
}
