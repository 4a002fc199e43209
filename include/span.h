/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * span.h - text that nothing need terminate: of a mapped file, in the middle of
 * another text
 *
 * No str*() and no sscanf() may look at such a text, they would run past its end.
 * What is here stays in it, and no number is looked for in the line below.
 */
#ifndef MODMEM_SPAN_H
#define MODMEM_SPAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* [at, end); both NULL: nothing. */
struct span {
	const char *at, *end;
};

static inline struct span span_of(const char *text, size_t len)
{
	return (struct span){ text, text ? text + len : NULL };
}

static inline size_t span_len(struct span s)
{
	return (size_t)(s.end - s.at);
}

/* Takes the first line off @text, without its newline; false: there is none left. */
bool span_line(struct span *text, struct span *line);

/* Takes the next word off @line, without blanks (and tabs) around it; false: none. */
bool span_word(struct span *line, struct span *word);

bool span_is(struct span word, const char *text);

/* All of @word is decimal digits, the number of which is below @below. */
bool span_number(struct span word, uint64_t below, uint64_t *value);

/* All of @word is "0x" and up to 16 digits. */
bool span_address(struct span word, uint64_t *value);

#endif
