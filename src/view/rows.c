// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "columns.h"
#include "error.h"
#include "modname.h"
#include "rows.h"
#include "text.h"

void stack_row_set(struct stack_row *row, const struct snap_stack *stack)
{
	*row = (struct stack_row){
		.frames = stack->frames,
		.sources = stack->sources,
		.n_frames = stack->n_frames,
		.charge = (int)stack->charge,
		.kind = (int)stack->kind,
		.overhead_kind = -1,
		.bytes = stack->live_bytes,
		.objects = stack->live_objects,
		.allocated = stack->allocated_bytes,
		.allocs = stack->allocs,
		.frees = stack->frees,
	};
	for (size_t i = 0; i < SNAP_ORDERS; i++)
		row->blocks[i] = stack->blocks[i];
	switch (stack->charge) {
	case CHARGE_OWN:
		row->own = stack->live_bytes;
		row->own_why = stack->why;
		break;
	case CHARGE_INDUCED:
		row->induced = stack->live_bytes;
		row->induced_why = stack->why;
		break;
	case CHARGE_OVERHEAD:
		row->overhead = stack->live_bytes;
		row->overhead_kind = (int)stack->overhead;
		break;
	case CHARGE_INSIDE:
		break;
	}
}

void stack_row_add(struct stack_row *sum, const struct stack_row *part)
{
	if (sum->charge != part->charge)
		sum->charge = -1;
	if (sum->kind != part->kind)
		sum->kind = -1;
	if (sum->overhead_kind != part->overhead_kind)
		sum->overhead_kind = -1;
	sum->bytes += part->bytes;
	sum->own += part->own;
	sum->induced += part->induced;
	sum->own_why |= part->own_why;
	sum->induced_why |= part->induced_why;
	sum->overhead += part->overhead;
	sum->objects += part->objects;
	sum->allocated += part->allocated;
	sum->allocs += part->allocs;
	sum->frees += part->frees;
	for (size_t i = 0; i < SNAP_ORDERS; i++)
		sum->blocks[i] += part->blocks[i];
}

uint64_t row_bytes(enum view_by by, const struct row *row)
{
	switch (by) {
	case VIEW_BY_MODULE:
		return row->module->live_bytes;
	case VIEW_BY_SITE:
		return ((const struct snap_site *)row->data)->live_bytes;
	case VIEW_BY_CACHE:
		return ((const struct snap_cache *)row->data)->bytes;
	case VIEW_BY_STACK:
		return ((const struct stack_row *)row->data)->bytes;
	case VIEW_BY_TASK:
		return ((const struct snap_task *)row->data)->live_bytes;
	}
	return 0;
}

static bool row_empty(enum view_by by, const struct row *row)
{
	if (by == VIEW_BY_MODULE)
		return module_empty(row->module);
	if (by == VIEW_BY_CACHE &&
	    ((const struct snap_cache *)row->data)->slabs)
		return false;
	if (by == VIEW_BY_TASK &&
	    ((const struct snap_task *)row->data)->induced_bytes)
		return false;
	return !row_bytes(by, row);
}

static int no_memory(struct error *err)
{
	return error_set(err, -ENOMEM, "out of memory");
}

static int add(struct rows *rows, const struct snapshot *snap,
	       const struct snap_module *module, const void *data)
{
	if (rows->n == rows->room) {
		size_t room = rows->room ? rows->room * 2 : 64;
		struct row *row = realloc(rows->row, room * sizeof(*row));

		if (!row)
			return -ENOMEM;
		rows->row = row;
		rows->room = room;
	}
	rows->row[rows->n++] = (struct row){
		.snap = snap,
		.module = module,
		.data = data,
	};
	return 0;
}

/* The rows that hang below one module: its own, its sites or its caches. */
static int add_module(struct rows *rows, const struct snapshot *snap,
		      const struct snap_module *m)
{
	int ret = 0;

	if (rows->by == VIEW_BY_MODULE)
		ret = add(rows, snap, m, m);
	if (rows->by == VIEW_BY_SITE)
		for (size_t i = 0; i < m->n_sites && !ret; i++)
			ret = add(rows, snap, m, &m->sites[i]);
	if (rows->by == VIEW_BY_CACHE)
		for (size_t i = 0; i < m->n_caches && !ret; i++)
			ret = add(rows, snap, m, &m->caches[i]);
	return ret;
}

static int add_stacks(struct rows *rows, const struct snapshot *snap,
		      const bool *selected)
{
	int ret = 0;

	rows->stacks = calloc(snap->n_stacks + 1, sizeof(*rows->stacks));
	if (!rows->stacks)
		return -ENOMEM;
	for (size_t i = 0; i < snap->n_stacks && !ret; i++) {
		const struct snap_stack *stack = &snap->stacks[i];

		/* what took nothing has a peak at most, for flame graphs of that */
		if (!selected[stack->module] || !stack->allocs)
			continue;
		stack_row_set(&rows->stacks[i], stack);
		ret = add(rows, snap, &snap->modules[stack->module],
			  &rows->stacks[i]);
	}
	return ret;
}

static int add_tasks(struct rows *rows, const struct snapshot *snap,
		     const bool *selected)
{
	int ret = 0;

	for (size_t i = 0; i < snap->n_tasks && !ret; i++) {
		const struct snap_task *task = &snap->tasks[i];

		if (selected[task->module])
			ret = add(rows, snap, &snap->modules[task->module], task);
	}
	return ret;
}

static void hide(struct rows *rows, const struct view_opts *opts)
{
	for (size_t i = 0; i < rows->n; i++) {
		struct row *row = &rows->row[i];

		if (!opts->all && row_empty(rows->by, row))
			row->hidden = ROW_EMPTY;
		else if (row_bytes(rows->by, row) < opts->min_bytes)
			row->hidden = ROW_BELOW;
	}
}

int rows_collect(struct rows *rows, const struct snapshot *snap,
		 const struct view_opts *opts, struct error *err)
{
	const struct coldesc *col = NULL;
	bool *selected;
	int ret = 0;

	*rows = (struct rows){ .by = opts->by };
	if (opts->sort) {
		col = column_find(opts->by, opts->sort, err);
		if (!col)
			return -EINVAL;
	}
	selected = modules_select(snap, opts->modules, err);
	if (!selected)
		return -ENOENT;

	for (size_t i = 0; i < snap->n_modules && !ret; i++)
		if (selected[i])
			ret = add_module(rows, snap, &snap->modules[i]);
	if (!ret && opts->by == VIEW_BY_STACK)
		ret = add_stacks(rows, snap, selected);
	if (!ret && opts->by == VIEW_BY_TASK)
		ret = add_tasks(rows, snap, selected);
	free(selected);
	if (ret)
		return no_memory(err);

	rows_sort(rows->row, rows->n, rows->by, col);
	hide(rows, opts);
	return 0;
}

int rows_of_module(struct rows *rows, const struct snapshot *snap,
		   enum view_by by, const struct snap_module *module,
		   struct error *err)
{
	*rows = (struct rows){ .by = by };
	if (add_module(rows, snap, module))
		return no_memory(err);
	rows_sort(rows->row, rows->n, by, NULL);
	return 0;
}

void rows_free(struct rows *rows)
{
	free(rows->row);
	free(rows->stacks);
	*rows = (struct rows){ 0 };
}

bool *modules_present(const struct snapshot *snap, const char *names, struct error *err)
{
	bool *selected = calloc(snap->n_modules + 1, sizeof(*selected));

	if (!selected) {
		no_memory(err);
		return NULL;
	}
	for (size_t i = 0; i < snap->n_modules; i++)
		selected[i] = !names || modname_listed(names, snap->modules[i].name);
	return selected;
}

bool *modules_select(const struct snapshot *snap, const char *names,
		     struct error *err)
{
	bool *selected = modules_present(snap, names, err);

	while (selected && names) {
		char *name = text_item(&names);
		bool found = false;

		for (size_t i = 0; name && !found && i < snap->n_modules; i++)
			found = modname_listed(name, snap->modules[i].name);
		if (!found) {
			error_set(err, -ENOENT,
				  "no module '%.60s' in %s; 'modmem report --all' lists all",
				  name ? name : "", snap->part ? "that time of the recording" :
				  "this recording");
			free(name);
			free(selected);
			return NULL;
		}
		free(name);
	}
	return selected;
}
