/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * probes.h - companion probes: kprobe events for what fires no event of its own
 *
 * A recorder puts them up beside its instance; a replay finds their events in
 * the file and needs nothing else of this header than this comment.
 *
 * How to recognise them: the system is PROBES_SYSTEM followed by the tag of the
 * recorder ("modmem_1234_5678"), the event's name is one of those below,
 * whatever the tag. A file holds those of one recorder; events of a probe that
 * could not be had are not in it. "long" is unsigned and as wide as the
 * kernel's long; fields go by name, there are more than are listed here
 * (__probe_ip and others; do not rely on __probe_ret_ip, another recorder's
 * probe may stand there). Formats say "u64 o0[16]" or "u64 o0[]" for an array,
 * depending on the kernel: size is right in both.
 *
 * Every event stands for itself. Those marked "stack" have a stack trace, a
 * kernel_stack record behind them as with any other event. It begins with
 * frames of the tracing itself. Some probes fire when the function returns:
 * then the last of those is a trampoline (arch_rethook_trampoline,
 * __kretprobe_trampoline, kretprobe_trampoline, ...), and what follows
 * is the caller of the probed function, which is no frame itself. Others fire
 * on entry: then the probed function is a frame (it is named below), and all
 * before it is tracing, a trampoline in module space among it.
 *
 *   rcu_free            kfree_rcu(), kvfree_rcu(): given up, to be freed when
 *     long head         a grace period is over. ptr < 4096: the object is
 *     long ptr          head - ptr. Otherwise it is ptr (head may be 0).
 *                       What frees it in the end may show as well: kfree,
 *                       vmalloc_free, bulk_free (with cache == 0). It cannot
 *                       be allocated again before, so a second free of an
 *                       address that was given up and was not handed out
 *                       since is of no account.
 *
 *   bulk_alloc    stack kmem_cache_alloc_bulk(): pointers 0 to 15,
 *   bulk_alloc_16 stack pointers 16 to 79, comes too if count > 16,
 *   bulk_alloc_80 stack pointers 80 to 335, comes too if count > 80
 *     long cache        struct kmem_cache *
 *     u32 size          bytes of an object as set aside (bytes_alloc)
 *     u32 object_size   and as asked for (bytes_req)
 *     string name       of the cache
 *     long count        objects of the whole call, all or none
 *     long array        where the caller has them
 *     s32|u8 ok         0: the call failed, nothing was allocated. (Number of
 *                       objects or just true, depending on the kernel)
 *     long o0[16]       bulk_alloc
 *     long o0[64]       bulk_alloc_16
 *     long o0[64] ... o3[64]  bulk_alloc_80. The first pointers count, up to
 *                       "count" of all parts; the rest is rubbish. Pointers
 *                       from 336 on (or of a part that this kernel has
 *                       no event for) are not known.
 *
 *   bulk_free           kmem_cache_free_bulk(), kfree_bulk(); the same parts:
 *   bulk_free_16        long cache (0: kfree_bulk(), kfree_rcu()), long count,
 *                       long array, long o0[]. There is no bulk_free_80,
 *                       pointers from 80 on are not known: bulks that large
 *                       come from kfree_rcu(), rcu_free has told of them.
 *                       cache == 0 and count > 80 is of no account then.
 *
 *   pages_had           alloc_pages_bulk() is called; slots 0 to 15 of the array,
 *   pages_had_16        16 to 79, comes too if count > 16,
 *   pages_had_80        80 to 271, comes too if count > 80. In any order.
 *     long array        where the caller has the pages; 0: it wants a list (up to
 *                       6.13)
 *     s32 count         slots of the whole array
 *     long o0[]...      what is in it: pointers to struct page, 0: to be filled. What is
 *                       behind "count" is rubbish.
 *   pages_bulk    stack ... and returns,
 *   pages_bulk_16 stack comes too if ok > 16,
 *   pages_bulk_80 stack comes too if ok > 80: the same slots, in the same task and
 *                       context, perhaps on another CPU
 *     long array
 *     s32 ok            slots that are filled now, one behind the other, or pages in
 *                       the list. Those that were filled on entry are not taken by
 *                       this call; one may have been told by mm_page_alloc as well.
 *     long base         the struct page of PFN 0 ...
 *     u32 unit          ... and its size: the others lie behind it
 *     long o0[]...
 *
 *   vmalloc      stack  pages were mapped into an area of vmalloc space. Only
 *     long addr         if the stack has __vmalloc_node_range* (or one of its
 *     long end          parts, __vmalloc_area_node*) as a caller of the probed
 *     or long size      function before any other than *vmap_pages_range*,
 *                       map_kernel_range* it is an area of vmalloc(),
 *                       kvmalloc(), of a thread's stack, of module text. (Else:
 *                       vmap(), per-CPU chunks, whose pages are accounted
 *                       elsewhere: to be passed over.) end - addr, or size,
 *                       are whole pages as allocated, without guard page.
 *                       A __vmalloc_node_range* that has another one further
 *                       out is the page array of that.
 *     long caller       return address of the probed function, where a register has
 *                       it: it is not on the stacks of each machine
 *   vmalloc_free        vfree(), vfree_atomic(), so kvfree() too; never NULL.
 *     long addr         The same address comes several times: when it is given
 *                       up, and when the area is taken out (remove_vm_area(),
 *                       which fires for ioremap() and vmap() as well). The
 *                       first one counts.
 *
 *   dma_pool_alloc stack
 *     long size         of a block
 *     long addr         0: it failed
 *   dma_pool_free
 *     long addr
 *
 *   module_map          a module's memory is laid out and no code of it has
 *     string name       run. (It may yet fail to load.) Before 6.4:
 *     long mod          struct module *
 *     long core, init   base addresses, 0: none; text comes first in both
 *     u32 core_size, core_text_size, init_size, init_text_size
 *                       from 6.4, one pair each (base, size):
 *     long text, data, rodata, ro_after_init, init_text, init_data, init_rodata
 *     u32 text_size, data_size, ...
 *     u32 percpu_size   static per-CPU data, of one CPU; where there is any
 *   module_unmap        one region (text or data, init or not) is freed:
 *     long addr         its base. Init regions go when init is done.
 */
#ifndef MODMEM_PROBES_H
#define MODMEM_PROBES_H

#include <stdbool.h>
#include <stddef.h>

struct error;
struct probes;

#define PROBES_SYSTEM	"modmem_"	/* + tag */
#define PROBES_TAG_MAX	32u		/* bytes, without the end */

/*
 * Puts up all probes that this kernel can have, none of them enabled.
 * @tracefs is where tracefs is mounted, @instance the name of the recorder's
 * instance, @tag (letters, digits, _) is the recorder's own: no other
 * recorder on this machine, dead or alive, may have it at the same time.
 *
 * Returns 0, also if not one probe can be had: probes_lines() says why. A
 * negative errno, with @err filled, only if memory ran out or @tag is
 * malformed; nothing is left behind then and *@out is NULL.
 */
int probes_install(struct probes **out, const char *tracefs,
		   const char *instance, const char *tag, struct error *err);

/* Switches on what is installed. What refuses becomes blind, with a reason. */
void probes_enable(struct probes *p);

/* ... and off again, so that nothing of it is recorded any more. */
void probes_disable(struct probes *p);

/* Reads which calls they missed so far: probes_lines() says it. */
void probes_count(struct probes *p);

/*
 * "NAME covered" or "NAME blind REASON", NULL at the end. Calls that a probe missed, as
 * far as they were counted, are said here ("NAME blind in part: N of M calls were
 * missed"). Final once probes_disable() was called. Belongs to @p, good until the
 * next call.
 */
const char *const *probes_lines(struct probes *p);

/*
 * "SYSTEM/EVENT" of every event that can show in the buffer, NULL at the end:
 * the formats that the file must have. Belongs to @p.
 */
const char *const *probes_events(const struct probes *p);

/*
 * Takes all down and frees @p (may be NULL). To be called before the instance
 * is removed: a probe in use by an instance cannot go, and an instance with
 * such triggers neither. Returns 0, or a negative errno if something is left,
 * with @err filled.
 */
int probes_remove(struct probes *p, struct error *err);

/*
 * Takes down what recorders left behind for whose tag @dead says so, in all
 * instances. To be called before their instances are removed. Returns how
 * many probes were removed, or a negative errno with @err filled.
 */
int probes_clean(const char *tracefs, bool (*dead)(const char *tag, void *data),
		 void *data, struct error *err);

#endif
