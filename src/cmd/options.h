/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * options.h - the options of a command as a table: for --help, for
 * getopt_long(3), and for messages about what was wrong
 */
#ifndef MODMEM_OPTIONS_H
#define MODMEM_OPTIONS_H

#include <getopt.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct error;

struct optdesc {
	int value;		/* the letter, if it is one; else from OPT_FIRST */
	const char *name;
	const char *arg;	/* NULL: takes none */
	const char *help;
};

#define OPT_FIRST 256		/* of long options without a letter of their own */

/* One line for each of @n options. */
void options_help(const struct optdesc *descs, size_t n, FILE *out);

/* Fills @n options for getopt_long(), and the empty one behind them. */
void options_long(const struct optdesc *descs, size_t n, struct option *options);

/*
 * Says what getopt_long() did not understand, after it returned @result for
 * @argv (argv[0] is the command's name): -EINVAL.
 */
int options_bad(const struct optdesc *descs, size_t n, char **argv, int result,
		struct error *err);

/*
 * The place of @text among the names that @name gives (NULL past the last one),
 * or -EINVAL with all of them in @err.
 */
int options_choose(const char *command, const char *option, const char *text,
		   const char *(*name)(unsigned int i), struct error *err);

/*
 * Adds @dir to the @n of at most @max folders that were given with @option
 * before. Returns 0 or -EINVAL with @err set.
 */
int options_dir(const char *command, const char *option, const char *dir,
		const char **dirs, size_t *n, size_t max, struct error *err);

/* Reads the time that --@option was given, see time_parse(). */
int options_time(const char *command, const char *option, const char *text,
		 int64_t *ns, bool *relative, struct error *err);

#endif
