/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sections.h - a trace.dat of version 7 one of whose sections ends where the file
 * does, and the file where a page does: nothing that can be read follows
 */
#ifndef MODMEM_TESTS_SECTIONS_H
#define MODMEM_TESTS_SECTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tracefile.h"

/*
 * Appends section @id (16 to 21, tracedat.h) with the @len bytes of @text, as it is
 * in the file, to the plain file @file, which tells of it from then on. False: it is
 * no such file, or tells of no such section.
 */
bool section_append(struct out *file, uint16_t id, const void *text, size_t len);

/*
 * The same with the first @keep bytes of what the section holds now, or all; where it
 * is one text with its size in front, so long is the text now.
 */
bool section_cut(struct out *file, uint16_t id, size_t keep);

/* Bytes of the section, 0: there is none, or it is packed. */
size_t section_len(struct out *file, uint16_t id);

#endif
