// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * test_tracefilter.c - lines of tracefs' files that leave events out
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "guarded.h"
#include "tracefilter.h"

static const struct {
	const char *line;
	int kind;		/* -1: no such line */
	const char *event, *text;
} lines[] = {
	{ "events/kmem/kfree/filter:none", TRACEFILTER_NONE, "kmem:kfree", "none" },
	{ "/sys/kernel/tracing/events/kmem/kfree/filter:(a > 1) && b",
	  TRACEFILTER_EVENTS, "kmem:kfree", "(a > 1) && b" },
	{ "x> /t/instances/foo/events/dma/dma_free/filter: a\r", TRACEFILTER_EVENTS,
	  "dma:dma_free", "a" },
	{ "kmem/mm_page_free/filter:a", TRACEFILTER_EVENTS, "kmem:mm_page_free", "a" },
	{ "./kfree/filter:a", TRACEFILTER_EVENTS, "kmem:kfree", "a" },
	{ "kfree/filter:7:a", TRACEFILTER_EVENTS, "kmem:kfree", "a" },
	{ "events/kmem/filter:a", TRACEFILTER_EVENTS, "kmem:*", "a" },
	{ "events/kmem/filter:### global filter ###", TRACEFILTER_NONE, "kmem:*",
	  "### global filter ###" },
	{ "events/kmem/kfree/filter:parse_error: Field not found", TRACEFILTER_REFUSED,
	  "kmem:kfree", "parse_error: Field not found" },
	{ "events/kmem/rss_stat/filter:a", TRACEFILTER_NONE, "", "a" },
	{ "events/sched/sched_switch/filter:a", TRACEFILTER_NONE, "", "a" },
	{ "events/kmem/kfree/format:name: kfree", TRACEFILTER_NONE, "kmem:kfree", "name: kfree" },
	{ "events/kmem/kmalloc/trigger:stacktrace:unlimited", TRACEFILTER_NONE, "kmem:kmalloc",
	  "stacktrace:unlimited" },
	{ "events/kmem/kmalloc/trigger:stacktrace:count=5", TRACEFILTER_STACKS, "kmem:kmalloc",
	  "stacktrace:count=5" },
	{ "events/kmem/kmalloc/trigger:stacktrace:unlimited if a", TRACEFILTER_STACKS,
	  "kmem:kmalloc", "stacktrace:unlimited if a" },
	{ "events/kmem/kmalloc/trigger:traceoff:unlimited", TRACEFILTER_TRACING, "kmem:kmalloc",
	  "traceoff:unlimited" },
	{ "events/sched/sched_switch/trigger:traceon:unlimited if a", TRACEFILTER_TRACING, "",
	  "traceon:unlimited if a" },
	{ "events/kmem/kmalloc/trigger:snapshot:unlimited", TRACEFILTER_TRACING, "kmem:kmalloc",
	  "snapshot:unlimited" },
	{ "events/kmem/kmalloc/trigger:hist:keys=a:vals=hitcount:sort=hitcount:size=2048 [active]",
	  TRACEFILTER_NONE, "kmem:kmalloc",
	  "hist:keys=a:vals=hitcount:sort=hitcount:size=2048 [active]" },
	{ "events/irq/irq_entry/trigger:disable_event:kmem:kfree:unlimited", TRACEFILTER_SWITCHED,
	  "kmem:kfree", "disable_event:kmem:kfree:unlimited" },
	{ "events/kmem/kfree/trigger:enable_event:sched:sched_switch:unlimited",
	  TRACEFILTER_NONE, "", "enable_event:sched:sched_switch:unlimited" },
	{ "events/kmem/kfree/enable:0", TRACEFILTER_DISABLED, "kmem:kfree", "0" },
	{ "events/kmem/kfree/enable:1*", TRACEFILTER_NONE, "kmem:kfree", "1*" },
	{ "tracing_on:0", TRACEFILTER_DISABLED, "", "0" },
	{ "/t/set_event_pid:12", TRACEFILTER_TASKS, "", "12" },
	{ "set_event_notrace_pid:12 13", TRACEFILTER_OTHER_TASKS, "", "12 13" },
	{ "tracing_cpumask:ff,ffffffff", TRACEFILTER_CPUS, "", "ff,ffffffff" },
	{ "set_event_pid: tasks", -1, "", "" },
	{ "set_event_pid:", -1, "", "" },
	{ "page/filter: allocates less", -1, "", "" },
	{ "dma/filter: a driver", -1, "", "" },
	{ "filter:a", -1, "", "" },
	{ "/filter:a", -1, "", "" },
	{ "//filter:a", -1, "", "" },
	{ "kmem:kfree/filter", -1, "", "" },
	{ "events/kmem/kfree/filters:a", -1, "", "" },
	{ ":", -1, "", "" },
	{ "", -1, "", "" },
};

static void each_line(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		size_t len = strlen(lines[i].line);
		struct tracefilter f;
		bool is = tracefilter_parse(guarded(lines[i].line, len), len, &f);

		if (is != (lines[i].kind >= 0))
			fail_msg("'%s': %d", lines[i].line, is);
		if (!is)
			continue;
		if ((int)f.kind != lines[i].kind || strcmp(f.event, lines[i].event) != 0 ||
		    strcmp(f.text, lines[i].text) != 0)
			fail_msg("'%s': %d '%s' '%s'", lines[i].line, (int)f.kind, f.event, f.text);
	}
}

/* Nothing is read behind a piece of a line. */
static void cut_lines(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		for (size_t len = 0; len < strlen(lines[i].line); len++) {
			struct tracefilter f;

			if (tracefilter_parse(guarded(lines[i].line, len), len, &f))
				assert_true(strlen(f.text) <= len);
		}
}

static void long_lines(void **state)
{
	static char line[70000];
	struct tracefilter f;
	int len;

	(void)state;
	len = snprintf(line, sizeof(line), "events/kmem/kfree/filter:%060000d", 7);
	assert_true(tracefilter_parse(line, (size_t)len, &f));
	assert_int_equal(f.kind, TRACEFILTER_EVENTS);
	assert_int_equal(strlen(f.text), TRACEFILTER_TEXT_MAX - 1);
	assert_string_equal(f.text + TRACEFILTER_TEXT_MAX - 4, "...");
	/* a name that no event has */
	len = snprintf(line, sizeof(line), "events/kmem/%060000d/filter:a", 7);
	assert_true(tracefilter_parse(line, (size_t)len, &f));
	assert_int_equal(f.kind, TRACEFILTER_NONE);
	memset(line, ':', sizeof(line));
	assert_false(tracefilter_parse(line, sizeof(line), &f));
}

static void read(struct tracefilters *list, const char *text, bool late)
{
	size_t len = strlen(text);

	tracefilters_read(list, guarded(text, len), len, late);
}

static void a_list(void **state)
{
	struct tracefilters *list = calloc(1, sizeof(*list));
	char line[64];

	(void)state;
	assert_non_null(list);
	read(list, "events/kmem/kfree/filter:a\nevents/kmem/kmalloc/filter:none\nhello\n", false);
	assert_int_equal(list->n, 1);
	/* the same again is not late, another one is */
	read(list, "events/kmem/kfree/filter:a\nevents/kmem/kfree/filter:b", true);
	assert_int_equal(list->n, 2);
	assert_false(list->items[0].late);
	assert_true(list->items[1].late);
	/* none of it is in force */
	read(list, "tracing_cpumask:1\nevents/kmem/kfree/filter:parse_error: x\n", true);
	assert_int_equal(list->n, 1);
	assert_int_equal(list->items[0].kind, TRACEFILTER_CPUS);
	for (unsigned int i = 0; i < 2 * TRACEFILTERS_MAX; i++) {
		assert_int_equal(list->more, i >= TRACEFILTERS_MAX);
		snprintf(line, sizeof(line), "set_event_pid:%u\n", i);
		read(list, line, false);
	}
	assert_int_equal(list->n, TRACEFILTERS_MAX);
	free(list);
}

static void masks(void **state)
{
	static const struct {
		const char *mask;
		uint32_t cpus;
		bool lacks;
	} cases[] = {
		{ "1", 1, false }, { "3", 2, false }, { "3", 3, true }, { "7", 3, false },
		{ "f", 4, false }, { "f", 2, false }, { "00f", 4, false }, { "1", 2, true },
		{ "2", 1, true }, { "5", 2, true }, { "e", 4, true }, { "fe", 4, true },
		{ "ff,ffffffff", 40, false }, { "ff,ffffffff", 41, true },
		{ "ff,fffffffd", 2, true }, { "0", 1, true }, { "", 1, true },
		{ "ff,ffff...", 4096, false }, { "ff,feff...", 4096, true },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		if (tracefilter_lacks_cpus(cases[i].mask, cases[i].cpus) != cases[i].lacks)
			fail_msg("%s of %u", cases[i].mask, cases[i].cpus);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_line),
		cmocka_unit_test(cut_lines),
		cmocka_unit_test(long_lines),
		cmocka_unit_test(a_list),
		cmocka_unit_test(masks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
