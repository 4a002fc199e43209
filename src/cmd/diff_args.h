/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * diff_args.h - what "modmem diff" was asked for
 */
#ifndef MODMEM_DIFF_ARGS_H
#define MODMEM_DIFF_ARGS_H

#include <stdbool.h>
#include <stdint.h>

#include "options.h"
#include "diff_view.h"
#include "limit.h"
#include "symfiles.h"

struct error;

struct diff_args {
	const char *base, *new;		/* comma lists of files */
	struct limits limits;
	enum diff_format format;
	uint32_t metrics;
	bool no_limits;			/* --fail-on none */
	bool lines;			/* of the new side */
	struct symfiles_opts files;	/* debug info for that */
	bool allow_untrusted;
	bool allow_different;
	bool all;
	bool exact_bytes;
	bool no_pager;
	bool quiet;
	bool help;
};

/*
 * Reads the command line, and the files of limits that it names, into @args,
 * which points into @argv. Prints nothing. Returns 0 or a negative errno with
 * @err set. diff_args_free() in any case.
 */
int diff_parse(int argc, char **argv, struct diff_args *args, struct error *err);
void diff_args_free(struct diff_args *args);

extern const struct opttable diff_options;

#endif
