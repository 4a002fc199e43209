/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * outfile.h - a file that is there as a whole, or as it was before
 *
 * What is written goes to a new file beside it, which takes its name at the end:
 * who reads FILE meanwhile (node_exporter, a browser) never sees half of it. What
 * is not a regular file (a FIFO, /dev/stdout) is written to as it is.
 */
#ifndef MODMEM_OUTFILE_H
#define MODMEM_OUTFILE_H

#include <limits.h>
#include <stdbool.h>
#include <stdio.h>

struct error;

struct outfile {
	const char *path;	/* the caller's; to outlive it */
	FILE *stream;
	char temporary[PATH_MAX];	/* "": writes to @path itself */
};

/* Opens of->stream. 0 or a negative errno with @err set. */
int outfile_open(struct outfile *of, const char *path, struct error *err);

/*
 * Closes it, and puts it in its place if @good; else, or if something could not
 * be written, what was there stays. 0 or a negative errno with @err set.
 */
int outfile_close(struct outfile *of, bool good, struct error *err);

#endif
