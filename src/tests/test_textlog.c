// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * test_textlog.c - what is reported of the text of tracefs
 */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "leaks.h"
#include "textcase.h"
#include "textlog.h"

static void bad(const char *text, const char *message)
{
	write_text(text);
	assert_null(replay(&opts, &err));
	if (!strstr(err.text, message))
		fail_msg("%s", err.text);
}

#define AT(cpu, time) "              sh-148     [" cpu "] .....     " time ": "
#define STACK(cpu, time)					\
	AT(cpu, time) "<stack trace>\n"				\
	" => __kmalloc+0x10/0x20\n"				\
	" => take+0x33/0x80 [foo]\n"				\
	" => do_syscall_64+0x5/0x80\n"
#define KMALLOC(ptr, n)						\
	"kmalloc: call_site=take+0x33/0x80 [foo] ptr=00000000" ptr	\
	" bytes_req=" n " bytes_alloc=" n " gfp_flags=GFP_KERNEL node=-1\n"
#define KFREE(ptr) "kfree: call_site=drop+0x1/0x9 [foo] ptr=00000000" ptr "\n"

static void allocations_and_frees(void **state)
{
	(void)state;
	good("# tracer: nop\n#\n# entries-in-buffer/entries-written: 5/5   #P:2\n"
	     AT("000", "1.000001") KMALLOC("11111111", "64") STACK("000", "1.000001")
	     AT("000", "1.000002") KMALLOC("22222222", "32") STACK("000", "1.000002")
	     AT("001", "1.000003") KFREE("11111111"));
	assert_int_equal(module("foo")->live_bytes, 32);
	assert_int_equal(module("foo")->allocs, 2);
	assert_int_equal(module("foo")->frees, 1);
	assert_string_equal(module("foo")->sites[0].function, "take");
	assert_int_equal(module("foo")->sites[0].offset, 0x33);
	assert_false(module("foo")->sites[0].no_offset);
	assert_int_equal(snap->cpus, 2);
	assert_int_equal(snap->coverage.records, 5);
	assert_int_equal(snap->start_ns, 1000001000);
	assert_int_equal(snap->page_size, 4096);
	assert_int_equal(snap->long_bits, 64);
	assert_null(snap->kernel);
	assert_true(snap->coverage.trusted);
	assert_true(NOTED("page size"));
	assert_true(NOTED("hashed"));
}

/*
 * Whether pointers are hashed: of 32 bits, only that they lie on words tells, and only
 * if they are many.
 */
static void hashed_pointers(void **state)
{
	static const struct {
		const char *format;		/* of a number */
		unsigned int n, step;
		bool said;
	} cases[] = {
		{ "ptr=00000000%08x", 1, 64, true },
		{ "ptr=00000000%08x", 20, 64, true },
		{ "ptr=ffff8880%08x", 20, 64, false },
		{ "ptr=%08x", 20, 64, false },		/* 32 bits, real */
		{ "ptr=%08x", 20, 63, true },
		{ "ptr=0x%08x", 20, 63, true },
		{ "ptr=%08x", 3, 64, false },		/* who knows */
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char text[8192], ptr[32];
		size_t len = 0;

		for (unsigned int k = 0; k < cases[i].n; k++) {
			snprintf(ptr, sizeof(ptr), cases[i].format,
				 0xc1000000u + k * cases[i].step);
			len += (size_t)snprintf(text + len, sizeof(text) - len,
						AT("000", "1.%06u")
						"kmalloc: call_site=take+0x33/0x80 [foo] %s bytes_req=8 bytes_alloc=8 gfp_flags=GFP_KERNEL\n",
						k + 1, ptr);
		}
		good(text);
		assert_int_equal(module("foo")->live_bytes, 8 * cases[i].n);
		if (NOTED("hashed") != cases[i].said)
			fail_msg("case %zu: %s", i, cases[i].format);
	}
}

/* What is said of a text is about texts. */
static void advice_for_texts(void **state)
{
	(void)state;
	good("CPU:0 [LOST 5 EVENTS]\n"
	     AT("000", "1.000001") "kmalloc: call_site=seq_open+0x33/0x80 ptr=0000000011111111 bytes_req=8 bytes_alloc=8 gfp_flags=0\n");
	for (size_t i = 0; i < snap->coverage.n_notes + snap->coverage.n_distrust; i++) {
		const char *text = i < snap->coverage.n_notes ? snap->coverage.notes[i] :
				   snap->coverage.distrust[i - snap->coverage.n_notes];

		if (strstr(text, "trace-cmd") || strstr(text, "--buffer-size") ||
		    strstr(text, "in kallsyms"))
			fail_msg("%s", text);
	}
	assert_true(DISTRUST("use a larger buffer (buffer_size_kb in tracefs)"));
	assert_true(DISTRUST("options/stacktrace"));
	assert_true(NOTED("the text names no module"));
	/* ... of trace-cmd report, which prints no size of a function */
	good(AT("000", "1.000001") "kmalloc: call_site=seq_open+0x33 ptr=0000000011111111 bytes_req=8 bytes_alloc=8 gfp_flags=0\n");
	assert_true(DISTRUST("trace-cmd record -T"));
	assert_true(NOTED("trace-cmd report does not say which module"));
	good("          insmod   314 [000] 12.345678: kmem:kmalloc: call_site=seq_open+0x33 ptr=0xffff888011111110 bytes_req=8 bytes_alloc=8 gfp_flags=0\n");
	assert_true(DISTRUST("perf record -g"));
}

/* The order of the text counts, though the clock shows one time for all. */
static void same_microsecond(void **state)
{
	(void)state;
	good(AT("001", "1.000001") KMALLOC("11111111", "64") STACK("001", "1.000001")
	     AT("000", "1.000001") KFREE("11111111")
	     AT("000", "1.000001") KMALLOC("11111111", "32") STACK("000", "1.000001")
	     AT("001", "1.000000") KFREE("11111111")
	     AT("001", "1.000001") KMALLOC("11111111", "16") STACK("001", "1.000001"));
	assert_int_equal(module("foo")->live_bytes, 16);
	assert_int_equal(module("foo")->frees, 2);
	assert_int_equal(snap->coverage.evicted, 0);
	assert_int_equal(snap->coverage.unmatched_frees, 0);
	assert_true(NOTED("1 entries of the text are older"));
}

/* What per_cpu/cpuN/trace has, one behind the other: merged by time. */
static void cpu_by_cpu(void **state)
{
	(void)state;
	good("# tracer: nop\n"
	     AT("000", "1.000001") KMALLOC("11111111", "64") STACK("000", "1.000001")
	     AT("000", "3.000000") KFREE("22222222")
	     AT("000", "3.000001") KFREE("11111111")
	     "# tracer: nop\n"
	     AT("001", "1.000000") KMALLOC("33333333", "16") STACK("001", "1.000000")
	     AT("001", "2.000000") KMALLOC("22222222", "32") STACK("001", "2.000000")
	     AT("001", "4.000000") KMALLOC("11111111", "8") STACK("001", "4.000000"));
	assert_int_equal(module("foo")->live_bytes, 16 + 8);
	assert_int_equal(module("foo")->frees, 2);
	assert_int_equal(snap->coverage.unmatched_frees, 0);
	assert_int_equal(snap->coverage.evicted, 0);
	assert_int_equal(snap->start_ns, 1000000000);
	assert_true(snap->coverage.trusted);
	assert_true(NOTED("one CPU behind the other"));
}

/* Logs of two boots, or the same one twice: what came first, nobody knows. */
static void one_cpu_goes_back(void **state)
{
	(void)state;
	good(AT("000", "1.000001") KMALLOC("11111111", "64") STACK("000", "1.000001")
	     AT("000", "3.000001") KFREE("11111111")
	     AT("000", "2.000000") KMALLOC("22222222", "32") STACK("000", "2.000000"));
	assert_false(snap->coverage.trusted);
	assert_true(DISTRUST("goes back in time"));
}

/* Events and stacks of two CPUs between each other. */
static void stacks_belong_to_their_cpu(void **state)
{
	(void)state;
	good(AT("000", "1.000001") KMALLOC("11111111", "64")
	     AT("001", "1.000001") "kmem_cache_alloc: call_site=other+0x1/0x9 [bar] ptr=0000000022222222 name=a cache bytes_req=8 bytes_alloc=8 gfp_flags=0\n"
	     STACK("000", "1.000002")
	     AT("001", "1.000002") "<stack trace>\n"
	     " => other+0x1/0x9 [bar]\n");
	assert_int_equal(module("foo")->live_bytes, 64);
	assert_int_equal(module("bar")->live_bytes, 8);
	assert_string_equal(module("bar")->caches[0].name, "a cache");
	assert_int_equal(snap->coverage.events_without_stack, 0);
	assert_int_equal(snap->coverage.unpaired_stacks, 0);
}

static void pages_and_percpu(void **state)
{
	(void)state;
	good(AT("000", "1.000001") "mm_page_alloc: page=00000000abcdef01 pfn=0x100 order=2 migratetype=0 gfp_flags=GFP_KERNEL\n"
	     STACK("000", "1.000001")
	     AT("000", "1.000002") "mm_page_alloc: page=00000000abcdef02 pfn=512 order=0 migratetype=0 gfp_flags=GFP_KERNEL\n"
	     STACK("000", "1.000002")
	     AT("000", "1.000003") "mm_page_alloc: page=0000000000000000 pfn=0x0 order=9 migratetype=0 gfp_flags=GFP_KERNEL\n"
	     STACK("000", "1.000003")
	     AT("000", "1.000004") "mm_page_free: page=00000000abcdef02 pfn=0x200 order=0\n"
	     AT("000", "1.000005") "percpu_alloc_percpu: call_site=take+0x33/0x80 [foo] reserved=0 is_atomic=0 size=8 align=8 base_addr=00000000deadbeef off=8 ptr=00000000cafebabe bytes_alloc=16 gfp_flags=GFP_KERNEL\n"
	     STACK("000", "1.000005"));
	assert_int_equal(module("foo")->live[KIND_PAGES].bytes, 4 * 4096);
	assert_int_equal(module("foo")->live[KIND_PERCPU].bytes, 16);
	assert_int_equal(module("foo")->failed, 1);
	opts.page_size = 65536;
	snapshot_free(snap);
	snap = replay(&opts, &err);
	assert_non_null(snap);
	assert_int_equal(module("foo")->live[KIND_PAGES].bytes, 4 * 65536);
	assert_int_equal(snap->page_size, 65536);
	assert_false(NOTED("page size"));
}

/* Page cache grows and is no leak: the event tells what kind of pages they are. */
static void pages_that_can_be_taken_back(void **state)
{
	static const struct leak_opts leaks = { .every = 1000000000 };
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	(void)state;
	for (unsigned int i = 0; i < 200; i++) {
		fprintf(out, AT("000", "%u.000001") "mm_page_alloc: page=00000000abcdef01 pfn=0x%x order=0 migratetype=1 gfp_flags=GFP_KERNEL\n",
			i + 1, 0x100 + i);
		fprintf(out, AT("000", "%u.000001") "<stack trace>\n"
			" => __alloc_pages+0x10/0x20\n => __filemap_get_folio+0x10/0x20\n"
			" => write_begin+0x33/0x80 [foo]\n", i + 1);
		/* frees are recorded */
		fprintf(out, AT("000", "%u.000002") "mm_page_free: page=0000000012345678 pfn=0x9999 order=0\n",
			i + 1);
	}
	fclose(out);
	write_text(text);
	free(text);
	opts.leaks = &leaks;
	snapshot_free(snap);
	snap = replay(&opts, &err);
	assert_non_null(snap);
	assert_int_equal(snap->leaks->n_rows, 1);
	assert_int_equal(snap->leaks->rows[0].reason, LEAK_RECLAIMABLE);
}

/* Up to 5.19 these events have neither call site nor bytes: the stack must do. */
static void percpu_without_call_site(void **state)
{
	(void)state;
	good("# entries-in-buffer/entries-written: 5/5   #P:2\n"
	     AT("000", "1.000001") "percpu_alloc_percpu: reserved=0 is_atomic=0 size=8 align=8 base_addr=00000000deadbeef off=8 ptr=00000000cafebabe\n"
	     STACK("000", "1.000001")
	     AT("000", "1.000002") "percpu_alloc_percpu: reserved=0 is_atomic=0 size=16 align=8 base_addr=00000000deadbeef off=8 ptr=00000000cafebabf\n"
	     STACK("000", "1.000002")
	     AT("000", "1.000003") "percpu_free_percpu: base_addr=00000000deadbeef off=8 ptr=00000000cafebabe\n");
	assert_int_equal(module("foo")->live[KIND_PERCPU].bytes, 2 * 16);
	assert_int_equal(module("foo")->frees, 1);
	assert_int_equal(snap->coverage.unmatched_frees, 0);
	assert_true(snap->coverage.trusted);
	assert_true(NOTED("size x 2 CPUs"));
	/* what trace_pipe prints does not say how many CPUs there are */
	good(AT("000", "1.000001") "percpu_alloc_percpu: reserved=0 is_atomic=0 size=8 align=8 base_addr=00000000deadbeef off=8 ptr=00000000cafebabe\n"
	     STACK("000", "1.000001"));
	assert_false(snap->coverage.trusted);
	assert_true(DISTRUST("how many CPUs"));
	/* one that is there must be one */
	good(AT("000", "1.000001") "percpu_alloc_percpu: call_site=+0x1 reserved=0 is_atomic=0 size=8 align=8 ptr=00000000cafebabe bytes_alloc=16\n"
	     STACK("000", "1.000001"));
	assert_true(DISTRUST("1 events of the text have values that cannot be read"));
}

/* A large kmalloc is its pages, though its hashed pointer says nothing. */
static void large_kmalloc(void **state)
{
	(void)state;
	good(AT("000", "1.000001") "mm_page_alloc: page=00000000abcdef01 pfn=0x100 order=3 migratetype=0 gfp_flags=GFP_KERNEL\n"
	     AT("000", "1.000001") "<stack trace>\n => __kmalloc_large_node+0x1/0x9\n"
	     " => __kmalloc+0x10/0x20\n => take+0x33/0x80 [foo]\n"
	     AT("000", "1.000002") "kmalloc: call_site=take+0x33/0x80 [foo] ptr=0000000012345679 bytes_req=30000 bytes_alloc=32768 gfp_flags=0\n"
	     STACK("000", "1.000002"));
	assert_int_equal(module("foo")->live_bytes, 32768);
	assert_int_equal(module("foo")->live[KIND_PAGES].bytes, 32768);
	assert_int_equal(module("foo")->live[KIND_PAGES].requested, 30000);
}

/* With another page size than the one assumed: that shows. */
static void large_kmalloc_of_larger_pages(void **state)
{
	static const char text[] =
		AT("000", "1.000001") "mm_page_alloc: page=00000000abcdef01 pfn=0x100 order=2 migratetype=0 gfp_flags=GFP_KERNEL\n"
		AT("000", "1.000001") "<stack trace>\n => ___kmalloc_large_node+0x1/0x9\n"
		" => __kmalloc_large_noprof+0x10/0x20\n => take+0x33/0x80 [foo]\n"
		AT("000", "1.000002") "kmalloc: call_site=take+0x33/0x80 [foo] ptr=0000000012345679 bytes_req=200000 bytes_alloc=262144 gfp_flags=0\n"
		STACK("000", "1.000002");

	(void)state;
	good(text);
	assert_false(snap->coverage.trusted);
	assert_true(DISTRUST("pages of 4096 bytes do not fit 1 large kmallocs, pages of 65536 would"));
	opts.page_size = 65536;
	snapshot_free(snap);
	snap = replay(&opts, &err);
	assert_non_null(snap);
	assert_true(snap->coverage.trusted);
	assert_int_equal(module("foo")->live_bytes, 262144);
}

static void losses(void **state)
{
	(void)state;
	good("# entries-in-buffer/entries-written: 2/9   #P:1\n"
	     AT("000", "1.000001") KMALLOC("11111111", "64") STACK("000", "1.000001")
	     "CPU:0 [LOST 5 EVENTS]\n"
	     AT("000", "1.000002") KFREE("11111111")
	     "CPU:0 [LOST 3 EVENTS]\n");
	assert_int_equal(snap->coverage.lost_events, 7 + 5 + 3);
	assert_false(snap->coverage.trusted);
	assert_true(DISTRUST("7 entries had been overwritten"));
	assert_int_equal(module("foo")->live_bytes, 0);
	good(AT("000", "1.000001") KMALLOC("11111111", "64") "CPU:0 [LOST EVENTS]\n");
	assert_true(snap->coverage.lost_unknown);
}

/* The head is missing (options/verbose, grep), but what came of overruns is not. */
static void overruns_without_a_head(void **state)
{
	(void)state;
	good("# tracer: nop\n#\n"
	     AT("000", "1.000001") KMALLOC("11111111", "64") STACK("000", "1.000001")
	     "##### CPU 1 buffer started ####\n"
	     AT("001", "1.000002") KMALLOC("22222222", "64") STACK("001", "1.000002"));
	assert_false(snap->coverage.trusted);
	assert_true(snap->coverage.lost_unknown);
	assert_true(DISTRUST("entries had been overwritten before the text was read"));
	/* the head tells how many */
	good("# entries-in-buffer/entries-written: 4/9   #P:2\n"
	     AT("000", "1.000001") KMALLOC("11111111", "64") STACK("000", "1.000001")
	     "##### CPU 1 buffer started ####\n"
	     AT("001", "1.000002") KMALLOC("22222222", "64") STACK("001", "1.000002"));
	assert_int_equal(snap->coverage.lost_events, 5);
	assert_false(snap->coverage.lost_unknown);
}

#define LEFT_BEHIND							\
	AT("000", "1.000001") "module_load: foo OE\n"			\
	AT("000", "1.000002") KMALLOC("11111111", "64") STACK("000", "1.000002")	\
	AT("000", "1.000003") KFREE("22222222")				\
	AT("000", "1.000004") "module_free: foo\n"			\
	AT("000", "9.000000") KFREE("33333333")

/* What was overwritten on one CPU can be younger than what is left of another. */
static void overwritten_frees(void **state)
{
	static const struct leak_opts leaks = { 0 };
	static const struct {
		const char *text;
		enum leak_reason reason;
	} cases[] = {
		{ "# entries-in-buffer/entries-written: 6/6   #P:2\n" LEFT_BEHIND,
		  LEAK_UNLOADED_UNSEEN },
		{ "# entries-in-buffer/entries-written: 6/9   #P:2\n" LEFT_BEHIND, LEAK_LOST },
		{ "##### CPU 0 buffer started ####\n" LEFT_BEHIND, LEAK_LOST },
		{ LEFT_BEHIND "garbage\n", LEAK_UNLOADED_UNSEEN },
		{ LEFT_BEHIND "48  [000] ..... 9.1: kfree: call_s\n", LEAK_LOST },
		{ LEFT_BEHIND AT("000", "9.100000") "kfree: call_site=x ptr=(____ptrval____)\n",
		  LEAK_LOST },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		write_text(cases[i].text);
		opts.leaks = &leaks;
		snapshot_free(snap);
		snap = replay(&opts, &err);
		assert_non_null(snap);
		assert_int_equal(snap->leaks->n_rows, 1);
		assert_int_equal(snap->leaks->rows[0].bytes, 64);
		if (snap->leaks->rows[0].reason != cases[i].reason)
			fail_msg("case %zu: %s", i,
				 leak_reason_name(snap->leaks->rows[0].reason));
	}
}

static void what_cannot_be_read_is_said(void **state)
{
	(void)state;
	good(AT("000", "1.000001") KMALLOC("11111111", "64") STACK("000", "1.000001")
	     AT("000", "1.000002") "kmalloc: call_site=take+0x33/0x80 [foo] ptr=0x bytes_req=64 bytes_alloc=64\n"
	     "\x1b[31mhello\n"
	     "0] .....  1.000003: kfree: call_site=\n"
	     AT("000", "1.000003") "kfree: call_site=drop+0x1/0x9 [foo] ptr=0000");
	assert_true(DISTRUST("1 events of the text have values that cannot be read"));
	assert_true(DISTRUST("1 lines of the text are damaged"));
	assert_true(NOTED("1 lines of the text are of something else"));
	assert_int_equal(module("foo")->live_bytes, 64);
}

/* NULL is no object, however it was printed; freeing it is no event at all. */
static void null_pointers(void **state)
{
	static const char *const nulls[] = {
		"          (null)", "  (null)", "(null)", "(nil)", "0", "0x0", "00000000",
		"0000000000000000",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(nulls) / sizeof(nulls[0]); i++) {
		char text[2048];

		snprintf(text, sizeof(text),
			 AT("000", "1.000001") KMALLOC("11111111", "64") STACK("000", "1.000001")
			 AT("000", "1.000002") "kfree: call_site=drop+0x1/0x9 [foo] ptr=%s\n"
			 AT("000", "1.000003") "kmem_cache_free: call_site=drop+0x1/0x9 [foo] ptr=%s\n"
			 AT("000", "1.000004") "kmalloc: call_site=take+0x33/0x80 [foo] ptr=%s bytes_req=8 bytes_alloc=8\n"
			 STACK("000", "1.000004")
			 AT("000", "1.000005") "mm_page_alloc: page=%s pfn=0 order=9 migratetype=0 gfp_flags=GFP_KERNEL\n"
			 STACK("000", "1.000005"),
			 nulls[i], nulls[i], nulls[i], nulls[i]);
		good(text);
		assert_int_equal(module("foo")->live_bytes, 64);
		assert_int_equal(module("foo")->uncertain_bytes, 0);
		assert_int_equal(module("foo")->failed, 2);
		assert_int_equal(snap->coverage.unmatched_frees, 0);
		if (!snap->coverage.trusted)
			fail_msg("%s: %s", nulls[i], snap->coverage.distrust[0]);
	}
}

/* A page frame of a failed allocation, as recorders print the record's -1. */
static void failed_pages(void **state)
{
	static const char *const pfns[] = {
		"-1", "18446744073709551615", "0xffffffffffffffff",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(pfns) / sizeof(pfns[0]); i++) {
		char text[1024];

		snprintf(text, sizeof(text),
			 AT("000", "1.000001") "mm_page_alloc: pfn=%s order=9 migratetype=0 gfp_flags=GFP_KERNEL\n"
			 STACK("000", "1.000001"), pfns[i]);
		good(text);
		assert_int_equal(module("foo")->live_bytes, 0);
		assert_int_equal(module("foo")->failed, 1);
		assert_int_equal(snap->coverage.malformed, 0);
	}
	/* it is there, only its pointer is not told */
	good(AT("000", "1.000001") "mm_page_alloc: page=(____ptrval____) pfn=0 order=0 migratetype=0 gfp_flags=GFP_KERNEL\n"
	     STACK("000", "1.000001"));
	assert_int_equal(module("foo")->live_bytes, 4096);
	assert_int_equal(module("foo")->failed, 0);
}

/* Each is another object, and nothing can be said to have been freed. */
static void withheld_pointers(void **state)
{
	static const struct leak_opts leaks = { 0 };

	(void)state;
	write_text(AT("000", "1.000001") "kmalloc: call_site=take+0x33/0x80 [foo] ptr=(____ptrval____) bytes_req=64 bytes_alloc=64\n"
		   STACK("000", "1.000001")
		   AT("000", "1.000002") "kmalloc: call_site=take+0x33/0x80 [foo] ptr=(____ptrval____) bytes_req=32 bytes_alloc=32\n"
		   STACK("000", "1.000002")
		   AT("000", "1.000003") "kfree: call_site=drop+0x1/0x9 [foo] ptr=(____ptrval____)\n"
		   AT("000", "1.000004") "percpu_alloc_percpu: call_site=take+0x33/0x80 [foo] reserved=0 is_atomic=0 size=8 align=8 base_addr=(____ptrval____) off=8 ptr=(____ptrval____) bytes_alloc=16 gfp_flags=GFP_KERNEL\n"
		   STACK("000", "1.000004")
		   AT("000", "1.000005") "module_free: foo\n");
	opts.leaks = &leaks;
	snapshot_free(snap);
	snap = replay(&opts, &err);
	assert_non_null(snap);
	assert_int_equal(module("foo")->live_bytes, 64 + 32 + 16);
	assert_int_equal(module("foo")->allocs, 3);
	assert_int_equal(snap->coverage.unmatched_frees, 1);
	assert_false(snap->coverage.trusted);
	assert_true(DISTRUST("4 events of the text have no pointer"));
	for (size_t i = 0; i < snap->leaks->n_rows; i++)
		assert_int_equal(leak_reason_class(snap->leaks->rows[i].reason),
				 LEAK_EXCUSED);
}

/* Names of caches hold blanks, and what looks like a key. */
static void names_of_caches(void **state)
{
	(void)state;
	good(AT("000", "1.000001") "kmem_cache_alloc: call_site=take+0x33/0x80 [foo] ptr=0000000011111111 name=odd bytes_req=7 name bytes_req=8 bytes_alloc=16 gfp_flags=GFP_KERNEL|0x40 node=-1 accounted=true\n"
	     STACK("000", "1.000001"));
	assert_int_equal(module("foo")->live_bytes, 16);
	assert_string_equal(module("foo")->caches[0].name, "odd bytes_req=7 name");
	good(AT("000", "1.000001") "kmem_cache_alloc: call_site=take+0x33/0x80 [foo] ptr=0000000011111111 name= bytes_req=8 bytes_alloc=16 gfp_flags=GFP_KERNEL node=-1 accounted=true\n"
	     STACK("000", "1.000001"));
	assert_int_equal(module("foo")->live_bytes, 16);
}

#define BARE(cpu, time)						\
	AT(cpu, time) "<stack trace>\n => __kmalloc\n => helper\n"	\
	" => take\n => do_syscall_64\n"
#define BARE_KMALLOC "kmalloc: call_site=helper+0x33/0x80 ptr=0000000011111111 bytes_req=64 bytes_alloc=64 gfp_flags=0\n"

/* Without options/sym-offset only kallsyms can tell whose a function is. */
static void stacks_without_modules(void **state)
{
	char kallsyms[] = "/tmp/test_textlog.XXXXXX";
	int fd = mkstemp(kallsyms);
	FILE *out = fdopen(fd, "w");

	(void)state;
	assert_non_null(out);
	good(AT("000", "1.000001") BARE_KMALLOC BARE("000", "1.000001"));
	assert_int_equal(module("[kernel]")->live_bytes, 64);
	assert_true(DISTRUST("do not name modules"));
	assert_true(NOTED("without offsets"));

	fputs("ffffffff81000000 T helper\nffffffffc0000000 t take\t[foo]\n", out);
	fflush(out);
	opts.kallsyms_file = kallsyms;
	snapshot_free(snap);
	snap = replay(&opts, &err);
	assert_non_null(snap);
	assert_int_equal(module("foo")->induced_bytes, 64);
	assert_string_equal(module("foo")->sites[0].function, "take");
	assert_true(module("foo")->sites[0].no_offset);
	assert_true(snap->coverage.trusted);

	fputs("ffffffffc0100000 t take\t[bar]\n", out);
	fflush(out);
	snapshot_free(snap);
	snap = replay(&opts, &err);
	assert_non_null(snap);
	assert_int_equal(module("[kernel]")->live_bytes, 64);
	assert_true(DISTRUST("1 functions are in several modules"));
	fclose(out);
	unlink(kallsyms);
}

/* The frame that called the allocator is the event's own, offset and module. */
static void call_site_helps_the_stack(void **state)
{
	(void)state;
	good(AT("000", "1.000001") KMALLOC("11111111", "64") BARE("000", "1.000001"));
	assert_int_equal(module("foo")->live_bytes, 64);
	assert_int_equal(module("foo")->sites[0].offset, 0x33);
	assert_false(module("foo")->sites[0].no_offset);
}

/* ---- bare addresses as call sites -------------------------------------------------- */

#define BARE_SITE(site, ptr, n)						\
	"kmalloc: call_site=" site " ptr=00000000" ptr " bytes_req=" n " bytes_alloc=" n	\
	" gfp_flags=GFP_KERNEL\n"
#define TRACE(time) AT("000", time) "<stack trace>\n"

/* The kallsyms in a file, for the next good(). */
static char kallsyms_path[64];

static void give_kallsyms(const char *text)
{
	int fd = memfd_create("kallsyms", 0);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	snprintf(kallsyms_path, sizeof(kallsyms_path), "/proc/self/fd/%d", fd);
}

/* good() with --kallsyms. */
static void good_with(const char *kallsyms, const char *text)
{
	give_kallsyms(kallsyms);
	good_in(text, kallsyms_path);
}

static const struct snap_site *only_site(const char *name)
{
	assert_int_equal(module(name)->n_sites, 1);
	return &module(name)->sites[0];
}

/* Kernels before 5.4: the stack has the name. Nothing is left to guess. */
static void bare_call_sites(void **state)
{
	(void)state;
	good(AT("000", "1.000001") BARE_SITE("ffffffffc0a01133", "11111111", "64") STACK("000", "1.000001")
	     /* learnt: where no stack came, the address has its name */
	     AT("000", "1.000002") BARE_SITE("ffffffffc0a01133", "22222222", "64")
	     /* ... and the function its place */
	     AT("000", "1.000003") BARE_SITE("ffffffffc0a01140", "33333333", "64")
	     /* ... but not more than that */
	     AT("000", "1.000004") BARE_SITE("ffffffffc0a01181", "44444444", "8"));
	assert_int_equal(module("foo")->live_bytes, 3 * 64);
	assert_int_equal(module("foo")->n_sites, 2);
	assert_int_equal(module("[unknown]")->live_bytes, 8);
	assert_string_equal(module("foo")->sites[0].function, "take");
	assert_int_equal(module("foo")->sites[0].offset, 0x33);
	assert_int_equal(module("foo")->sites[1].offset, 0x40);
	assert_true(DISTRUST("1 allocations (8 bytes of them live) were made at addresses that nothing names"));
}

/* _RET_IP_ is passed down: the call site is one further out than the caller. */
static void track_caller(void **state)
{
	(void)state;
	good(AT("000", "1.000001") BARE_SITE("ffffffffc0a01133", "11111111", "64")
	     TRACE("1.000001") " => __kmalloc_node_track_caller+0x10/0x20\n"
	     " => __alloc_skb+0x10/0x90\n => foo_xmit+0x33/0x80 [foo]\n");
	assert_int_equal(only_site("foo")->charge, CHARGE_OWN);
	assert_string_equal(only_site("foo")->function, "foo_xmit");
	assert_string_equal(only_site("foo")->via, "kmalloc");
	assert_true(snap->coverage.trusted);
}

/* Stacks without the caller, as on 3.13: its callers differ, it is none of them. */
#define OUTSIDE								\
	AT("000", "1.000001") BARE_SITE("ffffffffc0a01133", "11111111", "64")	\
	TRACE("1.000001") " => bar_probe+0x23/0x90 [bar]\n => really_probe+0x1/0x90\n"	\
	AT("000", "1.000002") BARE_SITE("ffffffffc0a01133", "22222222", "64")	\
	TRACE("1.000002") " => really_probe+0x1/0x90\n"

static void caller_left_out(void **state)
{
	(void)state;
	good(OUTSIDE);
	assert_int_equal(module("[unknown]")->live_bytes, 128);
	assert_int_equal(module("bar")->live_bytes, 0);
	assert_true(DISTRUST("were made at addresses that nothing names: give --kallsyms"));
	good_with("ffffffffc0a01100 t take\t[foo]\nffffffffc0a01180 d d\t[foo]\n", OUTSIDE);
	assert_int_equal(only_site("foo")->live_bytes, 128);
	assert_string_equal(only_site("foo")->function, "take");
	assert_int_equal(only_site("foo")->offset, 0x33);
	assert_int_equal(module("[kernel]")->live_bytes, 0);
	assert_true(snap->coverage.trusted);
}

/* The function that fires the event is left out, its caller is not. */
static void caller_comes_first(void **state)
{
	(void)state;
	good(AT("000", "1.000001") BARE_SITE("ffffffffc0a01133", "11111111", "64")
	     TRACE("1.000001") " => take+0x33/0x80 [foo]\n => really_probe+0x1/0x90\n"
	     AT("000", "1.000002") BARE_SITE("ffffffffc0a01153", "22222222", "64")
	     TRACE("1.000002") " => take+0x53/0x80 [foo]\n => really_probe+0x1/0x90\n");
	assert_int_equal(module("foo")->live_bytes, 128);
	assert_true(snap->coverage.trusted);
	/* another distance than the offsets have: it is not what stands first */
	good(AT("000", "1.000001") BARE_SITE("ffffffffc0a01133", "11111111", "64")
	     TRACE("1.000001") " => take+0x33/0x80 [foo]\n => really_probe+0x1/0x90\n"
	     AT("000", "1.000002") BARE_SITE("ffffffffc0b01159", "22222222", "64")
	     TRACE("1.000002") " => take+0x53/0x80 [foo]\n => really_probe+0x1/0x90\n");
	assert_int_equal(module("[unknown]")->live_bytes, 128);
	assert_false(snap->coverage.trusted);
}

/* One address, several functions: modules came and went. No name without a stack. */
static void address_used_again(void **state)
{
	(void)state;
	good(AT("000", "1.000001") BARE_SITE("ffffffffc0a01133", "11111111", "64") STACK("000", "1.000001")
	     AT("000", "1.000002") BARE_SITE("ffffffffc0a01133", "22222222", "32")
	     TRACE("1.000002") " => __kmalloc+0x10/0x20\n => bar_open+0x13/0x60 [bar]\n"
	     AT("000", "1.000003") BARE_SITE("ffffffffc0a01133", "33333333", "8"));
	assert_int_equal(module("foo")->live_bytes, 64);
	assert_int_equal(module("bar")->live_bytes, 32);
	assert_int_equal(module("[unknown]")->live_bytes, 8);
}

/* What is given is of this boot, or it is not used: the stacks show which. */
static void given_kallsyms(void **state)
{
	static const char text[] =
		AT("000", "1.000001") BARE_SITE("ffffffffc0a01133", "11111111", "64") STACK("000", "1.000001")
		AT("000", "1.000002") BARE_SITE("ffffffffc0c02211", "22222222", "32");

	(void)state;
	good_with("ffffffffc0a01100 t take\t[foo]\nffffffffc0a01180 t drop\t[foo]\n"
		  "ffffffffc0c02200 t bar_open\t[bar]\n", text);
	assert_int_equal(module("foo")->live_bytes, 64);
	assert_string_equal(only_site("bar")->function, "bar_open");
	assert_int_equal(only_site("bar")->offset, 0x11);
	assert_false(NOTED("another boot"));
	assert_false(NOTED("no stack of the text confirms"));
	good_with("ffffffffc0c02200 t bar_open\t[bar]\n",
		  AT("000", "1.000002") BARE_SITE("ffffffffc0c02211", "22222222", "32"));
	assert_int_equal(module("bar")->live_bytes, 32);
	assert_true(NOTED("no stack of the text confirms the given --kallsyms"));
	good_with("ffffffffc0a01100 t bar_open\t[bar]\nffffffffc0a01180 t bar_close\t[bar]\n"
		  "ffffffffc0c02200 t take\t[foo]\n", text);
	assert_int_equal(module("foo")->live_bytes, 64);
	assert_int_equal(module("[unknown]")->live_bytes, 32);
	assert_true(NOTED("another boot"));
	assert_true(DISTRUST("it is of another boot"));
	/* read without privilege; what is far from the last symbol is not its */
	good_with("0000000000000000 t take\t[foo]\n", text);
	assert_int_equal(module("[unknown]")->live_bytes, 32);
	good_with("ffffffffc0a01100 t take\t[foo]\nffffffffc0a01180 t drop\t[foo]\n", text);
	assert_int_equal(module("[unknown]")->live_bytes, 32);
}

/* Default options of a 4.x kernel: names alone, and the address gives the offset. */
static void bare_with_plain_stacks(void **state)
{
	static const char text[] =
		AT("000", "1.000001") BARE_SITE("ffffffffc0a01133", "11111111", "64")
		TRACE("1.000001") " => __kmalloc\n => take\n => do_syscall_64\n";

	(void)state;
	good(text);
	assert_int_equal(module("[kernel]")->live_bytes, 64);
	assert_string_equal(only_site("[kernel]")->function, "take");
	assert_true(DISTRUST("do not name modules"));
	good_with("ffffffffc0a01100 t take\t[foo]\nffffffffc0a01180 t drop\t[foo]\n", text);
	assert_string_equal(only_site("foo")->function, "take");
	assert_int_equal(only_site("foo")->offset, 0x33);
	assert_false(only_site("foo")->no_offset);
	assert_true(snap->coverage.trusted);
}

/* options/sym-addr: frames say where functions lie. */
static void frames_with_addresses(void **state)
{
	(void)state;
	good(AT("000", "1.000001") "mm_page_alloc: page=00000000abcdef01 pfn=0x100 order=0 migratetype=0 gfp_flags=GFP_KERNEL\n"
	     TRACE("1.000001") " => __alloc_pages+0x10/0x20 <ffffffff81000010>\n"
	     " => take+0x53/0x80 [foo] <ffffffffc0a01153>\n"
	     AT("000", "1.000002") BARE_SITE("ffffffffc0a01133", "11111111", "64"));
	assert_int_equal(module("foo")->live_bytes, 4096 + 64);
	assert_int_equal(module("[unknown]")->live_bytes, 0);
}

/* Code that has no name is nobody's: it is not passed over for one further out. */
static void frames_without_names(void **state)
{
	(void)state;
	good(AT("000", "1.000001") "mm_page_alloc: page=00000000abcdef01 pfn=0x100 order=0 migratetype=0 gfp_flags=GFP_KERNEL\n"
	     TRACE("1.000001") " => __alloc_pages+0x10/0x20\n => 0xffffffffc0a01153\n"
	     " => bar_open+0x53/0x80 [bar]\n");
	assert_int_equal(module("[unknown]")->live_bytes, 4096);
	assert_int_equal(module("bar")->induced_bytes, 0);
	assert_true(DISTRUST("1 allocations (4096 bytes of them live)"));
	/* no address of code at all */
	good(AT("000", "1.000001") "mm_page_alloc: page=00000000abcdef01 pfn=0x100 order=0 migratetype=0 gfp_flags=GFP_KERNEL\n"
	     TRACE("1.000001") " => __alloc_pages+0x10/0x20\n => 0x384\n"
	     " => bar_open+0x53/0x80 [bar]\n");
	assert_int_equal(module("bar")->live_bytes, 4096);
}

/* Stacks of other events, and of interrupts in between, are not the event's. */
static void stacks_of_others(void **state)
{
	(void)state;
	good(AT("000", "1.000001") BARE_SITE("ffffffffc0a01133", "11111111", "64")
	     AT("000", "1.000002") "kmalloc: call_site=bar_open+0x13/0x60 [bar] ptr=0000000022222222 bytes_req=8 bytes_alloc=8\n"
	     TRACE("1.000002") " => __kmalloc+0x10/0x20\n => bar_open+0x13/0x60 [bar]\n");
	assert_int_equal(module("bar")->live_bytes, 8);
	assert_int_equal(module("[unknown]")->live_bytes, 64);
}

/* Sites are told apart by their addresses, and shown by numbers. */
static void unnamed_sites(void **state)
{
	static const struct leak_opts leaks = { .every = 1000 };

	(void)state;
	write_text(AT("000", "1.000001") BARE_SITE("c104de4f", "11111111", "32")
		   AT("000", "1.000002") BARE_SITE("c2051e4f", "22222222", "64")
		   AT("000", "1.000003") BARE_SITE("d3337e4f", "33333333", "128")
		   AT("000", "1.000004") BARE_SITE("c104de4f", "44444444", "32")
		   AT("000", "1.000005") BARE_SITE("c104de53", "55555555", "8"));
	opts.leaks = &leaks;
	snapshot_free(snap);
	snap = replay(&opts, &err);
	assert_non_null(snap);
	assert_int_equal(module("[unknown]")->n_sites, 4);
	for (size_t i = 0; i < 4; i++) {
		static const struct {
			uint64_t bytes, offset, address;
			uint32_t number;
		} want[] = {
			{ 128, 0xe4f, 0xd3337e4f, 2 }, { 64, 0xe4f, 0xc2051e4f, 1 },
			{ 64, 0xe4f, 0xc104de4f, 0 }, { 8, 0xe53, 0xc104de53, 0 },
		};
		const struct snap_site *s = &module("[unknown]")->sites[i];
		size_t k = i == 1 && s->number == 0 ? 2 : i == 2 && s->number ? 1 : i;

		assert_null(s->function);
		assert_int_equal(s->live_bytes, want[k].bytes);
		assert_int_equal(s->offset, want[k].offset);
		assert_int_equal(s->address, want[k].address);
		assert_int_equal(s->number, want[k].number);
	}
	assert_int_equal(snap->leaks->n_rows, 4);
}

/* Init text is named as such: it needs no guard against another's address. */
static void init_functions(void **state)
{
	(void)state;
	good(AT("000", "1.000001") "kmalloc: call_site=begin+0x5/0x30 [foo] ptr=0000000011111111 bytes_req=64 bytes_alloc=64 gfp_flags=0\n"
	     AT("000", "1.000001") "<stack trace>\n => __kmalloc+0x10/0x20\n => begin+0x5/0x30 [foo]\n"
	     " => do_one_initcall+0x1/0x2\n => do_init_module+0x1/0x2\n");
	assert_int_equal(module("foo")->live_bytes, 64);
	assert_string_equal(module("foo")->sites[0].function, "begin");
}

static void modules_come_and_go(void **state)
{
	(void)state;
	good(AT("000", "1.000001") "module_load: foo OE\n"
	     AT("000", "1.000002") KMALLOC("11111111", "64") STACK("000", "1.000002")
	     AT("000", "1.000003") "module_free: foo\n");
	assert_int_equal(module("foo")->state, MODULE_UNLOADED);
	assert_int_equal(module("foo")->leaked_bytes, 64);
}

#define VMALLOC " => __vmalloc_node_range+0x10/0x90\n => __vmalloc_node+0x10/0x90\n"
#define RANGE(ts, size, failed) AT("000", ts) \
	"alloc_vmap_area: va_start: 18446683600571863040 size=" size " align=1 vstart=0xffffc90000000000 vend=0xffffe8ffffffffff failed=" failed "\n"
#define TAKEN(ts, call_site, ptr, bytes, stack) AT("000", ts) \
	"kmalloc: call_site=" call_site "+0x9/0x90 ptr=" ptr " bytes_req=" bytes " bytes_alloc=" bytes " gfp_flags=0\n" \
	AT("000", ts) "<stack trace>\n" stack " => take+0x5/0x30 [foo]\n"

/* The areas of vmalloc, by what it leaves in plain events; hashed pointers will do. */
static void vmalloc_areas(void **state)
{
	(void)state;
	good(TAKEN("1.000001", "__get_vm_area_node", "00000000a0000001", "64",
		   " => __get_vm_area_node+0x9/0x90\n" VMALLOC)
	     TAKEN("1.000002", "__vmalloc_node_range", "00000000a0000002", "80",
		   " => __vmalloc_node_range+0x9/0x90\n => vmalloc+0x3/0x9\n")
	     AT("000", "1.000003") "kmalloc: call_site=g+0x9/0x90 ptr=00000000a0000009 bytes_req=8 bytes_alloc=8 gfp_flags=0\n");
	assert_int_equal(module("foo")->live[KIND_VMALLOC].bytes, 10 * 4096);

	good(TAKEN("1.000001", "__get_vm_area_node", "00000000a0000001", "64",
		   " => __get_vm_area_node+0x9/0x90\n" VMALLOC)
	     RANGE("1.000002", "5246976", "1") RANGE("1.000003", "5246976", "0")
	     TAKEN("1.000004", "__get_vm_area_node", "00000000a0000003", "64",
		   " => __get_vm_area_node+0x9/0x90\n" VMALLOC VMALLOC)
	     RANGE("1.000005", "16384", "0")
	     TAKEN("1.000006", "__vmalloc_node_range", "00000000a0000002", "24",
		   " => __vmalloc_node_range+0x9/0x90\n => __vmalloc_node+0x3/0x9\n" VMALLOC));
	assert_int_equal(module("foo")->live[KIND_VMALLOC].bytes, 1280 * 4096);
	/* without the ranges it is at most three pages full of pointers */
	good(TAKEN("1.000001", "__get_vm_area_node", "00000000a0000001", "64",
		   " => __get_vm_area_node+0x9/0x90\n" VMALLOC)
	     TAKEN("1.000006", "__vmalloc_node_range", "00000000a0000002", "24",
		   " => __vmalloc_node_range+0x9/0x90\n => __vmalloc_node+0x3/0x9\n" VMALLOC));
	assert_int_equal(module("foo")->live[KIND_VMALLOC].bytes, 1536 * 4096);
}

/* Pages of the file that is made must hold every length of record and gap. */
static void many_records(void **state)
{
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);
	uint64_t ts = 1000000, live = 0;

	(void)state;
	for (unsigned int i = 0; i < 5000; i++) {
		ts += i % 7 ? i % 50 : 200000;	/* over 134 ms: 27 bits of ns */
		fprintf(out, "              sh-%u   [%03u] ..... %llu.%06llu: kmalloc: call_site=take+0x%x/0x800 [foo] ptr=%016x bytes_req=8 bytes_alloc=8\n",
			i, i % 5, (unsigned long long)ts / 1000000,
			(unsigned long long)ts % 1000000, i % 0x700 + 4, i + 0x1000);
		fprintf(out, "              sh-%u   [%03u] ..... %llu.%06llu: <stack trace>\n",
			i, i % 5, (unsigned long long)ts / 1000000,
			(unsigned long long)ts % 1000000);
		for (unsigned int k = 0; k < i % 100; k++)
			fprintf(out, " => __kmalloc+0x%x/0x200\n", k + 4);
		fprintf(out, " => take+0x%x/0x800 [foo]\n", i % 0x700 + 4);
		live += 8;
		if (i % 3)
			continue;
		ts++;
		fprintf(out, "              sh-%u   [%03u] ..... %llu.%06llu: kfree: call_site=f+0x4/0x9 ptr=%016x\n",
			i, (i + 1) % 5, (unsigned long long)ts / 1000000,
			(unsigned long long)ts % 1000000, i + 0x1000);
		live -= 8;
	}
	fclose(out);
	good(text);
	free(text);
	assert_int_equal(module("foo")->live_bytes, live);
	assert_int_equal(module("foo")->allocs, 5000);
	assert_int_equal(snap->coverage.unmatched_frees, 0);
	assert_int_equal(snap->coverage.events_without_stack, 0);
	assert_int_equal(snap->coverage.malformed, 0);
	assert_int_equal(snap->coverage.lost_events, 0);
	assert_true(snap->coverage.trusted);
}

/* Frames of user space say nothing of the kernel's memory. */
static void user_stacks(void **state)
{
	(void)state;
	good(AT("000", "1.000001") KMALLOC("11111111", "64") STACK("000", "1.000001")
	     AT("000", "1.000001") "<user stack trace>\n"
	     " =>  <000000000047bc67>\n => /lib/x86_64-linux-gnu/libc.so.6[+0x7ac67]\n => ??\n"
	     " => main\n => what is this\n"
	     AT("000", "1.000002") "user_stack:           <user stack trace>\n =>  <00007f12>\n"
	     AT("000", "1.000003") KMALLOC("22222222", "32") STACK("000", "1.000003"));
	assert_int_equal(module("foo")->live_bytes, 96);
	assert_int_equal(module("foo")->uncertain_bytes, 0);
	assert_true(snap->coverage.trusted);
	/* in the kernel's stack such a frame is damage */
	good(AT("000", "1.000001") KMALLOC("11111111", "64") STACK("000", "1.000001")
	     " => what is this\n");
	assert_true(DISTRUST("1 lines of the text are damaged"));
}

/* Writes @text with @before and @behind around each line, and @between lines of others. */
static void put_around(FILE *out, const char *text, const char *before, const char *behind,
		       const char *between)
{
	while (*text) {
		size_t n = strcspn(text, "\n");

		fprintf(out, "%s%.*s%s\n", before, (int)n, text, behind);
		if (between && text[n + 1] && strncmp(text + n + 1, " =>", 3) != 0)
			fprintf(out, "%s%s\n", before, between);
		text += n + 1;
	}
}

/* Behind a console's time or a mail's quotes the books are the same. */
static void texts_in_texts(void **state)
{
	static const char log[] =
		"# tracer: nop\n#\n# entries-in-buffer/entries-written: 5/5   #P:2\n"
		AT("000", "1.000001") KMALLOC("11111111", "64") STACK("000", "1.000001")
		AT("000", "1.000002") KMALLOC("22222222", "32") STACK("000", "1.000002")
		AT("001", "1.000003") KFREE("11111111");
	static const char *const around[][3] = {
		{ "> ", "", "On Monday someone wrote:" }, { "| ", "", NULL },
		{ ">> ", "", "" }, { "        ", "", "+ cat trace" }, { "", "\r", "$ uname -r\r" },
		{ "[   12.345678] ", "", "usb 1-1: new high-speed USB device number 5 using xhci" },
		{ "[   12.345678][    C0] ", "\r", "RIP: 0010:take+0x33/0x80 [foo]" },
		{ "<0>[   12.345678] ", "", "random: crng init done" },
		{ "Nov 30 09:00:00 host kernel: ", "", "audit: type=1400 foo=bar" },
		{ "Nov 30 09:00:00 host kernel: [   12.345678] ", "", NULL },
		{ "2026-11-30T09:00:00.123456+00:00 host kernel: ", "", NULL },
		{ "\x1b[32m[   12.345678] \x1b[0m", "\x1b[0m", "\x1b[31mBUG: \x1b[0mbad" },
		{ "[Mon Nov 30 09:00:00 2026] ", "", NULL }, { "\xef\xbb\xbf", "", NULL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(around) / sizeof(around[0]); i++) {
		/* so many lines before that they are not looked at at once */
		for (unsigned int lines = 0; lines <= 4000; lines += 2000) {
			char *text;
			size_t len;
			FILE *out = open_memstream(&text, &len);

			assert_non_null(out);
			for (unsigned int k = 0; k < lines; k++)
				fprintf(out, "%sline %u of something before it all%s\n", around[i][0],
					k, around[i][1]);
			put_around(out, log, around[i][0], around[i][1], around[i][2]);
			fclose(out);
			good(text);
			free(text);
			assert_int_equal(module("foo")->live_bytes, 32);
			assert_int_equal(module("foo")->allocs, 2);
			assert_int_equal(module("foo")->frees, 1);
			assert_int_equal(snap->coverage.events_without_stack, 0);
			assert_int_equal(snap->cpus, 2);
			if (!snap->coverage.trusted)
				fail_msg("%zu: %s", i, snap->coverage.distrust[0]);
			assert_int_equal(lines > 0, lines > 0 && NOTED("of something else"));
		}
	}
}

#define LATENCY(cpu, time) "      sh-148       " cpu "d..1. " time ": "

/* What an oops prints, or sysrq-z: stacks that printk cut are said to be. */
static void dumped_buffer(void **state)
{
	char *text;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	(void)state;
	good("[   12.3] Oops: 0000 [#1] SMP\n[   12.3] Dumping ftrace buffer:\n"
	     "[   12.3] ---------------------------------\n"
	     "[   12.3] " LATENCY("0", "  12us+") KMALLOC("11111111", "64")
	     "[   12.3] " LATENCY("0", "  12us ") "<stack trace>\n"
	     "[   12.3]  => __kmalloc+0x10/0x20\n[   12.3]  => take+0x33/0x80 [foo]\n"
	     "[   12.3] " LATENCY("1", "  99us#") KMALLOC("22222222", "32")
	     "[   12.3] " LATENCY("1", " 100us*") KFREE("11111111")
	     "[   12.3] ---------------------------------\n"
	     "[   12.3] RIP: 0010:take+0x33/0x80 [foo]\n");
	assert_int_equal(module("foo")->live_bytes, 32);
	assert_int_equal(module("foo")->frees, 1);
	assert_int_equal(snap->start_ns, 12000);
	assert_true(NOTED("are of something else"));
	assert_false(DISTRUST("damaged"));
	assert_non_null(out);
	fputs("Dumping ftrace buffer:\n" LATENCY("0", "  12us+") KMALLOC("11111111", "64")
	      LATENCY("0", "  12us ") "<stack trace>\n => __kmalloc+0x10/0x20\n"
	      " => take+0x33/0x80 [foo]\n", out);
	for (unsigned int i = 0; i < 26; i++)
		fprintf(out, " => a_function_of_the_kernel+0x%x/0x80\n", i + 16);
	fputs(" => cut_of\n" LATENCY("0", "  13us ") KMALLOC("22222222", "64"), out);
	fclose(out);
	opts.by_stack = true;
	good(text);
	assert_int_equal(module("foo")->live_bytes, 128);
	assert_true(NOTED("1 stacks were too long for printk"));
	assert_false(NOTED("without offsets"));
	assert_false(DISTRUST("damaged"));
	free(text);
}

#define REPORTED(time) "              sh-148   [001]     " time ": "

/* trace-cmd report: neither sizes nor modules, addresses with the frames */
static void printed_by_trace_cmd(void **state)
{
	static const char text[] =
		"cpus=4\n"
		REPORTED("1.000001") "kmalloc:              (take+0x2b) call_site=take+0x2b ptr=0xffff8ef901844000 bytes_req=60 bytes_alloc=64 gfp_flags=GFP_KERNEL\n"
		REPORTED("1.000002") "kernel_stack:         <stack trace >\n"
		"=> __kmalloc (ffffffff91539000)\n=> take (ffffffffc03e5d2b)\n"
		"=> do_syscall_64 (ffffffff916b65ef)\n"
		REPORTED("1.000002") "mm_page_alloc:        page=0xfffff pfn=0x2542 order=1 migratetype=0 gfp_flags=GFP_KERNEL\n"
		REPORTED("1.000002") "kernel_stack:         <stack trace >\n"
		"=> __kmalloc (ffffffff91539000)\n=> take (ffffffffc03e5d40)\n"
		"CPU:1 [EVENTS DROPPED]\n"
		REPORTED("1.000003") "kfree:                (drop+0x1) call_site=drop+0x1 ptr=0xffff8ef901844080\n";
	char kallsyms[] = "/tmp/test_textlog.XXXXXX";
	int fd = mkstemp(kallsyms);
	FILE *out = fdopen(fd, "w");

	(void)state;
	assert_non_null(out);
	good(text);
	assert_true(DISTRUST("do not name modules"));
	assert_true(snap->coverage.lost_unknown);
	assert_int_equal(snap->cpus, 4);
	assert_int_equal(snap->long_bits, 64);
	assert_false(NOTED("hashed"));
	fputs("ffffffff91539000 T __kmalloc\nffffffff916b65e0 T do_syscall_64\n"
	      "ffffffffc03e5d00 t take\t[foo]\nffffffffc03e5e00 t drop\t[foo]\n", out);
	fclose(out);
	opts.kallsyms_file = kallsyms;
	snapshot_free(snap);
	snap = replay(&opts, &err);
	unlink(kallsyms);
	assert_non_null(snap);
	assert_int_equal(module("foo")->live_bytes, 64 + 8192);
	/* the address says where in the function */
	assert_int_equal(module("foo")->n_sites, 2);
	for (size_t i = 0; i < 2; i++) {
		const struct snap_site *site = &module("foo")->sites[i];

		assert_string_equal(site->function, "take");
		assert_int_equal(site->offset, site->live_bytes == 64 ? 0x2b : 0x40);
	}
	assert_false(DISTRUST("do not name modules"));
}

#define KMALLOC_AT(site, ptr) \
	"kmalloc: call_site=" site " ptr=" ptr " bytes_req=60 bytes_alloc=64 gfp_flags=GFP_KERNEL\n"
#define STACK_OF(time, frames) REPORTED(time) "kernel_stack:         <stack trace >\n" frames
#define TOOK(time, site, ptr) \
	REPORTED(time) "kmalloc: (" site ") call_site=" site " ptr=0x" ptr " bytes_req=60 bytes_alloc=64 gfp_flags=GFP_KERNEL\n"

static void write_file(char *name, const char *text)
{
	FILE *out = fdopen(mkstemp(name), "w");

	assert_non_null(out);
	fputs(text, out);
	fclose(out);
}

static bool has_site(const char *of, const char *function, uint64_t offset, uint64_t bytes)
{
	for (size_t i = 0; i < module(of)->n_sites; i++) {
		const struct snap_site *site = &module(of)->sites[i];

		if (site->function && !strcmp(site->function, function) &&
		    site->offset == offset && site->live_bytes == bytes)
			return true;
	}
	return false;
}

/* Nothing names its module, but where it lies there are only modules. */
static void in_module_space(void **state)
{
	static const char x86[] =
		TOOK("1.000001", "take+0x2b", "ffff8ef901844000")
		STACK_OF("1.000002", "=> __kmalloc (ffffffff91539000)\n=> take (ffffffffc03e5d2b)\n"
				     "=> do_syscall_64 (ffffffff916b65ef)\n")
		TOOK("1.000003", "core+0x10", "ffff8ef901844040")
		STACK_OF("1.000004", "=> __kmalloc (ffffffff91539000)\n=> core (ffffffff91541010)\n")
		/* one name, a module's and the kernel's */
		TOOK("1.000005", "both+0x10", "ffff8ef901844080")
		STACK_OF("1.000006", "=> __kmalloc (ffffffff91539000)\n=> both (ffffffffc0545010)\n")
		TOOK("1.000007", "both+0x30", "ffff8ef9018440c0")
		STACK_OF("1.000008", "=> __kmalloc (ffffffff91539000)\n=> both (ffffffff91542030)\n")
		/* only the event, which has no address */
		TOOK("1.000009", "take+0x2b", "ffff8ef901844100")
		TOOK("1.000010", "bpf_prog_6deef7357e7b4530+0x2b", "ffff8ef901844140")
		STACK_OF("1.000011", "=> __kmalloc (ffffffff91539000)\n"
				     "=> bpf_prog_6deef7357e7b4530 (ffffffffc06e5d2b)\n");
	static const char arm[] =
		TOOK("1.000001", "take+0x2c", "c1844000")
		STACK_OF("1.000002", "=> __kmalloc (c0339000)\n=> take (bf7e5d2c)\n"
				     "=> do_one_initcall (c0102088)\n")
		TOOK("1.000003", "core+0x10", "c1844040")
		STACK_OF("1.000004", "=> __kmalloc (c0339000)\n=> core (c0341010)\n");
	static const char arm64[] =
		TOOK("1.000001", "take+0x2c", "ffff000001844000")
		STACK_OF("1.000002", "=> __kmalloc (ffff800080339000)\n=> take (ffff80007a7e5d2c)\n"
				     "=> do_one_initcall (ffff800080012088)\n")
		TOOK("1.000003", "core+0x10", "ffff000001844040")
		STACK_OF("1.000004", "=> __kmalloc (ffff800080339000)\n=> core (ffff800080f41010)\n");
	static const char *const others[] = { arm, arm64 };

	(void)state;
	good(x86);
	assert_int_equal(module("[unknown]")->live_bytes, 3 * 64);
	assert_true(has_site("[unknown]", "take", 0x2b, 128));
	assert_true(has_site("[unknown]", "both", 0x10, 64));
	assert_true(has_site("[kernel]", "both", 0x30, 64));
	assert_int_equal(module("[kernel]")->live_bytes, 3 * 64);
	assert_true(DISTRUST("do not name modules"));
	for (size_t i = 0; i < 2; i++) {
		good(others[i]);
		assert_int_equal(module("[unknown]")->live_bytes, 64);
		assert_true(has_site("[unknown]", "take", 0x2c, 64));
		assert_true(has_site("[kernel]", "core", 0x10, 64));
	}
}

/* A copy of /proc/modules says whose space it is, and so does what the text shows. */
static void in_the_space_of_one(void **state)
{
	static const char modules[] = "foo 16384 0 - Live 0xffffffffc03e4000\n"
				      "bar 16384 0 - Live 0xffffffffc0544000\n";
	static const char text[] =
		TOOK("1.000001", "take+0x2b", "ffff8ef901844000")
		STACK_OF("1.000002", "=> __kmalloc (ffffffff91539000)\n=> take (ffffffffc03e5d2b)\n")
		TOOK("1.000003", "both+0x10", "ffff8ef901844080")
		STACK_OF("1.000004", "=> __kmalloc (ffffffff91539000)\n=> both (ffffffffc0545010)\n")
		TOOK("1.000005", "both+0x30", "ffff8ef9018440c0")
		STACK_OF("1.000006", "=> __kmalloc (ffffffff91539000)\n=> both (ffffffffc03e5430)\n")
		TOOK("1.000007", "last+0x30", "ffff8ef901844100")
		STACK_OF("1.000008", "=> __kmalloc (ffffffff91539000)\n=> last (ffffffffc0945430)\n");
	static const char bare[] =
		AT("000", "1.000001") KMALLOC_AT("ffffffffc03e5d2b", "ffff8ef901844000")
		AT("000", "1.000002") "<stack trace>\n => __kmalloc+0x10/0x20\n => opened+0x10/0x20 [foo]\n"
		AT("000", "1.000003") KMALLOC_AT("ffffffffc0545010", "ffff8ef901844080")
		AT("000", "1.000004") KMALLOC_AT("ffffffffc03e6010", "ffff8ef9018440c0");
	static const char perf[] =
		"sh 148 [001] 1.000001: kmem:kmalloc: call_site=0xffffffffc03e5d2b ptr=0xffff8ef901844000 bytes_req=60 bytes_alloc=64 gfp_flags=GFP_KERNEL\n"
		"\tffffffff91539000 __kmalloc+0x10 ([kernel.kallsyms])\n"
		"\tffffffffc03e5d2b take+0x2b ([foo])\n"
		"\tffffffffc03e6d2b later+0x2b ([foo])\n\n"
		"sh 148 [001] 1.000002: kmem:kmalloc: call_site=0xffffffffc03e6000 ptr=0xffff8ef901844040 bytes_req=60 bytes_alloc=64 gfp_flags=GFP_KERNEL\n"
		"\tffffffff91539000 __kmalloc+0x10 ([kernel.kallsyms])\n"
		"\tffffffffc03e6000 between+0x2b ([kernel.kallsyms])\n\n";
	char name[] = "/tmp/test_textlog.XXXXXX";

	(void)state;
	write_file(name, modules);
	good(text);
	assert_int_equal(module("[unknown]")->live_bytes, 4 * 64);
	opts.modules_file = name;
	snapshot_free(snap);
	snap = replay(&opts, &err);
	assert_non_null(snap);
	assert_int_equal(module("foo")->live_bytes, 2 * 64);
	assert_int_equal(module("bar")->live_bytes, 64);
	assert_int_equal(module("[unknown]")->live_bytes, 64);
	assert_true(has_site("foo", "both", 0x30, 64));
	assert_true(has_site("bar", "both", 0x10, 64));
	write_text(bare);
	opts.modules_file = name;
	snapshot_free(snap);
	snap = replay(&opts, &err);
	unlink(name);
	assert_non_null(snap);
	assert_int_equal(module("foo")->live_bytes, 2 * 64);
	assert_int_equal(module("bar")->live_bytes, 64);
	good(perf);
	assert_int_equal(module("foo")->live_bytes, 2 * 64);
}

/* trace-cmd names code that is gone as what lies before it: kallsyms tells better. */
static void named_by_the_nearest(void **state)
{
	static const char kallsyms[] =
		"ffffffff91539000 T __kmalloc\nffffffff916b65e0 T do_syscall_64\n"
		"ffffffff91540000 T other\n"
		"ffffffffc03e5d00 t take\t[foo]\nffffffffc03e5e00 b counter\t[foo]\n";
	static const char text[] =
		TOOK("1.000001", "counter+0x9d2b", "ffff8ef901844000")
		STACK_OF("1.000002", "=> __kmalloc (ffffffff91539020)\n=> counter (ffffffffc03efb2b)\n"
				     "=> do_syscall_64 (ffffffff916b65ef)\n")
		TOOK("1.000003", "take+0x2b", "ffff8ef901844040")
		STACK_OF("1.000004", "=> __kmalloc (ffffffff91539020)\n=> take (ffffffffc03e5d2b)\n");
	char name[] = "/tmp/test_textlog.XXXXXX";

	(void)state;
	write_file(name, kallsyms);
	write_text(text);
	opts.kallsyms_file = name;
	snapshot_free(snap);
	snap = replay(&opts, &err);
	unlink(name);
	assert_non_null(snap);
	assert_int_equal(module("foo")->live_bytes, 64);
	assert_int_equal(module("[unknown]")->live_bytes, 64);
}

/* perf script: frames follow the event itself, and name their modules. */
static void printed_by_perf(void **state)
{
	(void)state;
	good("insmod   148 [001]     1.000001:       kmem:kmalloc: call_site=helper+0x2b ptr=0xffff8ef901844000 bytes_req=60 bytes_alloc=64 gfp_flags=GFP_KERNEL\n"
	     "\tffffffff91539010 __kmalloc+0x10 ([kernel.kallsyms])\n"
	     "\tffffffffc04e5d2b helper+0x2b ([bar])\n"
	     "\tffffffffc03e5d2b take+0x2b (/lib/modules/6.1.0/extra/foo.ko)\n"
	     "\tffffffff916b65ef do_syscall_64+0xf ([kernel.kallsyms])\n"
	     "\t          146f2c [unknown] (/usr/bin/perf)\n\n"
	     "insmod   148 [000]     1.000002: kmem:mm_page_alloc: page=0x16b97a pfn=0x16b97a order=1 migratetype=0 gfp_flags=GFP_NOWAIT\n"
	     "\tffffffff91539110 alloc_pages_noprof+0x10 ([kernel.kallsyms])\n"
	     "\tffffffffc03e5d4b take+0x4b ([foo])\n\n"
	     "insmod   148 [001]     1.000003:         kmem:kfree: call_site=drop+0x1 ptr=(nil)\n\n");
	assert_int_equal(module("bar")->live[KIND_SLAB].bytes, 64);
	assert_int_equal(module("foo")->live[KIND_PAGES].bytes, 8192);
	assert_int_equal(snap->coverage.events_without_stack, 0);
	assert_true(NOTED("perf script does not print what perf lost"));
	assert_false(DISTRUST("damaged"));
}

/* What was left out of the text cannot be had: it is said what to do. */
static void printed_without(void **state)
{
	(void)state;
	bad("# tracer: nop\n#\nkfree: call_site=drop+0x1/0x9 ptr=0000000000000000\n<stack trace>\n",
	    "options/context-info");
	bad("kmalloc: call_site=drop+0x1/0x9 ptr=0000000000000000 bytes_req=1 bytes_alloc=8\n",
	    "options/context-info");
	bad("# tracer: nop\n#\n100 0 16738104843 type: 551\n", "options/raw");
	good(AT("000", "1.000001") "kmalloc: call_site=0xffffffffb434666b (-1271634325) ptr=0xffff8cf01fd680c0 (-126512022519616) bytes_req=0x48 (72) bytes_alloc=0x60 (96)\n"
	     AT("000", "1.000002") "UNKNOWN TYPE 4\n");
	assert_true(DISTRUST("options/fields"));
}

/* Times do not begin again at 0, whatever is printed: order is that of the lines. */
static void last_times(void **state)
{
	static const struct {
		const char *first, *second;
		bool good;
	} cases[] = {
		{ "9223372036.854775807", "9223372036.854775807", true },
		{ "9223372036854775807", "9223372036854775807", true },
		{ "1.000000", "9223372036.854775808", false },
		{ "1", "9223372036854775808", false },
		{ "1.000000", "18446744073.709551615", false },
		{ "1", "18446744073709551615", false },
		{ "1", "18446744073709551616", false },
	};
	char text[1024];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		snprintf(text, sizeof(text),
			 "  insmod-7 [000] ..... %s: kmalloc: call_site=f+0x1/0x9 [m] ptr=00001000 bytes_req=96 bytes_alloc=96 gfp_flags=GFP_KERNEL\n"
			 "  insmod-7 [000] ..... %s: kfree: call_site=f+0x1/0x9 [m] ptr=00001000\n"
			 "  insmod-7 [001] ..... %s: kmalloc: call_site=f+0x1/0x9 [m] ptr=00001000 bytes_req=96 bytes_alloc=96 gfp_flags=GFP_KERNEL\n",
			 cases[i].first, cases[i].first, cases[i].second);
		good(text);
		if (module("m")->live_bytes != (cases[i].good ? 96 : 0) ||
		    snap->end_ns < snap->start_ns || snap->end_ns - snap->start_ns > 2 ||
		    snap->coverage.unmatched_frees)
			fail_msg("case %zu", i);
		assert_int_equal(DISTRUST("lines of the text are damaged"), !cases[i].good);
	}
}

/* What perf script --header tells of how it was recorded. */
static void head_of_perf(void **state)
{
	static const char head[] =
		"# ========\n"
		"# captured on    : Mon Nov 30 13:17:35 2026\n"
		"# nrcpus online : 2\n"
		"%s# cmdline : /usr/bin/perf record -e kmem:kmalloc -e kmem:kfree --filter ptr != 0 -a %s \n"
		"# event : name = kmem:kmalloc, , id = { 12, 13 }, type = 2, { sample_period, sample_freq } = %s, sample_type = IP|TID\n"
		"# missing features: BUILD_ID BRANCH_STACK\n"
		"# ========\n"
		"#\n"
		"insmod 7 [000] 1.000000: kmem:kmalloc: call_site=f+0x1 ptr=0xffff888000001000 bytes_req=96 bytes_alloc=96 gfp_flags=GFP_KERNEL\n"
		"        ffffffffc0000001 f+0x1 ([m])\n\n";
	char text[2048];

	(void)state;
	for (unsigned int quoted = 0; quoted < 2; quoted++) {
		snprintf(text, sizeof(text), head, quoted ? "> " : "", "-C 0", "100");
		good(text);
		assert_true(DISTRUST("a filter was set on kmem:kfree: ptr != 0"));
		assert_true(DISTRUST("only some CPUs were recorded (-C 0)"));
		assert_true(DISTRUST("not every kmem:kmalloc was recorded (-c 100)"));
		assert_int_equal(module("m")->uncertain_bytes, 96);
	}
	snprintf(text, sizeof(text), head, "", "-C 0-1", "1");
	good(text);
	assert_false(DISTRUST("only some CPUs"));
	assert_false(DISTRUST("not every"));
}

/* A line a minute: the file that is made of them does not grow with the time. */
static void sparse(void **state)
{
	struct textlog_opts to = { .name = "log", .page_size = 64u << 10 };
	char *text = NULL;
	struct textlog log;
	struct stat st;
	size_t len;
	FILE *out = open_memstream(&text, &len);
	int fd;

	(void)state;
	for (unsigned int i = 0; i < 200; i++)
		fprintf(out, "  insmod-7 [000] ..... %u.000000: kmalloc: call_site=f+0x1/0x9 [m] ptr=%08x bytes_req=96 bytes_alloc=96 gfp_flags=GFP_KERNEL\n",
			60 * i, 0x1000 + 128 * i);
	fclose(out);
	good(text);
	assert_int_equal(module("m")->live_bytes, 200 * 96);
	fd = open(path, O_RDONLY);
	assert_int_equal(textlog_convert(fd, &to, &log, &err), 0);
	assert_int_equal(fstat(log.fd, &st), 0);
	assert_in_range(st.st_size, 4096, 64 << 10);
	close(log.fd);
	close(fd);
	free(text);
}

static void what_is_no_log(void **state)
{
	(void)state;
	bad("hello\nworld\n", "not a trace.dat");
	bad("# tracer: nop\n#\n", "holds no line of the kernel's trace");
	write_text(AT("000", "1.000001") KMALLOC("11111111", "64"));
	opts.kallsyms_file = "/dev/null";
	assert_null(replay(&opts, &err));
	assert_non_null(strstr(err.text, "holds no line of /proc/kallsyms"));
	write_text(AT("000", "1.000001") KMALLOC("11111111", "64"));
	setenv("TMPDIR", "/nowhere", 1);
	assert_null(replay(&opts, &err));
	unsetenv("TMPDIR");
	assert_non_null(strstr(err.text, "set TMPDIR"));
}

static int forget(void **state)
{
	(void)state;
	snapshot_free(snap);
	snap = NULL;
	return 0;
}

/* What people print before the trace; what is quoted there is no part of a trace. */
static void filters_in_the_text(void **state)
{
	static const char trace[] =
		AT("000", "1.000001") KMALLOC("11111111", "64") STACK("000", "1.000001")
		AT("000", "1.000002") KMALLOC("22222222", "32") STACK("000", "1.000002")
		AT("001", "1.000003") KFREE("11111111");
	static const struct {
		const char *line, *said;	/* NULL: nothing */
	} cases[] = {
		{ "/sys/kernel/tracing/events/kmem/kfree/filter:bytes_req > 100\n",
		  "a filter was set on kmem:kfree: bytes_req > 100: frees" },
		{ "> [   1.5] /sys/kernel/debug/tracing/events/kmem/kfree/filter:ptr == 0x5\r\n",
		  "kmem:kfree: ptr == 0x5" },
		{ "events/kmem/kmalloc/filter:call_site==1 || bytes_req==2\n", "kmem:kmalloc: call" },
		{ "events/kmem/kmalloc/trigger:stacktrace:unlimited if bytes_req > 9\n",
		  "stacktrace:unlimited if" },
		{ "kfree/filter:1:ptr > 1\n", "kmem:kfree" },
		{ "set_event_pid:14\nset_event_pid:17\n", "(set_event_pid: 14, 17)" },
		{ "tracing_cpumask:1\n", "(tracing_cpumask: 1)" },
		{ "events/kmem/kfree/filter:ptr > \x1b[1m9\x1b[m\n", "ptr > 9: frees" },
		/* nothing is left out */
		{ "events/kmem/kfree/filter:none\n", NULL },
		{ "events/kmem/kfree/enable:0\nevents/kmem/kfree/id:481\ntracing_on:0\n", NULL },
		{ "events/kmem/kfree/trigger:# Available triggers:\n"
		  "events/kmem/kmalloc/trigger:stacktrace:unlimited\n", NULL },
		{ "events/kmem/kmalloc/format:print fmt: \"call_site=%pS ptr=%p\"\n", NULL },
		{ "events/kmem/filter:### global filter ###\n", NULL },
		{ "events/sched/sched_switch/filter:prev_pid == 0\n", NULL },
		{ "events/kmem/kfree/filter:ptrx > 1\nevents/kmem/kfree/filter:   ^\n"
		  "events/kmem/kfree/filter:parse_error: Field not found\n", NULL },
		{ "tracing_cpumask:f\n", NULL },
		{ "set_event_pid: what it is for\n", NULL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		for (int behind = 0; behind < 2; behind++) {
			char text[4096];

			snprintf(text, sizeof(text), "%s%s%s", behind ? "" : cases[i].line, trace,
				 behind ? cases[i].line : "");
			good(text);
			assert_int_equal(module("foo")->live_bytes, 32);
			if (!snap->coverage.trusted != (cases[i].said != NULL))
				fail_msg("case %zu: %s", i, snap->coverage.n_distrust ?
					 snap->coverage.distrust[0] : "nothing said");
			if (cases[i].said && !DISTRUST(cases[i].said))
				fail_msg("case %zu: %s", i, snap->coverage.distrust[0]);
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(allocations_and_frees),
		cmocka_unit_test(hashed_pointers),
		cmocka_unit_test(filters_in_the_text),
		cmocka_unit_test(advice_for_texts),
		cmocka_unit_test(same_microsecond),
		cmocka_unit_test(cpu_by_cpu),
		cmocka_unit_test(one_cpu_goes_back),
		cmocka_unit_test(stacks_belong_to_their_cpu),
		cmocka_unit_test(pages_and_percpu),
		cmocka_unit_test(pages_that_can_be_taken_back),
		cmocka_unit_test(percpu_without_call_site),
		cmocka_unit_test(large_kmalloc),
		cmocka_unit_test(large_kmalloc_of_larger_pages),
		cmocka_unit_test(losses),
		cmocka_unit_test(overruns_without_a_head),
		cmocka_unit_test(overwritten_frees),
		cmocka_unit_test(what_cannot_be_read_is_said),
		cmocka_unit_test(null_pointers),
		cmocka_unit_test(failed_pages),
		cmocka_unit_test(withheld_pointers),
		cmocka_unit_test(names_of_caches),
		cmocka_unit_test(stacks_without_modules),
		cmocka_unit_test(call_site_helps_the_stack),
		cmocka_unit_test(bare_call_sites),
		cmocka_unit_test(track_caller),
		cmocka_unit_test(caller_left_out),
		cmocka_unit_test(caller_comes_first),
		cmocka_unit_test(address_used_again),
		cmocka_unit_test(given_kallsyms),
		cmocka_unit_test(bare_with_plain_stacks),
		cmocka_unit_test(frames_with_addresses),
		cmocka_unit_test(frames_without_names),
		cmocka_unit_test(stacks_of_others),
		cmocka_unit_test(unnamed_sites),
		cmocka_unit_test(init_functions),
		cmocka_unit_test(modules_come_and_go),
		cmocka_unit_test(vmalloc_areas),
		cmocka_unit_test(many_records),
		cmocka_unit_test(user_stacks),
		cmocka_unit_test(texts_in_texts),
		cmocka_unit_test(dumped_buffer),
		cmocka_unit_test(printed_by_trace_cmd),
		cmocka_unit_test(in_module_space),
		cmocka_unit_test(in_the_space_of_one),
		cmocka_unit_test(named_by_the_nearest),
		cmocka_unit_test(printed_by_perf),
		cmocka_unit_test(printed_without),
		cmocka_unit_test(last_times),
		cmocka_unit_test(head_of_perf),
		cmocka_unit_test(sparse),
		cmocka_unit_test(what_is_no_log),
	};

	return cmocka_run_group_tests(tests, NULL, forget);
}
