/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * attribution.h - whom an allocation is charged to, from its stack
 *
 * Walks the stack outwards from the allocation, not past an interrupt,
 * softirq or exception entry. Allocator functions are skipped; the first
 * frame left is the caller. In a module: its own memory. In the core kernel
 * with a module further out: induced by that module. See DESIGN in README,
 * "How the numbers are made".
 */
#ifndef MODMEM_ATTRIBUTION_H
#define MODMEM_ATTRIBUTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "event.h"
#include "kinds.h"

struct ksyms;
struct modmap;
struct strings;

/* Who is charged where core kernel code allocated below a module. */
enum attribute_mode {
	ATTRIBUTE_OWN,		/* the module only for what it allocated itself */
	ATTRIBUTE_NEAREST,	/* own and induced in one sum */
	ATTRIBUTE_OUTERMOST,	/* the outermost module on the stack */
};

/* "own", "nearest", "outermost"; NULL past the last one. */
const char *attribute_mode_name(enum attribute_mode mode);

/* What an event tells of a vmalloc area. */
enum area_role {
	AREA_NONE,
	AREA_STRUCT,		/* slab: the vm_struct of it */
	AREA_ARRAY,		/* slab: the array with a pointer for each of its pages */
	AREA_PAGES,		/* pages of it */
	AREA_ELSE,		/* nothing, but it was taken within vmalloc() */
};

struct attribution {
	uint32_t owner;		/* instance in the module map */
	uint32_t row;		/* of all instances of its name */
	enum charge charge;
	enum mem_kind kind;
	enum overhead_kind overhead;	/* if charge is CHARGE_OVERHEAD */
	uint32_t function;	/* string: who is charged; 0: no symbol */
	uint32_t via;		/* string: the call that it made */
	uint64_t offset;	/* into the function; else as below */
	uint64_t address;	/* of that place; never shown unasked */
	bool cut;		/* the walk ended at an entry */
	bool unknown;		/* an address of no known owner was charged */
	bool large;		/* pages that a kmalloc event will repeat */
	bool slab_exts;		/* on the way to a slab's vectors */
	bool table;		/* a bucket table of an rhashtable ... */
	bool rehash;		/* ... which had another one before (books_rehash.c) */
	bool elsewhere;		/* vmap(): its pages are accounted elsewhere */
	bool unsure;		/* ... as it seems, but who mapped them is not on the stack */
	bool allocator_site;	/* the call site itself is in an allocator */
	bool volatile_map;	/* depends on which modules are loaded now */
	bool bare;		/* pages: no allocator is on the stack, which may lack more */
	bool hidden;		/* a tracer's trampoline stands where the caller would be */
	bool init_guarded;	/* init text that looked like another module's */
	bool nested;		/* the vmalloc is that of another one's page array */
	uint8_t area;		/* enum area_role */
};

/*
 * Where no symbol is, what tells places apart: the offset in the text of the module,
 * which is the same after a reload, with this bit that in its init text; of code of
 * no module the address.
 */
#define OFFSET_INIT (1ULL << 63)

struct attributor;

/*
 * @ks may be NULL: then nothing of the core kernel is known. All arguments
 * must outlive the result. NULL: no memory.
 */
struct attributor *attributor_new(const struct ksyms *ks, const struct modmap *mm,
				  struct strings *strings, uint64_t page_size,
				  enum attribute_mode mode);
void attributor_free(struct attributor *at);

/*
 * The recording is a text log: code that has no name lies where it really did, far
 * from all that has one. Code at @no_offset into a function is anywhere in it; 0:
 * offsets are known. What lies behind a symbol called @nameless has no name.
 */
void attributor_text(struct attributor *at, uint64_t no_offset, const char *nameless);

/*
 * Whoever called a function whose return is probed is on no stack (riscv, which puts no
 * return address back: arch/riscv/kernel/stacktrace.c).
 */
void attributor_lacks_callers(struct attributor *at);

/*
 * Attributes an allocation of type @type with @frames (innermost first, may be
 * none). @call_site: 0 where the event has none. @loading: the module whose
 * init the task runs, OWNER_NONE where that is not known. Returns 0 or -ENOMEM.
 */
int attribute(struct attributor *at, enum event_type type, uint8_t flags,
	      uint64_t call_site, const uint64_t *frames, size_t n,
	      uint32_t loading, struct attribution *a);

/*
 * FN_* flags of all frames of a free, or-ed: is it vfree's, or CMA's? *@owner: the
 * module whose code gave the pages back, OWNER_NONE: none is known, or other code
 * of the core kernel did it for somebody.
 */
uint32_t attribute_free(struct attributor *at, const uint64_t *frames, size_t n,
			uint32_t *owner);

/* Code that has no name: what tells it from other such code, as in struct attribution. */
struct unnamed_frame {
	uint32_t row;
	uint64_t offset;
	const char *module;	/* whose it is, as the row is called */
};

/*
 * A frame for people: "name+0xoff" or "name+0xoff [module]", never an address; by the
 * modules as they were at that epoch of the map. Returns a string number, UINT32_MAX:
 * no memory; 0: it has no name, and @unnamed says what it is.
 */
uint32_t attribute_frame_name(struct attributor *at, uint64_t addr, uint32_t epoch,
			      struct unnamed_frame *unnamed);

/* The frame is the tracer's own, or no code at all: of no interest to people. */
bool attribute_is_noise(struct attributor *at, uint64_t addr);

/* The frame is an allocator's: it calls on behalf of the one outside it. */
bool attribute_is_allocator(struct attributor *at, uint64_t addr);

#endif
