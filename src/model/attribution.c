// SPDX-License-Identifier: GPL-2.0-or-later
#include "attribution.h"

#include <errno.h>
#include <string.h>

#include "allocfn.h"
#include "frames.h"
#include "ksyms.h"
#include "modmap.h"
#include "enum_name.h"
#include "stacks.h"
#include "strings_table.h"

#define NESTED_MAX 8u

/* State of one walk. */
struct walk {
	struct attributor *at;
	enum event_type type;
	struct attribution *a;
	uint32_t marks;		/* the innermost FN_* mark */
	uint32_t inner;		/* ... and all flags of that function */
	const struct ksym *vmallocs[NESTED_MAX];	/* its functions so far */
	unsigned int n_vmallocs;
	bool in_bulk;		/* pages of alloc_pages_bulk(), which is no frame */
	bool nested;		/* a vmalloc within a vmalloc: its page array */
	bool area_user;		/* a function that calls vmalloc's core was met */
	struct frame alloc;	/* outermost allocator so far, sym NULL: none */
	struct frame ptable;	/* a page table function that may be vmalloc's */
	struct frame caller;	/* first frame outside the allocators */
	struct frame called;	/* core function called by what comes next */
	bool has_caller;
	bool first_table;	/* the bucket table is that of a new rhashtable */
	bool site_first;	/* the first frame is the event's call site */
	bool has_stack;		/* else an allocator's call site may be all there is */
	uint64_t init_frame;	/* address in init text, 0: none */
	uint32_t init_owner;
	uint32_t not_yet;	/* a module whose text lies where this init text was */
};

/* What tells code without a symbol from other such code of its owner. */
static uint64_t unnamed_offset(const struct walk *w, const struct frame *f)
{
	uint64_t offset;

	if (f->owner <= OWNER_UNKNOWN)
		return f->addr;
	/* the function that the loader called, and what is in its page */
	if (f->init)
		return (f->addr & (w->at->page_size - 1)) | OFFSET_INIT;
	if (!modmap_offset(w->at->mm, f->addr, &offset))
		return f->addr;
	return modmap_is_init(w->at->mm, f->addr) ? offset | OFFSET_INIT : offset;
}

static int name_function(struct walk *w, const struct frame *f)
{
	w->a->address = f->addr;
	if (!f->sym) {
		w->a->function = 0;
		w->a->offset = unnamed_offset(w, f);
		return 0;
	}
	w->a->offset = f->offset;
	w->a->function = strings_add(w->at->strings, f->sym->name,
				     strlen(f->sym->name));
	return w->a->function == UINT32_MAX ? -ENOMEM : 0;
}

static int set_via(struct walk *w, const char *via)
{
	w->a->via = strings_add(w->at->strings, via, strlen(via));
	return w->a->via == UINT32_MAX ? -ENOMEM : 0;
}

/* The call as a caller right outside the allocators made it. */
static int via_allocator(struct walk *w, uint8_t event_flags)
{
	char buf[640];

	if (w->alloc.sym)
		return set_via(w, allocfn_via(w->alloc.sym->name, buf, sizeof(buf)));
	switch (w->type) {
	case EVENT_PAGE_ALLOC:
		return set_via(w, w->in_bulk ? "alloc_pages_bulk" : "alloc_pages");
	case EVENT_PERCPU_ALLOC:
	case EVENT_PERCPU_FAIL:
		return set_via(w, "__alloc_percpu");
	case EVENT_VMALLOC:
		return set_via(w, "vmalloc");
	case EVENT_DMA_BLOCK:
		return set_via(w, "dma_pool_alloc");
	case EVENT_BULK_ALLOC:
		return set_via(w, "kmem_cache_alloc_bulk");
	default:
		return set_via(w, event_flags & EVENT_KMALLOC ? "kmalloc" :
			       "kmem_cache_alloc");
	}
}

static int via_called(struct walk *w, uint8_t event_flags)
{
	char buf[640];

	if (!w->called.sym)
		return via_allocator(w, event_flags);
	return set_via(w, allocfn_plain(w->called.sym->name, buf, sizeof(buf)));
}

/* The same function of vmalloc twice: the page array is a vmalloc itself. */
static void note_vmalloc(struct walk *w, const struct ksym *sym)
{
	unsigned int i;

	for (i = 0; i < w->n_vmallocs; i++)
		w->nested |= w->vmallocs[i] == sym;
	if (w->n_vmallocs < NESTED_MAX)
		w->vmallocs[w->n_vmallocs++] = sym;
}

/* Marks that are on the way of every event of that type, and tell nothing. */
static uint32_t own_marks(enum event_type type)
{
	switch (type) {
	case EVENT_PERCPU_ALLOC:
	case EVENT_PERCPU_FAIL:
		return FN_PCPU;
	case EVENT_BULK_ALLOC:
		return FN_SLAB;
	case EVENT_VMALLOC:
	case EVENT_AREA:
	case EVENT_AREA_ARRAY:
		return FN_MARKS & ~FN_SELF;
	default:
		return 0;
	}
}

static void note_allocator(struct walk *w, const struct frame *f)
{
	uint32_t marks = f->flags & FN_MARKS;

	w->alloc = *f;
	w->a->slab_exts |= (marks & FN_EXTS) != 0;
	w->first_table |= (f->flags & FN_TABLE_FIRST) != 0;
	/* what the slab takes for itself on the way is none */
	w->a->table |= (f->flags & FN_TABLE) && !w->marks;
	w->a->rehash = w->a->table && !w->first_table;
	if (f->flags & FN_LARGE)
		w->a->large = true;
	if (marks & FN_VMALLOC)
		note_vmalloc(w, f->sym);
	w->nested |= w->area_user && (marks & FN_VMALLOC);
	w->area_user |= (f->flags & FN_AREA_USER) != 0;
	if (w->ptable.sym && (marks & (FN_VMAP | FN_VMALLOC)) && !w->marks)
		marks = FN_VMAP;
	/* pages under a large kmalloc are not the slab's */
	if ((marks & FN_SLAB) && w->a->large)
		marks = 0;
	if (marks && !w->inner)
		w->inner = f->flags;
	marks &= ~own_marks(w->type);
	/* memory that an allocator has from vmalloc for itself is no vmalloc */
	if (!w->marks || ((w->marks & FN_VMALLOC) && (marks & FN_SELF)))
		w->marks = marks;
	w->ptable.sym = NULL;
}

/* Does the allocator that left @marks keep it for itself, and what for? */
static bool is_overhead(uint32_t marks, bool page, enum overhead_kind *kind)
{
	switch (marks) {
	case FN_SLAB:
		*kind = OVERHEAD_SLAB_PAGES;
		return page;
	case FN_EXTS:
		*kind = OVERHEAD_SLAB_EXTS;
		return true;
	case FN_SHEAF:
		*kind = OVERHEAD_SHEAVES;
		return true;
	case FN_VMAP:
		*kind = OVERHEAD_VMAP;
		return true;
	case FN_VMALLOC:
		*kind = OVERHEAD_VMAP;
		return !page;
	case FN_PCPU:
		*kind = OVERHEAD_PERCPU_CHUNKS;
		return true;
	case FN_RCU:
		*kind = OVERHEAD_RCU;
		return true;
	case FN_DEBUG:
		*kind = OVERHEAD_DEBUG;
		return true;
	default:
		return false;
	}
}

/*
 * What it tells of a vmalloc area: mm/vmalloc.c, __get_vm_area_node(),
 * __vmalloc_area_node(), vm_area_alloc_pages(), all of which can be inlined but
 * the first.
 */
static void note_area(struct walk *w, uint8_t event_flags)
{
	w->a->nested = w->nested;
	if (!w->n_vmallocs)
		return;
	w->a->area = AREA_ELSE;
	if (w->type == EVENT_PAGE_ALLOC && (w->inner & FN_VMALLOC))
		w->a->area = AREA_PAGES;
	else if (w->type != EVENT_SLAB_ALLOC || !(event_flags & EVENT_KMALLOC))
		return;
	else if (w->inner & FN_VMALLOC)
		w->a->area = AREA_ARRAY;
	else if (w->inner & FN_AREA)
		w->a->area = AREA_STRUCT;
}

/* What the memory is, once the allocators have been walked through. */
static void classify(struct walk *w, uint8_t event_flags)
{
	struct attribution *a = w->a;
	bool area = w->type == EVENT_VMALLOC || w->type == EVENT_AREA ||
		    w->type == EVENT_AREA_ARRAY;
	bool pages = w->type == EVENT_PAGE_ALLOC || area;
	bool is_percpu = w->type == EVENT_PERCPU_ALLOC || w->type == EVENT_PERCPU_FAIL;

	if (w->type == EVENT_DMA_BLOCK) {
		a->kind = KIND_DMA;
		a->charge = CHARGE_INSIDE;
		return;
	}
	note_area(w, event_flags);
	if (pages && w->nested && w->type != EVENT_AREA &&
	    (!w->marks || w->marks == FN_VMALLOC))
		w->marks = FN_VMAP;
	if (is_percpu)
		a->kind = KIND_PERCPU;
	else if (area || (pages && w->marks == FN_VMALLOC))
		a->kind = KIND_VMALLOC;
	else if (pages)
		a->kind = w->marks == FN_DMA ? KIND_DMA : KIND_PAGES;
	else
		a->kind = KIND_SLAB;
	a->charge = is_overhead(w->marks, pages, &a->overhead) ? CHARGE_OVERHEAD : CHARGE_OWN;
	if (is_percpu && (event_flags & EVENT_RESERVED)) {
		a->charge = CHARGE_OVERHEAD;
		a->overhead = OVERHEAD_STATIC_PERCPU;
	}
}

/* Overhead, or inside other memory: no own or induced memory. */
static bool is_apart(const struct attribution *a)
{
	return a->charge == CHARGE_OVERHEAD || a->charge == CHARGE_INSIDE;
}

/* Charges @f's owner; @charge is what it is unless it is apart. */
static int charge_to(struct walk *w, const struct frame *f, enum charge charge,
		     uint8_t event_flags)
{
	int ret;

	w->a->owner = f->owner;
	w->a->row = modmap_instance(w->at->mm, f->owner)->row;
	w->a->unknown = f->owner == OWNER_UNKNOWN && (f->addr || w->has_stack);
	if (!is_apart(w->a))
		w->a->charge = charge;
	ret = name_function(w, f);
	if (ret)
		return ret;
	return charge == CHARGE_INDUCED ? via_called(w, event_flags) :
	       via_allocator(w, event_flags);
}

/*
 * The frame that do_one_initcall called for do_init_module is the module's
 * init. Init text is a region of its own, freed right after and given to the
 * next module: so its address can resolve to code of whoever came later
 * (TRAPS D3, D4). It is taken for a module's only if it is in the function
 * that the module's own symbol init_module names, or if the module_load event
 * of this task told the name and no event was lost.
 */
static void find_init_frame(struct walk *w, const uint64_t *seq, size_t n,
			    uint32_t loading)
{
	struct frame f, outer;
	bool loader = false;
	size_t j, k;

	for (j = 1; j < n; j++) {
		frame_look_up(w->at, seq[j], &outer);
		if (outer.flags & FN_ENTRY)
			return;
		if (!(outer.flags & FN_INITCALL))
			continue;
		for (k = j + 1; k < n && k < j + 4; k++) {
			struct frame o;

			frame_look_up(w->at, seq[k], &o);
			loader |= (o.flags & FN_INIT_MODULE) != 0;
		}
		if (!loader)
			return;
		for (k = j - 1; k && !modmap_may_be_code(seq[k]); k--)
			;
		frame_look_up(w->at, seq[k], &f);
		if (f.owner == OWNER_KERNEL)
			return;
		if (f.owner != OWNER_UNKNOWN && f.sym && f.sym->init_module)
			return;
		if (modmap_is_init(w->at->mm, f.addr))	/* a probe told */
			return;
		/*
		 * Where module events are recorded, who is at an address is there: an
		 * init function that ends in a call has left the stack
		 * (module_usb_driver(): usb_register_driver() of usbcore is what
		 * do_one_initcall seems to have called).
		 */
		if (f.owner != OWNER_UNKNOWN && loading != OWNER_NONE &&
		    !modmap_has_lost(w->at->mm))
			return;
		w->init_frame = seq[k];
		w->init_owner = loading == OWNER_NONE ? OWNER_UNKNOWN : loading;
		w->a->init_guarded = f.owner != OWNER_UNKNOWN &&
				     f.owner != w->init_owner;
		if (w->a->init_guarded)
			w->not_yet = f.owner;
		return;
	}
}

static void look_up_in_walk(struct walk *w, uint64_t addr, struct frame *f)
{
	uint64_t page = w->at->page_size;

	frame_look_up(w->at, addr, f);
	if (f->owner != OWNER_KERNEL)
		w->a->volatile_map = true;
	if (w->init_frame && f->owner != OWNER_KERNEL &&
	    (addr & ~(page - 1)) == (w->init_frame & ~(page - 1))) {
		f->owner = w->init_owner;
		f->sym = NULL;
		f->init = true;
	} else if (w->not_yet != OWNER_NONE && f->owner == w->not_yet) {
		/* it was not loaded yet: more of this init text, or another's */
		f->owner = OWNER_UNKNOWN;
		f->sym = NULL;
		f->init = true;
	}
}

/*
 * Puts the frames in order: the call site comes first. Where it is missing on
 * the stack (the unwinder of 32-bit arm drops leaf frames), it goes in front.
 * Returns the number of frames in at->seq; *inner: the frame that the call
 * site called, 0 if that is not known.
 */
static size_t arrange(struct attributor *at, uint64_t call_site,
		      const uint64_t *frames, size_t n, uint64_t *inner)
{
	size_t i, m = 0;

	*inner = 0;
	if (call_site) {
		for (i = 0; i < n && frames[i] != call_site; i++)
			;
		if (i < n) {
			*inner = i ? frames[i - 1] : 0;
			frames += i;
			n -= i;
		} else {
			at->seq[m++] = call_site;
		}
	}
	if (n)
		memcpy(at->seq + m, frames, n * sizeof(*frames));
	return m + n;
}

/* The walk is over without a module: the core kernel's own, or nobody's. */
static int no_module(struct walk *w, uint8_t event_flags)
{
	struct frame nobody = { .owner = OWNER_UNKNOWN };

	if (!w->has_caller)
		return charge_to(w, &nobody, CHARGE_OWN, event_flags);
	return charge_to(w, &w->caller, CHARGE_OWN, event_flags);
}

/*
 * A trampoline stands where the return address of the function before it would be,
 * and its unwinder did not put that back: whoever called is not on the stack. Is
 * that so, and can nobody say from frame @next whose code it was? One frame further
 * out it is known for a probe (few functions have one): of vmalloc's internals
 * allocators are the callers; and what a module's code calls is charged to it.
 */
static bool hides_caller(struct walk *w, const struct frame *trampoline, const uint64_t *next,
			 size_t n)
{
	struct frame f = { .owner = OWNER_KERNEL };

	if (!(trampoline->flags & FN_GRAPH) && (w->alloc.flags & FN_VMALLOC))
		return false;
	w->a->hidden = true;
	if (n)
		look_up_in_walk(w, *next, &f);
	return (trampoline->flags & FN_GRAPH) || f.owner <= OWNER_UNKNOWN;
}

/* Finds the caller; fills w->caller. False: the stack ended before. */
static bool find_caller(struct walk *w, const uint64_t *seq, size_t n, size_t *at)
{
	struct frame f;

	for (; *at < n; (*at)++) {
		look_up_in_walk(w, seq[*at], &f);
		if ((f.flags & FN_RETURN) &&
		    hides_caller(w, &f, seq + *at + 1, n - *at - 1))
			break;
		if (f.flags & FN_TRACING)
			continue;
		if (f.flags & FN_ENTRY) {
			w->a->cut = *at + 1 < n;	/* from user space: nothing */
			break;
		}
		if (frame_is_stray(w->at, &f) && !(*at == 0 && w->site_first))
			continue;
		if (f.flags & FN_ALLOC) {
			note_allocator(w, &f);
			continue;
		}
		if ((f.flags & FN_PTABLE) && w->type == EVENT_PAGE_ALLOC) {
			if (!w->ptable.sym)
				w->ptable = f;
			continue;
		}
		w->caller = w->ptable.sym ? w->ptable : f;
		w->has_caller = true;
		return true;
	}
	if (w->ptable.sym) {
		w->caller = w->ptable;
		w->has_caller = true;
	}
	return false;
}

/* The nearest or outermost module at or outside frame @i. */
static bool find_module(struct walk *w, const uint64_t *seq, size_t n, size_t i,
			struct frame *found)
{
	struct frame called = { .sym = NULL }, f;
	bool any = false;

	for (; i < n; i++) {
		look_up_in_walk(w, seq[i], &f);
		if (f.flags & FN_ENTRY) {
			w->a->cut = i + 1 < n;
			break;
		}
		if (f.flags & FN_TRACING) {
			/* a module may be behind it */
			w->a->hidden |= (f.flags & FN_GRAPH) != 0;
			continue;
		}
		if (f.owner == OWNER_KERNEL) {
			called = f;
			continue;
		}
		if (frame_is_stray(w->at, &f))
			continue;
		*found = f;
		w->called = called;
		any = true;
		if (w->at->mode != ATTRIBUTE_OUTERMOST)
			break;
	}
	return any;
}

static bool is_probe(enum event_type type)
{
	return type == EVENT_VMALLOC || type == EVENT_BULK_ALLOC || type == EVENT_DMA_BLOCK ||
	       type == EVENT_PAGES_BULK;
}

/* The first frame from @i on that is of no exception and no tracer. */
static size_t behind_exception(struct attributor *at, const uint64_t *frames, size_t n, size_t i)
{
	struct frame f;

	for (; i < n; i++) {
		frame_look_up(at, frames[i], &f);
		if (!(f.flags & (FN_ENTRY | FN_TRACING)))
			break;
	}
	return i;
}

/*
 * A probe's stack starts with what runs the probe, some of it in trampolines
 * that no symbol covers. At a function's entry (EVENT_VMALLOC) the function itself
 * follows, an allocator. Behind its return the last of that is a return trampoline, or,
 * where the kernel knows whose place that has, a handler of probes and the
 * exception by which it came (arm64, arch/arm64/kernel/probes/kprobes.c). What was
 * interrupted asked for the memory all the same.
 */
static size_t probe_frames(struct attributor *at, enum event_type type,
			   const uint64_t *frames, size_t n)
{
	size_t i, entry = n, handler = 0;
	struct frame f;

	for (i = 0; i < n; i++) {
		frame_look_up(at, frames[i], &f);
		if (f.flags & FN_RETURN)
			return i + 1;
		if (f.flags & FN_HANDLER)
			handler = i + 1;
		if (entry == n && (f.flags & FN_ALLOC))
			entry = i;
		if (entry == i && type == EVENT_VMALLOC)
			break;
	}
	if (entry == n && type == EVENT_VMALLOC) {
		/* no allocator is further out: behind the exception, the function itself */
		i = behind_exception(at, frames, n, 0);
		return i && i < n ? i + 1 : 0;
	}
	if (handler && type != EVENT_VMALLOC) {
		handler = behind_exception(at, frames, n, handler);
		if (handler < n)
			return handler;
	}
	return entry == n ? 0 : entry;
}

/* By its stack alone: did another allocator call the innermost one? */
static bool called_by_allocator(struct attributor *at, const uint64_t *frames, size_t n)
{
	unsigned int allocators = 0;
	struct frame f;
	size_t i;

	for (i = 0; i < n; i++) {
		frame_look_up(at, frames[i], &f);
		if (!(f.flags & FN_ALLOC) && !(f.flags & FN_TRACING))
			break;
		allocators += (f.flags & FN_ALLOC) != 0;
	}
	return allocators > 1;
}

/*
 * Pages were mapped into vmalloc space: for a vmalloc, or by vmap() and the
 * per-CPU allocator, whose pages are accounted elsewhere? The caller of the function
 * that maps them says so. At the entry of a function, before it has a frame of its own,
 * that one is on no stack of arm64 and riscv (their unwinders take return addresses from
 * frames alone): then the next one may be something that only vmalloc's core stands
 * between. Of other code of the core kernel nobody can say (*@unsure); a module cannot call
 * that core.
 */
static bool maps_vmalloc(struct attributor *at, uint64_t call_site, const uint64_t *frames,
			 size_t n, bool *unsure)
{
	struct frame f = { .flags = FN_MAPPING };
	size_t i;

	if (call_site)
		frame_look_up(at, call_site, &f);
	for (i = 0; i < n && (f.flags & FN_MAPPING); i++)
		frame_look_up(at, frames[i], &f);
	*unsure = !call_site && !(f.flags & (FN_ALLOC | FN_MAPPING)) && f.owner == OWNER_KERNEL;
	return (f.flags & (FN_VMALLOC | FN_AREA_USER)) != 0;
}

/*
 * The event's call site, as far as it tells a caller; 0: the stack has to. @replaced: a
 * tracer put another one there.
 */
static uint64_t known_call_site(struct attributor *at, enum event_type type, uint64_t call_site,
				const uint64_t *frames, size_t n, struct attribution *a,
				bool *replaced)
{
	struct frame f;

	if (!call_site)
		return 0;
	frame_look_up(at, call_site, &f);
	a->allocator_site = (f.flags & FN_ALLOC) != 0;
	*replaced = (f.flags & FN_TRACING) != 0;
	if (*replaced)
		a->allocator_site = called_by_allocator(at, frames, n);
	/* at its entry, what called the probed function is no first frame */
	return *replaced || type == EVENT_VMALLOC ? 0 : call_site;
}

int attribute(struct attributor *at, enum event_type type, uint8_t flags,
	      uint64_t call_site, const uint64_t *frames, size_t n,
	      uint32_t loading, struct attribution *a)
{
	struct walk w = { .at = at, .type = type, .a = a, .not_yet = OWNER_NONE };
	struct frame module, f;
	bool replaced = false;
	enum charge charge;
	uint64_t inner;
	size_t i = 0;

	memset(a, 0, sizeof(*a));
	if (is_probe(type)) {
		size_t skip = probe_frames(at, type, frames, n);

		frames += skip;
		n -= skip;
	}
	w.in_bulk = type == EVENT_PAGES_BULK;
	if (w.in_bulk || type == EVENT_CONTIG_ALLOC)
		w.type = EVENT_PAGE_ALLOC;
	if (type == EVENT_VMALLOC)
		a->elsewhere = !maps_vmalloc(at, call_site, frames, n, &a->unsure);
	call_site = known_call_site(at, type, call_site, frames, n, a, &replaced);
	a->hidden |= at->lacks_callers && is_probe(type) && type != EVENT_VMALLOC && !call_site;
	w.has_stack = n > 0;
	n = arrange(at, call_site, frames, n, &inner);
	if (inner) {
		frame_look_up(at, inner, &f);
		if (f.flags & FN_ALLOC)
			w.alloc = f;
	}
	w.site_first = call_site != 0;
	find_init_frame(&w, at->seq, n, loading);

	find_caller(&w, at->seq, n, &i);
	a->hidden |= replaced && !w.has_caller;
	a->bare = type == EVENT_PAGE_ALLOC && w.has_caller && !w.alloc.sym && at->ks;
	classify(&w, flags);
	if (!w.has_caller)
		return no_module(&w, flags);
	if (w.caller.owner != OWNER_KERNEL && at->mode != ATTRIBUTE_OUTERMOST)
		return charge_to(&w, &w.caller, CHARGE_OWN, flags);
	if (a->cut || !find_module(&w, at->seq, n, i, &module))
		return no_module(&w, flags);
	if (module.addr == w.caller.addr)
		return charge_to(&w, &module, CHARGE_OWN, flags);
	charge = at->mode == ATTRIBUTE_OWN ? CHARGE_INDUCED : CHARGE_OWN;
	if (charge_to(&w, &module, CHARGE_INDUCED, flags))
		return -ENOMEM;
	if (!is_apart(a))
		a->charge = charge;
	return 0;
}

const char *attribute_mode_name(enum attribute_mode mode)
{
	static const char *const names[] = {
		[ATTRIBUTE_OWN] = "own",
		[ATTRIBUTE_NEAREST] = "nearest",
		[ATTRIBUTE_OUTERMOST] = "outermost",
	};

	return ENUM_NAME(names, mode);
}
