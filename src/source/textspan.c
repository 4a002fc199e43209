// SPDX-License-Identifier: GPL-2.0-or-later
#include "textspan.h"

#include <string.h>

static int hex_digit(char c)
{
	if (textspan_is_digit(c))
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

bool textspan_decimal(struct textspan *s, uint64_t *value)
{
	size_t i = 0;

	*value = 0;
	for (; i < s->len && textspan_is_digit(s->at[i]); i++)
		if (__builtin_mul_overflow(*value, 10u, value) ||
		    __builtin_add_overflow(*value, (uint64_t)(s->at[i] - '0'), value))
			return false;
	s->at += i;
	s->len -= i;
	return i > 0;
}

bool textspan_hex(struct textspan *s, uint64_t *value)
{
	size_t i = 0;

	*value = 0;
	for (; i < s->len && hex_digit(s->at[i]) >= 0; i++) {
		if (i >= 16)
			return false;
		*value = *value << 4 | (uint64_t)hex_digit(s->at[i]);
	}
	s->at += i;
	s->len -= i;
	return i > 0;
}

bool textspan_skip(struct textspan *s, const char *what)
{
	size_t len = strlen(what);

	if (s->len < len || memcmp(s->at, what, len))
		return false;
	s->at += len;
	s->len -= len;
	return true;
}

bool textspan_is(struct textspan s, const char *word)
{
	return s.len == strlen(word) && !memcmp(s.at, word, s.len);
}

void textspan_skip_blanks(struct textspan *s)
{
	while (s->len && (*s->at == ' ' || *s->at == '\t')) {
		s->at++;
		s->len--;
	}
}

bool textspan_last(struct textspan *s, struct textspan *word)
{
	size_t end = s->len, i;

	while (end && s->at[end - 1] == ' ')
		end--;
	for (i = end; i && s->at[i - 1] != ' ';)
		i--;
	*word = (struct textspan){ s->at + i, end - i };
	s->len = i;
	return word->len > 0;
}

bool textspan_last_decimal(struct textspan *s, uint64_t *value)
{
	struct textspan word;

	return textspan_last(s, &word) && textspan_decimal(&word, value) && !word.len;
}

bool textspan_last_hex(struct textspan *s, uint64_t *value)
{
	struct textspan word;

	return textspan_last(s, &word) && textspan_hex(&word, value) && !word.len;
}

bool textspan_from(struct textspan s, const char *mark, struct textspan *from)
{
	const char *at = s.len ? memmem(s.at, s.len, mark, strlen(mark)) : NULL;

	if (!at || (at > s.at && !memchr(" \t:", at[-1], 3)))
		return false;
	*from = (struct textspan){ at, (size_t)(s.at + s.len - at) };
	return true;
}
