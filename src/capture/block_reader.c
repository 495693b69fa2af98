/* SPDX-License-Identifier: MIT */
#include "src/capture/block_reader.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Small enough to stay in the second-level cache, large enough that system calls do not count. */
enum { BLOCK_SIZE = 256 * 1024, WAIT_MS = 100 };

void block_reader_init(BlockReader *reader, int fd)
{
	struct stat status;
	bool regular = fstat(fd, &status) == 0 && S_ISREG(status.st_mode);

	*reader = (BlockReader){.fd = fd, .waits = !regular, .capacity = BLOCK_SIZE};
	atomic_init(&reader->stopped, false);
	reader->buffer = g_malloc(reader->capacity);
	if (regular)
		(void)posix_fadvise(fd, 0, 0, POSIX_FADV_SEQUENTIAL);
}

void block_reader_clear(BlockReader *reader)
{
	g_free(reader->buffer);
	if (reader->fd > STDIN_FILENO)
		close(reader->fd);
}

void block_reader_stop(BlockReader *reader)
{
	atomic_store(&reader->stopped, true);
}

static ReadStatus failed(BlockReader *reader)
{
	if (errno == EINTR || errno == EAGAIN)
		return READ_AGAIN;
	reader->error_number = errno;
	return READ_FAILED;
}

/* Reads once, as much as fits. */
static ReadStatus read_some(BlockReader *reader)
{
	if (reader->at_end || atomic_load(&reader->stopped))
		return READ_END;
	if (reader->waits) {
		int n_ready = poll(&(struct pollfd){.fd = reader->fd, .events = POLLIN}, 1, WAIT_MS);
		if (n_ready < 0)
			return failed(reader);
		if (n_ready == 0)
			return READ_AGAIN;
	}
	ssize_t n_read = read(reader->fd, reader->buffer + reader->end,
	                      reader->capacity - reader->end);
	if (n_read < 0)
		return failed(reader);
	reader->at_end = n_read == 0;
	reader->end += (size_t)n_read;
	return n_read ? READ_OK : READ_END;
}

ReadStatus block_reader_fill(BlockReader *reader, size_t n_octets)
{
	if (reader->held)
		return READ_AGAIN;
	size_t n_unread = block_reader_available(reader);
	memmove(reader->buffer, reader->buffer + reader->start, n_unread);
	reader->base += reader->start;
	reader->start = 0;
	reader->end = n_unread;

	while (reader->end < n_octets) {
		if (reader->end == reader->capacity) {
			reader->capacity *= 2;
			reader->buffer = g_realloc(reader->buffer, reader->capacity);
		}
		ReadStatus status = read_some(reader);
		if (status != READ_OK)
			return status;
	}
	return READ_OK;
}
