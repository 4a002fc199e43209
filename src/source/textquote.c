// SPDX-License-Identifier: GPL-2.0-or-later
#include "textquote.h"

#include <string.h>

/*
 * The name before the dash, of which the kernel prints 16 columns, or 8. What is
 * before them is of the console, the logger or the mail; where blanks were cut off
 * it comes close, and ends as such things do.
 */
void textquote_trim(struct textspan *comm, size_t width)
{
	static const char *const ends[] = { ": ", "] ", "> ", "| " };
	const char *end = comm->at + comm->len;

	if (comm->len > width) {
		comm->at = end - width;
		comm->len = width;
	}
	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		const char *found;

		while ((found = memmem(comm->at, comm->len, ends[i], 2))) {
			comm->at = found + 2;
			comm->len = (size_t)(end - comm->at);
		}
	}
	textspan_skip_blanks(comm);
}

/* Without what a mail or a log puts before each line of text that it quotes. */
void textquote_skip(struct textspan *s)
{
	static const char bom[] = "\xef\xbb\xbf";

	textspan_skip(s, bom);
	for (;;) {
		while (s->len && memchr(" \t>|", *s->at, 4)) {
			s->at++;
			s->len--;
		}
		/* "[   12.345678] ", "[    T123] ", and "<4>" before them */
		if (s->len > 3 && *s->at == '<' && textspan_is_digit(s->at[1])) {
			const char *end = memchr(s->at, '>', s->len < 5 ? s->len : 5);

			if (!end || end + 1 == s->at + s->len || end[1] != '[')
				return;
			s->len -= (size_t)(end + 1 - s->at);
			s->at = end + 1;
		}
		if (s->len > 3 && *s->at == '[') {
			const char *end = memchr(s->at, ']', s->len < 40 ? s->len : 40);

			if (!end || end + 1 == s->at + s->len || end[1] != ' ')
				return;
			s->len -= (size_t)(end + 2 - s->at);
			s->at = end + 2;
			continue;
		}
		return;
	}
}

/*
 * Control sequences of ECMA-48: ESC [ and parameters up to a letter, ESC ] and text up
 * to BEL, ESC and one more.
 */
size_t textquote_clean(char *text, size_t len)
{
	size_t to = 0, i = 0;

	while (i < len) {
		if (text[i] != '\x1b') {
			text[to++] = text[i++];
			continue;
		}
		i++;
		if (i < len && text[i] == '[') {
			for (i++; i < len && (text[i] < '@' || text[i] > '~'); i++)
				;
			i++;
		} else if (i < len && text[i] == ']') {
			for (i++; i < len && text[i] != '\a' && text[i] != '\x1b'; i++)
				;
			i += i < len && text[i] == '\a';
		} else {
			i++;
		}
	}
	return to;
}
