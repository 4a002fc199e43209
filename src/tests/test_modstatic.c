// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * test_modstatic.c - what a module takes by being loaded: figures are those of
 * real kernels
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <elf.h>
#include <cmocka.h>

#include "elf_fixture.h"
#include "elffile.h"
#include "error.h"
#include "modlayout.h"
#include "modstatic.h"

#define PAGE 4096u

/* One block of an odd size: rounded up, and a guard page behind it. */
static void rounding(void **state)
{
	struct modstatic ms = modstatic_none;

	(void)state;
	assert_int_equal(modstatic_bytes(&ms), -1);
	modstatic_lsmod(&ms, 234750, PAGE, "5.10.0-32-amd64");
	assert_int_equal(ms.memory_bytes, 237568);
	assert_int_equal(ms.areas, 1);
	assert_int_equal(ms.guard_bytes, PAGE);
	assert_int_equal(modstatic_bytes(&ms), 241664);
	assert_int_equal(ms.lsmod_bytes, 234750);
	assert_false(ms.at_least);
	/* pages of another size */
	ms = modstatic_none;
	modstatic_lsmod(&ms, 234750, 65536, "5.10.0-32-powerpc64le");
	assert_int_equal(modstatic_bytes(&ms), 262144 + 65536);
	/* a whole number of pages stays one */
	ms = modstatic_none;
	modstatic_lsmod(&ms, 380928, PAGE, "6.1.0-50-amd64");
	assert_int_equal(modstatic_bytes(&ms), 385024);
	/* loading: a block for init, too */
	ms = modstatic_none;
	modstatic_lsmod(&ms, 16384 + 100, PAGE, "5.10.0");
	modstatic_core(&ms, 16384, 100, PAGE, "5.10.0");
	assert_int_equal(ms.areas, 2);
	assert_int_equal(modstatic_bytes(&ms), 16384 + 4096 + 2 * 4096);
	/* numbers that were not read at one moment, or are of areas */
	ms = modstatic_none;
	modstatic_lsmod(&ms, 16384, PAGE, "5.10.0");
	modstatic_core(&ms, 16384, 100, PAGE, "5.10.0");
	assert_int_equal(ms.areas, 1);
	assert_int_equal(ms.source, STATIC_LSMOD);
	/* built into nothing */
	ms = modstatic_none;
	modstatic_lsmod(&ms, 0, PAGE, "6.1.0");
	assert_int_equal(modstatic_bytes(&ms), 0);
}

/* From 6.4 an area for each kind; which there are is more than lsmod says. */
static void split_areas(void **state)
{
	static const char three[] = ".note.gnu.build-id\n.text\n.init.text\n.data\n.bss\n"
				    ".gnu.linkonce.this_module\n.rodata.str1.1\n__ksymtab_strings\n";
	static const char four[] = "__jump_table 0x1\n.text 0x2\n.rodata 0x3\n.data 0x4";
	static const char calls[] = ".static_call_sites\n.text\n.rodata\n.data\n";
	struct modstatic ms = modstatic_none;

	(void)state;
	modstatic_lsmod(&ms, 36864, PAGE, "6.4.0");
	assert_int_equal(ms.areas, 3);
	assert_true(ms.at_least);
	modstatic_sections(&ms, three, strlen(three), PAGE, "6.4.0");
	assert_int_equal(ms.areas, 3);
	assert_false(ms.at_least);
	assert_int_equal(ms.source, STATIC_SECTIONS);
	assert_int_equal(modstatic_bytes(&ms), 49152);
	assert_true(modstatic_at_least(&ms));	/* per-CPU data */

	ms = modstatic_none;
	modstatic_lsmod(&ms, 81920, PAGE, "6.12.107+deb13-amd64");
	modstatic_sections(&ms, four, strlen(four), PAGE, "6.12.107+deb13-amd64");
	assert_int_equal(ms.areas, 4);

	ms = modstatic_none;
	modstatic_lsmod(&ms, 81920, PAGE, "6.12.0");
	modstatic_sections(&ms, calls, strlen(calls), PAGE, "6.12.0");
	assert_int_equal(ms.areas, 3);
	ms = modstatic_none;
	modstatic_lsmod(&ms, 81920, PAGE, "6.15.0");
	modstatic_sections(&ms, calls, strlen(calls), PAGE, "6.15.0");
	assert_int_equal(ms.areas, 4);

	/* one block: sections say nothing of areas */
	ms = modstatic_none;
	modstatic_lsmod(&ms, 81920, PAGE, "6.3.13");
	modstatic_sections(&ms, four, strlen(four), PAGE, "6.3.13");
	assert_int_equal(ms.areas, 1);
	assert_int_equal(ms.source, STATIC_LSMOD);
	/* nothing to go by */
	ms = modstatic_none;
	modstatic_lsmod(&ms, 81920, PAGE, "6.4");
	modstatic_sections(&ms, "\n \n", 3, PAGE, "6.4");
	assert_true(ms.at_least);
	ms = modstatic_none;
	modstatic_lsmod(&ms, 81920, PAGE, NULL);
	assert_true(ms.at_least);
}

/* netfs and 9pnet_virtio of Debian's 6.12, whose areas were in its vmallocinfo. */
static void from_layout(void **state)
{
	struct modlayout netfs = { .split = true, .page_size = PAGE, .size = {
		[MOD_REGION_TEXT] = 93000, [MOD_REGION_RODATA] = 65536,
		[MOD_REGION_RO_AFTER_INIT] = 2000, [MOD_REGION_DATA] = 409600,
		[MOD_REGION_INIT_TEXT] = 900, [MOD_REGION_PERCPU] = 40,
	} };
	struct modstatic ms = modstatic_none;

	(void)state;
	modstatic_lsmod(&ms, 573440, PAGE, "6.12.107+deb13-amd64");
	modstatic_layout(&ms, &netfs, 2);
	assert_int_equal(ms.source, STATIC_FILE_EQUAL);
	assert_int_equal(ms.areas, 4);
	/* 98304 + 69632 + 8192 + 413696 */
	assert_int_equal(ms.memory_bytes + ms.guard_bytes, 589824);
	assert_int_equal(ms.percpu_bytes, 80);
	assert_int_equal(modstatic_bytes(&ms), 589904);
	assert_false(modstatic_at_least(&ms));

	/* another build was loaded: the file says nothing of it */
	ms = modstatic_none;
	modstatic_lsmod(&ms, 573440 + PAGE, PAGE, "6.12.107+deb13-amd64");
	modstatic_layout(&ms, &netfs, 2);
	assert_int_equal(ms.source, STATIC_LSMOD);
	assert_int_equal(ms.percpu_bytes, -1);
	assert_true(ms.at_least);

	/* the file alone, CPUs not known */
	ms = modstatic_none;
	modstatic_layout(&ms, &netfs, 0);
	assert_int_equal(ms.source, STATIC_FILE);
	assert_int_equal(ms.percpu_bytes, 40);
	assert_true(ms.at_least);
	assert_int_equal(ms.lsmod_bytes, -1);
}

static void text_is_shared(void **state)
{
	static const char v7[] =
		"0x0-0x1   73728 execmem_alloc_rw+0x13/0x60 pages=17 vmalloc N0=17\n"
		"0x1-0x2 2101248 execmem_alloc+0xfb/0x220 pages=512 vmalloc N0=512\n";
	static const char v6[] =
		"0x1-0x2   69632 load_module+0x7cf/0x1e00 pages=16 vmalloc N0=16\n"
		"0x1-0x2 2101248 execmem_alloc_rw+0xfb/0x220 pages=512 vmalloc N0=512\n"
		"0x1-0x2 2101248 pcpu_create_chunk+0x19b/0x1b0 pages=512 vmalloc N0=512\n"
		"0x1-0x2    8192 execmem_alloc+0x58/0x60 pages=1 vmalloc\n";
	struct modstatic ms = modstatic_none;

	(void)state;
	assert_true(modstatic_text_shared(v7, strlen(v7), PAGE));
	assert_false(modstatic_text_shared(v6, strlen(v6), PAGE));
	assert_false(modstatic_text_shared("", 0, PAGE));
	modstatic_lsmod(&ms, 626688, PAGE, "7.2.13+deb14-amd64");
	modstatic_share_text(&ms, PAGE);
	assert_int_equal(ms.areas, 2);
	assert_int_equal(ms.guard_bytes, 2 * PAGE);
}

/* ---- files -------------------------------------------------------------------- */

#define A SHF_ALLOC
#define W SHF_WRITE
#define X SHF_EXECINSTR

static const struct fixture_section sections[] = {
	{ ".text", SHT_PROGBITS, A | X, 0, 16, NULL, 5000 },
	{ ".init.text", SHT_PROGBITS, A | X, 0, 16, NULL, 100 },
	{ ".rodata", SHT_PROGBITS, A, 0, 8, NULL, 10 },
	{ "__jump_table", SHT_PROGBITS, A | W, 0, 8, NULL, 48 },
	{ ".data", SHT_PROGBITS, A | W, 0, 64, NULL, 70 },
	{ ".bss", SHT_NOBITS, A | W, 0, 4096, NULL, 100000 },
	{ ".data..percpu", SHT_PROGBITS, A | W, 0, 64, NULL, 24 },
	{ ".modinfo", SHT_PROGBITS, A, 0, 1, "name=x", 7 },
	{ "__versions", SHT_PROGBITS, A, 0, 8, NULL, 640 },
	{ ".comment", SHT_PROGBITS, 0, 0, 1, NULL, 20 },
	{ ".gnu.linkonce.this_module", SHT_PROGBITS, A | W, 0, 64, NULL, 64 },
	{ ".static_call_sites", SHT_PROGBITS, A | W, 0, 4, NULL, 8 },
};

static struct elffile *module(bool big, bool is32, uint16_t machine)
{
	const struct elf_fixture f = {
		.type = ET_REL, .machine = machine, .big_endian = big, .is32 = is32,
		.sections = sections, .n_sections = sizeof(sections) / sizeof(sections[0]),
	};
	struct error err = { "" };
	struct elffile *ef;
	uint8_t *data;
	size_t len;

	data = elf_fixture_make(&f, &len);
	ef = elffile_memory("x.ko", data, len, &err);
	free(data);
	if (!ef)
		fail_msg("%s", err.text);
	return ef;
}

static void regions_of_sections(void **state)
{
	static const struct {
		const char *name;
		enum mod_region old, new;
	} expected[] = {
		{ ".text", MOD_REGION_TEXT, MOD_REGION_TEXT },
		{ ".init.text", MOD_REGION_INIT_TEXT, MOD_REGION_INIT_TEXT },
		{ ".rodata", MOD_REGION_RODATA, MOD_REGION_RODATA },
		{ "__jump_table", MOD_REGION_RO_AFTER_INIT, MOD_REGION_RO_AFTER_INIT },
		{ ".data", MOD_REGION_DATA, MOD_REGION_DATA },
		{ ".bss", MOD_REGION_DATA, MOD_REGION_DATA },
		{ ".data..percpu", MOD_REGION_PERCPU, MOD_REGION_PERCPU },
		{ ".modinfo", MOD_REGION_NONE, MOD_REGION_NONE },
		{ "__versions", MOD_REGION_NONE, MOD_REGION_NONE },
		{ ".comment", MOD_REGION_NONE, MOD_REGION_NONE },
		{ ".gnu.linkonce.this_module", MOD_REGION_DATA, MOD_REGION_DATA },
		{ ".static_call_sites", MOD_REGION_DATA, MOD_REGION_RO_AFTER_INIT },
	};
	struct elffile *ef = module(false, false, EM_X86_64);

	(void)state;
	for (size_t k = 0; k < sizeof(expected) / sizeof(expected[0]); k++) {
		size_t i = 1;

		while (strcmp(elffile_section(ef, i)->name, expected[k].name))
			i++;
		assert_int_equal(modlayout_region(ef, i, "6.12.0"), expected[k].old);
		assert_int_equal(modlayout_region(ef, i, "6.15.0"), expected[k].new);
	}
	elffile_close(ef);
}

static void layouts(void **state)
{
	static const struct {
		bool big, is32;
		uint16_t machine;
	} machines[] = {
		{ false, false, EM_X86_64 }, { true, false, EM_S390 }, { false, true, EM_ARM },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(machines) / sizeof(machines[0]); i++) {
		struct elffile *ef = module(machines[i].big, machines[i].is32,
					    machines[i].machine);
		struct modlayout ml;

		modlayout_read(&ml, ef, "6.12.0", PAGE);
		assert_true(ml.split);
		assert_int_equal(ml.at_least, machines[i].machine != EM_X86_64);
		assert_int_equal(ml.size[MOD_REGION_TEXT], 5000);
		assert_int_equal(ml.size[MOD_REGION_RODATA], 10);
		assert_int_equal(ml.size[MOD_REGION_RO_AFTER_INIT], 48);
		assert_int_equal(ml.size[MOD_REGION_PERCPU], 24);
		/* .data, to 4096, .bss, to 64, this_module, to 4, calls, and symbols */
		assert_in_range(ml.size[MOD_REGION_DATA], 104096 + 32 + 64 + 8, 104400);
		/* one block: text and read-only data on pages of their own */
		modlayout_read(&ml, ef, "6.3.0", PAGE);
		assert_false(ml.split);
		assert_in_range(ml.size[MOD_REGION_CORE], 8192 + 4096 + 4096 + 106496,
				8192 + 4096 + 4096 + 106496 + 100);
		elffile_close(ef);
	}
}

static void releases(void **state)
{
	(void)state;
	assert_true(modlayout_since("6.4.0", 6, 4));
	assert_true(modlayout_since("6.12.107+deb13-amd64", 6, 4));
	assert_true(modlayout_since("7.2.13", 6, 4));
	assert_false(modlayout_since("6.3.13-1-default", 6, 4));
	assert_false(modlayout_since("5.19", 6, 4));
	/* not known: as the kernels of today */
	assert_true(modlayout_since(NULL, 6, 4));
	assert_true(modlayout_since("next", 6, 4));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rounding),
		cmocka_unit_test(split_areas),
		cmocka_unit_test(from_layout),
		cmocka_unit_test(text_is_shared),
		cmocka_unit_test(regions_of_sections),
		cmocka_unit_test(layouts),
		cmocka_unit_test(releases),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
