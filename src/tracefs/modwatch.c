// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * modwatch.c - see record_modwatch.h
 */
#include "record_modwatch.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <tracefs.h>
#include <unistd.h>

#include "error.h"
#include "record_instance.h"
#include "record_snap.h"
#include "ring_stats.h"

struct modwatch {
	struct record_instance ri;
	struct snaps *snaps;
	pthread_t thread;
	bool running;
	int pipe, stop;
	unsigned int loads;
	_Atomic uint64_t missed;	/* events, lost before they were read */
	atomic_int code;	/* what ended the thread, 0: nothing */
	atomic_bool dropped;	/* nobody wants to be told any more */
};

char *modwatch_parse(char *line, const char **time)
{
	static const char key[] = ": module_load: ";
	char *at = strstr(line, key), *name;

	if (!at || at == line)
		return NULL;
	name = at + sizeof(key) - 1;
	name[strcspn(name, " \n")] = '\0';
	*at = '\0';
	while (at > line && at[-1] != ' ')
		at--;
	*time = at;
	return *name ? name : NULL;
}

/*
 * Loaded and removed since: there are no symbols to read, and to look for them
 * would make those of the next one late.
 */
static bool is_gone(const char *name)
{
	char path[128];

	if (strchr(name, '/') || access("/sys/module", X_OK))
		return false;
	snprintf(path, sizeof(path), "/sys/module/%.64s", name);
	return access(path, F_OK) != 0;
}

static void take(struct modwatch *mw, char *line)
{
	const char *time;
	char *name = modwatch_parse(line, &time);

	if (!name) {
		/* "CPU:1 [LOST 12 EVENTS]" (trace.c, print_trace_line()) */
		time = strstr(line, "[LOST ");
		if (time)
			mw->missed += strtoull(time + 6, NULL, 10);
		return;
	}
	mw->loads++;
	if (mw->dropped || is_gone(name))
		return;
	snaps_modules(mw->snaps, SNAP_LOAD, record_clock_parse(time), name,
		      NULL, NULL);
}

/* Takes the whole lines of @buf; returns how much is left of one. */
static size_t take_lines(struct modwatch *mw, char *buf, size_t len)
{
	char *line = buf, *end;

	buf[len] = '\0';
	while ((end = strchr(line, '\n'))) {
		*end = '\0';
		take(mw, line);
		line = end + 1;
	}
	len -= (size_t)(line - buf);
	memmove(buf, line, len);
	return len;
}

static void *modwatch_run(void *arg)
{
	struct modwatch *mw = arg;
	struct pollfd fds[] = {
		{ .fd = mw->pipe, .events = POLLIN },
		{ .fd = mw->stop, .events = POLLIN },
	};
	char buf[8192];
	size_t used = 0;

	/* refused: symbols come a little later */
	setpriority(PRIO_PROCESS, (id_t)syscall(SYS_gettid), -20);
	for (;;) {
		ssize_t n = read(mw->pipe, buf + used, sizeof(buf) - 1 - used);

		if (n > 0) {
			used = take_lines(mw, buf, used + (size_t)n);
			/* no line of module_load is so long */
			if (used == sizeof(buf) - 1)
				used = 0;
			continue;
		}
		if (n < 0 && errno != EAGAIN && errno != EINTR) {
			mw->code = -errno;
			return NULL;
		}
		if (fds[1].revents)
			return NULL;
		poll(fds, 2, -1);	/* EINTR: looks again */
	}
}

static int prepare(struct modwatch *mw, const char *clock)
{
	char path[1024];
	int ret = record_instance_write(&mw->ri, "trace_clock", clock);

	/* times of another clock would put symbols in the wrong place */
	if (ret)
		return ret;
	/* of any size it does; if it loses any, modwatch_error() says so */
	record_instance_write(&mw->ri, "buffer_size_kb", "64");
	/* 4.20 and later; wake at the first event, not when a part of the buffer is full */
	record_instance_write(&mw->ri, "buffer_percent", "0");
	snprintf(path, sizeof(path), "%s/trace_pipe", mw->ri.dir);
	mw->pipe = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	mw->stop = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (mw->pipe < 0 || mw->stop < 0)
		return -errno;
	return record_instance_write(&mw->ri,
				     "events/module/module_load/enable", "1");
}

int modwatch_start(struct modwatch **out, const struct record_instance *ri,
		   const char *clock, struct snaps *sn, struct error *err)
{
	struct modwatch *mw;
	char path[1024];
	int ret = 0;

	*out = NULL;
	snprintf(path, sizeof(path), "%s/events/module/module_load", ri->dir);
	if (access(path, F_OK))
		return 0;
	mw = calloc(1, sizeof(*mw));
	if (!mw)
		return error_set(err, -ENOMEM, "not enough memory");
	mw->pipe = mw->stop = -1;
	mw->snaps = sn;
	mw->ri = *ri;
	snprintf(mw->ri.name, sizeof(mw->ri.name), "%.40s-mod", ri->name);
	snprintf(mw->ri.dir, sizeof(mw->ri.dir), "%.200s/instances/%s",
		 ri->tracing, mw->ri.name);
	errno = 0;
	mw->ri.tracefs = tracefs_instance_create(mw->ri.name);
	if (!mw->ri.tracefs)
		ret = record_tracefs_errno();
	if (!ret)
		ret = prepare(mw, clock);
	if (!ret)
		ret = -pthread_create(&mw->thread, NULL, modwatch_run, mw);
	if (ret) {
		error_set(err, ret, "%s: module loads cannot be watched: %s",
			  mw->ri.dir, strerror(-ret));
		/* what stays is found by the next recorder, or --clean */
		modwatch_free(mw, NULL);
		return ret;
	}
	mw->running = true;
	*out = mw;
	return 0;
}

void modwatch_drop(struct modwatch *mw)
{
	if (mw)
		atomic_store(&mw->dropped, true);
}

int modwatch_error(struct modwatch *mw, struct error *err)
{
	uint64_t missed = mw ? atomic_load(&mw->missed) : 0;
	int code = mw ? atomic_load(&mw->code) : 0;

	if (missed)
		return error_set(err, -ENOBUFS, "%" PRIu64 " events of modules that came were lost, so their symbols may be missing",
				 missed);
	return code ? error_set(err, code, "%s/trace_pipe: %s: symbols of modules that came since may be missing",
				mw->ri.dir, strerror(-code)) : 0;
}

int modwatch_stop(struct modwatch *mw, unsigned int *loads, struct error *err)
{
	uint64_t one = 1;

	if (!mw)
		return 0;
	if (mw->running) {
		/* does not fail: it holds nothing that could overflow */
		while (write(mw->stop, &one, sizeof(one)) < 0 && errno == EINTR)
			;
		pthread_join(mw->thread, NULL);
		mw->running = false;
	}
	if (mw->pipe >= 0)
		close(mw->pipe);
	mw->pipe = -1;
	if (loads)
		*loads = mw->loads;
	return modwatch_error(mw, err);
}

int modwatch_free(struct modwatch *mw, struct error *err)
{
	int ret;

	if (!mw)
		return 0;
	modwatch_stop(mw, NULL, NULL);
	if (mw->stop >= 0)
		close(mw->stop);
	ret = record_instance_destroy(&mw->ri, err);
	free(mw);
	return ret;
}
