// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * coldescs.c - the columns of every --by
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "columns.h"
#include "marks.h"
#include "rows.h"
#include "sparkline.h"
#include "text.h"

#define D COL_DEFAULT
#define S COL_SUM

#define NUMBER(name_, type_, flags_, row_, field, help_)		\
	{ .name = (name_), .type = (type_), .flags = (flags_),		\
	  .offset = offsetof(struct row_, field), .help = (help_) }
#define BOUNDED(name_, type_, flags_, row_, field, why_, help_)		\
	{ .name = (name_), .type = (type_), .flags = (flags_),		\
	  .offset = offsetof(struct row_, field),			\
	  .why = offsetof(struct row_, why_), .help = (help_) }
#define COMPUTED(name_, type_, flags_, function, help_)			\
	{ .name = (name_), .type = (type_), .flags = (flags_),		\
	  .number = (function), .help = (help_) }
#define TEXT(name_, flags_, function, help_)				\
	{ .name = (name_), .type = COL_TEXT, .flags = (flags_),		\
	  .text = (function), .help = (help_) }

static int copy(const char *from, char **text)
{
	*text = from ? text_printable(from) : NULL;
	return from && !*text ? -1 : 0;
}

static int module_name(const struct row *row, char **text)
{
	return copy(row->module->name, text);
}

static int module_state(const struct row *row, char **text)
{
	return copy(module_state_name(row->module->state), text);
}

static bool module_requested(const struct row *row, uint64_t *value)
{
	*value = 0;
	for (int i = 0; i < KIND_MAX; i++)
		*value += row->module->live[i].requested;
	return true;
}

static int module_timeline(const struct row *row, char **text)
{
	const struct snap_series *ss = row->snap->series;
	const struct snap_point *points;

	*text = NULL;
	points = ss ? ss->modules[row->module - row->snap->modules] : NULL;
	if (points)
		*text = sparkline(points, ss->n_buckets, row->module->peak_bytes);
	return points && !*text ? -1 : 0;
}

static bool module_objects(const struct row *row, uint64_t *value)
{
	*value = 0;
	for (int i = 0; i < KIND_MAX; i++)
		*value += row->module->live[i].objects;
	return true;
}

static bool module_dma_blocks(const struct row *row, uint64_t *value)
{
	*value = row->module->dma_blocks.bytes;
	return row->snap->dma_blocks_known;
}

/* Not known of a module whose code and data are not; others have none. */
static bool module_total(const struct row *row, uint64_t *value)
{
	const struct snap_module *m = row->module;

	*value = m->live_bytes + (m->static_bytes > 0 ? (uint64_t)m->static_bytes : 0);
	return m->state != MODULE_LOADED || m->static_bytes >= 0;
}

static int bound_text(uint32_t why, char **text)
{
	return copy(bound_name(bound_of(why)), text);
}

static int why_text(uint32_t why, char **text)
{
	*text = marks_names(why);
	return *text ? 0 : -1;
}

static int module_bound(const struct row *row, char **text)
{
	return bound_text(row->module->why, text);
}

static int module_why(const struct row *row, char **text)
{
	return why_text(row->module->why, text);
}

#define MODULE(name, type, flags, field, help)				\
	NUMBER(name, type, flags, snap_module, field, help)

static const struct coldesc module_columns[] = {
	TEXT("MODULE", D, module_name,
	       "[kernel]: outside modules, [unknown]: of no known module"),
	TEXT("STATE", 0, module_state, "loaded, unloaded, kernel or unknown"),
	BOUNDED("SLAB", COL_BYTES, D | S, snap_module, live[KIND_SLAB].bytes,
		kind_why[KIND_SLAB],
	       "live in slab objects: kmalloc, kmem_cache_alloc"),
	BOUNDED("PAGES", COL_BYTES, D | S, snap_module, live[KIND_PAGES].bytes,
		kind_why[KIND_PAGES],
	       "live in whole pages, large kmallocs among them"),
	BOUNDED("VMALLOC", COL_BYTES, D | S, snap_module, live[KIND_VMALLOC].bytes,
		kind_why[KIND_VMALLOC],
	       "live in vmalloc memory, as far as events show it"),
	BOUNDED("PERCPU", COL_BYTES, D | S, snap_module, live[KIND_PERCPU].bytes,
		kind_why[KIND_PERCPU],
	       "live in per-CPU memory, all CPUs"),
	BOUNDED("DMA", COL_BYTES, D | S, snap_module, live[KIND_DMA].bytes,
		kind_why[KIND_DMA],
	       "live in coherent DMA memory and DMA pools"),
	COMPUTED("DMA_BLOCKS", COL_BYTES, S, module_dma_blocks,
	       "part of DMA that DMA pools have given out, if a probe told"),
	BOUNDED("LIVE", COL_BYTES, D | S, snap_module, live_bytes,
		why,
	       "sum of these five: what the module itself took and holds"),
	MODULE("BEFORE", COL_BYTES, COL_WITH_BEFORE | COL_SIGNED | S, before_bytes,
	       "held when the recording began, by /proc/allocinfo; not in LIVE"),
	BOUNDED("INDUCED", COL_BYTES, D | S, snap_module, induced_bytes,
		induced_why,
	       "live, taken by core kernel code on its behalf; not in LIVE"),
	MODULE("OVERHEAD", COL_BYTES, COL_WITH_OVERHEAD | S, overhead_bytes,
	       "taken by allocators to serve the module; not in LIVE"),
	MODULE("SLAB_PAGES", COL_BYTES, S, overhead[OVERHEAD_SLAB_PAGES].bytes,
	       "overhead: page blocks behind slab caches"),
	MODULE("SLAB_EXTS", COL_BYTES, S, overhead[OVERHEAD_SLAB_EXTS].bytes,
	       "overhead: vectors beside slabs, for accounting"),
	MODULE("SHEAVES", COL_BYTES, S, overhead[OVERHEAD_SHEAVES].bytes,
	       "overhead: per-CPU object arrays of slab caches"),
	MODULE("VMAP", COL_BYTES, S, overhead[OVERHEAD_VMAP].bytes,
	       "overhead: areas, page arrays and page tables of vmalloc"),
	MODULE("PERCPU_CHUNKS", COL_BYTES, S, overhead[OVERHEAD_PERCPU_CHUNKS].bytes,
	       "overhead: chunks behind the per-CPU allocator"),
	MODULE("RCU", COL_BYTES, S, overhead[OVERHEAD_RCU].bytes,
	       "overhead: pointer blocks of kvfree_rcu"),
	MODULE("DEBUG", COL_BYTES, S, overhead[OVERHEAD_DEBUG].bytes,
	       "overhead: page_owner, kmemleak, KASAN and their like"),
	MODULE("STATIC_PERCPU", COL_BYTES, S, overhead[OVERHEAD_STATIC_PERCPU].bytes,
	       "overhead: static per-CPU data, taken by the loader"),
	BOUNDED("PEAK", COL_BYTES, D, snap_module, peak_bytes,
		why,
	       "most that LIVE ever was, at one moment"),
	MODULE("PEAK_TIME", COL_TIME, COL_SIGNED, peak_ns, "when that was"),
	MODULE("STATIC", COL_BYTES, COL_OF_LOADED | COL_SIGNED | S, static_bytes,
	       "code and data, whole pages with guard pages: modmem static"),
	MODULE("LSMOD", COL_BYTES, COL_OF_LOADED | COL_SIGNED | S, fixed.lsmod_bytes,
	       "size of that as lsmod has it"),
	{ .name = "TOTAL", .type = COL_BYTES, .flags = COL_OF_LOADED | S,
	  .number = module_total, .why = offsetof(struct snap_module, why),
	  .help = "STATIC and LIVE in one sum" },
	MODULE("UNCERTAIN", COL_BYTES, S, uncertain_bytes,
	       "part of LIVE whose frees may have gone unseen"),
	COMPUTED("REQUESTED", COL_BYTES, S, module_requested,
	       "part of LIVE that was asked for; the rest is rounding"),
	COMPUTED("OBJECTS", COL_COUNT, S, module_objects,
	       "number of live allocations"),
	MODULE("ALLOCATED", COL_BYTES, S, allocated_bytes,
	       "taken in all; LIVE = ALLOCATED - FREED - EVICTED"),
	MODULE("FREED", COL_BYTES, S, freed_bytes, "given back"),
	MODULE("EVICTED", COL_BYTES, S, evicted_bytes,
	       "dropped: its free went unseen (address given again, or slab freed)"),
	MODULE("ALLOCS", COL_COUNT, D | S, allocs, "number of allocations"),
	MODULE("FREES", COL_COUNT, D | S, frees, "number of frees"),
	MODULE("FAILED", COL_COUNT, S, failed,
	       "number of allocations that failed"),
	MODULE("LEAKED", COL_BYTES, COL_OF_REMOVED | COL_SIGNED | S, leaked_bytes,
	       "still held when the module was unloaded"),
	TEXT("BOUND", 0, module_bound, "LIVE is exact, at_least, at_most or about"),
	TEXT("WHY", 0, module_why, "causes of that, as modmem-report(1) has them"),
	TEXT("TIMELINE", COL_WITH_TIMELINE, module_timeline,
	       "LIVE over the whole time, up to PEAK; with --timeline"),
	{ 0 }
};

static const struct snap_site *site(const struct row *row)
{
	return row->data;
}

static int site_function(const struct row *row, char **text)
{
	const struct snap_site *s = site(row);

	*text = text_place(s->function, s->offset, s->number, s->no_offset);
	return *text ? 0 : -1;
}

static int site_kind(const struct row *row, char **text)
{
	return copy(mem_kind_name(site(row)->kind), text);
}

static int site_via(const struct row *row, char **text)
{
	return copy(site(row)->via, text);
}

static int site_charge(const struct row *row, char **text)
{
	return copy(charge_name(site(row)->charge), text);
}

/* "x.c:55, inlined kzalloc slab.h:720": the function's own line comes first */
static int site_source(const struct row *row, char **text)
{
	const struct snap_site *s = site(row);
	char *all = s->source ? strdup(s->source) : NULL, *longer;
	int ret = 0;

	for (size_t i = 0; all && i < s->n_inlined; i++) {
		const struct snap_inline *in = &s->inlined[i];

		longer = text_format("%s%s %s %s", all, i ? "," : ", inlined",
				     in->function ? in->function : "?", in->source);
		free(all);
		all = longer;
	}
	if (all)
		ret = copy(all, text);
	else
		*text = NULL;
	free(all);
	return ret || (s->source && !all) ? -1 : 0;
}

static int site_bound(const struct row *row, char **text)
{
	return bound_text(site(row)->why, text);
}

static int site_why(const struct row *row, char **text)
{
	return why_text(site(row)->why, text);
}

#define SITE(name, type, flags, field, help)				\
	NUMBER(name, type, flags, snap_site, field, help)

static const struct coldesc site_columns[] = {
	TEXT("MODULE", D | COL_LAST, module_name, "module that is charged"),
	TEXT("FUNCTION", D | COL_LAST, site_function,
	       "its function and the offset in it; ?: no symbol there, ?#2 is another such place"),
	TEXT("KIND", D, site_kind, "slab, pages, vmalloc, percpu or dma"),
	TEXT("VIA", D | COL_LAST | COL_TRUNC, site_via,
	       "its call: the allocator, or, if induced, the kernel function"),
	TEXT("CHARGE", D, site_charge,
	       "own: taken by the module; induced: by the kernel for it"),
	BOUNDED("LIVE", COL_BYTES, D | S, snap_site, live_bytes, why, "live bytes"),
	SITE("OBJECTS", COL_COUNT, D | S, live_objects,
	       "number of live allocations"),
	SITE("ALLOCS", COL_COUNT, D | S, allocs, "number of allocations"),
	SITE("FREES", COL_COUNT, D | S, frees, "number of frees"),
	SITE("REQUESTED", COL_BYTES, S, requested_bytes,
	       "part of LIVE that was asked for; the rest is rounding"),
	BOUNDED("PEAK", COL_BYTES, 0, snap_site, peak_bytes, why,
		"most that LIVE ever was, at one moment"),
	SITE("ALLOCATED", COL_BYTES, S, allocated_bytes, "taken in all"),
	SITE("EVICTED", COL_BYTES, S, evicted_bytes,
	       "dropped: its free went unseen (address given again, or slab freed)"),
	SITE("UNCERTAIN", COL_BYTES, S, uncertain_bytes,
	       "part of LIVE whose frees may have gone unseen"),
	SITE("OLDEST", COL_TIME, COL_SIGNED, oldest_ns,
	       "when the oldest live allocation was made"),
	TEXT("BOUND", 0, site_bound, "LIVE is exact, at_least, at_most or about"),
	TEXT("WHY", 0, site_why, "causes of that, as modmem-report(1) has them"),
	TEXT("SOURCE", COL_WITH_LINES | COL_LAST | COL_TRUNC, site_source,
	       "file and line, and what was inlined there; with --lines"),
	{ 0 }
};

static const struct snap_cache *cache(const struct row *row)
{
	return row->data;
}

static int cache_name(const struct row *row, char **text)
{
	return copy(cache(row)->name, text);
}

static bool cache_use(const struct row *row, uint64_t *value)
{
	const struct snap_cache *c = cache(row);

	if (!c->slots || c->used < 0)
		return false;
	*value = 100 * (uint64_t)c->used / c->slots;
	return true;
}

static int cache_note(const struct row *row, char **text)
{
	const struct snap_cache *c = cache(row);

	if (c->free_blind && c->name_listed)
		return copy("free-blind, name by size", text);
	return copy(c->free_blind ? "free-blind" : c->name_listed ? "name by size" :
		    NULL, text);
}

static int cache_bound(const struct row *row, char **text)
{
	return bound_text(cache(row)->why, text);
}

static int cache_why(const struct row *row, char **text)
{
	return why_text(cache(row)->why, text);
}

#define CACHE(name, type, flags, field, help)				\
	NUMBER(name, type, flags, snap_cache, field, help)

static const struct coldesc cache_columns[] = {
	TEXT("MODULE", D, module_name, "module that took the objects"),
	TEXT("CACHE", D, cache_name,
	       "slab cache; empty if the recording never named it"),
	CACHE("OBJSIZE", COL_BYTES, D, object_size, "bytes an object takes"),
	CACHE("OBJECTS", COL_COUNT, D | S, objects, "number of live objects"),
	BOUNDED("LIVE", COL_BYTES, D | S, snap_cache, bytes, why, "live bytes"),
	CACHE("SLABS", COL_COUNT, D | S, slabs,
	       "live page blocks taken for this cache under this module"),
	CACHE("SLAB_BYTES", COL_BYTES, D | S, slab_bytes, "their bytes"),
	CACHE("SLOTS", COL_COUNT, D | S, slots,
	       "objects that these slabs have room for"),
	COMPUTED("USE", COL_PERCENT, D, cache_use,
	       "per cent of these slots that hold an object, whoever's"),
	CACHE("ALLOCS", COL_COUNT, D | S, allocs, "number of allocations"),
	CACHE("FREES", COL_COUNT, D | S, frees, "number of frees"),
	CACHE("EVICTED", COL_COUNT, S, evicted,
	       "objects whose free went unseen (address given again, or slab freed)"),
	TEXT("BOUND", 0, cache_bound, "LIVE is exact, at_least, at_most or about"),
	TEXT("WHY", 0, cache_why, "causes of that, as modmem-report(1) has them"),
	TEXT("NOTE", D, cache_note,
	       "free-blind: objects go without an event, LIVE is uncertain; name by size: no event told it, slabinfo has one cache of this size"),
	{ 0 }
};

static const struct stack_row *stack(const struct row *row)
{
	return row->data;
}

static int stack_frames(const struct row *row, char **text)
{
	*text = text_join(stack(row)->frames, stack(row)->n_frames, ";");
	return *text ? 0 : -1;
}

static int stack_charge(const struct row *row, char **text)
{
	return copy(stack(row)->charge < 0 ? NULL :
		    charge_name((enum charge)stack(row)->charge), text);
}

static int stack_kind(const struct row *row, char **text)
{
	return copy(stack(row)->kind < 0 ? NULL :
		    mem_kind_name((enum mem_kind)stack(row)->kind), text);
}

/* "1x2^0,9x2^3": what is there, smallest first */
static int stack_blocks(const struct row *row, char **text)
{
	char list[SNAP_ORDERS * 32] = "";
	size_t len = 0;

	for (unsigned int i = 0; i < SNAP_ORDERS; i++)
		if (stack(row)->blocks[i])
			len += (size_t)snprintf(list + len, sizeof(list) - len,
						"%s%" PRIu64 "x2^%u", len ? "," : "",
						stack(row)->blocks[i], i);
	return copy(len ? list : NULL, text);
}

#define STACK(name, type, flags, field, help)				\
	NUMBER(name, type, flags, stack_row, field, help)

static const struct coldesc stack_columns[] = {
	TEXT("MODULE", 0, module_name, "module that is charged"),
	TEXT("CHARGE", 0, stack_charge,
	       "own, induced or overhead; empty if there are several"),
	TEXT("KIND", 0, stack_kind,
	       "slab, pages, vmalloc, percpu or dma; empty if several"),
	BOUNDED("LIVE", COL_BYTES, D | S, stack_row, own, own_why,
	       "live, taken by the module itself"),
	BOUNDED("INDUCED", COL_BYTES, D | S, stack_row, induced, induced_why,
	       "live, taken by core kernel code on its behalf; not in LIVE"),
	STACK("OVERHEAD", COL_BYTES, COL_WITH_OVERHEAD | S, overhead,
	       "taken by allocators to serve the module; not in LIVE"),
	TEXT("BLOCKS", COL_WITH_OVERHEAD, stack_blocks,
	     "live page blocks: 9x2^3 is nine of eight pages"),
	STACK("OBJECTS", COL_COUNT, D | S, objects,
	       "number of live allocations"),
	STACK("ALLOCATED", COL_BYTES, S, allocated, "taken in all"),
	STACK("ALLOCS", COL_COUNT, D | S, allocs, "number of allocations"),
	STACK("FREES", COL_COUNT, D | S, frees, "number of frees"),
	TEXT("STACK", D | COL_TREE, stack_frames,
	       "calls, outermost first: a tree, or a;b;c in CSV"),
	{ 0 }
};

static const struct snap_task *task(const struct row *row)
{
	return row->data;
}

static bool task_pid(const struct row *row, uint64_t *value)
{
	*value = (uint64_t)task(row)->pid;
	return task(row)->pid >= 0;
}

static int task_comm(const struct row *row, char **text)
{
	return copy(task(row)->comm, text);
}

#define TASK(name, type, flags, field, help)				\
	NUMBER(name, type, flags, snap_task, field, help)

static const struct coldesc task_columns[] = {
	COMPUTED("PID", COL_COUNT, D, task_pid,
	       "task that ran when the memory was taken"),
	TEXT("COMM", D, task_comm, "its name, if it was recorded"),
	TEXT("MODULE", D, module_name, "module that is charged"),
	TASK("SLAB", COL_BYTES, D | S, live[KIND_SLAB], "live in slab objects"),
	TASK("PAGES", COL_BYTES, D | S, live[KIND_PAGES],
	       "live in whole pages"),
	TASK("VMALLOC", COL_BYTES, D | S, live[KIND_VMALLOC],
	       "live in vmalloc memory"),
	TASK("PERCPU", COL_BYTES, D | S, live[KIND_PERCPU],
	       "live in per-CPU memory"),
	TASK("DMA", COL_BYTES, D | S, live[KIND_DMA], "live in DMA memory"),
	BOUNDED("LIVE", COL_BYTES, D | S, snap_task, live_bytes, why,
		"the five kinds in one sum"),
	BOUNDED("INDUCED", COL_BYTES, D | S, snap_task, induced_bytes, induced_why,
	       "live, taken by core kernel code on its behalf; not in LIVE"),
	TASK("ALLOCS", COL_COUNT, D | S, allocs, "number of allocations"),
	TASK("FREES", COL_COUNT, D | S, frees, "number of frees"),
	{ 0 }
};

const struct coldesc *coldescs(enum view_by by)
{
	static const struct coldesc *const columns[] = {
		[VIEW_BY_MODULE] = module_columns,
		[VIEW_BY_SITE] = site_columns,
		[VIEW_BY_CACHE] = cache_columns,
		[VIEW_BY_STACK] = stack_columns,
		[VIEW_BY_TASK] = task_columns,
	};

	return columns[by];
}
