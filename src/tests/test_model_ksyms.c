// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * test_model_ksyms.c - texts of /proc/kallsyms, also those that are none
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ksyms.h"
#include "model_fixture.h"

static struct ksyms *parse(const char *text)
{
	struct ksyms *ks = ksyms_parse(text, strlen(text));

	assert_non_null(ks);
	return ks;
}

static const char *name_at(const struct ksyms *ks, uint64_t addr)
{
	size_t i = ksyms_find(ks, addr);

	return i == SIZE_MAX ? NULL : ksyms_at(ks, i)->name;
}

static void symbols_are_found(void **state)
{
	struct ksyms *ks = parse("ffffffff81000200 T two\n"
				 "ffffffff81000100 t one\n"
				 "ffffffffc0401000 t mod_one\t[kmtest]\n"
				 "ffffffffc0402000 d mod_data\t[kmtest]\n"
				 "ffffffff81000300 W three");
	const struct ksym *sym;

	(void)state;
	assert_int_equal(ksyms_count(ks), 5);
	assert_int_equal(ksyms_bad_lines(ks), 0);
	assert_false(ksyms_hidden(ks));
	assert_int_equal(ksyms_find(ks, 0xffffffff810000ff), SIZE_MAX);
	assert_int_equal(ksyms_find(ks, 0), SIZE_MAX);
	assert_string_equal(name_at(ks, 0xffffffff81000100), "one");
	assert_string_equal(name_at(ks, 0xffffffff810001ff), "one");
	assert_string_equal(name_at(ks, 0xffffffff81000300), "three");
	assert_string_equal(name_at(ks, UINT64_MAX), "mod_data");
	sym = ksyms_at(ks, ksyms_find(ks, 0xffffffffc0401010));
	assert_true(sym->text);
	assert_int_equal(ksyms_modules(ks), 2);
	assert_string_equal(ksyms_module_name(ks, sym->module), "kmtest");
	assert_false(ksyms_at(ks, ksyms_find(ks, UINT64_MAX))->text);
	ksyms_free(ks);
}

static void hostile_lines_are_counted(void **state)
{
	static const char *const bad[] = {
		"ffffffff81000100", "ffffffff81000100 ", "ffffffff81000100 T",
		"ffffffff81000100 T ", "ffffffff81000100  one", "T one",
		"0xffffffff81000100 T one", " ffffffff81000100 T one",
		"ffffffff810001001 T one",	/* 17 digits */
		"ffffffff81000100 TT one", "ffffffff81000100\tT one",
		"ffffffff81000100 T  one", "one", "\xff\xfe", "-1 T one",
		"ffffffff81000100 T \t[kmtest]",
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		char text[128];
		struct ksyms *ks;

		snprintf(text, sizeof(text), "%s\nffffffff81000200 T two\n", bad[i]);
		ks = parse(text);
		if (ksyms_bad_lines(ks) != 1 || ksyms_count(ks) != 1)
			fail_msg("taken for a symbol: '%s'", bad[i]);
		ksyms_free(ks);
	}
}

#define NAME_63 "_RNvXs_NtCs1kernel_3fmtNtB4_5Owner3fmtNtB4_5Owner3fmtNtB4_5Owne"
#define LONG_NAME_LESS_ONE NAME_63 NAME_63
#define LONG_NAME LONG_NAME_LESS_ONE "x"

/* The type that is printed of a long name may be any: it is a function in its place. */
static void long_names_have_a_place(void **state)
{
	static const char *const types[] = { "t", "3", "A", "U", "d", " " };
	char text[256];

	(void)state;
	assert_int_equal(strlen(LONG_NAME), 127);
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		struct ksyms *ks;

		snprintf(text, sizeof(text), "ffff0010 T a\nffff0020 %s " LONG_NAME "\n"
			 "ffff0030 T b\n", types[i]);
		ks = parse(text);
		assert_int_equal(ksyms_count(ks), 3);
		assert_string_equal(ksyms_at(ks, ksyms_find(ks, 0xffff0024))->name, LONG_NAME);
		assert_true(ksyms_at(ks, 1)->text);
		ksyms_free(ks);
	}
}

/* Symbols, but no kernel writes them so. */
static void odd_lines_are_counted(void **state)
{
	static const struct {
		const char *text;
		uint64_t odd;
	} texts[] = {
		{ "ffff0010 T a\nffff0010 t b\nffff0020 T c\nbf000000 t d\t[m]\n"
		  "bf001000 t e\t[m]\nbf000800 t f\t[m]\nbf100000 t g\t[bpf]\n", 0 },
		/* a label of an assembler, and where code begins on arm */
		{ "ffff0010 T .L14\0021\nffff0010 t $x\nffff0020 T c\n", 0 },
		{ "ffff0010 T a\xc3\nffff0020 T b\n", 1 },
		{ "ffff0010 T a\x07" "b\nffff0020 T b\n", 1 },
		{ "ffff0010 \xd4 a\nffff0020 T b\n", 1 },
		{ "ffff0010 T a\nffff002 T b\n", 1 },
		{ "ffff0020 T a\nffff0010 T b\nffff0030 T c\n", 1 },
		{ "ffff0010 T a b\nffff0020 T c\n", 1 },
		{ "ffff0010 T a\nbf000000 t d\t[m\n", 1 },
		{ "ffff0010 T a\nbf000000 t d\t[m]x\n", 1 },
		{ "ffff0010 T a\nbf000000 t d\t[m\x80]\n", 1 },
		{ "ffff0010 T a\nbf000000 t d\t[m]\nffff0020 T b\n", 1 },
		/* any type of a name of 127 bytes; no more of a shorter one */
		{ "ffff0010 T a\nffff0020 3 " LONG_NAME "\nffff0030 T c\n", 0 },
		{ "ffff0010 T a\nffff0020 \x05 " LONG_NAME "\nffff0030 T c\n", 0 },
		{ "ffff0010 T a\nffff0020 3 " LONG_NAME_LESS_ONE "\nffff0030 T c\n", 1 },
		{ "ffff0010 T a\nffff0020 3 b\nffff0030 T c\n", 1 },
		/* as compilers write names */
		{ "ffff0010 T f.llvm.1234567\nffff0020 t \"q\"$1\nffff0030 T gr\xc3\xb6\xc3\x9f" "e\n", 0 },
		/* absolute ones stay where they are when the kernel is moved */
		{ "00000000 A cpu_data\nffff0010 T a\nf0000000 A __crc_a\nffff0020 T b\n", 0 },
		/* all in disorder: it is meant */
		{ "ffff0090 T a\nffff0010 T b\nffff0080 T c\nffff0020 T d\n", 0 },
		{ "ffff0010 - a\nffff0020 ? b\nffff0030 W c\nbf000000 b d\t[m.x+y]\n"
		  "bf000000 t ftrace_trampoline\t[__builtin__ftrace]\n"
		  "bf001000 t bpf_prog_6deef7357e7b4530_f\t[bpf]\n"
		  "bf002000 t kprobe_insn_page\t[__builtin__kprobes]\n", 0 },
		/* one line of n amid those of m; such as a module of one line has */
		{ "bf000000 t d\t[m]\nbf000010 t e\t[n]\nbf000020 t f\t[m]\n", 1 },
		{ "bf000000 t d\t[m]\nbf000010 t e\t[n]\nbf000020 t f\t[o]\n", 0 },
		/* m and n were written twice, as a module was loaded meanwhile */
		{ "bf000000 t d\t[m]\nbf000010 t e\t[n]\nbf000000 t d\t[m]\n"
		  "bf000010 t e\t[n]\nbf000020 t f\t[n]\n", 0 },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct ksyms *ks = parse(texts[i].text);

		if (ksyms_odd_lines(ks) != texts[i].odd)
			fail_msg("text %zu: %llu lines", i,
				 (unsigned long long)ksyms_odd_lines(ks));
		ksyms_free(ks);
	}
}

static void hostile_texts_do_no_harm(void **state)
{
	static const char *const texts[] = {
		"", "\n", "\n\n\n", "f", "ffffffff81000100 T o\t[", "ffffffff81000100 T o [",
		"ffffffff81000100 T o\t[]", "ffffffff81000100 T o\t[a", "ffffffff81000100 T $",
		"ffffffff81000100 T o\t[\n[]\n", "0 T a\n0 T b\n", "f T a\r\nf T b\r\n",
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		/* exactly as long, so that a sanitizer sees a byte too many */
		size_t len = strlen(texts[i]);
		char *copy = malloc(len + !len);
		struct ksyms *ks;

		memcpy(copy, texts[i], len);
		ks = ksyms_parse(copy, len);
		assert_non_null(ks);
		ksyms_find(ks, 0x100);
		ksyms_free(ks);
		free(copy);
	}
}

static void nul_bytes_end_a_name(void **state)
{
	static const char text[] = "ffffffff81000100 T on\0e\nffffffff81000200 T two\n";
	struct ksyms *ks = ksyms_parse(text, sizeof(text) - 1);

	(void)state;
	assert_non_null(ks);
	assert_int_equal(ksyms_count(ks), 2);
	assert_string_equal(name_at(ks, 0xffffffff81000100), "on");
	ksyms_free(ks);
}

static void very_long_names(void **state)
{
	size_t len = 20000;
	char *text = malloc(len + 64);
	struct ksyms *ks;
	int n = snprintf(text, 64, "ffffffff81000100 T ");

	(void)state;
	memset(text + n, 'x', len);
	strcpy(text + n + len, "\t[m]\n");
	ks = parse(text);
	assert_int_equal(ksyms_count(ks), 1);
	assert_int_equal(strlen(ksyms_at(ks, 0)->name), len);
	assert_int_equal(ksyms_at(ks, 0)->module, 1);
	ksyms_free(ks);
	free(text);
}

/* Read without privilege (D5). */
static void d5_zero_addresses_are_hidden(void **state)
{
	struct ksyms *ks = parse("0000000000000000 T _stext\n0000000000000000 T one\n");

	(void)state;
	assert_true(ksyms_hidden(ks));
	ksyms_free(ks);
	/* per-CPU symbols and absolute ones lie at zero on any machine */
	ks = parse("0000000000000000 A fixed_percpu_data\nffffffff81000000 T _stext\n");
	assert_false(ksyms_hidden(ks));
	assert_int_equal(ksyms_count(ks), 1);
	ksyms_free(ks);
	ks = parse("");
	assert_false(ksyms_hidden(ks));
	ksyms_free(ks);
}

/* arm, arm64: where code and data begin, at the addresses of functions (E15) */
static void e15_mapping_symbols_are_no_functions(void **state)
{
	struct ksyms *ks = parse("ffff800008010000 T one\n"
				 "ffff800008010000 t $x\n"
				 "ffff800008010040 t $d\n"
				 "ffff800008010050 t $x.12\n"
				 "ffff800008010060 t $a\n"
				 "ffff800008010070 t $t.3\n"
				 "ffff800008010080 t $dollar\n"
				 "ffff800008010100 T two\n"
				 "ffff800008010100 t $x\t[kmtest]\n");

	(void)state;
	assert_int_equal(ksyms_count(ks), 3);
	assert_int_equal(ksyms_bad_lines(ks), 0);
	assert_string_equal(name_at(ks, 0xffff800008010044), "one");
	assert_string_equal(name_at(ks, 0xffff800008010090), "$dollar");
	assert_string_equal(name_at(ks, 0xffff800008010104), "two");
	ksyms_free(ks);
}

/*
 * riscv: modules keep the labels of their compiler, since the linker moves code: at the
 * address of a function and everywhere in it
 */
static void e15_labels_of_riscv_are_no_functions(void **state)
{
	struct ksyms *ks = parse("ffffffff80010000 T one\n"
				 "ffffffff02581000 t $xrv64i2p1_m2p0_zmmul1p0\t[kmtest]\n"
				 "ffffffff02581000 t do_leak\t[kmtest]\n"
				 "ffffffff02581000 t .L0 \t[kmtest]\n"
				 "ffffffff02581008 t .LVL100\t[kmtest]\n"
				 "ffffffff0258100a t .LBB5\t[kmtest]\n"
				 "ffffffff0258100c t .L14\0021\t[kmtest]\n"
				 "ffffffff0258100e t L0\001\t[kmtest]\n"
				 "ffffffff02581010 t Lock\t[kmtest]\n"
				 "ffffffff02581020 t $xray\t[kmtest]\n"
				 "ffffffff02581030 T .part\t[kmtest]\n");

	(void)state;
	assert_int_equal(ksyms_count(ks), 5);
	assert_int_equal(ksyms_bad_lines(ks), 0);
	assert_string_equal(name_at(ks, 0xffffffff02581000), "do_leak");
	assert_string_equal(name_at(ks, 0xffffffff0258100f), "do_leak");
	assert_string_equal(name_at(ks, 0xffffffff02581011), "Lock");
	assert_string_equal(name_at(ks, 0xffffffff02581021), "$xray");
	ksyms_free(ks);
}

/* Of several names the one that people know, in whatever order they come. */
static void aliases(void **state)
{
	static const struct {
		const char *a, *b, *best;
	} cases[] = {
		{ "T _stext", "T startup", "startup" },
		{ "T __irqentry_text_start", "T asm_entry", "asm_entry" },
		{ "T __kmalloc", "T kmalloc_x", "kmalloc_x" },
		{ "d table", "t function", "function" },
		{ "t init_module\t[m]", "t m_init\t[m]", "m_init" },
		{ "t cleanup_module\t[m]", "t m_exit\t[m]", "m_exit" },
	};
	size_t i;
	int order;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		for (order = 0; order < 2; order++) {
			char text[256];
			struct ksyms *ks;

			snprintf(text, sizeof(text), "ffffffff81000000 %s\nffffffff81000000 %s\n",
				 order ? cases[i].a : cases[i].b,
				 order ? cases[i].b : cases[i].a);
			ks = parse(text);
			assert_string_equal(name_at(ks, 0xffffffff81000010), cases[i].best);
			ksyms_free(ks);
		}
	}
}

static void init_module_marks_its_aliases(void **state)
{
	struct ksyms *ks = parse("ffffffffc0401000 t m_init\t[m]\n"
				 "ffffffffc0401000 t init_module\t[m]\n"
				 "ffffffffc0401080 t m_do\t[m]\n"
				 "ffffffff81000000 T init_module\n");
	size_t i;

	(void)state;
	for (i = 0; i < ksyms_count(ks); i++)
		assert_int_equal(ksyms_at(ks, i)->init_module,
				 ksyms_at(ks, i)->addr == 0xffffffffc0401000);
	ksyms_free(ks);
}

/* What the kernel made itself is its own, whatever stands in brackets. */
static void tags_that_are_no_modules(void **state)
{
	struct ksyms *ks = parse("ffffffffc0001000 t bpf_prog_6deef7357e7b4530\t[bpf]\n"
				 "ffffffffc0002000 t ftrace_trampoline\t[__builtin__ftrace]\n"
				 "ffffffffc0003000 t kprobe_insn_page\t[__builtin__kprobes]\n"
				 "ffffffffc0004000 t f\t[bpfilter]\n");

	(void)state;
	assert_int_equal(ksyms_modules(ks), 2);
	assert_string_equal(ksyms_module_name(ks, 1), "bpfilter");
	assert_int_equal(ksyms_at(ks, 0)->module, 0);
	assert_int_equal(ksyms_at(ks, 2)->module, 0);
	ksyms_free(ks);
}

static void core_text_and_entry_sections(void **state)
{
	struct ksyms *ks = parse("ffffffff81000000 T _text\n"
				 "ffffffff81000100 T _stext\n"
				 "ffffffff81002000 T __irqentry_text_start\n"
				 "ffffffff81002000 T asm_x\n"
				 "ffffffff81003000 T __irqentry_text_end\n"
				 "ffffffff81008000 T _etext\n"
				 "ffffffffc0401000 t _etext\t[m]\n");
	uint64_t start, end;

	(void)state;
	assert_true(ksyms_core_text(ks, &start, &end));
	assert_int_equal(start, 0xffffffff81000100);
	assert_int_equal(end, 0xffffffff81008000);
	/* return addresses: one behind the call */
	assert_false(ksyms_entry_text(ks, 0xffffffff81002000));
	assert_true(ksyms_entry_text(ks, 0xffffffff81002001));
	assert_true(ksyms_entry_text(ks, 0xffffffff81003000));
	assert_false(ksyms_entry_text(ks, 0xffffffff81003001));
	ksyms_free(ks);
	ks = parse("ffffffff81000000 T _stext\n");
	assert_false(ksyms_core_text(ks, &start, &end));
	ksyms_free(ks);
}

/* One mark of two: no section, not all of the kernel's text (A6) */
static void a6_entry_section_needs_both_marks(void **state)
{
	struct ksyms *ks = parse("ffffffff81000000 T _stext\n"
				 "ffffffff81003000 T __softirqentry_text_end\n"
				 "ffffffff81004000 T __irqentry_text_start\n"
				 "ffffffff81008000 T _etext\n");

	(void)state;
	assert_false(ksyms_entry_text(ks, 0xffffffff81000010));
	assert_false(ksyms_entry_text(ks, 0xffffffff81002ff0));
	assert_false(ksyms_entry_text(ks, 0xffffffff81005000));
	ksyms_free(ks);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(symbols_are_found),
		cmocka_unit_test(hostile_lines_are_counted),
		cmocka_unit_test(odd_lines_are_counted),
		cmocka_unit_test(long_names_have_a_place),
		cmocka_unit_test(hostile_texts_do_no_harm),
		cmocka_unit_test(nul_bytes_end_a_name),
		cmocka_unit_test(very_long_names),
		cmocka_unit_test(d5_zero_addresses_are_hidden),
		cmocka_unit_test(e15_mapping_symbols_are_no_functions),
		cmocka_unit_test(e15_labels_of_riscv_are_no_functions),
		cmocka_unit_test(aliases),
		cmocka_unit_test(init_module_marks_its_aliases),
		cmocka_unit_test(tags_that_are_no_modules),
		cmocka_unit_test(core_text_and_entry_sections),
		cmocka_unit_test(a6_entry_section_needs_both_marks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
