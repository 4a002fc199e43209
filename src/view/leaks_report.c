// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "advice.h"
#include "bound.h"
#include "error.h"
#include "leaks_view.h"
#include "memstream.h"
#include "rows.h"
#include "snapshot.h"
#include "suppress.h"
#include "text.h"
#include "trend.h"

const char *leaks_result_name(enum leaks_result result)
{
	static const char *const names[] = {
		[LEAKS_NONE] = "none",
		[LEAKS_FOUND] = "leaks",
		[LEAKS_UNTRUSTED] = "untrusted",
	};

	return names[result];
}

const char *leaks_reason_text(enum leak_reason reason)
{
	static const char *const texts[LEAK_REASONS] = {
		[LEAK_UNLOADED] = "its module was unloaded, nobody freed it since, and all ways to free such memory are in the recording",
		[LEAK_UNLOADED_UNSEEN] = "its module was unloaded, but the recording does not show all ways to free slab objects (kfree_rcu(), bulk frees)",
		[LEAK_UNLOADED_LATE] = "its module was unloaded less than 10 ms before the end, or by a clock that does not tell; what is freed later cannot be told yet",
		[LEAK_UNLOADED_POOL] = "its module was unloaded, but took it to fill a pool (dma_pool, mempool, page_pool), which may be another's that keeps it",
		[LEAK_GROWS_UNFREED] = "it is old, the place holds more and more, and hardly any of it is ever seen to be freed",
		[LEAK_GROWS] = "it is old, and the place holds more and more although some of it is freed",
		[LEAK_LOST] = "it is older than the last loss of events: its free may be among what was lost",
		[LEAK_NO_FREES] = "no free of that kind is in the recording",
		[LEAK_FILTERED] = "a filter was set that leaves frees of that kind out of the recording",
		[LEAK_FREE_BLIND] = "objects of that place or cache go without an event: addresses are handed out again that nobody freed",
		[LEAK_SKEW] = "a free of that address comes just before, by the clock of another CPU",
		[LEAK_RCU] = "given to kfree_rcu() less than 10 s before the end; no longer counted as live, to be freed after a grace period",
		[LEAK_INDUCED] = "its module was unloaded, but core kernel code took it, and may keep it",
		[LEAK_POOL] = "its module was unloaded, but took it to fill a pool (dma_pool, mempool, page_pool) that it had not made; who made the pool keeps it",
		[LEAK_RECLAIMABLE] = "the place holds more and more, of what the kernel takes back when memory is short (page cache, a cache with a shrinker and what comes with its objects, a module that has a shrinker)",
		[LEAK_NO_STACK] = "its event has neither a stack nor a call site: nobody knows who took it",
		[LEAK_UNKNOWN] = "taken by code of no known module, perhaps of one that was unloaded",
		[LEAK_KEPT] = "old and hardly ever seen to be freed, but it does not grow: tables that a module keeps are like that",
	};

	return reason < LEAK_REASONS ? texts[reason] : "";
}

/* May memory of [unknown] be of a module that is selected? */
static bool unknown_may_be_theirs(const struct snapshot *snap,
				  const bool *selected)
{
	const struct snap_leaks *leaks = snap->leaks;

	/* any module may have been unloaded, and loaded again elsewhere */
	if (leaks->unloads_unknown)
		for (size_t i = 0; i < snap->n_modules; i++)
			if (selected[i] &&
			    snap->modules[i].state != MODULE_KERNEL)
				return true;
	for (size_t i = 0; i < leaks->n_unloads; i++)
		if (!leaks->unloads[i].placed &&
		    selected[leaks->unloads[i].module])
			return true;
	return false;
}

/* All modules but the core kernel, unless they are named. */
static bool *select_modules(const struct snapshot *snap, const char *names,
			    struct error *err)
{
	bool *selected = modules_select(snap, names, err);
	bool unknown = selected && names &&
		       unknown_may_be_theirs(snap, selected);

	for (size_t i = 0; selected && i < snap->n_modules; i++) {
		if (!names && snap->modules[i].state == MODULE_KERNEL)
			selected[i] = false;
		if (unknown && snap->modules[i].state == MODULE_UNKNOWN)
			selected[i] = true;
	}
	return selected;
}

static void add(struct leaks_sum *sum, const struct snap_leak *leak)
{
	sum->rows++;
	sum->bytes += leak->bytes;
	sum->objects += leak->objects;
}

static const struct suppression *suppression(struct suppressions *rules,
					     const struct snapshot *snap,
					     const struct snap_leak *leak)
{
	const struct suppress_what what = {
		.module = snap->modules[leak->module].name,
		.function = leak->function,
		.site = true,
		.kind = (int)leak->kind,
		.via = leak->via,
	};

	if (leak_reason_class(leak->reason) == LEAK_EXCUSED)
		return NULL;
	return suppress_find(rules, &what);
}

#define NAMES_MAX 16u	/* in one sentence */

/*
 * The names of the modules in @met, with @before and @after around them; "": there
 * are none, NULL: no memory.
 */
static char *sentence_of(const struct snapshot *snap, const bool *met,
			 const char *before, const char *after)
{
	size_t size, n = 0;
	char *text = NULL;
	FILE *out = met ? open_memstream(&text, &size) : NULL;

	if (!out)
		return NULL;
	for (size_t i = 0; i < snap->n_modules; i++)
		if (met[i] && n++ < NAMES_MAX)
			fprintf(out, "%s%s", n > 1 ? ", " : before,
				snap->modules[i].name);
	if (n > NAMES_MAX)
		fprintf(out, " and %zu others", n - NAMES_MAX);
	if (n)
		fputs(after, out);
	memstream_close(out, &text);
	return text;
}

/* Takes @text; "" is no doubt. */
static int doubt(struct leaks_report *report, char *text)
{
	if (!text)
		return -ENOMEM;
	if (*text)
		report->doubts[report->n_doubts++] = text;
	else
		free(text);
	return 0;
}

/* Modules whose removal was seen, but not where they had been. */
static char *unplaced(const struct leaks_report *report, bool *met)
{
	const struct snapshot *snap = report->snap;
	const struct snap_leaks *leaks = snap->leaks;
	bool unknown = false;	/* where their memory is: who looks there must know */
	char after[256];

	for (size_t i = 0; i < snap->n_modules; i++)
		unknown |= report->selected[i] &&
			   snap->modules[i].state == MODULE_UNKNOWN;
	for (size_t i = 0; i < leaks->n_unloads; i++) {
		const struct snap_unload *u = &leaks->unloads[i];

		met[u->module] |= !u->placed &&
				  (unknown || report->selected[u->module]);
	}
	snprintf(after, sizeof(after),
		 " had been: what it left, init apart, is in [unknown]; %s",
		 advice(ADVICE_PLACES, snap->made_by));
	return sentence_of(snap, met, "nothing says where the code of ", after);
}

/* Unloaded modules that may have taken memory unseen, which they may have left. */
static char *unseen(const struct leaks_report *report, bool *met)
{
	const struct snapshot *snap = report->snap;
	enum bound_cause cause = BOUND_CAUSES;
	char after[512];

	for (size_t i = 0; i < snap->leaks->n_unloads; i++) {
		const struct snap_unload *u = &snap->leaks->unloads[i];

		if (!u->placed || !report->selected[u->module])
			continue;
		for (enum bound_cause c = 0; c < BOUND_CAUSES; c++) {
			if (!(snap->modules[u->module].why & BOUND_BIT(c)) ||
			    !(bound_of(BOUND_BIT(c)) & BOUND_AT_LEAST))
				continue;
			met[u->module] = true;
			cause = c < cause ? c : cause;
		}
	}
	if (cause == BOUND_CAUSES)
		return strdup("");
	snprintf(after, sizeof(after), " left is not all seen: %s%s", bound_cause_text(cause),
		 snap->made_by == RECORDER_MODMEM ? "" : "; modmem record sees more");
	return sentence_of(snap, met, "what ", after);
}

/* What unloaded modules hold that is not surely leaked. */
static char *unsettled(const struct leaks_report *report, bool *met)
{
	uint64_t left = 0;
	char before[64];

	for (size_t i = 0; i < report->n; i++) {
		const struct snap_leak *leak = report->row[i].leak;
		uint64_t open = leak->left_bytes;

		/* the pool's memory is none; a block that was not given back would be */
		if (leak->reason == LEAK_POOL && !report->snap->dma_blocks_known)
			open = leak->bytes;
		if (report->row[i].suppressed || leak->reason == LEAK_UNLOADED || !open)
			continue;
		left += open;
		met[leak->module] = true;
	}
	snprintf(before, sizeof(before), "%" PRIu64 " bytes of ", left);
	return sentence_of(report->snap, met, before,
			   " may be leaked or not since the unload: WHY says what is missing");
}

/* Of what is looked at: neither left out nor suppressed. */
static int find_doubts(struct leaks_report *report)
{
	static char *(*const find[])(const struct leaks_report *report, bool *met) = {
		unplaced, unseen, unsettled,
	};
	const struct snap_leaks *leaks = report->snap->leaks;
	int ret = 0;

	for (size_t i = 0; i < leaks->n_doubts && !ret; i++)
		ret = doubt(report, strdup(leaks->doubts[i]));
	for (size_t i = 0; i < sizeof(find) / sizeof(find[0]) && !ret; i++) {
		bool *met = calloc(report->snap->n_modules + 1, sizeof(*met));

		ret = doubt(report, met ? find[i](report, met) : NULL);
		free(met);
	}
	return ret;
}

static enum leaks_result conclude(const struct leaks_report *report)
{
	const struct snapshot *snap = report->snap;

	if (report->sum[LEAK_CERTAIN].rows ||
	    (report->opts->likely && report->sum[LEAK_LIKELY].rows))
		return LEAKS_FOUND;
	/* a slope was asked for, and there is none: that is no "does not grow" */
	if (report->opts->strict &&
	    (!snapshot_exact(snap, report->opts->modules) || report->n_doubts ||
	     (report->opts->soak && snap->leaks->samples < TREND_SAMPLES_MIN)))
		return LEAKS_UNTRUSTED;
	return LEAKS_NONE;
}

/* A module that was named is not there: it may have been, in a recording that does not tell. */
static int say_where_it_may_be(const struct snapshot *snap, struct error *err)
{
	const struct error why = *err;

	for (size_t i = 0; i < snap->n_modules && snap->leaks->unloads_unknown; i++)
		if (snap->modules[i].state == MODULE_UNKNOWN && snap->modules[i].allocs)
			return error_set(err, -ENOENT, "%.300s. No module events were recorded (%s): what was unloaded is in '[unknown]'",
					 why.text, advice(ADVICE_MODULE_EVENTS, snap->made_by));
	return -ENOENT;
}

int leaks_report_make(struct leaks_report *report, const struct snapshot *snap,
		      const struct leaks_opts *opts, struct suppressions *rules,
		      struct error *err)
{
	const struct snap_leaks *leaks = snap->leaks;

	*report = (struct leaks_report){ .snap = snap, .opts = opts, .rules = rules };
	report->selected = select_modules(snap, opts->modules, err);
	if (!report->selected)
		return say_where_it_may_be(snap, err);
	report->row = calloc(leaks->n_rows + 1, sizeof(*report->row));
	if (!report->row)
		return error_set(err, -ENOMEM, "out of memory");
	for (size_t i = 0; i < leaks->n_rows; i++) {
		const struct snap_leak *leak = &leaks->rows[i];
		struct leaks_row *row = &report->row[report->n];

		if (!report->selected[leak->module])
			continue;
		if (leak->bytes < opts->min_bytes) {
			add(&report->below, leak);
			continue;
		}
		row->leak = leak;
		row->suppressed = suppression(rules, snap, leak);
		add(row->suppressed ? &report->suppressed :
		    &report->sum[leak_reason_class(leak->reason)], leak);
		report->n++;
	}
	if (find_doubts(report))
		return error_set(err, -ENOMEM, "out of memory");
	report->result = conclude(report);
	return 0;
}

void leaks_report_release(struct leaks_report *report)
{
	for (size_t i = 0; i < report->n_doubts; i++)
		free(report->doubts[i]);
	free(report->selected);
	free(report->row);
	*report = (struct leaks_report){ 0 };
}
