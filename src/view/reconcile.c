// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * reconcile.c - the kernel's counters for people and spreadsheets, reconcile.h
 */
#include "memstream.h"
#include "reconcile.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "error.h"
#include "grid.h"
#include "rows.h"
#include "text.h"
#include "units.h"

#define NAMED_MAX 3u		/* who took it: so many by name */

struct showing {
	const struct snapshot *snap;
	const struct view_opts *opts;
	const bool *selected;	/* modules of --module */
	FILE *out;
};

static char *bytes(const struct showing *s, int64_t value, bool sign)
{
	return grid_bytes(value, s->opts->exact_bytes, sign);
}

/* ---- who took it ------------------------------------------------------------ */

struct share {
	const char *module;
	uint64_t amount;
};

static int compare_shares(const void *pa, const void *pb)
{
	const struct share *a = pa, *b = pb;

	if (a->amount != b->amount)
		return a->amount < b->amount ? 1 : -1;
	return strcmp(a->module, b->module);
}

/* "kmtest 20K, [kernel] 16K, 2 more" */
static char *by_module(const struct showing *s, const struct reconcile_taker *takers,
		       size_t n)
{
	const struct snapshot *snap = s->snap;
	struct share *shares = calloc(snap->n_modules + 1, sizeof(*shares));
	char *text = NULL;
	size_t size, n_shares = 0;
	FILE *out = shares ? open_memstream(&text, &size) : NULL;

	if (!out) {
		free(shares);
		return NULL;
	}
	for (size_t i = 0; i < snap->n_modules; i++)
		shares[i].module = snap->modules[i].name;
	for (size_t i = 0; i < n; i++)
		if (s->selected[takers[i].module])
			shares[takers[i].module].amount += takers[i].bytes;
	qsort(shares, snap->n_modules, sizeof(*shares), compare_shares);
	while (n_shares < snap->n_modules && shares[n_shares].amount)
		n_shares++;
	for (size_t i = 0; i < n_shares && i < NAMED_MAX; i++) {
		char *name = text_printable(shares[i].module);
		char *sum = bytes(s, (int64_t)shares[i].amount, false);

		fprintf(out, "%s%s %s", i ? ", " : "", name ? name : "?", sum ? sum : "?");
		free(name);
		free(sum);
	}
	if (n_shares > NAMED_MAX)
		fprintf(out, ", %zu more", n_shares - NAMED_MAX);
	free(shares);
	memstream_close(out, &text);
	return text;
}

static char *function_name(const struct showing *s, const struct reconcile_taker *t)
{
	const char *module = s->snap->modules[t->module].name;
	char *function = text_place(t->function, t->offset, t->number, t->no_offset);
	char *name = text_printable(module), *text = NULL;

	if (function && name)
		text = text_format("%s %s%s%s", function,
				   *name == '[' ? "" : "[", name, *name == '[' ? "" : "]");
	free(function);
	free(name);
	return text;
}

/* "family_get+0x3c [kmtest] 12, ...": objects */
static char *by_function(const struct showing *s, const struct reconcile_taker *takers,
			 size_t n)
{
	char *text = NULL;
	size_t size, count = 0;
	FILE *out = open_memstream(&text, &size);

	if (!out)
		return NULL;
	for (size_t i = 0; i < n; i++) {
		char *name;

		if (!s->selected[takers[i].module] || ++count > NAMED_MAX)
			continue;
		name = function_name(s, &takers[i]);
		fprintf(out, "%s%s %" PRIu64, count > 1 ? ", " : "", name ? name : "?",
			takers[i].objects);
		free(name);
	}
	if (count > NAMED_MAX)
		fprintf(out, ", %zu more", count - NAMED_MAX);
	memstream_close(out, &text);
	return text;
}

/* ---- counters ---------------------------------------------------------------- */

static void counter_row(const struct showing *s, struct grid *grid,
			const struct reconcile_counter *c)
{
	int64_t grew = (int64_t)(c->after - c->before);
	char *who = c->followed ? by_module(s, c->takers, c->n_takers) : NULL;
	char *older = NULL;

	if (c->freed_before) {
		char *freed = bytes(s, (int64_t)c->freed_before, false);

		older = text_format("%s%staken before and freed: %s", who ? who : "",
				    who && *who ? "; " : "", freed ? freed : "?");
		free(freed);
		free(who);
		who = older;
	}
	if (who && !*who) {
		free(who);
		who = NULL;
	}
	grid_row(grid, (char *[]) {
		strdup(c->name), bytes(s, (int64_t)c->before, false),
		bytes(s, (int64_t)c->after, false), bytes(s, grew, true),
		c->followed ? bytes(s, c->explained, true) : NULL,
		c->followed ? bytes(s, grew - c->explained, true) : NULL, who,
	});
}

static int show_counters(const struct showing *s)
{
	static const struct grid_col cols[] = {
		{ "COUNTER", 0 }, { "BEFORE", GRID_RIGHT }, { "AFTER", GRID_RIGHT },
		{ "GREW", GRID_RIGHT }, { "EXPLAINED", GRID_RIGHT },
		{ "NOT_EXPLAINED", GRID_RIGHT }, { "TAKEN_BY", GRID_WRAP }, { 0 }
	};
	struct grid *grid = grid_new(cols);
	int ret;

	for (size_t i = 0; grid && i < s->snap->reconcile->n_counters; i++)
		counter_row(s, grid, &s->snap->reconcile->counters[i]);
	ret = grid ? grid_print(grid, VIEW_TABLE, s->opts->width, s->out) : -ENOMEM;
	grid_free(grid);
	return ret;
}

/* ---- caches ------------------------------------------------------------------ */

static bool cache_hidden(const struct showing *s, const struct reconcile_cache *c)
{
	int64_t grew = (int64_t)(c->active_after - c->active_before);
	uint64_t size = (uint64_t)(grew < 0 ? -grew : grew) * c->size;

	return (!grew && !s->opts->all) || size < s->opts->min_bytes;
}

static void cache_row(const struct showing *s, struct grid *grid,
		      const struct reconcile_cache *c)
{
	int64_t grew = (int64_t)(c->active_after - c->active_before);
	int64_t pages = (int64_t)(c->pages_after - c->pages_before);
	char *who = by_function(s, c->takers, c->n_takers);

	if (who && !*who) {
		free(who);
		who = NULL;
	}
	grid_row(grid, (char *[]) {
		text_printable(c->name), bytes(s, (int64_t)c->size, false),
		grid_count((int64_t)c->active_before, false),
		grid_count((int64_t)c->active_after, false), grid_count(grew, true),
		bytes(s, pages * (int64_t)s->snap->page_size, true),
		text_format("%s%" PRId64 "%s", c->explained > 0 ? "+" : "",
			    c->explained, c->free_blind ? "?" : ""),
		grid_count(grew - c->explained, true), who,
	});
}

static int show_caches(const struct showing *s)
{
	static const struct grid_col cols[] = {
		{ "CACHE", 0 }, { "OBJSIZE", GRID_RIGHT }, { "BEFORE", GRID_RIGHT },
		{ "AFTER", GRID_RIGHT }, { "GREW", GRID_RIGHT }, { "SLAB_BYTES", GRID_RIGHT },
		{ "EXPLAINED", GRID_RIGHT }, { "NOT_EXPLAINED", GRID_RIGHT },
		{ "TAKEN_BY", GRID_WRAP }, { 0 }
	};
	const struct reconcile *r = s->snap->reconcile;
	struct grid *grid = grid_new(cols);
	size_t n_hidden = 0, n_shown = 0;
	int ret = grid ? 0 : -ENOMEM;

	for (size_t i = 0; grid && i < r->n_caches; i++) {
		if (cache_hidden(s, &r->caches[i])) {
			n_hidden++;
			continue;
		}
		cache_row(s, grid, &r->caches[i]);
		n_shown++;
	}
	fputs("\nSlab caches, objects:\n", s->out);
	if (n_shown && !ret)
		ret = grid_print(grid, VIEW_TABLE, s->opts->width, s->out);
	if (n_hidden)
		fprintf(s->out, "%zu cache%s that did not change, or below --min, %s not shown (--all)\n",
			n_hidden, n_hidden == 1 ? "" : "s", n_hidden == 1 ? "is" : "are");
	grid_free(grid);
	return ret;
}

/* ---- areas ------------------------------------------------------------------- */

static int show_areas(const struct showing *s)
{
	static const struct grid_col cols[] = {
		{ "MADE_BY", 0 }, { "BEFORE", GRID_RIGHT }, { "AFTER", GRID_RIGHT },
		{ "GREW", GRID_RIGHT }, { "AREAS", GRID_RIGHT }, { "MEMORY", 0 }, { 0 }
	};
	const struct reconcile *r = s->snap->reconcile;
	struct grid *grid;
	int ret;

	if (!r->n_areas)
		return 0;
	grid = grid_new(cols);
	if (!grid)
		return -ENOMEM;
	for (size_t i = 0; i < r->n_areas; i++) {
		const struct reconcile_area *a = &r->areas[i];

		grid_row(grid, (char *[]) {
			a->caller ? text_printable(a->caller) : NULL,
			bytes(s, (int64_t)a->before, false),
			bytes(s, (int64_t)a->after, false),
			bytes(s, (int64_t)(a->after - a->before), true),
			grid_count((int64_t)(a->n_after - a->n_before), true),
			strdup(a->ioremap ? "none: of a device (ioremap)" : "pages"),
		});
	}
	fputs("\nAreas of /proc/vmallocinfo:\n", s->out);
	ret = grid_print(grid, VIEW_TABLE, s->opts->width, s->out);
	grid_free(grid);
	return ret;
}

/* ---- modules ----------------------------------------------------------------- */

static bool module_hidden(const struct showing *s, const struct reconcile_module *m)
{
	uint64_t most = m->after > m->before ? m->after : m->before;

	if (!s->selected[m->module])
		return true;
	if (m->books > 0 && (uint64_t)m->books > most)
		most = (uint64_t)m->books;
	return (!m->grew && !m->books && !s->opts->all) || most < s->opts->min_bytes;
}

static int show_modules(const struct showing *s)
{
	static const struct grid_col cols[] = {
		{ "MODULE", 0 }, { "BEFORE", GRID_RIGHT }, { "AFTER", GRID_RIGHT },
		{ "GREW", GRID_RIGHT }, { "BOOKS", GRID_RIGHT }, { "DIFFERENCE", GRID_RIGHT },
		{ 0 }
	};
	const struct reconcile *r = s->snap->reconcile;
	struct grid *grid;
	size_t n_shown = 0;
	int ret = 0;

	if (!r->allocinfo)
		return 0;
	grid = grid_new(cols);
	if (!grid)
		return -ENOMEM;
	for (size_t i = 0; i < r->n_modules; i++) {
		const struct reconcile_module *m = &r->modules[i];

		if (module_hidden(s, m))
			continue;
		n_shown++;
		grid_row(grid, (char *[]) {
			text_printable(s->snap->modules[m->module].name),
			bytes(s, (int64_t)m->before, false),
			m->gone ? NULL : bytes(s, (int64_t)m->after, false),
			m->gone ? NULL : bytes(s, m->grew, true), bytes(s, m->books, true),
			m->gone ? NULL : bytes(s, m->grew - m->books, true),
		});
	}
	fputs("\nModules, by /proc/allocinfo and by the books:\n", s->out);
	if (n_shown)
		ret = grid_print(grid, VIEW_TABLE, s->opts->width, s->out);
	else
		fputs("no module that is shown took or gave back anything\n", s->out);
	grid_free(grid);
	return ret;
}

/* ---- sentences --------------------------------------------------------------- */

static int say(const struct showing *s, char *text)
{
	if (!text)
		return -ENOMEM;
	text_wrap(text, text_width(s->opts->width), s->out);
	free(text);
	return 0;
}

/* Seconds from @earlier to @later, "-" in front if it is the other way round. */
static char *seconds(uint64_t earlier, uint64_t later)
{
	return text_format("%.3f s", ((double)later - (double)earlier) / 1e9);
}

static int say_times(const struct showing *s)
{
	const struct reconcile *r = s->snap->reconcile;
	char *lead = seconds(r->before_ns, s->snap->start_ns);
	char *tail = seconds(s->snap->end_ns, r->after_ns);
	int ret = -ENOMEM;

	if (lead && tail)
		ret = say(s, text_format("The counters were read %s before the first event and %s after the last one. What grew or went in between, in the recorder itself too, is not explained.",
					 lead, tail));
	free(lead);
	free(tail);
	return ret;
}

static int say_command(const struct showing *s)
{
	const struct reconcile_command *cmd = &s->snap->reconcile->command;
	char *pss, *rss, *peak, *text;

	if (!cmd->known)
		return 0;
	pss = cmd->pss < 0 ? strdup("not known") : bytes(s, cmd->pss, false);
	rss = cmd->rss < 0 ? strdup("not known") : bytes(s, cmd->rss, false);
	peak = cmd->peak_rss < 0 ? strdup("not known") : bytes(s, cmd->peak_rss, false);
	text = pss && rss && peak ?
	       text_format("The command's own memory (user space, beside all of the above): PSS %s, RSS %s%s%s; peak RSS of it or a child %s.",
			   pss, rss, cmd->how ? " " : "", cmd->how ? cmd->how : "", peak) : NULL;
	free(pss);
	free(rss);
	free(peak);
	return say(s, text);
}

static int say_all(const struct showing *s)
{
	const struct reconcile *r = s->snap->reconcile;
	int ret = 0;

	fputc('\n', s->out);
	ret |= say_times(s);
	if (r->slabinfo)
		ret |= say(s, strdup("Objects in the slab that a CPU works on count as active, in use or not: caches grow by whole slabs, and what is not explained below one slab a CPU means nothing."));
	if (r->unnamed_objects)
		ret |= say(s, text_format("Of no known cache: %" PRIu64 " live objects.", r->unnamed_objects));
	if (r->unnamed_freed)
		ret |= say(s, text_format("Taken before the recording and freed in it, of a cache that the event does not name: %" PRIu64 " objects. They made some caches shrink.",
					  r->unnamed_freed));
	if (r->allocinfo)
		ret |= say(s, strdup("The kernel charges to itself, and not to modules, what helpers take for them (devm_kmalloc, kasprintf) and coherent DMA memory, which is not in BOOKS. Modules that freed what they held BEFORE grew by less: whose that was is not in the recording."));
	if (r->allocinfo_inaccurate)
		ret |= say(s, strdup("Trust it less: /proc/allocinfo says of some of its numbers that they are not accurate."));
	ret |= say_command(s);
	for (size_t i = 0; i < r->n_doubts; i++)
		ret |= say(s, text_format("Trust it less: %s.", r->doubts[i]));
	return ret ? -ENOMEM : 0;
}

/* ---- CSV --------------------------------------------------------------------- */

static void csv_row(struct grid *grid, const char *section, const char *name,
		    const char *unit, uint64_t before, uint64_t after, bool followed,
		    int64_t explained)
{
	int64_t grew = (int64_t)(after - before);

	grid_row(grid, (char *[]) {
		strdup(section), name ? text_printable(name) : NULL, strdup(unit),
		grid_count((int64_t)before, false), grid_count((int64_t)after, false),
		grid_count(grew, false), followed ? grid_count(explained, false) : NULL,
		followed ? grid_count(grew - explained, false) : NULL, NULL, NULL, NULL,
	});
}

static void csv_takers(const struct showing *s, struct grid *grid, const char *section,
		       const char *name, const char *unit,
		       const struct reconcile_taker *takers, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const struct reconcile_taker *t = &takers[i];

		if (s->selected[t->module])
			grid_row(grid, (char *[]) {
				strdup(section), text_printable(name), strdup(unit),
				NULL, NULL, NULL, NULL, NULL,
				text_printable(s->snap->modules[t->module].name),
				text_place(t->function, t->offset, t->number, t->no_offset),
				grid_count((int64_t)(*unit == 'b' ? t->bytes : t->objects), false),
			});
	}
}

static int print_csv(const struct showing *s)
{
	static const struct grid_col cols[] = {
		{ "SECTION", 0 }, { "NAME", 0 }, { "UNIT", 0 }, { "BEFORE", GRID_RIGHT },
		{ "AFTER", GRID_RIGHT }, { "GREW", GRID_RIGHT }, { "EXPLAINED", GRID_RIGHT },
		{ "NOT_EXPLAINED", GRID_RIGHT }, { "MODULE", 0 }, { "FUNCTION", 0 },
		{ "TAKEN", GRID_RIGHT }, { 0 }
	};
	const struct reconcile *r = s->snap->reconcile;
	struct grid *grid = grid_new(cols);
	int ret;

	if (!grid)
		return -ENOMEM;
	for (size_t i = 0; i < r->n_counters; i++) {
		const struct reconcile_counter *c = &r->counters[i];

		csv_row(grid, "counter", c->name, "bytes", c->before, c->after,
			c->followed, c->explained);
		csv_takers(s, grid, "counter", c->name, "bytes", c->takers, c->n_takers);
	}
	for (size_t i = 0; i < r->n_caches; i++) {
		const struct reconcile_cache *c = &r->caches[i];

		csv_row(grid, "cache", c->name, "objects", c->active_before,
			c->active_after, true, c->explained);
		csv_takers(s, grid, "cache", c->name, "objects", c->takers, c->n_takers);
	}
	for (size_t i = 0; i < r->n_modules; i++) {
		const struct reconcile_module *m = &r->modules[i];

		if (s->selected[m->module] && !m->gone)
			csv_row(grid, "module", s->snap->modules[m->module].name, "bytes",
				m->before, m->after, true, m->books);
	}
	for (size_t i = 0; i < r->n_areas; i++)
		csv_row(grid, r->areas[i].ioremap ? "ioremap" : "area", r->areas[i].caller,
			"bytes", r->areas[i].before, r->areas[i].after, false, 0);
	ret = grid_print(grid, VIEW_CSV, 0, s->out);
	grid_free(grid);
	return ret;
}

int view_reconcile(const struct snapshot *snap, const struct view_opts *opts,
		   enum view_format format, FILE *out, struct error *err)
{
	bool *selected = modules_select(snap, opts->modules, err);
	struct showing s = { .snap = snap, .opts = opts, .selected = selected, .out = out };
	int ret = 0;

	if (!selected)
		return -ENOENT;
	if (format != VIEW_CSV && opts->footer)
		ret = view_headline(snap, opts, out, err);
	if (ret) {
		free(selected);
		return ret;
	}
	if (format == VIEW_CSV) {
		ret = print_csv(&s);
	} else {
		ret = show_counters(&s);
		if (!ret && snap->reconcile->slabinfo)
			ret = show_caches(&s);
		if (!ret)
			ret = show_areas(&s);
		if (!ret)
			ret = show_modules(&s);
		if (!ret)
			ret = say_all(&s);
	}
	free(selected);
	if (ret)
		return error_set(err, ret, "out of memory");
	return format == VIEW_CSV || !opts->notes ? 0 : view_footer(snap, opts, out, err);
}
