/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * pageowner.h - the text of /sys/kernel/debug/page_owner, as a text log
 *
 * An entry for each block of pages that was allocated when it was read, with the
 * stack that took it (mm/page_owner.c, print_page_owner()):
 *
 *	Page allocated via order 0, mask 0x52cc0(GFP_...), pid 1, tgid 1 (init), ts 5 ns
 *	PFN 0x1005 type Unmovable Block 8 type Unmovable Flags 0x...(...)
 *	 post_alloc_hook+0x4f/0x7a
 *	 f+0x1/0x9 [m]
 *	Charged to ..., Page has been migrated, ...
 *
 * Before 5.11 without a time, before 6.1 without tgid and name; PFN was decimal.
 *
 * Or what tools/mm/page_owner_sort makes of it: what is alike once, without PFN, behind
 * a line that says how often it was there; without the first line, too (--cull):
 *
 *	3 times, 12 pages:
 *
 * Such blocks get numbers of their own, which mean nothing.
 * Slab objects and per-CPU memory are not in it, the pages behind them are.
 */
#ifndef MODMEM_PAGEOWNER_H
#define MODMEM_PAGEOWNER_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct error;

/* Such a text begins in these @len bytes of a file. */
bool pageowner_is_text(const void *data, size_t len);

/* What there is to be said of it. */
struct pageowner {
	uint64_t entries;
	uint64_t bad;		/* that are not whole: cut off, or of something else */
	uint64_t merged;	/* of which the pages are known and not the blocks */
};

/*
 * Reads it from @fd to its end, of which the @len bytes at @head were read before,
 * and writes what "cat trace" would have shown of these allocations, in the order of
 * time. Returns a descriptor of that text, whose owner is the caller, or a negative
 * errno with @err set. @stop: set, it ends here; or NULL.
 */
int pageowner_convert(int fd, const char *name, const void *head, size_t len,
		      const volatile sig_atomic_t *stop, struct pageowner *owner,
		      struct error *err);

#endif
