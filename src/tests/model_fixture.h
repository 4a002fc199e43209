/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * model_fixture.h - a make-believe kernel whose events go into the books
 *
 * Stacks are written as text, innermost frame first:
 *
 *	"__kmalloc < *do_kmalloc < kmtest_ioctl < __x64_sys_ioctl"
 *
 * Frames are symbols of model_kernel.c (+0x10 unless a +OFFSET
 * follows), or numbers. The call site of the event is marked: '*' it is on
 * the stack, '!' it is not (the unwinder dropped it).
 *
 * Every event is also put into a trace.dat, and model_done() compares what
 * replay() makes of it with the books.
 */
#ifndef MODMEM_TESTS_MODEL_FIXTURE_H
#define MODMEM_TESTS_MODEL_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "attribution.h"
#include "books.h"
#include "event.h"
#include "replay.h"
#include "snapshot.h"
#include "tracerec.h"

#define PAGE 4096u

/* What follows on any stack below a module's function in a system call. */
#define SYSCALL " < kmtest_ioctl < __x64_sys_ioctl < do_syscall_64"
/* ... and below a module's init. */
#define INIT " < do_one_initcall < do_init_module < load_module < do_syscall_64"

#define NO_STACK ""

/* Addresses of modules in the 64-bit kernel. */
#define KMTEST_BASE	0xffffffffc0401000ULL
#define LIBKM_BASE	0xffffffffc0411000ULL
#define FSMOD_BASE	0xffffffffc0421000ULL
#define FREE_TEXT	0xffffffffc0501000ULL	/* belongs to no module */

struct model_setup {
	const char *modules;	/* symbol lines of modules, NULL: model_kernel.c's */
	const char *shown;	/* those that kallsyms shows, NULL: all of them */
	bool hidden;		/* all addresses in kallsyms are zero */
	bool no_kallsyms;
	const char *proc_modules;	/* a saved /proc/modules, NULL: none */
	const char *plan;	/* "+foo -foo": module events that will come */
	uint64_t page_size;	/* 0: PAGE */
	bool long32;		/* a 32-bit kernel */
	bool local_clock;
	bool hashed;		/* pointers are: with no_replay only */
	bool no_replay;		/* do not compare with a replay */
	bool areas;		/* a probe tells of vmalloc areas */
	enum attribute_mode mode;
	uint64_t from, to;	/* ns, 0: not given */
	uint64_t older_than;	/* ns, what leaks are asked for */
	const char *narrowed;	/* to these modules; NULL: it was not */
	const char *own;	/* events that --own narrowed; NULL: none */
	const char *filters_start, *filters_end;	/* of others; NULL: none */
	const char *probes;	/* a recorder's word on its companions, NULL: none */
	const char *imports;	/* of the modules' files (companion.h), NULL: none */
	const char *meminfo;	/* at the start, NULL: none */
	const char *slabinfo;	/* at the end, as a recorder copies it, NULL: none */
};

struct model {
	struct model_setup setup;
	struct strings *strings;
	struct stacks *stacks;
	struct ksyms *where;	/* all symbols, to write stacks with */
	struct ksyms *ks;	/* those that the model is shown */
	struct modmap *mm;
	struct attributor *at;
	struct ledger *ledger;
	struct books *books;
	struct recording rec;
	struct snapshot *snap;	/* of the replay, once it was asked for */
	char *kallsyms;

	/* of the next event */
	uint64_t now;		/* ns; 1000 later for each event */
	int32_t pid;
	uint16_t cpu;
	uint8_t context;
};

struct model *model_new(const struct model_setup *setup);
#define MODEL(...) model_new(&(struct model_setup){ __VA_ARGS__ })

/* Checks the books, and the replay against them; frees the model. */
void model_done(struct model *m);

/*
 * Text of /proc/kallsyms: the core kernel and @modules, NULL: those that are
 * in model_kernel.c. free() it.
 */
char *model_symbols(const struct model_setup *s, const char *modules);

/* The address of a symbol. */
uint64_t model_addr(const struct model *m, const char *name);

/* Feeds @ev, whose stack and call site are in @stack; name NULL: none. */
void model_event(struct model *m, struct event *ev, const char *stack,
		 const char *name);

void model_kmalloc(struct model *m, uint64_t ptr, uint64_t req, uint64_t alloc,
		   const char *stack);
void model_cache_alloc(struct model *m, uint64_t ptr, uint64_t req,
		       uint64_t alloc, const char *stack);
void model_kfree(struct model *m, uint64_t ptr);
void model_cache_free(struct model *m, uint64_t ptr, const char *cache);
void model_pages(struct model *m, uint64_t pfn, unsigned int order,
		 const char *stack);
void model_pages_free(struct model *m, uint64_t pfn, unsigned int order,
		      const char *stack);
void model_percpu(struct model *m, uint64_t ptr, uint64_t req, uint64_t alloc,
		  const char *stack);
void model_percpu_reserved(struct model *m, uint64_t ptr, uint64_t req,
			   uint64_t alloc, const char *stack);
void model_percpu_fail(struct model *m, uint64_t size, const char *stack);
void model_percpu_free(struct model *m, uint64_t ptr);
void model_module(struct model *m, const char *name, bool load);
void model_lost(struct model *m, uint64_t n);

/* Compacts the books, as "modmem top" does. */
void model_compact(struct model *m);

/*
 * A large kmalloc as the kernel traces it: pages at @pfn, then the kmalloc of
 * the linear address of @pfn.
 */
void model_large(struct model *m, uint64_t pfn, unsigned int order, uint64_t req,
		 const char *pages_stack, const char *stack);
uint64_t model_linear(const struct model *m, uint64_t pfn);

/* Live bytes of a module in the books. */
uint64_t model_own(struct model *m, const char *module, enum mem_kind kind);
uint64_t model_induced(struct model *m, const char *module, enum mem_kind kind);
uint64_t model_overhead(struct model *m, const char *module,
			enum overhead_kind kind);
/* Sums over all accounts of a module, whatever their charge. */
struct model_totals {
	uint64_t own, induced, overhead;	/* live bytes */
	uint64_t allocs, frees, evicted, objects, failed;
	uint64_t allocated_bytes, evicted_bytes, requested;
};
struct model_totals model_totals(struct model *m, const char *module);

#define assert_own(m, module, kind, bytes) \
	assert_int_equal(model_own(m, module, kind), bytes)
#define assert_induced(m, module, kind, bytes) \
	assert_int_equal(model_induced(m, module, kind), bytes)
#define assert_overhead(m, module, kind, bytes) \
	assert_int_equal(model_overhead(m, module, kind), bytes)
/* The module holds nothing but @bytes of @kind. */
#define assert_only_own(m, module, kind, bytes) do {			\
	assert_own(m, module, kind, bytes);				\
	assert_int_equal(model_totals(m, module).own, bytes);		\
	assert_int_equal(model_totals(m, module).induced, 0);		\
	assert_int_equal(model_totals(m, module).overhead, 0);		\
} while (0)
#define assert_nothing(m, module) assert_only_own(m, module, KIND_SLAB, 0)

/* ---- model_compare.c: the replay of all events so far ---- */

const struct snapshot *model_snapshot(struct model *m);
const struct snap_module *model_row(struct model *m, const char *module);
/* The site of @module in @function with @via (NULL: any); must exist. */
const struct snap_site *model_site(struct model *m, const char *module,
				   const char *function, const char *via);
/* NULL: the first that has no name. */
const struct snap_cache *model_cache(struct model *m, const char *module,
				     const char *name);

/*
 * What is held against memory of @module in @function (NULL: any) for that
 * reason; NULL: nothing.
 */
struct snap_leak;
const struct snap_leak *model_leak(struct model *m, const char *module,
				   const char *function, unsigned int reason);

/* Does one of the @n @sentences have @what in it? */
bool model_says(const char *const *sentences, size_t n, const char *what);

/* Fails unless the replay says what the books say. */
void model_compare(struct model *m);

#endif
