/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * strict.h - what --strict says of a recording that is not good enough
 */
#ifndef MODMEM_STRICT_H
#define MODMEM_STRICT_H

struct snapshot;

/* One line on stderr, with all the reasons; returns STATUS_UNTRUSTED. */
int strict_fail(const struct snapshot *snap);

#endif
