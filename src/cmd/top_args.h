/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * top_args.h - what "modmem top" was asked for
 */
#ifndef MODMEM_TOP_ARGS_H
#define MODMEM_TOP_ARGS_H

#include <stdbool.h>
#include <stdint.h>

#include "options.h"
#include "top.h"

struct error;

struct top_args {
	struct top_view view;
	int64_t delay_ns;
	uint64_t iterations;		/* 0: no end */
	bool batch;			/* lines, no screen */
	bool json;
	const char *openmetrics;	/* file to rewrite, NULL: none */
	uint64_t buffer_kb;		/* per CPU, 0: default */
	bool no_probes;
	bool own;			/* what the kernel takes for itself is left out */
	bool now;			/* of the watcher, or not at all */
	bool help;
};

/*
 * Reads the command line into @args, which points into @argv. Opens nothing
 * and prints nothing. Returns 0 or a negative errno with @err set.
 */
int top_parse(int argc, char **argv, struct top_args *args, struct error *err);

extern const struct opttable top_options;

#endif
