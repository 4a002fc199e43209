/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * textspan.h - a piece of a line, and the words and numbers at its ends
 *
 * What takes something off a piece leaves it as it was where there is none, unless
 * it says other things.
 */
#ifndef MODMEM_SOURCE_TEXTSPAN_H
#define MODMEM_SOURCE_TEXTSPAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct textspan {
	const char *at;
	size_t len;
};

static inline bool textspan_is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* A character of a symbol's name. */
static inline bool textspan_is_name(char c)
{
	return c == '_' || c == '.' || c == '$' || textspan_is_digit(c) ||
	       (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool textspan_is(struct textspan s, const char *word);

/* Takes a number off; *@s may be moved where it is too large. False: none, or that. */
bool textspan_decimal(struct textspan *s, uint64_t *value);
bool textspan_hex(struct textspan *s, uint64_t *value);

/* Takes @what off, if it begins so. */
bool textspan_skip(struct textspan *s, const char *what);
void textspan_skip_blanks(struct textspan *s);

/* Take the last word off, and its blanks; the latter two: false if it is no number. */
bool textspan_last(struct textspan *s, struct textspan *word);
bool textspan_last_decimal(struct textspan *s, uint64_t *value);
bool textspan_last_hex(struct textspan *s, uint64_t *value);

/* What comes from the word @mark on, wherever that is; false: it is not there. */
bool textspan_from(struct textspan s, const char *mark, struct textspan *from);

#endif
