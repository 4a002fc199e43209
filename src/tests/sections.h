/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sections.h - a trace.dat one of whose sections is cut short
 *
 * In version 7 it ends where the file does, and the file where a page does: nothing
 * that can be read follows. In version 6 sections follow each other.
 */
#ifndef MODMEM_TESTS_SECTIONS_H
#define MODMEM_TESTS_SECTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tracefile.h"

/*
 * Appends section @id (16 to 21, tracedat.h) with the @len bytes of @text, plain, to
 * @file, of version 7, which tells of it from then on. False: it is no such file, or
 * tells of no such section.
 */
bool section_append(struct out *file, uint16_t id, const void *text, size_t len);

/*
 * What the section holds is cut to its first @keep bytes, or all; where it is one text
 * with its size in front, so long is the text now. In version 7 it is appended, and
 * with @pack packed as the file's are. In version 6 it stays where it is: what it loses
 * the next one gains that nobody reads. False: it cannot be found.
 */
bool section_cut(struct out *file, uint16_t id, size_t keep, bool pack);

/* Bytes of the section, unpacked; 0: it is not there. */
size_t section_len(struct out *file, uint16_t id);

#endif
