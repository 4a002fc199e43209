// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * test_procmem.c - saved copies of files of /proc; lines are of real kernels
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "procmem.h"

static void meminfo(void **state)
{
	static const char text[] =
		"MemTotal:         474980 kB\n"
		"MemFree:          381968 kB\n"
		"Slab:              10628 kB\n"
		"SReclaimable:       1060 kB\n"
		"SUnreclaim:         9568 kB\n"
		"Active(anon):      35780 kB\n"
		"VmallocTotal:   34359738367 kB\n"
		"VmallocUsed:        6048 kB\n"
		"HugePages_Total:       0\n"
		"Percpu:              552 kB\n"
		"PageTables:  99999999999999999999 kB\n"
		"KernelStack:\n"
		"Buffers: 12x kB\n"
		"Cached:  7";
	struct proc_counters c = { 0 };

	(void)state;
	proc_meminfo(&c, text, sizeof(text) - 1);
	assert_int_equal(c.bytes[PROC_MEM_FREE], 381968u * 1024);
	assert_int_equal(c.bytes[PROC_SLAB], 10628u * 1024);
	assert_int_equal(c.bytes[PROC_SRECLAIMABLE], 1060u * 1024);
	assert_int_equal(c.bytes[PROC_SUNRECLAIM], 9568u * 1024);
	assert_int_equal(c.bytes[PROC_VMALLOC_USED], 6048u * 1024);
	assert_int_equal(c.bytes[PROC_PERCPU], 552u * 1024);
	assert_int_equal(c.bytes[PROC_CACHED], 7u * 1024);
	/* what is no number is not zero: it is not known */
	assert_false(c.known[PROC_PAGE_TABLES]);
	assert_false(c.known[PROC_KERNEL_STACK]);
	assert_false(c.known[PROC_BUFFERS]);
	assert_false(c.known[PROC_CPU_LISTS]);
}

static void zoneinfo(void **state)
{
	static const char text[] =
		"Node 0, zone    DMA32\n"
		"  pages free     92100\n"
		"  pagesets\n"
		"    cpu: 0\n"
		"              count: 1229\n"
		"              high:  2898\n"
		"    cpu: 1\n"
		"              count: 340\n";
	struct proc_counters c = { 0 };

	(void)state;
	proc_zoneinfo(&c, text, sizeof(text) - 1, 16384);
	assert_true(c.known[PROC_CPU_LISTS]);
	assert_int_equal(c.bytes[PROC_CPU_LISTS], (1229u + 340) * 16384);
	/* a sum of what is known */
	proc_free_pages(&c);
	assert_false(c.known[PROC_FREE_PAGES]);
	proc_meminfo(&c, "MemFree: 4 kB\n", 15);
	proc_free_pages(&c);
	assert_true(c.known[PROC_FREE_PAGES]);
	assert_int_equal(c.bytes[PROC_FREE_PAGES], (1229u + 340) * 16384 + 4096);
}

static void allocinfo(void **state)
{
	static const char text[] =
		"allocinfo - version: 1.0\n"
		"#     <size>  <calls> <tag info>\n"
		"           0        0 init/main.c:1311 func:do_initcalls \n"
		"      131072        2 net/core/x.c:10 func:[odd] \n"
		"        4096        1 drivers/x.c:7 [kmtest] func:do_pages accurate:no\n"
		"      -64       -1 drivers/x.c:8 [kmtest] func:do_race \n"
		"  99999999999999999999 1 drivers/x.c:9 [kmtest] func:much \n"
		"        4096        1 drivers/x.c:7 [kmtest]\n"
		"        4096        1 [] func:y\n"
		"          64        1 a:1 [] func:y";
	const char *at = text, *end = text + sizeof(text) - 1;
	struct proc_tag tag;

	(void)state;
	assert_true(proc_tag_next(&at, end, &tag));
	assert_int_equal(tag.bytes, 0);
	assert_null(tag.module.at);
	assert_true(proc_tag_next(&at, end, &tag));
	assert_int_equal(tag.bytes, 131072);
	assert_int_equal(tag.calls, 2);
	assert_null(tag.module.at);
	assert_true(proc_tag_next(&at, end, &tag));
	assert_int_equal(tag.bytes, 4096);
	assert_true(span_is(tag.module, "kmtest"));
	assert_true(tag.inaccurate);
	/* what no kernel means, and what is cut off, is passed over */
	assert_true(proc_tag_next(&at, end, &tag));
	assert_int_equal(tag.bytes, 64);
	assert_null(tag.module.at);
	assert_false(tag.inaccurate);
	assert_false(proc_tag_next(&at, end, &tag));
}

static void slabinfo(void **state)
{
	static const char text[] =
		"slabinfo - version: 2.1\n"
		"# name            <active_objs> <num_objs> <objsize> <objperslab> <pagesperslab> : tunables <limit> <batchcount> <sharedfactor> : slabdata <active_slabs> <num_slabs> <sharedavail>\n"
		"kmtest_cache         128    130     32  128    1 : tunables    0    0    0 : slabdata      1      2      0\n"
		"broken               128    xxx     32  128    1 : tunables    0    0    0 : slabdata      1      1      0\n"
		"short 1 2 3 : tunables 0 0 0\n"
		"two words(1:a)       7      8  256   16    4 : tunables    0    0    0 : slabdata      3      3      0\n";
	const char *at = text, *end = text + sizeof(text) - 1;
	struct proc_slab s;

	(void)state;
	assert_true(proc_slab_next(&at, end, &s));
	assert_int_equal(s.name_len, 12);
	assert_memory_equal(s.name, "kmtest_cache", 12);
	assert_int_equal(s.active, 128);
	assert_int_equal(s.objects, 130);
	assert_int_equal(s.size, 32);
	assert_int_equal(s.slab_pages, 1);
	assert_int_equal(s.slabs, 2);
	assert_true(proc_slab_next(&at, end, &s));
	assert_int_equal(s.name_len, 14);
	assert_memory_equal(s.name, "two words(1:a)", 14);
	assert_int_equal(s.active, 7);
	assert_int_equal(s.slab_pages, 4);
	assert_int_equal(s.slabs, 3);
	assert_false(proc_slab_next(&at, end, &s));
}

static void vmallocinfo(void **state)
{
	static const char text[] =
		"0x00000000ec1876e6-0x00000000b501b827   32768 load_module+0x7cf/0x1e00 pages=7 vmalloc N0=7\n"
		"0x00000000f71c524b-0x00000000d384bb2a 268439552 pci_mmcfg_arch_map+0x2f/0x60 phys=0x00000000b0000000 ioremap\n"
		"0x24a2e323-0x905677ce   20480 irq_init_percpu_irqstack+0xf8/0x130 vmap\n"
		"0x00000000aa895f87-0x0000000085ca6414 2097152 unpurged vm_area\n"
		"0xnothing-0x1 4096 x\n"
		"nothing\n";
	const char *at = text, *end = text + sizeof(text) - 1;
	struct proc_area a;

	(void)state;
	assert_true(proc_area_next(&at, end, &a));
	assert_int_equal(a.start, 0xec1876e6);
	assert_int_equal(a.end, 0xb501b827);
	assert_int_equal(a.size, 32768);
	assert_int_equal(a.pages, 7);
	assert_int_equal(a.caller_len, strlen("load_module+0x7cf/0x1e00"));
	assert_memory_equal(a.caller, "load_module+0x7cf/0x1e00", a.caller_len);
	assert_false(a.ioremap);
	assert_true(proc_area_next(&at, end, &a));
	assert_true(a.ioremap);
	assert_int_equal(a.size, 268439552);
	assert_int_equal(a.pages, 0);
	assert_true(proc_area_next(&at, end, &a));
	assert_int_equal(a.pages, 0);
	assert_false(a.ioremap);
	assert_true(proc_area_next(&at, end, &a));
	assert_null(a.caller);
	assert_int_equal(a.unreadable, 0);
	assert_false(proc_area_next(&at, end, &a));
	assert_int_equal(a.unreadable, 2);
}

/* Before the kernel has entropy for hashes of pointers, and for those who may not look. */
static void areas_without_addresses(void **state)
{
	static const char *const texts[] = {
		"0x(____ptrval____)-0x(____ptrval____)    8192 acpi_os_map_iomem+0x1/0x2 pages=1 vmalloc\n",
		"0x(ptrval)-0x(ptrval)    8192 acpi_os_map_iomem+0x1/0x2 pages=1 vmalloc\n",
		"0x        (ptrval)-0x        (ptrval)    8192 acpi_os_map_iomem+0x1/0x2 pages=1 vmalloc\n",
		"0x0000000000000000-0x0000000000000000    8192 acpi_os_map_iomem+0x1/0x2 pages=1 vmalloc\n",
		"\n0x(x)-0x1 8192 a+1\n0x(____ptrval____)-0x1 8192 a+1\n0x(ptrval)\n0x(\n0x\n"
		"0x(____ptrval____)-0x(____ptrval____) 8192 acpi_os_map_iomem+0x1/0x2 pages=1\n",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		const char *at = texts[i], *end = at + strlen(at);
		struct proc_area a;

		assert_true(proc_area_next(&at, end, &a));
		assert_int_equal(a.start, 0);
		assert_int_equal(a.size, 8192);
		assert_int_equal(a.pages, 1);
		assert_memory_equal(a.caller, "acpi_os_map_iomem+0x1/0x2", a.caller_len);
		assert_int_equal(a.unreadable, i < 4 ? 0 : 5);
		assert_false(proc_area_next(&at, end, &a));
		assert_int_equal(a.unreadable, 0);
	}
}

static void modules(void **state)
{
	static const char text[] =
		"kmtest 36864 0 - Live 0xffffffffc03b0000 (OE)\n"
		"9pnet 114688 2 9p,9pnet_virtio, Live 0x0000000000000000\n"
		"going 4096 - - Unloading 0xffffffffc0000000\n"
		"old 234750 1 foo,\n"
		"bad size 0 - Live 0x0\n"
		"bad 4096 0 - Live 0xzz\n";
	const char *at = text, *end = text + sizeof(text) - 1;
	struct proc_module m;

	(void)state;
	assert_true(proc_module_next(&at, end, &m));
	assert_string_equal(m.name, "kmtest");
	assert_int_equal(m.size, 36864);
	assert_int_equal(m.base, 0xffffffffc03b0000);
	assert_true(m.live);
	assert_true(proc_module_next(&at, end, &m));
	assert_int_equal(m.size, 114688);
	assert_int_equal(m.base, 0);
	assert_true(proc_module_next(&at, end, &m));
	assert_false(m.live);
	assert_false(proc_module_next(&at, end, &m));
}

static void kmalloc_classes(void **state)
{
	static const struct {
		const char *name, *class;
	} cases[] = {
		{ "kmalloc-8", "kmalloc-8" },
		{ "kmalloc-1k", "kmalloc-1k" },
		{ "kmalloc-8192", "kmalloc-8192" },
		{ "kmalloc-8M", "kmalloc-8M" },
		{ "kmalloc-cg-1k", "kmalloc-1k" },
		{ "kmalloc-rcl-96", "kmalloc-96" },
		{ "dma-kmalloc-512", "kmalloc-512" },
		{ "kmalloc-dma-512", "kmalloc-512" },
		{ "kmalloc-rnd-05-1k", "kmalloc-1k" },
		{ "kmalloc-rnd-5-1k", NULL },
		{ "kmalloc-", NULL },
		{ "kmalloc-k", NULL },
		{ "kmalloc-cg-", NULL },
		{ "kmalloc-1x", NULL },
		{ "memdup_user-1k", NULL },
		{ "dentry", NULL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char class[32] = "untouched";
		bool is = proc_kmalloc_class(cases[i].name, strlen(cases[i].name),
					     class, sizeof(class));

		assert_int_equal(is, cases[i].class != NULL);
		assert_string_equal(class, is ? cases[i].class : "untouched");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(meminfo),
		cmocka_unit_test(zoneinfo),
		cmocka_unit_test(allocinfo),
		cmocka_unit_test(slabinfo),
		cmocka_unit_test(vmallocinfo),
		cmocka_unit_test(areas_without_addresses),
		cmocka_unit_test(modules),
		cmocka_unit_test(kmalloc_classes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
