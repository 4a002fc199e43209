// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * modmap_names.c - modules by name
 */
#include "modmap_internal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "hash.h"

/* The slot of @name, or the free one where it belongs. */
static uint32_t *slot_of(const struct modmap *mm, const char *name, size_t len)
{
	size_t at = hash_bytes(name, len) & (mm->n_name_slots - 1);

	for (; mm->name_slots[at]; at = (at + 1) & (mm->n_name_slots - 1)) {
		const char *other = mm->names[mm->name_slots[at] - 1].name;

		if (!strncmp(other, name, len) && !other[len])
			break;
	}
	return &mm->name_slots[at];
}

static int grow_slots(struct modmap *mm)
{
	uint32_t *old = mm->name_slots;
	size_t n = mm->n_name_slots ? 2 * mm->n_name_slots : 64;

	mm->name_slots = calloc(n, sizeof(*mm->name_slots));
	if (!mm->name_slots) {
		mm->name_slots = old;
		return -ENOMEM;
	}
	free(old);
	mm->n_name_slots = n;
	for (uint32_t i = 0; i < mm->n_names; i++)
		*slot_of(mm, mm->names[i].name, strlen(mm->names[i].name)) = i + 1;
	return 0;
}

size_t modmap_name(struct modmap *mm, const char *name, size_t len)
{
	struct module_name *mn;
	uint32_t *slot;

	len = strnlen(name, len);
	if (2 * mm->n_names >= mm->n_name_slots && grow_slots(mm))
		return SIZE_MAX;
	slot = slot_of(mm, name, len);
	if (*slot)
		return *slot - 1;
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
	*slot = (uint32_t)++mm->n_names;
	return mm->n_names - 1;
}
