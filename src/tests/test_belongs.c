// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * test_belongs.c - each recording takes its own kallsyms and no other boot's
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "pipeline/belongs.h"
#include "error.h"
#include "ksyms.h"
#include "readfile.h"
#include "source.h"

/* All of other boots, some of other builds and machines. */
static const char *const recordings[] = {
	"x86_64-5.10-freed", "x86_64-5.10-held", "x86_64-6.1-freed", "x86_64-6.1-held",
	"x86_64-6.1-instance", "x86_64-6.1-reload", "x86_64-6.1-v6", "x86_64-6.1-nostack",
	"x86_64-6.12-held", "x86_64-6.12-reload", "x86_64-6.12-workload",
	"x86_64-6.12-tscclock", "x86_64-sid-freed", "x86_64-sid-reload", "arm64-6.12-held",
	"arm64-16k-6.12-held", "armhf-6.1-lpae-held", "ppc64el-6.1-held", "s390x-6.1-held",
};

#define N (sizeof(recordings) / sizeof(recordings[0]))

static struct {
	struct source *src;
	struct ksyms *ks;
} r[N];

/* Lines of the recording's kallsyms that have @with in them, or have not. */
static struct ksyms *part(size_t i, const char *with, bool has)
{
	const struct source_info *info = source_info(r[i].src);
	const char *p = info->kallsyms, *end = p + info->kallsyms_len, *eol;
	struct ksyms *ks;
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	assert_non_null(out);
	for (; p < end; p = eol + 1) {
		eol = memchr(p, '\n', (size_t)(end - p));
		if (!eol)
			break;
		if ((memmem(p, (size_t)(eol - p), with, strlen(with)) != NULL) == has)
			fwrite(p, 1, (size_t)(eol + 1 - p), out);
	}
	assert_int_equal(fclose(out), 0);
	ks = ksyms_parse(text, len);
	assert_non_null(ks);
	free(text);
	return ks;
}

static int open_all(void **state)
{
	(void)state;
	for (size_t i = 0; i < N; i++) {
		struct error err = { "" };
		char path[128];

		snprintf(path, sizeof(path), "testdata/%s/trace.dat", recordings[i]);
		r[i].src = source_open(path, &err);
		if (!r[i].src)
			fail_msg("%s", err.text);
		r[i].ks = part(i, "", true);
		assert_true(ksyms_count(r[i].ks) > 0);
	}
	return 0;
}

static int close_all(void **state)
{
	(void)state;
	for (size_t i = 0; i < N; i++) {
		ksyms_free(r[i].ks);
		source_close(r[i].src);
	}
	return 0;
}

static bool says_so(const struct error *err)
{
	return strstr(err->text, "does not belong to this recording") &&
	       strstr(err->text, "another boot or machine") && strstr(err->text, "kallsyms");
}

static void matrix(bool with_own)
{
	for (size_t i = 0; i < N; i++)
		for (size_t j = 0; j < N; j++) {
			struct error err = { "" };
			int ret = belongs_kallsyms(with_own ? r[i].ks : NULL, r[j].ks, r[i].src,
						   "FILE", &err);

			if ((i == j) != !ret || (ret && !says_so(&err)))
				fail_msg("%s, given that of %s: %s\n", recordings[i],
					 recordings[j], ret ? err.text : "taken");
		}
}

static void own_symbols(void **state)
{
	(void)state;
	matrix(true);
}

/* Only return addresses can tell. */
static void no_symbols(void **state)
{
	(void)state;
	matrix(false);
}

/* Only the modules, only the kernel, only one module of it. */
static void parts(void **state)
{
	static const struct {
		const char *with;
		bool has;
	} what[] = { { "[", true }, { "[", false }, { "[kmtest]", true } };

	(void)state;
	for (size_t w = 0; w < sizeof(what) / sizeof(what[0]); w++) {
		struct ksyms *given[N], *rest;
		struct error err = { "" };

		for (size_t j = 0; j < N; j++)
			given[j] = part(j, what[w].with, what[w].has);
		for (size_t i = 0; i < N; i++) {
			/* its own, and a third of the others (all would take 20 s) */
			for (size_t j = i % 3; j < N; j += 3) {
				int ret = 0;

				if (ksyms_count(given[j]))
					ret = belongs_kallsyms(r[i].ks, given[j], r[i].src, "FILE",
							       &err);
				if ((i == j || !ksyms_count(given[j])) != !ret)
					fail_msg("%s, given %s of %s: %s", recordings[i],
						 what[w].with, recordings[j],
						 ret ? err.text : "taken");
			}
			/* what the recording has none of itself */
			rest = part(i, what[w].with, !what[w].has);
			if (belongs_kallsyms(rest, given[i], r[i].src, "FILE", &err))
				fail_msg("%s, given its own %s: %s", recordings[i], what[w].with,
					 err.text);
			ksyms_free(rest);
		}
		for (size_t j = 0; j < N; j++)
			ksyms_free(given[j]);
	}
}

/* Lists of modules beside the recordings, by whose boot they are. */
static void module_lists(void **state)
{
	(void)state;
	for (size_t i = 0; i < N; i++)
		for (size_t j = 0; j < N; j++) {
			struct error err = { "" };
			char path[128], *text;
			size_t len;
			int ret;

			snprintf(path, sizeof(path), "testdata/%s/modules", recordings[j]);
			text = readfile(path, READFILE_MAX, "list", &len, &err);
			assert_non_null(text);
			ret = belongs_modules(r[i].ks, text, len, r[i].src, "FILE", &err);
			if ((i == j) != !ret)
				fail_msg("%s, given the modules of %s: %s", recordings[i],
					 recordings[j], ret ? err.text : "taken");
			free(text);
		}
}

static struct ksyms *alike(uint64_t start)
{
	struct ksyms *ks;
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	assert_non_null(out);
	for (uint64_t i = 0; i < 200000; i++)
		fprintf(out, "%016llx t same\n", (unsigned long long)(start + 32 * i));
	assert_int_equal(fclose(out), 0);
	ks = ksyms_parse(text, len);
	assert_non_null(ks);
	free(text);
	return ks;
}

/* Tables of one name, 200000 times each: an answer, and in less than 20 s of the processor. */
static void one_name(void **state)
{
	struct ksyms *own = alike(UINT64_C(0xffffffff81000000));
	struct ksyms *file = alike(UINT64_C(0xffffffff91000010));
	struct error err = { "" };
	clock_t before = clock();

	(void)state;
	assert_true(belongs_kallsyms(own, file, r[0].src, "FILE", &err));
	assert_true(says_so(&err));
	assert_true(clock() - before < 20 * CLOCKS_PER_SEC);
	ksyms_free(own);
	ksyms_free(file);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(own_symbols),
		cmocka_unit_test(no_symbols),
		cmocka_unit_test(parts),
		cmocka_unit_test(module_lists),
		cmocka_unit_test(one_name),
	};

	return cmocka_run_group_tests(tests, open_all, close_all);
}
