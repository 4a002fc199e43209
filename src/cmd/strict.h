/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * strict.h - what --strict says of a recording that is not good enough
 */
#ifndef MODMEM_STRICT_H
#define MODMEM_STRICT_H

#include <stddef.h>

struct snapshot;

/*
 * Is what the modules of the comma list @modules hold known exactly? NULL: of all that
 * ever held anything, but the core kernel, which is looked at if it is named. Returns
 * STATUS_FINE; or STATUS_UNTRUSTED, with one line on stderr: all reasons, which
 * modules, and what to do.
 */
int strict_check(const struct snapshot *snap, const char *modules);

/*
 * It is not, or not for what the command has to say: that line with @what in front, and
 * @n reasons of the command's own instead of those of rows.
 */
int strict_fail(const struct snapshot *snap, const char *modules, const char *what,
		const char *const *more, size_t n);

#endif
