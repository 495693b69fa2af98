/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "tests/fuzz/octet_file.h"

#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

enum { PIPE_SIZE = 1 << 16 };

/* A pipe takes so much without anybody reading. */
static int as_pipe(const uint8_t *data, size_t size)
{
	int ends[2];
	if (pipe(ends) != 0 || write(ends[1], data, size) != (ssize_t)size)
		abort();
	close(ends[1]);
	return ends[0];
}

static int as_file(const uint8_t *data, size_t size)
{
	int fd = memfd_create("fuzz", MFD_CLOEXEC);
	if (fd < 0 || write(fd, data, size) != (ssize_t)size || lseek(fd, 0, SEEK_SET) != 0)
		abort();
	return fd;
}

Source *octet_file_open(const uint8_t *data, size_t size)
{
	int fd = size % 2 == 1 && size <= PIPE_SIZE ? as_pipe(data, size) : as_file(data, size);
	g_autofree char *path = g_strdup_printf("/dev/fd/%d", fd);
	Source *source = source_open_file(path, NULL);
	close(fd);
	return source;
}
