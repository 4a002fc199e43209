// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * test_textreport.c - what trace-cmd report prints with each of its options: the same
 * is read, and what is missing is said
 */
#include "textcase.h"

#define FIRST "(do_kmalloc+0x2b) call_site=do_kmalloc+0x2b ptr=0xffff893841876400 bytes_req=60 bytes_alloc=64 gfp_flags=GFP_KERNEL node=-1 accounted=false"
#define SECOND "(do_kmalloc+0x40) call_site=do_kmalloc+0x40 ptr=0xffff893841876000 bytes_req=8 bytes_alloc=8 gfp_flags=GFP_KERNEL node=-1 accounted=false"
#define FREED "(drop+0x1) call_site=drop+0x1 ptr=0xffff893841876400"
#define STACK "kernel_stack:         <stack trace >\n"
#define FIRST_STACK "=> __kmalloc (ffffffff91539000)\n=> do_kmalloc (ffffffffc03e5d2b)\n"
#define SECOND_STACK "=> __kmalloc (ffffffff91539000)\n=> do_kmalloc (ffffffffc03e5d40)\n"

/*
 * Each prints an allocation of 60 bytes, its stack, another one, its stack, and the
 * free of the first.
 */
static const struct {
	const char *option, *text;
	const char *says;	/* that it is not good enough; or NULL */
} cases[] = {
	{ "-q, --cpu 0, --ts-check", "cpus=2\n"
	  "              sh-126   [000]    33.681243: kmalloc:              " FIRST "\n"
	  "              sh-126   [000]    33.681250: " STACK
	  FIRST_STACK
	  "              sh-126   [000]    33.681260: kmalloc:              " SECOND "\n"
	  "              sh-126   [000]    33.681270: " STACK
	  SECOND_STACK
	  "              sh-126   [000]    33.681280: kfree:                " FREED "\n",
	  NULL },
	{ "-w", "cpus=2\n"
	  "       trace-cmd-125   [000]    33.671626: sched_switch:         trace-cmd:125 [120] R ==> rcu_preempt:15 [120] Latency: 105.049 usecs\n"
	  "              sh-126   [000]    33.681243: kmalloc:              " FIRST "\n"
	  "              sh-126   [000]    33.681250: " STACK
	  FIRST_STACK
	  "              sh-126   [000]    33.681260: kmalloc:              " SECOND "\n"
	  "              sh-126   [000]    33.681270: " STACK
	  SECOND_STACK
	  "              sh-126   [000]    33.681280: kfree:                " FREED "\n"
	  "\nAverage wakeup latency: 985.926 usecs\n"
	  "Maximum Latency: 7681.949 usecs at timestamp: 33.727590\n"
	  "Minimum Latency: 57.159 usecs at timestamp: 33.711312\n\n",
	  NULL },
	{ "--ts2secs, -C x86-tsc, --raw-ts", "cpus=2\n"
	  "              sh-126   [000] 33038227645: kmalloc:              " FIRST "\n"
	  "              sh-126   [000] 33038341171: " STACK
	  FIRST_STACK
	  "              sh-126   [000] 33038341172: kmalloc:              " SECOND "\n"
	  "              sh-126   [000] 33038341173: " STACK
	  SECOND_STACK
	  "              sh-126   [000] 33038341179: kfree:                " FREED "\n",
	  NULL },
	{ "-t --ts-diff", "cpus=2\n"
	  "              sh-126   [000]    33.681243123:          kmalloc:              " FIRST "\n"
	  "              sh-126   [000]    33.681250123: (+7000)  " STACK
	  FIRST_STACK
	  "              sh-126   [000]    33.681260123: (+10000) kmalloc:              " SECOND "\n"
	  "              sh-126   [000]    33.681270123: (+10000) " STACK
	  SECOND_STACK
	  "              sh-126   [000]    33.681280123: (+10000) kfree:                " FREED "\n",
	  NULL },
	{ "--debug", "cpus=2\n"
	  "CPU:0 [SUBBUFFER START] [33667091000:0x44000]\n"
	  "              sh-126   [000]    33.681243: kmalloc:              " FIRST " [0:0x10:44]\n"
	  "              sh-126   [000]    33.681250: " STACK
	  "=> __kmalloc (ffffffff91539000)\n=> do_kmalloc (ffffffffc03e5d2b) [125128:0x44:112]\n"
	  " TIME EXTEND: delta:134217728 length:8\n"
	  "              sh-126   [000]    33.681260: kmalloc:              " SECOND " [0:0x10:44]\n"
	  "              sh-126   [000]    33.681270: " STACK
	  "=> __kmalloc (ffffffff91539000)\n=> do_kmalloc (ffffffffc03e5d40) [125128:0x44:112]\n"
	  "              sh-126   [000]    33.681280: kfree:                " FREED " [10:0x1f8:20]\n",
	  NULL },
	{ "-N", "cpus=2\n"
	  "              sh-126   [000]    33.681243: kmalloc:              call_site=do_kmalloc+0x2b ptr=0xffff893841876400 bytes_req=60 bytes_alloc=64 gfp_flags=GFP_KERNEL node=-1 accounted=false\n"
	  "              sh-126   [000]    33.681250: kernel_stack:         \t=> __kmalloc\n\t=> do_kmalloc\n\t=> do_syscall_64\n"
	  "              sh-126   [000]    33.681260: kmalloc:              call_site=do_kmalloc+0x40 ptr=0xffff893841876000 bytes_req=8 bytes_alloc=8 gfp_flags=GFP_KERNEL node=-1 accounted=false\n"
	  "              sh-126   [000]    33.681270: kernel_stack:         \t=> __kmalloc\n\t=> do_kmalloc\n\t=> do_syscall_64\n"
	  "              sh-126   [000]    33.681280: kfree:                call_site=drop+0x1 ptr=0xffff893841876400\n",
	  "trace-cmd report -N or -R" },
	{ "-R", "cpus=2\n"
	  "              sh-126   [000]-0x0    33.681243: kmalloc:               call_site=do_kmalloc+0x2b ptr=0xffff893841876400 bytes_req=60 bytes_alloc=64 gfp_flags=0xcc0 node=-1\n"
	  "              sh-126   [000]-0x0    33.681250: kernel_stack:          size=12 caller=ARRAY[35, 9f, 0d, ab, ff, ff, ff, ff, 5a, c6, 0e, ab, ff, ff, ff, ff]\n"
	  "              sh-126   [000]-0x0    33.681260: kmalloc:               call_site=do_kmalloc+0x40 ptr=0xffff893841876000 bytes_req=8 bytes_alloc=8 gfp_flags=0xcc0 node=-1\n"
	  "              sh-126   [000]-0x0    33.681270: kernel_stack:          size=12 caller=ARRAY[35, 9f, 0d, ab, ff, ff, ff, ff, 5a, c6, 0e, ab, ff, ff, ff, ff]\n"
	  "              sh-126   [000]-0x0    33.681280: kfree:                 call_site=drop+0x1 ptr=0xffff893841876400\n",
	  "trace-cmd report -N or -R" },
	{ "-R -l --ts-diff", "cpus=2\n"
	  "      sh-126     0-0x9    33.681243:          kmalloc:               call_site=do_kmalloc+0x2b ptr=0xffff893841876400 bytes_req=60 bytes_alloc=64 gfp_flags=0xcc0 node=-1\n"
	  "      sh-126     0-0x9    33.681250: (+7)     kernel_stack:          size=12 caller=ARRAY[35, 9f, 0d, ab, ff, ff, ff, ff, 5a, c6, 0e, ab, ff, ff, ff, ff]\n"
	  "      sh-126     0-0x0    33.681260: (+10)    kmalloc:               call_site=do_kmalloc+0x40 ptr=0xffff893841876000 bytes_req=8 bytes_alloc=8 gfp_flags=0xcc0 node=-1\n"
	  "      sh-126     0-0x0    33.681270: (+10)    kernel_stack:          size=12 caller=ARRAY[35, 9f, 0d, ab, ff, ff, ff, ff, 5a, c6, 0e, ab, ff, ff, ff, ff]\n"
	  "      sh-126     0-0x0    33.681280: (+10)    kfree:                 call_site=drop+0x1 ptr=0xffff893841876400\n",
	  "trace-cmd report -N or -R" },
	{ "-l", "cpus=2\n"
	  "      sh-126     0d.h1.    33.681243: kmalloc:              " FIRST "\n"
	  "      sh-126     0d.h1.    33.681250: " STACK
	  FIRST_STACK
	  "      sh-126     0.....    33.681260: kmalloc:              " SECOND "\n"
	  "      sh-126     0.....    33.681270: " STACK
	  SECOND_STACK
	  "      sh-126     0.....    33.681280: kfree:                " FREED "\n",
	  NULL },
	{ "-r kmalloc, and formats that cannot be evaluated", "cpus=2\n"
	  "              sh-126   [000]    33.681243: kmalloc:               [FAILED TO PARSE] call_site=0xffffffffc03e5d2b ptr=0xffff893841876400 bytes_req=60 bytes_alloc=64 gfp_flags=3264 node=-1\n"
	  "              sh-126   [000]    33.681250: " STACK
	  FIRST_STACK
	  "              sh-126   [000]    33.681260: kmalloc:               call_site=do_kmalloc+0x40 ptr=0xffff893841876000 bytes_req=8 bytes_alloc=8 gfp_flags=0xcc0 node=-1\n"
	  "              sh-126   [000]    33.681270: " STACK
	  SECOND_STACK
	  "              sh-126   [000]    33.681280: kfree:                 [FAILED TO PARSE] call_site=0xffffffffc03e5e01 ptr=0xffff893841876400\n",
	  NULL },
};

static const char symbols[] =
	"ffffffff91539000 T __kmalloc\nffffffff916b65e0 T do_syscall_64\n"
	"ffffffffc03e5d00 t do_kmalloc\t[foo]\nffffffffc03e5e00 t drop\t[foo]\n";

static void with_symbols(const char *text)
{
	int fd = memfd_create("kallsyms", 0);
	char file[64];

	assert_int_equal(write(fd, symbols, sizeof(symbols) - 1), sizeof(symbols) - 1);
	snprintf(file, sizeof(file), "/proc/self/fd/%d", fd);
	good_in(text, file);
	close(fd);
}

static void each_option(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct snap_module *foo;

		with_symbols(cases[i].text);
		foo = module("foo");
		if (foo->live_bytes != 8 || foo->allocs != 2 || foo->frees != 1 ||
		    snap->coverage.unpaired_stacks || snap->coverage.malformed)
			fail_msg("%s: %llu bytes, %llu allocations", cases[i].option,
				 (unsigned long long)foo->live_bytes,
				 (unsigned long long)foo->allocs);
		assert_string_equal(foo->sites[0].function, "do_kmalloc");
		assert_int_equal(foo->sites[0].offset, 0x40);
		if (cases[i].says ? !DISTRUST(cases[i].says) : DISTRUST("the text"))
			fail_msg("%s: what is said of it", cases[i].option);
	}
}

/* Pages of formats that cannot be evaluated, as on arm64. */
static void failed_to_parse(void **state)
{
	(void)state;
	with_symbols("cpus=2\n"
		     "              sh-202   [001]     5.291586: mm_page_alloc:        [FAILED TO PARSE] pfn=0x43c26 order=1 gfp_flags=0x400dc0 migratetype=0\n"
		     "              sh-202   [001]     5.291587: " STACK
		     FIRST_STACK
		     "              sh-202   [001]     5.291588: mm_page_alloc:        [FAILED TO PARSE] pfn=0xffffffffffffffff order=1 gfp_flags=0x400dc0 migratetype=0\n"
		     "              sh-202   [001]     5.291589: mm_page_free:         [FAILED TO PARSE] pfn=0x43c27 order=0\n");
	assert_int_equal(module("foo")->live[KIND_PAGES].bytes, 4096);
	assert_false(DISTRUST("cannot be read"));
}

/* -F, --event: the stacks of what it leaves out are printed all the same. */
static void filtered(void **state)
{
	char text[32768];
	size_t len = 0;

	(void)state;
	for (unsigned int i = 0; i < 40; i++)
		len += (size_t)snprintf(text + len, sizeof(text) - len,
					"%.*s              sh-126   [000]    33.%06u: " STACK
					FIRST_STACK,
					i % 2 ? 0 : 200,
					"              sh-126   [000]    33.000000: kmalloc:              (do_kmalloc+0x2b) call_site=do_kmalloc+0x2b ptr=0xffff893841876400 bytes_req=60 bytes_alloc=64 gfp_flags=GFP_KERNEL\n",
					i);
	with_symbols(text);
	assert_true(DISTRUST("20 stacks of the text are of events that it does not have"));
	assert_false(DISTRUST("one CPU"));
}

/* --cpu, per_cpu/cpu0/trace: so much happens on no one CPU. */
static void one_cpu(void **state)
{
	static char text[512 * 1024];
	size_t len;

	(void)state;
	for (unsigned int cpus = 1; cpus < 3; cpus++) {
		len = (size_t)snprintf(text, sizeof(text), "cpus=%u\n", cpus);
		for (unsigned int i = 0; i < 2000; i++)
			len += (size_t)snprintf(text + len, sizeof(text) - len,
						"              sh-%u   [000]    33.%06u: kmalloc: call_site=do_kmalloc+0x2b ptr=0xffff8938418%05x bytes_req=60 bytes_alloc=64 gfp_flags=GFP_KERNEL\n",
						i % 2 + 1, i, i * 64);
		with_symbols(text);
		assert_int_equal(DISTRUST("all entries of the text are of one CPU of 2"),
				 cpus > 1);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_option),
		cmocka_unit_test(failed_to_parse),
		cmocka_unit_test(filtered),
		cmocka_unit_test(one_cpu),
	};
	int ret = cmocka_run_group_tests(tests, NULL, NULL);

	snapshot_free(snap);
	return ret;
}
