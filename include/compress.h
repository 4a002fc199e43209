/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * compress.h - makes a compressed trace.dat of one that is not
 *
 * A recorder has no time to compress; what it wrote, or trace-cmd, is version 6. It
 * becomes version 7 (trace-cmd.dat.v7(5)), which trace-cmd reads from 3.1 on: the same
 * headers, options and pages, packed with zstd, each COMPANION_PIECE bytes of pages for
 * themselves, so that a reader unpacks one piece of each CPU at a time.
 */
#ifndef MODMEM_COMPRESS_H
#define MODMEM_COMPRESS_H

#include <signal.h>
#include <stdint.h>

struct error;

#define COMPRESS_LEVEL		3u	/* what zstd(1) does if not told otherwise */
#define COMPRESS_LEVEL_MAX	19u	/* above that it takes memory without bounds */

struct compress_opts {
	int level;		/* 1 to COMPRESS_LEVEL_MAX */
	const volatile sig_atomic_t *stop;	/* set: leave it as it is; NULL: nobody does */
	void (*progress)(void *arg, uint64_t done, uint64_t total);	/* bytes; NULL: none */
	void *progress_arg;
};

/*
 * Replaces the recording @path, as outfile.h does, by a compressed one; @bytes: of that.
 * 0, or a negative errno with @err set and the file as it was: -EALREADY: it is of
 * version 7; -EBADMSG: it is damaged, which would not be seen any more; -EINTR: stopped.
 */
int compress_recording(const char *path, const struct compress_opts *opts, uint64_t *bytes,
		       struct error *err);

#endif
