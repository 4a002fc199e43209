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

/* A word of it is a time: of a logger, who puts another before each line. */
static bool has_time(struct textspan s)
{
	struct textspan word;

	while (textspan_last(&s, &word)) {
		size_t n = 0;
		bool parts = false;

		while (n < word.len && memchr("0123456789.:,TZ+-", word.at[n], 17)) {
			parts |= n && (word.at[n] == ':' || word.at[n] == '.') &&
				 textspan_is_digit(word.at[n - 1]);
			n++;
		}
		if (n == word.len && parts)
			return true;
	}
	return false;
}

static size_t digits_at_end(struct textspan s)
{
	size_t n = 0;

	while (n < s.len && textspan_is_digit(s.at[s.len - n - 1]))
		n++;
	return n;
}

struct textspan textquote_buffer(struct textspan before)
{
	const struct textspan none = { before.at, 0 };
	struct textspan s = before;
	bool close;
	size_t n;

	textquote_skip(&s);
	if (s.len < 2)
		return none;
	close = s.at[s.len - 1] == ':';
	while (s.len && s.at[s.len - 1] == ' ')
		s.len--;
	if (s.len < 2 || s.at[s.len - 1] != ':')
		return none;
	s.len--;
	n = digits_at_end(s);
	if (close && n && (n == s.len || s.at[s.len - n - 1] == ':'))	/* grep -n */
		s.len -= n == s.len ? n : n + 1;
	return has_time(s) ? none : s;
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
