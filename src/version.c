/* SPDX-License-Identifier: MIT */
#include "src/version.h"

#include "config.h"

#include <xxhash.h>

#include "dissectors/tls_crypto.h"
#include "dissectors/websocket.h"
#include "src/capture/source.h"

#ifdef __clang__
#define COMPILER "clang " __clang_version__
#else
#define COMPILER "gcc " __VERSION__
#endif

void version_append(GString *out)
{
	g_string_append_printf(out, "mqlapse %s\n", PACKAGE_VERSION);
	g_string_append_printf(out, "Compiled by %s with GLib %d.%d.%d, xxHash %d.%d.%d.\n", COMPILER,
	                       GLIB_MAJOR_VERSION, GLIB_MINOR_VERSION, GLIB_MICRO_VERSION,
	                       XXH_VERSION_MAJOR, XXH_VERSION_MINOR, XXH_VERSION_RELEASE);
	g_string_append_printf(out, "Running with GLib %u.%u.%u, %s.\n", glib_major_version,
	                       glib_minor_version, glib_micro_version, capture_version());
	g_autofree char *compressed = capture_compressions();
	g_string_append_printf(out, "Reads pcap, pcapng (own readers), compressed too: %s.\n", compressed);
	g_string_append_printf(out, "MQTT 3.1, 3.1.1, 5.0 over TCP, WebSocket (%s).\n",
	                       websocket_inflater());
	TlsCrypto *crypto = tls_crypto_load();
	g_string_append_printf(out, "TLS 1.2 and 1.3 with --keylog: %s.\n",
	                       crypto != NULL       ? tls_crypto_version(crypto)
	                       : tls_crypto_built() ? "no, libcrypto of OpenSSL is not installed"
	                                            : "no, built without OpenSSL");
	tls_crypto_free(crypto);
}
