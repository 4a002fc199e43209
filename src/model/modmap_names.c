// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * modmap_names.c - modules by name
 */
#include "modmap_internal.h"

#include <stdlib.h>
#include <string.h>

#include "hash.h"

static bool is_name(const struct module_name *mn, const char *name, size_t len)
{
	return !strncmp(mn->name, name, len) && !mn->name[len];
}

size_t modmap_name(struct modmap *mm, const char *name, size_t len)
{
	struct module_name *mn;
	size_t at = 0;
	uint64_t hash;
	uint32_t i;

	len = strnlen(name, len);
	hash = hash_bytes(name, len);
	while ((i = hash_index_next(&mm->name_index, hash, &at)) != HASH_INDEX_END)
		if (is_name(&mm->names[i], name, len))
			return i;
	mn = modmap_grown(mm->names, mm->n_names, &mm->names_room, sizeof(*mn));
	if (!mn)
		return SIZE_MAX;
	mm->names = mn;
	mn = &mm->names[mm->n_names];
	memset(mn, 0, sizeof(*mn));
	mn->name = strndup(name, len);
	if (!mn->name)
		return SIZE_MAX;
	mn->current = OWNER_NONE;
	mn->static_bytes = -1;
	mm->n_names++;
	if (hash_index_add(&mm->name_index, hash, (uint32_t)mm->n_names - 1))
		return SIZE_MAX;
	return mm->n_names - 1;
}
