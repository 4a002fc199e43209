/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * rulefile.h - text files with one rule a line
 *
 * Empty lines and lines whose first character is '#' (after blanks) are not
 * rules. Blanks around a rule do not belong to it; a line may end with CR LF.
 */
#ifndef MODMEM_RULEFILE_H
#define MODMEM_RULEFILE_H

#include <stddef.h>
#include <stdio.h>

struct error;

#define RULEFILE_LINE_MAX	4096u		/* bytes of one line */
#define RULEFILE_LINES_MAX	100000u
#define RULEFILE_MAX		(512u << 20)	/* bytes of a file */

/*
 * Told of each rule: its text, which it may change and must not keep, and
 * "FILE:LINE". Returns 0, or a negative errno with @err set to end it.
 */
typedef int (*rulefile_line_t)(void *arg, char *text, const char *where,
			       struct error *err);

/*
 * Reads @path. Returns 0 or a negative errno with @err set: what @line said, a
 * file that cannot be read, lines that are too long or too many, a NUL byte.
 */
int rulefile_read(const char *path, rulefile_line_t line, void *arg,
		  struct error *err);

/* The same of an open file; @name is what messages call it. */
int rulefile_stream(FILE *file, const char *name, rulefile_line_t line,
		    void *arg, struct error *err);

/*
 * The next word of *@text, terminated in place, or NULL if there is none;
 * *@text is moved behind it and the blanks that follow.
 */
char *rulefile_word(char **text);

#endif
