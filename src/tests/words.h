/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * words.h - a command line as a shell without quotes would make it
 */
#ifndef MODMEM_WORDS_H
#define MODMEM_WORDS_H

#include <stdio.h>
#include <string.h>

#define MAX_WORDS 32

/* The words of @line, ended by NULL, until the next call; their number comes to @n. */
static inline char **words(const char *line, int *n)
{
	static char copy[256];
	static char *word[MAX_WORDS + 1];

	snprintf(copy, sizeof(copy), "%s", line);
	*n = 0;
	for (char *w = strtok(copy, " "); w && *n < MAX_WORDS; w = strtok(NULL, " "))
		word[(*n)++] = w;
	word[*n] = NULL;
	return word;
}

#endif
