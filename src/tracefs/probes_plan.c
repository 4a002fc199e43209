// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * probes_plan.c - see probes_plan.h, and probes.h for what comes out of it
 *
 * Syntax: Documentation/trace/{kprobetrace,eprobetrace,histogram}.rst.
 *
 * A return probe knows the arguments of the call only from 6.9 on. Before,
 * they are carried there: a probe on entry keeps them in variables of a
 * histogram, the return probe finds them and makes a synthetic event of both,
 * and an event probe on that follows the pointers. The histogram's key is
 * the kernel stack on which the call runs (stack pointer / size of a stack),
 * so that a call in an interrupt does not get in the way of the task's.
 *
 * Before 5.16 a return probe cuts every stack trace from inside of the function
 * short (the return address on the stack is that of a trampoline), also those
 * of other events and other tracers. There are none on such kernels.
 */
#include "probes_plan.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "arena.h"
#include "btf.h"
#include "probes.h"
#include "probes_regs.h"

const char *const kernel_function_names[KERNEL_FUNCTIONS] = {
	[FN_KVFREE_CALL_RCU]	= "kvfree_call_rcu",
	[FN_KFREE_CALL_RCU]	= "kfree_call_rcu",
	[FN_BULK_ALLOC_NOPROF]	= "kmem_cache_alloc_bulk_noprof",
	[FN_BULK_ALLOC]		= "kmem_cache_alloc_bulk",
	[FN_BULK_FREE]		= "kmem_cache_free_bulk",
	[FN_PAGES_BULK_NOPROF]	= "alloc_pages_bulk_noprof",
	[FN_PAGES_BULK]		= "__alloc_pages_bulk",
	[FN_VMEMMAP_BASE]	= "vmemmap_base",
	[FN_VMAP_SMALL_PAGES]	= "vmap_small_pages_range_noflush",
	[FN_VMAP_PAGES_INNER]	= "__vmap_pages_range_noflush",
	[FN_VMAP_PAGES]		= "vmap_pages_range_noflush",
	[FN_MAP_KERNEL_RANGE]	= "map_kernel_range_noflush",
	[FN_VFREE]		= "vfree",
	[FN_VFREE_ATOMIC]	= "vfree_atomic",
	[FN_REMOVE_VM_AREA]	= "remove_vm_area",
	[FN_DMA_POOL_ALLOC]	= "dma_pool_alloc",
	[FN_DMA_POOL_FREE]	= "dma_pool_free",
	[FN_MODULE_FINALIZE]	= "module_finalize",
	[FN_DO_INIT_MODULE]	= "do_init_module",
	[FN_EXECMEM_FREE]	= "execmem_free",
	[FN_MODULE_MEMFREE]	= "module_memfree",
	[FN_RETHOOK_FIND_RET_ADDR] = "rethook_find_ret_addr",
	[FN_KRETPROBE_FIND_RET_ADDR] = "kretprobe_find_ret_addr",
};

/* kernel stacks are 16 KB, or multiples; of 32 bits 8 KB (THREAD_SIZE) */
#define STACK_SHIFT(bits) ((bits) == 32 ? 13 : 14)
#define HIST_SIZE	"8192"	/* stacks that can be told apart */
#define ACTIVE		"128"	/* calls at the same time */

struct planner {
	const struct kernel_facts *facts;
	const char *tag;
	struct arena *a;
	unsigned int bits;	/* of a long */
	bool no_memory;
};

static const char *keep(struct planner *p, const char *text)
{
	if (!text)
		p->no_memory = true;
	return text ? text : "";
}

#define text(p, ...) keep(p, arena_printf((p)->a, __VA_ARGS__))

static const char *fn(enum kernel_function f)
{
	return kernel_function_names[f];
}

static bool has(const struct planner *p, enum kernel_function f)
{
	return p->facts->has[f];
}

static struct probe_way *add_way(struct probe_plan *plan)
{
	return &plan->ways[plan->n++];
}

static struct probe_event *add_event(struct probe_way *way, const char *name)
{
	struct probe_event *e = &way->events[way->n++];

	e->name = name;
	return e;
}

/* On entry of @f, or on return (@type "r"). */
static struct probe_event *add_probe(struct planner *p, struct probe_way *way,
				     const char *type, const char *name,
				     enum kernel_function f, const char *args)
{
	struct probe_event *e = add_event(way, name);

	e->define = text(p, "%s:" PROBES_SYSTEM "%s/%s %s %s", type, p->tag, name,
			 fn(f), args);
	e->shown = true;
	return e;
}

static struct probe_event *on_entry(struct planner *p, struct probe_way *way,
				    const char *name, enum kernel_function f,
				    const char *args)
{
	return add_probe(p, way, "p", name, f, args);
}

static struct probe_event *on_return(struct planner *p, struct probe_way *way,
				     const char *name, enum kernel_function f,
				     const char *args)
{
	return add_probe(p, way, "r" ACTIVE, name, f, args);
}

static bool member(const struct planner *p, const char *path, uint32_t *offset,
		   uint32_t *size)
{
	return p->facts->btf && btf_member(p->facts->btf, path, offset, size);
}

static bool stacks_at_return(const struct planner *p)
{
	return has(p, FN_RETHOOK_FIND_RET_ADDR) ||
	       has(p, FN_KRETPROBE_FIND_RET_ADDR);
}

static const char *const no_stacks =
	"stack traces of this kernel do not reach beyond a return probe";

static const char *no_function(struct planner *p, enum kernel_function f)
{
	return text(p, "the kernel has no function %s", fn(f));
}

static const char *no_types(struct planner *p, const char *type)
{
	return p->facts->btf ? text(p, "unknown layout of struct %s", type) :
			       "the kernel does not describe its types ("
			       BTF_VMLINUX ")";
}

/*
 * The three steps from an entry to a return. @vars are fetch arguments of
 * the entry, each "NAME=..." in one of the @n @names, @fields the same with types
 * for the synthetic event; @ret is that of the return probe, "NAME=..." again.
 */
struct relay {
	const char *name;		/* of the synthetic event */
	const char *fields;		/* "u64 size; u64 addr", in that order: */
	const char *vars;		/* ... the entry's, then the return's */
	const char *names[6];
	const char *ret, *ret_name;
	enum kernel_function f;
};

static void add_relay(struct planner *p, struct probe_way *way,
		      const struct relay *r)
{
	struct probe_event *enter, *leave, *made;
	const char *keep_vars = "", *get_vars = "", *pass = "";
	char stk[64];
	size_t i;

	for (i = 0; i < sizeof(r->names) / sizeof(*r->names) && r->names[i]; i++) {
		keep_vars = text(p, "%s%s%s%zu=%s", keep_vars, i ? "," : "",
				 r->name, i, r->names[i]);
		get_vars = text(p, "%s%s%s_r%zu=$%s%zu", get_vars, i ? "," : "",
				r->name, i, r->name, i);
		pass = text(p, "%s$%s_r%zu,", pass, r->name, i);
	}

	made = add_event(way, text(p, PROBES_SYSTEM "%s_%s", p->tag, r->name));
	made->define = text(p, "s:%s %s", made->name, r->fields);

	snprintf(stk, sizeof(stk), "=$stack:b%u@%d/%u", p->bits - STACK_SHIFT(p->bits),
		 STACK_SHIFT(p->bits), p->bits);
	enter = on_entry(p, way, text(p, "%s_enter", r->name), r->f,
			 text(p, "stk%s %s", stk, r->vars));
	enter->hist = text(p, "hist:keys=stk:%s:size=" HIST_SIZE, keep_vars);
	enter->shown = false;

	leave = on_return(p, way, text(p, "%s_return", r->name), r->f,
			  text(p, "rstk%s %s", stk, r->ret));
	leave->hist = text(p, "hist:keys=rstk:%s:size=" HIST_SIZE
			   ":onmatch(" PROBES_SYSTEM "%s.%s).trace(%s,%s%s)",
			   get_vars, p->tag, enter->name, made->name, pass,
			   r->ret_name);
	leave->shown = false;
}

/* An event probe on what a relay made; @filter may be NULL. */
static struct probe_event *on_relay(struct planner *p, struct probe_way *way,
				    const char *name, const char *relay,
				    const char *args, const char *filter)
{
	struct probe_event *e = add_event(way, name);

	e->define = text(p, "e:" PROBES_SYSTEM "%s/%s synthetic." PROBES_SYSTEM
			 "%s_%s %s", p->tag, name, p->tag, relay, args);
	/* looks before it reads, from 6.0 */
	if (filter)
		e->cheaper = text(p, "%s if %s", e->define, filter);
	e->filter = filter;
	e->shown = true;
	e->stack = true;
	return e;
}

static void plan_rcu_free(struct planner *p, struct probe_plan *plan)
{
	enum kernel_function f = FN_KVFREE_CALL_RCU;

	plan->name = "rcu_free";
	if (!has(p, f))
		f = FN_KFREE_CALL_RCU;
	if (!has(p, f)) {
		plan->blind = no_function(p, FN_KVFREE_CALL_RCU);
		return;
	}
	on_entry(p, add_way(plan), "rcu_free", f,
		 text(p, "head=$arg1:x%u ptr=$arg2:x%u", p->bits, p->bits));
}

/* "oN=+OFFSET(BASE):x64[COUNT]": pointers @first to @last of the array @base */
static const char *elements(struct planner *p, const char *base,
			    unsigned int first, unsigned int last)
{
	const char *args = "";
	unsigned int i, n;

	for (i = 0; first < last; i++, first += n) {
		n = last - first < 64 ? last - first : 64;
		args = text(p, "%s o%u=+%u(%s):x%u[%u]", args, i,
			    first * p->bits / 8, base, p->bits, n);
	}
	return args;
}

/* Offsets in struct kmem_cache. */
struct cache_layout {
	uint32_t size, object_size, name;
};

/* What both ways tell, which differ in where they have it from. */
static const char *bulk_args(struct planner *p, const struct cache_layout *at,
			     const char *cache, const char *count, const char *array,
			     const char *ok)
{
	return text(p, "cache=%s:x%u count=%s:u%u array=%s:x%u size=+%u(%s):u32 "
		    "object_size=+%u(%s):u32 name=+0(+%u(%s)):string ok=%s",
		    cache, p->bits, count, p->bits, array, p->bits, at->size, cache,
		    at->object_size, cache, at->name, cache, ok);
}

/* The way that does not need arguments at the return; @ok: the type of what is returned. */
static void bulk_alloc_relayed(struct planner *p, struct probe_plan *plan,
			       enum kernel_function f, const struct cache_layout *at,
			       const char *ok)
{
	struct probe_way *way = add_way(plan);
	struct relay relay = {
		.name = "bulk",
		.names = { "cache", "count", "array" },
		.ret_name = "ok",
		.f = f,
	};
	struct probe_event *e;
	const char *args;

	relay.fields = text(p, "u%u cache; u%u count; u%u array; %s ok",
			    p->bits, p->bits, p->bits, ok);
	relay.vars = text(p, "cache=$arg1:x%u count=$arg3:u%u array=$arg4:x%u",
			  p->bits, p->bits, p->bits);
	relay.ret = text(p, "ok=$retval:%s", ok);
	add_relay(p, way, &relay);
	args = bulk_args(p, at, "$cache", "$count", "$array", text(p, "$ok:%s", ok));
	on_relay(p, way, "bulk_alloc", "bulk",
		 text(p, "%s%s", args, elements(p, "$array", 0, 16)), NULL);
	on_relay(p, way, "bulk_alloc_16", "bulk",
		 text(p, "%s%s", args, elements(p, "$array", 16, 80)),
		 "count > 16");
	e = on_relay(p, way, "bulk_alloc_80", "bulk",
		     text(p, "%s%s", args, elements(p, "$array", 80, 336)),
		     "count > 80");
	e->optional = true;
}

/*
 * Can the returns of *@f be probed, with stacks, or else those of @older, which *@f then
 * is? If not, the plan is told why.
 */
static bool returns_of(struct planner *p, struct probe_plan *plan, enum kernel_function *f,
		       enum kernel_function older)
{
	if (!has(p, *f))
		*f = older;
	if (!has(p, *f))
		plan->blind = no_function(p, *f);
	else if (!stacks_at_return(p))
		plan->blind = no_stacks;
	else
		return true;
	return false;
}

static void plan_bulk_alloc(struct planner *p, struct probe_plan *plan)
{
	enum kernel_function f = FN_BULK_ALLOC_NOPROF;
	struct cache_layout at;
	struct probe_way *way;
	struct probe_event *e;
	const char *ok, *args;
	uint32_t ret = 4, n;

	plan->name = "bulk_alloc";
	if (!returns_of(p, plan, &f, FN_BULK_ALLOC))
		return;
	if (!member(p, "kmem_cache.size", &at.size, &n) || n != 4 ||
	    !member(p, "kmem_cache.object_size", &at.object_size, &n) || n != 4 ||
	    !member(p, "kmem_cache.name", &at.name, &n)) {
		plan->blind = no_types(p, "kmem_cache");
		return;
	}
	/* int, or bool: then the rest of the register is anything */
	if (btf_returns(p->facts->btf, fn(f), &ret) && ret != 1)
		ret = 4;
	ok = ret == 1 ? "u8" : "s32";

	way = add_way(plan);
	args = bulk_args(p, &at, "$arg1", "$arg3", "$arg4", text(p, "$retval:%s", ok));
	e = on_return(p, way, "bulk_alloc", f,
		      text(p, "%s%s", args, elements(p, "$arg4", 0, 16)));
	e->stack = true;
	e = on_return(p, way, "bulk_alloc_16", f,
		      text(p, "%s%s", args, elements(p, "$arg4", 16, 80)));
	e->stack = true;
	e->filter = "count > 16";
	bulk_alloc_relayed(p, plan, f, &at, ok);
}

static void plan_bulk_free(struct planner *p, struct probe_plan *plan)
{
	struct probe_event *e;
	struct probe_way *way;
	const char *args;

	plan->name = "bulk_free";
	if (!has(p, FN_BULK_FREE)) {
		plan->blind = no_function(p, FN_BULK_FREE);
		return;
	}
	args = text(p, "cache=$arg1:x%u count=$arg2:u%u array=$arg3:x%u",
		    p->bits, p->bits, p->bits);
	way = add_way(plan);
	on_entry(p, way, "bulk_free", FN_BULK_FREE,
		 text(p, "%s%s", args, elements(p, "$arg3", 0, 16)));
	e = on_entry(p, way, "bulk_free_16", FN_BULK_FREE,
		     text(p, "%s%s", args, elements(p, "$arg3", 16, 80)));
	e->filter = "count > 16";
}

/* Slots of the array that each part has. */
static const struct part {
	const char *had, *bulk;
	unsigned int first, end;
} pages_parts[] = {
	{ "pages_had", "pages_bulk", 0, 16 },
	{ "pages_had_16", "pages_bulk_16", 16, 80 },
	/* enough for a thread of nfsd: RPCSVC_MAXPAGES is 259, up to 6.15 */
	{ "pages_had_80", "pages_bulk_80", 80, 272 },
};

#define PAGES_PARTS (sizeof(pages_parts) / sizeof(pages_parts[0]))

/* What the array has on entry: slots that are filled are left as they are. */
static void pages_had(struct planner *p, struct probe_way *way, enum kernel_function f,
		      unsigned int count, unsigned int array)
{
	const char *base = text(p, "$arg%u", array);

	for (size_t i = 0; i < PAGES_PARTS; i++) {
		const struct part *part = &pages_parts[i];
		struct probe_event *e;

		e = on_entry(p, way, part->had, f,
			     text(p, "array=%s:x%u count=$arg%u:s32%s", base, p->bits, count,
				  elements(p, base, part->first, part->end)));
		if (part->first)
			e->filter = text(p, "count > %u", part->first);
	}
}

/* What both ways tell of what the array has on return. */
static const char *pages_args(struct planner *p, const struct part *part, const char *array,
			      const char *ok, uint32_t unit)
{
	return text(p, "array=%s:x%u ok=%s:s32 base=@%s:x%u unit=\\%u:u32%s", array, p->bits,
		    ok, fn(FN_VMEMMAP_BASE), p->bits, unit,
		    elements(p, array, part->first, part->end));
}

/* The same on return, of kernels whose return probes still have the arguments. */
static void pages_got(struct planner *p, struct probe_way *way, enum kernel_function f,
		      unsigned int array, uint32_t unit)
{
	for (size_t i = 0; i < PAGES_PARTS; i++) {
		const struct part *part = &pages_parts[i];
		struct probe_event *e =
			on_return(p, way, part->bulk, f,
				  pages_args(p, part, text(p, "$arg%u", array), "$retval", unit));

		e->filter = text(p, "ok > %u", part->first);
		e->stack = true;
	}
}

/*
 * mm/page_alloc.c: alloc_pages_bulk_noprof(gfp, nid, nodemask, nr_pages, [page_list,]
 * page_array), without a list from 6.14.
 */
static void plan_pages_bulk(struct planner *p, struct probe_plan *plan)
{
	struct relay relay = {
		.name = "pages",
		.names = { "array" },
		.ret_name = "ok",
		.ret = "ok=$retval:s32",
	};
	enum kernel_function f = FN_PAGES_BULK_NOPROF;
	const struct btf *btf = p->facts->btf;
	unsigned int count, array;
	struct probe_way *way;
	uint32_t unit;

	plan->name = "pages_bulk";
	if (!returns_of(p, plan, &f, FN_PAGES_BULK))
		return;
	if (!has(p, FN_VMEMMAP_BASE)) {
		plan->blind = text(p, "the kernel has no %s: which page a struct page is of is not known",
				   fn(FN_VMEMMAP_BASE));
		return;
	}
	if (!btf || !btf_struct_size(btf, "page", &unit)) {
		plan->blind = no_types(p, "page");
		return;
	}
	count = btf_parameter(btf, fn(f), "nr_pages");
	array = btf_parameter(btf, fn(f), "page_array");
	if (!count || !array) {
		plan->blind = text(p, "unknown arguments of %s", fn(f));
		return;
	}

	way = add_way(plan);
	pages_had(p, way, f, count, array);
	pages_got(p, way, f, array, unit);

	way = add_way(plan);
	pages_had(p, way, f, count, array);
	relay.f = f;
	relay.fields = text(p, "u%u array; s32 ok", p->bits);
	relay.vars = text(p, "array=$arg%u:x%u", array, p->bits);
	add_relay(p, way, &relay);
	for (size_t i = 0; i < PAGES_PARTS; i++) {
		const struct part *part = &pages_parts[i];

		on_relay(p, way, part->bulk, relay.name,
			 pages_args(p, part, "$array", "$ok", unit),
			 text(p, "ok > %u", part->first));
	}
}

/*
 * Where pages are mapped, and not __vmalloc_node_range(): there both the
 * address and what was really set aside are at hand, without a return probe.
 */
static void plan_vmalloc(struct planner *p, struct probe_plan *plan)
{
	static const enum kernel_function frees[] = {
		FN_VFREE, FN_VFREE_ATOMIC, FN_REMOVE_VM_AREA,
	};
	enum kernel_function f = FN_VMAP_PAGES_INNER;
	struct probe_event *e;
	struct probe_way *way;
	const char *link;
	size_t i, n_frees = 0;

	plan->name = "vmalloc";
	/*
	 * Where vmalloc has no large pages, compilers put the function into its callers,
	 * and what is left of it is never called (seen on armhf, 6.1 and 6.12).
	 */
	if (p->bits == 32 && has(p, FN_VMAP_SMALL_PAGES))
		f = FN_VMAP_SMALL_PAGES;
	if (!has(p, f))
		f = FN_VMAP_PAGES;
	if (!has(p, f))
		f = FN_MAP_KERNEL_RANGE;
	if (!has(p, f)) {
		plan->blind = no_function(p, FN_VMAP_PAGES);
		return;
	}
	if (!has(p, FN_VFREE) && !has(p, FN_REMOVE_VM_AREA)) {
		plan->blind = no_function(p, FN_VFREE);
		return;
	}
	way = add_way(plan);
	e = on_entry(p, way, "vmalloc", f, f == FN_MAP_KERNEL_RANGE ?
		     text(p, "addr=$arg1:x%u size=$arg2:u%u", p->bits, p->bits) :
		     text(p, "addr=$arg1:x%u end=$arg2:x%u", p->bits, p->bits));
	e->stack = true;
	/* who called it is not on each machine's stacks: it tells vmap() apart */
	link = probes_link_register(p->facts->machine, p->facts->long_size);
	if (link)
		e->cheaper = text(p, "%s caller=%s:x%u", e->define, link, p->bits);
	/*
	 * One event, three functions: the compiler may have put parts of one
	 * into another, and vfree() cannot be probed everywhere. One is enough.
	 */
	for (i = 0; i < sizeof(frees) / sizeof(*frees); i++) {
		if (!has(p, frees[i]))
			continue;
		e = on_entry(p, way, "vmalloc_free", frees[i],
			     text(p, "addr=$arg1:x%u", p->bits));
		e->filter = "addr != 0";
		e->optional = frees[i] != (has(p, FN_REMOVE_VM_AREA) ? FN_REMOVE_VM_AREA :
							       FN_VFREE);
		e->shown = !n_frees++;
		/* both may be called in interrupts, that one may not */
		e->spare = i < 2 && has(p, FN_REMOVE_VM_AREA);
	}
}

static void plan_dma_pool(struct planner *p, struct probe_plan *plan)
{
	struct relay relay = {
		.name = "dma",
		.names = { "size" },
		.ret_name = "addr",
		.f = FN_DMA_POOL_ALLOC,
	};
	struct probe_event *e;
	struct probe_way *way;
	uint32_t at, size;
	const char *free_args;

	plan->name = "dma_pool";
	if (!has(p, FN_DMA_POOL_ALLOC) || !has(p, FN_DMA_POOL_FREE)) {
		plan->blind = no_function(p, has(p, FN_DMA_POOL_ALLOC) ?
					  FN_DMA_POOL_FREE : FN_DMA_POOL_ALLOC);
		return;
	}
	if (!stacks_at_return(p)) {
		plan->blind = no_stacks;
		return;
	}
	/* arch/riscv/kernel/stacktrace.c: and the pages would be another's */
	if (p->facts->machine && !strncmp(p->facts->machine, "riscv", 5)) {
		plan->blind = "stack traces of this machine lack the caller of a function whose return is probed";
		return;
	}
	if (!member(p, "dma_pool.size", &at, &size) ||
	    (size != 4 && size != 8)) {
		plan->blind = no_types(p, "dma_pool");
		return;
	}
	free_args = text(p, "addr=$arg2:x%u", p->bits);

	way = add_way(plan);
	e = on_return(p, way, "dma_pool_alloc", FN_DMA_POOL_ALLOC,
		      text(p, "size=+%u($arg1):u%u addr=$retval:x%u", at,
			   size * 8, p->bits));
	e->stack = true;
	on_entry(p, way, "dma_pool_free", FN_DMA_POOL_FREE, free_args);

	way = add_way(plan);
	relay.fields = text(p, "u%u size; u%u addr", size * 8, p->bits);
	relay.vars = text(p, "size=+%u($arg1):u%u", at, size * 8);
	relay.ret = text(p, "addr=$retval:x%u", p->bits);
	add_relay(p, way, &relay);
	on_relay(p, way, "dma_pool_alloc", "dma",
		 text(p, "size=$size:u%u addr=$addr:x%u", size * 8, p->bits),
		 NULL);
	on_entry(p, way, "dma_pool_free", FN_DMA_POOL_FREE, free_args);
}

/*
 * Appends " NAME=+OFFSET(BASE):TYPE" for member @path, "x" for a pointer and
 * "u32" for a number. NULL: there is no such member, or it is of another size.
 */
static const char *fetch(struct planner *p, const char *args, const char *base,
			 const char *name, const char *path, bool pointer)
{
	uint32_t offset, size;

	if (!args || !member(p, path, &offset, &size) ||
	    size != (pointer ? p->bits / 8 : 4))
		return NULL;
	if (pointer)
		return text(p, "%s %s=+%u(%s):x%u", args, name, offset, base,
			    p->bits);
	return text(p, "%s %s=+%u(%s):u32", args, name, offset, base);
}

/* The fields of module_map; NULL: struct module is not what it should be. */
static const char *module_fields(struct planner *p, const char *base)
{
	static const char *const layouts[] = { "core", "init" };
	static const char *const regions[] = {	/* enum mod_mem_type */
		"text", "data", "rodata", "ro_after_init", "init_text",
		"init_data", "init_rodata",
	};
	uint32_t name, size;
	const char *args, *more;
	size_t i;

	if (!member(p, "module.name", &name, &size))
		return NULL;
	args = text(p, "name=+%u(%s):string mod=%s:x%u", name, base, base, p->bits);
	if (fetch(p, args, base, "text", "module.mem[0].base", true)) {
		for (i = 0; i < sizeof(regions) / sizeof(*regions); i++) {
			args = fetch(p, args, base, regions[i],
				     text(p, "module.mem[%zu].base", i), true);
			args = fetch(p, args, base, text(p, "%s_size", regions[i]),
				     text(p, "module.mem[%zu].size", i), false);
		}
	} else {
		for (i = 0; i < sizeof(layouts) / sizeof(*layouts); i++) {
			const char *l = layouts[i];

			args = fetch(p, args, base, l,
				     text(p, "module.%s_layout.base", l), true);
			args = fetch(p, args, base, text(p, "%s_size", l),
				     text(p, "module.%s_layout.size", l), false);
			args = fetch(p, args, base, text(p, "%s_text_size", l),
				     text(p, "module.%s_layout.text_size", l),
				     false);
		}
	}
	more = fetch(p, args, base, "percpu_size", "module.percpu_size", false);
	return more ? more : args;
}

static void plan_module_map(struct planner *p, struct probe_plan *plan)
{
	enum kernel_function f = FN_MODULE_FINALIZE, gone = FN_EXECMEM_FREE;
	struct probe_way *way;
	struct probe_event *e;
	const char *args;

	plan->name = "module_map";
	if (!has(p, f))
		f = FN_DO_INIT_MODULE;
	if (!has(p, f)) {
		plan->blind = no_function(p, f);
		return;
	}
	args = module_fields(p, f == FN_MODULE_FINALIZE ? "$arg3" : "$arg1");
	if (!args) {
		plan->blind = no_types(p, "module");
		return;
	}
	way = add_way(plan);
	on_entry(p, way, "module_map", f, args);
	if (!has(p, gone))
		gone = FN_MODULE_MEMFREE;
	if (has(p, gone)) {
		e = on_entry(p, way, "module_unmap", gone,
			     text(p, "addr=$arg1:x%u", p->bits));
		e->filter = "addr != 0";
		e->optional = true;
	}
}

int probes_plan(struct probe_plan plans[PROBE_PLANS],
		const struct kernel_facts *facts, const char *tag,
		struct arena *a)
{
	static void (*const planners[PROBE_PLANS])(struct planner *,
						   struct probe_plan *) = {
		plan_rcu_free, plan_bulk_alloc, plan_bulk_free, plan_pages_bulk,
		plan_vmalloc, plan_dma_pool, plan_module_map,
	};
	struct planner p = {
		.facts = facts,
		.tag = tag,
		.a = a,
		.bits = facts->long_size * 8,
	};
	size_t i;

	memset(plans, 0, PROBE_PLANS * sizeof(*plans));
	for (i = 0; i < PROBE_PLANS; i++)
		planners[i](&p, &plans[i]);
	return p.no_memory ? -ENOMEM : 0;
}
