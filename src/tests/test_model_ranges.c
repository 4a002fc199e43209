// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * test_model_ranges.c - where a module's code lies: kallsyms, /proc/modules
 * (TRAPS D1, D4, D5, D6)
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "error.h"
#include "ksyms.h"
#include "model_fixture.h"
#include "modmap.h"

#define OBJECT 0xffff888012345600ULL

/* Of the kernel that D1 was seen on: sizes cover all regions of a module. */
#define PROC_6_4 \
	"kmtest 36864 0 - Live 0xffffffffc041f000 (OE)\n" \
	"9p 98304 0 - Live 0xffffffffc0411000\n" \
	"9pnet 143360 1 9p, Live 0xffffffffc040d000\n" \
	"netfs 626688 1 9p, Live 0xffffffffc0400000\n"

struct place {
	uint64_t addr;
	const char *owner;
};

/* The map of @s, asked where each of @places belongs. */
static void check_places(const struct model_setup *s, const struct place *places,
			 size_t n)
{
	struct model *m = model_new(s);
	size_t i;

	for (i = 0; i < n; i++) {
		uint32_t id = modmap_find(m->mm, places[i].addr);
		const char *owner = modmap_instance(m->mm, id)->name;

		if (strcmp(owner, places[i].owner))
			fail_msg("0x%llx is of %s, not of %s",
				 (unsigned long long)places[i].addr, owner,
				 places[i].owner);
	}
	model_done(m);
}

#define CHECK(places, ...) \
	check_places(&(struct model_setup){ __VA_ARGS__ }, places, \
		     sizeof(places) / sizeof((places)[0]))

static void d1_ranges_from_kallsyms_tags(void **state)
{
	static const struct place places[] = {
		{ KMTEST_BASE, "kmtest" }, { KMTEST_BASE + 0x810, "kmtest" },
		{ KMTEST_BASE + 0xfff, "kmtest" },
		{ LIBKM_BASE + 0x10, "libkm" }, { FSMOD_BASE + 0x10, "fsmod" },
		{ KMTEST_BASE - 1, "[unknown]" }, { FREE_TEXT, "[unknown]" },
		/* its data is not its code (D4: __key.76+0x815) */
		{ KMTEST_BASE + 0x2000, "[unknown]" },
		{ KMTEST_BASE + 0x2815, "[unknown]" },
		{ 0xffffffff81000000, "[kernel]" },
		{ 0xffffffff81000ffc, "[kernel]" },
		{ 0x384, "[unknown]" }, { 0, "[unknown]" },
		{ UINT64_MAX, "[unknown]" },
	};

	(void)state;
	CHECK(places, .modules = NULL);
}

/* Up to 6.3 a module is one block. */
static void d1_proc_modules_before_6_4(void **state)
{
	static const char proc[] =
		"kmtest 20480 0 - Live 0xffffffffc0401000 (OE)\n"
		"nvme 53248 3 - Live 0xffffffffc0411000\n"
		"nvme_core 122880 5 nvme, Live 0xffffffffc03e1000";
	static const struct place places[] = {
		{ 0xffffffffc0401000, "kmtest" }, { 0xffffffffc0405fff, "kmtest" },
		{ 0xffffffffc0406000, "[unknown]" },
		{ 0xffffffffc0411000, "nvme" }, { 0xffffffffc041dfff, "nvme" },
		{ 0xffffffffc041e000, "[unknown]" },
		{ 0xffffffffc03e1000, "nvme_core" },
		{ 0xffffffffc03fefff, "nvme_core" },
		{ 0xffffffffc03ff000, "[unknown]" },
	};

	(void)state;
	CHECK(places, .no_kallsyms = true, .proc_modules = proc);
}

/* From 6.4 the size is the sum of all regions: bound it by the next base. */
static void d1_proc_modules_from_6_4(void **state)
{
	static const struct place places[] = {
		{ 0xffffffffc0400000, "netfs" }, { 0xffffffffc040cfff, "netfs" },
		{ 0xffffffffc040d000, "9pnet" }, { 0xffffffffc0410fff, "9pnet" },
		{ 0xffffffffc0411000, "9p" }, { 0xffffffffc041efff, "9p" },
		{ 0xffffffffc041f010, "kmtest" }, { 0xffffffffc0427fff, "kmtest" },
		{ 0xffffffffc0428000, "[unknown]" },
	};

	(void)state;
	CHECK(places, .no_kallsyms = true, .proc_modules = PROC_6_4);
}

/* Tags of kallsyms win over base and size, which overlap. */
static void d1_kallsyms_tags_win(void **state)
{
	static const struct place places[] = {
		{ 0xffffffffc0400100, "netfs" }, { 0xffffffffc0402010, "netfs" },
		/* to its data, for its last function may be a long one */
		{ 0xffffffffc0406fff, "netfs" }, { 0xffffffffc0407010, "[unknown]" },
		{ 0xffffffffc040d010, "9pnet" },
		/* this one is not in /proc/modules: loaded after it was saved */
		{ 0xffffffffc0415010, "veth" }, { 0xffffffffc0415fff, "veth" },
		/* and these two not in kallsyms */
		{ 0xffffffffc0414fff, "9p" }, { 0xffffffffc041f010, "kmtest" },
	};

	(void)state;
	CHECK(places, .proc_modules = PROC_6_4,
	      .modules = "ffffffffc0400080 t netfs_read\t[netfs]\n"
			 "ffffffffc0402000 t netfs_exit\t[netfs]\n"
			 "ffffffffc0407000 d netfs_ops\t[netfs]\n"
			 "ffffffffc040d000 t p9_call\t[9pnet]\n"
			 "ffffffffc0415000 t veth_open\t[veth]\n");
}

static void d1_sizes_are_static_bytes(void **state)
{
	struct model *m = MODEL(.proc_modules = "kmtest 20480 0 - Live 0xffffffffc0401000\n");

	(void)state;
	assert_int_equal(model_row(m, "kmtest")->fixed.lsmod_bytes, 20480);
	/* the kernel is not known here: areas may be three or one */
	assert_true(model_row(m, "kmtest")->fixed.at_least);
	assert_true(model_row(m, "kmtest")->static_bytes > 20480);
	assert_int_equal(model_row(m, "libkm")->fixed.lsmod_bytes, -1);
	assert_int_equal(model_row(m, "libkm")->static_bytes, -1);
	assert_int_equal(model_row(m, "[kernel]")->static_bytes, -1);
	model_done(m);
}

/* Text of one module between two functions of another (trampolines, 7.x). */
static void d1_modules_side_by_side(void **state)
{
	static const struct place places[] = {
		{ 0xffffffffc0401010, "a" }, { 0xffffffffc0402010, "b" },
		{ 0xffffffffc0402fff, "b" },
		/* a page of nobody between the pages of two */
		{ 0xffffffffc0403010, "[unknown]" },
		{ 0xffffffffc0404010, "c" },
	};

	(void)state;
	CHECK(places,
	      .modules = "ffffffffc0404000 t c_one\t[c]\n"
			 "ffffffffc0401000 t a_one\t[a]\n"
			 "ffffffffc0402000 t b_one\t[b]\n"
			 "ffffffffc0402800 t b_two\t[b]\n"
			 "ffffffffc0401800 t a_two\t[a]\n");
}

/* From 6.4 data can lie far behind: what was between is not the module's. */
static void d4_gap_between_text_and_data(void **state)
{
	static const struct place places[] = {
		{ 0xffffffffc0401010, "a" }, { 0xffffffffc0401fff, "a" },
		{ 0xffffffffc0402010, "[unknown]" },
		{ 0xffffffffc0410010, "[unknown]" },
		{ 0xffffffffc0480815, "[unknown]" },
	};

	(void)state;
	CHECK(places,
	      .modules = "ffffffffc0401000 t a_one\t[a]\n"
			 "ffffffffc0401100 t a_exit\t[a]\n"
			 "ffffffffc0480000 d a_table\t[a]\n");
}

/* Modules at either end of the address space. */
static void stray_words_near_the_ends(void **state)
{
	static const struct place places[] = {
		{ 0xfffffffffff00010, "high" }, { 0x10010, "low" },
		{ 0x384, "[unknown]" },
	};
	struct model *m;

	(void)state;
	CHECK(places, .modules = "fffffffffff00000 t high_do\t[high]\n"
				 "0000000000010000 t low_do\t[low]\n");
	m = MODEL(.modules = "fffffffffff00000 t high_do\t[high]\n");
	assert_true(modmap_near_modules(m->mm, 0xfffffffffff08000));
	assert_true(modmap_near_modules(m->mm, 0xfffffffffe000000));
	assert_false(modmap_near_modules(m->mm, 0xfffffffff0000000));
	assert_false(modmap_near_modules(m->mm, UINT64_MAX));
	assert_false(modmap_near_modules(m->mm, 0x384));
	model_done(m);
	m = MODEL(.modules = "0000000000010000 t low_do\t[low]\n");
	assert_true(modmap_near_modules(m->mm, 0x20000));
	assert_false(modmap_near_modules(m->mm, UINT64_MAX - 16));
	model_done(m);
}

/* A used-by list can be longer than any line buffer. */
static void d1_long_lines_of_proc_modules(void **state)
{
	struct modmap *mm;
	struct error err = { "" };
	size_t len;
	char *text;
	FILE *to = open_memstream(&text, &len);
	int i;

	(void)state;
	fprintf(to, "snd_soc_core 400000 200 ");
	for (i = 0; i < 200; i++)
		fprintf(to, "snd_soc_codec_%03d,", i);
	fprintf(to, " Live 0xffffffffc0401000\nkmtest 4096 0 - Live 0xffffffffc0801000\n");
	fclose(to);
	mm = modmap_new(NULL, text, len, PAGE, &err);
	free(text);
	if (!mm)
		fail_msg("%s", err.text);
	assert_int_equal(modmap_start(mm), 0);
	assert_string_equal(modmap_instance(mm, modmap_find(mm, 0xffffffffc0401010))->name,
			    "snd_soc_core");
	assert_string_equal(modmap_instance(mm, modmap_find(mm, 0xffffffffc0801010))->name,
			    "kmtest");
	modmap_free(mm);
}

static void d1_what_is_no_proc_modules(void **state)
{
	static const char *const texts[] = {
		"hello", "Module                  Size  Used by\nkmtest 20480  0\n",
		"kmtest 20480 0 - Live\n", "kmtest x 0 - Live 0xffffffffc0401000\n",
		"kmtest 20480 0 - Live 0xffffffffc0401000\n<html>\n",
		"\x01\x02\x03\n",
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct error err = { "" };

		assert_null(modmap_new(NULL, texts[i], strlen(texts[i]), PAGE, &err));
		assert_non_null(strstr(err.text, "/proc/modules"));
	}
}

/* Bases that make no sense harm nobody else. */
static void d1_hostile_bases(void **state)
{
	static const struct place places[] = {
		{ 0xffffffffc0401010, "kmtest" }, { 0xffffffffc0500000, "[unknown]" },
	};

	(void)state;
	CHECK(places, .no_kallsyms = true,
	      .proc_modules = "a 18446744073709551615 0 - Live 0xffffffffc0500000\n"
			      "b 0 0 - Live 0xffffffffc0600000\n"
			      "kmtest 4096 0 - Live 0xffffffffc0401000\n"
			      "c 4096 0 - Live 0x0000000000000000\n");
}

static void d5_zero_addresses_attribute_nothing(void **state)
{
	const struct snapshot *snap;
	struct model *m = MODEL(.hidden = true);
	bool said = false;
	size_t i;

	(void)state;
	model_kmalloc(m, OBJECT, 64, 64, "__kmalloc < *do_kmalloc" SYSCALL);
	model_pages(m, 0x1234, 0, "__alloc_pages < alloc_pages < do_pages" SYSCALL);
	assert_own(m, "[unknown]", KIND_SLAB, 64);
	assert_own(m, "[unknown]", KIND_PAGES, PAGE);
	snap = model_snapshot(m);
	assert_int_equal(snap->coverage.unknown_addresses, 2);
	assert_false(snap->coverage.trusted);
	for (i = 0; i < snap->coverage.n_distrust; i++)
		said |= strstr(snap->coverage.distrust[i], "privilege") != NULL;
	assert_true(said);
	model_done(m);
}

static void d5_zero_bases_in_proc_modules(void **state)
{
	struct model *m = MODEL(.no_kallsyms = true,
		.proc_modules = "kmtest 20480 0 - Live 0x0000000000000000\n"
				"libkm 4096 0 - Live 0x0000000000000000\n");
	const struct coverage *c;
	bool said = false;
	size_t i;

	(void)state;
	assert_true(modmap_hidden(m->mm));
	model_kmalloc(m, OBJECT, 64, 64, "!do_kmalloc");
	assert_own(m, "[unknown]", KIND_SLAB, 64);
	c = &model_snapshot(m)->coverage;
	for (i = 0; i < c->n_distrust; i++)
		said |= strstr(c->distrust[i], "/proc/modules are zero") != NULL;
	assert_true(said);
	model_done(m);
}

/* No symbols at all: not attributed, not an error. */
static void d5_no_symbols(void **state)
{
	struct model *m = MODEL(.no_kallsyms = true);

	(void)state;
	model_kmalloc(m, OBJECT, 64, 64, "__kmalloc < *do_kmalloc" SYSCALL);
	model_pages(m, 0x1234, 0, "__alloc_pages < do_pages" SYSCALL);
	assert_int_equal(model_totals(m, "[unknown]").own, 64 + PAGE);
	assert_false(model_snapshot(m)->coverage.trusted);
	model_done(m);
}

static void d6_kernel_without_modules(void **state)
{
	struct model *m = MODEL(.modules = "");

	(void)state;
	assert_false(modmap_has_modules(m->mm));
	model_kmalloc(m, OBJECT, 64, 64, "__kmalloc < *seq_open < vfs_write");
	model_pages(m, 0x1234, 0, "__alloc_pages < alloc_pages < 0x384 < seq_open < vfs_write");
	model_large(m, 0x2000, 2, 8193,
		    "__alloc_pages < __kmalloc_large_node < seq_open < vfs_write",
		    "__kmalloc_large_node < *seq_open < vfs_write");
	assert_own(m, "[kernel]", KIND_SLAB, 64);
	assert_own(m, "[kernel]", KIND_PAGES, 5 * PAGE);
	assert_nothing(m, "[unknown]");
	assert_int_equal(model_snapshot(m)->n_modules, 2);
	model_done(m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(d1_ranges_from_kallsyms_tags),
		cmocka_unit_test(d1_proc_modules_before_6_4),
		cmocka_unit_test(d1_proc_modules_from_6_4),
		cmocka_unit_test(d1_kallsyms_tags_win),
		cmocka_unit_test(d1_sizes_are_static_bytes),
		cmocka_unit_test(d1_modules_side_by_side),
		cmocka_unit_test(d4_gap_between_text_and_data),
		cmocka_unit_test(stray_words_near_the_ends),
		cmocka_unit_test(d1_long_lines_of_proc_modules),
		cmocka_unit_test(d1_what_is_no_proc_modules),
		cmocka_unit_test(d1_hostile_bases),
		cmocka_unit_test(d5_zero_addresses_attribute_nothing),
		cmocka_unit_test(d5_zero_bases_in_proc_modules),
		cmocka_unit_test(d5_no_symbols),
		cmocka_unit_test(d6_kernel_without_modules),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
