/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * pipeline.h - source, decoder and books in a row, for whatever the source is
 *
 * One way from records to a snapshot: replay() runs it over a file to the end,
 * "modmem top" polls it over a running kernel. A snapshot can be taken at any
 * moment, the books go on.
 *
 * How a live source (source_is_live()) differs from a file: its streams can be
 * dry now and not be at their end, and what a CPU wrote may be read before what
 * another one wrote earlier. An event is taken only once the streams of all
 * CPUs are known to be whole up to its time, the horizon: that is what the
 * trace clock showed at a poll some time ago, and all that had a time then has
 * been committed since. So the books lag behind a little. What comes late all
 * the same is entered when it comes, and counted. A live source has no
 * survey (what modules will come and go), no --from, and no decoding ahead.
 */
#ifndef MODMEM_PIPELINE_H
#define MODMEM_PIPELINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "replay.h"

struct books;
struct companion;
struct error;
struct pipeline;
struct source;

/*
 * Opens the stages over @src. Takes @src and @companion (NULL: it is not
 * modmem's own) over, also when it fails. @damage: why the companion could not
 * be read, NULL: it could, or there is none. What @opts points to must outlive
 * the pipeline. NULL with @err set.
 */
struct pipeline *pipeline_open(struct source *src, struct companion *companion,
			       const char *damage, const struct replay_opts *opts,
			       struct error *err);
void pipeline_close(struct pipeline *p);

/*
 * Something to be called every so often of the recording's time: boundaries lie
 * at pipeline_start() + n * @every_ns. @tick sees the books as they stood at the
 * boundary @ts: all before it is entered, nothing after. Where no event was
 * between several boundaries, it is called for the last of them only: the
 * books were the same at all. Also called for the end of the input, with @last.
 * A negative errno ends the run.
 */
struct pipeline_hook {
	uint64_t every_ns;	/* 0: only for the end */
	int (*tick)(void *arg, struct pipeline *p, uint64_t ts, bool last);
	void *arg;
};

#define PIPELINE_HOOKS_MAX 4u

/* Before pipeline_run() or the first poll. 0, or -ENOSPC: too many. */
int pipeline_hook(struct pipeline *p, const struct pipeline_hook *hook);

/*
 * A file: takes all events up to opts->to. 0 or a negative errno with @err set.
 */
int pipeline_run(struct pipeline *p, struct error *err);

/*
 * A live source: takes all events up to @horizon, ns of the trace clock, and
 * returns. 0 or a negative errno with @err set.
 */
int pipeline_poll(struct pipeline *p, uint64_t horizon, struct error *err);

/*
 * Evicts what cannot be live and sums up what nothing live refers to (books.h);
 * the polls of a live source do it by themselves when that may be worth it: when
 * something that is kept has more than doubled. 0 or -ENOMEM.
 */
int pipeline_compact(struct pipeline *p);

/*
 * An item of companion.h that a recorder took at @ts while the source runs, of
 * those that tell of modules: symbols@..., modules@.... 0 or -ENOMEM.
 */
int pipeline_item(struct pipeline *p, const char *name, uint64_t ts,
		  const char *text, size_t len);

/* The books as they stand. NULL with @err set. */
struct snapshot *pipeline_snapshot(struct pipeline *p, bool by_stack, struct error *err);

/* The same without stacks, and without the series and leaks that opts ask for. */
struct snapshot *pipeline_snapshot_lean(struct pipeline *p, struct error *err);

/* What the books take: numbers of things that are kept. */
struct pipeline_size {
	size_t accounts, stacks, objects, snapshots;
	uint64_t compactions;
	uint64_t late;		/* events of a live source that came out of order */
};

struct pipeline_size pipeline_size(const struct pipeline *p);

/* For hooks. */
struct books *pipeline_books(struct pipeline *p);
struct source *pipeline_source(struct pipeline *p);
uint64_t pipeline_start(const struct pipeline *p);	/* ns */
uint64_t pipeline_end(const struct pipeline *p);	/* ns, of what was taken */

#endif
