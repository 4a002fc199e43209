/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * filetree.h - the module files below some folders, by the module's name
 */
#ifndef MODMEM_SYMBOLS_FILETREE_H
#define MODMEM_SYMBOLS_FILETREE_H

#include <stddef.h>

struct error;
struct filetree;

struct tree_file {
	char *name;		/* of the module, as lsmod has it */
	char *path;
};

/*
 * Everything called NAME.ko or NAME.ko.SOMETHING in or below @dirs (or such a
 * file itself), without following links to folders. A folder that is not there
 * is an error, unless @may_lack. NULL with @err set.
 */
struct filetree *filetree_new(const char *const *dirs, size_t n, int may_lack,
			      struct error *err);
void filetree_free(struct filetree *ft);

/* Files of the module called @name; *@n: how many. */
const struct tree_file *filetree_find(const struct filetree *ft, const char *name,
				      size_t *n);

#endif
