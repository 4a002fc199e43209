// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * test_page_frames.c - kernels before 4.1, whose page events have pointers to struct
 * page and no PFN; and events that cannot be understood
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "replay_fixture.h"

#define HEAP	UINT64_C(0xffff880000000000)
#define VMEMMAP	UINT64_C(0xffffea0000000000)
#define MEM_MAP	UINT64_C(0xc0d01020)	/* aligned as bootmem may do it */
#define PAGE	512u	/* of the recordings made here */

static const char symbols[] =
	"ffffffff81000000 T _stext\n"
	"ffffffff81001000 T __alloc_pages_nodemask\n"
	"ffffffff81002000 T kmalloc_order\n"
	"ffffffff81003000 T sys_ioctl\n"
	"ffffffff81004000 T new_slab\n"
	"ffffffff82000000 T _etext\n"
	"ffffffffa0000000 t kmtest_take\t[kmtest]\n";
static const uint64_t pages_stack[] = {
	0xffffffff81001010, 0xffffffffa0000010, 0xffffffff81003010,
};
static const uint64_t large_stack[] = {
	0xffffffff81001010, 0xffffffff81002010, 0xffffffffa0000010, 0xffffffff81003010,
};
static const char symbols_arm[] =
	"c0008000 T _stext\nc0009000 T __alloc_pages_nodemask\nc000a000 T kmalloc_order\n"
	"c000b000 T sys_ioctl\nc0100000 T _etext\nbf000000 t kmtest_take\t[kmtest]\n";
static const uint64_t pages_stack_arm[] = { 0xc0009010, 0xbf000010, 0xc000b010 };

static uint64_t ts, base, size;
static bool arm;

static void begin(const struct rec_kernel *kernel, uint64_t from, uint64_t bytes)
{
	arm = kernel->long_size == 4;
	rp_start(kernel, 1, 1);
	rp.rec.kallsyms = arm ? symbols_arm : symbols;
	ts = 0;
	base = from;
	size = bytes;
}

static void take(uint64_t pfn, unsigned int order)
{
	ts += 1000;
	EMIT(&rp.rec, .ts = ts, .event = "mm_page_alloc", .ptr = base + pfn * size,
	     .order = order);
	EMIT(&rp.rec, .ts = ts, .event = "kernel_stack",
	     .frames = arm ? pages_stack_arm : pages_stack, .n_frames = 3);
}

static void give(uint64_t pfn, unsigned int order)
{
	ts += 1000;
	EMIT(&rp.rec, .ts = ts, .event = "mm_page_free", .ptr = base + pfn * size,
	     .order = order);
}

static void slab(uint64_t ptr, uint64_t bytes)
{
	ts += 1000;
	EMIT(&rp.rec, .ts = ts, .event = "kmalloc", .ptr = ptr, .bytes_req = bytes,
	     .bytes_alloc = bytes, .call_site = pages_stack[1]);
	EMIT(&rp.rec, .ts = ts, .event = "kernel_stack", .frames = pages_stack + 1,
	     .n_frames = 2);
}

/* A large kmalloc: its pages, then the event of its own, at that linear address. */
static void large(uint64_t pfn, unsigned int order, uint64_t ptr)
{
	ts += 1000;
	EMIT(&rp.rec, .ts = ts, .event = "mm_page_alloc", .ptr = base + pfn * size,
	     .order = order);
	EMIT(&rp.rec, .ts = ts, .event = "kernel_stack", .frames = large_stack,
	     .n_frames = 4);
	EMIT(&rp.rec, .ts = ts, .event = "kmalloc", .ptr = ptr,
	     .bytes_req = (PAGE << order) - 100, .bytes_alloc = PAGE << order,
	     .call_site = large_stack[2]);
	EMIT(&rp.rec, .ts = ts, .event = "kernel_stack", .frames = large_stack + 1,
	     .n_frames = 3);
}

/* Blocks of all orders to three, as the buddy allocator has them. */
static uint64_t some_blocks(void)
{
	uint64_t pages = 0, random = 12345;

	for (unsigned int i = 0; i < 40; i++) {
		unsigned int order;

		random = random * 1103515245 + 12345;
		order = (unsigned int)(random >> 16) % 4;
		take(0x1000 + 16 * i + (((random >> 20) % 8) >> order << order), order);
		pages += 1u << order;
	}
	return pages;
}

/* Parts of a block are freed, one page at a time, and what was not is live. */
static void sizes_are_learned(void **state)
{
	static const struct {
		const struct rec_kernel *kernel;
		uint64_t base, size;
	} cases[] = {
		{ &rec_3_13, VMEMMAP, 64 }, { &rec_3_13, VMEMMAP, 56 },
		{ &rec_3_13, VMEMMAP, 72 }, { &rec_3_13, VMEMMAP, 128 },
		/* mem_map of FLATMEM: where it begins nobody says */
		{ &rec_3_13, UINT64_C(0xffff88003f000010), 64 },
		{ &rec_3_13_arm, MEM_MAP, 28 }, { &rec_3_13_arm, MEM_MAP, 32 },
		{ &rec_3_13_arm, MEM_MAP, 36 }, { &rec_3_13_arm, MEM_MAP, 40 },
		{ &rec_3_13_arm, MEM_MAP, 44 }, { &rec_3_13_arm, MEM_MAP, 64 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char text[64];
		uint64_t pages;

		begin(cases[i].kernel, cases[i].base, cases[i].size);
		pages = some_blocks();
		take(0x4000, 3);
		give(0x4001, 0);
		give(0x4004, 1);
		give(0x4007, 0);
		take(0x4001, 0);
		rp_good();
		assert_int_equal(rp_live("kmtest"), (pages + 8 - 4 + 1) * PAGE);
		assert_int_equal(rp.snap->coverage.evicted, 0);
		assert_int_equal(rp.snap->coverage.unmatched_pages, 0);
		assert_int_equal(rp.snap->coverage.implausible, 0);
		snprintf(text, sizeof(text), "with %u bytes a struct page",
			 (unsigned int)cases[i].size);
		assert_true(rp_said(rp.snap->coverage.notes, rp.snap->coverage.n_notes, text));
		rp_teardown(NULL);
	}
}

/* Two pages show nothing of it: the usual size is taken, and said to be. */
static void few_pages(void **state)
{
	(void)state;
	begin(&rec_3_13, VMEMMAP, 64);
	take(0x1000, 1);
	take(0x1010, 0);
	rp_good();
	assert_int_equal(rp_live("kmtest"), 3 * PAGE);
	assert_true(rp_said(rp.snap->coverage.notes, rp.snap->coverage.n_notes,
			    "these few do not show it"));
}

static void failures(void **state)
{
	(void)state;
	begin(&rec_3_13, VMEMMAP, 64);
	take(0x1000, 0);
	ts += 1000;
	EMIT(&rp.rec, .ts = ts, .event = "mm_page_alloc", .ptr = 0, .order = 9);
	EMIT(&rp.rec, .ts = ts, .event = "kernel_stack", .frames = pages_stack, .n_frames = 3);
	rp_good();
	assert_int_equal(rp_live("kmtest"), PAGE);
	assert_int_equal(rp.snap->coverage.malformed, 0);
	assert_int_equal(rp_module("kmtest")->failed, 1);
}

/* A damaged pointer is malformed, and spoils no other. */
static void one_that_points_nowhere(void **state)
{
	uint64_t pages;

	(void)state;
	begin(&rec_3_13, VMEMMAP, 64);
	pages = some_blocks() + some_blocks();
	ts += 1000;
	EMIT(&rp.rec, .ts = ts, .event = "mm_page_free", .ptr = base + 0x1001 * 64 + 5);
	pages /= 2;
	rp_good();
	assert_int_equal(rp_live("kmtest"), pages * PAGE);
	assert_int_equal(rp.snap->coverage.malformed, 1);
}

/* Also where two arrays have pages: pointers are then no help to find memory. */
static void large_kmallocs_are_counted_once(void **state)
{
	struct rec_kernel kernel = rec_3_13;

	(void)state;
	begin(&rec_3_13, VMEMMAP, 64);
	some_blocks();
	large(0x8000, 2, HEAP + 0x8000 * UINT64_C(512));
	large(0x9000, 3, HEAP + 0x9000 * UINT64_C(512));
	rp_good();
	assert_int_equal(rp_module("kmtest")->live[KIND_SLAB].bytes, 0);
	rp_teardown(NULL);

	kernel.page_print = "\"%lu\", ({ int __sec = page_to_section(REC->page); __sec; })";
	begin(&kernel, UINT64_C(0xffff88003f000010), 64);
	some_blocks();
	large(0x8000, 2, HEAP + 0x8000 * UINT64_C(512));
	/* of another section: its array begins elsewhere */
	base = UINT64_C(0xffff88007e000050);
	large(0x9000, 3, HEAP + 0x29000 * UINT64_C(512));
	rp_good();
	assert_int_equal(rp_module("kmtest")->live[KIND_SLAB].bytes, 0);
	assert_int_equal(rp.snap->coverage.implausible, 0);
}

/* No size fits: the pages are left out, and slab is reported. */
static void no_size(void **state)
{
	uint64_t random = 99;

	(void)state;
	begin(&rec_3_13, VMEMMAP, 1);
	for (unsigned int i = 0; i < 40; i++) {
		random = random * 1103515245 + 12345;
		take(random >> 16, 0);
	}
	slab(HEAP, 64);
	rp_good();
	assert_int_equal(rp_live("kmtest"), 64);
	assert_true(rp_distrusted("40 events cannot be understood and are left out: kmem:mm_page_alloc has pointers to struct page"));
	assert_true(rp_said(rp.snap->coverage.blind, rp.snap->coverage.n_blind,
			    "page allocations: kmem:mm_page_alloc not recorded"));
}

/* What is described and not there needs no word. */
static void no_pages(void **state)
{
	(void)state;
	begin(&rec_3_13, VMEMMAP, 64);
	slab(HEAP, 64);
	rp_good();
	assert_int_equal(rp_live("kmtest"), 64);
	assert_false(rp_said(rp.snap->coverage.notes, rp.snap->coverage.n_notes, "struct page"));
	assert_true(rp.snap->coverage.trusted);
}

/* One event lacks a field: the others are in the books, and it is said. */
static void a_field_that_is_missing(void **state)
{
	static const struct rec_event events[] = {
		{ "ftrace", "kernel_stack", { { "int", "size", 4 },
		  { "unsigned long", "caller[8]", REC_CALLER } } },
		{ "kmem", "kmalloc", { { "unsigned long", "call_site", 0 },
		  { "void *", "ptr", 0 }, { "size_t", "bytes_req", 0 },
		  { "size_t", "bytes", 0 } } },
		{ "kmem", "kmem_cache_alloc", { { "unsigned long", "call_site", 0 },
		  { "void *", "ptr", 0 }, { "size_t", "bytes_req", 0 },
		  { "size_t", "bytes_alloc", 0 } } },
		{ "kmem", "kfree", { { "void *", "addr", 0 } } },
		{ "kmem", "kmem_cache_free", { { "void *", "ptr", 0 } } },
	};
	static const struct rec_kernel kernel = {
		.long_size = 8, .events = events, .n_events = 5,
	};

	(void)state;
	begin(&kernel, VMEMMAP, 64);
	slab(HEAP, 64);
	ts += 1000;
	EMIT(&rp.rec, .ts = ts, .event = "kmem_cache_alloc", .ptr = HEAP + 64,
	     .bytes_req = 32, .bytes_alloc = 32, .call_site = pages_stack[1]);
	EMIT(&rp.rec, .ts = ts, .event = "kernel_stack", .frames = pages_stack + 1,
	     .n_frames = 2);
	rp_good();
	assert_int_equal(rp_live("kmtest"), 32);
	assert_true(rp_distrusted("1 events cannot be understood and are left out: kmem:kmalloc has no usable field 'bytes_alloc'"));
	assert_true(rp_said(rp.snap->coverage.blind, rp.snap->coverage.n_blind,
			    "slab frees: kmem:kfree not recorded"));
}

/* Frames that old kernels skip are said to be missing. */
static void stacks_without_the_allocator(void **state)
{
	(void)state;
	begin(&rec_3_13, VMEMMAP, 64);
	some_blocks();
	rp_good();
	assert_false(rp_distrusted("begin outside the allocator"));
	rp_teardown(NULL);

	begin(&rec_3_13, VMEMMAP, 64);
	for (unsigned int i = 0; i < 10; i++) {
		ts += 1000;
		EMIT(&rp.rec, .ts = ts, .event = "mm_page_alloc", .ptr = base + i * size);
		EMIT(&rp.rec, .ts = ts, .event = "kernel_stack", .frames = pages_stack + 1,
		     .n_frames = 2);
	}
	rp_good();
	assert_true(rp_distrusted("the stacks of 10 page allocations begin outside the allocator"));
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, rp_setup, rp_teardown)
	const struct CMUnitTest tests[] = {
		TEST(sizes_are_learned),
		TEST(few_pages),
		TEST(failures),
		TEST(one_that_points_nowhere),
		TEST(large_kmallocs_are_counted_once),
		TEST(no_size),
		TEST(no_pages),
		TEST(a_field_that_is_missing),
		TEST(stacks_without_the_allocator),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
