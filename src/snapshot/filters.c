// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * filters.c - what somebody's filters left out of a recording
 */
#include "coverage_internal.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "arena.h"
#include "companion_read.h"
#include "ledger.h"
#include "snapshot_build.h"
#include "source.h"
#include "tracefilter.h"

/* Sentences on filters; more than a reader takes in are not of different things. */
#define SAID_MAX 8u

#define FILTERED (BOUND_BIT(CAUSE_ALLOCS_FILTERED) | BOUND_BIT(CAUSE_FREES_FILTERED))

/* What the events are that one leaves out. */
enum effect {
	EFFECT_FREES,
	EFFECT_TAKES,
	EFFECT_OTHER,
};

/* @pattern: "kmem:kfree", "kmem:*"; empty: all events. */
static bool covers(const char *pattern, const char *event)
{
	size_t len = strcspn(pattern, "*");

	return !*pattern || (pattern[len] ? !strncmp(pattern, event, len) :
			     !strcmp(pattern, event));
}

static enum effect effect_of(const struct tracefilter *f)
{
	if (strstr(f->event, "free") || strstr(f->event, "release"))
		return strncmp(f->event, "module:", 7) ? EFFECT_FREES : EFFECT_OTHER;
	return strstr(f->event, "alloc") ? EFFECT_TAKES : EFFECT_OTHER;
}

static void look_at(struct recorded *r, const struct tracefilter *f)
{
	/* a trigger's event is where it was set */
	const char *events = f->kind == TRACEFILTER_TRACING ? "" : f->event;

	if (f->kind == TRACEFILTER_STACKS)
		return;
	for (enum recorded_event i = 0; i < RECORDED_EVENTS; i++)
		r->filtered[i] |= covers(events, recorded_name(i));
	r->filtered[RECORDED_PAGE_FREE] |= covers(events, "cma:cma_release");
	r->filtered_areas |= covers(events, "vmalloc:free_vmap_area_noflush");
	r->filtered_dma |= covers(events, "dma:dma_free") ||
			   covers(events, "dma:dma_free_pages") ||
			   covers(events, "dma:dma_free_sgt");
}

int filters_look(struct builder *b)
{
	const struct companion_item *start = companion_find(b->rs->companion, "filters@start");
	const struct companion_item *end = companion_find(b->rs->companion, "filters@end");
	const struct source_info *info = source_info(b->rs->src);
	struct tracefilters *list, *found;

	b->filters = list = arena_zalloc(b->arena, 1, sizeof(*list));
	found = arena_zalloc(b->arena, 1, sizeof(*found));
	if (!list || !found)
		return -ENOMEM;
	if (info->filters)
		*found = *info->filters;
	if (start)
		tracefilters_read(found, start->text, start->len, false);
	if (end)
		tracefilters_read(found, end->text, end->len, true);
	list->more = found->more;
	for (size_t i = 0; i < found->n; i++) {
		const struct tracefilter *f = &found->items[i];

		if (f->kind == TRACEFILTER_CPUS && !tracefilter_lacks_cpus(f->text, info->cpus))
			continue;
		tracefilters_add(list, f);
		look_at(&b->recorded, f);
	}
	return 0;
}

/* Filters that one sentence tells of. */
static bool alike(const struct tracefilter *f, const struct tracefilter *g)
{
	if (f->kind != g->kind)
		return false;
	if (f->kind == TRACEFILTER_TASKS || f->kind == TRACEFILTER_OTHER_TASKS)
		return true;
	return !strcmp(f->text, g->text) && effect_of(f) == effect_of(g);
}

static void append(char *list, size_t size, const char *text, size_t *others)
{
	size_t len = strlen(list);

	if (*others || len + strlen(text) + 3 > size)
		++*others;
	else
		snprintf(list + len, size - len, "%s%s", len ? ", " : "", text);
}

static const char *consequence(const struct tracefilter *f)
{
	switch (effect_of(f)) {
	case EFFECT_FREES:
		return "frees are missing, what they freed still counts as live";
	case EFFECT_TAKES:
		return "allocations are missing, the numbers are too low";
	case EFFECT_OTHER:
		break;
	}
	return "what it left out is missing";
}

/* @list: the events, or tasks, of all that are like @f. */
static void say_one(struct sentences *why, const struct tracefilter *f, const char *list)
{
	const char *late = f->late ? " after it began" : "";

	switch (f->kind) {
	case TRACEFILTER_EVENTS:
		sentences_fault(why, FILTERED, KINDS_NONE, "a filter was set on %s%s: %s: %s", list, late, f->text,
			      consequence(f));
		break;
	case TRACEFILTER_SWITCHED:
		sentences_fault(why, FILTERED, KINDS_NONE, "a trigger was set%s that switches %s on or off: %s: %s", late,
			      list, f->text, consequence(f));
		break;
	case TRACEFILTER_DISABLED:
		if (*f->event)
			sentences_fault(why, FILTERED, KINDS_NONE, "%s was switched off%s: %s", list, late, consequence(f));
		else
			sentences_fault(why, FILTERED, KINDS_NONE, "tracing was switched off%s (tracing_on): what came then is missing",
				      late);
		break;
	case TRACEFILTER_STACKS:
		sentences_fault(why, BOUND_BIT(CAUSE_NO_STACK), KINDS_ALL, "a trigger was set on %s%s: %s: who made the allocations whose stacks it left out is known from the call site at best",
			      list, late, f->text);
		break;
	case TRACEFILTER_TRACING:
		sentences_fault(why, FILTERED, KINDS_NONE, "a trigger was set on %s%s: %s: what came while the trace was off, or was taken out of the buffer, is missing",
			      list, late, f->text);
		break;
	case TRACEFILTER_TASKS:
		sentences_fault(why, FILTERED, KINDS_NONE, "only some tasks were recorded%s (%s): what others took and freed is missing",
			      late, list);
		break;
	case TRACEFILTER_OTHER_TASKS:
		sentences_fault(why, FILTERED, KINDS_NONE, "some tasks were not recorded%s (%s): what they took and freed is missing",
			      late, list);
		break;
	case TRACEFILTER_CPUS:
		sentences_fault(why, FILTERED, KINDS_NONE, "only some CPUs were recorded%s (%s): what was taken and freed on others is missing",
			      late, list);
		break;
	case TRACEFILTER_SAMPLED:
		sentences_fault(why, FILTERED, KINDS_NONE, "not every %s was recorded (%s): %s", list, f->text,
			      consequence(f));
		break;
	case TRACEFILTER_NONE:
	case TRACEFILTER_REFUSED:
		break;
	}
}

/* In the file's name, or by the option, that was given. */
static void name_one(const struct tracefilter *f, char *name, size_t size)
{
	static const char *const files[] = {
		[TRACEFILTER_TASKS] = "set_event_pid: ",
		[TRACEFILTER_OTHER_TASKS] = "set_event_notrace_pid: ",
		[TRACEFILTER_CPUS] = "tracing_cpumask: ",
	};
	bool file = f->kind == TRACEFILTER_TASKS || f->kind == TRACEFILTER_OTHER_TASKS ||
		    f->kind == TRACEFILTER_CPUS;

	/* a file has digits of one base or the other */
	snprintf(name, size, "%s%s", file && isxdigit((unsigned char)*f->text) ?
		 files[f->kind] : "",
		 file ? f->text : f->event);
}

void filters_distrust(struct sentences *why)
{
	const struct tracefilters *list = why->b->filters;
	bool done[TRACEFILTERS_MAX] = { false };
	size_t said = 0;

	for (size_t i = 0; i < list->n && said < SAID_MAX; i++) {
		char names[192] = "", name[TRACEFILTER_TEXT_MAX + 32];
		struct tracefilter f = list->items[i];
		size_t others = 0;

		if (done[i])
			continue;
		for (size_t j = i; j < list->n; j++) {
			const struct tracefilter *g = &list->items[j];

			if (done[j] || !alike(&f, g))
				continue;
			done[j] = true;
			f.late &= g->late;
			name_one(g, name, sizeof(name));
			append(names, sizeof(names), *names && !*g->event ? g->text : name,
			       &others);
		}
		if (others)
			snprintf(names + strlen(names), sizeof(names) - strlen(names),
				 " and %zu more", others);
		say_one(why, &f, names);
		said++;
	}
	for (size_t i = 0; i < list->n; i++)
		if (!done[i]) {
			sentences_fault(why, FILTERED, KINDS_ALL, "more filters were set than are told of here");
			return;
		}
	if (list->more)
		sentences_fault(why, FILTERED, KINDS_ALL, "more filters were set than are told of here");
}
