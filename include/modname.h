/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * modname.h - a module by any of its names
 *
 * The kernel's own name has underscores, files and people have dashes too; both
 * are the same to modprobe, which takes a path as well: kernel/drivers/x-y.ko.xz is
 * x_y. kbuild makes the name of the file's in this way (scripts/Makefile.lib,
 * name-fix). What stands in brackets, [kernel] or a range of a pattern, is no name
 * of a file and stays.
 */
#ifndef MODMEM_MODNAME_H
#define MODMEM_MODNAME_H

#include <stdbool.h>
#include <stddef.h>

/*
 * The kernel's name for the first @len bytes of @text, of a module or its file, cut
 * to @size. Returns its length; 0, and "" in @name: there is none.
 */
size_t modname_set(char *name, size_t size, const char *text, size_t len);

/* Is this @module, whatever way both are written? */
bool modname_same(const char *text, size_t len, const char *module);

/* Is one of the comma list @names? NULL names none. */
bool modname_listed(const char *names, const char *module);

/* Bytes of NAME of a file called NAME.ko, NAME.ko.xz, ..., behind its folder; 0: it is not. */
size_t modname_of_file(const char *base);

#endif
