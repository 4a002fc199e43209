// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * test_textbuffers.c - texts that hold several buffers, files or logs: what two of
 * them have is counted once, what one has is counted
 */
#include "textcase.h"

#define TASK(time) "              sh-148   [001]     " time ": "
#define KMALLOC(ptr, n)								\
	"kmalloc:              (take+0x2b) call_site=take+0x2b/0x80 [foo] ptr=0xffff8ef90184" ptr \
	" bytes_req=" n " bytes_alloc=" n " gfp_flags=GFP_KERNEL node=-1\n"
#define KFREE(ptr) \
	"kfree:                (drop+0x1) call_site=drop+0x1/0x9 [foo] ptr=0xffff8ef90184" ptr "\n"
#define STACK(prefix, time)							\
	prefix TASK(time) "kernel_stack:         <stack trace >\n"		\
	"=> __kmalloc (ffffffff91539000)\n=> take+0x2b/0x80 [foo] (ffffffffc03e5d2b)\n"

/* An allocation and a free of it, 32 bytes that stay, once for each of two buffers. */
#define BOTH(a, b)								\
	a TASK("1.000100") KMALLOC("0000", "64") b TASK("1.000101") KMALLOC("0000", "64") \
	STACK(a, "1.000102") STACK(b, "1.000103")				\
	a TASK("1.000200") KFREE("0000") b TASK("1.000201") KFREE("0000")	\
	a TASK("1.000300") KMALLOC("1000", "32") b TASK("1.000301") KMALLOC("1000", "32") \
	STACK(a, "1.000302") STACK(b, "1.000303")

static void counted_once(const char *left_out)
{
	assert_int_equal(module("foo")->allocs, 2);
	assert_int_equal(module("foo")->frees, 1);
	assert_int_equal(module("foo")->live_bytes, 32);
	assert_int_equal(snap->coverage.evicted, 0);
	assert_int_equal(snap->coverage.unmatched_frees, 0);
	assert_int_equal(snap->coverage.events_without_stack, 0);
	assert_int_equal(snap->coverage.unpaired_stacks, 0);
	assert_int_equal(snap->coverage.duplicate_buffer_events, 3);
	assert_true(NOTED("several buffers hold the same events"));
	if (!NOTED(left_out))
		fail_msg("%s", left_out);
	assert_true(NOTED("the text holds 2 buffers, files or logs ("));
}

static void same_events(void **state)
{
	static const struct {
		const char *text, *left_out;
	} cases[] = {
		/* trace-cmd report of a file with instances, of the top one and another, */
		{ "cpus=2\n" BOTH("  both: ", "memory: "), "those of 'memory' are left out" },
		{ "cpus=2\n" BOTH("        ", "memory: "), "'memory' are left out, 'top instance'" },
		/* ... of two files, one of them with an instance, */
		{ "a.dat: cpus=2\nb.dat: cpus=2\n" BOTH("a.dat: ", "b.dat: "), "'b.dat'" },
		{ "c.dat: cpus=2\nd.dat: cpus=2\n" BOTH("    c: ", "d.dat: "), "'d.dat'" },
		{ BOTH("/tmp/my traces/trace-6.1.dat: ", "/tmp/my traces/trace-6.2.dat: "),
		  "'/tmp/my traces/trace-6.2.dat'" },
		{ BOTH("1: ", "2: "), "'2'" },
		/* ... quoted, on a console, */
		{ BOTH("> a: ", "> b: "), "'b'" },
		{ BOTH("[   12.345678] a: ", "[   12.345679] b: "), "'b'" },
		/* ... and by grep */
		{ BOTH("instances/a/trace:", "instances/b/trace:"), "'instances/b/trace'" },
		{ BOTH("a/trace:12:", "b/trace:13:"), "'b/trace'" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		good(cases[i].text);
		counted_once(cases[i].left_out);
		assert_false(DISTRUST("boot") || DISTRUST("back in time"));
	}
}

/* Prefixes of loggers, numbers of lines: all is of one buffer. */
static void no_buffers(void **state)
{
	static const char *const prefixes[][2] = {
		{ "Nov 30 13:19:09 host kernel: ", "Nov 30 13:19:10 host kernel: " },
		{ "2026-11-30T13:19:09.123456+00:00 host kernel: ",
		  "2026-11-30T13:19:10.123456+00:00 host kernel: " },
		{ "1700000000.123456 host kernel: ", "1700000001.123456 host kernel: " },
		{ "[   12.345678] ", "[   12.345679] " },
		{ "12:", "13:" },
		{ "> ", "> > " },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++) {
		char text[2048];

		snprintf(text, sizeof(text), "%s%s%s%s%s%s", prefixes[i][0],
			 TASK("1.000001") KMALLOC("0000", "64"), prefixes[i][1],
			 TASK("1.000002") KFREE("0000"), prefixes[i][1],
			 TASK("1.000003") KMALLOC("0000", "32"));
		good(text);
		assert_int_equal(module("foo")->live_bytes, 32);
		assert_int_equal(module("foo")->allocs, 2);
		if (NOTED("the text holds"))
			fail_msg("%s", prefixes[i][0]);
	}
}

/* What is in one buffer only is counted, and which these are is said. */
static void different_events(void **state)
{
	(void)state;
	good(" slab: " TASK("1.000100") KMALLOC("0000", "64")
	     STACK(" slab: ", "1.000102")
	     "pages: " TASK("1.000103") "mm_page_alloc: page=0xfffff pfn=0x2542 order=1 migratetype=0 gfp_flags=GFP_KERNEL\n"
	     STACK("pages: ", "1.000104")
	     "       " TASK("1.000300") KMALLOC("1000", "32")
	     STACK("       ", "1.000301"));
	assert_int_equal(module("foo")->live_bytes, 96 + 8192);
	assert_int_equal(snap->coverage.duplicate_buffer_events, 0);
	assert_false(NOTED("same events"));
	assert_true(NOTED("the text holds 3 buffers, files or logs ('slab', 'pages', 'top instance')"));
	/* an allocation in one, its free in the other */
	good("a: " TASK("1.000100") KMALLOC("0000", "64")
	     "b: " TASK("1.000200") KFREE("0000"));
	assert_int_equal(module("foo")->live_bytes, 0);
	assert_int_equal(module("foo")->frees, 1);
}

/* Two files that overlap in time: what both have is counted once. */
static void same_events_in_part(void **state)
{
	char text[16384];
	size_t len = 0;

	(void)state;
	for (unsigned int i = 0; i < 30; i++)
		for (unsigned int b = i < 10 ? 1 : 0; b < (i < 20 ? 2 : 1); b++)
			len += (size_t)snprintf(text + len, sizeof(text) - len,
						"%c: " TASK("1.%03u00%u") "kmalloc: call_site=take+0x2b/0x80 [foo] ptr=0xffff8ef901844%02u0 bytes_req=8 bytes_alloc=8 gfp_flags=GFP_KERNEL\n",
						"ab"[b], i, b, i);
	good(text);
	assert_int_equal(module("foo")->allocs, 30);
	assert_int_equal(module("foo")->live_bytes, 240);
	assert_int_equal(snap->coverage.evicted, 0);
	assert_true(NOTED("several buffers hold some of the same events"));
}

/* The line of a loss has the name of the buffer, and the entry behind it then none. */
static void losses(void **state)
{
	(void)state;
	good("a: " TASK("1.000100") KMALLOC("0000", "64")
	     "b: CPU:1 [12 EVENTS DROPPED]\n"
	     TASK("1.000200") KMALLOC("1000", "32")
	     STACK("b: ", "1.000201")
	     "a: CPU:1 [SUBBUFFER START] [123:0x1000]\n"
	     TASK("1.000300") KFREE("0000")
	     "b: " TASK("1.000400") KFREE("1000"));
	assert_int_equal(snap->coverage.lost_events, 12);
	assert_int_equal(module("foo")->live_bytes, 0);
	assert_int_equal(module("foo")->frees, 2);
	assert_int_equal(snap->coverage.unpaired_stacks, 0);
	assert_int_equal(snap->coverage.events_without_stack, 1);
}

#define HEAD "# tracer: nop\n#\n# entries-in-buffer/entries-written: 5/5   #P:2\n#\n"

/* cat a/trace b/trace, head a/trace b/trace: one log behind the other. */
static void behind_each_other(void **state)
{
#define ONE(first)								\
	first TASK("1.000100") KMALLOC("0000", "64") STACK("", "1.000102")	\
	TASK("1.000200") KFREE("0000")						\
	TASK("1.000300") KMALLOC("1000", "32") STACK("", "1.000302")
	static const struct {
		const char *text, *left_out;
	} cases[] = {
		{ HEAD ONE("") HEAD ONE(""), "'log 2' are left out, 'log 1'" },
		{ "==> a/trace <==\n" HEAD ONE("") "\n==> b/trace <==\n" HEAD ONE(""),
		  "'b/trace' are left out, 'a/trace'" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		good(cases[i].text);
		counted_once(cases[i].left_out);
		assert_false(DISTRUST("boot") || DISTRUST("back in time"));
	}
	/* the second is another log of these CPUs, maybe of another boot */
	good(HEAD ONE("") HEAD TASK("1.000100") KMALLOC("2000", "16"));
	assert_int_equal(module("foo")->live_bytes, 48);
	assert_true(NOTED("the text holds 2"));
	assert_true(DISTRUST("nothing shows that they are of one boot"));
}

/* More names than can be kept apart: it is said. */
static void too_many(void **state)
{
	static char text[200 * 1024];
	size_t len = 0;

	(void)state;
	for (unsigned int i = 0; i < 500; i++)
		len += (size_t)snprintf(text + len, sizeof(text) - len, "file%u: "
					TASK("1.%06u") "kmalloc: call_site=take+0x2b/0x80 [foo] ptr=0xffff8ef901844%03x bytes_req=8 bytes_alloc=8 gfp_flags=GFP_KERNEL\n",
					i, i, i * 8);
	good(text);
	assert_int_equal(module("foo")->live_bytes, 4000);
	assert_true(DISTRUST("name more than 63 buffers or files"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(same_events),
		cmocka_unit_test(no_buffers),
		cmocka_unit_test(different_events),
		cmocka_unit_test(same_events_in_part),
		cmocka_unit_test(losses),
		cmocka_unit_test(behind_each_other),
		cmocka_unit_test(too_many),
	};
	int ret = cmocka_run_group_tests(tests, NULL, NULL);

	snapshot_free(snap);
	return ret;
}
