/* SPDX-License-Identifier: MIT */
/*
 * keylog: where the secrets for TLS come from: --keylog FILE, which may grow while a capture runs, and
 * the Decryption Secrets Blocks of pcapng.
 */
#pragma once

#include "dissectors/tls_keys.h"
#include "src/capture/source.h"

typedef struct KeyLog KeyLog;

/* @path may be NULL.  @grows: the file may get more lines, or be made, while we run.  NULL with *error
 * set if it cannot be read, or holds no secret and does not grow. */
KeyLog *keylog_open(const char *path, bool grows, GError **error);
void keylog_free(KeyLog *log);
/* What @source came upon since the last call. */
void keylog_take(KeyLog *log, const Source *source);
TlsKeys *keylog_keys(KeyLog *log);
