// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * reconcile.c - see reconcile.h; counters, caches and areas are in files of
 * their own
 */
#include "reconcile_build.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "arena.h"
#include "companion.h"
#include "companion_read.h"
#include "ledger.h"
#include "snapshot_build.h"
#include "tracefilter.h"

#define DOUBTS_MAX 9u

/* ---- who took it ------------------------------------------------------------ */

static int compare(uint64_t a, uint64_t b)
{
	return (a > b) - (a < b);
}

static int by_function(const void *x, const void *y, void *arg)
{
	struct builder *b = arg;
	const struct account *p = build_account(b, ((const struct taking *)x)->account);
	const struct account *q = build_account(b, ((const struct taking *)y)->account);
	int c = compare(b->module[p->what.row], b->module[q->what.row]);

	if (!c)
		c = compare(p->what.function, q->what.function);
	if (!c)
		c = compare(p->what.offset, q->what.offset);
	return c ? c : compare(p->what.via, q->what.via);
}

static int by_bytes(const void *x, const void *y)
{
	const struct reconcile_taker *a = x, *b = y;
	int c = -compare(a->bytes, b->bytes);

	if (!c)
		c = compare(a->module, b->module);
	if (!c)
		c = strcmp(a->function ? a->function : "", b->function ? b->function : "");
	if (!c)
		c = compare(a->offset, b->offset);
	if (!c)
		c = compare(a->number, b->number);
	return c ? c : strcmp(a->via, b->via);
}

int takers_build(struct builder *b, struct taking *takings, size_t n,
		 const struct reconcile_taker **takers, size_t *n_takers)
{
	struct reconcile_taker *list, *t = NULL;
	struct shown_place place;
	size_t i, count = 0;

	*n_takers = 0;
	if (!n)
		return 0;
	list = arena_zalloc(b->arena, n, sizeof(*list));
	if (!list)
		return -ENOMEM;
	qsort_r(takings, n, sizeof(*takings), by_function, b);
	for (i = 0; i < n; i++) {
		const struct account *a = build_account(b, takings[i].account);

		if (!i || by_function(&takings[i - 1], &takings[i], b)) {
			t = &list[count++];
			t->module = b->module[a->what.row];
			t->function = build_string(b, a->what.function);
			place = build_place(b, a->what.row, a->what.function,
					    a->what.offset);
			t->offset = place.offset;
			t->number = place.number;
			t->no_offset = place.no_offset;
			t->via = build_string(b, a->what.via);
			if (!t->via || (!t->function && a->what.function))
				return -ENOMEM;
		}
		t->bytes += takings[i].bytes;
		t->objects += takings[i].objects;
	}
	qsort(list, count, sizeof(*list), by_bytes);
	*takers = list;
	*n_takers = count;
	return 0;
}

/* ---- the command ------------------------------------------------------------ */

/* "NAME:   N kB" of smaps_rollup, "name=N" of ours; KiB, -1: not there. */
static int64_t find_kb(const struct companion_item *it, const char *name)
{
	const char *at = it ? it->text : NULL;
	size_t len = strlen(name);

	while (at) {
		if (!strncmp(at, name, len)) {
			unsigned long long kb;

			at += len + strspn(at + len, " \t");
			if (*at < '0' || *at > '9')
				return -1;
			errno = 0;
			kb = strtoull(at, NULL, 10);
			return errno || kb >> 40 ? -1 : (int64_t)kb;
		}
		at = strchr(at, '\n');
		at = at ? at + 1 : NULL;
	}
	return -1;
}

static int64_t find_bytes(const struct companion_item *it, const char *name)
{
	int64_t kb = find_kb(it, name);

	return kb < 0 ? -1 : kb * 1024;
}

/* The last of several: the recorder may have looked more than once. */
static const struct companion_item *find_last(const struct companion *c, const char *name)
{
	const struct companion_item *last = NULL;

	for (size_t i = 0; i < companion_count(c); i++)
		if (!strcmp(companion_at(c, i)->name, name))
			last = companion_at(c, i);
	return last;
}

static int build_command(struct builder *b, struct reconcile *r)
{
	const struct companion_item *exit = find_last(b->rs->companion, "smaps@exit");
	const struct companion_item *sample = find_last(b->rs->companion, "smaps@sample");
	const struct companion_item *usage = find_last(b->rs->companion, "command@exit");
	struct reconcile_command *cmd = &r->command;

	cmd->known = exit || sample || usage;
	cmd->pss = find_bytes(exit ? exit : sample, "Pss:");
	cmd->rss = find_bytes(exit ? exit : sample, "Rss:");
	cmd->peak_rss = find_bytes(usage, "maxrss_kb=");
	cmd->how = NULL;
	if (exit) {
		cmd->how = "as it exited";
	} else if (sample && usage && usage->ts >= sample->ts) {
		cmd->how = arena_printf(b->arena, "%.1f s before its end was seen",
					(double)(usage->ts - sample->ts) / 1e9);
		if (!cmd->how)
			return -ENOMEM;
	} else if (sample) {
		cmd->how = "while it ran";
	}
	return 0;
}

/* ---- doubts ----------------------------------------------------------------- */

static int build_doubts(struct builder *b, struct reconcile *r)
{
	const struct coverage *c = &b->snap->coverage;
	const char **doubts = arena_zalloc(b->arena, DOUBTS_MAX, sizeof(*doubts));
	size_t n = 0, i;

	if (!doubts)
		return -ENOMEM;
	if (c->lost_events || c->lost_unknown)
		doubts[n++] = "events were lost: what is not explained may be in them";
	for (i = 0; i < r->n_caches; i++)
		if (r->caches[i].free_blind && r->caches[i].n_takers) {
			doubts[n++] = "frees of some caches go unseen (free-blind): less may be held of these";
			break;
		}
	if (companion_find(b->rs->companion, COMPANION_NARROWED))
		doubts[n++] = "the recording was narrowed (--module): what others took is not in it";
	if (c->own_only)
		doubts[n++] = "recorded with --own: what the kernel took for itself is not in it";
	if (b->filters->n)
		doubts[n++] = "filters were set: what they left out is not in the recording";
	if (companion_find(b->rs->companion, "cut"))
		doubts[n++] = "the recording was cut short";
	for (i = 0; i < c->n_blind; i++)
		if (strstr(c->blind[i], "alloc_pages_bulk")) {
			doubts[n++] = "pages taken in bulk fire no event, their frees do";
			break;
		}
	if (!r->slabinfo)
		doubts[n++] = "no slabinfo in the recording";
	if (r->unreadable_areas)
		doubts[n++] = "lines of vmallocinfo cannot be read: their areas are left out";
	r->doubts = doubts;
	r->n_doubts = n;
	return 0;
}

int build_reconcile(struct builder *b)
{
	const struct companion_item *before, *after;
	struct reconcile *r;
	int ret;

	before = companion_find(b->rs->companion, "meminfo@before");
	after = companion_find(b->rs->companion, "meminfo@after");
	if (!before || !after)
		return 0;
	r = arena_zalloc(b->arena, 1, sizeof(*r));
	if (!r)
		return -ENOMEM;
	r->before_ns = before->ts;
	r->after_ns = after->ts;
	ret = reconcile_counters(b, r);
	if (!ret)
		ret = reconcile_caches(b, r);
	if (!ret)
		ret = reconcile_areas(b, r);
	if (!ret)
		ret = reconcile_modules(b, r);
	if (!ret)
		ret = build_command(b, r);
	if (!ret)
		ret = build_doubts(b, r);
	b->snap->reconcile = r;
	return ret;
}
