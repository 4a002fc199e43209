// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * test_narrow.c - what --own keeps, by the filter as a kernel evaluates it
 */
#include <errno.h>
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "error.h"
#include "memstream.h"
#include "narrow.h"

/* ---- the kernel's side (kernel/trace/trace_events_filter.c, predicate_parse()) -------- */

static bool any_of(const char **at, uint64_t call_site);

static bool term(const char **at, uint64_t call_site)
{
	static const char field[] = "call_site";
	bool less, value;
	char *end;

	if (**at == '(') {
		++*at;
		value = any_of(at, call_site);
		assert_int_equal(**at, ')');
		++*at;
		return value;
	}
	assert_memory_equal(*at, field, strlen(field));
	*at += strlen(field);
	less = **at == '<';
	*at += less ? 1 : 2;
	value = less ? call_site < strtoull(*at, &end, 0) : call_site >= strtoull(*at, &end, 0);
	assert_true(end > *at + 2);
	*at = end;
	return value;
}

static bool all_of(const char **at, uint64_t call_site)
{
	bool value = term(at, call_site);

	while (!strncmp(*at, "&&", 2)) {
		*at += 2;
		value &= term(at, call_site);
	}
	return value;
}

static bool any_of(const char **at, uint64_t call_site)
{
	bool value = all_of(at, call_site);

	while (!strncmp(*at, "||", 2)) {
		*at += 2;
		value |= all_of(at, call_site);
	}
	return value;
}

static bool keeps(const char *filter, uint64_t call_site)
{
	bool value = any_of(&filter, call_site);

	assert_int_equal(*filter, '\0');
	return value;
}

/* ---- tests ---------------------------------------------------------------------------- */

static void own(void **state)
{
	/* KERNEL is where its code lies, MODULE where modules do: x86-64, arm64, arm */
	static const struct {
		const char *kernel, *module;
		uint64_t text, modules;
	} machines[] = {
		{ "ffffffff81", "ffffffffc0", 0xffffffff81000000, 0xffffffffc0000000 },
		{ "ffffa00010", "ffffa00001", 0xffffa00010000000, 0xffffa00001000000 },
		{ "c1", "bf", 0xc1000000, 0xbf000000 },
	};
	static const struct {
		uint32_t offset;
		bool kept;
	} sites[] = {
		{ 0x0, false },		/* _stext */
		{ 0x123, false },	/* before the first */
		{ 0x1000, true },	/* kmemdup */
		{ 0x1084, true },	/* ... behind data in it */
		{ 0x10ff, true },
		{ 0x1100, false },	/* schedule */
		{ 0x1204, true },	/* __kmalloc_noprof, who calls it is not told */
		{ 0x2008, false },	/* alloc_netdev_mqs: induced */
		{ 0x3010, true },	/* devm_kmalloc */
		{ 0x3300, false },
		{ 0x4001, true },	/* a return probe's */
		{ 0x5001, true },	/* the last one ends with the text */
		{ 0x6000, true },	/* _etext: no code of the kernel's that takes memory */
	};
	char kallsyms[2048], text[1024];
	struct narrow_range all, ranges[8];
	struct error err;

	(void)state;
	for (size_t i = 0; i < sizeof(machines) / sizeof(machines[0]); i++) {
		const char *k = machines[i].kernel;

		snprintf(kallsyms, sizeof(kallsyms),
			 "0000000000000000 A kmalloc_percpu\n"
			 "%s000000 T _text\n%s000000 T _stext\n%s001000 T kmemdup\n"
			 "%s001000 t $x.1\n%s001080 t $d.2\n%s001100 T schedule\n"
			 "%s001200 T __kmalloc_noprof\n%s001300 t other\n"
			 "%s002000 T alloc_netdev_mqs\n%s003000 T devm_kmalloc\n%s003300 T x\n"
			 "%s004000 T arch_rethook_trampoline\n%s004100 T y\n"
			 "%s005000 T kvmalloc_node\n%s006000 D _etext\n%s007000 d kstrdup_data\n"
			 "%s008000 T kstrdup\n%s000000 t kmalloc_it\t[kmtest]\n",
			 k, k, k, k, k, k, k, k, k, k, k, k, k, k, k, k, k, machines[i].module);
		assert_int_equal(narrow_own_ranges(kallsyms, &all, ranges, 8, &err), 5);
		assert_int_equal(all.start, machines[i].text);
		assert_int_equal(all.end, machines[i].text + 0x6000);
		assert_int_equal(narrow_filter(&all, ranges, 5, text, sizeof(text)), 0);
		for (size_t j = 0; j < sizeof(sites) / sizeof(sites[0]); j++)
			if (keeps(text, machines[i].text + sites[j].offset) != sites[j].kept)
				fail_msg("%s+%#x: %s", k, sites[j].offset, text);
		assert_true(keeps(text, machines[i].modules));
		assert_true(keeps(text, machines[i].modules + 0x123456));
	}
	/* without privilege, or of a kernel whose text nobody knows */
	assert_int_equal(narrow_own_ranges("0000000000000000 T _stext\n0000000000000000 T _etext\n",
					   &all, ranges, 8, &err), -ENOENT);
	assert_int_equal(narrow_own_ranges("ffffffff81000000 T _stext\n", &all, ranges, 8, &err),
			 -ENOENT);
	assert_int_equal(narrow_own_ranges(NULL, &all, ranges, 8, &err), -ENOENT);
	/* a kernel that allocates nothing for anybody */
	assert_int_equal(narrow_own_ranges("ffffffff81000000 T _stext\nffffffff81900000 T _etext\n",
					   &all, ranges, 8, &err), 0);
	assert_int_equal(narrow_filter(&all, ranges, 0, text, sizeof(text)), 0);
	assert_false(keeps(text, 0xffffffff81000000));
	assert_true(keeps(text, 0xffffffff81900000));
}

/* As many as there are in a kernel: the closest are joined, nothing is left out. */
static void many(void **state)
{
	struct narrow_range all, ranges[44];
	static char filter[4000];
	size_t len = 0, kept = 0;
	char *kallsyms = NULL;
	struct error err;
	FILE *out = open_memstream(&kallsyms, &len);
	int n;

	(void)state;
	assert_non_null(out);
	fprintf(out, "ffffffff81000000 T _stext\n");
	for (unsigned int i = 0; i < 300; i++)
		fprintf(out, "%" PRIx64 " T kmalloc_%u\n%" PRIx64 " T other_%u\n",
			UINT64_C(0xffffffff81001000) + i * i * 64, i,
			UINT64_C(0xffffffff81001020) + i * i * 64, i);
	fprintf(out, "ffffffff82000000 T _etext\n");
	assert_int_equal(memstream_close(out, &kallsyms), 0);
	n = narrow_own_ranges(kallsyms, &all, ranges, 44, &err);
	free(kallsyms);
	assert_in_range(n, 20, 44);
	assert_int_equal(narrow_filter(&all, ranges, (size_t)n, filter, sizeof(filter)), 0);
	for (unsigned int i = 0; i < 300; i++) {
		uint64_t at = UINT64_C(0xffffffff81001000) + i * i * 64;

		assert_true(keeps(filter, at));
		assert_true(keeps(filter, at + 31));
		kept += keeps(filter, at + 32);
	}
	assert_in_range(kept, 1, 290);
	assert_int_equal(narrow_filter(&all, ranges, (size_t)n, filter, 200), -E2BIG);
	assert_int_equal(narrow_filter(&all, ranges, (size_t)n, filter, strlen(filter)), -E2BIG);
}

static void pages(void **state)
{
	(void)state;
	assert_string_equal(narrow_pages("6.12.1-amd64"), "migratetype!=1");
	assert_string_equal(narrow_pages("4.4.0"), "migratetype!=1");
	assert_string_equal(narrow_pages("4.3.9"), "migratetype!=2");
	assert_string_equal(narrow_pages("3.16.0-4-amd64"), "migratetype!=2");
	assert_string_equal(narrow_pages(""), "migratetype!=1");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(own),
		cmocka_unit_test(many),
		cmocka_unit_test(pages),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
