// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * wire.c - writes the stream of wire.h
 *
 * Who reads may be slow, and must not hold up the recorder for ever. So no write
 * waits in the kernel, where nothing could end it.
 */
#include "wire.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xxhash.h>
#include <zstd.h>

#include "wire_chunk.h"

#define SLICE_MS	100	/* so soon the end of patience is noticed */
#define PACK_FROM	4096u	/* bytes */
#define PACK_LEVEL	1	/* texts of symbols: a quarter is left, at once */

struct wire {
	int fd;
	bool socket;
	size_t most;			/* bytes that one write() takes or refuses at once */
	unsigned int patience_ms;
	atomic_bool patient;
	_Atomic uint64_t bytes;
	pthread_mutex_t lock;		/* of what follows, and of the order of chunks */
	uint32_t number;
	int code;			/* what it failed with */
	XXH3_state_t *sum;
};

/*
 * A description of our own that does not block: that of standard output is shared with
 * whoever started us.
 */
static int own_description(struct wire *w, int fd)
{
	struct stat st = { 0 };
	char path[32];
	int own;

	w->most = SIZE_MAX;
	w->socket = !fstat(fd, &st) && S_ISSOCK(st.st_mode);
	if (!w->socket && !S_ISREG(st.st_mode)) {
		snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
		own = open(path, O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
		if (own >= 0)
			return own;
		/* where poll() says that it can be written, so much goes at once: pipe(7) */
		w->most = PIPE_BUF;
	}
	return fcntl(fd, F_DUPFD_CLOEXEC, 0);
}

struct wire *wire_new(int fd, unsigned int patience_ms)
{
	struct wire *w = calloc(1, sizeof(*w));

	if (!w)
		return NULL;
	w->patience_ms = patience_ms;
	w->sum = XXH3_createState();
	w->fd = own_description(w, fd);
	pthread_mutex_init(&w->lock, NULL);
	if (w->sum && w->fd >= 0)
		return w;
	wire_free(w);
	return NULL;
}

void wire_free(struct wire *w)
{
	if (!w)
		return;
	if (w->fd >= 0)
		close(w->fd);
	XXH3_freeState(w->sum);
	pthread_mutex_destroy(&w->lock);
	free(w);
}

void wire_patient(struct wire *w, bool patient)
{
	atomic_store(&w->patient, patient);
}

/* Until it takes something: 0 or a negative errno. */
static int wait_for_reader(struct wire *w)
{
	struct pollfd pfd = { .fd = w->fd, .events = POLLOUT };

	for (unsigned int waited = 0; !poll(&pfd, 1, SLICE_MS);) {
		if (atomic_load(&w->patient))
			continue;
		waited += SLICE_MS;
		if (waited >= w->patience_ms)
			return -ETIMEDOUT;
	}
	return 0;	/* an error of it, write() tells */
}

static int put_all(struct wire *w, const void *data, size_t len)
{
	const char *at = data;

	while (len) {
		size_t want = len < w->most ? len : w->most;
		int ret = wait_for_reader(w);
		ssize_t n;

		if (ret)
			return ret;
		n = w->socket ? send(w->fd, at, want, MSG_DONTWAIT | MSG_NOSIGNAL) :
		    write(w->fd, at, want);
		if (n < 0 && (errno == EINTR || errno == EAGAIN))
			continue;
		if (n < 0)
			return -errno;
		at += n;
		len -= (size_t)n;
		atomic_fetch_add(&w->bytes, (uint64_t)n);
	}
	return 0;
}

/* The data is in two places; @c: what it is. */
static int put_chunk(struct wire *w, struct chunk c, const char *name, const void *first,
		     size_t first_len, const void *data, size_t len)
{
	uint8_t head[CHUNK_HEAD];

	c.name_len = (uint8_t)strlen(name);
	c.len = (uint32_t)(first_len + len);
	c.number = w->number;
	if (w->code)
		return w->code;
	chunk_put(&c, head);
	XXH3_64bits_reset(w->sum);
	XXH3_64bits_update(w->sum, head, CHUNK_SUMMED);
	XXH3_64bits_update(w->sum, name, c.name_len);
	XXH3_64bits_update(w->sum, first, first_len);
	XXH3_64bits_update(w->sum, data, len);
	chunk_put_sum(XXH3_64bits_digest(w->sum), head);
	if ((!w->number && (w->code = put_all(w, WIRE_MAGIC, WIRE_MAGIC_LEN))) ||
	    (w->code = put_all(w, head, sizeof(head))) ||
	    (w->code = put_all(w, name, c.name_len)) ||
	    (w->code = put_all(w, first, first_len)) ||
	    (w->code = put_all(w, data, len)))
		return w->code;
	w->number++;
	return 0;
}

int wire_append2(struct wire *w, const char *name, const void *head, size_t head_len,
		 const void *data, size_t len)
{
	const char *at = data;
	int ret = 0;

	pthread_mutex_lock(&w->lock);
	do {
		size_t n = len < WIRE_CHUNK_MAX - head_len ? len : WIRE_CHUNK_MAX - head_len;

		ret = put_chunk(w, (struct chunk){ .type = WIRE_APPEND }, name, head, head_len,
				at, n);
		head_len = 0;
		at += n;
		len -= n;
	} while (!ret && len);
	pthread_mutex_unlock(&w->lock);
	return ret;
}

int wire_append(struct wire *w, const char *name, const void *data, size_t len)
{
	return wire_append2(w, name, "", 0, data, len);
}

int wire_whole(struct wire *w, const char *name, const void *data, size_t len)
{
	void *room = len < PACK_FROM ? NULL : malloc(WIRE_CHUNK_MAX);
	const char *at = data;
	int ret = 0;

	pthread_mutex_lock(&w->lock);
	do {
		size_t n = len < WIRE_CHUNK_MAX ? len : WIRE_CHUNK_MAX, packed = 0;
		struct chunk c = { .type = n < len ? WIRE_PART : WIRE_LAST };

		/* not possible, or no smaller: as it is */
		if (room)
			packed = ZSTD_compress(room, WIRE_CHUNK_MAX, at, n, PACK_LEVEL);
		c.packed = room && !ZSTD_isError(packed) && packed < n;
		ret = put_chunk(w, c, name, room, c.packed ? packed : 0, at,
				c.packed ? 0 : n);
		at += n;
		len -= n;
	} while (!ret && len);
	pthread_mutex_unlock(&w->lock);
	free(room);
	return ret;
}

int wire_end(struct wire *w)
{
	int ret;

	pthread_mutex_lock(&w->lock);
	ret = put_chunk(w, (struct chunk){ .type = WIRE_END }, "", "", 0, "", 0);
	pthread_mutex_unlock(&w->lock);
	return ret;
}

uint64_t wire_bytes(struct wire *w)
{
	return atomic_load(&w->bytes);
}

const char *wire_strerror(int code)
{
	if (code == -ETIMEDOUT)
		return "its reader takes nothing any more: what it has, it can use";
	if (code == -EPIPE || code == -ECONNRESET)
		return "its reader is gone: what it has, it can use";
	return strerror(-code);
}
