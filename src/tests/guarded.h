/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * guarded.h - text in front of a page that cannot be read
 */
#ifndef MODMEM_TESTS_GUARDED_H
#define MODMEM_TESTS_GUARDED_H

#include <stddef.h>

/* A copy of @len bytes, good until the next call: who reads one more is killed. */
const char *guarded(const void *data, size_t len);

#endif
