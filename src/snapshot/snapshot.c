// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * snapshot.c - module rows and totals; the parts are in snapshot_*.c
 */
#include "snapshot_build.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "arena.h"
#include "books.h"
#include "companion_read.h"
#include "decode.h"
#include "event.h"
#include "formats.h"
#include "ledger.h"
#include "modmap.h"
#include "modname.h"
#include "series.h"
#include "source.h"
#include "strings_table.h"
#include "textlog.h"

/* A wall clock before 2020, or after 9999, was never set. */
#define CLOCK_SET	1577836800LL
#define LAST_YEAR	253402300800LL

struct owned_snapshot {
	struct snapshot snap;	/* first: a struct snapshot * is one of these */
	struct arena *arena;
};

struct account *build_account(const struct builder *b, uint32_t id)
{
	return ledger_at(books_ledger(b->rs->books), id);
}

const char *build_string(struct builder *b, uint32_t id)
{
	return id ? arena_strdup(b->arena, strings_get(b->rs->strings, id)) : NULL;
}

static void add_amount(struct amount *to, const struct account *a)
{
	to->bytes += a->live_bytes;
	to->objects += a->live_objects;
	to->requested += a->live_requested;
}

static void add_account(struct builder *b, struct snap_module *m, uint32_t id)
{
	const struct account *a = build_account(b, id);

	m->failed += a->failed;
	switch (a->what.charge) {
	case CHARGE_OVERHEAD:
		add_amount(&m->overhead[a->what.overhead], a);
		m->overhead_bytes += a->live_bytes;
		return;
	case CHARGE_INDUCED:
		add_amount(&m->induced[a->what.kind], a);
		m->induced_bytes += a->live_bytes;
		return;
	case CHARGE_INSIDE:
		add_amount(&m->dma_blocks, a);
		return;
	case CHARGE_OWN:
		break;
	}
	add_amount(&m->live[a->what.kind], a);
	m->live_bytes += a->live_bytes;
	m->uncertain_bytes += b->facts[id].uncertain;
	m->allocated_bytes += a->allocated_bytes;
	m->freed_bytes += a->freed_bytes;
	m->evicted_bytes += a->evicted_bytes;
	m->allocs += a->allocs;
	m->frees += a->frees;
}

/* Causes of the row's sums: what is not there cannot be less. */
static void add_bounds(struct snap_module *m, const struct row_bounds *rb)
{
	for (int i = 0; i < KIND_MAX; i++) {
		m->kind_why[i] = m->live[i].bytes ? rb->kind[i] : bound_of_nothing(rb->kind[i]);
		m->why |= m->kind_why[i];
	}
	m->induced_why = m->induced_bytes ? rb->induced : bound_of_nothing(rb->induced);
}

/*
 * What instances that were removed left behind. Where one's addresses are not
 * known, what it held went to [unknown], and none of it here says nothing.
 */
static void add_leaks(struct builder *b, const struct modmap *mm)
{
	struct ledger *l = books_ledger(b->rs->books);
	struct snap_module *m;
	uint32_t i;

	for (i = OWNER_UNKNOWN + 1; i < modmap_count(mm); i++) {
		const struct module_instance *mi = modmap_instance(mm, i);

		m = &b->snap->modules[b->module[mi->row]];
		if (mi->state == MODULE_UNLOADED && mi->has_range && !mi->assumed)
			m->leaked_bytes = 0;
	}
	for (i = 1; i < ledger_count(l); i++) {
		const struct account *a = ledger_at(l, i);

		m = &b->snap->modules[b->module[a->what.row]];
		if (a->what.charge != CHARGE_OWN || !a->live_bytes ||
		    modmap_instance(mm, a->what.owner)->state != MODULE_UNLOADED ||
		    b->pool[i] == POOL_OTHERS)
			continue;
		if (m->leaked_bytes < 0)
			m->leaked_bytes = 0;
		m->leaked_bytes += (int64_t)a->live_bytes;
	}
}

/* Rows of @arg, by what they hold. */
static int by_live(const void *x, const void *y, void *arg)
{
	const struct snap_module *rows = arg;
	const struct snap_module *a = &rows[*(const uint32_t *)x], *b = &rows[*(const uint32_t *)y];

	if (a->live_bytes != b->live_bytes)
		return a->live_bytes > b->live_bytes ? -1 : 1;
	if (a->induced_bytes != b->induced_bytes)
		return a->induced_bytes > b->induced_bytes ? -1 : 1;
	return strcmp(a->name, b->name);
}

/* The modules of @rows that have a name, sorted; b->module tells which is whose. */
static int sort_modules(struct builder *b, struct snap_module *rows, size_t n_rows)
{
	struct snapshot *snap = b->snap;
	uint32_t *order = arena_zalloc(b->arena, n_rows, sizeof(*order));
	uint32_t i, n = 0;

	b->module = arena_zalloc(b->arena, n_rows, sizeof(*b->module));
	snap->modules = arena_zalloc(b->arena, n_rows, sizeof(*snap->modules));
	if (!order || !b->module || !snap->modules)
		return -ENOMEM;
	for (i = 0; i < n_rows; i++) {
		b->module[i] = UINT32_MAX;
		/* a name that was planned but not met (yet, with --at) has none */
		if (rows[i].name)
			order[n++] = i;
	}
	qsort_r(order, n, sizeof(*order), by_live, rows);
	for (i = 0; i < n; i++) {
		snap->modules[i] = rows[order[i]];
		b->module[order[i]] = i;
	}
	snap->n_modules = n;
	return 0;
}

static int build_modules(struct builder *b)
{
	const struct modmap *mm = books_modmap(b->rs->books);
	struct ledger *l = books_ledger(b->rs->books);
	size_t n_rows = modmap_rows(mm);
	struct snapshot *snap = b->snap;
	struct snap_module *rows = arena_zalloc(b->arena, n_rows, sizeof(*rows)), *m;
	uint32_t i;

	if (!rows)
		return -ENOMEM;
	/* later instances of a name overwrite: the state is the latest's */
	for (i = 0; i < modmap_count(mm); i++) {
		const struct module_instance *mi = modmap_instance(mm, i);

		m = &rows[mi->row];
		m->name = arena_strdup(b->arena, mi->name);
		if (!m->name)
			return -ENOMEM;
		m->state = mi->state;
		m->static_bytes = mi->static_bytes;
		m->leaked_bytes = -1;
		m->peak_ns = -1;
	}
	for (i = 1; i < ledger_count(l); i++)
		add_account(b, &rows[ledger_at(l, i)->what.row], i);
	for (i = 0; i < n_rows; i++) {
		struct row_books rb = ledger_row(l, i);

		m = &rows[i];
		m->peak_bytes = rb.peak;
		m->peak_ns = rb.ever ? (int64_t)rb.peak_ns : -1;
		add_bounds(m, &b->bounds[i]);
		snap->why |= m->why;
		snap->induced_why |= m->induced_why;
		snap->live_bytes += m->live_bytes;
		snap->induced_bytes += m->induced_bytes;
		snap->overhead_bytes += m->overhead_bytes;
		snap->allocs += m->allocs;
		snap->frees += m->frees;
	}
	if (sort_modules(b, rows, n_rows))
		return -ENOMEM;
	add_leaks(b, mm);
	return 0;
}

/* The recorder's own clock on the wall, s since 1970; -1: not known. */
static int64_t recorded(const struct builder *b)
{
	const struct companion_item *it = companion_find(b->rs->companion, "start");
	const char *at = it ? strstr(it->text, "realtime=") : NULL;
	long long seconds;

	/* a board without a clock begins in 1970 */
	if (!at || sscanf(at, "realtime=%19lld", &seconds) != 1 || seconds < CLOCK_SET)
		return -1;
	return seconds < LAST_YEAR ? seconds : -1;
}

/* "Linux HOST RELEASE MACHINE" as trace-cmd keeps it, or uname -a's order. */
static int build_source(struct builder *b)
{
	const struct source_info *info = source_info(b->rs->src);
	struct snapshot *snap = b->snap;
	char *words[16], *save = NULL, *text, *word;
	size_t n = 0;

	snap->file = arena_strdup(b->arena, info->path);
	if (!snap->file)
		return -ENOMEM;
	snap->clock = arena_strdup(b->arena, info->n_buffers ?
				   info->buffers[0].clock : NULL);
	snap->clock_is_ns = !info->n_buffers || info->buffers[0].clock_is_ns;
	snap->big_endian = info->big_endian;
	snap->dma_blocks_known = decoder_formats(b->rs->decoder)->seen &
				 (1u << EVENT_DMA_BLOCK);
	snap->long_bits = info->text ? info->text->long_bits : info->long_size * 8;
	snap->page_size = info->page_size;
	snap->cpus = info->cpus;
	snap->start_ns = b->rs->start;
	snap->end_ns = b->rs->end;
	snap->recorded = recorded(b);
	snap->attribute = b->rs->attribute;
	snap->part = b->rs->part;
	snap->made_by = b->rs->made_by;
	if (!info->uname)
		return 0;
	text = arena_strdup(b->arena, info->uname);
	if (!text)
		return -ENOMEM;
	for (word = strtok_r(text, " \t\n", &save); word && n < 16;
	     word = strtok_r(NULL, " \t\n", &save))
		words[n++] = word;
	if (n >= 4) {
		snap->kernel = words[2];
		snap->arch = words[n - 1];
	}
	return 0;
}

struct snapshot *snapshot_new(void)
{
	struct arena *arena = arena_new();
	struct owned_snapshot *own = arena ? arena_zalloc(arena, 1, sizeof(*own)) : NULL;

	if (!own) {
		arena_free(arena);
		return NULL;
	}
	own->arena = arena;
	return &own->snap;
}

struct snapshot *snapshot_build(const struct replay_state *rs)
{
	struct builder b = { .rs = rs, .snap = snapshot_new() };
	int ret;

	if (!b.snap)
		return NULL;
	b.arena = snapshot_arena(b.snap);
	b.snap->has_stacks = rs->by_stack;
	b.snap->has_tasks = rs->by_task;
	ret = build_source(&b);
	if (!ret)
		ret = build_coverage(&b);
	if (!ret)
		ret = build_unnamed(&b);
	if (!ret)
		ret = build_facts(&b);
	if (!ret)
		ret = build_names(&b);
	if (!ret)
		ret = build_pools(&b);
	if (!ret)
		ret = build_bounds(&b);
	if (!ret)
		ret = build_modules(&b);
	if (!ret)
		ret = build_before(&b);
	if (!ret) {
		build_static(&b);
		ret = build_sites(&b);
	}
	if (!ret)
		ret = build_caches(&b);
	if (!ret && rs->series) {
		b.snap->series = series_snapshot(rs->series, rs->end, b.arena, b.module,
						 modmap_rows(books_modmap(rs->books)),
						 b.snap->n_modules);
		ret = b.snap->series ? 0 : -ENOMEM;
	}
	if (!ret && rs->by_stack)
		ret = build_stacks(&b);
	if (!ret && rs->by_task)
		ret = build_tasks(&b);
	if (!ret && rs->leaks)
		ret = build_leaks(&b);
	if (!ret && rs->reconcile)
		ret = build_reconcile(&b);
	if (!ret)
		return b.snap;
	snapshot_free(b.snap);
	return NULL;
}

struct arena *snapshot_arena(struct snapshot *snap)
{
	return ((struct owned_snapshot *)snap)->arena;
}

int snapshot_add_notes(struct snapshot *snap, const char *const *notes, size_t n)
{
	struct arena *arena = snapshot_arena(snap);
	struct coverage *c = &snap->coverage;
	const char **all;
	size_t i;

	if (!n)
		return 0;
	all = arena_zalloc(arena, c->n_notes + n, sizeof(*all));
	if (!all)
		return -ENOMEM;
	for (i = 0; i < c->n_notes; i++)
		all[i] = c->notes[i];
	for (i = 0; i < n; i++) {
		all[c->n_notes + i] = arena_strdup(arena, notes[i]);
		if (!all[c->n_notes + i])
			return -ENOMEM;
	}
	c->notes = all;
	c->n_notes += n;
	return 0;
}

bool module_empty(const struct snap_module *m)
{
	return !(m->live_bytes | m->induced_bytes | m->overhead_bytes |
		 m->peak_bytes | m->allocated_bytes | m->allocs | m->frees |
		 m->failed) && m->before_bytes <= 0;
}

bool snapshot_asks_for(const struct snap_module *m, const char *modules)
{
	return modules ? modname_listed(modules, m->name) :
	       m->state != MODULE_KERNEL && !module_empty(m);
}

uint32_t snapshot_why(const struct snapshot *snap, const char *modules)
{
	uint32_t why = 0;

	for (size_t i = 0; i < snap->n_modules; i++)
		if (snapshot_asks_for(&snap->modules[i], modules))
			why |= snap->modules[i].why;
	return why;
}

bool coverage_touches(const struct coverage *c, size_t i, uint32_t why)
{
	return !c->distrust_why || !c->distrust_why[i] || (c->distrust_why[i] & why);
}

bool snapshot_distrusts(const struct snapshot *snap, size_t i, const char *modules)
{
	for (size_t m = 0; m < snap->n_modules; m++)
		if (snapshot_asks_for(&snap->modules[m], modules))
			return coverage_touches(&snap->coverage, i,
						snapshot_why(snap, modules));
	return true;	/* no row: that is not to be believed */
}

bool snapshot_exact(const struct snapshot *snap, const char *modules)
{
	for (size_t i = 0; i < snap->coverage.n_distrust; i++)
		if (snapshot_distrusts(snap, i, modules))
			return false;
	return !snapshot_why(snap, modules);
}

void snapshot_free(struct snapshot *snap)
{
	if (snap)
		arena_free(((struct owned_snapshot *)snap)->arena);
}
