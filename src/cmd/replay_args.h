/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * replay_args.h - options of all commands that replay a recording
 *
 * A command has rows of these in its table of options, with texts of its own
 * where they mean something else there, and hands to replay_option() what it
 * does not know itself.
 */
#ifndef MODMEM_REPLAY_ARGS_H
#define MODMEM_REPLAY_ARGS_H

#include "options.h"

struct error;
struct replay_opts;
struct symfiles_opts;

enum {
	OPT_AT = OPT_FIRST + 128,	/* beyond all options of one command */
	OPT_FROM,
	OPT_TO,
	OPT_ATTRIBUTE,
	OPT_MODULES,
	OPT_KALLSYMS,
	OPT_PAGE_SIZE,
	OPT_CHECK,
	OPT_VMLINUX,
	OPT_MODULE_DIR,
	OPT_DEBUG_DIR,
};

#define ROW_AT		{ OPT_AT, "at", "TIME", \
			  "as it stood then: 33.25, 250ms, +1.5 after the start" }
#define ROW_FROM	{ OPT_FROM, "from", "TIME", "only what was allocated since" }
#define ROW_ATTRIBUTE	{ OPT_ATTRIBUTE, "attribute", "MODE", \
			  "charge the own (default), nearest or outermost" }
#define ROW_MODULES	{ OPT_MODULES, "modules", "FILE", \
			  "saved /proc/modules of the recorded machine" }
#define ROW_KALLSYMS	{ OPT_KALLSYMS, "kallsyms", "FILE", \
			  "saved /proc/kallsyms of the recorded machine" }
#define ROW_PAGE_SIZE	{ OPT_PAGE_SIZE, "page-size", "SIZE", \
			  "of the recorded machine, if the recording does not say it" }
#define ROW_CHECK	{ OPT_CHECK, "check", NULL, \
			  "verify that the books balance, exit with 2 if not" }
#define ROW_MODULE_DIR	{ OPT_MODULE_DIR, "module-dir", "DIR", \
			  "with NAME.ko[.xz..] in or below it; repeatable" }
#define ROW_DEBUG_DIR	{ OPT_DEBUG_DIR, "debug-dir", "DIR", \
			  "of separate debug files; default: /usr/lib/debug" }

/* The file to replay if none is named. */
#define REPLAY_FILE	"trace.dat"

/* What is replayed if nothing is said: all of REPLAY_FILE. */
#define REPLAY_ALL	{ .path = REPLAY_FILE, .from = REPLAY_NO_TIME, .to = REPLAY_NO_TIME }

/*
 * Takes an option of those above, with optarg, into @replay. Returns 0, also for
 * any other @value, or a negative errno with @err set.
 */
int replay_option(struct replay_opts *replay, const char *command, int value,
		  struct error *err);

/* What --page-size was given: 4K to 256K. 0 or -EINVAL with @err set. */
int page_size_option(const char *command, uint32_t *page_size, struct error *err);

/* The same for the files of symbols: OPT_VMLINUX, OPT_MODULE_DIR, OPT_DEBUG_DIR. */
int symfiles_option(struct symfiles_opts *files, const char *command, int value,
		    struct error *err);

/*
 * The operand at optind, at most one: the recording. Then what no option is wrong
 * in alone. 0 or -EINVAL with @err set.
 */
int replay_operand(struct replay_opts *replay, int argc, char **argv, struct error *err);
int replay_window(const struct replay_opts *replay, const char *command, struct error *err);

#endif
