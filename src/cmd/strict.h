/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * strict.h - what --strict says of a recording that is not good enough
 */
#ifndef MODMEM_STRICT_H
#define MODMEM_STRICT_H

#include <stddef.h>

struct snapshot;

/* One line on stderr, with all the reasons; returns STATUS_UNTRUSTED. */
int strict_fail(const struct snapshot *snap);

/* The same with @what in front, and with @n more reasons. */
int strict_fail_for(const struct snapshot *snap, const char *what,
		    const char *const *more, size_t n);

#endif
