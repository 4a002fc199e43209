// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * test_symtext.c - symbols from files must be those that the recording has
 *
 * Recordings of testdata/ have all symbols of the test module. Without them, and
 * with its file, the report must be the same.
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
#include <unistd.h>

#include "pipeline/placement.h"
#include "elf_fixture.h"
#include "elffile.h"
#include "error.h"
#include "pipeline.h"
#include "replay.h"
#include "pipeline/samples.h"
#include "snapshot.h"
#include "source.h"

struct pair {
	const char *recording, *modules, *dir;
};

static const struct pair pairs[] = {
	{ "testdata/x86_64-6.1-held/trace.dat", "testdata/x86_64-6.1-held/modules",
	  "testdata/x86_64-6.1-record" },
	{ "testdata/s390x-6.1-held/trace.dat", "testdata/s390x-6.1-held/modules",
	  "testdata/s390x-6.1-held" },
	{ "testdata/ppc64el-6.1-held/trace.dat", "testdata/ppc64el-6.1-held/modules",
	  "testdata/ppc64el-6.1-held" },
	{ "testdata/arm64-16k-6.12-held/trace.dat", "testdata/arm64-16k-6.12-held/modules",
	  "testdata/arm64-16k-6.12-held" },
};

/* A replay of a recording as if its kallsyms had no lines with @without in them. */
static struct snapshot *replay_without(const struct replay_opts *opts, const char *without,
				       struct error *err)
{
	struct source *src = source_open(opts->path, err);
	struct snapshot *snap = NULL;
	struct source_info *info;
	const char *p, *end, *eol;
	struct pipeline *pl;
	char *text = NULL;
	size_t len;
	FILE *out;

	assert_non_null(src);
	info = (struct source_info *)source_info(src);
	out = open_memstream(&text, &len);
	assert_non_null(out);
	end = info->kallsyms + info->kallsyms_len;
	for (p = info->kallsyms; p < end; p = eol + 1) {
		eol = memchr(p, '\n', (size_t)(end - p));
		if (!eol)
			break;
		if (!memmem(p, (size_t)(eol - p), without, strlen(without)))
			fwrite(p, 1, (size_t)(eol + 1 - p), out);
	}
	assert_int_equal(fclose(out), 0);
	info->kallsyms = text;
	info->kallsyms_len = len;
	pl = pipeline_open(src, NULL, NULL, opts, err);
	if (pl && !pipeline_run(pl, err))
		snap = pipeline_snapshot(pl, false, err);
	pipeline_close(pl);
	free(text);
	return snap;
}

static const struct snap_module *find(const struct snapshot *snap, const char *name)
{
	for (size_t i = 0; i < snap->n_modules; i++)
		if (!strcmp(snap->modules[i].name, name))
			return &snap->modules[i];
	return NULL;
}

static bool has_site(const struct snap_module *m, const struct snap_site *s)
{
	for (size_t i = 0; i < m->n_sites; i++)
		if (m->sites[i].function && !strcmp(m->sites[i].function, s->function) &&
		    m->sites[i].offset == s->offset && m->sites[i].kind == s->kind &&
		    m->sites[i].charge == s->charge &&
		    m->sites[i].live_bytes == s->live_bytes &&
		    m->sites[i].allocs == s->allocs)
			return true;
	return false;
}

static struct replay_opts options(const struct pair *p)
{
	return (struct replay_opts){
		.path = p->recording, .from = REPLAY_NO_TIME, .to = REPLAY_NO_TIME,
		.modules_file = p->modules, .check = true,
	};
}

static void same_with_files(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		struct replay_opts opts = options(&pairs[i]);
		struct snapshot *want, *got, *none;
		const struct snap_module *m, *n;
		struct error err = { "" };
		size_t named = 0;

		want = replay(&opts, &err);
		assert_non_null(want);
		m = find(want, "kmtest");
		none = replay_without(&opts, "[kmtest]", &err);
		assert_non_null(none);
		n = find(none, "kmtest");
		for (size_t s = 0; s < n->n_sites; s++)
			assert_null(n->sites[s].function);

		opts.files.module_dirs[opts.files.n_module_dirs++] = pairs[i].dir;
		got = replay_without(&opts, "[kmtest]", &err);
		assert_non_null(got);
		n = find(got, "kmtest");
		assert_int_equal(n->live_bytes, m->live_bytes);
		assert_int_equal(n->induced_bytes, m->induced_bytes);
		assert_int_equal(n->n_sites, m->n_sites);
		for (size_t s = 0; s < m->n_sites; s++) {
			/* init text is gone; where it lay nobody knows */
			if (!m->sites[s].function ||
			    !strcmp(m->sites[s].function, "kmtest_init"))
				continue;
			assert_true(has_site(n, &m->sites[s]));
			named++;
		}
		assert_true(named > 40);
		snapshot_free(want);
		snapshot_free(none);
		snapshot_free(got);
	}
}

/* A base that is wrong by a few bytes gives no names rather than wrong ones. */
static void wrong_place(void **state)
{
	struct replay_opts opts = options(&pairs[0]);
	char modules[] = "/tmp/modmem-test.XXXXXX", line[256];
	const struct snap_module *m;
	struct error err = { "" };
	struct snapshot *snap;
	bool said = false;
	FILE *in, *out;

	(void)state;
	out = fdopen(mkstemp(modules), "w");
	in = fopen(pairs[0].modules, "r");
	assert_true(in && out);
	while (fgets(line, sizeof(line), in)) {
		char *base = strstr(line, "0x");

		if (!strncmp(line, "kmtest ", 7))
			sprintf(base, "0x%llx (OE)\n", strtoull(base, NULL, 16) + 24);
		fputs(line, out);
	}
	fclose(in);
	fclose(out);
	opts.modules_file = modules;
	opts.files.module_dirs[opts.files.n_module_dirs++] = pairs[0].dir;
	snap = replay_without(&opts, "[kmtest]", &err);
	assert_non_null(snap);
	m = find(snap, "kmtest");
	for (size_t s = 0; s < m->n_sites; s++)
		assert_null(m->sites[s].function);
	for (size_t i = 0; i < snap->coverage.n_notes; i++)
		said |= strstr(snap->coverage.notes[i], "no symbols for kmtest") != NULL;
	assert_true(said);
	snapshot_free(snap);
	unlink(modules);
}

#define TEXT_SIZE (1u << 20)
#define LINKED 0xffffffff81000000u

/* Code with calls in it, some by chance, and return addresses behind a few. */
static struct elffile *make_kernel(uint64_t *addr, size_t n, uint64_t bias)
{
	static uint8_t text[TEXT_SIZE];
	const struct fixture_section section = {
		".text", SHT_PROGBITS, SHF_ALLOC | SHF_EXECINSTR, LINKED, 4096, text,
		sizeof(text)
	};
	const struct elf_fixture f = {
		.type = ET_EXEC, .machine = EM_X86_64, .sections = &section, .n_sections = 1,
	};
	struct error err = { "" };
	uint64_t random = 12345;
	struct elffile *ef;
	uint8_t *data;
	size_t len, i;

	for (i = 0; i < TEXT_SIZE; i++) {
		random = random * 6364136223846793005u + 1442695040888963407u;
		text[i] = (uint8_t)(random >> 56);
	}
	for (i = 0; i < n; i++) {
		size_t at = 100 + i * (TEXT_SIZE / (n + 1)) + i % 13;

		text[at - 5] = 0xe8;
		addr[i] = LINKED + at + bias;
	}
	data = elf_fixture_make(&f, &len);
	ef = elffile_memory("vmlinux", data, len, &err);
	assert_non_null(ef);
	free(data);
	return ef;
}

static void kernel_is_found(void **state)
{
	static const uint64_t biases[] = { 0, 0x200000, 0x1c000000, (uint64_t)-0x400000 };
	uint64_t addr[60];
	struct samples s = { .addr = addr, .n = 60 };
	struct placement p;

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		struct elffile *ef = make_kernel(addr, 60, biases[i]);

		assert_true(placement_find_kernel(ef, &s, &p));
		assert_true(p.bias == biases[i]);
		assert_int_equal(p.calls, 60);
		/* too few of them say nothing */
		s.n = 8;
		assert_false(placement_find_kernel(ef, &s, &p));
		s.n = 60;
		/* those of another build */
		for (size_t a = 0; a < 60; a++)
			addr[a] += a * 37;
		assert_false(placement_find_kernel(ef, &s, &p));
		elffile_close(ef);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(same_with_files),
		cmocka_unit_test(wrong_place),
		cmocka_unit_test(kernel_is_found),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
