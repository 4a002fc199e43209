/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * page_frames.h - page frame numbers of kernels before 4.1, whose page events have
 * pointers to struct page
 *
 * Such a pointer is as good as a PFN once sizeof(struct page) is known: nobody writes
 * it down, but the pointers of many pages are multiples of it apart, those of blocks of
 * order N of it times 2^N (a buddy is aligned to its size, mm/page_alloc.c).
 */
#ifndef MODMEM_PAGE_FRAMES_H
#define MODMEM_PAGE_FRAMES_H

#include <stdbool.h>
#include <stdint.h>

struct fields;
struct formats;
struct source;

/*
 * Reads the page events of @src, before its first record was given, and fills
 * @f->frames. Where they do not show how large a struct page is, or @src is live, page
 * events are left out (formats_no_pages()). Nothing is done for later kernels.
 */
void page_frames_learn(struct formats *f, const struct fields *fields, struct source *src);

struct page_frames;

/*
 * Turns the pointer *@ptr into a PFN: NULL, of an allocation that failed, into -1 of the
 * traced machine. False: it points to no struct page.
 */
bool page_frames_pfn(const struct page_frames *pf, uint64_t *ptr);

#endif
