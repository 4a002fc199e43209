// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * plausible.c - see plausible.h
 *
 * No kernel may be taken for a damaged file: each rule has the kernel's source, 3.13
 * to 7.2, as its reason. What holds for nearly all kernels, but perhaps not for one
 * that is built in an uncommon way, is told only where it holds for nearly all else
 * in the same recording (is_exception(), is_rare()).
 *
 * Rules that are kept elsewhere:
 * - fields of an event lie one behind the other, seven bytes apart at most: they are
 *   members of a C structure in their order (include/trace/stages, __field());
 *   formats.c
 * - a record is as long as that structure, rounded up to 4 or 8 bytes
 *   (kernel/trace/ring_buffer.c, rb_calculate_event_length()); decode_stream.c
 * - lines of kallsyms (kernel/kallsyms.c, s_show()); ksyms.c
 */
#include "plausible.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "allocfn.h"
#include "books.h"
#include "decode.h"
#include "formats.h"
#include "model/frames.h"
#include "ksyms.h"
#include "ledger.h"
#include "objects.h"
#include "snapshot_build.h"
#include "source.h"
#include "stacks.h"

/* What is kept in a rule this often is an exception where it is not. */
#define RULE_MIN	50u
#define RULE_SHARE	50u	/* one in so many */
/* ... of what a damaged byte does and a kernel might do in masses. */
#define RARE_SHARE	4u

/* Whoever lets other events into the buffer, which may be, has more of them. */
#define FOREIGN_MIN	16u

/*
 * SLUB serves kmallocs of more than two pages (KMALLOC_MAX_CACHE_SIZE,
 * include/linux/slab.h; one page since 4.20, two before and again since 5.x) with
 * pages, SLAB with powers of two, which it does not debug when that would not fit into
 * the same power (mm/slab.c, __kmem_cache_create()): larger ones are a power of two.
 * Below, debugging adds to the size (mm/slub.c, calculate_sizes()), in twice the size
 * at most.
 */
#define KMALLOC_DEBUGGED	65536u
#define KMALLOC_DEBUGGED_PAGES	4u
/*
 * Objects of a cache: a block of pages at most. The largest block is of 2^13 pages of
 * 64K on arm64 (ARCH_FORCE_MAX_ORDER), but a slab is of MAX_OBJ_PER_PAGE objects and an
 * order that slub_max_order gives, or of a single object.
 */
#define CACHE_OBJECT_MAX	(512u << 20)
/* What alignment (up to a page of 64K) and debugging may add to a slab object besides. */
#define SLAB_WASTE		65535u

/*
 * Two slab objects are hardly ever as far from each other: both lie in the linear map,
 * which spans MAX_PHYSMEM_BITS, 46 to 48 on most machines; 52 with five levels of page
 * tables or 52-bit addresses, on a machine that has memory so far apart.
 */
#define MEMORY_SPAN		(UINT64_C(1) << 48)
/* arm64: tags of KASAN. All ones or all zeros in other kernel's addresses. */
#define ADDRESS_TAG		(UINT64_C(0xf) << 56)

/*
 * Kernel text, and modules, BPF and trampolines: there with KASLR, half a GiB
 * lower without (arch/x86/include/asm/page_64_types.h, KERNEL_IMAGE_SIZE).
 */
#define X86_64_CODE		UINT64_C(0xffffffff80000000)
#define X86_64_MODULES		UINT64_C(0xffffffffc0000000)
/* Code of the kernel ends before its last symbol; a table may lack some. */
#define CODE_SLACK		(32u << 20)

struct looking {
	const struct builder *b;
	struct implausible *found;
	uint64_t word;		/* bytes */
	bool x86_64;
	uint64_t text, image_end;	/* of the kernel, 0: not known */
};

__attribute__((format(printf, 3, 4)))
static void tell(struct looking *l, uint64_t n, const char *fmt, ...)
{
	va_list ap;

	if (!n)
		return;
	if (!l->found->n) {
		va_start(ap, fmt);
		vsnprintf(l->found->first, sizeof(l->found->first), fmt, ap);
		va_end(ap);
	}
	l->found->n += n;
}

/* @broken, out of all: few enough to be none of the kernel's doing. */
static bool is_exception(uint64_t kept, uint64_t broken)
{
	return broken && kept >= RULE_MIN && broken <= kept / RULE_SHARE;
}

static bool is_rare(uint64_t kept, uint64_t broken)
{
	return broken && broken <= kept / RARE_SHARE;
}

/* ... and a kernel that runs where those do, not one in user mode. */
static bool is_x86_64(const struct builder *b)
{
	const char *uname = source_info(b->rs->src)->uname;
	size_t len = uname ? strlen(uname) : 0;
	uint64_t start, end;

	return len > 7 && !strcmp(uname + len - 7, " x86_64") && b->rs->ks &&
	       ksyms_core_text(b->rs->ks, &start, &end) && start >= X86_64_CODE;
}

/*
 * Words on a stack that stand for code: the end mark of old kernels, and
 * FTRACE_TRAMPOLINE_MARKER (kernel/trace/trace.c).
 */
static bool is_mark(uint64_t frame)
{
	return !frame || frame == UINT64_MAX || frame == INT32_MAX;
}

/*
 * Clocks that may run backwards on one CPU: time of day is set (tai), counters of a
 * processor are reset by suspend or differ after migration of a guest. All others are
 * monotonic (kernel/trace/trace_clock.c, kernel/time/timekeeping.c).
 */
static bool may_run_back(const char *clock)
{
	return clock && (!strcmp(clock, "tai") || !strcmp(clock, "x86-tsc") ||
			 !strcmp(clock, "ppc-tb") || !strcmp(clock, "s390-tod"));
}

/* Where the kernel itself lies, if no module is where one would be without KASLR. */
static void find_image(struct looking *l)
{
	const struct ksyms *ks = l->b->rs->ks;
	size_t last = ks && l->x86_64 ? ksyms_find(ks, X86_64_MODULES - 1) : SIZE_MAX;
	uint64_t start, end;

	if (last == SIZE_MAX || ksyms_at(ks, last)->module || last + 1 == ksyms_count(ks) ||
	    !ksyms_core_text(ks, &start, &end))
		return;
	l->text = start;
	l->image_end = ksyms_at(ks, last)->addr + CODE_SLACK;
}

static bool is_code(const struct looking *l, uint64_t addr)
{
	if (!l->x86_64 || is_mark(addr))
		return true;
	if (addr >= X86_64_MODULES || !l->text)
		return addr >= X86_64_CODE;
	return addr >= l->text && addr <= l->image_end;
}

static void look_at_stacks(struct looking *l)
{
	struct stacks *stacks = l->b->rs->stacks;
	uint32_t id, count = stacks_count(stacks);

	if (!l->x86_64)
		return;
	for (id = 1; id < count; id++) {
		const uint64_t *frames;
		size_t n, i;

		frames = stacks_get(stacks, id, &n);
		for (i = 0; i < n; i++)
			if (!is_code(l, frames[i]))
				tell(l, 1, "a call from %#" PRIx64 ", where there is no code",
				     frames[i]);
	}
}

/*
 * A function whose return is probed or traced sees a trampoline as its caller,
 * and the unwinder what is behind it.
 */
static bool is_return_trampoline(const struct looking *l, uint64_t addr)
{
	const struct ksyms *ks = l->b->rs->ks;
	size_t i = ks ? ksyms_find(ks, addr) : SIZE_MAX;

	return i == SIZE_MAX || (allocfn_flags(ksyms_at(ks, i)->name) & FN_TRACING);
}

/* The caller that an event names is on its stack, unless unwinders drop it (E11). */
static void look_at_call_sites(struct looking *l)
{
	struct ledger *ledger = books_ledger(l->b->rs->books);
	uint64_t kept = 0, broken = 0, one = 0;
	size_t i, k, n, count = ledger_count(ledger);

	for (i = 1; i < count; i++) {
		const struct account *a = ledger_at(ledger, (uint32_t)i);
		const uint64_t *frames;

		if (!is_code(l, a->call_site))
			tell(l, 1, "an allocation by %#" PRIx64 ", where there is no code",
			     a->call_site);
		frames = stacks_get(l->b->rs->stacks, a->stack, &n);
		if (!a->call_site || !n)
			continue;
		for (k = 0; k < n && frames[k] != a->call_site; k++)
			;
		if (k < n) {
			kept++;
		} else if (!is_return_trampoline(l, a->call_site)) {
			broken++;
			one = a->call_site;
		}
	}
	if (is_exception(kept, broken))
		tell(l, broken, "an allocation by %#" PRIx64 ", which is not on its stack", one);
}

/* Sizes of slab objects. */
static void look_at_sizes(struct looking *l)
{
	struct ledger *ledger = books_ledger(l->b->rs->books);
	uint64_t kept = 0, broken = 0, one = 0;
	uint64_t debugged = KMALLOC_DEBUGGED_PAGES * books_page_size(l->b->rs->books);
	size_t i, count = ledger_count(ledger);

	if (debugged < KMALLOC_DEBUGGED)
		debugged = KMALLOC_DEBUGGED;
	for (i = 1; i < count; i++) {
		const struct account *a = ledger_at(ledger, (uint32_t)i);

		if (!a->size)
			continue;
		if (a->kmalloc ? a->size > debugged && a->size & (a->size - 1) :
				 a->size > CACHE_OBJECT_MAX) {
			tell(l, 1, "a %s of %" PRIu64 " bytes",
			     a->kmalloc ? "kmalloc" : "slab object", a->size);
		} else if (a->size & (l->word - 1)) {	/* SLOB has such */
			broken++;
			one = a->size;
		} else {
			kept++;
		}
	}
	if (is_exception(kept, broken))
		tell(l, broken, "a slab object of %" PRIu64 " bytes", one);
}

/*
 * What is live now: also what would have been freed, had its address been right.
 * SLUB and SLAB align to a word at least (calculate_sizes()); SLOB of m68k to two bytes.
 */
static void look_at_objects(struct looking *l)
{
	const struct objects *slab = books_slab(l->b->rs->books);
	uint64_t near = 0, kept = 0, misaligned = 0, one = 0, far = 0, far_one = 0;
	const struct object *o;
	size_t at = 0;

	while ((o = objects_next(slab, &at))) {
		uint64_t addr = o->addr | ADDRESS_TAG;

		if (!near)
			near = addr;
		if (o->addr & (l->word - 1)) {
			misaligned++;
			one = o->addr;
		} else if (l->word == 8 && addr - near + MEMORY_SPAN > 2 * MEMORY_SPAN) {
			far++;
			far_one = o->addr;
		} else if (!(o->flags & OBJECT_LARGE) && o->requested &&
			   (uint64_t)o->bytes - o->requested >
			   ((uint64_t)o->requested << 2 | SLAB_WASTE)) {
			tell(l, 1, "a slab object of %" PRIu64 " bytes for %" PRIu64,
			     (uint64_t)o->bytes, (uint64_t)o->requested);
		} else {
			kept++;
		}
	}
	if (is_rare(kept, misaligned))
		tell(l, misaligned, "a slab object at %#" PRIx64, one);
	/* the first may be the one that is wrong */
	if (is_rare(kept, far) || is_rare(far, kept))
		tell(l, far < kept ? far : kept, "slab objects at %#" PRIx64 " and %#" PRIx64,
		     near, far_one);
}

void plausible_look(const struct builder *b, bool whole, struct implausible *found)
{
	const struct source_info *info = source_info(b->rs->src);
	const struct books_stats *bs = books_stats(b->rs->books);
	struct looking l = {
		.b = b,
		.found = found,
		.word = info->long_size,
		.x86_64 = is_x86_64(b),
	};
	uint64_t undescribed;
	size_t i;

	*found = (struct implausible){ 0 };
	tell(&l, decoder_formats(b->rs->decoder)->odd,
	     "an event whose fields lie over each other");
	for (i = 0; i < source_streams(b->rs->src); i++)
		if (!may_run_back(info->buffers[source_stream_buffer(b->rs->src, i)].clock))
			tell(&l, source_backwards(b->rs->src, i),
			     "time that runs backwards on CPU %" PRIu32,
			     source_stream_cpu(b->rs->src, i));
	if (is_rare(bs->events, bs->odd))
		tell(&l, bs->odd, "%s %#" PRIx64, bs->odd_is_page ? "a block of pages at frame" :
	     "a free at", bs->odd_first);
	find_image(&l);
	look_at_sizes(&l);
	look_at_objects(&l);
	look_at_stacks(&l);
	undescribed = decoder_stats(b->rs->decoder)->undescribed;
	if (whole)
		look_at_call_sites(&l);
	if (whole && undescribed < FOREIGN_MIN &&
	    is_exception(decoder_stats(b->rs->decoder)->records, undescribed))
		tell(&l, undescribed, "a record of an event that the file does not describe");
}
