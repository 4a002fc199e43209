/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * keep.h - the last reports: FILE, FILE.1 before it, FILE.2 before that
 */
#ifndef MODMEM_KEEP_H
#define MODMEM_KEEP_H

#include <stddef.h>
#include <stdint.h>

struct error;
struct snapshot;

/* Can @path be replaced, and keep @keep of them? 0 or a negative errno with @err set. */
int keep_check(const char *path, uint64_t keep, struct error *err);

/*
 * Makes @snap the report @path, as modmem.report/2, packed if its name ends in .zst. At
 * any moment @path is a whole report: this one, or the one before, which is
 * kept as @path.1 if @keep, the number of all, is more than 1. What cannot be written
 * replaces nothing and moves none. 0, or a negative errno with @err set.
 */
int keep_report(const char *path, uint64_t keep, const struct snapshot *snap,
		struct error *err);

#endif
