// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * modmap_init.c - names of what lies in init text
 */
#include "modmap_internal.h"

#include <errno.h>
#include <string.h>

#include "ksyms.h"

int modmap_init_symbols(struct modmap *mm, const char *name, const struct ksyms *ks, bool first)
{
	size_t i = modmap_name(mm, name, strlen(name));
	struct module_name *mn;

	if (i == SIZE_MAX)
		return -ENOMEM;
	mn = &mm->names[i];
	mn->init_syms = mn->init_told ? NULL : ks;
	mn->init_told = true;
	mn->init_first = first;
	return 0;
}

const char *modmap_init_lacking(const struct modmap *mm, size_t *i)
{
	while (*i < mm->n_names) {
		const struct module_name *mn = &mm->names[(*i)++];

		if (mn->loads_left && !mn->init_told)
			return mn->name;
	}
	return NULL;
}

int modmap_init_text(struct modmap *mm, uint64_t addr)
{
	uint64_t *at = modmap_grown(mm->init_at, mm->n_init_at, &mm->init_at_room, sizeof(*at));

	if (!at)
		return -ENOMEM;
	mm->init_at = at;
	at[mm->n_init_at++] = addr;
	return 0;
}

/* Where the section begins in the region @m; false: nobody knows. */
static bool section_start(const struct modmap *mm, const struct mapped *m,
			  const struct module_name *mn, uint64_t *start)
{
	*start = m->start;
	for (size_t i = 0; i < mm->n_init_at; i++) {
		if (mm->init_at[i] < m->start || mm->init_at[i] >= m->end)
			continue;
		*start = mm->init_at[i];
		return true;
	}
	return mn->init_first;
}

bool modmap_init_region(const struct modmap *mm, uint64_t addr, uint32_t epoch,
			uint64_t *start)
{
	const struct mapped *m = modmap_mapped_at(mm, addr, epoch);

	if (!m || !m->init)
		return false;
	*start = m->start;
	return true;
}

const struct ksyms *modmap_init_table(const struct modmap *mm, uint64_t addr, uint32_t epoch,
				      uint64_t *offset)
{
	const struct mapped *m = modmap_mapped_at(mm, addr, epoch);
	const struct module_name *mn;
	uint32_t row = m ? mm->instances[m->instance].row : 0;
	uint64_t start;

	if (!m || !m->init || row < FIRST_MODULE_ROW)
		return NULL;
	mn = &mm->names[row - FIRST_MODULE_ROW];
	if (!mn->init_syms || !section_start(mm, m, mn, &start) || addr < start)
		return NULL;
	*offset = addr - start;
	return mn->init_syms;
}
