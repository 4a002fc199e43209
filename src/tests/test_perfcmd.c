// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * test_perfcmd.c - what perf's command lines, and the head of perf script, leave out
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "../source/perfcmd.h"
#include "guarded.h"
#include "tracefilter.h"

#define E	TRACEFILTER_EVENTS
#define TASKS	TRACEFILTER_TASKS
#define OTHER	TRACEFILTER_OTHER_TASKS
#define CPUS	TRACEFILTER_CPUS

struct want {
	enum tracefilter_kind kind;	/* NONE ends them */
	const char *event, *text;
};

static struct tracefilters list;

static void check(size_t n, const struct want *want)
{
	size_t i = 0;

	for (; want[i].kind; i++)
		if (i >= list.n || list.items[i].kind != want[i].kind ||
		    strcmp(list.items[i].event, want[i].event) ||
		    strcmp(list.items[i].text, want[i].text))
			fail_msg("%zu: %zu of %zu: %d %s %s", n, i, list.n,
				 (int)list.items[i].kind, list.items[i].event,
				 list.items[i].text);
	if (list.n != i)
		fail_msg("%zu: also %s %s", n, list.items[i].event, list.items[i].text);
}

/* Words with | between them, of a machine of four CPUs. */
static void test_words(void **state)
{
	static const struct {
		const char *line;
		struct want want[4];
	} cases[] = {
		{ "perf|record|-e|kmem:*|-a", { { 0 } } },
		{ "perf|record|-e|kmem:*|-g", { { 0 } } },
		{ "perf|record|-ag|-e|kmem:kfree|--filter|bytes > 1",
		  { { E, "kmem:kfree", "bytes > 1" } } },
		{ "perf|record|-age|kmem:kfree|--filter=bytes > 1",
		  { { E, "kmem:kfree", "bytes > 1" } } },
		{ "perf|record|-a|-ekmem:kmalloc,kmem:kfree:k|--filter|x",
		  { { E, "kmem:kmalloc", "x" }, { E, "kmem:kfree", "x" } } },
		{ "perf|record|-a|--event={kmem:kmalloc,sched:*,percpu:percpu_f*}:S|--filt|x",
		  { { E, "kmem:kmalloc", "x" }, { E, "percpu:percpu_f*", "x" } } },
		{ "perf|record|-a|-e|kmem:*|-e|sched:*|--filter|x", { { 0 } } },
		{ "perf|record|-a|-e|kmem:*|--filter|x|-e|sched:*", { { E, "kmem:*", "x" } } },
		{ "perf|record|-a|-e|*:*|--filter|x", { { E, "kmem:*", "x" } } },
		{ "perf|record|-a|-e|kmem:kfree/call-graph=no/|--filter|x",
		  { { E, "kmem:kfree", "x" } } },
		{ "perf|record|-a|--filter|x", { { 0 } } },	/* of nothing: perf refuses it */
		{ "perf|kmem|record|--filter|x", { { E, "kmem:*", "x" } } },
		{ "perf|kmem|--page|record|sleep|1", { { 0 } } },
		{ "perf|kmem|rec|-p|12|--exclude-perf",
		  { { TASKS, "", "-p 12" }, { OTHER, "", "--exclude-perf" } } },
		/* whose */
		{ "perf|record|-e|kmem:*|sleep|1", { { TASKS, "", "without -a" } } },
		{ "perf|record|-e|kmem:*|--|sleep|1", { { TASKS, "", "without -a" } } },
		{ "perf|record|-m|4096|-o|f|-e|kmem:*|-g|ls|-a", { { TASKS, "", "without -a" } } },
		{ "perf|record|-p|42|-e|kmem:*", { { TASKS, "", "-p 42" } } },
		{ "perf|record|-t7|-u|root|--cgroup|a", { { TASKS, "", "-t 7" },
		  { TASKS, "", "-u root" }, { TASKS, "", "-G a" } } },
		{ "perf|record|-a|-G|a|-e|kmem:*", { { TASKS, "", "-G a" } } },
		/* where */
		{ "perf|record|-C|0-2|-e|kmem:*|ls", { { CPUS, "", "-C 0-2" } } },
		{ "perf|record|--cpu=0,3", { { CPUS, "", "-C 0,3" } } },
		{ "perf|record|-C0-3|ls", { { 0 } } },
		{ "perf|record|-C|x", { { CPUS, "", "-C x" } } },
		/* what is not perf's own */
		{ "perf|record|-a|--|x|--filter|y|-p|1|-e|kmem:*", { { 0 } } },
		{ "perf|record|-a|rsync|-e|kmem:*|--filter|y", { { 0 } } },
		{ "perf|record|-a|-z|rsync|-e|kmem:*|--filter|y", { { 0 } } },
		{ "perf|record|-a|-z5|--call-graph|fp|-e|kmem:*|--filter|y", { { E, "kmem:*", "y" } } },
		{ "perf|record|-a|-e|kmem:*|-k|mono|--filter|y", { { E, "kmem:*", "y" } } },
		{ "perf|record|-a|-e|kmem:*|--mmap-pages|4|--filter|a\nb", { { E, "kmem:*", "a b" } } },
		/* cut off */
		{ "perf", { { 0 } } },
		{ "perf|record|-e", { { 0 } } },
		{ "perf|record|-a|-e|kmem:*|--filter", { { E, "kmem:*", "" } } },
		{ "perf|record|-|--", { { 0 } } },
		{ "", { { 0 } } },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct perfcmd pc = { .list = &list, .cpus = 4 };
		const char *words[32], *save;
		char line[256], *at = line;
		size_t n = 0;

		snprintf(line, sizeof(line), "%s", cases[i].line);
		for (save = at; save; save = at ? at : NULL) {
			words[n++] = strsep(&at, "|");
			assert_true(n < 32);
		}
		memset(&list, 0, sizeof(list));
		perfcmd_read(&pc, words, n);
		check(i, cases[i].want);
	}
}

/* That of the whole machine is known: what looks like a command is none. */
static void test_machine(void **state)
{
	static const char *const words[] = { "perf", "record", "-e", "kmem:*", "ls" };
	const struct perfcmd pc = { .list = &list, .machine = true };

	(void)state;
	memset(&list, 0, sizeof(list));
	perfcmd_read(&pc, words, 5);
	assert_int_equal(list.n, 0);
}

#define EVENT	"# event : name = kmem:kfree, , id = { 3, 4 }, type = 2, size = 128, config = 0x271, { sample_period, sample_freq } = "

static void test_head(void **state)
{
	static const struct {
		const char *text;
		struct want want[4];
	} cases[] = {
		{ "# cmdline : /usr/bin/perf record -e kmem:* -g -a ", { { 0 } } },
		{ "# nrcpus online : 4\n# cmdline : perf record -e kmem:* -C 0-3 ", { { 0 } } },
		{ "# nrcpus online : 4\n# cmdline : perf record -e kmem:* -C 0-2 ",
		  { { CPUS, "", "-C 0-2" } } },
		{ "# cmdline : perf record -a -e kmem:kfree --filter ptr != 0 && call_site > 1 -g sleep 1 ",
		  { { E, "kmem:kfree", "ptr != 0 && call_site > 1" } } },
		{ "# cmdline: perf record -e kmem:* ls\n" EVENT "1, enable_on_exec = 1, x = 1",
		  { { TASKS, "", "without -a" } } },
		{ EVENT "1, sample_type = IP, enable_on_exec = 1", { { TASKS, "", "without -a" } } },
		{ EVENT "100, sample_type = IP", { { TRACEFILTER_SAMPLED, "kmem:kfree", "-c 100" } } },
		{ EVENT "4000, freq = 1", { { TRACEFILTER_SAMPLED, "kmem:kfree", "-F 4000" } } },
		{ EVENT "1, disabled = 1, inherit = 1", { { 0 } } },
		{ "# event : name = cycles, { sample_period, sample_freq } = 4000, freq = 1", { { 0 } } },
		{ "# event : name = kmem:kfree", { { 0 } } },
		{ "# event : ", { { 0 } } },
		{ "# cmdline : ", { { 0 } } },
		{ "# cmdline", { { 0 } } },
		{ "#", { { 0 } } },
		{ "", { { 0 } } },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct perfcmd pc = { .list = &list };
		const char *at = cases[i].text;

		memset(&list, 0, sizeof(list));
		while (*at) {
			size_t len = strcspn(at, "\n");

			perfcmd_line(&pc, guarded(at, len), len);
			at += len + (at[len] == '\n');
		}
		check(i, cases[i].want);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_words),
		cmocka_unit_test(test_machine),
		cmocka_unit_test(test_head),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
