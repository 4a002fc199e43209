/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * imports.h - what each module of a recording can call that leaves no event
 *
 * From what modmem's recorder wrote of the modules' files (companion.h, "imports"),
 * else from the files themselves (symfiles.h), which have to fit the recording.
 */
#ifndef MODMEM_IMPORTS_H
#define MODMEM_IMPORTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "silent.h"

struct companion;
struct imports;
struct source_info;
struct symfiles;
struct symfiles_opts;

struct imports *imports_new(void);	/* NULL: no memory */
void imports_free(struct imports *im);

/*
 * A text of "MODULE\tSYMBOL SYMBOL ..." lines, "MODULE\t?" where there was no file.
 * 0 or -ENOMEM.
 */
int imports_add(struct imports *im, const char *text, size_t len);

/*
 * Where else to look, on demand: in @files, or, should that be NULL, in what @opts
 * names. All of it must outlive @im.
 */
void imports_look_in(struct imports *im, struct symfiles *files,
		     const struct symfiles_opts *opts, const struct source_info *info,
		     const struct companion *companion);

/*
 * True: the file of @module is known, and *@calls are the functions that it can call,
 * SILENT_BIT()s. False: it is not, and *@calls is all of them. A module that was loaded
 * from several files can call what any of them can. With @read, the file is looked for
 * at the first time of asking, if nothing was recorded.
 */
bool imports_of(struct imports *im, const char *module, bool read, uint32_t *calls);

/* A file of @module is known that registers a shrinker: the kernel asks it for memory back. */
bool imports_shrink(struct imports *im, const char *module);

#endif
