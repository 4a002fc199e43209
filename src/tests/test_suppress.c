// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * test_suppress.c - rules that say what is known, and the files they stand in
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "error.h"
#include "verdict/rulefile.h"
#include "suppress.h"

#define N(array) (sizeof(array) / sizeof((array)[0]))
#define TODAY "2026-06-15"

static struct suppressions rules;
static struct error err;

static int add(const char *line)
{
	char text[512];

	snprintf(text, sizeof(text), "%s", line);
	err.text[0] = '\0';
	return suppress_add(&rules, text, "rules:7", TODAY, &err);
}

static int forget(void **state)
{
	(void)state;
	suppress_free(&rules);
	return 0;
}

static struct suppression *site(const char *module, const char *function,
				int kind, const char *via)
{
	struct suppress_what what = {
		.module = module, .function = function, .site = true,
		.kind = kind, .via = via,
	};

	return suppress_find(&rules, &what);
}

static struct suppression *whole(const char *module)
{
	struct suppress_what what = { .module = module, .kind = -1 };

	return suppress_find(&rules, &what);
}

static void all_of_a_rule(void **state)
{
	const struct suppression *rule;

	(void)state;
	assert_int_equal(add("suppress \t kmtest:family_*  kind=slab via=kmal* until=2026-06-15  reason= bug #42: freed later "), 0);
	rule = &rules.rule[0];
	assert_string_equal(rule->module, "kmtest");
	assert_string_equal(rule->function, "family_*");
	assert_string_equal(rule->via, "kmal*");
	assert_int_equal(rule->kind, KIND_SLAB);
	assert_string_equal(rule->until, "2026-06-15");
	assert_string_equal(rule->reason, "bug #42: freed later ");
	assert_string_equal(rule->where, "rules:7");

	assert_null(site("kmtest", "other", KIND_SLAB, "kmalloc"));
	assert_null(site("other", "family_a", KIND_SLAB, "kmalloc"));
	assert_null(site("kmtest", "family_a", KIND_PAGES, "kmalloc"));
	assert_null(site("kmtest", "family_a", KIND_SLAB, "vmalloc"));
	assert_null(site("kmtest", "family_a", KIND_SLAB, NULL));
	assert_null(site("kmtest", NULL, KIND_SLAB, "kmalloc"));
	assert_null(whole("kmtest"));
	assert_int_equal(rule->used, 0);
	assert_ptr_equal(site("kmtest", "family_a.part.0", KIND_SLAB, "kmalloc_noprof"), rule);
	assert_int_equal(rule->used, 1);
}

static void whole_modules(void **state)
{
	(void)state;
	assert_int_equal(add("suppress snd-* reason=sound"), 0);
	assert_non_null(whole("snd_pcm"));
	assert_non_null(site("snd_pcm", "f", KIND_SLAB, "kmalloc"));
	assert_non_null(site("snd_pcm", NULL, -1, NULL));
	assert_null(whole("kmtest"));
	/* a kind is one of places: the module holds others too */
	assert_int_equal(add("suppress kmtest kind=dma reason=x"), 0);
	assert_null(whole("kmtest"));
	assert_non_null(site("kmtest", "f", KIND_DMA, "dma_alloc_coherent"));
}

static void kernel_only_by_name(void **state)
{
	(void)state;
	assert_int_equal(add("suppress * reason=all modules"), 0);
	assert_non_null(whole("kmtest"));
	assert_null(whole("[kernel]"));
	assert_null(whole("[unknown]"));
	assert_int_equal(add("suppress [kernel]:alloc_inode reason=x"), 0);
	assert_non_null(site("[kernel]", "alloc_inode", KIND_SLAB, "kmem_cache_alloc"));
	assert_null(site("[kernel]", "other", KIND_SLAB, "kmem_cache_alloc"));
	/* brackets of a pattern still work */
	assert_true(suppress_module_fits("km[st]est", "kmtest"));
	assert_false(suppress_module_fits("[kernel]", "k"));
}

static void functions(void **state)
{
	static const struct {
		const char *pattern, *function;
		bool fits;
	} cases[] = {
		{ "probe", "probe", true },
		{ "probe", "probe.isra.0", true },
		{ "probe.isra.0", "probe.constprop.3", true },
		{ "probe", "probe_noprof", true },
		{ "probe", "probe.cold", true },
		{ "probe", "probes", false },
		{ "pro*", "probes", true },
		{ "probe*", "reprobe", false },
		{ "?", NULL, true },
		{ "*", NULL, true },
		{ "probe", NULL, false },
	};

	(void)state;
	for (size_t i = 0; i < N(cases); i++)
		if (suppress_function_fits(cases[i].pattern, cases[i].function) !=
		    cases[i].fits)
			fail_msg("%s and %s", cases[i].pattern,
				 cases[i].function ? cases[i].function : "no symbol");
}

static void faults(void **state)
{
	static const struct {
		const char *line, *says;
		int code;
	} cases[] = {
		{ "suppress", "no module", -EINVAL },
		{ "suppress kmtest", "no reason for 'kmtest'", -EINVAL },
		{ "suppress kmtest reason=", "no reason", -EINVAL },
		{ "suppress kmtest reason=   ", "no reason", -EINVAL },
		{ "suppress kmtest: reason=x", "no function", -EINVAL },
		{ "suppress :f reason=x", "no module", -EINVAL },
		{ "suppress kmtest kind=slob reason=x", "no kind 'slob'", -EINVAL },
		{ "suppress kmtest via= reason=x", "'via='", -EINVAL },
		{ "suppress kmtest soon reason=x", "'soon'", -EINVAL },
		{ "suppress kmtest until=tomorrow reason=x", "YYYY-MM-DD: 'tomorrow'", -EINVAL },
		{ "suppress kmtest until=2026-02-29 reason=x", "'2026-02-29'", -EINVAL },
		{ "suppress kmtest until=2026-13-01 reason=x", "'2026-13-01'", -EINVAL },
		{ "suppress kmtest until=2026-1-01 reason=x", "'2026-1-01'", -EINVAL },
		{ "suppress kmtest until=2026-11-011 reason=x", "'2026-11-011'", -EINVAL },
		{ "suppress kmtest:f until=2026-06-14 reason=bug 42",
		  "suppression of kmtest:f expired on 2026-06-14 (bug 42)", -ETIME },
	};

	(void)state;
	for (size_t i = 0; i < N(cases); i++) {
		int ret = add(cases[i].line);

		if (ret != cases[i].code || !strstr(err.text, cases[i].says) ||
		    strncmp(err.text, "rules:7: ", 9))
			fail_msg("%s: %d, %s", cases[i].line, ret, err.text);
	}
	assert_int_equal(rules.n, 0);
	assert_int_equal(add("suppress kmtest until=2028-02-29 reason=x"), 0);
	assert_int_equal(rules.n, 1);
}

static int read_text(const char *text, size_t len)
{
	char path[] = "/tmp/test_suppress.XXXXXX";
	int fd = mkstemp(path), ret;
	FILE *file = fdopen(fd, "w");

	assert_int_equal(fwrite(text, 1, len, file), len);
	fclose(file);
	err.text[0] = '\0';
	ret = suppress_read(&rules, path, TODAY, &err);
	remove(path);
	return ret;
}

static void files(void **state)
{
	static const char good[] =
		"# all of this is known\n\n"
		"  \t\r\n"
		"suppress a reason=one # two\r\n"
		"\tsuppress b reason=no line feed behind it";
	static const char nul[] = "suppress a\0 reason=x\n";
	char *lengthy;

	(void)state;
	assert_int_equal(read_text(good, sizeof(good) - 1), 0);
	assert_int_equal(rules.n, 2);
	assert_string_equal(rules.rule[0].reason, "one # two");
	assert_non_null(strstr(rules.rule[1].where, ":5"));
	assert_int_equal(read_text("", 0), 0);

	assert_int_equal(read_text("live>+5%\n", 9), -EINVAL);
	assert_non_null(strstr(err.text, ":1: not understood: 'live>+5%'"));
	assert_int_equal(read_text("suppressed a reason=x\n", 22), -EINVAL);
	assert_int_equal(read_text(nul, sizeof(nul) - 1), -EINVAL);
	assert_non_null(strstr(err.text, "NUL"));

	lengthy = malloc(2 * RULEFILE_LINE_MAX);
	memset(lengthy, 'x', 2 * RULEFILE_LINE_MAX);
	assert_int_equal(read_text(lengthy, 2 * RULEFILE_LINE_MAX), -E2BIG);
	memset(lengthy, '\n', 2 * RULEFILE_LINE_MAX);
	assert_int_equal(read_text(lengthy, 2 * RULEFILE_LINE_MAX), 0);
	free(lengthy);

	assert_int_equal(suppress_read(&rules, "/no/such", TODAY, &err), -ENOENT);
	assert_non_null(strstr(err.text, "cannot open /no/such"));
	assert_int_equal(suppress_read(&rules, "/tmp", TODAY, &err), -EISDIR);
}

static void today(void **state)
{
	char buf[11];

	(void)state;
	assert_int_equal(strlen(suppress_today(buf)), 10);
	assert_true(strcmp(buf, "2026-01-01") > 0 && strcmp(buf, "9999-12-31") < 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(all_of_a_rule, forget),
		cmocka_unit_test_teardown(whole_modules, forget),
		cmocka_unit_test_teardown(kernel_only_by_name, forget),
		cmocka_unit_test_teardown(functions, forget),
		cmocka_unit_test_teardown(faults, forget),
		cmocka_unit_test_teardown(files, forget),
		cmocka_unit_test(today),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
