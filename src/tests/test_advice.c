// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * test_advice.c - advice for each fault and recorder, that fits the recorder
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "advice.h"

/* There is something to say for each, and none ends as a sentence does. */
static void test_whole(void **state)
{
	(void)state;
	for (int what = 0; what < ADVICES; what++) {
		for (int by = 0; by < RECORDER_KINDS; by++) {
			const char *text = advice((enum advice)what, (enum recorder_kind)by);

			if (!text || !*text)
				fail_msg("nothing for fault %d, recorder %d", what, by);
			if (text[strlen(text) - 1] == '.' || *text == ' ')
				fail_msg("'%s' does not fit into a sentence", text);
		}
		/* one that is not known yet is as good as unknown */
		assert_string_equal(advice((enum advice)what, (enum recorder_kind)99),
				    advice((enum advice)what, RECORDER_UNKNOWN));
	}
}

/* Words that make sense for some recorders only. */
static void test_fits(void **state)
{
	enum {
		MODMEM = 1 << RECORDER_MODMEM,
		LIVE = 1 << RECORDER_LIVE,
		TRACE_CMD = 1 << RECORDER_TRACE_CMD,
		TEXTS = 1 << RECORDER_TEXT_TRACE_CMD,
		PERF_TEXT = 1 << RECORDER_TEXT_PERF,
		PERF = 1 << RECORDER_PERF | PERF_TEXT,
		TEXT = 1 << RECORDER_TEXT,
		UNKNOWN = 1 << RECORDER_UNKNOWN,
	};
	static const struct {
		const char *word;
		unsigned int of;
	} words[] = {
		{ "trace-cmd", TRACE_CMD | TEXTS },
		{ "-e kmem", TRACE_CMD | TEXTS },
		{ " -C ", TRACE_CMD | TEXTS },
		{ "modmem record --", MODMEM },
		{ "modmem's probes", MODMEM | LIVE },
		{ "perf ", PERF },
		{ "kmem:*", PERF },
		{ "in tracefs", TEXT | MODMEM | LIVE },
		{ "options/", TEXT },
		{ "buffer_size_kb", TEXT },
		{ "events/", TEXT },
		{ "--buffer-size", MODMEM | LIVE },
		/* refused where the file says it itself (recording_open()) */
		{ "--page-size", TEXT | TEXTS | PERF_TEXT | UNKNOWN },
		/* what runs needs no file */
		{ "--kallsyms", TEXT | TEXTS | PERF | TRACE_CMD | MODMEM | UNKNOWN },
		{ "record it again", MODMEM | PERF },
		{ "in kallsyms", MODMEM | LIVE | TRACE_CMD },
		{ "the text", TEXT | PERF_TEXT },
	};

	(void)state;
	for (int what = 0; what < ADVICES; what++)
		for (int by = 0; by < RECORDER_KINDS; by++)
			for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
				const char *text = advice((enum advice)what,
							  (enum recorder_kind)by);

				/* nobody recorded it: as of one not known */
				if (by == RECORDER_PAGE_OWNER) {
					assert_ptr_equal(text, advice((enum advice)what,
								      RECORDER_UNKNOWN));
					continue;
				}
				if (strstr(text, words[i].word) && !(words[i].of & 1u << by))
					fail_msg("recorder %d: '%s'", by, text);
			}
	/* a text and a perf.data hold no kallsyms */
	assert_null(strstr(advice(ADVICE_NO_MODULES, RECORDER_TEXT), "kallsyms"));
	assert_null(strstr(advice(ADVICE_NO_MODULES, RECORDER_PERF), "kallsyms"));
	assert_null(strstr(advice(ADVICE_MODULES_KNOWN, RECORDER_TEXT), "kallsyms"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_whole),
		cmocka_unit_test(test_fits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
