/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * symfiles.h - files with symbols and debug info that fit a recording
 *
 * Looks for NAME.ko, packed or not, below the folders that were named (dashes
 * are underscores), for a vmlinux, and for separate debug files by name and by
 * build id (/usr/lib/debug/.build-id). A file of another build than was
 * recorded, of another machine or kernel is refused, and a note says so.
 */
#ifndef MODMEM_SYMFILES_H
#define MODMEM_SYMFILES_H

#include <stdbool.h>
#include <stddef.h>

struct companion;
struct elffile;
struct error;
struct source_info;
struct symfiles;

#define SYMFILES_DIRS_MAX 16u

struct symfiles_opts {
	const char *vmlinux;	/* NULL: looked for in the usual places */
	const char *module_dirs[SYMFILES_DIRS_MAX];	/* or single .ko files */
	size_t n_module_dirs;	/* 0: /lib/modules/RELEASE of the recording */
	const char *debug_dirs[SYMFILES_DIRS_MAX];
	size_t n_debug_dirs;	/* 0: /usr/lib/debug */
};

/*
 * @info and @companion (NULL: none) say what was recorded; all must outlive the
 * result. NULL with @err set: a folder that was named cannot be read, or a file
 * that was named does not fit. What is found in folders is only left out.
 */
struct symfiles *symfiles_new(const struct symfiles_opts *opts,
			      const struct source_info *info,
			      const struct companion *companion, struct error *err);
void symfiles_free(struct symfiles *sf);

/*
 * Opens the file of @module (NULL: vmlinux), with @debug one with debug info; to
 * be closed by the caller. NULL: none that fits; a note says why.
 */
struct elffile *symfiles_open(struct symfiles *sf, const char *module, bool debug);

/* The build id that was recorded of @module (NULL: vmlinux), NULL: none. */
const char *symfiles_recorded_id(const struct symfiles *sf, const char *module);

/* Adds a sentence that a reader of the report must know. */
void symfiles_say(struct symfiles *sf, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* All sentences so far. */
const char *const *symfiles_notes(struct symfiles *sf, size_t *n);

#endif
