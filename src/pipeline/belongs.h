/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * belongs.h - is a saved /proc/kallsyms or /proc/modules of the boot that was
 * recorded?
 *
 * Where the kernel and its modules lie is another thing at each boot and for each
 * build. What a recording knows of it: symbols of its own, and return addresses. A
 * file that says otherwise would give wrong names to all of them.
 */
#ifndef MODMEM_BELONGS_H
#define MODMEM_BELONGS_H

#include <stddef.h>

struct error;
struct ksyms;
struct source;

/*
 * @own: the symbols of the recording @src, NULL: it has none that can be used. @file
 * was read from @path. 0: nothing speaks against it; -EINVAL with @err set: it is of
 * another boot, machine or build; or another negative errno.
 */
int belongs_kallsyms(const struct ksyms *own, const struct ksyms *file, struct source *src,
		     const char *path, struct error *err);

/* The same of @len bytes of /proc/modules. */
int belongs_modules(const struct ksyms *own, const char *text, size_t len,
		    struct source *src, const char *path, struct error *err);

#endif
