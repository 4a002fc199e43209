// SPDX-License-Identifier: GPL-2.0-or-later
#include "static_list.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "arena.h"
#include "elffile.h"
#include "error.h"
#include "modname.h"
#include "snapshot.h"

struct static_list *static_list_new(void)
{
	struct static_list *list = calloc(1, sizeof(*list));

	if (list)
		list->arena = arena_new();
	if (list && !list->arena) {
		free(list);
		list = NULL;
	}
	return list;
}

void static_list_free(struct static_list *list)
{
	if (!list)
		return;
	arena_free(list->arena);
	free(list->rows);
	free(list);
}

static struct static_row *find(const struct static_list *list, const char *name)
{
	for (size_t i = 0; i < list->n; i++)
		if (modname_same(name, strlen(name), list->rows[i].name))
			return &list->rows[i];
	return NULL;
}

bool static_list_has(const struct static_list *list, const char *name)
{
	return find(list, name) != NULL;
}

struct static_row *static_list_row(struct static_list *list, const char *name)
{
	struct static_row *row = find(list, name);

	if (row)
		return row;
	if (list->n == list->room) {
		size_t room = list->room ? 2 * list->room : 64;

		row = realloc(list->rows, room * sizeof(*row));
		if (!row)
			return NULL;
		list->rows = row;
		list->room = room;
	}
	row = &list->rows[list->n];
	*row = (struct static_row) {
		.name = arena_strdup(list->arena, name), .ms = modstatic_none,
		.core_bytes = -1, .init_bytes = -1, .live_bytes = -1,
		.uncertain_bytes = -1,
	};
	if (!row->name)
		return NULL;
	list->n++;
	return row;
}

void static_list_keep(struct static_list *list, char *const *names, size_t n)
{
	size_t kept = 0;

	for (size_t i = 0; i < list->n; i++) {
		bool wanted = false;

		for (size_t k = 0; k < n && !wanted; k++)
			wanted = modname_same(names[k], strlen(names[k]), list->rows[i].name);
		if (wanted)
			list->rows[kept++] = list->rows[i];
	}
	list->n = kept;
}

static int by_bytes(const void *pa, const void *pb)
{
	const struct static_row *a = pa, *b = pb;
	int64_t x = modstatic_bytes(&a->ms), y = modstatic_bytes(&b->ms);

	if (x != y)
		return x < y ? 1 : -1;
	return strcmp(a->name, b->name);
}

void static_list_sort(struct static_list *list)
{
	if (list->n)
		qsort(list->rows, list->n, sizeof(*list->rows), by_bytes);
}

static int copy_distrust(struct static_list *list, const struct coverage *c)
{
	list->recorded = true;
	list->distrust = arena_zalloc(list->arena, c->n_distrust + 1, sizeof(*list->distrust));
	if (!list->distrust)
		return -ENOMEM;
	for (size_t i = 0; i < c->n_distrust; i++) {
		list->distrust[i] = arena_strdup(list->arena, c->distrust[i]);
		if (!list->distrust[i])
			return -ENOMEM;
	}
	list->n_distrust = c->n_distrust;
	return 0;
}

int static_list_recorded(struct static_list *list, const struct snapshot *snap)
{
	list->page_size = snap->page_size;
	list->cpus = snap->cpus;
	list->kernel = arena_strdup(list->arena, snap->kernel);
	list->shared_text = snap->shared_text;
	for (size_t i = 0; i < snap->n_modules; i++) {
		const struct snap_module *m = &snap->modules[i];
		struct static_row *row;

		if (m->state != MODULE_LOADED)
			continue;
		row = static_list_row(list, m->name);
		if (!row)
			return -ENOMEM;
		row->ms = m->fixed;
		row->live_bytes = (int64_t)m->live_bytes;
		row->uncertain_bytes = (int64_t)m->uncertain_bytes;
		row->live_why = m->why;
	}
	return copy_distrust(list, &snap->coverage);
}

/* ---- files ------------------------------------------------------------------- */

static int add_sections(struct static_list *list, struct static_row *row,
			const struct elffile *ef)
{
	size_t n = elffile_sections(ef), count = 0;
	struct static_section *sections = arena_zalloc(list->arena, n + 1, sizeof(*sections));

	if (!sections)
		return -ENOMEM;
	for (size_t i = 1; i < n; i++) {
		const struct elf_section *s = elffile_section(ef, i);
		enum mod_region region = modlayout_region(ef, i, list->kernel);

		if (region == MOD_REGION_NONE || !s->size)
			continue;
		sections[count].name = arena_strdup(list->arena, s->name);
		sections[count].region = region;
		sections[count].bytes = s->size;
		if (!sections[count++].name)
			return -ENOMEM;
	}
	row->sections = sections;
	row->n_sections = count;
	return 0;
}

static uint64_t init_bytes(const struct modlayout *ml)
{
	uint64_t sum = 0;

	if (!ml->split)
		return modstatic_pages(ml->size[MOD_REGION_INIT], ml->page_size);
	for (int i = MOD_REGION_INIT_TEXT; i <= MOD_REGION_INIT_DATA; i++)
		sum += modstatic_pages(ml->size[i], ml->page_size);
	return sum;
}

static int add_file(struct static_list *list, const struct elffile *ef, const char *path)
{
	struct static_row *row = static_list_row(list, elffile_module(ef));

	if (!row)
		return -ENOMEM;
	row->file = arena_strdup(list->arena, path);
	row->has_layout = true;
	modlayout_read(&row->layout, ef, list->kernel, list->page_size);
	modstatic_layout(&row->ms, &row->layout, list->cpus);
	if (list->shared_text && row->ms.source == STATIC_FILE_EQUAL)
		modstatic_share_text(&row->ms, list->page_size);
	if (row->ms.lsmod_bytes < 0 && row->init_bytes < 0)
		row->init_bytes = (int64_t)init_bytes(&row->layout);
	return row->file ? add_sections(list, row, ef) : -ENOMEM;
}

int static_list_file(struct static_list *list, const char *path, bool only_known,
		     struct error *err)
{
	struct elffile *ef = elffile_open(path, err);
	int ret = 0;

	if (!ef)
		return -EINVAL;
	if (!elffile_module(ef) || !elffile_relocatable(ef))
		ret = error_set(err, -EINVAL, "%.200s: is no kernel module", path);
	else if (!only_known || static_list_has(list, elffile_module(ef)))
		ret = add_file(list, ef, path);
	if (ret == -ENOMEM)
		error_set(err, ret, "out of memory");
	elffile_close(ef);
	return ret;
}
