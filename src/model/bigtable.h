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

/*
 * @n entries of @size bytes, zeroed, of which both are powers of two; NULL: no
 * memory. bigtable_free() takes the same sizes.
 */
static inline void *bigtable_alloc(size_t n, size_t size)
{
	size_t len = n * size, room = len + BIGTABLE_PAGE;
	uintptr_t start, at;
	void *map;

	if (len < BIGTABLE_PAGE)
		return calloc(n, size);
	map = mmap(NULL, room, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (map == MAP_FAILED)
		return NULL;
	/* from a multiple of the larger page on; what is around it goes back */
	start = (uintptr_t)map;
	at = (start + BIGTABLE_PAGE - 1) & ~(BIGTABLE_PAGE - 1);
	if (at > start)
		munmap(map, at - start);
	munmap((void *)(at + len), start + room - at - len);
	madvise((void *)at, len, MADV_HUGEPAGE);
	return (void *)at;
}

static inline void bigtable_free(void *table, size_t n, size_t size)
{
	if (n * size < BIGTABLE_PAGE)
		free(table);
	else if (table)
		munmap(table, n * size);
}

#endif
