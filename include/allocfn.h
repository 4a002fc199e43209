/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * allocfn.h - what the name of a core kernel function says of a stack
 *
 * Which functions are allocators (skipped when looking for the caller), which
 * of their internals tell what the memory is for, and where an interrupt,
 * softirq or exception began. Function names drift between kernels; all the
 * names are in one table, src/model/allocfn.c.
 */
#ifndef MODMEM_ALLOCFN_H
#define MODMEM_ALLOCFN_H

#include <stddef.h>
#include <stdint.h>

#define FN_TRACING	0x00001u	/* the tracer's own frames, trampolines: never a caller */
#define FN_ENTRY	0x00002u	/* below lies code that was interrupted */
#define FN_ALLOC	0x00004u	/* an allocator: not the caller */
#define FN_INITCALL	0x00008u	/* do_one_initcall: calls a module's init */
#define FN_INIT_MODULE	0x00010u	/* do_init_module: ... on loading it */
#define FN_LARGE	0x00020u	/* kmalloc that is served with pages */
#define FN_PTABLE	0x00040u	/* page tables, of whatever comes further out */
/* what the memory is for; the innermost mark counts */
#define FN_SLAB		0x00100u	/* pages behind a slab cache */
#define FN_EXTS		0x00200u	/* vectors beside a slab */
#define FN_SHEAF	0x00400u	/* per-CPU arrays of objects */
#define FN_VMAP		0x00800u	/* bookkeeping of the vmalloc area */
#define FN_VMALLOC	0x01000u	/* pages of a vmalloc, or its bookkeeping */
#define FN_PCPU		0x02000u	/* chunks of the per-CPU allocator */
#define FN_RCU		0x04000u	/* pointer blocks of kvfree_rcu */
#define FN_DEBUG	0x08000u	/* page_owner, stack depot, kmemleak, kasan */
#define FN_DMA		0x10000u	/* coherent DMA memory */
#define FN_MARKS	0x1ff00u
/* ... but of these also one around a vmalloc: what allocators have for themselves */
#define FN_SELF		(FN_EXTS | FN_SHEAF | FN_PCPU | FN_RCU | FN_DEBUG)
/* on the way of a free */
#define FN_VFREE	0x20000u	/* gives back pages of a vmalloc */
#define FN_CMA		0x40000u	/* contiguous memory allocator */
#define FN_FREE		0x4000000u	/* gives back pages, whoever took them */

#define FN_MAPPING	0x80000u	/* puts pages into vmalloc space */
#define FN_RETURN	0x100000u	/* stands in the place of a return address */
#define FN_GRAPH	0x400000u	/* ... put there by function_graph, of any function */
#define FN_KNOWN	0x200000u	/* has been looked up */
#define FN_AREA		0x800000u	/* makes the struct of a vmalloc area */
#define FN_TABLE	0x1000000u	/* makes the bucket table of an rhashtable ... */
#define FN_TABLE_FIRST	0x2000000u	/* ... the first one of a new one */
#define FN_HANDLER	0x8000000u	/* runs a probe: what it interrupted comes next */
#define FN_AREA_USER	0x10000000u	/* takes areas of vmalloc's core */

/* Flags of the core kernel function @name. */
uint32_t allocfn_flags(const char *name);

/*
 * The name by which a caller knows the allocator @name: suffixes of compiler
 * and kernel (.isra.0, _noprof) dropped, inner names put back to those of the
 * API (__kmalloc_cache is kmalloc). Written to @buf; returns it.
 */
const char *allocfn_via(const char *name, char *buf, size_t size);

/* Copies @name without the compiler's and the kernel's suffixes. */
const char *allocfn_plain(const char *name, char *buf, size_t size);

#endif
