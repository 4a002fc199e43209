// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * linefind.c - see linefind.h: the process that asks libdw, and what it says
 *
 * The child shares the unpacked file with us by fork(). Its answers come over a
 * pipe, and are believed no more than a file is: struct reply, then the texts.
 */
#include "linefind.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "arena.h"
#include "elffile.h"
#include "error.h"
#include "linefind_dwarf.h"

/* Seconds of CPU for a file: some, and more for each MiB of it. */
#define SECONDS_MIN	20u
#define MIB_PER_SECOND	8u
/* Bytes that the child may take besides: libdw keeps what it has read. */
#define MEMORY_MIN	(512ULL << 20)
#define TEXT_MAX	4096u

struct reply {
	uint32_t query;		/* END: no more */
	uint32_t status;	/* END: errno */
	uint32_t n;		/* frames */
};

struct reply_frame {
	uint32_t line;
	uint16_t function_len, file_len;	/* 0: none */
};

#define REPLY_END UINT32_MAX

int linefind_possible(const struct elffile *ef)
{
	return elffile_find(ef, ".debug_info") || elffile_find(ef, ".zdebug_info");
}

static unsigned int seconds_for(const struct elffile *ef)
{
	size_t len;

	elffile_image(ef, &len);
	return SECONDS_MIN + (unsigned int)((len >> 20) / MIB_PER_SECOND);
}

/* ---- the child -------------------------------------------------------------------- */

static uint16_t text_len(const char *text)
{
	size_t len = text ? strlen(text) : 0;

	return (uint16_t)(len < TEXT_MAX ? len : TEXT_MAX);
}

static int send_answer(void *arg, size_t query, const struct line_frame *frames, size_t n)
{
	struct reply r = { .query = (uint32_t)query, .n = (uint32_t)n };
	FILE *to = arg;

	fwrite(&r, sizeof(r), 1, to);
	while (n--) {		/* the function's own line first */
		struct reply_frame f = {
			.line = frames[n].line,
			.function_len = text_len(frames[n].function),
			.file_len = text_len(frames[n].file),
		};

		fwrite(&f, sizeof(f), 1, to);
		if (f.function_len)
			fwrite(frames[n].function, 1, f.function_len, to);
		if (f.file_len)
			fwrite(frames[n].file, 1, f.file_len, to);
	}
	return ferror(to) ? -EPIPE : 0;
}

/* Sanitizers reserve more address space than there is memory. */
#if defined(__SANITIZE_ADDRESS__)
#define SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SANITIZED 1
#endif
#endif

static void limit(const struct elffile *ef)
{
	struct rlimit cpu = { .rlim_cur = seconds_for(ef), .rlim_max = seconds_for(ef) + 1 };
	struct rlimit core = { 0 };

	setrlimit(RLIMIT_CPU, &cpu);
	setrlimit(RLIMIT_CORE, &core);
#ifndef SANITIZED
	struct rlimit memory = { 0 };
	size_t len;

	elffile_image(ef, &len);
	memory.rlim_cur = memory.rlim_max = MEMORY_MIN + 8 * (rlim_t)len;
	setrlimit(RLIMIT_DATA, &memory);
#endif
}

static void child(const struct elffile *ef, const struct line_query *queries, size_t n,
		  int fd)
{
	struct reply end = { .query = REPLY_END };
	FILE *to = fdopen(fd, "w");

	signal(SIGPIPE, SIG_DFL);
	if (!to)
		_exit(1);
	limit(ef);
	end.status = (uint32_t)-linefind_dwarf(ef, queries, n, send_answer, to);
	fwrite(&end, sizeof(end), 1, to);
	fflush(to);
	_exit(ferror(to) != 0);
}

/* ---- the parent ------------------------------------------------------------------- */

struct conversation {
	const struct elffile *ef;
	int fd;
	struct timespec deadline;
	struct line_answer *answers;
	size_t n;
	struct arena *arena;
};

static int ms_left(const struct timespec *deadline)
{
	struct timespec now;
	int64_t ms;

	clock_gettime(CLOCK_MONOTONIC, &now);
	ms = ((int64_t)deadline->tv_sec - now.tv_sec) * 1000 +
	     (deadline->tv_nsec - now.tv_nsec) / 1000000;
	return ms < 0 ? 0 : ms > 1000000 ? 1000000 : (int)ms;
}

/* All of @len bytes; false: the child is gone, or too slow. */
static bool receive(const struct conversation *c, void *to, size_t len)
{
	struct pollfd p = { .fd = c->fd, .events = POLLIN };
	char *at = to;

	while (len) {
		ssize_t got;
		int ready = poll(&p, 1, ms_left(&c->deadline));

		if (ready < 0 && errno == EINTR)
			continue;
		if (ready <= 0)
			return false;
		got = read(c->fd, at, len);
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return false;
		at += got;
		len -= (size_t)got;
	}
	return true;
}

static bool receive_text(const struct conversation *c, size_t len, const char **text)
{
	char *to;

	*text = NULL;
	if (!len)
		return true;
	if (len > TEXT_MAX)
		return false;
	to = arena_zalloc(c->arena, 1, len + 1);
	*text = to;
	return to && receive(c, to, len);
}

static bool receive_answer(const struct conversation *c, const struct reply *r)
{
	struct line_frame *frames;

	if (r->query >= c->n || !r->n || r->n > LINE_FRAMES_MAX)
		return false;
	frames = arena_zalloc(c->arena, r->n, sizeof(*frames));
	if (!frames)
		return false;
	for (uint32_t i = 0; i < r->n; i++) {
		struct reply_frame f;

		if (!receive(c, &f, sizeof(f)) ||
		    !receive_text(c, f.function_len, &frames[i].function) ||
		    !receive_text(c, f.file_len, &frames[i].file))
			return false;
		frames[i].line = f.line;
		if (!frames[i].file)
			return false;
	}
	c->answers[r->query] = (struct line_answer){ .frames = frames, .n = r->n };
	return true;
}

static int converse(const struct conversation *c, struct error *err)
{
	const char *path = elffile_path(c->ef);
	struct reply r;

	while (receive(c, &r, sizeof(r))) {
		if (r.query != REPLY_END) {
			if (receive_answer(c, &r))
				continue;
			break;
		}
		if (!r.status)
			return 0;
		return error_set(err, -ENODATA, "%s: its debug info cannot be read%s", path,
				 r.status == ENOMEM ? ": out of memory" : "");
	}
	if (!ms_left(&c->deadline))
		return error_set(err, -EBADMSG,
				 "%s: reading its debug info does not come to an end: damaged?",
				 path);
	return error_set(err, -EBADMSG, "%s: its debug info is damaged", path);
}

int linefind(const struct elffile *ef, const struct line_query *queries,
	     struct line_answer *answers, size_t n, struct arena *arena,
	     struct error *err)
{
	struct conversation c = { .ef = ef, .answers = answers, .n = n, .arena = arena };
	int fds[2], ret;
	pid_t pid;

	memset(answers, 0, n * sizeof(*answers));
	if (!linefind_possible(ef))
		return error_set(err, -ENODATA, "%s: has no debug info", elffile_path(ef));
	if (pipe(fds))
		return error_set(err, -errno, "pipe: %s", strerror(errno));
	pid = fork();
	if (pid < 0) {
		ret = -errno;
		close(fds[0]);
		close(fds[1]);
		return error_set(err, ret, "fork: %s", strerror(-ret));
	}
	if (!pid) {
		close(fds[0]);
		child(ef, queries, n, fds[1]);
	}
	close(fds[1]);
	c.fd = fds[0];
	clock_gettime(CLOCK_MONOTONIC, &c.deadline);
	c.deadline.tv_sec += 2 * (time_t)seconds_for(ef);
	ret = converse(&c, err);
	close(c.fd);
	kill(pid, SIGKILL);	/* ours, and not waited for yet */
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
	return ret;
}
