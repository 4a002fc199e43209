// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * order.c - the order of rows: one that is the same for the same snapshot
 */
#include <stdlib.h>
#include <string.h>

#include "columns.h"
#include "rows.h"

static int compare_numbers(uint64_t a, uint64_t b)
{
	return (a < b) - (a > b);
}

static int compare_texts(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) : !a - !b;
}

static int compare_sites(const struct snap_site *a, const struct snap_site *b)
{
	int order = compare_texts(a->function, b->function);

	if (!order)
		order = compare_numbers(b->offset, a->offset);
	if (!order)
		order = compare_numbers(b->number, a->number);
	if (!order)
		order = (int)a->kind - (int)b->kind;
	if (!order)
		order = compare_texts(a->via, b->via);
	return order ? order : (int)a->charge - (int)b->charge;
}

static int compare_caches(const struct snap_cache *a, const struct snap_cache *b)
{
	int order = compare_texts(a->name, b->name);

	return order ? order : compare_numbers(b->object_size, a->object_size);
}

static int compare_stacks(const struct stack_row *a, const struct stack_row *b)
{
	size_t n = a->n_frames < b->n_frames ? a->n_frames : b->n_frames;
	int order = 0;

	for (size_t i = 0; i < n && !order; i++)
		order = strcmp(a->frames[i], b->frames[i]);
	if (!order)
		order = compare_numbers(b->n_frames, a->n_frames);
	if (!order)
		order = a->charge - b->charge;
	return order ? order : a->kind - b->kind;
}

static int compare_tasks(const struct snap_task *a, const struct snap_task *b)
{
	if (a->pid != b->pid)
		return a->pid < b->pid ? -1 : 1;
	return compare_texts(a->comm, b->comm);
}

/* Most live bytes first, then induced ones; the rest makes the order stable. */
static int compare_default(enum view_by by, const struct row *a,
			   const struct row *b)
{
	const struct stack_row *sa = a->data, *sb = b->data;
	const struct snap_task *ta = a->data, *tb = b->data;
	int names = compare_texts(a->module->name, b->module->name);
	int order = 0;

	switch (by) {
	case VIEW_BY_MODULE:
		order = compare_numbers(a->module->live_bytes, b->module->live_bytes);
		if (!order)
			order = compare_numbers(a->module->induced_bytes,
						b->module->induced_bytes);
		return order ? order : names;
	case VIEW_BY_SITE:
		order = compare_numbers(row_bytes(by, a), row_bytes(by, b));
		if (!order)
			order = names;
		return order ? order : compare_sites(a->data, b->data);
	case VIEW_BY_CACHE:
		order = compare_numbers(row_bytes(by, a), row_bytes(by, b));
		if (!order)
			order = names;
		return order ? order : compare_caches(a->data, b->data);
	case VIEW_BY_STACK:
		order = compare_numbers(sa->own, sb->own);
		if (!order)
			order = compare_numbers(sa->induced, sb->induced);
		if (!order)
			order = compare_numbers(sa->overhead, sb->overhead);
		if (!order)
			order = names;
		return order ? order : compare_stacks(sa, sb);
	case VIEW_BY_TASK:
		order = compare_numbers(ta->live_bytes, tb->live_bytes);
		if (!order)
			order = compare_numbers(ta->induced_bytes, tb->induced_bytes);
		if (!order)
			order = compare_tasks(ta, tb);
		return order ? order : names;
	}
	return order;
}

struct sort_order {
	enum view_by by;
	const struct coldesc *col;
};

static int compare_rows(const void *a, const void *b, void *arg)
{
	const struct sort_order *sort = arg;
	int order = sort->col ? column_compare(sort->col, a, b) : 0;

	return order ? order : compare_default(sort->by, a, b);
}

void rows_sort(struct row *row, size_t n, enum view_by by,
	       const struct coldesc *col)
{
	struct sort_order sort = { .by = by, .col = col };

	if (n > 1)
		qsort_r(row, n, sizeof(*row), compare_rows, &sort);
}
