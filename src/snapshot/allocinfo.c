// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * allocinfo.c - what the kernel itself says that modules hold: /proc/allocinfo
 *
 * From 6.10, where it was built with CONFIG_MEM_ALLOC_PROFILING. Bytes by the call in
 * the source that took them, since boot, right to the byte; with the module whose
 * source that is. Differs from what the books charge in places: the direct caller
 * of the allocating macro is charged, so that what devm_kmalloc(), kasprintf() and
 * other helpers take is the kernel's, not their caller's, as is coherent DMA memory
 * (kernel/dma). A module that is gone has no lines any more.
 */
#include "reconcile_build.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "arena.h"
#include "companion_read.h"
#include "procmem.h"
#include "snapshot_build.h"

#define SUM_MAX (1ull << 62)

/* By the name of a row. */
struct tagged {
	const char *name;
	uint32_t module;	/* index into snapshot.modules */
	uint64_t bytes;
	bool listed;		/* it has a line */
};

/* One copy of it. */
struct copy {
	struct tagged *rows;
	size_t n;
	bool inaccurate;
};

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct tagged *)a)->name, ((const struct tagged *)b)->name);
}

static struct tagged *find(const struct copy *copy, struct span name)
{
	size_t lo = 0, hi = copy->n, len = span_len(name);

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;
		int c = strncmp(copy->rows[mid].name, name.at, len);

		if (!c && copy->rows[mid].name[len])
			c = 1;
		if (!c)
			return &copy->rows[mid];
		if (c < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return NULL;
}

/*
 * @when "before" or "after". 1: read, 0: there is none, or it was switched off and
 * counted nothing, -ENOMEM.
 */
static int read_copy(struct builder *b, const char *when, struct copy *copy)
{
	const struct companion *c = b->rs->companion;
	bool before = !strcmp(when, "before");
	const struct companion_item *text, *on;
	struct proc_tag tag;
	const char *at;

	*copy = (struct copy){ .n = b->snap->n_modules };
	text = companion_find(c, before ? "allocinfo@before" : "allocinfo@after");
	on = companion_find(c, before ? "mem_profiling@before" : "mem_profiling@after");
	if (!text || strncmp(text->text, "allocinfo", 9) != 0)
		return 0;
	b->snap->allocinfo_off |= on && *on->text == '0';
	if (b->snap->allocinfo_off)
		return 0;
	copy->rows = calloc(copy->n + 1, sizeof(*copy->rows));
	if (!copy->rows)
		return -ENOMEM;
	for (size_t i = 0; i < copy->n; i++) {
		copy->rows[i].name = b->snap->modules[i].name;
		copy->rows[i].module = (uint32_t)i;
	}
	qsort(copy->rows, copy->n, sizeof(*copy->rows), by_name);
	for (at = text->text; proc_tag_next(&at, text->text + text->len, &tag);) {
		struct tagged *row = tag.module.at ? find(copy, tag.module) : NULL;

		if (!row)
			continue;
		row->listed = true;
		copy->inaccurate |= tag.inaccurate;
		if (row->bytes < SUM_MAX)
			row->bytes += tag.bytes;
	}
	return 1;
}

int build_before(struct builder *b)
{
	struct copy copy;
	int ret;

	for (size_t i = 0; i < b->snap->n_modules; i++)
		b->snap->modules[i].before_bytes = -1;
	/* books that begin later begin with something else */
	ret = b->rs->begins_later ? 0 : read_copy(b, "before", &copy);
	if (ret <= 0)
		return ret;
	b->snap->allocinfo = true;
	for (size_t i = 0; i < copy.n; i++) {
		struct snap_module *m = &b->snap->modules[copy.rows[i].module];

		if (module_state_is_module(m->state))
			m->before_bytes = (int64_t)copy.rows[i].bytes;
	}
	free(copy.rows);
	return 0;
}

static int by_growth(const void *pa, const void *pb, void *arg)
{
	const struct reconcile_module *a = pa, *b = pb;
	const struct snapshot *snap = arg;

	if (a->gone != b->gone)
		return a->gone - b->gone;
	if (a->grew != b->grew)
		return a->grew < b->grew ? 1 : -1;
	if (a->books != b->books)
		return a->books < b->books ? 1 : -1;
	return strcmp(snap->modules[a->module].name, snap->modules[b->module].name);
}

int reconcile_modules(struct builder *b, struct reconcile *r)
{
	struct copy before = { 0 }, after = { 0 };
	struct reconcile_module *list;
	int ret = read_copy(b, "before", &before);

	if (ret == 1)
		ret = read_copy(b, "after", &after);
	list = ret == 1 ? arena_zalloc(b->arena, after.n + 1, sizeof(*list)) : NULL;
	if (ret == 1 && !list)
		ret = -ENOMEM;
	for (size_t i = 0; ret == 1 && i < after.n; i++) {
		const struct snap_module *m = &b->snap->modules[after.rows[i].module];

		if (!module_state_is_module(m->state))
			continue;
		list[r->n_modules++] = (struct reconcile_module){
			.module = after.rows[i].module,
			.before = before.rows[i].bytes,
			.after = after.rows[i].bytes,
			.grew = (int64_t)(after.rows[i].bytes - before.rows[i].bytes),
			.books = (int64_t)(m->live_bytes - m->live[KIND_DMA].bytes),
			.gone = m->state == MODULE_UNLOADED && !after.rows[i].listed,
		};
	}
	if (ret == 1) {
		qsort_r(list, r->n_modules, sizeof(*list), by_growth, b->snap);
		r->modules = list;
		r->allocinfo = true;
		r->allocinfo_inaccurate = before.inaccurate || after.inaccurate;
	}
	free(before.rows);
	free(after.rows);
	return ret < 0 ? ret : 0;
}
