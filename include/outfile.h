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

/*
 * Renames @fd, the file @from of the folder @from_dir, to @to of @to_dir (AT_FDCWD: of
 * the working directory), so that a power cut leaves what was called @to before or
 * all of the file: it is on the disk before it gets the name, and the name is when
 * this returns, so what the file was made of may go. 0 or a negative errno; @renamed
 * (may be NULL) tells whether it has the name nevertheless.
 */
int outfile_rename(int fd, int from_dir, const char *from, int to_dir, const char *to,
		   bool *renamed);

/* Opens of->stream. 0 or a negative errno with @err set. */
int outfile_open(struct outfile *of, const char *path, struct error *err);

/*
 * Closes it, and puts it in its place if @good; else, or if something could not
 * be written, what was there stays. 0 or a negative errno with @err set.
 */
int outfile_close(struct outfile *of, bool good, struct error *err);

#endif
