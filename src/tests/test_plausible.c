// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * test_plausible.c - recordings in which something cannot be so
 *
 * Each is a sound one of COMMON allocations, and one thing that is not.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "replay_fixture.h"

#define COMMON	60u	/* places that allocate, objects, stacks */
#define HEAP	0xffff888000000000u
#define KMALLOC	0xffffffff81001010u
#define KMTEST	0xffffffffc0000010u
#define SYSCALL	0xffffffff81003010u

static uint64_t ts;

/* With its stack, from the @place-th place of the module. */
static void allocate(uint64_t ptr, uint64_t bytes, uint64_t place)
{
	const uint64_t frames[] = { KMALLOC, KMTEST + place, SYSCALL };

	ts += 1000;
	rp_alloc(ts, ptr, bytes, frames);
}

static void sound(const char *uname)
{
	rp_start(&rec_6_1, 1, 1);
	rp.rec.uname = uname;
	ts = 0;
	for (unsigned int i = 0; i < COMMON; i++)
		allocate(HEAP + 64 * i, 64, i);
}

/* It is told, and said what it is. */
static void told(uint64_t n, const char *what)
{
	ts += 1000;
	rp_alloc(ts, HEAP + 0x10000, 64, rp_kmtest_stack);
	rp_good();
	if (rp.snap->coverage.implausible != n)
		fail_msg("%s: %llu things: %s", what,
			 (unsigned long long)rp.snap->coverage.implausible,
			 rp.snap->coverage.n_distrust ?
			 rp.snap->coverage.distrust[0] : "");
	if (n && !rp_distrusted(what))
		fail_msg("nothing said of '%s'", what);
	if (!n)
		assert_true(rp.snap->coverage.trusted);
}

static void nothing_wrong(void **state)
{
	(void)state;
	sound("Linux box 6.1.0 x86_64");
	rp_release(ts + 1, HEAP + 64);
	/* freed, but not known; a failed one; a kmalloc of its own pages */
	rp_release(ts + 2, HEAP + 0x20000);
	allocate(0, 1 << 30, 1);
	allocate(HEAP + 0x400000, 1 << 22, 2);
	told(0, "");
}

static void sizes(void **state)
{
	static const struct {
		uint64_t bytes, n;
	} sizes[] = {
		{ 96, 0 }, { 72, 0 },		/* with slub_debug */
		{ 65540, 1 }, { 72 + (1 << 20), 1 }, { 68, 1 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		sound(NULL);
		allocate(HEAP + 0x100000, sizes[i].bytes, 1);
		told(sizes[i].n, " bytes): the file is damaged");
		rp_teardown(NULL);
	}
}

/* SLOB aligns to less: what is the rule is not damage. */
static void no_exception(void **state)
{
	(void)state;
	rp_start(&rec_6_1, 1, 1);
	ts = 0;
	for (unsigned int i = 0; i < COMMON; i++)
		allocate(HEAP + 64 * i, 62, i);
	told(0, "");
}

static void objects(void **state)
{
	(void)state;
	sound(NULL);
	allocate(HEAP + 0x100004, 64, 1);
	told(1, "a slab object at 0xffff888000100004");
	rp_teardown(NULL);

	sound(NULL);
	allocate(HEAP & ~(UINT64_C(1) << 60), 64, 1);
	told(1, "slab objects at 0x");
	rp_teardown(NULL);

	/* a tag of KASAN on arm64 */
	sound(NULL);
	allocate((HEAP + 0x100000) & ~(UINT64_C(1) << 57), 64, 1);
	told(0, "");
	rp_teardown(NULL);

	sound(NULL);
	ts += 1000;
	EMIT(&rp.rec, .ts = ts, .event = "kmem_cache_alloc", .ptr = HEAP + 0x100000,
	     .bytes_req = 40, .bytes_alloc = 1048616, .call_site = KMTEST);
	EMIT(&rp.rec, .ts = ts, .event = "kernel_stack", .frames = rp_kmtest_stack,
	     .n_frames = 3);
	told(1, "1048616 bytes for 40");
}

static void frees(void **state)
{
	(void)state;
	sound(NULL);
	rp_release(ts + 1, HEAP + 0x100001);
	told(1, "a free at 0xffff888000100001");
}

static void pages(void **state)
{
	static const struct {
		uint64_t pfn, order, n;
	} blocks[] = {
		{ 0x1000, 3, 0 }, { 0x1001, 0, 0 }, { 0x1004, 3, 1 },
		{ UINT64_C(1) << 48, 0, 1 }, { UINT64_MAX, 0, 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(blocks) / sizeof(blocks[0]); i++) {
		sound(NULL);
		ts += 1000;
		EMIT(&rp.rec, .ts = ts, .event = "mm_page_alloc",
		     .ptr = blocks[i].pfn, .order = blocks[i].order);
		EMIT(&rp.rec, .ts = ts, .event = "kernel_stack",
		     .frames = rp_kmtest_stack, .n_frames = 3);
		told(blocks[i].n, "a block of pages at frame");
		rp_teardown(NULL);
	}
}

static void code(void **state)
{
	static const struct {
		uint64_t frame, n;
		const char *machine;
	} frames[] = {
		{ 0xffffffff81003020, 0, "Linux a 1 x86_64" },
		{ 0xffffffffc0700000, 0, "Linux a 1 x86_64" },	/* unloaded */
		{ 0x7fffffff, 0, "Linux a 1 x86_64" },	/* FTRACE_TRAMPOLINE_MARKER */
		{ UINT64_MAX, 0, "Linux a 1 x86_64" },
		{ 0xbfffffff81003020, 1, "Linux a 1 x86_64" },
		{ 0xffffffff91003020, 1, "Linux a 1 x86_64" },
		{ 0xffffffff80003020, 1, "Linux a 1 x86_64" },
		{ 0xbfffffff81003020, 0, "Linux a 1 aarch64" },
		{ 0x384, 0, "Linux a 1 ppc64le" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(frames) / sizeof(frames[0]); i++) {
		const uint64_t stack[] = { KMALLOC, KMTEST, frames[i].frame };

		sound(frames[i].machine);
		ts += 1000;
		rp_alloc(ts, HEAP + 0x100000, 64, stack);
		told(frames[i].n, "where there is no code");
		rp_teardown(NULL);
	}
}

static void call_sites(void **state)
{
	(void)state;
	sound(NULL);
	ts += 1000;
	EMIT(&rp.rec, .ts = ts, .event = "kmalloc", .ptr = HEAP + 0x100000,
	     .bytes_req = 60, .bytes_alloc = 64, .call_site = KMTEST + 0x400);
	EMIT(&rp.rec, .ts = ts, .event = "kernel_stack", .frames = rp_kmtest_stack,
	     .n_frames = 3);
	told(1, "which is not on its stack");
	rp_teardown(NULL);

	/* where events were lost, a stack may be another's */
	sound(NULL);
	ts += 1000;
	EMIT(&rp.rec, .ts = ts, .event = "kmalloc", .ptr = HEAP + 0x100000, .lost = 1,
	     .bytes_req = 60, .bytes_alloc = 64, .call_site = KMTEST + 0x400);
	EMIT(&rp.rec, .ts = ts, .event = "kernel_stack", .frames = rp_kmtest_stack,
	     .n_frames = 3);
	rp_good();
	assert_int_equal(rp.snap->coverage.implausible, 0);
}

static void unknown_event(void **state)
{
	(void)state;
	sound(NULL);
	EMIT(&rp.rec, .ts = ts + 1, .event = "kmalloc", .id = 65535);
	told(1, "an event that the file does not describe");
}

static void time_backwards(void **state)
{
	(void)state;
	sound(NULL);
	ts += 10000000;
	allocate(HEAP + 0x100000, 64, 1);
	/* a page of its own: a count of what was lost begins one */
	for (unsigned int i = 0; i < 10; i++)
		allocate(HEAP + 0x101000 + 64 * i, 64, 1);
	ts -= 9000000;
	for (unsigned int i = 0; i < 10; i++)
		allocate(HEAP + 0x102000 + 64 * i, 64, 1);
	told(1, "time that runs backwards on CPU 0");
}

static void symbols(void **state)
{
	(void)state;
	sound(NULL);
	rp.rec.kallsyms = "ffffffff81000000 T _stext\n"
			  "ffffffff81001000 T __kmalloc\n"
			  "ffffffff81003000 T do_syscall\x80\n"
			  "ffffffff82000000 T _etext\n"
			  "ffffffffc0000000 t kmtest_take\t[kmtest]\n";
	told(1, "1 lines of the recorded symbols");
	rp_teardown(NULL);

	/* what is given besides is not the recording's */
	sound(NULL);
	rp.rec.kallsyms = NULL;
	rp_save("ffffffff82000000 T b c\nffffffff81000000 T a\n", 44);
	rp.opts.kallsyms_file = rp.saved;
	told(0, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(nothing_wrong, rp_setup, rp_teardown),
		cmocka_unit_test_setup_teardown(sizes, rp_setup, rp_teardown),
		cmocka_unit_test_setup_teardown(no_exception, rp_setup, rp_teardown),
		cmocka_unit_test_setup_teardown(objects, rp_setup, rp_teardown),
		cmocka_unit_test_setup_teardown(frees, rp_setup, rp_teardown),
		cmocka_unit_test_setup_teardown(pages, rp_setup, rp_teardown),
		cmocka_unit_test_setup_teardown(code, rp_setup, rp_teardown),
		cmocka_unit_test_setup_teardown(call_sites, rp_setup, rp_teardown),
		cmocka_unit_test_setup_teardown(unknown_event, rp_setup, rp_teardown),
		cmocka_unit_test_setup_teardown(time_backwards, rp_setup, rp_teardown),
		cmocka_unit_test_setup_teardown(symbols, rp_setup, rp_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
