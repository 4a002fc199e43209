/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * replay.h - from a recording to a snapshot: source, decode and model in a row
 */
#ifndef MODMEM_REPLAY_H
#define MODMEM_REPLAY_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "attribution.h"
#include "symfiles.h"

struct error;
struct leak_opts;
struct pipeline_hook;
struct snapshot;

#define REPLAY_NO_TIME INT64_MIN

struct replay_opts {
	const char *path;		/* of the trace.dat or text log, "-": stdin */
	bool now;			/* the books of the watcher that runs (ask.h) instead */
	bool page_owner;		/* path has to be a text of page_owner */
	const char *modules_file;	/* saved /proc/modules, NULL: none */
	const char *kallsyms_file;	/* saved /proc/kallsyms, NULL: none */
	enum attribute_mode attribute;
	int64_t from;			/* ns; books only of what was allocated since */
	int64_t to;			/* ns; the books as they stood then */
	bool at;			/* to is a moment to look at (--at), not a bound (--to) */
	bool from_relative;		/* from counts from the start of the recording */
	bool to_relative;		/* to counts from the start of the recording */
	bool by_task;			/* fill snapshot.tasks */
	bool by_stack;			/* fill snapshot.stacks */
	bool series;			/* fill snapshot.series, and peaks of stacks */
	unsigned int threads;		/* 0: as many as there are processors */
	const struct leak_opts *leaks;	/* fill snapshot.leaks; NULL: do not */
	bool reconcile;			/* fill snapshot.reconcile, if there is what to */
	bool lines;			/* fill snap_site.source, snap_stack.sources */
	const char *lines_of;		/* comma list of modules to do so for; NULL: all */
	struct symfiles_opts files;	/* with symbols and debug info */
	bool bare;			/* no option of the command says more of the recording */
	bool check;			/* verify the invariants of the books */
	/*
	 * Called now and then with bytes read and bytes in all; NULL: not
	 * wanted. A non-zero return stops the replay with -ECANCELED.
	 */
	int (*progress)(void *arg, uint64_t done, uint64_t total);
	void *progress_arg;
	uint32_t page_size;		/* bytes, for what does not say it; 0: not told */
	const volatile sig_atomic_t *stop;	/* set: input ends here; NULL */
	const struct pipeline_hook *hooks;	/* pipeline.h; NULL: none */
	size_t n_hooks;
};

/*
 * Replays the whole recording. Returns the snapshot (free it with
 * snapshot_free()) or NULL with @err set: unreadable input, or, with
 * opts->check, books that do not balance.
 */
struct snapshot *replay(const struct replay_opts *opts, struct error *err);

#endif
