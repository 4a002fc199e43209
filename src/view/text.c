// SPDX-License-Identifier: GPL-2.0-or-later
#include <inttypes.h>
#include <langinfo.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "printable.h"
#include "text.h"

/* printable() makes at most four bytes of one. */
#define GROWTH 4

#define MAX_WIDTH 80
#define MIN_WIDTH 30
#define INDENT 2

char *text_printable(const char *text)
{
	size_t size = strlen(text) * GROWTH + 1;
	char *copy = malloc(size);

	return copy ? printable(copy, size, text) : NULL;
}

char *text_place(const char *function, uint64_t offset, uint32_t number, bool no_offset)
{
	char *name = function ? text_printable(function) : strdup("?");
	char *text;

	if (!name || no_offset)
		return name;
	text = function || !number ? text_format("%s+0x%" PRIx64, name, offset) :
	       text_format("?#%" PRIu32 "+0x%" PRIx64, number + 1, offset);
	free(name);
	return text;
}

char *text_names(const char *const *names, size_t n, size_t most)
{
	char *text = strdup("");

	for (size_t i = 0; i < n && i < most && text; i++) {
		char *name = text_printable(names[i]);
		char *longer = name ? text_format("%s%s%s", text, i ? ", " : "", name) : NULL;

		free(name);
		free(text);
		text = longer;
	}
	if (text && n > most) {
		char *longer = text_format("%s and %zu more", text, n - most);

		free(text);
		text = longer;
	}
	return text;
}

bool text_is_utf8(void)
{
	return !strcmp(nl_langinfo(CODESET), "UTF-8");
}

char *text_cell(char *text)
{
	size_t n = 0;
	char *copy;

	if (!text || text_is_utf8())
		return text;
	copy = calloc(strlen(text) * GROWTH + 1, 1);
	for (const char *c = text; copy && *c; c++) {
		if ((unsigned char)*c < 0x80)
			copy[n++] = *c;
		else
			n += (size_t)sprintf(copy + n, "\\x%02x", (unsigned char)*c);
	}
	free(text);
	return copy;
}

char *text_join(const char *const *texts, size_t n, const char *separator)
{
	size_t gap = strlen(separator);
	size_t size = 1;
	char *joined, *end;

	for (size_t i = 0; i < n; i++)
		size += strlen(texts[i]) * GROWTH + gap;
	joined = malloc(size);
	if (!joined)
		return NULL;
	end = joined;
	*end = '\0';
	for (size_t i = 0; i < n; i++) {
		if (i)
			end = stpcpy(end, separator);
		printable(end, size - (size_t)(end - joined), texts[i]);
		end += strlen(end);
	}
	return joined;
}

char *text_format(const char *fmt, ...)
{
	va_list ap;
	char *text;
	int len;

	va_start(ap, fmt);
	len = vasprintf(&text, fmt, ap);
	va_end(ap);
	return len < 0 ? NULL : text;
}

char *text_item(const char **list)
{
	const char *start = *list;
	size_t len = strcspn(start, ",");

	*list = start[len] ? start + len + 1 : NULL;
	return strndup(start, len);
}

unsigned int text_width(unsigned int width)
{
	if (!width || width > MAX_WIDTH)
		return MAX_WIDTH;
	return width < MIN_WIDTH ? MIN_WIDTH : width;
}

/* Columns that @len bytes of text take: UTF-8 letters count once. */
static unsigned int columns(const char *text, size_t len)
{
	unsigned int n = 0;

	for (size_t i = 0; i < len; i++)
		n += ((unsigned char)text[i] & 0xc0) != 0x80;
	return n;
}

void text_wrap(const char *text, unsigned int width, FILE *out)
{
	const char *word = text;
	unsigned int at = 0;

	while (*word) {
		size_t len = strcspn(word, " ");
		unsigned int wide = columns(word, len);

		if (at && at + 1 + wide > width) {
			fprintf(out, "\n%*s", INDENT, "");
			at = INDENT;
		} else if (at) {
			fputc(' ', out);
			at++;
		}
		fwrite(word, 1, len, out);
		at += wide;
		word += len;
		word += strspn(word, " ");
	}
	fputc('\n', out);
}
