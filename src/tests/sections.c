// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * sections.c - see sections.h
 */
#include "sections.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bytes.h"
#include "../source/unpack.h"

#define HEADER		16u	/* u16 id, u16 flags, u32 description, u64 size */
#define FIRST		18u	/* behind magic, version, byte order, long, page size */
#define UNPACKED_MAX	(16u << 20)

#define KALLSYMS	19u
#define PRINTK		20u
#define CMDLINES	21u
#define PARTS		6u	/* 16 to 21 */

/* Bytes of the size in front of a section that is one text. */
static unsigned int size_bytes(uint16_t id)
{
	return id == CMDLINES ? 8 : id == KALLSYMS || id == PRINTK ? 4 : 0;
}

static bool is_version(struct out *file, char version)
{
	if (file->len < FIRST + 10 || memcmp(file->data, "\x17\x08\x44tracing", 10) ||
	    file->data[10] != version || file->data[11])
		return false;
	file->big = file->data[12];
	return true;
}

/* ---- version 7 -------------------------------------------------------------- */

/* Where the section at @at has its data; 0: not in the file. */
static size_t section_at(const struct out *file, uint64_t at, uint16_t id, size_t *len,
			 bool *packed)
{
	uint64_t size;

	if (at > file->len || file->len - at < HEADER ||
	    load16(file->data + at, file->big) != id ||
	    load16(file->data + at + 2, file->big) > 1)
		return 0;
	*packed = load16(file->data + at + 2, file->big);
	size = load64(file->data + at + 8, file->big);
	if (size > file->len - at - HEADER)
		return 0;
	*len = (size_t)size;
	return (size_t)at + HEADER;
}

/* Where the first section of options tells of section @id; 0: it does not. */
static size_t option_of(struct out *file, uint16_t id)
{
	size_t at = FIRST, len, size;
	uint64_t options;
	bool packed;

	if (!is_version(file, '7'))
		return 0;
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
	at = section_at(file, options, 0, &len, &packed);
	if (!at || packed)
		return 0;
	for (size_t end = at + len; end - at >= 6; at += 6 + size) {
		size = load32(file->data + at + 2, file->big);
		if (size > end - at - 6)
			return 0;
		if (load16(file->data + at, file->big) == id)
			return size == 8 ? at + 6 : 0;
	}
	return 0;
}

static const char *compression(const struct out *file)
{
	return (const char *)file->data + FIRST;
}

/* What section @id holds, in memory of its own; false: it cannot be had. */
static bool take(struct out *file, uint16_t id, struct out *data)
{
	size_t told = option_of(file, id), len, at, out_len, in_len;
	struct unpacker *unpacker;
	bool packed, done;

	*data = (struct out){ .big = file->big };
	at = told ? load64(file->data + told, file->big) : 0;
	at = at ? section_at(file, at, id, &len, &packed) : 0;
	if (!at)
		return false;
	if (!packed) {
		put(data, file->data + at, len);
		return true;
	}
	if (len < 8)
		return false;
	in_len = load32(file->data + at, file->big);
	out_len = load32(file->data + at + 4, file->big);
	if (in_len > len - 8 || out_len > UNPACKED_MAX ||
	    unpacker_new(&unpacker, compression(file)))
		return false;
	data->data = malloc(out_len + 1);
	data->len = data->room = out_len;
	done = data->data && !unpack(unpacker, file->data + at + 8, in_len, data->data, out_len);
	unpacker_free(unpacker);
	if (!done)
		out_free(data);
	return done;
}

static bool append(struct out *file, uint16_t id, const struct out *part, bool packed)
{
	size_t told = option_of(file, id), page = (size_t)sysconf(_SC_PAGESIZE);

	if (!told)
		return false;
	while ((file->len + HEADER + part->len) % page)
		put_number(file, 0, 1);
	set_number(file, told, file->len, 8);
	put_number(file, id, 2);
	put_number(file, packed, 2);
	put_number(file, 0, 4);
	put_number(file, part->len, 8);
	put(file, part->data, part->len);
	return true;
}

bool section_append(struct out *file, uint16_t id, const void *text, size_t len)
{
	const struct out part = { .data = (uint8_t *)text, .len = len };

	return append(file, id, &part, false);
}

static bool cut_v7(struct out *file, uint16_t id, size_t keep, bool pack)
{
	struct out part, packed = { 0 };
	unsigned int size = size_bytes(id);
	struct unpacker *unpacker = NULL;
	bool done;

	if (!take(file, id, &part))
		return false;
	if (keep < part.len)
		part.len = keep;
	if (size && part.len >= size)
		set_number(&part, 0, part.len - size, size);
	packed.big = part.big;
	pack = pack && !unpacker_new(&unpacker, compression(file));
	if (pack)
		put_packed(&packed, compression(file), part.data, part.len);
	unpacker_free(unpacker);
	done = append(file, id, pack ? &packed : &part, pack);
	out_free(&packed);
	out_free(&part);
	return done;
}

/* ---- version 6 -------------------------------------------------------------- */

/* Moves *@at over a number of @size bytes and as many bytes as it says. */
static bool skip_text(const struct out *file, size_t *at, unsigned int size)
{
	uint64_t len;

	if (file->len - *at < size)
		return false;
	len = size == 4 ? load32(file->data + *at, file->big) :
	      load64(file->data + *at, file->big);
	*at += size;
	if (len > file->len - *at)
		return false;
	*at += (size_t)len;
	return true;
}

static bool skip_name(const struct out *file, size_t *at)
{
	const uint8_t *nul = memchr(file->data + *at, 0, file->len - *at);

	if (nul)
		*at = (size_t)(nul - file->data) + 1;
	return nul;
}

static bool skip_formats(const struct out *file, size_t *at)
{
	uint32_t n;

	if (file->len - *at < 4)
		return false;
	n = load32(file->data + *at, file->big);
	for (*at += 4; n; n--)
		if (!skip_text(file, at, 8))
			return false;
	return true;
}

static bool skip_part(const struct out *file, uint16_t id, size_t *at)
{
	uint32_t n;

	switch (id) {
	case 16:
		return skip_name(file, at) && skip_text(file, at, 8) &&
		       skip_name(file, at) && skip_text(file, at, 8);
	case 17:
		return skip_formats(file, at);
	case 18:
		if (file->len - *at < 4)
			return false;
		n = load32(file->data + *at, file->big);
		for (*at += 4; n; n--)
			if (!skip_name(file, at) || !skip_formats(file, at))
				return false;
		return true;
	}
	return skip_text(file, at, size_bytes(id));
}

/* Where each part begins, and what follows on the last. */
static bool find_parts(struct out *file, size_t starts[PARTS + 1])
{
	size_t at = FIRST;

	if (!is_version(file, '6'))
		return false;
	for (uint16_t i = 0; i < PARTS; i++) {
		starts[i] = at;
		if (!skip_part(file, (uint16_t)(16 + i), &at))
			return false;
	}
	starts[PARTS] = at;
	return true;
}

/* All behind the parts stays where it is: offsets in the file are from its start. */
static bool cut_v6(struct out *file, uint16_t id, size_t keep)
{
	uint16_t gains = id == PRINTK ? CMDLINES : PRINTK;
	size_t starts[PARTS + 1], lost, len;
	struct out made = { 0 };

	if (id < 16 || id >= 16 + PARTS || !find_parts(file, starts))
		return false;
	len = starts[id - 15] - starts[id - 16];
	lost = keep < len ? len - keep : 0;
	made.big = file->big;
	made.long_size = file->long_size;
	put(&made, file->data, FIRST);
	for (uint16_t i = 0; i < PARTS; i++) {
		unsigned int size = size_bytes((uint16_t)(16 + i));
		size_t start = made.len;

		len = starts[i + 1] - starts[i];
		put(&made, file->data + starts[i], 16 + i == id ? len - lost : len);
		for (size_t n = 0; 16 + i == gains && n < lost; n++)
			put_number(&made, 0, 1);
		len = made.len - start;
		if (size && len >= size)
			set_number(&made, start, len - size, size);
	}
	put(&made, file->data + starts[PARTS], file->len - starts[PARTS]);
	out_free(file);
	*file = made;
	return true;
}

/* ---- both ------------------------------------------------------------------- */

size_t section_len(struct out *file, uint16_t id)
{
	size_t starts[PARTS + 1], len;
	struct out part;

	if (id >= 16 && id < 16 + PARTS && find_parts(file, starts))
		return starts[id - 15] - starts[id - 16];
	if (!take(file, id, &part))
		return 0;
	len = part.len;
	out_free(&part);
	return len;
}

bool section_cut(struct out *file, uint16_t id, size_t keep, bool pack)
{
	return is_version(file, '6') ? cut_v6(file, id, keep) : cut_v7(file, id, keep, pack);
}
