// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * modmap_forget.c - modules that came and went, for maps that are kept for days
 */
#include "modmap_internal.h"

bool modmap_uses(const struct modmap *mm, const struct ksyms *ks)
{
	for (size_t i = 0; i < mm->n_seen; i++)
		if (mm->seen[i].syms == ks)
			return true;
	return false;
}

/* Some module that is loaded has its symbols from there. */
static bool is_loaded_from(const struct modmap *mm, const struct ksyms *ks)
{
	for (size_t i = 0; i < mm->n_instances; i++)
		if (mm->instances[i].syms == ks &&
		    mm->instances[i].state != MODULE_UNLOADED)
			return true;
	return false;
}

/* No later instance of that name was removed. */
static bool is_last_removed(const struct modmap *mm, size_t i)
{
	for (size_t j = i + 1; j < mm->n_instances; j++)
		if (mm->instances[j].row == mm->instances[i].row &&
		    mm->instances[j].state == MODULE_UNLOADED)
			return false;
	return true;
}

void modmap_forget(struct modmap *mm, uint64_t before, const bool *keep, uint32_t *map)
{
	size_t kept = 0, i;

	for (i = 0; i < mm->n_seen; i++)
		if (mm->seen[i].ts >= before || is_loaded_from(mm, mm->seen[i].syms))
			mm->seen[kept++] = mm->seen[i];
	mm->n_seen = kept;
	for (i = 0, kept = 0; i < mm->n_instances; i++) {
		struct module_instance *mi = &mm->instances[i];

		map[i] = OWNER_NONE;
		if (mi->state == MODULE_UNLOADED && !keep[i] && !is_last_removed(mm, i))
			continue;
		if (mi->syms && !modmap_uses(mm, mi->syms))
			mi->syms = NULL;
		map[i] = (uint32_t)kept;
		mm->instances[kept++] = *mi;
	}
	mm->n_instances = kept;
	for (i = 0; i < mm->n_names; i++)
		if (mm->names[i].current != OWNER_NONE)
			mm->names[i].current = map[mm->names[i].current];
	/* what was removed has no text mapped */
	for (i = 0; i < mm->n_mapped; i++)
		mm->mapped[i].instance = map[mm->mapped[i].instance];
	for (i = 0, kept = 0; i < mm->n_past; i++) {
		mm->past[i].instance = map[mm->past[i].instance];
		if (mm->past[i].instance != OWNER_NONE)
			mm->past[kept++] = mm->past[i];
	}
	mm->n_past = kept;
	mm->epoch++;
}
