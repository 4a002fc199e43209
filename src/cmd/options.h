/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * options.h - the options of a command as a table: for --help, for
 * getopt_long(3), for messages about what was wrong, and for completion
 */
#ifndef MODMEM_OPTIONS_H
#define MODMEM_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct completion;
struct error;

/* What an option takes, and the type of the field that it goes to. */
enum optkind {
	OPT_FLAG,	/* nothing; bool */
	OPT_SET,	/* nothing; an enum, which becomes .value */
	OPT_STRING,	/* const char * */
	OPT_CHOICE,	/* one of .names; an enum */
	OPT_BITS,	/* comma list of .names; unsigned int, a bit for each */
	OPT_NUMBER,	/* from .least to .most; uint64_t */
	OPT_DURATION,	/* the same in ns, not a point in time; int64_t or uint64_t */
	OPT_SIZE,	/* size_parse(); uint64_t bytes */
	OPT_TIME,	/* time_parse(); int64_t ns; .also: bool, from the start */
	OPT_DIRS,	/* const char *[.most]; .also: size_t, how many there are */
	OPT_MODULES,	/* comma list, given once; const char * */
	OPT_CALL,	/* what .call makes of it */
};

struct optdesc {
	int letter;		/* 0: none */
	const char *name;
	const char *arg;	/* NULL: takes none */
	const char *help;
	enum optkind kind;
	size_t offset;		/* of the field in the struct that the command fills */
	size_t also;		/* of the second one */
	unsigned int value;
	bool optional;		/* .arg may be left out: it is .value then (OPT_NUMBER) */
	uint64_t least, most;
	const char *what;	/* what it takes, for the message: "a number of CPUs" */
	const char *(*names)(unsigned int i);	/* NULL past the last one */
	/* 0, or a negative errno with @err set; @text is NULL if it takes none */
	int (*call)(void *field, const char *command, const char *text, struct error *err);
	/* what to offer a shell, besides what kind, names and arg say */
	const char *words;	/* with blanks between */
	bool list;		/* several, with commas between */
	void (*suggest)(const struct completion *c);
};

struct opttable {
	const char *usage, *more;	/* what --help says before and after; may be NULL */
	const struct optdesc *desc;
	size_t n;
	const char *(*exclude)[2];	/* names that exclude each other, up to { NULL } */
	const char *operands;		/* for a shell: "FILE", "MODULE", "COMMAND"; NULL: none */
	bool stop;			/* at the first operand: a command with own options */
};

#define OPTIONS_MAX 40u
#define OPTIONS(array) .desc = (array), .n = sizeof(array) / sizeof((array)[0])

void options_help(const struct opttable *table, FILE *out);

/*
 * Reads the command line by getopt_long(3) into the struct at @args; argv[0] is the
 * command's name. Bit i of *@given says that option i was there. Returns 0 with
 * optind at the first operand, or a negative errno with @err set.
 */
int options_parse(const struct opttable *table, int argc, char **argv, void *args,
		  uint64_t *given, struct error *err);

/* Whether *@given, see above, has the option @name of the table. */
bool options_given(const struct opttable *table, uint64_t given, const char *name);

/* Reads the size that --@option was given, see size_parse(). */
int options_size(const char *command, const char *option, const char *text,
		 uint64_t *bytes, struct error *err);

#endif
