/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * linefind_dwarf.h - the part of linefind that uses libdw: may crash, may hang
 */
#ifndef MODMEM_SYMBOLS_LINEFIND_DWARF_H
#define MODMEM_SYMBOLS_LINEFIND_DWARF_H

#include <stddef.h>

#include "linefind.h"

#define LINE_FRAMES_MAX 32u

/* Told of an answer, innermost frame first. Not 0: stop. */
typedef int line_found_fn(void *arg, size_t query, const struct line_frame *frames,
			  size_t n);

/* 0, -ENODATA: no debug info that libdw can read, or what @found returned. */
int linefind_dwarf(const struct elffile *ef, const struct line_query *queries,
		   size_t n, line_found_fn *found, void *arg);

#endif
