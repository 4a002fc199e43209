// SPDX-License-Identifier: GPL-2.0-or-later
#include "span.h"

#include <string.h>

bool span_line(struct span *text, struct span *line)
{
	const char *stop;

	if (text->at == text->end)
		return false;
	stop = memchr(text->at, '\n', span_len(*text));
	*line = (struct span){ text->at, stop ? stop : text->end };
	text->at = stop ? stop + 1 : text->end;
	return true;
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

bool span_word(struct span *line, struct span *word)
{
	while (line->at < line->end && is_blank(*line->at))
		line->at++;
	word->at = line->at;
	while (line->at < line->end && !is_blank(*line->at))
		line->at++;
	word->end = line->at;
	return word->at < word->end;
}

bool span_is(struct span word, const char *text)
{
	return strlen(text) == span_len(word) && !memcmp(word.at, text, span_len(word));
}

bool span_number(struct span word, uint64_t below, uint64_t *value)
{
	*value = 0;
	for (const char *p = word.at; p < word.end; p++) {
		if (*p < '0' || *p > '9' || __builtin_mul_overflow(*value, 10u, value) ||
		    __builtin_add_overflow(*value, (uint64_t)(*p - '0'), value) ||
		    *value >= below)
			return false;
	}
	return word.at < word.end;
}

bool span_address(struct span word, uint64_t *value)
{
	static const char digits[] = "0123456789abcdefABCDEF";
	size_t len = span_len(word);

	*value = 0;
	if (len < 3 || len > 18 || word.at[0] != '0' || word.at[1] != 'x')
		return false;
	for (const char *p = word.at + 2; p < word.end; p++) {
		const char *digit = memchr(digits, *p, sizeof(digits) - 1);

		if (!digit)
			return false;
		*value = *value << 4 | (uint64_t)(digit - digits - (digit > digits + 15 ? 6 : 0));
	}
	return true;
}
