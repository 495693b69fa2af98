/* SPDX-License-Identifier: MIT */
/*
 * save_secrets: which lines of a key log belong to the TLS connections that are saved.
 *
 * The Client Random says so, in the ClientHello that a connection begins with.
 */
#pragma once

#include <glib.h>

#include "dissectors/net.h"
#include "dissectors/tls_keys.h"

typedef struct SaveSecrets SaveSecrets;

/* Borrows @keys. */
SaveSecrets *save_secrets_new(TlsKeys *keys);
void save_secrets_free(SaveSecrets *secrets);
/* A segment that will be saved: appends to @lines what has to stand before it. */
void save_secrets_take(SaveSecrets *secrets, const TcpSegment *segment, GString *lines);
/* What was not known then and is now, of a key log that grows. */
void save_secrets_look_again(SaveSecrets *secrets, GString *lines);
