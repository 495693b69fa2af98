/* SPDX-License-Identifier: MIT */
/* Headers of the PROXY protocol, as a balancer sends them. */
#pragma once

#include "tests/support/builder.h"

/* Version 1 or 2; of 2 with TLVs. */
void proxy_write(GByteArray *out, guint version, const BuilderEnd *client, const BuilderEnd *server);
/* The balancer's own connection for a health check: UNKNOWN in version 1, LOCAL in 2. */
void proxy_write_local(GByteArray *out, guint version);
