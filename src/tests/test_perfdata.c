// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * test_perfdata.c - what is reported of a perf.data
 */
#include <elf.h>
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

#include "elf_fixture.h"
#include "error.h"
#include "perfdata.h"
#include "perfmake.h"
#include "replay.h"
#include "snapshot.h"
#include "source.h"

#define CONTEXT_KERNEL	((uint64_t)-128)
#define CONTEXT_USER	((uint64_t)-512)
#define ID_ALL		{ 18, 0 }

/* Addresses that a 32-bit kernel could have as well. */
#define TEXT		0x80100000u	/* the kernel's */
#define FOO		0xbf000000u
#define BAR		0xbf010000u

static const char symbols[] =
	"80100000 T _stext\n"
	"80100100 T __kmalloc\n"
	"80100200 T kfree\n"
	"80100300 T __alloc_pages\n"
	"80100400 T vfs_read\n"
	"80100500 T _etext\n"
	"bf000000 t foo_open\t[foo]\n"
	"bf000100 t foo_read\t[foo]\n"
	"bf000200 t foo_end\t[foo]\n"
	"bf010000 t bar_open\t[bar]\n"
	"bf010100 t bar_end\t[bar]\n";

static const uint64_t kmalloc_chain[] = {
	CONTEXT_KERNEL, TEXT + 0x110, FOO + 0x10, TEXT + 0x410, CONTEXT_USER, BAR + 0x20, 0
};
static const uint64_t page_chain[] = {
	CONTEXT_KERNEL, TEXT + 0x310, FOO + 0x110, TEXT + 0x410, 0
};
static const uint64_t kernel_chain[] = { CONTEXT_KERNEL, TEXT + 0x110, TEXT + 0x410, 0 };

static const struct pm_attr usual[] = {
	{ PM_KMALLOC, PM_USUAL, .flags = ID_ALL },
	{ PM_KFREE, PM_USUAL, .flags = ID_ALL },
	{ PM_PAGE_ALLOC, PM_USUAL, .flags = ID_ALL },
	{ PM_PAGE_FREE, PM_USUAL, .flags = ID_ALL },
};

#define ATTRS 4

enum { KMALLOC, KFREE, PAGES, FREE_PAGES };

static struct pm_spec spec;
static struct out records;
static struct snapshot *snap;
static struct error err;
static struct replay_opts opts;
static char path[64];

/* A new file for the machine of @big and @long_size. */
static void begin(bool big, unsigned int long_size)
{
	spec = (struct pm_spec){
		.big = big, .long_size = long_size, .attrs = usual, .n_attrs = ATTRS,
	};
	out_free(&records);
	records = (struct out){ .big = big };
}

static void modules(void)
{
	pm_mapping(&records, 1, "[kernel.kallsyms]_text", TEXT, 0x500, TEXT);
	pm_mapping(&records, 1, "/lib/modules/6.1/kernel/foo.ko.xz", FOO, 0x300, 0);
	pm_mapping(&records, 10, "[bar]", BAR, 0x300, 0);
}

static void event(unsigned int attr, uint32_t cpu, uint64_t time, uint64_t site, uint64_t ptr,
		  uint32_t bytes, const uint64_t *chain)
{
	const struct pm_sample s = { attr, cpu, time, site, ptr, bytes, chain };

	pm_put_sample(&records, &spec, &s);
}

/* foo holds 96 bytes of slab and two pages; what its task did in user space is not bar's. */
static void some_events(void)
{
	pm_comm(&records, 100, "sh");
	modules();
	event(KMALLOC, 0, 1000, FOO + 0x10, 0x81000100, 96, kmalloc_chain);
	event(KMALLOC, 1, 1500, FOO + 0x10, 0x81000200, 64, kmalloc_chain);
	pm_round(&records);
	event(PAGES, 0, 2000, 0, 0x1234, 1, page_chain);
	event(PAGES, 0, 2100, 0, 0x4320, 0, page_chain);
	event(FREE_PAGES, 1, 2200, 0, 0x4320, 0, NULL);
	event(KFREE, 1, 2500, FOO + 0x20, 0x81000200, 0, NULL);
	event(KMALLOC, 1, 3000, TEXT + 0x410, 0x81000300, 32, kernel_chain);
}

static int in_memory(const void *data, size_t len, char *name, size_t size)
{
	int fd = memfd_create("perf", 0);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, data, len), len);
	snprintf(name, size, "/proc/self/fd/%d", fd);
	return fd;
}

static struct snapshot *replay_bytes(const void *data, size_t len, const char *syms)
{
	char syms_path[64];
	int fd = in_memory(data, len, path, sizeof(path));
	int fd2 = syms ? in_memory(syms, strlen(syms), syms_path, sizeof(syms_path)) : -1;
	struct snapshot *got;

	opts = (struct replay_opts){
		.path = path, .kallsyms_file = syms ? syms_path : NULL, .check = true,
		.by_task = true, .from = REPLAY_NO_TIME, .to = REPLAY_NO_TIME,
	};
	err.text[0] = '\0';
	got = replay(&opts, &err);
	close(fd);
	if (fd2 >= 0)
		close(fd2);
	return got;
}

static void look_with(const char *syms)
{
	struct out file;

	snapshot_free(snap);
	pm_make(&file, &spec, &records);
	snap = replay_bytes(file.data, file.len, syms);
	out_free(&file);
	if (!snap)
		fail_msg("%s", err.text);
}

static void look(void)
{
	look_with(symbols);
}

static void bad(const char *message)
{
	struct out file;

	pm_make(&file, &spec, &records);
	assert_null(replay_bytes(file.data, file.len, symbols));
	out_free(&file);
	if (!strstr(err.text, message))
		fail_msg("%s", err.text);
}

static const struct snap_module *module(const char *name)
{
	for (size_t i = 0; i < snap->n_modules; i++)
		if (!strcmp(snap->modules[i].name, name))
			return &snap->modules[i];
	fail_msg("no module %s", name);
	return NULL;
}

static uint64_t live(const char *name, enum mem_kind kind)
{
	return module(name)->live[kind].bytes;
}

static bool said(const char *const *list, size_t n, const char *what)
{
	for (size_t i = 0; i < n; i++)
		if (strstr(list[i], what))
			return true;
	return false;
}

#define NOTED(what) said(snap->coverage.notes, snap->coverage.n_notes, what)
#define DISTRUST(what) said(snap->coverage.distrust, snap->coverage.n_distrust, what)

static void check_events(void)
{
	assert_int_equal(live("foo", KIND_SLAB), 96);
	assert_int_equal(live("foo", KIND_PAGES), 8192);
	assert_int_equal(module("foo")->live_bytes, 96 + 8192);
	assert_int_equal(live("[kernel]", KIND_SLAB), 32);
	assert_int_equal(module("bar")->live_bytes, 0);
	assert_int_equal(module("[unknown]")->live_bytes, 0);
	assert_int_equal(snap->coverage.events, 7);
	assert_int_equal(snap->coverage.malformed, 0);
	assert_int_equal(snap->coverage.unpaired_stacks, 0);
	assert_int_equal(snap->coverage.events_without_stack, 0);
	assert_int_equal(snap->start_ns, 1000);
	assert_int_equal(snap->end_ns, 3000);
}

/* ---- every kind of file ------------------------------------------------------------ */

static void test_machines(void **state)
{
	static const unsigned int packed[] = { 0, 81, 83 };

	(void)state;
	for (unsigned int i = 0; i < 4 * 2 * 3; i++) {
		begin(i & 1, i & 2 ? 4 : 8);
		spec.way = i & 4 ? PM_PIPE : PM_FILE;
		spec.compressed = packed[i / 8];
		some_events();
		look();
		check_events();
		assert_int_equal(snap->long_bits, spec.long_size * 8);
		assert_int_equal(snap->big_endian, spec.big);
		assert_int_equal(snap->cpus, 4);
		assert_string_equal(snap->kernel, "6.1.0-test");
		if (!snap->coverage.trusted)
			fail_msg("%u: %s", i, snap->coverage.distrust[0]);
	}
}

/* Which files the code was of, of every kind of machine and of file. */
static void test_build_ids(void **state)
{
	static const struct pm_build_id mapped = { "[bar]", { 0xba, 1 }, 20 }, ids[] = {
		{ "[kernel.kallsyms]", { 0xab, 0xcd }, 20 },
		{ "/lib/modules/6.1/kernel/foo-x.ko.xz", { 1, 2, 3, 4, 5, 6, 7, 8 }, 8 },
		{ "/lib/modules/6.1/kernel/md5.ko", { [15] = 0xff }, 0 },
		{ "/lib/modules/6.1/kernel/old.ko", { [19] = 0xff }, 0 },
		{ "/usr/lib/libc.so.6", { 9 }, 20 },
		{ "/boot/vmlinux-6.1", { 0xef }, 1 },
		{ "[too_long]", { 7 }, 21 },
	};
	static const struct {
		const char *module, *text;
	} want[] = {
		{ "bar", "ba01000000000000000000000000000000000000" },
		{ "vmlinux", "abcd000000000000000000000000000000000000" },
		{ "foo_x", "0102030405060708" },
		{ "md5", "000000000000000000000000000000ff" },
		{ "old", "00000000000000000000000000000000000000ff" },
		{ "vmlinux", "ef" },
	};
	struct perfdata_opts po = { .name = "perf.data", .dir = -1 };

	(void)state;
	for (unsigned int i = 0; i < 8; i++) {
		struct perfdata perf;
		struct out file;
		char name[64];
		int fd;

		begin(i & 1, i & 2 ? 4 : 8);
		spec.way = i & 4 ? PM_PIPE : PM_FILE;
		spec.ids = ids;
		spec.n_ids = sizeof(ids) / sizeof(ids[0]);
		pm_mapping_id(&records, &mapped, BAR, 0x300);
		some_events();
		look();
		check_events();
		pm_make(&file, &spec, &records);
		fd = in_memory(file.data, file.len, name, sizeof(name));
		assert_int_equal(perfdata_convert(fd, &po, &perf, &err), 0);
		assert_int_equal(perf.n_build_ids, sizeof(want) / sizeof(want[0]));
		/* (records that come before the mappings are read before them) */
		for (size_t k = 0; k < perf.n_build_ids; k++) {
			size_t at = i & 4 ? (k + 1) % perf.n_build_ids : k;

			assert_string_equal(perf.build_ids[k].module, want[at].module);
			assert_string_equal(perf.build_ids[k].text, want[at].text);
		}
		perfdata_release(&perf);
		out_free(&file);
		close(fd);
	}
}

/* What stands in a sample, and in front of and behind its parts. */
static void test_layouts(void **state)
{
	static const struct {
		uint64_t type, read;
		unsigned int flags[2];
	} layouts[] = {
		{ PM_USUAL & ~(uint64_t)PM_IDENTIFIER, 0, { 0 } },
		{ (PM_USUAL & ~(uint64_t)PM_IDENTIFIER) | PM_ID, 0, ID_ALL },
		{ (PM_USUAL & ~(uint64_t)(PM_IDENTIFIER | PM_IP)) | PM_ID | PM_ADDR, 0, ID_ALL },
		{ PM_USUAL | PM_ADDR | PM_ID | PM_STREAM_ID, 0, ID_ALL },
		{ PM_USUAL | PM_READ, 0, ID_ALL },
		{ PM_USUAL | PM_READ, 1 | 2 | 4 | 16, ID_ALL },
		{ PM_USUAL | PM_READ, 1 | 4 | 8, ID_ALL },
		{ PM_USUAL | PM_READ, 4 | 8 | 16, ID_ALL },
		{ PM_TIME | PM_CPU | PM_RAW | PM_CALLCHAIN, 0, { 0 } },
	};
	struct pm_attr attrs[ATTRS];

	(void)state;
	for (size_t i = 0; i < sizeof(layouts) / sizeof(layouts[0]); i++) {
		begin(i & 1, 8);
		spec.attrs = attrs;
		for (size_t k = 0; k < ATTRS; k++) {
			attrs[k] = usual[k];
			attrs[k].sample_type = layouts[i].type;
			attrs[k].read_format = layouts[i].read;
			attrs[k].flags[0] = layouts[i].flags[0];
		}
		some_events();
		pm_lost(&records, &spec, 2, 2, 7, 1);
		look();
		check_events();
		assert_int_equal(snap->coverage.lost_events, 7);
	}
}

/* Each event has its own parts, found by its id. */
static void test_mixed_layouts(void **state)
{
	const struct pm_attr attrs[] = {
		{ PM_KMALLOC, PM_USUAL | PM_ADDR, .flags = ID_ALL },
		{ PM_KFREE, PM_USUAL & ~(uint64_t)PM_CALLCHAIN, .flags = ID_ALL },
		{ PM_PAGE_ALLOC, PM_USUAL | PM_READ, .flags = ID_ALL },
		{ PM_PAGE_FREE, PM_USUAL, .flags = ID_ALL },
	};

	(void)state;
	for (unsigned int i = 0; i < 4; i++) {
		begin(i & 1, 8);
		spec.way = i & 2 ? PM_PIPE : PM_FILE;
		spec.attrs = attrs;
		some_events();
		look();
		check_events();
	}
}

/* No kallsyms: modules are known by where they were, the kernel likewise. */
static void test_no_symbols(void **state)
{
	(void)state;
	begin(false, 8);
	modules();
	event(KMALLOC, 0, 1000, FOO + 0x10, 0x81000100, 96, kmalloc_chain);
	event(KMALLOC, 0, 1100, BAR + 0x10, 0x81000200, 64, NULL);
	event(KMALLOC, 0, 1200, TEXT + 0x410, 0x81000300, 32, kernel_chain);
	event(KMALLOC, 0, 1300, 0xbf020000, 0x81000400, 16, NULL);
	look_with(NULL);
	assert_int_equal(live("foo", KIND_SLAB) + module("foo")->induced_bytes, 96);
	assert_int_equal(live("bar", KIND_SLAB), 64);
	assert_int_equal(live("[kernel]", KIND_SLAB), 32);
	assert_int_equal(live("[unknown]", KIND_SLAB), 16);
	assert_true(DISTRUST("no symbols"));
}

/* Tracing data had kallsyms once. */
static void test_recorded_symbols(void **state)
{
	(void)state;
	begin(true, 4);
	spec.kallsyms = symbols;
	some_events();
	look_with(NULL);
	check_events();
	assert_true(snap->coverage.trusted);
}

/* A task's name is that of its last COMM. */
static void test_tasks(void **state)
{
	bool found = false;

	(void)state;
	begin(false, 8);
	some_events();
	pm_comm(&records, 100, "insmod");
	look();
	for (size_t i = 0; i < snap->n_tasks; i++)
		found |= snap->tasks[i].comm && !strcmp(snap->tasks[i].comm, "insmod");
	assert_true(found);
}

/* ---- order and losses --------------------------------------------------------------------- */

/* An interrupt's event comes before that of what it interrupted, and is younger. */
static void test_order(void **state)
{
	(void)state;
	begin(false, 8);
	modules();
	event(KMALLOC, 0, 5000, FOO + 0x10, 0x81000100, 96, kmalloc_chain);
	event(KFREE, 0, 4000, FOO + 0x10, 0x81000100, 0, NULL);
	/* rounds of several CPUs overlap in time */
	event(KMALLOC, 1, 9000000, FOO + 0x10, 0x81000200, 64, kmalloc_chain);
	event(KFREE, 0, 9500000, FOO + 0x10, 0x81000200, 0, NULL);
	event(KMALLOC, 2, 1000000, FOO + 0x10, 0x81000200, 32, kmalloc_chain);
	event(KFREE, 2, 8000000, FOO + 0x10, 0x81000200, 0, NULL);
	look();
	assert_int_equal(module("foo")->live_bytes, 0);
	assert_int_equal(module("foo")->allocs, 3);
	assert_int_equal(module("foo")->frees, 3);
	assert_int_equal(snap->coverage.unmatched_frees, 0);
}

static void test_losses(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < 4; i++) {
		begin(i & 1, i & 2 ? 4 : 8);
		modules();
		event(KMALLOC, 0, 1000, FOO + 0x10, 0x81000100, 96, kmalloc_chain);
		pm_lost(&records, &spec, 2, 1, 10, 0);
		pm_lost(&records, &spec, 2, 1, 5, 0);
		event(KMALLOC, 0, 2000, FOO + 0x10, 0x81000200, 96, kmalloc_chain);
		/* behind the last event of a CPU, and of one that has none */
		pm_lost(&records, &spec, 2, 1, 3, 0);
		pm_lost(&records, &spec, 2, 1, 2, 2);
		look();
		assert_int_equal(snap->coverage.lost_events, 20);
		assert_false(snap->coverage.lost_unknown);
		assert_int_equal(snap->coverage.n_lost_by_cpu, 2);
		assert_int_equal(snap->coverage.lost_by_cpu[0].lost, 18);
		assert_int_equal(snap->coverage.lost_by_cpu[1].cpu, 2);
		assert_true(DISTRUST("events were lost"));
	}
}

/* What the kernel counted per event, and what was told before, are the same losses. */
static void test_counted_losses(void **state)
{
	(void)state;
	begin(false, 8);
	some_events();
	pm_lost(&records, &spec, 2, 1, 10, 1);
	pm_lost(&records, &spec, 13, 1, 8, 1);
	pm_lost(&records, &spec, 13, 2, 4, 1);
	look();
	assert_int_equal(snap->coverage.lost_events, 12);
	assert_int_equal(snap->coverage.n_lost_by_cpu, 1);
	assert_int_equal(snap->coverage.lost_by_cpu[0].cpu, 1);
}

/* Nothing says of which CPU. */
static void test_losses_of_nowhere(void **state)
{
	const struct pm_attr attrs[] = { { PM_KMALLOC, PM_USUAL, .period = 1 } };

	(void)state;
	begin(false, 8);
	spec.attrs = attrs;
	spec.n_attrs = 1;
	modules();
	event(KMALLOC, 0, 1000, FOO + 0x10, 0x81000100, 96, kmalloc_chain);
	pm_lost(&records, &spec, 2, 1, 10, 0);
	look();
	assert_int_equal(snap->coverage.lost_events, 10);
	assert_true(DISTRUST("events were lost"));
}

/* What is made of a file has room for what is in there, not for when it came, or what pages are. */
static void test_sparse(void **state)
{
	struct perfdata_opts po = { .name = "perf.data", .dir = -1 };
	struct perfdata perf;
	struct out file;
	struct stat st;
	char name[64];
	int fd;

	(void)state;
	for (unsigned int i = 0; i < 4; i++) {
		begin(i & 1, i & 2 ? 4 : 8);
		spec.page_size = 64u << 10;
		modules();
		for (unsigned int k = 0; k < 200; k++)
			event(KMALLOC, 0, 1000 + k * UINT64_C(3000000000), FOO + 0x10,
			      0x81000000 + 128 * k, 96, kmalloc_chain);
		pm_lost(&records, &spec, 2, 1, 10, 0);
		event(PAGES, 0, UINT64_C(1) << 40, 0, 0x1234, 1, page_chain);
		look();
		assert_int_equal(live("foo", KIND_SLAB), 200 * 96);
		assert_int_equal(live("foo", KIND_PAGES), 2 * spec.page_size);
		assert_int_equal(snap->coverage.lost_events, 10);
		assert_int_equal(snap->start_ns, 1000);
		assert_int_equal(snap->end_ns, UINT64_C(1) << 40);
		assert_int_equal(snap->page_size, spec.page_size);
		pm_make(&file, &spec, &records);
		fd = in_memory(file.data, file.len, name, sizeof(name));
		assert_int_equal(perfdata_convert(fd, &po, &perf, &err), 0);
		assert_int_equal(fstat(perf.fd, &st), 0);
		assert_in_range(st.st_size, 4096, 64 << 10);
		perfdata_release(&perf);
		out_free(&file);
		close(fd);
	}
}

/* ---- what was not asked for ---------------------------------------------------------------- */

static void test_twice(void **state)
{
	const struct pm_attr attrs[] = {
		usual[KMALLOC], usual[KFREE], usual[PAGES], usual[FREE_PAGES],
		usual[KMALLOC],
	};

	(void)state;
	begin(false, 8);
	spec.attrs = attrs;
	spec.n_attrs = ATTRS + 1;
	some_events();
	event(ATTRS, 0, 1000, FOO + 0x10, 0x81000100, 96, kmalloc_chain);
	look();
	check_events();
	assert_true(NOTED("asked for more than once"));
}

static void test_requests(void **state)
{
	static const char *const filter[] = { "perf", "record", "-e", "kmem:*", "--filter", "x", NULL };
	static const char *const group[] = { "perf", "record", "-a", "-G", "a", NULL };
	static const char *const others[] = {
		"perf", "record", "-a", "-g", "-e", "kmem:*", "rsync", "--filter", "x", "-G", NULL
	};
	static const char *const behind[] = { "perf", "record", "-a", "--", "x", "--filter", NULL };
	const struct pm_attr every[] = { { PM_KMALLOC, PM_USUAL, .period = 100, .flags = ID_ALL } };
	const struct pm_attr freq[] = { { PM_KMALLOC, PM_USUAL, .flags = { 10, 18 } } };
	const struct pm_attr exec[] = { { PM_KMALLOC, PM_USUAL, .flags = { 12, 18 } } };
	const struct {
		const struct pm_attr *attrs;
		const char *const *words;
		uint64_t thread;
		uint16_t cpus;
		const char *says;	/* NULL: nothing to say */
	} cases[] = {
		{ usual, others, UINT64_MAX, 4, NULL },
		{ usual, behind, UINT64_MAX, 4, NULL },
		{ every, NULL, UINT64_MAX, 4, "not every " },
		{ freq, NULL, UINT64_MAX, 4, "not every " },
		{ exec, NULL, UINT64_MAX, 4, "only some tasks" },
		{ usual, NULL, 42, 4, "only some tasks" },
		{ usual, group, UINT64_MAX, 4, "only some tasks" },
		{ usual, filter, UINT64_MAX, 4, "filter" },
		{ usual, NULL, UINT64_MAX, 2, "only some CPUs" },
	};

	(void)state;
	for (size_t i = 0; i < 2 * sizeof(cases) / sizeof(cases[0]); i++) {
		begin(i & 1, 8);
		spec.attrs = cases[i / 2].attrs;
		spec.n_attrs = 1;
		spec.words = cases[i / 2].words;
		pm_threads(&records, cases[i / 2].thread);
		pm_cpus(&records, cases[i / 2].cpus);
		modules();
		event(KMALLOC, 0, 1000, FOO + 0x10, 0x81000100, 96, kmalloc_chain);
		look();
		for (size_t k = 0; k < 4; k++) {
			static const char *const all[] = {
				"not every ", "only some tasks", "filter", "only some CPUs",
			};
			bool wanted = cases[i / 2].says && strstr(cases[i / 2].says, all[k]);

			if (DISTRUST(all[k]) != wanted)
				fail_msg("case %zu: %s", i / 2, all[k]);
		}
	}
}

/* No -a, no CPU: the order is that of time, and it is said. */
static void test_no_cpu(void **state)
{
	const struct pm_attr attrs[] = {
		{ PM_KMALLOC, PM_USUAL & ~(uint64_t)PM_CPU, .flags = ID_ALL },
		{ PM_KFREE, PM_USUAL & ~(uint64_t)PM_CPU, .flags = ID_ALL },
		{ PM_PAGE_ALLOC, PM_USUAL & ~(uint64_t)PM_CPU, .flags = ID_ALL },
		{ PM_PAGE_FREE, PM_USUAL & ~(uint64_t)PM_CPU, .flags = ID_ALL },
	};

	(void)state;
	begin(false, 8);
	spec.attrs = attrs;
	some_events();
	look();
	assert_int_equal(module("foo")->live_bytes, 96 + 8192);
	assert_true(DISTRUST("on which CPU"));
}

static void test_no_chains(void **state)
{
	const struct pm_attr attrs[] = {
		{ PM_KMALLOC, PM_USUAL & ~(uint64_t)PM_CALLCHAIN, .flags = ID_ALL },
	};

	(void)state;
	begin(false, 8);
	spec.attrs = attrs;
	spec.n_attrs = 1;
	modules();
	event(KMALLOC, 0, 1000, FOO + 0x10, 0x81000100, 96, kmalloc_chain);
	look();
	assert_int_equal(live("foo", KIND_SLAB), 96);
	assert_true(DISTRUST("without stacks"));
}

static void test_refused(void **state)
{
	const struct pm_attr no_time[] = {
		{ PM_KMALLOC, PM_USUAL & ~(uint64_t)PM_TIME, .flags = ID_ALL },
	};
	const struct pm_attr backward[] = {
		{ PM_KMALLOC, PM_USUAL, .flags = { 18, 27 } },
	};

	(void)state;
	begin(false, 8);
	spec.attrs = no_time;
	spec.n_attrs = 1;
	event(KMALLOC, 0, 1000, FOO + 0x10, 0x81000100, 96, kmalloc_chain);
	bad("--no-timestamp");
	begin(false, 8);
	spec.attrs = backward;
	spec.n_attrs = 1;
	event(KMALLOC, 0, 1000, FOO + 0x10, 0x81000100, 96, kmalloc_chain);
	bad("--overwrite");
	begin(false, 8);
	spec.no_formats = true;
	some_events();
	bad("holds no tracepoints");
	begin(false, 8);
	spec.no_end = true;
	some_events();
	bad("was killed before");
}

/* ---- damage ---- */

/* Cut off anywhere: refused, or what is there is reported and not trusted. */
static void test_cut(void **state)
{
	struct out file;

	(void)state;
	for (unsigned int i = 0; i < 8; i++) {
		begin(i & 1, 8);
		spec.way = i & 2 ? PM_PIPE : PM_FILE;
		spec.compressed = i & 4 ? 81 : 0;
		some_events();
		pm_make(&file, &spec, &records);
		for (size_t len = 0; len < file.len; len += len < 256 ? 1 : 17) {
			snapshot_free(snap);
			/* (a copy of its own size, so that sanitizers see its end) */
			snap = replay_bytes(file.data, len, symbols);
			if (!snap) {
				assert_true(strlen(err.text) > 10);
				continue;
			}
			if (len < file.len && spec.way == PM_FILE)
				assert_false(snap->coverage.trusted);
		}
		out_free(&file);
	}
}

/* A sample that is not as its attribute has it is left out and counted. */
static void test_damaged_sample(void **state)
{
	size_t at;

	(void)state;
	begin(false, 8);
	some_events();
	at = records.len;
	event(KMALLOC, 0, 4000, FOO + 0x10, 0x81000500, 96, kmalloc_chain);
	set_number(&records, at + 8 + 6 * 8, UINT64_MAX / 8 + 2, 8);	/* frames */
	at = records.len;
	event(KMALLOC, 0, 5000, FOO + 0x10, 0x81000600, 96, kmalloc_chain);
	set_number(&records, at + 8, 999, 8);				/* id */
	look();
	assert_int_equal(live("foo", KIND_SLAB), 96);
	assert_true(DISTRUST("1 samples are not as"));
	assert_true(DISTRUST("1 samples are of an event"));
}

/* What its attribute would make of a sample that stands before it is not asked for twice. */
static void test_late_event(void **state)
{
	size_t at;

	(void)state;
	for (uint32_t cpu = 0; cpu < 8192; cpu += 5000) {
		begin(false, 8);
		spec.way = PM_PIPE;
		some_events();
		at = records.len;
		event(KMALLOC, cpu, 5000, FOO + 0x10, 0x81000600, 96, kmalloc_chain);
		set_number(&records, at + 8, 999, 8);	/* id */
		put_number(&records, 64, 4);
		put_number(&records, 0, 2);
		put_number(&records, 8 + 64 + 8, 2);
		put_number(&records, 2, 4);
		put_number(&records, 64, 4);
		put_number(&records, PM_KMALLOC, 8);
		put_number(&records, 1, 8);
		put_number(&records, PM_USUAL, 8);
		at = records.len;
		while (records.len < at + 32)
			put_number(&records, 0, 8);
		put_number(&records, 999, 8);
		bad("damaged in its table of events");
	}
}

/* Tracing data follow on their record, but not within what is compressed. */
static void test_tracing_within(void **state)
{
	(void)state;
	begin(false, 8);
	spec.compressed = 81;
	put_number(&records, 66, 4);
	put_number(&records, 0, 2);
	put_number(&records, 16, 2);
	put_number(&records, 1 << 20, 8);
	some_events();
	look();
	check_events();
}

/* A file of some KB that holds 80 MB of records. */
static void test_bomb(void **state)
{
	(void)state;
	begin(false, 8);
	spec.compressed = 81;
	some_events();
	for (unsigned int i = 0; i < 1280; i++) {
		size_t end = records.len + 65528;

		put_number(&records, 999, 4);
		put_number(&records, 0, 2);
		put_number(&records, 65528, 2);
		while (records.len < end)
			put_number(&records, 0, 8);
	}
	look();
	check_events();
	assert_true(NOTED("unpacks to more than records do"));
	assert_false(snap->coverage.trusted);
}

/* ---- folders, names of the running kernel ---------------------------------------------------- */

static char folder[64];

static void write_in(const char *name, const void *data, size_t len)
{
	char file[128];
	FILE *out;

	snprintf(file, sizeof(file), "%s/%s", folder, name);
	out = fopen(file, "w");
	assert_non_null(out);
	assert_int_equal(fwrite(data, 1, len, out), len);
	fclose(out);
}

static void make_folder(void)
{
	strcpy(folder, "/tmp/test_perfdata.XXXXXX");
	assert_non_null(mkdtemp(folder));
}

static void remove_folder(void)
{
	char command[128];

	snprintf(command, sizeof(command), "rm -r %s", folder);
	assert_int_equal(system(command), 0);
}

/* perf record --threads --kcore: more files with records, and symbols. */
static void test_folder(void **state)
{
	struct out file, head;
	char sub[128];

	(void)state;
	begin(false, 8);
	some_events();
	head = records;
	records = (struct out){ .big = false };
	event(KMALLOC, 3, 1700, FOO + 0x10, 0x81000700, 128, kmalloc_chain);
	make_folder();
	pm_make(&file, &spec, &head);
	write_in("data", file.data, file.len);
	write_in("data.0", records.data, records.len);
	out_free(&file);
	out_free(&head);
	snprintf(sub, sizeof(sub), "%s/kcore_dir", folder);
	mkdir(sub, 0700);
	write_in("kcore_dir/kallsyms", symbols, strlen(symbols));
	opts = (struct replay_opts){
		.path = folder, .check = true, .from = REPLAY_NO_TIME, .to = REPLAY_NO_TIME,
	};
	snapshot_free(snap);
	snap = replay(&opts, &err);
	if (!snap)
		fail_msg("%s", err.text);
	assert_int_equal(live("foo", KIND_SLAB), 96 + 128);
	assert_true(snap->coverage.trusted);
	remove_folder();
}

/* The names of /proc/kallsyms are taken if all that can be compared is the same. */
static void test_running_names(void **state)
{
	static const struct {
		const char *release, *modules, *symbols;
		bool same;
	} cases[] = {
		{ "6.1.0-test\n", "foo 768 0 - Live 0xbf000000\n", "80100000 T _text\n", true },
		{ "6.1.0-test\n", "", "80100000 T _text\n", true },
		{ "6.1.1-test\n", "", "80100000 T _text\n", false },
		{ "6.1.0-test\n", "", "80200000 T _text\n", false },
		{ "6.1.0-test\n", "", "00000000 T _text\n", false },
		{ "6.1.0-test\n", "foo 768 0 - Live 0xbf200000\n", "80100000 T _text\n", false },
	};
	char sub[128];

	(void)state;
	begin(false, 8);
	some_events();
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct perfdata_opts po = { .name = "perf.data", .dir = -1, .proc = folder };
		struct perfdata perf;
		struct out file;
		char name[64];
		int fd;

		make_folder();
		snprintf(sub, sizeof(sub), "%s/sys", folder);
		mkdir(sub, 0700);
		snprintf(sub, sizeof(sub), "%s/sys/kernel", folder);
		mkdir(sub, 0700);
		write_in("sys/kernel/osrelease", cases[i].release, strlen(cases[i].release));
		write_in("modules", cases[i].modules, strlen(cases[i].modules));
		write_in("kallsyms", cases[i].symbols, strlen(cases[i].symbols));
		pm_make(&file, &spec, &records);
		fd = in_memory(file.data, file.len, name, sizeof(name));
		assert_int_equal(perfdata_convert(fd, &po, &perf, &err), 0);
		if (perf.running_names != cases[i].same)
			fail_msg("case %zu", i);
		perfdata_release(&perf);
		out_free(&file);
		close(fd);
		remove_folder();
	}
}

/* ---- names by a vmlinux --------------------------------------------------------------------- */

#define VMLINUX		UINT64_C(0xffffffff81000000)	/* where it was linked to ... */
#define KASLR		UINT64_C(0x1e000000)	/* ... and by how much it lay further */
#define FUNCTIONS	64u
#define FUNCTION	1024u		/* bytes of each */

static uint8_t code[FUNCTIONS * FUNCTION];
static unsigned int returns[FUNCTIONS];	/* behind the call in each */

/* Functions f0, f1, ... with a call somewhere; the first one is an allocator. */
static void write_vmlinux(const char *name)
{
	static char names[FUNCTIONS][8];
	struct fixture_symbol functions[FUNCTIONS];
	const struct fixture_section section = {
		".text", SHT_PROGBITS, SHF_ALLOC | SHF_EXECINSTR, VMLINUX, 4096, code,
		sizeof(code),
	};
	const struct elf_fixture f = {
		.type = ET_EXEC, .machine = EM_X86_64, .sections = &section, .n_sections = 1,
		.symbols = functions, .n_symbols = FUNCTIONS,
	};
	uint32_t random = 1;
	uint8_t *data;
	size_t len;

	memset(code, 0x90, sizeof(code));
	for (unsigned int i = 0; i < FUNCTIONS; i++) {
		unsigned int at = i * FUNCTION;

		random = random * 1103515245 + 12345;
		at += 16 + (random >> 16) % 900;
		code[at] = 0xe8;
		returns[i] = at + 5;
		snprintf(names[i], sizeof(names[i]), "f%u", i);
		functions[i] = (struct fixture_symbol){
			i ? names[i] : "__kmalloc", 0, VMLINUX + i * FUNCTION, FUNCTION, STT_FUNC,
		};
	}
	data = elf_fixture_make(&f, &len);
	write_in(name, data, len);
	free(data);
}

static struct snapshot *with_vmlinux(const char *vmlinux)
{
	struct out file;
	char data_path[128];

	pm_make(&file, &spec, &records);
	write_in("perf.data", file.data, file.len);
	out_free(&file);
	snprintf(data_path, sizeof(data_path), "%s/perf.data", folder);
	opts = (struct replay_opts){
		.path = data_path, .check = true, .files.vmlinux = vmlinux,
		.from = REPLAY_NO_TIME, .to = REPLAY_NO_TIME,
	};
	err.text[0] = '\0';
	return replay(&opts, &err);
}

/* The kernel's functions by its file, wherever it lay; of another build by none. */
static void test_vmlinux(void **state)
{
	struct pm_build_id ids[] = { { "[kernel.kallsyms]", { 0xab }, 20 } };
	char vmlinux[128];
	bool found = false;

	(void)state;
	make_folder();
	snprintf(vmlinux, sizeof(vmlinux), "%s/vmlinux", folder);
	write_vmlinux("vmlinux");
	begin(false, 8);
	pm_mapping(&records, 1, "[kernel.kallsyms]_text", VMLINUX + KASLR, sizeof(code),
		   VMLINUX + KASLR);
	for (unsigned int i = 1; i < FUNCTIONS; i++) {
		const uint64_t base = VMLINUX + KASLR, chain[] = {
			CONTEXT_KERNEL, base + returns[0], base + returns[i],
			base + returns[FUNCTIONS - i], 0
		};

		event(KMALLOC, 0, 1000 + i, base + returns[i], 0xffff888000010000 + 128 * i, 96,
		      chain);
	}
	snapshot_free(snap);
	snap = with_vmlinux(NULL);
	assert_non_null(snap);
	assert_true(DISTRUST("no symbols"));
	snapshot_free(snap);
	snap = with_vmlinux(vmlinux);
	if (!snap)
		fail_msg("%s", err.text);
	assert_false(DISTRUST("no symbols"));
	assert_int_equal(module("[kernel]")->live_bytes, 96 * (FUNCTIONS - 1));
	for (size_t i = 0; i < module("[kernel]")->n_sites; i++) {
		const struct snap_site *site = &module("[kernel]")->sites[i];

		assert_non_null(site->function);
		found |= !strcmp(site->function, "f7") && site->offset == returns[7] % FUNCTION &&
			 site->live_bytes == 96 && site->via && !strcmp(site->via, "kmalloc");
	}
	assert_true(found);
	/* perf says of which build the kernel was */
	spec.ids = ids;
	spec.n_ids = 1;
	assert_null(with_vmlinux(vmlinux));
	assert_non_null(strstr(err.text, "is another build of the kernel"));
	remove_folder();
}

/* ---- what is none ---- */

static void test_foreign(void **state)
{
	static const struct {
		const char *data;
		size_t len;
		const char *says;
	} cases[] = {
#define CASE(data, says) { data, sizeof(data) - 1, says }
		CASE("BZh9....", "bzip2: unpack"),
		CASE("\x04\x22\x4d\x18....", "lz4: unpack"),
		CASE("\xc1\x1f\xfc\xc1....", "CTF"),
		CASE("\xc1\xfc\x1f\xc1....", "CTF"),
		CASE("\x57\x1d\xd1\x75....", "CTF"),
		CASE("/* CTF 1.8 */\n", "CTF"),
		CASE("SQLite format 3\0....", "SQLite"),
		CASE("\xd4\xc3\xb2\xa1....", "pcap"),
		CASE("\x0a\x0d\x0d\x0a....", "pcapng"),
		CASE("\x0a\x02\x18\x01\x0a\x01\x00\x0a\x01\x00", "Perfetto"),
		CASE("\x7f" "ELF....", "--vmlinux"),
		CASE("# event histogram\n#\n# trigger info: hist:keys=call_site\n", "hist trigger"),
		CASE("unreferenced object 0xffff88810 (size 64):\n", "kmemleak"),
		CASE("allocinfo - version: 1.0\n", "allocinfo"),
		CASE("{\n \"schema\": \"modmem.report/1\"\n}\n", "source is missing"),
		CASE("{ \"traceEvents\": [] }\n", "JSON, but no report of modmem"),
		CASE("PERFFILE\0\0\0\0\0\0\0\0\0\0\0\0", "newer perf"),
		CASE("nothing of the kind", "not a trace.dat"),
#undef CASE
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_null(replay_bytes(cases[i].data, cases[i].len, NULL));
		if (!strstr(err.text, cases[i].says))
			fail_msg("case %zu: %s", i, err.text);
	}
	make_folder();
	write_in("metadata", "x", 1);
	opts = (struct replay_opts){ .path = folder };
	assert_null(replay(&opts, &err));
	assert_non_null(strstr(err.text, "CTF"));
	remove_folder();
}

static int teardown(void **state)
{
	(void)state;
	snapshot_free(snap);
	out_free(&records);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_machines),
		cmocka_unit_test(test_build_ids),
		cmocka_unit_test(test_layouts),
		cmocka_unit_test(test_mixed_layouts),
		cmocka_unit_test(test_no_symbols),
		cmocka_unit_test(test_recorded_symbols),
		cmocka_unit_test(test_tasks),
		cmocka_unit_test(test_order),
		cmocka_unit_test(test_losses),
		cmocka_unit_test(test_counted_losses),
		cmocka_unit_test(test_losses_of_nowhere),
		cmocka_unit_test(test_sparse),
		cmocka_unit_test(test_twice),
		cmocka_unit_test(test_requests),
		cmocka_unit_test(test_no_cpu),
		cmocka_unit_test(test_no_chains),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_cut),
		cmocka_unit_test(test_damaged_sample),
		cmocka_unit_test(test_late_event),
		cmocka_unit_test(test_tracing_within),
		cmocka_unit_test(test_bomb),
		cmocka_unit_test(test_folder),
		cmocka_unit_test(test_running_names),
		cmocka_unit_test(test_vmlinux),
		cmocka_unit_test(test_foreign),
	};

	return cmocka_run_group_tests(tests, NULL, teardown);
}
