// SPDX-License-Identifier: GPL-2.0-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <elf.h>
#include <stdlib.h>
#include <string.h>

#include "arena.h"
#include "callsite.h"
#include "elf_fixture.h"
#include "elffile.h"
#include "elfsyms.h"
#include "error.h"
#include "linefind.h"

#define N(array) (sizeof(array) / sizeof((array)[0]))

static const uint8_t code[64] = {
	[0] = 0x55, [8] = 0xe8,			/* call, ends at 13 */
	[20] = 0xff, [21] = 0xd0,		/* call *%rax, ends at 22 */
};

static const struct fixture_section sections[] = {
	{ ".text", SHT_PROGBITS, SHF_ALLOC | SHF_EXECINSTR, 0, 16, code, sizeof(code) },
	{ ".data", SHT_PROGBITS, SHF_ALLOC | SHF_WRITE, 0, 8, NULL, 64 },
	{ ".debug_info", SHT_PROGBITS, 0, 0, 1, "\xff\xff\xff\xff nothing that is DWARF", 26 },
};

static const struct fixture_symbol symbols[] = {
	{ "second", 0, 32, 32, STT_FUNC },
	{ "first", 0, 0, 32, STT_FUNC },
	{ "a_value", 1, 8, 4, STT_OBJECT },
	{ "first", 0, 48, 16, STT_FUNC },
	{ "$x", 0, 0, 0, STT_NOTYPE },
	{ "thefile.c", 0, 0, 0, STT_FILE },
};

static struct elffile *make(size_t n_sections, bool is32, bool big_endian)
{
	const struct elf_fixture f = {
		.type = ET_REL, .machine = is32 ? EM_ARM : EM_X86_64, .is32 = is32,
		.big_endian = big_endian, .sections = sections, .n_sections = n_sections,
		.symbols = symbols, .n_symbols = N(symbols),
	};
	struct error err = { "" };
	size_t len;
	uint8_t *data = elf_fixture_make(&f, &len);
	struct elffile *ef = elffile_memory("x.ko", data, len, &err);

	free(data);
	assert_non_null(ef);
	return ef;
}

static void symbols_by_name(void **state)
{
	struct error err = { "" };

	(void)state;
	for (int form = 0; form < 4; form++) {
		struct elffile *ef = make(2, form & 1, form & 2);
		struct elfsyms *es = elfsyms_new(ef, &err);
		size_t i;

		assert_non_null(es);
		assert_int_equal(elfsyms_count(es), 4);
		i = elfsyms_find(es, "first");
		assert_int_equal(elfsyms_at(es, i)->value, 0);
		assert_int_equal(elfsyms_at(es, i)->size, 32);
		assert_true(elfsyms_at(es, i)->text);
		assert_string_equal(elfsyms_at(es, i + 1)->name, "first");
		assert_int_equal(elfsyms_at(es, i + 1)->value, 48);
		i = elfsyms_find(es, "a_value");
		assert_false(elfsyms_at(es, i)->text);
		assert_int_equal(elfsyms_at(es, i)->section, 2);
		assert_int_equal(elfsyms_find(es, "third"), 4);
		assert_int_equal(elfsyms_find(es, "$x"), 4);
		elfsyms_free(es);
		elffile_close(ef);
	}
}

static void stripped(void **state)
{
	const struct elf_fixture f = {
		.type = ET_REL, .machine = EM_X86_64, .sections = sections, .n_sections = 1,
	};
	struct error err = { "" };
	struct elffile *ef;
	uint8_t *data;
	size_t len;

	(void)state;
	data = elf_fixture_make(&f, &len);
	ef = elffile_memory("x.ko", data, len, &err);
	assert_non_null(ef);
	assert_null(elfsyms_new(ef, &err));
	assert_non_null(strstr(err.text, "x.ko: has no symbol table"));
	elffile_close(ef);
	free(data);
}

static void calls(void **state)
{
	struct elffile *ef = make(2, false, false);

	(void)state;
	assert_int_equal(callsite_check(ef, 1, 13), CALLSITE_YES);
	assert_int_equal(callsite_check(ef, 1, 22), CALLSITE_YES);
	assert_int_equal(callsite_check(ef, 1, 14), CALLSITE_NO);
	assert_int_equal(callsite_check(ef, 1, 0), CALLSITE_NO);
	assert_int_equal(callsite_check(ef, 1, 64), CALLSITE_NO);
	assert_int_equal(callsite_check(ef, 1, 65), CALLSITE_NO);
	assert_int_equal(callsite_check(ef, 1, UINT64_MAX), CALLSITE_NO);
	assert_int_equal(callsite_check(ef, 100, 13), CALLSITE_NO);
	elffile_close(ef);
}

static void no_debug_info(void **state)
{
	const struct line_query query = { .section = 1, .value = 12 };
	struct line_answer answer;
	struct error err = { "" };
	struct arena *arena = arena_new();
	struct elffile *ef = make(2, false, false);

	(void)state;
	assert_false(linefind_possible(ef));
	assert_int_not_equal(linefind(ef, &query, &answer, 1, arena, &err), 0);
	assert_string_equal(err.text, "x.ko: has no debug info");
	elffile_close(ef);

	ef = make(3, false, false);
	assert_true(linefind_possible(ef));
	linefind(ef, &query, &answer, 1, arena, &err);
	assert_int_equal(answer.n, 0);
	elffile_close(ef);
	arena_free(arena);
}

/*
 * A file made from a module by changing bytes, on which elfutils 0.188 crashes: we
 * live on, and what it answered before is kept.
 */
static void libdw_crashes(void **state)
{
	struct error err = { "" };
	struct elffile *ef = elffile_open("testdata/fuzz/elf/damaged-debug", &err);
	struct line_query queries[16] = { { 0 } };
	struct line_answer answers[16];
	struct arena *arena = arena_new();
	struct elfsyms *es;
	size_t n = 0;
	int ret;

	(void)state;
	assert_non_null(ef);
	es = elfsyms_new(ef, &err);
	assert_non_null(es);
	for (size_t i = 0; i < elfsyms_count(es) && n < 16; i++) {
		const struct elf_symbol *s = elfsyms_at(es, i);

		if (s->text)
			queries[n++] = (struct line_query){ s->section, s->value + s->size / 2 };
	}
	ret = linefind(ef, queries, answers, n, arena, &err);
	if (ret)
		assert_non_null(strstr(err.text, "damaged-debug: "));
	elfsyms_free(es);
	elffile_close(ef);
	arena_free(arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(symbols_by_name),
		cmocka_unit_test(stripped),
		cmocka_unit_test(calls),
		cmocka_unit_test(no_debug_info),
		cmocka_unit_test(libdw_crashes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
