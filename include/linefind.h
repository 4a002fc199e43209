/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * linefind.h - source lines of places in an ELF file, from its debug info
 *
 * elfutils is not made for files that somebody built to break it: what looks into
 * debug info runs in a process of its own, which is killed if it crashes or does
 * not come to an end. DWARF 5, elfutils/libdw.h, libdwfl.h.
 */
#ifndef MODMEM_LINEFIND_H
#define MODMEM_LINEFIND_H

#include <stddef.h>
#include <stdint.h>

struct arena;
struct elffile;
struct error;

/* A byte of a section (or at an address, where the file has addresses). */
struct line_query {
	uint32_t section;
	uint64_t value;
};

/* A line of code in a function, or in one that was inlined into it. */
struct line_frame {
	const char *function;	/* NULL: debug info does not say */
	const char *file;	/* source tree's own path where it can be told */
	uint32_t line;
};

/* Frames from the function outwards in: the first is its own line. */
struct line_answer {
	const struct line_frame *frames;
	size_t n;		/* 0: no debug info of that place */
};

/*
 * Fills @answers for @n queries in @ef; strings belong to @arena. -ENODATA: the
 * file has no debug info, -EBADMSG: it is damaged, both with @err set; what was
 * answered before stays.
 */
int linefind(const struct elffile *ef, const struct line_query *queries,
	     struct line_answer *answers, size_t n, struct arena *arena,
	     struct error *err);

/* Whether @ef has debug info with lines at all. */
int linefind_possible(const struct elffile *ef);

#endif
