// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * footer.c - what a recording could not show, in sentences
 *
 * A line is there only if there is something to say.
 */
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "error.h"
#include "marks.h"
#include "memstream.h"
#include "rows.h"
#include "snapshot.h"
#include "text.h"
#include "units.h"

/* One sentence in the making. */
struct sentence {
	FILE *stream;
	char *text;
	size_t size;
};

struct footer {
	const struct snapshot *snap;
	const struct view_opts *opts;
	FILE *out;
	unsigned int width;
	bool marks, utf8;
};

static int begin(struct sentence *s)
{
	*s = (struct sentence){ 0 };
	s->stream = open_memstream(&s->text, &s->size);
	return s->stream ? 0 : -ENOMEM;
}

static void put(struct sentence *s, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

static void put(struct sentence *s, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vfprintf(s->stream, fmt, ap);
	va_end(ap);
}

static void put_printable(struct sentence *s, const char *text)
{
	char *copy = text_printable(text);

	fputs(copy ? copy : "?", s->stream);
	free(copy);
}

static void put_size(struct sentence *s, const struct footer *f, uint64_t bytes)
{
	char buf[32];

	if (f->opts->exact_bytes)
		put(s, "%" PRIu64 " bytes", bytes);
	else
		put(s, "%s", size_human(buf, sizeof(buf), bytes));
}

static void put_time(struct sentence *s, const struct footer *f, uint64_t ns)
{
	char buf[32];

	if (f->snap->clock_is_ns)
		put(s, "%s", time_format(buf, sizeof(buf), ns));
	else
		put(s, "%" PRIu64, ns);
}

/* Prints the sentence, wrapped between words, and frees it. */
static int end(struct sentence *s, const struct footer *f)
{
	if (memstream_close(s->stream, &s->text))
		return -ENOMEM;
	text_wrap(s->text, f->width, f->out);
	free(s->text);
	return 0;
}

static int say(const struct footer *f, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

static int say(const struct footer *f, const char *fmt, ...)
{
	struct sentence s;
	va_list ap;

	if (begin(&s))
		return -ENOMEM;
	va_start(ap, fmt);
	vfprintf(s.stream, fmt, ap);
	va_end(ap);
	return end(&s, f);
}

/* Nothing if @n is 0, else a sentence with the number in it. */
static int say_count(const struct footer *f, uint64_t n, const char *before,
		     const char *one, const char *more, const char *after)
{
	if (!n)
		return 0;
	return say(f, "%s%" PRIu64 " %s%s", before, n, n == 1 ? one : more, after);
}

static int say_list(const struct footer *f, const char *before,
		    const char *const *items, size_t n, const char *between,
		    const char *after)
{
	struct sentence s;

	if (!n)
		return 0;
	if (begin(&s))
		return -ENOMEM;
	put(&s, "%s", before);
	for (size_t i = 0; i < n; i++) {
		if (i)
			put(&s, "%s", between);
		put_printable(&s, items[i]);
	}
	put(&s, "%s", after);
	return end(&s, f);
}

static int say_recording(const struct footer *f)
{
	const struct snapshot *snap = f->snap;
	const struct coverage *cov = &snap->coverage;
	struct sentence s;

	if (begin(&s))
		return -ENOMEM;
	put(&s, "Recording: ");
	if (snap->kernel)
		put_printable(&s, snap->kernel);
	else
		put(&s, "unknown kernel");
	put(&s, ", ");
	put_printable(&s, snap->arch ? snap->arch : "unknown architecture");
	put(&s, ", %" PRIu32 " CPU%s; time ", snap->cpus, snap->cpus == 1 ? "" : "s");
	put_time(&s, f, snap->start_ns);
	put(&s, " to ");
	put_time(&s, f, snap->end_ns);
	put(&s, "; %" PRIu64 " record%s, %" PRIu64 " of them allocations and frees.",
	    cov->records, cov->records == 1 ? "" : "s", cov->events);
	return end(&s, f);
}

static int say_lost(const struct footer *f)
{
	const struct coverage *cov = &f->snap->coverage;
	struct sentence s;

	if (!cov->lost_events && !cov->lost_unknown)
		return 0;
	if (begin(&s))
		return -ENOMEM;
	put(&s, "Lost events: ");
	if (cov->lost_events)
		put(&s, "%s%" PRIu64, cov->lost_unknown ? "at least " : "",
		    cov->lost_events);
	else
		put(&s, "some, the recording does not say how many");
	for (size_t i = 0; i < cov->n_lost_by_cpu; i++) {
		const struct snap_lost_cpu *cpu = &cov->lost_by_cpu[i];

		put(&s, "%s", i ? ", " : " (");
		if (*cpu->buffer) {
			put(&s, "buffer ");
			put_printable(&s, cpu->buffer);
			put(&s, " ");
		}
		put(&s, "CPU %" PRIu32 ": ", cpu->cpu);
		if (cpu->lost)
			put(&s, "%s%" PRIu64, cpu->at_least ? "at least " : "",
			    cpu->lost);
		else
			put(&s, "some");
	}
	put(&s, "%s. What these took is missing above, and what these freed still counts as live.",
	    cov->n_lost_by_cpu ? ")" : "");
	return end(&s, f);
}

/* " (N what, N what)", or nothing */
static void put_parts(struct sentence *s, uint64_t n, const char *what,
		      uint64_t m, const char *else_what)
{
	if (n)
		put(s, " (%" PRIu64 " %s", n, what);
	if (m)
		put(s, "%s%" PRIu64 " %s", n ? ", " : " (", m, else_what);
	if (n || m)
		put(s, ")");
}

static int say_unmatched(const struct footer *f)
{
	const struct coverage *cov = &f->snap->coverage;
	const char *before = ": ";
	struct sentence s;

	if (!cov->unmatched_frees)
		return 0;
	if (begin(&s))
		return -ENOMEM;
	put(&s, "Frees of what is not in the books: %" PRIu64, cov->unmatched_frees);
	if (cov->unmatched_slab) {
		put(&s, "%s%" PRIu64 " of slab objects", before, cov->unmatched_slab);
		before = ", ";
	}
	if (cov->unmatched_pages) {
		put(&s, "%s%" PRIu64 " of pages", before, cov->unmatched_pages);
		put_parts(&s, cov->unmatched_vmalloc_pages, "by vfree()",
			  cov->unmatched_cma_pages, "by the contiguous allocator");
		before = ", ";
	}
	if (cov->unmatched_percpu)
		put(&s, "%s%" PRIu64 " of per-CPU memory", before,
		    cov->unmatched_percpu);
	put(&s, ". Taken before the recording, or in a way that it does not show.");
	return end(&s, f);
}

struct share {
	const struct snap_module *module;
	uint64_t bytes;
};

static int compare_shares(const void *pa, const void *pb)
{
	const struct share *a = pa, *b = pb;

	if (a->bytes != b->bytes)
		return a->bytes < b->bytes ? 1 : -1;
	return strcmp(a->module->name, b->module->name);
}

static uint64_t uncertain(const struct snap_module *m)
{
	return m->uncertain_bytes;
}

static uint64_t leaked(const struct snap_module *m)
{
	return m->leaked_bytes > 0 ? (uint64_t)m->leaked_bytes : 0;
}

/* A sum over the modules on view, and whose it is. */
static int say_shares(const struct footer *f, const bool *selected,
		      uint64_t (*bytes)(const struct snap_module *m),
		      const char *before, const char *after)
{
	const struct snapshot *snap = f->snap;
	struct share *shares = calloc(snap->n_modules + 1, sizeof(*shares));
	struct sentence s;
	uint64_t sum = 0;
	size_t n = 0;
	int ret = 0;

	if (!shares)
		return -ENOMEM;
	for (size_t i = 0; i < snap->n_modules; i++) {
		uint64_t share = bytes(&snap->modules[i]);

		if (!selected[i] || !share)
			continue;
		sum += share;
		shares[n++] = (struct share){ &snap->modules[i], share };
	}
	if (n) {
		qsort(shares, n, sizeof(*shares), compare_shares);
		ret = begin(&s);
		if (!ret) {
			put(&s, "%s", before);
			put_size(&s, f, sum);
			for (size_t i = 0; i < n; i++) {
				put(&s, "%s", i ? ", " : " (");
				put_printable(&s, shares[i].module->name);
				put(&s, " ");
				put_size(&s, f, shares[i].bytes);
			}
			put(&s, ")%s", after);
			ret = end(&s, f);
		}
	}
	free(shares);
	return ret;
}

static int say_counts(const struct footer *f)
{
	const struct coverage *c = &f->snap->coverage;
	int ret = 0;

	ret |= say_count(f, c->evicted, "Evicted: ", "object", "objects",
			 " whose address was handed out again, or whose slab was freed, so that a free went unseen; no longer counted as live.");
	ret |= say_count(f, c->events_without_stack, "No stack: ",
			 "allocation", "allocations",
			 "; who made it is known from the call site at best.");
	ret |= say_count(f, c->unknown_addresses, "Unknown addresses: ",
			 "allocation", "allocations",
			 " by code of no known module, charged to [unknown].");
	ret |= say_count(f, c->unpaired_stacks, "Stacks without an event: ", "stack",
			 "stacks", ", whose allocation is missing.");
	ret |= say_count(f, c->interrupt_cuts, "Interrupts: ", "stack was",
			 "stacks were", " cut where an interrupt came in: code below it did not allocate.");
	ret |= say_count(f, c->init_text_guarded, "Init code: ", "frame of a stack lay",
			 "frames of stacks lay", " where the init code of another module had been, and was not taken for that one.");
	ret |= say_count(f, c->reordered, "Out of order: ", "free", "frees",
			 " recorded before the allocation, by a clock that differs between CPUs; matched all the same.");
	ret |= say_count(f, c->duplicate_buffer_events, "Duplicates: ",
			 "event", "events", " left out, since another buffer has the same.");
	ret |= say_count(f, c->malformed, "Malformed: ", "record", "records",
			 " of a wrong length or with impossible values.");
	return ret ? -ENOMEM : 0;
}

/* Why numbers are marked: a sentence a cause, of the modules on view. */
static int say_marks(const struct footer *f, const bool *selected)
{
	const struct snapshot *snap = f->snap;
	struct marked *rows = calloc(snap->n_modules + 1, sizeof(*rows));
	int ret = rows ? 0 : -ENOMEM;
	size_t n = 0;

	for (size_t i = 0; rows && i < snap->n_modules; i++) {
		const struct snap_module *m = &snap->modules[i];

		if (selected[i] && (f->opts->all || f->opts->modules || !module_empty(m)))
			rows[n++] = (struct marked){ m->name, snapshot_row_why(snap, m) };
	}
	for (enum bound_cause i = 0; i < BOUND_CAUSES && !ret; i++) {
		char *text = f->opts->notes ? marks_action(rows, n, i, f->utf8) :
			     marks_sentence(rows, n, i, f->utf8);

		ret = text ? 0 : -ENOMEM;
		if (text && *text)
			ret = say(f, "%s", text);
		free(text);
	}
	free(rows);
	return ret;
}

static int say_all(const struct footer *f, const bool *selected)
{
	const struct coverage *c = &f->snap->coverage;
	int ret;

	ret = say_recording(f);
	if (!c->events)
		ret |= say(f, "No allocation events in %s.", f->snap->part ?
			   "that time" : "this recording");
	ret |= say_shares(f, selected, leaked, "Left behind by unloaded modules: ", ".");
	if (f->marks)
		ret |= say_marks(f, selected);
	ret |= say_lost(f);
	ret |= say_shares(f, selected, uncertain, "Uncertain: ",
			  " of what is live may be free already: such frees can go unseen.");
	ret |= say_unmatched(f);
	ret |= say_counts(f);
	for (size_t i = 0; i < c->n_missed; i++)
		ret |= say(f, "Missed: %" PRIu64 " of %" PRIu64 " calls of %s.",
			   c->missed[i].missed, c->missed[i].calls, c->missed[i].path);
	ret |= say_list(f, "Not seen: ", c->unseen, c->n_unseen, "; ", ".");
	if (f->opts->by == VIEW_BY_CACHE)
		ret |= say(f, "A cache may carry the name of another one that the kernel merged it with.");
	for (size_t i = 0; i < c->n_notes; i++)
		ret |= say_list(f, "Note: ", &c->notes[i], 1, "", "");
	if (!c->trusted)
		ret |= say_list(f, f->opts->bare ? "Not good enough to rely on: " :
				"Not good enough for --strict: ", c->distrust,
				c->n_distrust, "; ", ".");
	return ret ? -ENOMEM : 0;
}

static int say_selected(struct footer *f,
			int (*what)(const struct footer *f, const bool *selected),
			struct error *err)
{
	bool *selected = modules_select(f->snap, f->opts->modules, err);
	int ret;

	if (!selected)
		return -ENOENT;
	ret = what(f, selected);
	free(selected);
	return ret ? error_set(err, ret, "out of memory") : 0;
}

int view_footer(const struct snapshot *snap, const struct view_opts *opts,
		FILE *out, struct error *err)
{
	struct footer f = {
		.snap = snap,
		.opts = opts,
		.out = out,
		.width = text_width(opts->width),
		.marks = true,
		.utf8 = text_is_utf8(),
	};

	fputc('\n', out);
	return say_selected(&f, say_all, err);
}

static int view_lines(const struct snapshot *snap, const char *modules, FILE *out,
		      int (*what)(const struct footer *f, const bool *selected),
		      struct error *err)
{
	const struct view_opts opts = { .modules = modules };
	struct footer f = {
		.snap = snap,
		.opts = &opts,
		.out = out,
		.width = UINT_MAX,
		.utf8 = true,	/* as all files are that have such lines */
	};

	return say_selected(&f, what, err);
}

int view_sentences(const struct snapshot *snap, const char *modules, FILE *out,
		   struct error *err)
{
	return view_lines(snap, modules, out, say_all, err);
}

int view_marks(const struct snapshot *snap, const char *modules, FILE *out,
	       struct error *err)
{
	return view_lines(snap, modules, out, say_marks, err);
}
