// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * test_ends.c - recordings that end in the middle of what they tell, where a page
 * ends as well
 */
#include "replay_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "sections.h"

#define KINDS 3u

/* One and the same recording, the @i-th way. */
static void start(unsigned int i)
{
	static const struct rec_kernel *const kernels[KINDS] = {
		&rec_6_1, &rec_6_1_armhf, &rec_6_1_s390x,
	};

	rp_start(kernels[i], 1, 1);
	rp_alloc(1000, 0xffff888000001000, 64, rp_kmtest_stack);
	rp.opts.by_task = true;
	rp.opts.threads = 1;
}

/* Nothing that can be read follows on the command lines. */
static void command_lines(void **state)
{
	static const struct {
		const char *text;
		const char *name;	/* of task 1, NULL: not known */
	} cases[] = {
		{ " ", NULL },
		{ "    ", NULL },
		{ "\n\n\n\n", NULL },
		{ "1", NULL },
		{ "1\n", NULL },
		{ "1 ", "" },
		{ "1 init", "init" },
		{ "1 init\n", "init" },
		{ "  1 a b c \n", "a b c " },
		{ "2 other\n1 init\n1 late\n", "init" },
		{ "\n \n1\n 1 init", "init" },
		/* a number is not looked for in the line below */
		{ " \n1 init\n", "init" },
		{ "\n2\n1 init\n", "init" },
		{ "4294967297 wrong\n", NULL },
		{ "99999999999999999999999999 wrong\n", NULL },
		{ "-1 wrong\n1", NULL },
		{ "+1 wrong\n", NULL },
		{ "1\twrong\n", NULL },
		{ "9223372036854775807", NULL },
	};

	(void)state;
	for (unsigned int k = 0; k < KINDS; k++) {
		for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
			struct out file, lines = { 0 };

			start(k);
			EMIT(&rp.rec, .ts = 2000, .event = "kmalloc", .pid = 1,
			     .ptr = 0x10000, .bytes_req = 64, .bytes_alloc = 64,
			     .call_site = rp_kmtest_stack[1]);
			rec_make(&rp.rec, &file);
			lines.big = file.big;
			put_number(&lines, strlen(cases[i].text), 8);
			put(&lines, cases[i].text, strlen(cases[i].text));
			assert_true(section_append(&file, 21, lines.data, lines.len));
			out_free(&lines);
			strcpy(rp.trace, file_write(&file));
			out_free(&file);
			rp_good();
			for (size_t t = 0; t < rp.snap->n_tasks; t++) {
				const struct snap_task *task = &rp.snap->tasks[t];

				if (task->pid != 1)
					continue;
				if (!cases[i].name != !task->comm ||
				    (task->comm && strcmp(task->comm, cases[i].name)))
					fail_msg("'%s': %s", cases[i].text,
						 task->comm ? task->comm : "none");
			}
			rec_free(&rp.rec);
			*rp.trace = '\0';
		}
	}
}

/* Each section ends everywhere: an error, or a report. */
static void every_section(void **state)
{
	(void)state;
	for (uint16_t id = 16; id <= 21; id++) {
		/* all that is near its beginning, and then in ever longer steps */
		for (size_t keep = 0, len = 1; keep <= len; keep += 1 + keep / 16) {
			struct out file;

			start(keep % KINDS);
			rec_make(&rp.rec, &file);
			len = section_len(&file, id);
			assert_true(section_cut(&file, id, keep, false));
			strcpy(rp.trace, file_write(&file));
			out_free(&file);
			snapshot_free(rp.snap);
			rp.opts.path = rp.trace;
			rp.err.text[0] = '\0';
			rp.snap = replay(&rp.opts, &rp.err);
			assert_true(rp.snap || strlen(rp.err.text) > 10);
			rec_free(&rp.rec);
			*rp.trace = '\0';
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(command_lines, rp_setup, rp_teardown),
		cmocka_unit_test_setup_teardown(every_section, rp_setup, rp_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
