// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * test_imports.c - which silent functions a module can call: names of each kernel
 * version, files, and what the recorder keeps of them
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <elf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "companion_read.h"
#include "elf_fixture.h"
#include "imports.h"
#include "inittext.h"
#include "source.h"
#include "symfiles.h"
#include "tracefs/modimports.h"

#define N(array) (sizeof(array) / sizeof((array)[0]))
#define UNDEFINED SIZE_MAX	/* the fixture's section before the first */
#define INIT_TEXT 3u		/* number of write_module()'s section */

static const uint8_t id[20] = { 0x12, 0x34 }, other_id[20] = { 0x56 };

#define ID_TEXT "1234000000000000000000000000000000000000"
#define KMTEST_ID "1139dc3bec6c7027da458f1d86bfaf00f8bb32cc"	/* of testdata/s390x-6.1-held */

static void names_of_each_kernel(void **state)
{
	static const struct {
		const char *symbol;
		uint32_t leads_to;
	} names[] = {
		{ "kfree_call_rcu", SILENT_BIT(SILENT_RCU_FREE) },	/* to 5.8 */
		{ "kvfree_call_rcu", SILENT_BIT(SILENT_RCU_FREE) },
		{ "kfree_call_rcu_nolock", SILENT_BIT(SILENT_RCU_FREE) }, /* 7.x */
		{ "kmem_cache_free_bulk", SILENT_BIT(SILENT_BULK_FREE) },
		{ "kmem_cache_alloc_bulk", SILENT_BIT(SILENT_BULK_ALLOC) },
		{ "kmem_cache_alloc_bulk_noprof", SILENT_BIT(SILENT_BULK_ALLOC) },
		{ "__alloc_pages_bulk", SILENT_BIT(SILENT_PAGES_BULK) },
		{ "alloc_pages_bulk_noprof", SILENT_BIT(SILENT_PAGES_BULK) },
		{ "alloc_pages_bulk_array_mempolicy", SILENT_BIT(SILENT_PAGES_BULK) },
		{ "alloc_pages_bulk_mempolicy_noprof", SILENT_BIT(SILENT_PAGES_BULK) },
		{ "page_pool_alloc_pages", SILENT_BIT(SILENT_PAGE_POOL) },
		{ "page_pool_alloc_frag_netmem", SILENT_BIT(SILENT_PAGE_POOL) },
		{ "vmalloc", SILENT_BIT(SILENT_VMALLOC) },
		{ "vmalloc_noprof", SILENT_BIT(SILENT_VMALLOC) },
		{ "vzalloc_node", SILENT_BIT(SILENT_VMALLOC) },
		{ "__vmalloc_node_range_noprof", SILENT_BIT(SILENT_VMALLOC) },
		{ "vmalloc_huge_node_noprof", SILENT_BIT(SILENT_VMALLOC) },
		{ "vmalloc_32_user", SILENT_BIT(SILENT_VMALLOC) },
		{ "__vcalloc", SILENT_BIT(SILENT_VMALLOC) },
		{ "vrealloc_node_align_noprof", SILENT_BIT(SILENT_VMALLOC) },
		{ "kvmalloc_node", SILENT_BIT(SILENT_VMALLOC) },
		{ "__kvmalloc_node_noprof", SILENT_BIT(SILENT_VMALLOC) },
		{ "kvrealloc_noprof", SILENT_BIT(SILENT_VMALLOC) },
		{ "vmemdup_user", SILENT_BIT(SILENT_VMALLOC) },
		{ "rhltable_init_noprof", SILENT_BIT(SILENT_VMALLOC) },
		{ "__rhashtable_init_noprof", SILENT_BIT(SILENT_VMALLOC) },
		{ "__rhltable_init_noprof", SILENT_BIT(SILENT_VMALLOC) },
		{ "rust_helper_kvrealloc_node_align", SILENT_BIT(SILENT_VMALLOC) },
		{ "rust_helper_vrealloc_node_align", SILENT_BIT(SILENT_VMALLOC) },
		{ "rust_helper_dma_alloc_attrs", SILENT_BIT(SILENT_DMA) },
		/* exports of 5.10, 6.1, 6.12 and 7.2 */
		{ "alloc_pages_bulk_array_mempolicy_noprof", SILENT_BIT(SILENT_PAGES_BULK) },
		{ "__vmalloc_node_noprof", SILENT_BIT(SILENT_VMALLOC) },
		{ "__vmalloc_array_noprof", SILENT_BIT(SILENT_VMALLOC) },
		{ "vmalloc_user_noprof", SILENT_BIT(SILENT_VMALLOC) },
		{ "vcalloc_noprof", SILENT_BIT(SILENT_VMALLOC) },
		{ "kvmemdup", SILENT_BIT(SILENT_VMALLOC) },
		{ "page_pool_alloc_netmems", SILENT_BIT(SILENT_PAGE_POOL) },
		{ "page_pool_alloc_frag", SILENT_BIT(SILENT_PAGE_POOL) },
		{ "dma_pool_create_node", SILENT_BIT(SILENT_DMA) | SILENT_BIT(SILENT_DMA_POOL) },
		{ "alloc_contig_frozen_range_noprof", SILENT_BIT(SILENT_CONTIG) },
		{ "dma_alloc_attrs", SILENT_BIT(SILENT_DMA) },
		{ "dmam_alloc_attrs", SILENT_BIT(SILENT_DMA) },
		{ "dma_alloc_from_dev_coherent", SILENT_BIT(SILENT_DMA) },
		{ "dma_alloc_from_contiguous", SILENT_BIT(SILENT_CONTIG) },
		{ "alloc_contig_range_noprof", SILENT_BIT(SILENT_CONTIG) },
		{ "cma_alloc", SILENT_BIT(SILENT_CONTIG) },
		{ "dma_pool_alloc", SILENT_BIT(SILENT_DMA) | SILENT_BIT(SILENT_DMA_POOL) },
		{ "mempool_alloc_noprof", SILENT_BIT(SILENT_MEMPOOL) },
		{ "mempool_kvmalloc", SILENT_BIT(SILENT_MEMPOOL) | SILENT_BIT(SILENT_VMALLOC) },
		/* what only looks like it */
		{ "vmalloc_to_page", 0 },
		{ "vmalloc_base", 0 },
		{ "is_vmalloc_addr", 0 },
		{ "vfree", 0 },
		{ "kvfree", 0 },
		{ "kmem_cache_alloc_noprof", 0 },
		{ "kmem_cache_free", 0 },
		{ "__kmalloc_cache_noprof", 0 },
		{ "alloc_pages_noprof", 0 },
		{ "alloc_pages_exact_noprof", 0 },
		{ "dma_pool_free", 0 },
		{ "kfree", 0 },
		{ "call_rcu", 0 },
		{ "regmap_bulk_read", 0 },
		{ "page_pool_put_page_bulk", 0 },
		{ "kvfree_rcu_barrier", 0 },
		{ "free_contig_range", 0 },
		{ "cma_release", 0 },
		{ "rust_helper_is_vmalloc_addr", 0 },
		{ "rust_helper_", 0 },
		{ "_noprof", 0 },
		{ "", 0 },
	};

	(void)state;
	for (size_t i = 0; i < N(names); i++)
		if (silent_symbol(names[i].symbol, strlen(names[i].symbol)) !=
		    names[i].leads_to)
			fail_msg("%s", names[i].symbol);
	for (int s = 0; s < SILENT_MAX; s++)
		assert_non_null(silent_name((enum silent)s));
}

/* A module's file at @path that imports @symbols. */
static void write_module(const char *path, const uint8_t build_id[20],
			 const struct fixture_symbol *symbols, size_t n)
{
	struct utsname uts;
	uint8_t note[64];
	char modinfo[256];
	size_t note_len = elf_fixture_note(note, false, NT_GNU_BUILD_ID, "GNU", build_id, 20);
	int modinfo_len;
	size_t len;
	uint8_t *data;
	FILE *out;

	assert_int_equal(uname(&uts), 0);
	modinfo_len = snprintf(modinfo, sizeof(modinfo), "vermagic=%s SMP", uts.release) + 1;
	const struct fixture_section sections[] = {
		{ ".text", SHT_PROGBITS, SHF_ALLOC | SHF_EXECINSTR, 0, 16, NULL, 64 },
		{ ".note.gnu.build-id", SHT_NOTE, SHF_ALLOC, 0, 4, note, note_len },
		{ ".modinfo", SHT_PROGBITS, SHF_ALLOC, 0, 1, modinfo, (size_t)modinfo_len },
		{ ".init.text", SHT_PROGBITS, SHF_ALLOC | SHF_EXECINSTR, 0, 16, NULL, 0x60 },
	};
	const struct elf_fixture f = {
		.type = ET_REL, .machine = EM_X86_64, .sections = sections,
		.n_sections = N(sections), .symbols = symbols, .n_symbols = n,
	};

	data = elf_fixture_make(&f, &len);
	out = fopen(path, "w");
	assert_non_null(out);
	assert_int_equal(fwrite(data, 1, len, out), len);
	assert_int_equal(fclose(out), 0);
	free(data);
}

static const struct fixture_symbol symbols[] = {
	{ "exit_fn", 0, 0, 32, STT_FUNC },
	{ "vmalloc_of_its_own", 0, 32, 8, STT_FUNC },
	{ "kfree", UNDEFINED, 0, 0, STT_NOTYPE },
	{ "kvfree_call_rcu", UNDEFINED, 0, 0, STT_NOTYPE },
	{ "evil\nkmtest\tvzalloc", UNDEFINED, 0, 0, STT_NOTYPE },
	{ "init_module", INIT_TEXT, 0x20, 32, STT_FUNC },
	{ "km_first_init", INIT_TEXT, 0x20, 32, STT_FUNC },
	{ "km_setup", INIT_TEXT, 0, 32, STT_FUNC },
	{ "evil\nkm", INIT_TEXT, 0x40, 32, STT_FUNC },
	{ "km_far", INIT_TEXT, 0x60, 32, STT_FUNC },
};

static void expect_line(char *const *command, const char *module, const char *build_id,
			const char *want)
{
	struct loaded_module lm[3] = { { .name = "km_nowhere" }, { .name = "" },
				       { .name = "km_nowhere" } };
	char *text, all[256];
	size_t len;

	snprintf(lm[1].name, sizeof(lm[1].name), "%s", module);
	snprintf(lm[1].build_id, sizeof(lm[1].build_id), "%s", build_id);
	snprintf(all, sizeof(all), "km_nowhere\t?\n%skm_nowhere\t?\n", want);
	assert_int_equal(module_files_imports(lm, 3, command, &text, &len), 0);
	assert_string_equal(text, all);
	assert_int_equal(strlen(text), len);
	free(text);
}

/* kallsyms has lost them when the recorder looks. */
static void expect_init(char *const *command)
{
	struct loaded_module lm[2] = {
		{ .name = "km_first", .build_id = ID_TEXT, .init = true },
		{ .name = "km_first", .build_id = ID_TEXT },
	};
	char *text;
	size_t len;

	assert_int_equal(module_files_imports(lm, 2, command, &text, &len), 0);
	assert_string_equal(lm[0].init_symbols,
			    "0000000000000020 T init_module\t[km_first]\n"
			    "0000000000000020 T km_first_init\t[km_first]\n"
			    "0000000000000000 T km_setup\t[km_first]\n"
			    "0000000000000060 d .init.text\t[km_first]\n");
	assert_null(lm[1].init_symbols);
	free(lm[0].init_symbols);
	free(text);
	assert_true(inittext_is_first("x86_64"));
	assert_false(inittext_is_first("aarch64"));
	assert_false(inittext_is_first(NULL));
}

static void recorder_reads_what_fits(void **state)
{
	char dir[] = "/tmp/modmem-imports-XXXXXX", file[64], twin[64], folder[64];
	char word[] = "insmod";

	(void)state;
	assert_non_null(mkdtemp(dir));
	snprintf(file, sizeof(file), "%s/km-first.ko", dir);
	snprintf(twin, sizeof(twin), "%s/km_first.ko", dir);
	snprintf(folder, sizeof(folder), "%s", dir);
	write_module(file, id, symbols, N(symbols));
	char *command[] = { word, file, NULL };

	/* names that are none are left out */
	expect_line(command, "km_first", ID_TEXT, "km_first\t kfree kvfree_call_rcu\n");
	/* no build id, but the only one that is for this kernel */
	expect_line(command, "km_first", "", "km_first\t kfree kvfree_call_rcu\n");
	expect_line(command, "km_first", "ff" ID_TEXT, "km_first\t?\n");
	expect_line(command, "km_other", ID_TEXT, "km_other\t?\n");
	expect_line(NULL, "km_first", ID_TEXT, "km_first\t?\n");

	/* of two it takes the one with that build id, or neither */
	write_module(twin, other_id, symbols, 3);
	char *both[] = { word, file, twin, NULL };

	expect_line(both, "km_first", ID_TEXT, "km_first\t kfree kvfree_call_rcu\n");
	expect_line(both, "km_first", "", "km_first\t?\n");

	expect_init(command);

	/* a folder is not searched, what is no module and what is damaged is none */
	char *none[] = { word, folder, NULL };

	expect_line(none, "km_first", ID_TEXT, "km_first\t?\n");
	assert_int_equal(truncate(file, 100), 0);
	expect_line(command, "km_first", ID_TEXT, "km_first\t?\n");
	unlink(file);
	unlink(twin);
	rmdir(dir);
}

static void add(struct imports *im, const char *text)
{
	assert_int_equal(imports_add(im, text, strlen(text)), 0);
}

static void expect(struct imports *im, const char *module, bool known, uint32_t calls)
{
	uint32_t got;

	assert_int_equal(imports_of(im, module, true, &got), known);
	assert_int_equal(got, known ? calls : SILENT_BIT(SILENT_MAX) - 1);
}

static void what_was_recorded(void **state)
{
	struct imports *im = imports_new();

	(void)state;
	assert_non_null(im);
	add(im, "km_b\t kfree __kmalloc_noprof\nkm_a\t vzalloc_noprof kvfree_call_rcu\n"
		"km_none\t?\n\nkm_twice\t vmalloc\nkm_part\t vmalloc\nkm_empty\t\n"
		"km_trick\t kfree kallsyms_lookup_name");
	expect(im, "km_a", true, SILENT_BIT(SILENT_VMALLOC) | SILENT_BIT(SILENT_RCU_FREE));
	expect(im, "km_b", true, 0);
	expect(im, "km_none", false, 0);
	expect(im, "km_missing", false, 0);
	expect(im, "km_empty", true, 0);
	/* it can find any function by its name */
	expect(im, "km_trick", false, 0);
	expect(im, "[kernel]", false, 0);
	expect(im, "km_twice", true, SILENT_BIT(SILENT_VMALLOC));
	/* loaded again, from another file: either may have been it; or from none */
	add(im, "km_twice\t kmem_cache_free_bulk\nkm_part\t?\n");
	expect(im, "km_twice", true, SILENT_BIT(SILENT_VMALLOC) | SILENT_BIT(SILENT_BULK_FREE));
	expect(im, "km_part", false, 0);
	imports_free(im);
}

/* What kmtest can call, after its file beside a recording of that kind. */
static void expect_file(const char *uname, bool big_endian, const char *build_id,
			bool known)
{
	const uint32_t calls = SILENT_BIT(SILENT_RCU_FREE) | SILENT_BIT(SILENT_BULK_FREE) |
		SILENT_BIT(SILENT_BULK_ALLOC) | SILENT_BIT(SILENT_VMALLOC) |
		SILENT_BIT(SILENT_DMA) | SILENT_BIT(SILENT_DMA_POOL) |
		SILENT_BIT(SILENT_MEMPOOL);
	const struct symfiles_opts opts = {
		.module_dirs = { "testdata/s390x-6.1-held" }, .n_module_dirs = 1,
	};
	const struct source_info info = {
		.uname = uname, .long_size = 8, .big_endian = big_endian,
	};
	struct companion *c = companion_new();
	struct imports *im = imports_new();
	uint32_t got;

	assert_non_null(c);
	assert_non_null(im);
	if (build_id)
		assert_int_equal(companion_put(c, "buildid:kmtest", 0, build_id,
					       strlen(build_id)), 0);
	/* what the recorder did not find may be found now */
	add(im, "kmtest\t?\n");
	imports_look_in(im, NULL, &opts, &info, c);
	/* unless nobody needs to know */
	assert_false(imports_of(im, "kmtest", false, &got));
	expect(im, "kmtest", known, calls);
	expect(im, "kmtest", known, calls);
	expect(im, "kmother", false, 0);
	imports_free(im);
	companion_free(c);
}

static void files_beside_a_recording(void **state)
{
	(void)state;
	expect_file("Linux h 6.1.0-50-s390x #1 s390x", true, NULL, true);
	expect_file(NULL, true, NULL, true);
	expect_file("Linux h 6.1.0-49-s390x #1 s390x", true, NULL, false);
	expect_file("Linux h 6.1.0-50-s390x #1 x86_64", true, NULL, false);
	expect_file(NULL, false, NULL, false);
	expect_file(NULL, true, ID_TEXT, false);
	expect_file("Linux h 6.1.0-49-s390x #1 s390x", true, KMTEST_ID, true);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_of_each_kernel),
		cmocka_unit_test(recorder_reads_what_fits),
		cmocka_unit_test(what_was_recorded),
		cmocka_unit_test(files_beside_a_recording),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
