/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * options.h - the options of a command as a table: for --help, for
 * getopt_long(3), and for messages about what was wrong
 */
#ifndef MODMEM_OPTIONS_H
#define MODMEM_OPTIONS_H

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

/*
 * Reads the command line by getopt_long(3); argv[0] is the command's name. Calls
 * @set(arg, value, err) for each option, with optarg, and stops if it returns a
 * negative errno. @stop: at the first operand, which is a command with options
 * of its own. Returns 0 with optind at the first operand, or a negative errno
 * with @err set.
 */
int options_parse(const struct optdesc *descs, size_t n, bool stop, int argc, char **argv,
		  int (*set)(void *arg, int value, struct error *err), void *arg,
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

/*
 * The comma list @text of --module into *@list. A second one is refused: the first
 * would be dropped, and what it names looked at no more. 0 or -EINVAL with @err set.
 */
int options_modules(const char *command, const char *text, const char **list,
		    struct error *err);

/*
 * Reads the number that --@option was given, from @least to @most. @what is what it
 * takes, for the message. Returns 0, -EINVAL or -ERANGE with @err set.
 */
int options_number(const char *command, const char *option, const char *what,
		   const char *text, uint64_t least, uint64_t most, uint64_t *number,
		   struct error *err);

/* The same for a length of time, ns, as time_parse() reads it; not a point in it. */
int options_duration(const char *command, const char *option, const char *what,
		     const char *text, int64_t least, int64_t most, int64_t *ns,
		     struct error *err);

/* Reads the size that --@option was given, see size_parse(). */
int options_size(const char *command, const char *option, const char *text,
		 uint64_t *bytes, struct error *err);

/* Reads the time that --@option was given, see time_parse(). */
int options_time(const char *command, const char *option, const char *text,
		 int64_t *ns, bool *relative, struct error *err);

#endif
