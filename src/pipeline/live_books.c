// SPDX-License-Identifier: GPL-2.0-or-later
#include "live_books.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "companion_read.h"
#include "error.h"
#include "monotonic.h"
#include "snapshot.h"
#include "source.h"

/* ... and at most so often if there are many. */
#define LEAST_NS INT64_C(20000000)

/* Between polls that are to settle what there is: live_poll() looks back at some of them. */
#define SETTLE_NS 10000000

struct live_books {
	struct live *live;
	struct pipeline *pipeline;
	struct pollfd *fds;	/* the caller's, then one a CPU */
	bool filling;		/* a ring buffer was found to fill */
	int64_t polled;		/* when events were taken last */
};

static int begin(struct live_books *lb, const struct live_books_opts *opts, struct error *err)
{
	const struct replay_opts ro = {
		.kallsyms_file = "/proc/kallsyms",
		.modules_file = access("/proc/modules", R_OK) ? NULL : "/proc/modules",
		.from = REPLAY_NO_TIME,
		.to = REPLAY_NO_TIME,
		.series = opts->series,
		.leaks = opts->leaks,
	};
	struct companion *companion;
	struct source *src;
	int ret;

	lb->live = live_open(&opts->live, err);
	if (!lb->live)
		return -EIO;
	lb->fds = calloc(LIVE_BOOKS_FDS + live_cpus(lb->live), sizeof(*lb->fds));
	companion = live_companion(lb->live);
	src = live_source(lb->live);
	if (!lb->fds || !companion || !src) {
		companion_free(companion);
		source_close(src);
		return error_set(err, -ENOMEM, "out of memory");
	}
	lb->pipeline = pipeline_open(src, companion, NULL, &ro, err);
	if (!lb->pipeline)
		return -EIO;
	ret = live_misses(lb->live);
	if (ret)
		return error_set(err, ret, "cannot start a thread: %s", strerror(-ret));
	return live_poll(lb->live, lb->pipeline, err);
}

struct live_books *live_books_open(const struct live_books_opts *opts, struct error *err)
{
	struct live_books *lb = calloc(1, sizeof(*lb));
	struct error left;
	int ret;

	if (!lb) {
		error_set(err, -ENOMEM, "out of memory");
		return NULL;
	}
	ret = begin(lb, opts, err);
	if (!ret)
		return lb;
	if (live_books_close(lb, &left))
		error_join(err, ret, ret, &left);
	return NULL;
}

int live_books_close(struct live_books *lb, struct error *err)
{
	int ret;

	if (!lb)
		return 0;
	pipeline_close(lb->pipeline);
	ret = live_close(lb->live, err);
	free(lb->fds);
	free(lb);
	return ret;
}

/* What is not old enough yet to be taken stays there: that is not to be looked at too early. */
void live_books_wait(struct live_books *lb, int64_t until, struct pollfd *fds, size_t n)
{
	int64_t now = monotonic_ns(), early = lb->polled + LEAST_NS, left;
	size_t cpus = now < early ? 0 : live_cpus(lb->live);
	struct timespec ts;

	if (lb->polled + LIVE_BOOKS_NAP < until)
		until = lb->polled + LIVE_BOOKS_NAP;
	if (now < early && early < until)
		until = early;
	left = until < now ? 0 : until - now;
	if (left > LIVE_BOOKS_NAP)
		left = LIVE_BOOKS_NAP;
	ts = (struct timespec){ .tv_nsec = (long)left };
	memcpy(lb->fds, fds, n * sizeof(*fds));
	for (size_t i = 0; i < cpus; i++)
		lb->fds[n + i] = (struct pollfd){ .fd = live_fd(lb->live, i),
						  .events = POLLIN };
	lb->filling = false;
	if (ppoll(lb->fds, n + cpus, &ts, NULL) <= 0) {
		for (size_t i = 0; i < n; i++)
			fds[i].revents = 0;
		return;
	}
	memcpy(fds, lb->fds, n * sizeof(*fds));
	for (size_t i = 0; i < cpus; i++)
		lb->filling |= lb->fds[n + i].revents & POLLIN;
}

int live_books_poll(struct live_books *lb, struct error *err)
{
	int64_t now = monotonic_ns();

	if (!lb->filling && now < lb->polled + LIVE_BOOKS_NAP)
		return 0;
	lb->polled = now;
	return live_poll(lb->live, lb->pipeline, err);
}

uint64_t live_books_taken(const struct live_books *lb)
{
	return pipeline_end(lb->pipeline);
}

uint64_t live_books_clock(const struct live_books *lb)
{
	return source_live_now(pipeline_source(lb->pipeline));
}

int live_books_settle(struct live_books *lb, struct error *err)
{
	static const struct timespec nap = { .tv_nsec = SETTLE_NS };
	uint64_t now = live_books_clock(lb);
	int ret = 0;

	/* a clock that stands (counter) never gets there */
	for (int i = 0; i < 100 && !ret && live_books_taken(lb) < now; i++) {
		nanosleep(&nap, NULL);
		ret = live_poll(lb->live, lb->pipeline, err);
	}
	return ret;
}

/* What the kernel is asked for when a snapshot is taken. */
static int refresh(struct live_books *lb, struct error *err)
{
	live_losses(lb->live);
	return live_sizes(lb->live, lb->pipeline) ? error_set(err, -ENOMEM, "out of memory") : 0;
}

struct snapshot *live_books_snapshot(struct live_books *lb, bool by_stack, struct error *err)
{
	return refresh(lb, err) ? NULL : pipeline_snapshot(lb->pipeline, by_stack, err);
}

struct snapshot *live_books_lean(struct live_books *lb, struct error *err)
{
	return refresh(lb, err) ? NULL : pipeline_snapshot_lean(lb->pipeline, err);
}

uint64_t live_books_lost(struct live_books *lb)
{
	const struct source_info *info = source_info(pipeline_source(lb->pipeline));
	uint64_t lost = 0;

	live_losses(lb->live);
	for (size_t i = 0; i < info->n_cpustats; i++)
		lost += info->cpustats[i].overrun;
	return lost;
}

struct pipeline *live_books_pipeline(struct live_books *lb)
{
	return lb->pipeline;
}

uint64_t live_books_ring_bytes(const struct live_books *lb)
{
	return live_ring_bytes(lb->live);
}

uint64_t live_books_buffer_kb(const struct live_books *lb)
{
	return live_ring_bytes(lb->live) / live_cpus(lb->live) / 1024;
}
