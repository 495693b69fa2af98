/* SPDX-License-Identifier: MIT */
#include "src/keylog.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

struct KeyLog {
	TlsKeys *keys;
	char *path;       /* NULL: none */
	bool grows;       /* its last line may not be whole yet */
	long offset;      /* of the first line that was not read */
	GArray *taken;    /* size_t, of each source */
};

enum { ROUND = 1 << 16 };

static bool cannot_read(const char *path, GError **error)
{
	g_set_error(error, G_FILE_ERROR, (int)g_file_error_from_errno(errno), "--keylog %s: %s", path,
	            g_strerror(errno));
	return false;
}

/* Reads whole lines from @offset on; *n counts the secrets. */
static bool read_on(KeyLog *log, size_t *n, GError **error)
{
	FILE *file = fopen(log->path, "r");
	if (file == NULL)
		return cannot_read(log->path, error);
	g_autoptr(GByteArray) lines = g_byte_array_new();
	size_t got = 0;
	if (fseek(file, log->offset, SEEK_SET) != 0)
		clearerr(file); /* a FIFO: from where it stands */
	do {
		guint before = lines->len;
		g_byte_array_set_size(lines, before + ROUND);
		got = fread(lines->data + before, 1, ROUND, file);
		g_byte_array_set_size(lines, before + (guint)got);
	} while (got > 0);
	bool good = ferror(file) == 0 || cannot_read(log->path, error);
	fclose(file);
	guint whole = lines->len;
	while (whole > 0 && lines->data[whole - 1] != '\n')
		whole--;
	/* A last line without its end counts as well, if no more of it can come: half a secret is a wrong one. */
	*n = tls_keys_add(log->keys, (ByteSpan){lines->data, log->grows ? whole : lines->len});
	log->offset += (long)whole;
	return good;
}

static bool more(void *user)
{
	KeyLog *log = user;
	size_t n = 0;
	return read_on(log, &n, NULL) && n > 0;
}

KeyLog *keylog_open(const char *path, bool grows, GError **error)
{
	KeyLog *log = g_new0(KeyLog, 1);
	size_t n = 0;
	log->keys = tls_keys_new();
	log->taken = g_array_new(FALSE, TRUE, sizeof(size_t));
	log->path = g_strdup(path);
	log->grows = grows;
	if (path == NULL)
		return log;
	bool good = read_on(log, &n, grows ? NULL : error);
	if (good && n == 0 && !grows) {
		g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_INVAL,
		            "--keylog %s: no TLS secret is in it (lines as of SSLKEYLOGFILE: "
		            "CLIENT_RANDOM ..., CLIENT_TRAFFIC_SECRET_0 ...)", path);
		good = false;
	}
	if (grows)
		tls_keys_grow(log->keys, more, log);
	else if (!good)
		g_clear_pointer(&log, keylog_free);
	return log;
}

void keylog_free(KeyLog *log)
{
	if (log == NULL)
		return;
	tls_keys_free(log->keys);
	g_array_unref(log->taken);
	g_free(log->path);
	g_free(log);
}

void keylog_take(KeyLog *log, const Source *source)
{
	unsigned n = source_n_infos(source);
	if (log->taken->len < n)
		g_array_set_size(log->taken, n);
	for (unsigned i = 0; i < n; i++) {
		ByteSpan all = source_info(source, i)->secrets;
		size_t *taken = &g_array_index(log->taken, size_t, i);
		if (*taken == all.size)
			continue;
		tls_keys_add(log->keys, (ByteSpan){all.data + *taken, all.size - *taken});
		*taken = all.size;
	}
}

TlsKeys *keylog_keys(KeyLog *log)
{
	return log->keys;
}
