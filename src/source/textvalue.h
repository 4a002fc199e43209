/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * textvalue.h - values as the kernel prints them in the body of an event
 */
#ifndef MODMEM_SOURCE_TEXTVALUE_H
#define MODMEM_SOURCE_TEXTVALUE_H

#include "textspan.h"

/* Code, as %pS and %ps print it, or an address that has no symbol. */
struct textcode {
	struct textspan name;	/* empty: no symbol, only @addr */
	struct textspan module;	/* empty: none was printed */
	uint64_t addr;		/* 0: not printed */
	uint64_t offset, size;	/* bytes; only if has_offset */
	bool has_offset;
	bool told;		/* a module would have been printed */
};

/*
 * The value behind "KEY=" and blanks in @body, up to the next blank; false: there
 * is none.
 */
bool textvalue_find(struct textspan body, const char *key, struct textspan *value);

/* Code at the start of @text; *@len: bytes it takes. False: it is none. */
bool textvalue_code(struct textspan text, struct textcode *code, size_t *len);

/* A number as printed by %zu, %d, %lx (with 0x) or %p. False: it is none. */
bool textvalue_number(struct textspan text, uint64_t *value);
bool textvalue_hex(struct textspan text, uint64_t *value);

/* What %p printed (lib/vsprintf.c, pointer(), default_pointer(), err_ptr()). */
enum textpointer {
	TEXTPOINTER_NONE,	/* no pointer */
	TEXTPOINTER_NULL,	/* "(null)", zeros; "(nil)" of libtraceevent */
	TEXTPOINTER_VALUE,
	TEXTPOINTER_WITHHELD,	/* "(____ptrval____)", "(ptrval)", "(efault)" */
};

/* *@value is 0 unless it was printed. */
enum textpointer textvalue_pointer(struct textspan text, uint64_t *value);

#endif
