// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * test_symfiles.c - which files beside a recording are of what it recorded
 */
#include <elf.h>
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "elf_fixture.h"
#include "elffile.h"
#include "error.h"
#include "source.h"
#include "symfiles.h"

#define MODINFO "license=GPL\0name=foo\0vermagic=6.1.0 SMP"
#define ID	"abcd010203000000000000000000000000000000"

static const uint8_t id[20] = { 0xab, 0xcd, 1, 2, 3 };
static char dir[64];

static void write_file(const char *name, bool module)
{
	uint8_t note[64];
	size_t note_len = elf_fixture_note(note, false, NT_GNU_BUILD_ID, "GNU", id, sizeof(id));
	char this_module[256] = { [24] = 'f', 'o', 'o' }, path[PATH_MAX];
	const struct fixture_section sections[] = {
		{ ".text", SHT_PROGBITS, SHF_ALLOC | SHF_EXECINSTR, 0x1000, 16, NULL, 100 },
		{ ".notes", SHT_NOTE, SHF_ALLOC, 0x2000, 4, note, note_len },
		{ ".gnu.linkonce.this_module", SHT_PROGBITS, SHF_ALLOC, 0x3000, 8, this_module,
		  sizeof(this_module) },
		{ ".modinfo", SHT_PROGBITS, SHF_ALLOC, 0x4000, 1, MODINFO, sizeof(MODINFO) },
	};
	const struct elf_fixture f = {
		.type = module ? ET_REL : ET_EXEC, .machine = EM_X86_64,
		.sections = sections, .n_sections = module ? 4 : 2,
	};
	uint8_t *data;
	size_t len;
	FILE *out;

	data = elf_fixture_make(&f, &len);
	snprintf(path, sizeof(path), "%s/%s", dir, name);
	out = fopen(path, "w");
	assert_non_null(out);
	assert_int_equal(fwrite(data, 1, len, out), len);
	assert_int_equal(fclose(out), 0);
	free(data);
}

static void run(const char *what)
{
	char command[256];

	snprintf(command, sizeof(command), what, dir);
	assert_int_equal(system(command), 0);
}

/* Whether @module's file is taken below @below, and what is said. */
static bool opens(const char *below, const char *module, const struct source_build_id *ids,
		  size_t n_ids, const char *uname, char *said, size_t size)
{
	struct symfiles_opts opts = { .n_module_dirs = 1 };
	const struct source_info info = {
		.long_size = 8, .uname = uname, .build_ids = ids, .n_build_ids = n_ids,
	};
	const char *const *notes;
	struct symfiles *sf;
	struct elffile *ef;
	struct error err;
	char path[PATH_MAX];
	bool found;
	size_t n;

	snprintf(path, sizeof(path), "%s/%s", dir, below);
	opts.module_dirs[0] = path;
	sf = symfiles_new(&opts, &info, NULL, &err);
	if (!sf)
		fail_msg("%s", err.text);
	ef = symfiles_open(sf, module, false);
	found = ef != NULL;
	elffile_close(ef);
	notes = symfiles_notes(sf, &n);
	snprintf(said, size, "%s", n ? notes[0] : "");
	symfiles_free(sf);
	return found;
}

/* Build ids that a source tells of, as a perf.data does. */
static void build_ids(void **state)
{
	static const struct {
		struct source_build_id ids[3];
		size_t n;
		bool module, kernel;
		const char *says;	/* of the module */
	} cases[] = {
		{ { { "", "" } }, 0, true, true, "" },
		{ { { "foo", ID }, { "vmlinux", ID } }, 2, true, true, "" },
		{ { { "bar", "00" }, { "foo", ID } }, 2, true, true, "" },
		{ { { "foo", "00ff" }, { "vmlinux", "00" } }, 2, false, false,
		  "recorded was 00ff" },
		{ { { "foo", "00" }, { "foo", ID } }, 2, false, true, "two builds" },
		{ { { "foo", ID }, { "foo", ID } }, 2, true, true, "" },
		{ { { "vmlinux", "00" }, { "vmlinux", ID } }, 2, true, true, "" },
	};
	char said[512];

	(void)state;
	run("mkdir -p %s/a");
	write_file("a/foo.ko", true);
	write_file("a/vmlinux", false);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		if (opens("a", NULL, cases[i].ids, cases[i].n, "Linux h 6.1.0 x86_64", said,
			  sizeof(said)) != cases[i].kernel)
			fail_msg("kernel %zu: %s", i, said);
		if (opens("a", "foo", cases[i].ids, cases[i].n, "Linux h 6.1.0 x86_64", said,
			  sizeof(said)) != cases[i].module || !strstr(said, cases[i].says))
			fail_msg("module %zu: %s", i, said);
	}
}

/* The release is part of paths, and the recording's maker wrote it. */
static void releases(void **state)
{
	static const struct {
		const char *release;
		bool kernel, module;
	} cases[] = {
		{ "6.1.0", true, true },
		{ "6.1.1", false, false },
		{ "x/../../../out", false, false },
		{ "6.1.0/../../..//out", false, false },
		{ "../../../out", false, false },
		{ "..", false, false },
		{ ".", false, false },
	};
	char said[512], uname[128];

	(void)state;
	/* where each of them would lead to */
	run("cd %s && mkdir -p in/boot/vmlinux-x in/boot/vmlinux-.. in/lib/modules/x in/lib/modules/6.1.0 in/tree out");
	write_file("in/boot/vmlinux-6.1.0", false);
	write_file("out/vmlinux", false);
	write_file("in/lib/vmlinux", false);
	write_file("in/lib/modules/vmlinux", false);
	write_file("in/tree/foo.ko", true);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		snprintf(uname, sizeof(uname), "Linux h %s x86_64", cases[i].release);
		if (opens("in", NULL, NULL, 0, uname, said, sizeof(said)) != cases[i].kernel)
			fail_msg("kernel %s: %s", cases[i].release, said);
		if (opens("in", "foo", NULL, 0, uname, said, sizeof(said)) != cases[i].module)
			fail_msg("module %s: %s", cases[i].release, said);
	}
}

static int setup(void **state)
{
	(void)state;
	strcpy(dir, "/tmp/test_symfiles.XXXXXX");
	return mkdtemp(dir) ? 0 : -1;
}

static int teardown(void **state)
{
	(void)state;
	run("rm -r %s");
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(build_ids, setup, teardown),
		cmocka_unit_test_setup_teardown(releases, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
