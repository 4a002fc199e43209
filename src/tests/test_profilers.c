// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * test_profilers.c - what a kernel has that knows who allocated, in a root of its own
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "profilers.h"

static char root[] = "/tmp/modmem-profilers-XXXXXX";

/* The file @path below the root, with the folders above it. */
static void put(const char *path, const char *text)
{
	char full[300], *slash;
	FILE *f;

	snprintf(full, sizeof(full), "%s/%s", root, path);
	for (slash = full + strlen(root) + 1; (slash = strchr(slash, '/')); slash++) {
		*slash = '\0';
		mkdir(full, 0755);
		*slash = '/';
	}
	f = fopen(full, "w");
	assert_non_null(f);
	fputs(text, f);
	assert_int_equal(fclose(f), 0);
}

static void expect(const char *want)
{
	char *found = profilers_found(root);

	assert_non_null(found);
	assert_string_equal(found, want);
	free(found);
}

static void each_of_them(void **state)
{
	char link[300], name[64];

	(void)state;
	assert_non_null(mkdtemp(root));
	expect("");
	/* that the sysctl is there says nothing without its file */
	put("proc/sys/vm/mem_profiling", "0\n");
	expect("");
	put("proc/allocinfo", "allocinfo - version: 1.0\n");
	expect("allocinfo off\n");
	put("proc/sys/vm/mem_profiling", "1\n");
	expect("");
	put("sys/kernel/slab/kmalloc-64/store_user", "1\n");
	put("sys/kernel/slab/kmalloc-32/store_user", "0\n");
	put("sys/kernel/slab/buffer_head/store_user", "1\n");
	/* another name of a cache that was merged */
	snprintf(link, sizeof(link), "%s/sys/kernel/slab/alias", root);
	assert_int_equal(symlink("kmalloc-64", link), 0);
	expect("slab_traces buffer_head,kmalloc-64\n");
	put("sys/kernel/debug/page_owner", "");
	expect("page_owner\nslab_traces buffer_head,kmalloc-64\n");
	for (int i = 0; i < 20; i++) {
		snprintf(name, sizeof(name), "sys/kernel/slab/a%02d/store_user", i);
		put(name, "1\n");
	}
	expect("page_owner\nslab_traces a00,a01,a02,a03,a04,a05,a06,a07,a08,a09,a10,a11,a12,a13,a14,a15 and 6 more\n");
}

static int clean(void **state)
{
	char command[100];

	(void)state;
	snprintf(command, sizeof(command), "rm -rf %s", root);
	return system(command);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(each_of_them, clean),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
