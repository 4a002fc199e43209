// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "printable.h"
#include "text.h"

/* printable() makes at most four bytes of one. */
#define GROWTH 4

char *text_printable(const char *text)
{
	size_t size = strlen(text) * GROWTH + 1;
	char *copy = malloc(size);

	return copy ? printable(copy, size, text) : NULL;
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
