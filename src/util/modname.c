// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * modname.c - see modname.h
 */
#include "modname.h"

#include <string.h>

#define SUFFIX ".ko"

/* What @text has of a name, without folders and suffixes. */
static const char *bare(const char *text, size_t *len)
{
	const char *slash = memrchr(text, '/', *len), *end = text + *len;

	if (slash)
		text = slash + 1;
	*len = (size_t)(end - text);
	for (const char *at = text + 1; at + strlen(SUFFIX) <= end; at++) {
		const char *behind = at + strlen(SUFFIX);

		if (!memcmp(at, SUFFIX, strlen(SUFFIX)) && (behind == end || *behind == '.')) {
			*len = (size_t)(at - text);
			break;
		}
	}
	return text;
}

/* The next letter as the kernel has it; @inside: brackets, to begin with none. */
static char letter(char c, bool *inside)
{
	if (c == '[' || c == ']')
		*inside = c == '[';
	return c == '-' && !*inside ? '_' : c;
}

size_t modname_set(char *name, size_t size, const char *text, size_t len)
{
	bool inside = false;
	size_t n = 0;

	text = bare(text, &len);
	for (; n < len && n + 1 < size; n++)
		name[n] = letter(text[n], &inside);
	name[n] = '\0';
	return n;
}

bool modname_same(const char *text, size_t len, const char *module)
{
	bool inside = false, other = false;
	size_t module_len = strlen(module);

	text = bare(text, &len);
	module = bare(module, &module_len);
	if (len != module_len)
		return false;
	for (size_t i = 0; i < len; i++)
		if (letter(text[i], &inside) != letter(module[i], &other))
			return false;
	return true;
}

bool modname_listed(const char *names, const char *module)
{
	while (names) {
		size_t len = strcspn(names, ",");

		if (len && modname_same(names, len, module))
			return true;
		names = names[len] ? names + len + 1 : NULL;
	}
	return false;
}

size_t modname_of_file(const char *base)
{
	size_t len = strlen(base);

	bare(base, &len);
	return len < strlen(base) ? len : 0;
}
