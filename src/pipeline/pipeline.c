// SPDX-License-Identifier: GPL-2.0-or-later
#include "pipeline_internal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "ahead.h"
#include "attribution.h"
#include "books.h"
#include "companion.h"
#include "companion_read.h"
#include "decode.h"
#include "imports.h"
#include "ksyms.h"
#include "leaks.h"
#include "ledger.h"
#include "lines.h"
#include "modmap.h"
#include "objects.h"
#include "series.h"
#include "sites.h"
#include "snapshot_build.h"
#include "source.h"
#include "stacks.h"
#include "strings_table.h"
#include "textlog.h"
#include "units.h"

/* Clock 'local' of two CPUs may differ by this much, ns (TRAPS E6). */
#define CLOCK_SKEW 100000u

/* Live books are compacted when they have grown by so much. */
#define ACCOUNTS_FREE	4096u	/* about 2 MB, with their stacks */
#define SNAPSHOTS_FREE	64u
#define OBJECTS_FREE	32768u	/* about 2 MB */

/* How many events before its turn the books are told of one, and again. */
#define PREFETCH 8u

/* Events after which it is told how far it is. */
#define PROGRESS_EVENTS 4096u

void pipeline_close(struct pipeline *p)
{
	size_t i;

	if (!p)
		return;
	books_free(p->books);
	sites_free(p->sites);
	ledger_free(p->ledger);
	series_free(p->series);
	attributor_free(p->attributor);
	modmap_free(p->modmap);
	for (i = 0; i < p->n_snapshots; i++)
		ksyms_free(p->snapshots[i]);
	free(p->snapshots);
	imports_free(p->imports);
	symfiles_free(p->files);
	companion_free(p->companion);
	ksyms_free(p->ks);
	ksyms_free(p->given);
	decoder_free(p->decoder);
	survey_free(&p->survey);
	stacks_free(p->stacks);
	strings_free(p->strings);
	source_close(p->src);
	free(p);
}

/* Files beside the recording, if it is asked for what is in them. */
static int open_files(struct pipeline *p, struct error *err)
{
	const struct symfiles_opts *opts = &p->opts.files;

	if (!p->opts.lines && !opts->vmlinux && !opts->n_module_dirs)
		return 0;
	p->files = symfiles_new(opts, source_info(p->src), p->companion, err);
	return p->files ? 0 : -EINVAL;
}

/* By how much time stamps of two CPUs may be out of order, in units of the clock. */
static uint64_t clock_skew(const struct source_info *info)
{
	const char *clock;

	switch (source_clock_order(info, &clock)) {
	case CLOCK_SKEWS:
		return CLOCK_SKEW;
	case CLOCK_STANDS:
		return 1;	/* a tick */
	case CLOCK_IN_ORDER:
		break;
	}
	return 0;
}

static int open_stages(struct pipeline *p, struct error *err)
{
	const struct source_info *info = source_info(p->src);
	struct ksyms *usable;
	int ret;

	p->strings = strings_new();
	p->stacks = stacks_new();
	p->imports = imports_new();
	if (!p->strings || !p->stacks || !p->imports)
		goto no_memory;
	p->decoder = decoder_new(p->src, p->stacks, p->strings, err);
	if (!p->decoder)
		return -EINVAL;
	ret = open_files(p, err);
	/* reading files takes longer than a ring buffer holds what comes meanwhile */
	if (!ret && !source_is_live(p->src))
		imports_look_in(p->imports, p->files, &p->opts.files, info, p->companion);
	if (!ret)
		ret = pipeline_read_symbols(p, err);
	if (!ret)
		ret = pipeline_read_modules(p, err);
	if (!ret)
		ret = pipeline_read_companion(p, err);
	if (!ret && !source_is_live(p->src))
		ret = survey_recording(&p->survey, p->src, p->decoder, p->modmap,
				       p->strings, err);
	if (!ret)
		ret = pipeline_read_init(p, err);
	if (ret)
		return ret;
	if (source_is_live(p->src))
		modmap_read_at(p->modmap, source_live_now(p->src));
	usable = p->ks && !ksyms_hidden(p->ks) ? p->ks : NULL;
	p->attributor = attributor_new(usable, p->modmap, p->strings,
				       info->page_size, p->opts.attribute);
	if (p->attributor && info->text)
		attributor_text(p->attributor, info->text->no_offsets ?
				TEXTLOG_NO_OFFSET : 0, TEXTLOG_NAMELESS);
	if (p->attributor && info->uname && strstr(info->uname, " riscv"))
		attributor_lacks_callers(p->attributor);
	p->ledger = ledger_new();
	if (!p->attributor || !p->ledger || modmap_start(p->modmap))
		goto no_memory;
	return 0;
no_memory:
	return error_set(err, -ENOMEM, "out of memory");
}

static uint64_t absolute(int64_t t, bool relative, uint64_t start, uint64_t none)
{
	if (t == REPLAY_NO_TIME)
		return none;
	if (t < 0)
		t = 0;
	if (!relative)
		return (uint64_t)t;
	return start > UINT64_MAX - (uint64_t)t ? UINT64_MAX : start + (uint64_t)t;
}

/* The recording, or what was seen of it, begins at @start. */
static int open_books(struct pipeline *p, uint64_t start, struct error *err)
{
	const struct source_info *info = source_info(p->src);
	struct books_opts bo = {
		.page_size = info->page_size,
		.long_size = info->long_size,
		.from = absolute(p->opts.from, p->opts.from_relative, start, 0),
		.skew = clock_skew(info),
		.areas = decoder_formats(p->decoder)->seen & (1u << EVENT_VMALLOC),
		.hashed = (info->text && info->text->hashed) ||
			  decoder_formats(p->decoder)->frames.scattered,
		.narrowed = companion_find(p->companion, COMPANION_OWN) ||
			    companion_find(p->companion, COMPANION_NARROWED),
		.by_task = p->opts.by_task,
	};

	if (p->opts.series) {
		bo.series = p->series = series_new(p->start);
		if (!p->series)
			return error_set(err, -ENOMEM, "out of memory");
		ledger_follow(p->ledger, p->series);
	}
	p->books = books_new(&bo, p->ledger, p->modmap, p->attributor,
			     p->stacks, p->strings);
	return p->books ? 0 : error_set(err, -ENOMEM, "out of memory");
}

static int sample_sites(void *arg, struct pipeline *p, uint64_t ts, bool last)
{
	(void)arg;
	(void)last;
	return sites_sample(p->sites, p->ledger, p->start, ts);
}

static int open_sites(struct pipeline *p, struct error *err)
{
	const struct leak_opts *leaks = p->opts.leaks;
	struct pipeline_hook hook = { .tick = sample_sites };

	if (!leaks)
		return 0;
	p->sites = sites_new(leaks->every, leaks->kernel);
	if (!p->sites)
		return error_set(err, -ENOMEM, "out of memory");
	hook.every_ns = sites_every(p->sites);
	return pipeline_hook(p, &hook);
}

struct pipeline *pipeline_open(struct source *src, struct companion *companion,
			       const char *damage, const struct replay_opts *opts,
			       struct error *err)
{
	struct pipeline *p = calloc(1, sizeof(*p));

	if (!p) {
		error_set(err, -ENOMEM, "out of memory");
		companion_free(companion);
		source_close(src);
		return NULL;
	}
	p->opts = *opts;
	p->src = src;
	p->companion = companion;
	p->next_tick = UINT64_MAX;
	if (damage)
		error_set(&p->companion_damage, -EINVAL, "%s", damage);
	if (open_stages(p, err) || open_sites(p, err)) {
		pipeline_close(p);
		return NULL;
	}
	return p;
}

/* ---- hooks ---------------------------------------------------------------------- */

int pipeline_hook(struct pipeline *p, const struct pipeline_hook *hook)
{
	if (p->n_hooks == PIPELINE_HOOKS_MAX)
		return -ENOSPC;
	p->hooks[p->n_hooks++] = (struct hook) { .what = *hook };
	return 0;
}

/* The books begin at p->start. */
static void start_hooks(struct pipeline *p)
{
	for (size_t i = 0; i < p->n_hooks; i++) {
		uint64_t every = p->hooks[i].what.every_ns;

		p->hooks[i].next = !every || every > UINT64_MAX - p->start ?
				   UINT64_MAX : p->start + every;
		if (p->hooks[i].next < p->next_tick)
			p->next_tick = p->hooks[i].next;
	}
}

/* An event at @ts is next: calls those whose boundary lies at or before it. */
static __attribute__((noinline)) int tick(struct pipeline *p, uint64_t ts)
{
	int ret = 0;

	p->next_tick = UINT64_MAX;
	for (size_t i = 0; i < p->n_hooks && !ret; i++) {
		struct hook *h = &p->hooks[i];
		uint64_t every = h->what.every_ns, last;

		if (h->next <= ts) {
			last = h->next + (ts - h->next) / every * every;
			h->next = every > UINT64_MAX - last ? UINT64_MAX : last + every;
			ret = h->what.tick(h->what.arg, p, last, false);
		}
		if (h->next < p->next_tick)
			p->next_tick = h->next;
	}
	return ret;
}

static int last_tick(struct pipeline *p)
{
	int ret = books_area_settle(p->books);

	for (size_t i = 0; i < p->n_hooks && !ret; i++)
		ret = p->hooks[i].what.tick(p->hooks[i].what.arg, p, p->end, true);
	return ret;
}

/* ---- a file, to its end ----------------------------------------------------------- */

static inline int keep_event(struct pipeline *p, const struct event *ev)
{
	int ret = 0;

	if (__builtin_expect(ev->ts >= p->next_tick, 0))
		ret = tick(p, ev->ts);
	return ret ? ret : books_event(p->books, ev);
}

static int keep_books(struct pipeline *p, const struct ahead_events *b)
{
	size_t i;
	int ret;

	for (i = 0; i < b->n; i++) {
		if (i + 2 * PREFETCH < b->n)
			books_prefetch(p->books, &b->events[i + 2 * PREFETCH]);
		if (i + PREFETCH < b->n)
			books_prefetch_account(p->books, &b->events[i + PREFETCH]);
		ret = keep_event(p, &b->events[i]);
		if (ret)
			return ret;
	}
	return 0;
}

static int failed(int ret, struct error *err)
{
	return error_set(err, ret, "%s", ret == -ENOMEM ? "out of memory" : strerror(-ret));
}

/* Tells how far it is. -ECANCELED: that is far enough. */
static int tell_progress(struct pipeline *p, struct error *err)
{
	uint64_t done, total;

	source_progress(p->src, &done, &total);
	if (p->opts.progress(p->opts.progress_arg, done, total))
		return error_set(err, -ECANCELED, "interrupted");
	return 0;
}

/* Enters all events behind @first, which is not late, up to @to. */
static int feed(struct pipeline *p, const struct event *first, uint64_t to,
		struct error *err)
{
	const struct ahead_events *b;
	struct ahead *ahead;
	size_t untold = 0;
	int ret;

	ret = keep_event(p, first);
	if (ret)
		return failed(ret, err);
	ahead = ahead_new(p->decoder, to, p->opts.threads);
	if (!ahead)
		return failed(-ENOMEM, err);
	while (!ret && (b = ahead_next(ahead))->n) {
		ret = keep_books(p, b);
		if (ret) {
			failed(ret, err);
			break;
		}
		untold += b->n;
		if (p->opts.progress && untold >= PROGRESS_EVENTS) {
			untold = 0;
			ret = tell_progress(p, err);
		}
	}
	p->ended_early = b->late;
	if (!ret && b->error)
		ret = failed(b->error, err);
	ahead_free(ahead);
	return ret;
}

/* A moment is printed in microseconds by others, and rounded to them. */
#define MOMENT_UNIT 1000u	/* ns */

static void tell_outside(struct pipeline *p, const char *option, const char *where,
			 uint64_t end)
{
	char time[32];

	error_set(&p->outside[p->n_outside++], 0, "%s lies %s of the recording (%s)",
		  option, where, time_format(time, sizeof(time), end));
}

/*
 * What was taken or freed beyond the ends of the recording is not in it, and that
 * nothing is live there says nothing: it may be a slip of the pen. modmem's own
 * recorder says when it began and ended, of others the events do. True: the window
 * ends behind the recording.
 */
static bool look_outside(struct pipeline *p, uint64_t from, uint64_t to)
{
	const struct decode_stats *ds = decoder_stats(p->decoder);
	const struct companion_item *began = companion_find(p->companion, "start");
	const struct companion_item *ended = companion_find(p->companion, "end");
	const char *until = p->opts.at ? "--at" : "--to";
	uint64_t start = ds->first_ts, end = ds->last_ts;

	if (!ds->records)
		return false;
	if (began && began->ts && began->ts < start)
		start = began->ts;
	if (ended && ended->ts > end)
		end = ended->ts;
	if (p->opts.from != REPLAY_NO_TIME && from < start - start % MOMENT_UNIT)
		tell_outside(p, "--from", "before the beginning", start);
	else if (from > end && from - end >= MOMENT_UNIT)
		tell_outside(p, "--from", "behind the end", end);
	if (to < start - start % MOMENT_UNIT)
		tell_outside(p, until, "before the beginning", start);
	if (p->opts.to == REPLAY_NO_TIME || p->ended_early || to <= end ||
	    to - end < MOMENT_UNIT)
		return false;
	tell_outside(p, until, "behind the end", end);
	return true;
}

/* Of @moment, which is not in the recording, nothing is known: empty books. */
static int forget(struct pipeline *p, uint64_t moment, struct error *err)
{
	p->start = p->end = moment;
	books_free(p->books);
	p->books = NULL;
	ledger_free(p->ledger);
	series_free(p->series);
	p->series = NULL;
	p->ledger = ledger_new();
	if (p->sites) {
		sites_free(p->sites);
		p->sites = sites_new(p->opts.leaks->every, p->opts.leaks->kernel);
	}
	if (!p->ledger || (p->opts.leaks && !p->sites))
		return error_set(err, -ENOMEM, "out of memory");
	return open_books(p, decoder_stats(p->decoder)->first_ts, err);
}

int pipeline_run(struct pipeline *p, struct error *err)
{
	const struct decode_stats *ds = decoder_stats(p->decoder);
	struct event first;
	uint64_t from, to;
	int got, ret;

	/* the first event, since --from and --to may count from there */
	got = decoder_next(p->decoder, &first, NULL);
	if (got < 0)
		return failed(got, err);
	from = absolute(p->opts.from, p->opts.from_relative, ds->first_ts, 0);
	to = absolute(p->opts.to, p->opts.to_relative, ds->first_ts, UINT64_MAX);
	p->start = from < ds->first_ts ? ds->first_ts : from;
	ret = open_books(p, ds->first_ts, err);
	if (ret)
		return ret;
	start_hooks(p);
	p->ended_early = got == 1 && first.ts > to;
	if (got == 1 && !p->ended_early) {
		ret = feed(p, &first, to, err);
		if (ret)
			return ret;
	}
	p->end = p->ended_early ? to : ds->last_ts;
	if (p->end < p->start)	/* the window holds nothing */
		p->end = p->start;
	/* a window that cannot be, rather than one that happens to be empty */
	if (from > to)
		return error_set(err, -EINVAL, "--from lies behind --to");
	if (look_outside(p, from, to) && p->opts.at && (ret = forget(p, to, err)))
		return ret;
	if (p->opts.check && (ret = books_check(p->books, err)))
		return ret;
	ret = last_tick(p);
	return ret ? failed(ret, err) : 0;
}

/* ---- a running kernel ---------------------------------------------------------------- */

struct pipeline_size pipeline_size(const struct pipeline *p)
{
	return (struct pipeline_size){
		.accounts = ledger_count(p->ledger),
		.stacks = stacks_used(p->stacks),
		.objects = p->books ? objects_count(books_slab(p->books)) +
				      objects_count(books_percpu(p->books)) +
				      objects_count(books_areas(p->books)) : 0,
		.snapshots = p->n_snapshots,
		.compactions = p->kept.compactions,
		.late = p->late,
	};
}

int pipeline_compact(struct pipeline *p)
{
	bool *used = calloc(stacks_count(p->stacks), sizeof(*used));
	size_t kept = 0;
	int ret;

	if (!used)
		return -ENOMEM;
	/* events that are to come have numbers of the decoder's own */
	ret = books_compact(p->books, p->end, used);
	if (p->sites)
		sites_renumber(p->sites);
	if (!ret)
		ret = decoder_forget(p->decoder);
	free(used);
	if (ret)
		return ret;
	for (size_t i = 0; i < p->n_snapshots; i++) {
		if (modmap_uses(p->modmap, p->snapshots[i]))
			p->snapshots[kept++] = p->snapshots[i];
		else
			ksyms_free(p->snapshots[i]);
	}
	p->n_snapshots = kept;
	p->kept.compactions++;
	p->kept = pipeline_size(p);
	return 0;
}

/* So much more than was left the last time that it is worth the while. */
static bool has_grown(const struct pipeline *p)
{
	const struct pipeline_size now = pipeline_size(p);

	/* of objects, some may be stale */
	return now.accounts > 2 * p->kept.accounts + ACCOUNTS_FREE ||
	       now.stacks > 2 * p->kept.stacks + ACCOUNTS_FREE ||
	       now.objects > 2 * p->kept.objects + OBJECTS_FREE ||
	       now.snapshots > 2 * p->kept.snapshots + SNAPSHOTS_FREE;
}

int pipeline_poll(struct pipeline *p, uint64_t horizon, struct error *err)
{
	struct event ev;
	int got, ret;

	if (!p->books) {
		p->start = p->end = source_live_start(p->src);
		ret = open_books(p, p->start, err);
		if (ret)
			return ret;
		start_hooks(p);
	}
	got = decoder_resume(p->decoder, horizon);
	while (!got && (got = decoder_next(p->decoder, &ev, NULL)) == 1) {
		p->late += ev.ts < p->last_ts;
		p->last_ts = ev.ts;
		got = ev.ts >= p->next_tick ? tick(p, ev.ts) : 0;
		if (!got)
			got = books_event(p->books, &ev);
	}
	if (got)
		return failed(got, err);
	if (horizon > p->end)
		p->end = horizon;
	ret = p->end >= p->next_tick ? tick(p, p->end) : 0;
	if (!ret && has_grown(p))
		ret = pipeline_compact(p);
	return ret ? failed(ret, err) : 0;
}

/* ---- what came of it ------------------------------------------------------------------ */

/* What files beside the recording say, and say of themselves. */
static int add_from_files(struct pipeline *p, struct snapshot *snap, struct error *err)
{
	const char *const *notes;
	size_t n;
	int ret = 0;

	if (p->given_note && snapshot_add_notes(snap, &p->given_note, 1))
		return error_set(err, -ENOMEM, "out of memory");
	if (!p->files)
		return 0;
	if (p->opts.lines)
		ret = lines_fill(snap, p->files, p->opts.lines_of, err);
	notes = symfiles_notes(p->files, &n);
	if (!ret && snapshot_add_notes(snap, notes, n))
		ret = error_set(err, -ENOMEM, "out of memory");
	return ret;
}

static struct snapshot *snapshot(struct pipeline *p, bool by_stack, bool lean,
				 struct error *err)
{
	struct replay_state rs = {
		.src = p->src,
		.decoder = p->decoder,
		.stacks = p->stacks,
		.strings = p->strings,
		.ks = p->ks,
		.odd_symbols = p->odd_symbols,
		.books = p->books,
		.series = lean ? NULL : p->series,
		.attributor = p->attributor,
		.imports = p->imports,
		.start = p->start,
		.end = p->end,
		.ended_early = p->ended_early,
		.by_task = p->opts.by_task,
		.by_stack = by_stack,
		.leaks = lean ? NULL : p->opts.leaks,
		.sites = p->sites,
		.reconcile = p->opts.reconcile,
		.attribute = attribute_mode_name(p->opts.attribute),
		.part = p->opts.from != REPLAY_NO_TIME || p->opts.to != REPLAY_NO_TIME,
		.begins_later = p->opts.from != REPLAY_NO_TIME,
		.outside = p->outside,
		.n_outside = p->n_outside,
		.companion = p->companion,
		.companion_damage = p->companion_damage.text[0] ?
				    p->companion_damage.text : NULL,
		.buffer_note = p->survey.note,
		.events_missing = p->survey.events_missing,
		/* a conversion by trace-cmd keeps what modmem put behind it */
		.made_by = p->companion && !source_is_live(p->src) ? RECORDER_MODMEM :
			   source_info(p->src)->made_by,
		.bare = p->opts.bare,
	};
	struct snapshot *snap;

	snap = books_area_settle(p->books) ? NULL : snapshot_build(&rs);
	if (!snap) {
		error_set(err, -ENOMEM, "out of memory");
	} else if (add_from_files(p, snap, err)) {
		snapshot_free(snap);
		snap = NULL;
	}
	return snap;
}

struct snapshot *pipeline_snapshot(struct pipeline *p, bool by_stack, struct error *err)
{
	return snapshot(p, by_stack, false, err);
}

struct snapshot *pipeline_snapshot_lean(struct pipeline *p, struct error *err)
{
	return snapshot(p, false, true, err);
}

struct books *pipeline_books(struct pipeline *p)
{
	return p->books;
}

struct source *pipeline_source(struct pipeline *p)
{
	return p->src;
}

uint64_t pipeline_start(const struct pipeline *p)
{
	return p->start;
}

uint64_t pipeline_end(const struct pipeline *p)
{
	return p->end;
}
