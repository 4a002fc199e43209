/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * profilers.h - what the running kernel has that knows who allocated, since boot
 *
 *	page_owner	/sys/kernel/debug/page_owner: there if it was switched on at boot
 *			(mm/page_owner.c, pageowner_init())
 *	slab traces	/sys/kernel/slab/NAME/store_user is 1 (slub_debug=U): see
 *			/sys/kernel/debug/slab/NAME/alloc_traces, before 5.14
 *			/sys/kernel/slab/NAME/alloc_calls
 *	allocinfo	/proc/allocinfo, which sysctl vm.mem_profiling switches off
 */
#ifndef MODMEM_PROFILERS_H
#define MODMEM_PROFILERS_H

#include <stddef.h>

/*
 * "page_owner", "slab_traces NAME,NAME,..." and "allocinfo off", a line each, of what
 * there is below @root ("": the running kernel's own). Allocated, "" if there is
 * none; NULL: no memory.
 */
char *profilers_found(const char *root);

#endif
