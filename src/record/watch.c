// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * watch.c - what to do while a recording runs: wait, and tell of losses
 */
#include "monotonic.h"
#include "session.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "record_files.h"
#include "record_snap.h"
#include "stream.h"
#include "ring_stats.h"
#include "units.h"

#define LOOK_MS	500	/* how often losses are looked at */
#define SIZE_MS	50	/* ... and the size, where it is limited */
#define TERM_MS	2000	/* a command that was signalled has that long to end */

/*
 * The command's own memory, which is part of the same sum as the kernel's: its
 * smaps_rollup, or the one number that a kernel without it tells
 * (CONFIG_PROC_PAGE_MONITOR). Allocated; NULL: neither.
 */
static char *command_memory(const struct session *se)
{
	unsigned long long size, rss;
	char path[64], *text, *line = NULL;

	snprintf(path, sizeof(path), "/proc/%d/smaps_rollup", (int)se->child.pid);
	text = file_read(path, NULL);
	if (text && *text)
		return text;
	free(text);
	snprintf(path, sizeof(path), "/proc/%d/statm", (int)se->child.pid);
	text = file_read(path, NULL);
	if (text && sscanf(text, "%llu %llu", &size, &rss) == 2 &&
	    asprintf(&line, "Rss: %llu kB\n",
		     rss * (unsigned long long)sysconf(_SC_PAGESIZE) / 1024) < 0)
		line = NULL;
	free(text);
	return line;
}

/* Remembers what it has now, instead of what it had when last seen. */
static void sample_command(struct session *se)
{
	char *text = command_memory(se);

	if (!text)
		return;
	free(se->sample);
	se->sample = text;
	se->sample_ts = record_clock_now(&se->ri);
}

static void save_sample(struct session *se, const char *name)
{
	if (se->snaps && se->sample)
		snaps_add(se->snaps, name, se->sample_ts, se->sample,
			  strlen(se->sample));
	free(se->sample);
	se->sample = NULL;
}

/* The command ended: true. */
static bool reap(struct session *se)
{
	struct rusage usage;
	int status;

	for (;;) {
		switch (child_wait(&se->child, &status, &usage)) {
		case CHILD_RUNS:
			return false;
		case CHILD_EXITS:
			sample_command(se);
			child_let_go(&se->child);
			save_sample(se, "smaps@exit");
			continue;
		case CHILD_ENDED:
			break;
		}
		break;
	}
	save_sample(se, "smaps@sample");
	if (se->snaps)
		snaps_printf(se->snaps, "command@exit", record_clock_now(&se->ri),
			     "maxrss_kb=%ld\n", usage.ru_maxrss);
	se->result->ran = true;
	se->result->status = child_exit_status(status);
	return true;
}

/* Passes a signal on, unless the terminal sent it to the command as well. */
static void pass_on(const struct session *se, const struct signalfd_siginfo *info)
{
	if (se->child.pid && info->ssi_code != SI_KERNEL)
		kill(se->child.pid, (int)info->ssi_signo);	/* (it may have ended) */
}

/*
 * One round of waiting, until @until at most. A signal that is to end the
 * recording: its number.
 */
static int wait_round(struct session *se, int64_t until, bool *failed)
{
	struct pollfd fds[] = {
		{ .fd = se->signals, .events = POLLIN },
		{ .fd = se->trouble, .events = POLLIN },
	};
	struct signalfd_siginfo info;
	int64_t left = (until - monotonic_ns()) / 1000000 + 1;	/* ms */
	int most = se->opts->max_size ? SIZE_MS : LOOK_MS;

	/* EINTR: the next round */
	poll(fds, 2, left < 0 ? 0 : left < most ? (int)left : most);
	*failed = fds[1].revents & POLLIN;
	while (read(se->signals, &info, sizeof(info)) == sizeof(info)) {
		if (info.ssi_signo == SIGCHLD)
			continue;
		pass_on(se, &info);
		return (int)info.ssi_signo;
	}
	return 0;
}

/* What --max-size allows is there. Said, for with a command nobody expects an end. */
static bool is_full(const struct session *se)
{
	char size[16];

	if (!se->opts->max_size || streams_bytes(se->streams) < se->opts->max_size)
		return false;
	session_say(se, "the recording ends, at --max-size %s",
		    size_human(size, sizeof(size), se->opts->max_size));
	return true;
}

void watch_recording(struct session *se)
{
	int64_t start = monotonic_ns(), until = INT64_MAX, look = start;
	bool failed = false, signalled = false;

	if (se->opts->duration_ns)
		until = time_after(start, se->opts->duration_ns);
	while (!failed && !reap(se) && monotonic_ns() < until && !is_full(se)) {
		if (wait_round(se, until, &failed) && !signalled) {
			/* the command may have something to clean up */
			if (!se->child.pid)
				break;
			signalled = true;
			until = monotonic_ns() + TERM_MS * 1000000ll;
		}
		if (monotonic_ns() - look >= LOOK_MS * 1000000ll) {
			watch_losses(se);
			/* where it is not seen on its way out */
			if (se->child.pid && !se->child.traced)
				sample_command(se);
			look = monotonic_ns();
		}
	}
	/* it may go on when the recording has ended, and so it is now that counts */
	if (se->child.pid) {
		sample_command(se);
		save_sample(se, "smaps@sample");
		child_leave(&se->child);
	}
	se->result->seconds = (double)(monotonic_ns() - start) / 1e9;
}

void watch_command(struct session *se)
{
	int status;

	if (!se->child.pid || reap(se))
		return;
	session_say(se, "the recording has ended, process %d goes on",
		    (int)se->child.pid);
	if (!*se->why.text)
		return;
	/* cut short, but its status is still to be passed on */
	if (waitpid(se->child.pid, &status, 0) == se->child.pid) {
		se->result->ran = true;
		se->result->status = child_exit_status(status);
	}
}

void watch_losses(struct session *se)
{
	struct stream_stats stats;

	for (unsigned int cpu = 0; cpu < se->cpus; cpu++) {
		/* unread: said at the end, if it still is then */
		if (stream_stats(&se->ri, cpu, &stats) ||
		    stats.lost <= se->lost[cpu])
			continue;
		session_say(se, "CPU %u: %" PRIu64 " events lost (%" PRIu64 " so far): record again with --buffer-size %" PRIu64 " or more",
			    cpu, stats.lost - se->lost[cpu], stats.lost,
			    se->buffer_kb * 4);
		se->lost[cpu] = stats.lost;
	}
}
