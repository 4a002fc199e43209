// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * test_unnamed.c - code without a symbol: two places are never shown as one, whatever
 * shows them, and no address is
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "../view/frame.h"
#include "export.h"
#include "leaks.h"
#include "replay_fixture.h"
#include "view.h"

#define MALLOC	UINT64_C(0xffffffff81001010)
#define SYSCALL	UINT64_C(0xffffffff81003010)
#define MODULE	UINT64_C(0xffffffffc0000000)
#define NOBODY	UINT64_C(0xffffffffc0800000)
#define FAR	UINT64_C(0xffffffffe8000000)	/* from all modules */

/* Of some of its code kmtest has no function. */
static const char symbols[] =
	"ffffffff81000000 T _stext\nffffffff81001000 T __kmalloc\n"
	"ffffffff81003000 T do_syscall_64\nffffffff82000000 T _etext\n"
	"ffffffffc0000000 t kmtest_give\t[kmtest]\nffffffffc0000400 d kmtest_data\t[kmtest]\n"
	"ffffffffc0000800 t kmtest_take\t[kmtest]\n";

/* Callers and what called them; each pair is another stack. */
static const uint64_t stacks[][3] = {
	{ MALLOC, NOBODY + 0x1e4f, SYSCALL },
	{ MALLOC, NOBODY + 0x2e4f, SYSCALL },
	{ MALLOC, NOBODY + 0x13e4f, SYSCALL },
	{ MALLOC, NOBODY + 0x13e53, SYSCALL },
	{ MALLOC, FAR + 0x1e4f, SYSCALL },
	{ MALLOC, FAR + 0x2e4f, SYSCALL },
	{ MALLOC, MODULE + 0x510, SYSCALL },
	{ MALLOC, MODULE + 0x410, SYSCALL },
	{ MALLOC, MODULE + 0x810, NOBODY + 0x5e4f },
	{ MALLOC, MODULE + 0x810, NOBODY + 0x6e4f },
	{ MALLOC, MODULE + 0x810, MODULE + 0x420 },
	{ MALLOC, MODULE + 0x810, MODULE + 0x430 },
};
#define N (sizeof(stacks) / sizeof(stacks[0]))

static const struct leak_opts leaks = { .kernel = true };

static void record(void)
{
	rp_start(&rec_6_1, 1, 1);
	rp.rec.kallsyms = symbols;
	for (size_t i = 0; i < N; i++)
		rp_alloc(1000 * (i + 1), 0xffff888000001000 + i * 64, 64, stacks[i]);
	rp.opts.by_stack = true;
	rp.opts.leaks = &leaks;
	rp_good();
	assert_int_equal(rp.snap->n_stacks, N);
}

static bool same_frames(const struct snap_stack *a, const struct snap_stack *b, bool offsets)
{
	if (a->n_frames != b->n_frames)
		return false;
	for (size_t i = 0; i < a->n_frames; i++) {
		char *x = frame_text(a->frames[i], offsets);
		char *y = frame_text(b->frames[i], offsets);
		bool same = !strcmp(x, y);

		free(x);
		free(y);
		if (!same)
			return false;
	}
	return true;
}

static void frames_differ(void **state)
{
	(void)state;
	record();
	for (size_t i = 0; i < N; i++) {
		const struct snap_stack *s = &rp.snap->stacks[i];

		for (size_t k = 0; k < s->n_frames; k++)
			if (strstr(s->frames[k], "ffff") || strstr(s->frames[k], "c080"))
				fail_msg("an address: %s", s->frames[k]);
		for (size_t k = 0; k < i; k++)
			for (int offsets = 0; offsets < 2; offsets++)
				if (same_frames(s, &rp.snap->stacks[k], offsets))
					fail_msg("%zu and %zu: %s, %s", i, k, s->frames[0],
						 s->frames[1]);
	}
}

/* The frame of a caller is called as its row is. */
static void named_as_sites(void **state)
{
	size_t seen = 0;

	(void)state;
	record();
	for (size_t i = 0; i < rp_module("[unknown]")->n_sites; i++) {
		const struct snap_site *site = &rp_module("[unknown]")->sites[i];
		char want[64], number[16] = "";

		assert_null(site->function);
		if (site->number)
			snprintf(number, sizeof(number), "#%u", site->number + 1);
		snprintf(want, sizeof(want), "?%s+0x%llx [unknown]", number,
			 (unsigned long long)site->offset);
		for (size_t k = 0; k < N; k++)
			seen += !strcmp(rp.snap->stacks[k].frames[1], want);
	}
	assert_int_equal(seen, 6);
}

static size_t lines_with(int (*view)(const struct snapshot *, const struct export_opts *,
				     FILE *, struct error *), const char *what)
{
	const struct export_opts opts = { .charges = ~0u };
	char *text = NULL, *line;
	size_t len, n = 0;
	FILE *out = open_memstream(&text, &len);

	assert_int_equal(view(rp.snap, &opts, out, &rp.err), 0);
	fclose(out);
	for (line = text; (line = strstr(line, what)); line++)
		n++;
	free(text);
	return n;
}

static void exports(void **state)
{
	(void)state;
	record();
	/* a line each, though offsets are not asked for */
	assert_int_equal(lines_with(view_folded, "\n"), N);
	assert_int_equal(lines_with(view_folded, "?#3+0x4f [unknown];"), 1);
	assert_int_equal(lines_with(view_folded, "?+0x410 [kmtest]"), 1);
	assert_true(lines_with(view_html, "?#5+0x4f [unknown]") > 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(frames_differ, rp_setup, rp_teardown),
		cmocka_unit_test_setup_teardown(named_as_sites, rp_setup, rp_teardown),
		cmocka_unit_test_setup_teardown(exports, rp_setup, rp_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
