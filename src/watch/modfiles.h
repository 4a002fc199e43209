/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * modfiles.h - a small file for each module, for those who read files
 *
 * DIR/NAME says what the module holds, a line for each kind: "slab BYTES PAGES"; then
 * the sum, whether it is exact, and of when it is, since a number that nobody renews is
 * to be told from one that does not change. What a name has that is not for a file is
 * written as %XX.
 */
#ifndef MODMEM_MODFILES_H
#define MODMEM_MODFILES_H

#include <stddef.h>

struct error;
struct snapshot;

#define MODFILES_NAME_MAX 256u	/* bytes of a file's name, with its end */

/* The file's name for the module @name: never "", ".", one with a slash, or another's. */
void modfiles_name(char file[MODFILES_NAME_MAX], const char *name);

/*
 * Makes the folder if it is not there, and rewrites in it the files of all modules that
 * are loaded or hold something, each as a whole; those of others that have been written
 * by this go. 0 or a negative errno with @err set.
 */
int modfiles_write(const char *path, const struct snapshot *snap, struct error *err);

/* Removes what it wrote there. */
void modfiles_remove(const char *path);

#endif
