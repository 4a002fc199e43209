// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * stream.c - see stream.h
 *
 * read() gives one page of the ring buffer at a time. splice() would spare a
 * copy, but it has the kernel allocate a page for each that it hands out, an
 * event with a stack in the very trace that is being recorded.
 *
 * read() also gives pages that are hardly begun, so the threads let some time
 * pass: enough to fill pages, not enough to fill the buffer.
 */
#include "stream.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "error.h"
#include "parts.h"
#include "record_files.h"
#include "record_instance.h"
#include "ring_stats.h"
#include "wire.h"

#define CHUNK		(256u * 1024)	/* written at once */
#define DROP_STEP	(8u * 1024 * 1024)
#define DROP_BEHIND	(64u * 1024 * 1024)
#define STACK_SIZE	(128u * 1024)
#define IDLE_MS		200u
#define NO_BUFFER_NS	(20 * 1000 * 1000)
#define MIN_NAP_US	2500u
#define MAX_NAP_US	20000u
/* MB/s of one CPU's events that the shortest nap is good for */
#define PEAK_RATE	400u
#define NICE		(-20)

struct stream {
	pthread_t thread;
	struct streams *all;
	unsigned int cpu;
	int in, out;
	uint8_t *buf;
	size_t used;
	uint64_t written;	/* bytes of the file; of these are ... */
	uint64_t begun;		/* on their way to the disk */
	uint64_t dropped;	/* no longer in the page cache */
	int code;		/* what ended it, 0: nothing */
	bool reading;		/* ... it was the buffer, not the file */
	bool running;
};

struct streams {
	struct stream *items;
	struct wire *wire;	/* where the pages go; NULL: to files */
	size_t n;
	unsigned int cpus;
	size_t page_size;	/* of the ring buffer */
	unsigned int nap;	/* us */
	int event;
	atomic_bool stop;
	_Atomic uint64_t bytes;
};

/*
 * The page cache that the file takes shows in the recording, and pushes out
 * what the machine had there: begin to write it, and drop what was written.
 */
static void drop_cache(struct stream *s, uint64_t size)
{
	if (size - s->begun < DROP_STEP)
		return;
	/* neither need be done: the page cache is pushed out later, and shows */
	sync_file_range(s->out, (off_t)s->begun, (off_t)(size - s->begun),
			SYNC_FILE_RANGE_WRITE);
	s->begun = size;
	if (size > DROP_BEHIND + s->dropped) {
		posix_fadvise(s->out, (off_t)s->dropped,
			      (off_t)(size - DROP_BEHIND - s->dropped),
			      POSIX_FADV_DONTNEED);
		s->dropped = size - DROP_BEHIND;
	}
}

static int put(const struct stream *s)
{
	char name[32];

	if (!s->all->wire)
		return fd_write(s->out, s->buf, s->used);
	snprintf(name, sizeof(name), "cpu%u", s->cpu);
	return wire_append(s->all->wire, name, s->buf, s->used);
}

static int flush(struct stream *s)
{
	int ret;

	if (!s->used)
		return 0;
	ret = put(s);
	if (!ret) {
		atomic_fetch_add(&s->all->bytes, s->used);
		s->written += s->used;
		if (!s->all->wire)
			drop_cache(s, s->written);
	}
	s->used = 0;
	return ret;
}

/*
 * Reads until a page comes that is not full, or none. @pages counts; returns
 * 0 or a negative errno.
 */
static int drain(struct stream *s, bool last, unsigned int *pages)
{
	const size_t page_size = s->all->page_size;
	int ret;

	for (*pages = 0;; (*pages)++) {
		unsigned long commit;
		ssize_t n;

		if (s->used + page_size > CHUNK) {
			ret = flush(s);
			if (ret)
				return ret;
		}
		n = read(s->in, s->buf + s->used, page_size);
		if (n < 0 && errno == EINTR)
			continue;
		/* offline since before the instance was made: no buffer (yet) */
		if (!n || (n < 0 && (errno == EAGAIN || errno == ENODEV)))
			break;
		if (n < 0) {
			s->reading = true;
			return -errno;
		}
		memset(s->buf + s->used + n, 0, page_size - (size_t)n);
		/* behind the time: a local_t, whose upper bits are flags */
		memcpy(&commit, s->buf + s->used + 8, sizeof(commit));
		s->used += page_size;
		if (!last && (commit & 0xfffff) < page_size / 2) {
			(*pages)++;
			break;
		}
	}
	return *pages || last ? flush(s) : 0;
}

/* Returns how long it waited at most, us. */
static void wait_for_more(struct stream *s, unsigned int ms)
{
	struct pollfd pfd = { .fd = s->in, .events = POLLIN };
	struct timespec nap = { .tv_nsec = (long)s->all->nap * 1000 };

	if (ms) {
		/* ready: from buffer_percent on; in older kernels at once */
		poll(&pfd, 1, (int)ms);
		if (!pfd.revents)
			return;
		/* at once with an error: a CPU that has no buffer */
		if (!(pfd.revents & POLLIN))
			nap = (struct timespec){ .tv_nsec = NO_BUFFER_NS };
	}
	nanosleep(&nap, NULL);
}

static void *stream_run(void *arg)
{
	struct stream *s = arg;
	unsigned int pages, idle_ms = 0;
	uint64_t one = 1;

	/* of this thread only; refused: it works without */
	setpriority(PRIO_PROCESS, (id_t)syscall(SYS_gettid), NICE);
	while (!atomic_load(&s->all->stop)) {
		s->code = drain(s, false, &pages);
		if (s->code)
			break;
		if (pages > 1)
			idle_ms = 0;
		else if (!idle_ms)
			idle_ms = s->all->nap / 1000 + 1;
		else if (idle_ms < IDLE_MS)
			idle_ms *= 2;
		wait_for_more(s, idle_ms);
	}
	/* does not fail; if it did, streams_stop() would say it, only later */
	if (s->code && write(s->all->event, &one, sizeof(one)) < 0)
		return NULL;
	return NULL;
}

/* ---- all of them ---------------------------------------------------------------- */

static int stream_open(struct stream *s, const struct record_instance *ri,
		       const struct parts *parts, struct error *err)
{
	char path[1024], name[32];
	int ret = 0;

	snprintf(path, sizeof(path), "%s/per_cpu/cpu%u/trace_pipe_raw",
		 ri->dir, s->cpu);
	s->in = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (s->in < 0)
		return error_set(err, -errno, "%s: %s", path, strerror(errno));
	snprintf(name, sizeof(name), "cpu%u", s->cpu);
	if (parts->wire) {
		/* there is such a CPU, also if nothing comes of it */
		ret = parts_write(parts, name, "", 0, err);
	} else {
		s->out = parts_file(parts, name, err);
		ret = s->out < 0 ? s->out : 0;
	}
	if (ret)
		return ret;
	s->buf = malloc(CHUNK);
	return s->buf ? 0 : error_set(err, -ENOMEM, "not enough memory");
}

static int find_cpus(struct streams *st, const struct record_instance *ri,
		     struct error *err)
{
	long max = sysconf(_SC_NPROCESSORS_CONF);

	/* numbers may have gaps; an offline CPU has a folder too */
	for (unsigned int cpu = 0; cpu < 4096; cpu++) {
		struct stream *larger;
		char path[1024];

		snprintf(path, sizeof(path), "%s/per_cpu/cpu%u/trace_pipe_raw",
			 ri->dir, cpu);
		if (access(path, F_OK)) {
			if ((long)cpu > max)
				break;
			continue;
		}
		larger = realloc(st->items, (st->n + 1) * sizeof(*larger));
		if (!larger)
			return error_set(err, -ENOMEM, "not enough memory");
		st->items = larger;
		st->items[st->n++] = (struct stream){
			.all = st, .cpu = cpu, .in = -1, .out = -1
		};
		st->cpus = cpu + 1;
	}
	if (!st->n)
		return error_set(err, -ENODEV, "%s/per_cpu has no CPUs", ri->dir);
	return 0;
}

struct streams *streams_start(const struct record_instance *ri, const struct parts *parts,
			      uint64_t kb, int event, struct error *err)
{
	struct streams *st = calloc(1, sizeof(*st));
	uint64_t nap = kb * 1024 / PEAK_RATE / 2;
	pthread_attr_t attr;
	size_t i;
	int ret;

	if (!st) {
		error_set(err, -ENOMEM, "not enough memory");
		return NULL;
	}
	st->event = event;
	st->wire = parts->wire;
	st->nap = nap < MIN_NAP_US ? MIN_NAP_US :
		  nap > MAX_NAP_US ? MAX_NAP_US : (unsigned int)nap;
	ret = record_ring_page(ri, &st->page_size, err);
	if (!ret && st->page_size > CHUNK)
		ret = error_set(err, -EINVAL, "ring buffer pages of %zu bytes are not supported",
				st->page_size);
	if (!ret)
		ret = find_cpus(st, ri, err);
	for (i = 0; !ret && i < st->n; i++)
		ret = stream_open(&st->items[i], ri, parts, err);

	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, STACK_SIZE);
	for (i = 0; !ret && i < st->n; i++) {
		ret = -pthread_create(&st->items[i].thread, &attr, stream_run,
				      &st->items[i]);
		if (ret)
			error_set(err, ret, "cannot start a thread: %s",
				  strerror(-ret));
		else
			st->items[i].running = true;
	}
	pthread_attr_destroy(&attr);
	if (ret) {
		/* of a recording that did not begin */
		streams_stop(st, NULL);
		streams_free(st);
		return NULL;
	}
	return st;
}

/* What was written last, when it failed, may be less. */
static void whole_pages(struct stream *s)
{
	off_t page = (off_t)s->all->page_size, size = lseek(s->out, 0, SEEK_END);

	if (size > 0 && size % page && ftruncate(s->out, size - size % page))
		s->code = -errno;
}

int streams_stop(struct streams *st, struct error *err)
{
	int ret = 0;

	atomic_store(&st->stop, true);
	for (size_t i = 0; i < st->n; i++) {
		struct stream *s = &st->items[i];
		unsigned int pages;
		const char *what;

		if (!s->running)
			continue;
		pthread_join(s->thread, NULL);
		s->running = false;
		if (!s->code)
			s->code = drain(s, true, &pages);
		if (!s->code)
			continue;
		if (!st->wire)
			whole_pages(s);
		if (ret)
			continue;
		what = st->wire && !s->reading ? wire_strerror(s->code) : strerror(-s->code);
		ret = error_set(err, s->code, "cannot %s CPU %u: %s%s",
				s->reading ? "read the buffer of" :
				st->wire ? "send what comes from" : "write what comes from",
				s->cpu, what,
				s->code == -ENOSPC && !st->wire ? ": make room" : "");
	}
	return ret;
}

void streams_free(struct streams *st)
{
	if (!st)
		return;
	for (size_t i = 0; i < st->n; i++) {
		if (st->items[i].in >= 0)
			close(st->items[i].in);
		if (st->items[i].out >= 0)
			close(st->items[i].out);
		free(st->items[i].buf);
	}
	free(st->items);
	free(st);
}

unsigned int streams_cpus(const struct streams *st)
{
	return st->cpus;
}

uint64_t streams_bytes(const struct streams *st)
{
	return atomic_load(&st->bytes);
}
