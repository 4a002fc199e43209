// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * test_modname.c - a module by any of its names
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "modname.h"

static void names(void **state)
{
	static const struct {
		const char *text, *name;
	} table[] = {
		{ "scsi_debug", "scsi_debug" },
		{ "scsi-debug", "scsi_debug" },
		{ "snd-hda-codec_hdmi", "snd_hda_codec_hdmi" },
		{ "scsi-debug.ko", "scsi_debug" },
		{ "scsi-debug.ko.xz", "scsi_debug" },
		{ "scsi-debug.ko.gz", "scsi_debug" },
		{ "scsi-debug.ko.zst", "scsi_debug" },
		{ "scsi-debug.ko.debug", "scsi_debug" },
		{ "/lib/modules/6.1.0-50/kernel/drivers/scsi/scsi-debug.ko.xz", "scsi_debug" },
		{ "./a-b/c-d.ko", "c_d" },
		{ "kernel/x-y", "x_y" },
		{ "foo.kox", "foo.kox" },
		{ "foo.ko-x", "foo.ko_x" },
		{ "foo.kox.ko", "foo.kox" },
		{ ".ko", ".ko" },
		{ "[kernel]", "[kernel]" },
		{ "[not-loaded]", "[not-loaded]" },
		{ "snd-[a-c]-*", "snd_[a-c]_*" },
		{ "", "" },
		{ "a/", "" },
		{ "-", "_" },
	};
	char name[64];

	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		const char *text = table[i].text;

		assert_int_equal(modname_set(name, sizeof(name), text, strlen(text)),
				 strlen(table[i].name));
		assert_string_equal(name, table[i].name);
		assert_true(modname_same(text, strlen(text), table[i].name));
		assert_true(modname_same(table[i].name, strlen(table[i].name), text));
	}
	assert_int_equal(modname_set(name, 4, "a-bc-d", 6), 3);
	assert_string_equal(name, "a_b");
	/* no more of it than that */
	assert_int_equal(modname_set(name, sizeof(name), "a-b,c", 3), 3);
	assert_string_equal(name, "a_b");
	assert_int_equal(modname_set(name, sizeof(name), "ab.ko", 4), 4);
	assert_string_equal(name, "ab.k");
}

static void lists(void **state)
{
	(void)state;
	assert_true(modname_listed("a,scsi-debug,b", "scsi_debug"));
	assert_true(modname_listed("x/a.ko,b", "a"));
	assert_true(modname_listed("scsi_debug", "scsi-debug"));
	assert_false(modname_listed("scsi-debug2,scsi-debu", "scsi_debug"));
	assert_false(modname_listed("", "scsi_debug"));
	assert_false(modname_listed(",", ""));
	assert_false(modname_listed(NULL, "scsi_debug"));
}

static void files(void **state)
{
	(void)state;
	assert_int_equal(modname_of_file("a-b.ko"), 3);
	assert_int_equal(modname_of_file("a.ko.zst"), 1);
	assert_int_equal(modname_of_file("a.ko.ko"), 1);
	assert_int_equal(modname_of_file(".ko"), 0);
	assert_int_equal(modname_of_file("a"), 0);
	assert_int_equal(modname_of_file("a.kon"), 0);
	assert_int_equal(modname_of_file(""), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names),
		cmocka_unit_test(lists),
		cmocka_unit_test(files),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
