// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * sections.c - see sections.h
 */
#include "sections.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bytes.h"

#define HEADER	16u		/* u16 id, u16 flags, u32 description, u64 size */
#define FIRST	18u		/* behind magic, version, byte order, long, page size */

/* Where the section at @at has its data; false: not in the file, or packed. */
static bool section_at(const struct out *file, uint64_t at, uint16_t id, size_t *len)
{
	uint64_t size;

	if (at > file->len || file->len - at < HEADER ||
	    load16(file->data + at, file->big) != id || load16(file->data + at + 2, file->big))
		return false;
	size = load64(file->data + at + 8, file->big);
	if (size > file->len - at - HEADER)
		return false;
	*len = (size_t)size;
	return true;
}

/* Where the first section of options tells of section @id; 0: it does not. */
static size_t option_of(struct out *file, uint16_t id)
{
	size_t at = FIRST, len, size;
	uint64_t options;

	if (file->len < at + 10 || memcmp(file->data, "\x17\x08\x44tracing7", 12))
		return 0;
	file->big = file->data[12];
	/* name and version of the compression */
	for (int i = 0; i < 2; i++) {
		const uint8_t *nul = memchr(file->data + at, 0, file->len - at);

		if (!nul)
			return 0;
		at = (size_t)(nul - file->data) + 1;
	}
	if (file->len - at < 8)
		return 0;
	options = load64(file->data + at, file->big);
	if (!section_at(file, options, 0, &len))
		return 0;
	at = (size_t)options + HEADER;
	for (size_t end = at + len; end - at >= 6; at += 6 + size) {
		size = load32(file->data + at + 2, file->big);
		if (size > end - at - 6)
			return 0;
		if (load16(file->data + at, file->big) == id)
			return size == 8 ? at + 6 : 0;
	}
	return 0;
}

bool section_append(struct out *file, uint16_t id, const void *text, size_t len)
{
	size_t told = option_of(file, id), page = (size_t)sysconf(_SC_PAGESIZE);

	if (!told)
		return false;
	while ((file->len + HEADER + len) % page)
		put_number(file, 0, 1);
	set_number(file, told, file->len, 8);
	put_number(file, id, 2);
	put_number(file, 0, 2);
	put_number(file, 0, 4);
	put_number(file, len, 8);
	put(file, text, len);
	return true;
}

/* Where its data are, and their length; 0: there are none. */
static size_t section_find(struct out *file, uint16_t id, size_t *len)
{
	size_t told = option_of(file, id);
	uint64_t at = told ? load64(file->data + told, file->big) : 0;

	return at && section_at(file, at, id, len) ? (size_t)at + HEADER : 0;
}

size_t section_len(struct out *file, uint16_t id)
{
	size_t len;

	return section_find(file, id, &len) ? len : 0;
}

bool section_cut(struct out *file, uint16_t id, size_t keep)
{
	size_t len, at = section_find(file, id, &len);
	uint8_t *copy = at ? malloc(len + 1) : NULL;
	bool done;

	if (!copy)
		return false;
	memcpy(copy, file->data + at, len);
	if (keep > len)
		keep = len;
	done = section_append(file, id, copy, keep);
	free(copy);
	/* kallsyms, cmdlines */
	if (done && (id == 19 || id == 21)) {
		unsigned int size = id == 19 ? 4 : 8;

		if (keep >= size)
			set_number(file, file->len - keep, keep - size, size);
	}
	return done;
}
