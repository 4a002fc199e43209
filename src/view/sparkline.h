/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sparkline.h - a curve in one line of text
 */
#ifndef MODMEM_SPARKLINE_H
#define MODMEM_SPARKLINE_H

#include <stddef.h>
#include <stdint.h>

struct snap_point;

#define SPARKLINE_CELLS 24u

/*
 * The most of each part of @n buckets, from nothing (a blank) to @peak, in
 * blocks, or in ASCII where the locale is not UTF-8. Allocated; NULL: no memory.
 */
char *sparkline(const struct snap_point *points, size_t n, uint64_t peak);

#endif
