// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * test_textfold.c - texts that mails and pages broke, encoded or cut: they are read as
 * if they had not, or it is said why not
 */
#include "textcase.h"

#define AT(time) "          insmod-314   [001] d..1.   " time ": "

/* Each has 60 bytes taken and freed, and 8 taken. */
static void read_whole(void **state)
{
	static const struct {
		const char *what, *text;
		uint64_t joined;
	} cases[] = {
		{ "mail, broken at a column",
		  "> " AT("12.345678") "kmalloc: call_site=foo_probe+0x1b/0x90\n"
		  "> [foo] ptr=00000000c3a1e771 bytes_req=60 bytes_alloc=64\n"
		  "> gfp_flags=GFP_KERNEL\n"
		  "> " AT("12.345680") "<stack trace>\n>  => __kmalloc+0x10/0x20\n"
		  ">  => foo_probe+0x1b/0x90 [foo]\n"
		  "> " AT("12.345690") "kmem_cache_alloc: call_site=foo_probe+0x2b/0x90 [foo]\n"
		  "> ptr=00000000c3a1e881 name=foo_cache\n> bytes_req=8 bytes_alloc=8\n"
		  "> gfp_flags=GFP_KERNEL node=-1 accounted=false\n"
		  "> " AT("12.345691") "<stack trace>\n>  => kmem_cache_alloc+0x10/0x20\n"
		  ">  => foo_probe+0x2b/0x90 [foo]\n"
		  "> " AT("12.345699") "kfree: call_site=foo_probe+0x3b/0x90 [foo]\n"
		  "> ptr=00000000c3a1e771\n", 3 },
		{ "document, broken by hand",
		  AT("12.345678") "kmalloc: call_site=foo_probe+0x1b/0x90 [foo] \\\n"
		  "    ptr=00000000c3a1e771 bytes_req=60 bytes_alloc=64 \\\n"
		  "    gfp_flags=GFP_KERNEL\n"
		  AT("12.345690") "kmalloc: call_site=foo_probe+0x2b/0x90 [foo] \\\r\n"
		  "\tptr=00000000c3a1e881 bytes_req=8 bytes_alloc=8\r\n"
		  AT("12.345699") "kfree: call_site=foo_probe+0x3b/0x90 [foo] ptr=00000000c3a1e771\n", 2 },
		{ "quoted-printable",
		  ">> +" AT("12.345678") "kmalloc: call_site=3Dfoo_pro=\n"
		  "be+0x1b/0x90 [foo] ptr=3D00000000c3a1=\r\ne771 bytes_req=3D60 bytes_alloc=3D64=\n"
		  " gfp_flags=3DGFP_KERNEL\n"
		  ">> +" AT("12.345680") "<stack trace>\n>> + =3D> __kmalloc+0x10/0x20\n"
		  ">> + =3D> foo_probe+0x=\n1b/0x90 [foo]\n"
		  ">> +" AT("12.345690") "kmalloc: call_site=3Dfoo_probe+0x2b/0x90 [foo] ptr=3D00000000c3a1e881 bytes_req=3D8 bytes_alloc=3D8\n"
		  ">> +" AT("12.345699") "kfree: call_site=3Dfoo_probe+0x3b/0x90 [foo] ptr=3D00000000c3a1e771\n", 0 },
		{ "page",
		  AT("12.345678") "kmalloc: call_site=foo_probe+0x1b/0x90 [foo] ptr=00000000c3a1e771 bytes_req=60 bytes_alloc=64\n"
		  AT("12.345680") "&lt;stack trace&gt;\n =&gt; __kmalloc+0x10/0x20\n"
		  " =&gt; foo_probe+0x1b/0x90 [foo]\n"
		  AT("12.345690") "kmalloc: call_site=foo_probe+0x2b/0x90 [foo] ptr=00000000c3a1e881 bytes_req=8 bytes_alloc=8\n"
		  "          &lt;idle&gt;-0     [001] d.h1.   12.345699: kfree: call_site=foo_probe+0x3b/0x90 [foo] ptr=00000000c3a1e771\n", 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct snap_module *foo;

		good(cases[i].text);
		foo = module("foo");
		if (foo->allocs != 2 || foo->frees != 1 || foo->live_bytes != 8)
			fail_msg("%s: %llu allocations", cases[i].what,
				 (unsigned long long)foo->allocs);
		if (DISTRUST("damaged") || DISTRUST("cannot be read") ||
		    snap->coverage.unpaired_stacks)
			fail_msg("%s: damaged", cases[i].what);
		assert_int_equal(NOTED("broken into several lines"), cases[i].joined != 0);
	}
}

/* What was cut off stays so; what follows is read. */
static void cut_off(void **state)
{
	(void)state;
	good(AT("12.345678") "kmalloc: call_site=foo_probe+0x1b/0x90 [foo] ptr=00000000c3a1e771 bytes_re\n"
	     AT("12.345679") "kmalloc: call_site=foo_probe+0x1b/0x90 [foo] ptr=00000000c3a1e771 bytes_req=8 bytes_alloc=8\n"
	     AT("12.345680") "kfree: call_site=foo_probe+0x1b/0x90 [foo]\n"
	     "And this is prose, in which ptr=1 occurs.\n"
	     AT("12.345681") "kmem_cache_free: call_site=foo_pro");
	assert_int_equal(module("foo")->live_bytes, 8);
	assert_true(DISTRUST("3 events of the text have values that cannot be read"));
	assert_false(NOTED("broken into"));
}

/* Bytes that look encoded, in a text that is not. */
static void not_encoded(void **state)
{
	(void)state;
	good(AT("12.345678") "kmalloc: call_site=foo_probe+0x1b/0x90 [foo] ptr=00000000c3a1e771 bytes_req=30 bytes_alloc=32\n"
	     AT("12.345679") "mm_page_alloc: page=00000000c3a1e771 pfn=0x30 order=0 migratetype=0 gfp_flags=GFP_KERNEL=\n"
	     AT("12.345680") "kfree: call_site=foo_probe+0x1b/0x90 [foo] ptr=00000000c3a1e771\n");
	assert_int_equal(module("foo")->frees, 1);
	assert_int_equal(snap->coverage.records, 3);
}

/* Entries without their task: what was done to them is said. */
static void without_tasks(void **state)
{
	static const char *const cases[][2] = {
		{ "[002] ....   808.188897: kmem_cache_free: call_site=putname+0x47/0x50 ptr=00000000cef40c80\n",
		  "the tasks were cut out of its lines" },
		{ "  4582.696626: kmalloc: call_site=f+0x47/0x1f0 ptr=00000000e70e10e0 bytes_req=4096 bytes_alloc=4096\n",
		  "the tasks were cut out of its lines" },
		{ "# tracer: function_graph\n#\n 24)   0.141 us    |      f();\n"
		  " 24)               |  /* kmalloc: call_site=f+0x47/0x1f0 ptr=00000000e70e10e0 bytes_req=4096 bytes_alloc=4096 */\n",
		  "of the tracer function_graph" },
		{ "     0.000 insmod/314 kmem:kmalloc(call_site: 0xffffffffc0a01123, ptr: 0xffff888003f3a000, bytes_req: 60, bytes_alloc: 64)\n",
		  "the text of perf trace" },
		{ "[11:22:33.123456789] (+0.000001234) host kmem_kmalloc: { cpu_id = 1 }, { call_site = 0xFFFFFFFFC0A01123, ptr = 0xFFFF888003F3A000 }\n",
		  "the text of babeltrace" },
		{ " Callsite                           | Total_alloc/Per | Total_req/Per   | Hit      | Ping-pong | Frag\n",
		  "the table of perf kmem stat" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		write_text(cases[i][0]);
		assert_null(replay(&opts, &err));
		if (!strstr(err.text, cases[i][1]))
			fail_msg("%s", err.text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(read_whole),
		cmocka_unit_test(cut_off),
		cmocka_unit_test(not_encoded),
		cmocka_unit_test(without_tasks),
	};
	int ret = cmocka_run_group_tests(tests, NULL, NULL);

	snapshot_free(snap);
	return ret;
}
