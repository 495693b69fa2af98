/* SPDX-License-Identifier: MIT */
#include "src/capture/spool.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "src/capture/mirror.h"
#include "src/capture/spool_private.h"

enum { FLUSH_SIZE = 1 << 20, PASSING_MOST = 64 << 20 };

static int open_nameless(GError **error)
{
	g_autofree char *path = g_build_filename(g_get_tmp_dir(), "mqlapse-XXXXXX", NULL);
	int fd = g_mkstemp_full(path, O_RDWR | O_CLOEXEC, 0600);
	if (fd < 0)
		g_set_error(error, MQLAPSE_CAPTURE_ERROR, CAPTURE_ERROR_WRITE,
		            "cannot keep frames in %s: %s; TMPDIR names another place", g_get_tmp_dir(),
		            g_strerror(errno));
	else
		unlink(path);
	return fd;
}

Spool *spool_new(const Source *of, uint64_t octets_most, GError **error)
{
	int fd = open_nameless(error);
	if (fd < 0)
		return NULL;
	Spool *spool = g_new0(Spool, 1);
	spool->fd = fd;
	spool->octets_most = octets_most;
	spool->tail = g_byte_array_sized_new(FLUSH_SIZE + (FLUSH_SIZE >> 2));
	spool->infos = mirror_new(of);
	pthread_mutex_init(&spool->lock, NULL);
	pthread_condattr_t attributes;
	pthread_condattr_init(&attributes);
	pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
	pthread_cond_init(&spool->changed, &attributes);
	pthread_condattr_destroy(&attributes);
	return spool;
}

void spool_free(Spool *spool)
{
	if (spool == NULL)
		return;
	close(spool->fd);
	g_byte_array_unref(spool->tail);
	source_free(spool->infos);
	g_clear_error(&spool->error);
	pthread_mutex_destroy(&spool->lock);
	pthread_cond_destroy(&spool->changed);
	g_free(spool);
}

static bool write_all(int fd, const uint8_t *octets, size_t size, uint64_t offset)
{
	while (size > 0) {
		ssize_t n = pwrite(fd, octets, size, (off_t)offset);
		if (n <= 0 && errno != EINTR)
			return false;
		n = MAX(n, 0);
		octets += n;
		size -= (size_t)n;
		offset += (uint64_t)n;
	}
	return true;
}

/* Only the writer changes the tail, so that it may read it without the lock. */
static void flush(Spool *spool)
{
	if (spool->full || spool->tail->len < FLUSH_SIZE)
		return;
	guint size = spool->tail->len;
	bool kept = spool->n_stored + size <= spool->octets_most &&
	            write_all(spool->fd, spool->tail->data, size, spool->n_stored);
	pthread_mutex_lock(&spool->lock);
	spool->full = !kept;
	if (kept) {
		spool->tail_at = spool->n_stored += size;
		g_byte_array_set_size(spool->tail, 0);
	}
	pthread_mutex_unlock(&spool->lock);
}

/* Nothing is kept any more: what the reader that follows has got makes room. */
static void make_room(Spool *spool)
{
	while (spool->full && spool->tail->len >= PASSING_MOST && !spool->abandoned) {
		guint passed = (guint)(MAX(spool->followed, spool->tail_at) - spool->tail_at);
		if (passed < PASSING_MOST / 4) {
			pthread_cond_wait(&spool->changed, &spool->lock);
			continue;
		}
		g_byte_array_remove_range(spool->tail, 0, passed);
		spool->tail_at += passed;
	}
}

static void append(Spool *spool, const Frame *frame)
{
	Frame head = *frame;
	head.bytes.data = NULL;
	g_byte_array_append(spool->tail, (const uint8_t *)&head, sizeof head);
	if (frame->bytes.size > 0)
		g_byte_array_append(spool->tail, frame->bytes.data, (guint)frame->bytes.size);
}

void spool_put(Spool *spool, const Source *of, const Frame *frames, unsigned n_frames)
{
	pthread_mutex_lock(&spool->lock);
	make_room(spool);
	mirror_take(spool->infos, of);
	for (unsigned i = 0; i < n_frames && !spool->abandoned; i++) {
		append(spool, &frames[i]);
		spool->n_frames++;
	}
	pthread_cond_broadcast(&spool->changed);
	pthread_mutex_unlock(&spool->lock);
	flush(spool);
}

void spool_end(Spool *spool, const Source *of, GError *error)
{
	pthread_mutex_lock(&spool->lock);
	mirror_take(spool->infos, of);
	spool->ended = true;
	spool->error = error;
	pthread_cond_broadcast(&spool->changed);
	pthread_mutex_unlock(&spool->lock);
}

void spool_abandon(Spool *spool)
{
	pthread_mutex_lock(&spool->lock);
	spool->abandoned = true;
	pthread_cond_broadcast(&spool->changed);
	pthread_mutex_unlock(&spool->lock);
}

uint64_t spool_n_frames(Spool *spool)
{
	pthread_mutex_lock(&spool->lock);
	uint64_t n = spool->n_frames;
	pthread_mutex_unlock(&spool->lock);
	return n;
}

bool spool_is_full(Spool *spool)
{
	pthread_mutex_lock(&spool->lock);
	bool full = spool->full;
	pthread_mutex_unlock(&spool->lock);
	return full;
}
