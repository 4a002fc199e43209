/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * command.h - what a command is
 */
#ifndef MODMEM_COMMAND_H
#define MODMEM_COMMAND_H

#include <signal.h>
#include <stdio.h>

struct error;
struct opttable;

/* Exit status, the same for all commands. */
enum {
	STATUS_FINE = 0,
	STATUS_FOUND = 1,	/* a leak, a regression */
	STATUS_FAILED = 2,	/* usage, bad input, no permission */
	STATUS_UNTRUSTED = 3,	/* --strict: the recording is not good enough */
};

struct command {
	const char *name;
	const char *summary;			/* for modmem --help */
	/* argv[0] is the command's name; returns the exit status */
	int (*run)(int argc, char **argv);
	const struct opttable *options;		/* options.h */
	void (*more_help)(FILE *out);		/* behind the options; NULL: nothing */
};

/* One for each command, in src/cmd/. */
extern const struct command cmd_record;
extern const struct command cmd_run;
extern const struct command cmd_report;
extern const struct command cmd_diff;
extern const struct command cmd_top;
extern const struct command cmd_watch;
extern const struct command cmd_static;
extern const struct command cmd_export;
extern const struct command cmd_leaks;
extern const struct command cmd_help;

/*
 * Runs the one of @commands, a table that ends with NULL, that argv[1] names,
 * and closes stdout. Returns the exit status.
 */
int command_main(const struct command *const *commands, int argc, char **argv);

/* The table that command_main() was given, and what it has of that name. */
const struct command *const *command_table(void);
const struct command *command_find(const char *name);

/* Usage, options and more, to stdout. */
void command_help(const struct command *cmd);

/* One line on stderr; returns STATUS_FAILED. */
int command_fail(const struct error *err);

/*
 * From now on ^C or SIGTERM ends standard input, for "cat trace_pipe | modmem report -",
 * and what came is used: is set then. A second one ends the program.
 */
const volatile sig_atomic_t *command_input_ends(void);

#endif
