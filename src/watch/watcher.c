// SPDX-License-Identifier: GPL-2.0-or-later
#include "watcher.h"

#include <errno.h>
#include <inttypes.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "aside.h"
#include "ask.h"
#include "books.h"
#include "error.h"
#include "guard.h"
#include "keep.h"
#include "leaks.h"
#include "live_books.h"
#include "modfiles.h"
#include "monotonic.h"
#include "record_child.h"
#include "record_signals.h"
#include "root.h"
#include "self.h"
#include "server.h"
#include "snapshot.h"
#include "snapshot_build.h"
#include "status.h"
#include "units.h"
#include "view.h"

#define SECOND	INT64_C(1000000000)
#define LOOK_NS	SECOND		/* how often losses are looked at */
#define FILES_NS	(10 * SECOND)	/* between files of modules without --every */
#define SHORT_NS	(10 * SECOND)	/* books that do not last so long are none */
#define ROOT_TRIES	500	/* 20 ms apart: a change of the root may take so long */
#define TERM_NS	(2 * SECOND)	/* a command that was signalled has that long to end */

struct watcher {
	const struct watcher_opts *opts;
	struct watcher_result *result;
	struct live_books *books;
	struct record_signals before;
	int signals;		/* signalfd */
	struct child child;
	int64_t began, until;	/* monotonic_ns() */
	int64_t books_began;
	int64_t look;		/* when losses are looked at next */
	int64_t save;		/* when a report is due, INT64_MAX: at the end */
	struct aside saver;
	int64_t file;		/* when files of modules are due */
	struct aside filer;
	struct server server;
	struct guard guard;
	struct watcher_status status;
	struct server_ops ops;
	uint64_t lost;		/* events, as of the last look */
	bool signalled;		/* the command, by us */
	bool stop;
	struct error anew;	/* why the books were begun anew, see status.restarts */
	struct error why;	/* it was cut short, empty: it was not */
};

__attribute__((format(printf, 2, 3)))
static void say(struct watcher *w, const char *fmt, ...)
{
	struct error line;
	char text[1024];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	error_set(&line, 0, "%s", text);
	w->status.said = line;
	w->status.said_at = time(NULL);
	if (w->opts->say)
		w->opts->say(w->opts->say_arg, line.text);
}

static const struct leak_opts leaks = LEAK_OPTS_DEFAULT;

static struct live_books *open_books(struct watcher *w, struct error *err)
{
	const struct live_books_opts lo = {
		.live = {
			.buffer_kb = w->opts->buffer_kb,
			.no_probes = w->opts->no_probes,
			.own = w->opts->own,
			.say = w->opts->say,
			.say_arg = w->opts->say_arg,
		},
		.series = true,
		.leaks = &leaks,
	};

	w->lost = 0;
	w->books_began = monotonic_ns();
	return live_books_open(&lo, err);
}

/* ---- reports ----------------------------------------------------------------------------- */

/*
 * The books as they stand, and what is to be known of them; @lean: modules and places
 * alone. NULL with @err set.
 */
static struct snapshot *take_snapshot(struct watcher *w, bool lean, struct error *err)
{
	struct snapshot *snap = lean ? live_books_lean(w->books, err) :
				live_books_snapshot(w->books, true, err);
	struct error cut, anew;
	const char *notes[2];
	size_t n = 0;

	error_set(&cut, 0, "the watch was cut short: %s", w->why.text);
	error_set(&anew, 0, "the books were begun anew, for the last time because %s: what was allocated before that is not in them (times so far: %" PRIu64 ")",
		  w->anew.text, w->status.restarts);
	if (*w->why.text)
		notes[n++] = cut.text;
	if (w->status.restarts)
		notes[n++] = anew.text;
	if (!snap || !snapshot_add_notes(snap, notes, n))
		return snap;
	snapshot_free(snap);
	error_set(err, -ENOMEM, "out of memory");
	return NULL;
}

/* In a copy of the process. */
static int save_aside(void *arg, struct error *err)
{
	struct watcher *w = arg;
	struct snapshot *snap = take_snapshot(w, false, err);
	int ret = snap ? keep_report(w->opts->output, w->opts->keep, snap, err) : -ENOMEM;

	snapshot_free(snap);
	return ret;
}

/* What became of a report that was being written. */
static void look_at_saver(struct watcher *w, bool wait)
{
	struct error err;
	int ret;

	if (!w->saver.pid || !aside_ended(&w->saver, wait, &ret, &err))
		return;
	w->status.cpu_ns += w->saver.cpu_ns;
	if (ret) {
		say(w, "no report was saved: %s", err.text);
		return;
	}
	w->status.saved++;
	w->status.saved_at = time(NULL);
}

static void save_if_due(struct watcher *w, int64_t now)
{
	struct error err;

	if (now < w->save)
		return;
	/* those that passed meanwhile are left out */
	w->save += ((now - w->save) / w->opts->every_ns + 1) * w->opts->every_ns;
	if (w->saver.pid)
		say(w, "no report was saved: the one before is still being written");
	else if (aside_start(&w->saver, save_aside, w, -1, &err))
		say(w, "no report was saved: %s", err.text);
}

static int write_files(void *arg, struct error *err)
{
	struct watcher *w = arg;
	struct snapshot *snap = take_snapshot(w, true, err);
	int ret = snap ? modfiles_write(w->opts->files, snap, err) : -ENOMEM;

	snapshot_free(snap);
	return ret;
}

static void look_at_filer(struct watcher *w, bool wait)
{
	struct error err;
	int ret;

	if (!w->filer.pid || !aside_ended(&w->filer, wait, &ret, &err))
		return;
	w->status.cpu_ns += w->filer.cpu_ns;
	if (ret)
		say(w, "files of modules are not up to date: %s", err.text);
}

static void write_files_if_due(struct watcher *w, int64_t now)
{
	struct error err;

	look_at_filer(w, false);
	if (!w->opts->files || now < w->file || w->filer.pid)
		return;
	w->file = now + (w->opts->every_ns ? w->opts->every_ns : FILES_NS);
	if (aside_start(&w->filer, write_files, w, -1, &err))
		say(w, "files of modules are not up to date: %s", err.text);
}

/* ---- who asks ---------------------------------------------------------------------------- */

static int answer_status(void *arg, FILE *out, struct error *err)
{
	struct watcher *w = arg;
	struct watcher_status st = w->status;

	st.cpu_ns += self_cpu_ns() + w->server.cpu_ns;
	st.rss = self_resident();
	st.ring = live_books_ring_bytes(w->books);
	st.seconds = (double)(monotonic_ns() - w->began) / 1e9;
	st.events = books_stats(pipeline_books(live_books_pipeline(w->books)))->events;
	st.lost = w->status.lost_before + live_books_lost(w->books);
	st.output = w->opts->output;
	st.answered = w->server.answered;
	st.size = pipeline_size(live_books_pipeline(w->books));
	return status_write(&st, out, err);
}

static int answer_report(void *arg, bool full, FILE *out, struct error *err)
{
	const struct view_opts opts = { .full = full };
	struct snapshot *snap = take_snapshot(arg, !full, err);
	int ret = snap ? view_json(snap, &opts, out, err) : -ENOMEM;

	snapshot_free(snap);
	return ret;
}

static void answer_stop(void *arg)
{
	((struct watcher *)arg)->stop = true;
}

static uint64_t clock_now(void *arg)
{
	return live_books_clock(((struct watcher *)arg)->books);
}

static uint64_t clock_taken(void *arg)
{
	return live_books_taken(((struct watcher *)arg)->books);
}

/* ---- while it runs ------------------------------------------------------------------------ */

/* The command ended: true. */
static bool reap(struct watcher *w)
{
	struct rusage usage;
	int status;

	for (;;) {
		switch (child_wait(&w->child, &status, &usage)) {
		case CHILD_RUNS:
			return false;
		case CHILD_EXITS:
			child_let_go(&w->child);
			continue;
		case CHILD_ENDED:
			w->result->ran = true;
			w->result->status = child_exit_status(status);
			return true;
		}
	}
}

/* The command may have something to clean up; a terminal tells it by itself. */
static void take_signals(struct watcher *w)
{
	struct signalfd_siginfo info;

	while (read(w->signals, &info, sizeof(info)) == sizeof(info)) {
		if (info.ssi_signo == SIGCHLD)
			continue;
		if (!w->child.pid) {
			w->stop = true;
			continue;
		}
		if (info.ssi_code != SI_KERNEL)
			kill(w->child.pid, (int)info.ssi_signo);	/* (it may have ended) */
		if (!w->signalled)
			w->until = monotonic_ns() + TERM_NS;
		w->signalled = true;
	}
}

static void look_for_losses(struct watcher *w)
{
	uint64_t lost = live_books_lost(w->books);

	if (lost > w->lost)
		say(w, "%" PRIu64 " events lost (%" PRIu64 " so far): watch again with --buffer-size %" PRIu64 " or more",
		    lost - w->lost, lost, live_books_buffer_kb(w->books) * 4);
	w->lost = lost;
}

/* The books go, with their session, and others begin. 0 or a negative errno with @err set. */
static int begin_anew(struct watcher *w, struct error *err)
{
	int ret;

	say(w, "the books begin anew: %s", w->anew.text);
	w->status.lost_before += w->lost;
	w->status.restarts++;
	ret = live_books_close(w->books, err);
	w->books = NULL;
	if (ret)
		return ret;
#ifdef __GLIBC__
	malloc_trim(0);
#endif
	w->books = open_books(w, err);
	return w->books ? 0 : -EIO;
}

/* Bounds what it takes, and what it is to bear. 0 or a negative errno with @err set. */
static int keep_bounds(struct watcher *w, struct error *err)
{
	const uint64_t most = w->opts->max_memory;
	char has[16], may[16];
	uint64_t rss;
	int ret;

	if (w->opts->restart_on_loss && w->lost) {
		error_set(&w->anew, 0, "%" PRIu64 " events were lost", w->lost);
		return begin_anew(w, err);
	}
	if (!most || self_resident() <= most)
		return 0;
	/* what is not live may be most of it */
	ret = pipeline_compact(live_books_pipeline(w->books));
	if (ret)
		return error_set(err, ret, "out of memory");
#ifdef __GLIBC__
	malloc_trim(0);
#endif
	rss = self_resident();
	if (rss <= most)
		return 0;
	error_set(&w->anew, 0, "they took %s, which is more than --max-memory %s",
		  size_human(has, sizeof(has), rss), size_human(may, sizeof(may), most));
	if (monotonic_ns() - w->books_began < SHORT_NS)
		return error_set(err, -ENOMEM, "the books take more than --max-memory from the beginning: %s",
				 has);
	return begin_anew(w, err);
}

static int64_t earliest(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

/* Ring buffers that are open go on while the root changes; what is read by path waits. */
static int poll_books(struct watcher *w, struct error *err)
{
	static const struct timespec nap = { .tv_nsec = 20000000 };
	int ret = live_books_poll(w->books, err);

	for (int i = 0; ret && i < ROOT_TRIES && root_changes(); i++) {
		nanosleep(&nap, NULL);
		root_follow();
		ret = live_books_poll(w->books, err);
	}
	return ret;
}

/* Until it is to end. 0, or a negative errno with @err set: it was cut short. */
static int follow(struct watcher *w, struct error *err)
{
	int64_t now = monotonic_ns();
	int ret = 0;

	while (!ret && !w->stop && !reap(w) && now < w->until) {
		struct pollfd fds[1 + SERVER_FDS] = { { .fd = w->signals, .events = POLLIN } };
		size_t n = 1 + server_fds(&w->server, fds + 1);

		live_books_wait(w->books, earliest(w->until, earliest(w->look, w->save)),
				fds, n);
		take_signals(w);
		ret = poll_books(w, err);
		now = monotonic_ns();
		if (!ret && now >= w->look) {
			root_follow();
			look_for_losses(w);
			w->look = now + LOOK_NS;
			ret = keep_bounds(w, err);
		}
		look_at_saver(w, false);
		if (ret)
			break;
		save_if_due(w, now);
		write_files_if_due(w, now);
		server_serve(&w->server, now);
	}
	return ret;
}

static int begin(struct watcher *w, struct error *err)
{
	const struct watcher_opts *o = w->opts;
	struct error busy;
	int ret;

	/* before there are files that it would hold */
	guard_start(&w->guard, ASK_DIR, o->files);
	ret = server_open(&w->server, ASK_DIR, &w->ops, &busy);
	if (ret && !o->alone)
		return error_set(err, ret, "%s", busy.text);
	if (ret)
		say(w, "%s; 'report --now' does not ask this one", busy.text);
	ret = 0;
	/* a process with threads is not to be forked to become another program */
	if (o->command)
		ret = child_prepare(&w->child, o->command, &w->before, err);
	if (ret)
		return ret;
	w->books = open_books(w, err);
	if (!w->books) {
		child_cancel(&w->child);
		return -EIO;
	}
	if (w->child.pid && (ret = child_go(&w->child, o->command[0], err)))
		return ret;
	w->began = monotonic_ns();
	w->look = w->began + LOOK_NS;
	w->until = o->duration_ns && o->duration_ns < INT64_MAX - w->began ?
		   w->began + o->duration_ns : INT64_MAX;
	w->save = o->output && o->every_ns && o->every_ns < INT64_MAX - w->began ?
		  w->began + o->every_ns : INT64_MAX;
	w->status.since = time(NULL);
	w->status.cpu_ns = -self_cpu_ns();	/* to begin is no part of what it costs */
	if (o->begun)
		o->begun(o->say_arg);
	return 0;
}

/* The last report, after all in tracefs went. @ret: how it went so far. */
static int finish(struct watcher *w, int ret, struct error *err)
{
	struct snapshot *snap = NULL;
	struct error left;
	int code;

	w->result->seconds = (double)(monotonic_ns() - w->began) / 1e9;
	if (!ret)
		ret = live_books_settle(w->books, err);
	if (ret)
		w->why = *err;
	if (w->books)
		look_for_losses(w);
	w->result->lost = w->status.lost_before + w->lost;
	/* books that went wrong for want of memory are none */
	if (w->books && ret != -ENOMEM && w->opts->output) {
		snap = take_snapshot(w, false, ret ? &left : err);
		if (!snap)
			ret = ret ? error_join(err, ret, -ENOMEM, &left) : -ENOMEM;
	}
	code = live_books_close(w->books, &left);
	w->books = NULL;
	if (code)
		ret = error_join(err, ret, code, &left);
	look_at_saver(w, true);
	look_at_filer(w, true);
	if (w->opts->files)
		modfiles_remove(w->opts->files);
	if (!snap)
		return ret;
	w->result->events = snap->coverage.events;
	code = keep_report(w->opts->output, w->opts->keep, snap, &left);
	snapshot_free(snap);
	w->result->file = !code;
	if (code)
		return error_join(err, ret, code, &left);
	if (!*w->why.text)
		return ret;
	left = *err;
	return error_set(err, ret, "%s; %s has what was seen until then", left.text,
			 w->opts->output);
}

/* After the watch: the command goes on, or ended meanwhile. */
static void leave_command(struct watcher *w)
{
	int status;

	if (!w->child.pid || reap(w))
		return;
	child_leave(&w->child);
	say(w, "the watch has ended, process %d goes on", (int)w->child.pid);
	if (!*w->why.text)
		return;
	/* cut short, but its status is still to be passed on */
	if (waitpid(w->child.pid, &status, 0) == w->child.pid) {
		w->result->ran = true;
		w->result->status = child_exit_status(status);
	}
}

int watcher(const struct watcher_opts *opts, struct watcher_result *result,
	    struct error *err)
{
	struct watcher w = {
		.opts = opts, .result = result, .signals = -1, .server.dir = -1,
		.ops = {
			.status = answer_status, .report = answer_report, .stop = answer_stop,
			.now = clock_now, .taken = clock_taken,
		},
	};
	struct signalfd_siginfo info;
	struct error left;
	int ret, code;

	w.ops.arg = &w;
	*result = (struct watcher_result){ .seconds = 0 };
	ret = opts->output ? keep_check(opts->output, opts->keep, err) : 0;
	if (!ret)
		ret = record_signals_take(&w.before, &w.signals, err);
	if (ret)
		return ret;
	ret = begin(&w, err);
	if (!ret) {
		ret = follow(&w, err);
		ret = finish(&w, ret, err);
	}
	code = live_books_close(w.books, &left);
	if (code)
		ret = error_join(err, ret, code, &left);
	server_close(&w.server, ret, err);
	guard_end(&w.guard);
	/* a second Ctrl-C, while it ended, asks for nothing more */
	while (read(w.signals, &info, sizeof(info)) > 0)
		;
	close(w.signals);
	record_signals_back(&w.before);
	leave_command(&w);
	return ret;
}
