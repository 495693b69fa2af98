/* SPDX-License-Identifier: MIT */
#include "src/capture/block_reader.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Small enough to stay in the second-level cache, large enough that system calls do not count. */
enum { BLOCK_SIZE = 64 * 1024, WAIT_MS = 100 };

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
	inflate_free(reader->inflate);
	if (reader->fd > STDIN_FILENO)
		close(reader->fd);
}

void block_reader_follow(BlockReader *reader, const char *path)
{
	if (!reader->waits)
		reader->path = path;
}

void block_reader_try_inflate(BlockReader *reader)
{
	size_t n_unread = block_reader_available(reader);
	reader->inflate = inflate_for((ByteSpan){block_reader_data(reader), n_unread});
	if (reader->inflate == NULL)
		return;
	size_t size;
	uint8_t *room = inflate_room(reader->inflate, &size);
	g_assert(n_unread <= size);
	memcpy(room, block_reader_data(reader), n_unread);
	inflate_filled(reader->inflate, n_unread);
	reader->start = reader->end = 0;
}

uint64_t block_reader_place(const BlockReader *reader)
{
	return reader->inflate != NULL ? inflate_offset(reader->inflate)
	                               : reader->base + reader->end;
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

static ReadStatus set_fault(BlockReader *reader, const char *fault)
{
	reader->fault = fault;
	reader->at_end = true;
	return READ_END;
}

static bool is_replaced(const BlockReader *reader)
{
	struct stat open, named;
	if (reader->fd == STDIN_FILENO)
		return false; /* it has no name */
	return stat(reader->path, &named) != 0 || fstat(reader->fd, &open) != 0 ||
	       named.st_dev != open.st_dev || named.st_ino != open.st_ino;
}

/* At the end of a file that grows.  Who replaces it may have written to it just before: only when
 * nothing has come since that was noticed is it over. */
static ReadStatus wait_for_growth(BlockReader *reader)
{
	struct stat status;
	off_t offset = lseek(reader->fd, 0, SEEK_CUR);
	if (fstat(reader->fd, &status) == 0 && status.st_size < offset)
		return set_fault(reader, "the file was made shorter while it was followed");
	if (reader->replaced)
		return set_fault(reader, "the file was removed or replaced while it was followed");
	reader->replaced = is_replaced(reader);
	if (!reader->replaced)
		poll(NULL, 0, WAIT_MS);
	return READ_AGAIN;
}

/* Reads once, at least one octet if it says READ_OK. */
static ReadStatus read_once(BlockReader *reader, uint8_t *to, size_t size, size_t *out_n)
{
	*out_n = 0;
	if (reader->at_end || atomic_load(&reader->stopped))
		return READ_END;
	if (reader->waits) {
		int n_ready = poll(&(struct pollfd){.fd = reader->fd, .events = POLLIN}, 1, WAIT_MS);
		if (n_ready < 0)
			return failed(reader);
		if (n_ready == 0)
			return READ_AGAIN;
	}
	ssize_t n_read = read(reader->fd, to, size);
	if (n_read < 0)
		return failed(reader);
	if (n_read == 0 && reader->path != NULL)
		return wait_for_growth(reader);
	reader->at_end = n_read == 0;
	*out_n = (size_t)n_read;
	return n_read ? READ_OK : READ_END;
}

/* More of the compressed file. */
static ReadStatus feed_inflate(BlockReader *reader)
{
	size_t size, n_read;
	uint8_t *room = inflate_room(reader->inflate, &size);
	ReadStatus status = read_once(reader, room, size, &n_read);
	if (status == READ_OK)
		inflate_filled(reader->inflate, n_read);
	else if (status == READ_END && reader->at_end && reader->fault == NULL)
		inflate_end(reader->inflate);
	return status;
}

static ReadStatus read_inflated(BlockReader *reader, uint8_t *to, size_t size, size_t *out_n)
{
	ReadStatus status = READ_OK;
	*out_n = inflate_read(reader->inflate, to, size);
	while (*out_n == 0 && status == READ_OK && inflate_fault(reader->inflate) == NULL) {
		status = feed_inflate(reader);
		if (status == READ_OK)
			*out_n = inflate_read(reader->inflate, to, size);
	}
	const char *fault = inflate_fault(reader->inflate);
	return *out_n == 0 && fault != NULL ? set_fault(reader, fault) : status;
}

/* Reads once, as much as fits. */
static ReadStatus read_some(BlockReader *reader)
{
	uint8_t *to = reader->buffer + reader->end;
	size_t room = reader->capacity - reader->end;
	size_t n_read;
	ReadStatus status = reader->inflate != NULL ? read_inflated(reader, to, room, &n_read)
	                                            : read_once(reader, to, room, &n_read);
	reader->end += n_read;
	return status;
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
