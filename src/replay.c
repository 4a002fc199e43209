// SPDX-License-Identifier: GPL-2.0-or-later
#include "replay.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ahead.h"
#include "attribution.h"
#include "books.h"
#include "companion_read.h"
#include "decode.h"
#include "error.h"
#include "ksyms.h"
#include "ledger.h"
#include "modmap.h"
#include "snapshot_build.h"
#include "source.h"
#include "stacks.h"
#include "strings_table.h"
#include "survey.h"

/* Clock 'local' of two CPUs may differ by this much, ns (TRAPS E6). */
#define LOCAL_CLOCK_SKEW 100000u

/* How many events before its turn the books are told of one. */
#define PREFETCH 16u

#define SAVED_FILE_MAX (1ULL << 30)	/* bytes: larger is no kallsyms */

/* All stages of one replay, in the order in which data flows. */
struct stages {
	struct source *src;
	struct strings *strings;
	struct stacks *stacks;
	struct decoder *decoder;
	struct ksyms *ks;
	struct modmap *modmap;
	struct attributor *attributor;
	struct ledger *ledger;
	struct books *books;
	struct survey survey;
	struct companion *companion;	/* NULL: not modmem's own recording */
	struct error companion_damage;
	struct ksyms **snapshots;	/* symbols of modules, by time */
	size_t n_snapshots;
};

static void close_stages(struct stages *st)
{
	size_t i;

	books_free(st->books);
	ledger_free(st->ledger);
	attributor_free(st->attributor);
	modmap_free(st->modmap);
	for (i = 0; i < st->n_snapshots; i++)
		ksyms_free(st->snapshots[i]);
	free(st->snapshots);
	companion_free(st->companion);
	ksyms_free(st->ks);
	decoder_free(st->decoder);
	stacks_free(st->stacks);
	strings_free(st->strings);
	source_close(st->src);
}

/* Whole file into memory; *len its bytes. NULL with @err set. */
static char *read_file(const char *path, size_t *len, struct error *err)
{
	size_t room = 1 << 16, n = 0;
	char *text = malloc(room), *more;
	ssize_t got;
	int fd;

	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0) {
		error_set(err, -errno, "%s: %s", path, strerror(errno));
		goto fail;
	}
	while (text) {
		got = read(fd, text + n, room - n);
		if (got < 0) {
			error_set(err, -errno, "%s: %s", path, strerror(errno));
			goto fail_close;
		}
		if (!got) {
			close(fd);
			*len = n;
			return text;
		}
		n += (size_t)got;
		if (n < room)
			continue;
		if (room >= SAVED_FILE_MAX) {
			error_set(err, -EFBIG, "%s: too large to be a saved /proc file", path);
			goto fail_close;
		}
		room *= 2;
		more = realloc(text, room);
		if (!more)
			free(text);
		text = more;
	}
	error_set(err, -ENOMEM, "out of memory");
fail_close:
	close(fd);
fail:
	free(text);
	return NULL;
}

static int read_symbols(struct stages *st, const struct replay_opts *opts,
			struct error *err)
{
	const struct source_info *info = source_info(st->src);
	const char *text = info->kallsyms;
	size_t len = info->kallsyms_len;
	char *file = NULL;

	if (opts->kallsyms_file) {
		file = read_file(opts->kallsyms_file, &len, err);
		if (!file)
			return -EINVAL;
		text = file;
	}
	if (!len && opts->kallsyms_file) {
		free(file);
		return error_set(err, -EINVAL, "%s: is empty", opts->kallsyms_file);
	}
	if (!text || !len)
		return 0;
	st->ks = ksyms_parse(text, len);
	free(file);
	if (!st->ks)
		return error_set(err, -ENOMEM, "out of memory");
	if (ksyms_count(st->ks))
		return 0;
	if (opts->kallsyms_file)
		return error_set(err, -EINVAL,
				 "%s: holds no line of /proc/kallsyms (ADDRESS TYPE NAME [MODULE])",
				 opts->kallsyms_file);
	/* a recording with no symbol in its kallsyms is one without */
	ksyms_free(st->ks);
	st->ks = NULL;
	return 0;
}

static int read_modules(struct stages *st, const struct replay_opts *opts,
			struct error *err)
{
	struct error why = { "" };
	char *text = NULL;
	size_t len = 0;

	if (opts->modules_file) {
		text = read_file(opts->modules_file, &len, err);
		if (!text)
			return -EINVAL;
	}
	st->modmap = modmap_new(st->ks && !ksyms_hidden(st->ks) ? st->ks : NULL,
				text, len, source_info(st->src)->page_size, &why);
	free(text);
	if (st->modmap)
		return 0;
	return error_set(err, -EINVAL, "%s%s%s", opts->modules_file ? opts->modules_file : "",
			 opts->modules_file ? ": " : "", why.text);
}

/*
 * What modmem's recorder saw of modules: their symbols at the start and at
 * each load, so that one that is gone at the end keeps its name and symbols.
 */
static int read_companion(struct stages *st, struct error *err)
{
	size_t n = companion_count(st->companion), i;

	st->snapshots = calloc(n + 1, sizeof(*st->snapshots));
	if (!st->snapshots)
		return error_set(err, -ENOMEM, "out of memory");
	for (i = 0; i < n; i++) {
		const struct companion_item *it = companion_at(st->companion, i);
		bool start = !strcmp(it->name, "symbols@start");
		struct ksyms *ks;

		if (!strncmp(it->name, "modules@", 8) &&
		    modmap_sizes(st->modmap, it->text, it->len))
			return error_set(err, -ENOMEM, "out of memory");
		if (!start && strcmp(it->name, "symbols@load"))
			continue;
		ks = ksyms_parse(it->text, it->len);
		if (!ks)
			return error_set(err, -ENOMEM, "out of memory");
		st->snapshots[st->n_snapshots++] = ks;
		if (!ksyms_hidden(ks) &&
		    modmap_snapshot(st->modmap, ks, start ? 0 : it->ts))
			return error_set(err, -ENOMEM, "out of memory");
	}
	return 0;
}

static bool clock_may_skew(const struct source_info *info)
{
	size_t i;

	if (info->cpus < 2)
		return false;
	for (i = 0; i < info->n_buffers; i++)
		if (!info->buffers[i].clock || !strcmp(info->buffers[i].clock, "local"))
			return true;
	return false;
}

static int open_stages(struct stages *st, const struct replay_opts *opts,
		       struct error *err)
{
	const struct source_info *info;
	struct ksyms *usable;
	int ret;

	st->src = source_open(opts->path, err);
	if (!st->src)
		return -EINVAL;
	info = source_info(st->src);
	st->strings = strings_new();
	st->stacks = stacks_new();
	if (!st->strings || !st->stacks)
		goto no_memory;
	st->decoder = decoder_new(st->src, st->stacks, st->strings, err);
	if (!st->decoder)
		return -EINVAL;
	st->companion = companion_open(opts->path, &st->companion_damage);
	ret = read_symbols(st, opts, err);
	if (!ret)
		ret = read_modules(st, opts, err);
	if (!ret)
		ret = read_companion(st, err);
	if (!ret)
		ret = survey_recording(&st->survey, st->src, st->decoder, st->modmap,
				       st->strings, err);
	if (ret)
		return ret;
	usable = st->ks && !ksyms_hidden(st->ks) ? st->ks : NULL;
	st->attributor = attributor_new(usable, st->modmap, st->strings,
					info->page_size, opts->attribute);
	st->ledger = ledger_new();
	if (!st->attributor || !st->ledger || modmap_start(st->modmap))
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

static int open_books(struct stages *st, const struct replay_opts *opts,
		      uint64_t start, struct error *err)
{
	const struct source_info *info = source_info(st->src);
	struct books_opts bo = {
		.page_size = info->page_size,
		.long_size = info->long_size,
		.from = absolute(opts->from, opts->from_relative, start, 0),
		.skew = clock_may_skew(info) ? LOCAL_CLOCK_SKEW : 0,
		.areas = decoder_formats(st->decoder)->seen & (1u << EVENT_VMALLOC),
		.by_task = opts->by_task,
	};

	st->books = books_new(&bo, st->ledger, st->modmap, st->attributor,
			      st->stacks, st->strings);
	return st->books ? 0 : error_set(err, -ENOMEM, "out of memory");
}

static int keep_books(struct stages *st, const struct ahead_batch *b)
{
	size_t i;
	int ret;

	for (i = 0; i < b->n; i++) {
		if (i + PREFETCH < b->n)
			books_prefetch(st->books, &b->events[i + PREFETCH]);
		ret = books_event(st->books, &b->events[i]);
		if (ret)
			return ret;
	}
	return 0;
}

static int feed(struct stages *st, const struct replay_opts *opts,
		struct ahead *ahead, bool *ended_early, struct error *err)
{
	const struct ahead_batch *b;
	int ret;

	while ((b = ahead_next(ahead))->n) {
		ret = keep_books(st, b);
		if (ret)
			return error_set(err, ret, "out of memory");
		if (opts->progress && opts->progress(opts->progress_arg, b->done, b->total))
			return error_set(err, -ECANCELED, "interrupted");
	}
	*ended_early = b->late;
	return b->error ? error_set(err, b->error, "out of memory") : 0;
}

/* Feeds all events up to opts->to into the books. */
static int run(struct stages *st, const struct replay_opts *opts,
	       struct replay_state *rs, struct error *err)
{
	const struct decode_stats *ds = decoder_stats(st->decoder);
	struct ahead *ahead;
	struct event first;
	uint64_t to;
	int got, ret;

	/* the first event, since --from and --to may count from there */
	got = decoder_next(st->decoder, &first, NULL);
	if (got < 0)
		return error_set(err, got, "out of memory");
	rs->start = absolute(opts->from, opts->from_relative, ds->first_ts, 0);
	if (rs->start < ds->first_ts)
		rs->start = ds->first_ts;
	to = absolute(opts->to, opts->to_relative, ds->first_ts, UINT64_MAX);
	ret = open_books(st, opts, ds->first_ts, err);
	if (ret)
		return ret;
	ahead = ahead_new(st->decoder, st->src, got == 1 ? &first : NULL, to);
	if (!ahead)
		return error_set(err, -ENOMEM, "out of memory");
	ret = feed(st, opts, ahead, &rs->ended_early, err);
	ahead_free(ahead);
	if (ret)
		return ret;
	rs->end = rs->ended_early ? to : ds->last_ts;
	if (rs->end < rs->start)	/* the window holds nothing */
		rs->end = rs->start;
	return 0;
}

static bool sane_window(const struct replay_opts *opts, uint64_t first)
{
	uint64_t from = absolute(opts->from, opts->from_relative, first, 0);
	uint64_t to = absolute(opts->to, opts->to_relative, first, UINT64_MAX);

	return from <= to;
}

struct snapshot *replay(const struct replay_opts *opts, struct error *err)
{
	struct stages st = { 0 };
	struct replay_state rs = { .by_task = opts->by_task, .by_stack = opts->by_stack };
	struct snapshot *snap = NULL;

	if (open_stages(&st, opts, err) || run(&st, opts, &rs, err))
		goto out;
	if (!sane_window(opts, decoder_stats(st.decoder)->first_ts)) {
		error_set(err, -EINVAL, "--from lies behind --to");
		goto out;
	}
	if (opts->check && books_check(st.books, err))
		goto out;
	rs.src = st.src;
	rs.decoder = st.decoder;
	rs.stacks = st.stacks;
	rs.strings = st.strings;
	rs.ks = st.ks;
	rs.books = st.books;
	rs.attributor = st.attributor;
	rs.buffer_note = st.survey.note;
	rs.events_missing = st.survey.events_missing;
	rs.companion = st.companion;
	if (st.companion_damage.text[0])
		rs.companion_damage = st.companion_damage.text;
	snap = snapshot_build(&rs);
	if (!snap)
		error_set(err, -ENOMEM, "out of memory");
out:
	close_stages(&st);
	return snap;
}
