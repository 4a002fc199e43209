/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * decode_fields.h - numbers out of a raw record, in the byte order of its file
 */
#ifndef MODMEM_DECODE_FIELDS_H
#define MODMEM_DECODE_FIELDS_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "formats.h"

struct fields {
	bool swap;		/* the file's byte order is not ours */
	unsigned int long_size;	/* bytes, of the traced kernel's long */
};

/* @size bytes at @p as an unsigned number; 0 for a size that is no number's. */
static inline uint64_t field_load(const struct fields *f, const uint8_t *p,
				  uint32_t size)
{
	uint64_t v64;
	uint32_t v32;
	uint16_t v16;

	switch (size) {
	case 8:
		memcpy(&v64, p, 8);
		return f->swap ? __builtin_bswap64(v64) : v64;
	case 4:
		memcpy(&v32, p, 4);
		return f->swap ? __builtin_bswap32(v32) : v32;
	case 2:
		memcpy(&v16, p, 2);
		return f->swap ? __builtin_bswap16(v16) : v16;
	case 1:
		return *p;
	default:
		return 0;
	}
}

/* Field @field of the record at @rec, which must be long enough; 0: no such. */
static inline uint64_t field_get(const struct fields *f, const uint8_t *rec,
				 struct field field)
{
	return field_load(f, rec + field.offset, field.size);
}

#endif
