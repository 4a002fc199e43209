/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * bigtable.h - memory for tables that are looked into at random
 *
 * A table of many megabytes in pages of 4 KiB misses the TLB at nearly each
 * look: where the kernel has larger pages to give, they are asked for
 * (madvise(2), MADV_HUGEPAGE).
 */
#ifndef MODMEM_BIGTABLE_H
#define MODMEM_BIGTABLE_H

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>

#define BIGTABLE_PAGE ((uintptr_t)2 << 20)

/* As calloc(3); free(3) it. */
static inline void *bigtable_calloc(size_t n, size_t size)
{
	void *table = calloc(n, size);
	uintptr_t start = ((uintptr_t)table + BIGTABLE_PAGE - 1) & ~(BIGTABLE_PAGE - 1);
	uintptr_t end = ((uintptr_t)table + n * size) & ~(BIGTABLE_PAGE - 1);

	if (table && end > start)
		madvise((void *)start, end - start, MADV_HUGEPAGE);
	return table;
}

#endif
