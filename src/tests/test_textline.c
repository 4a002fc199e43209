// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * test_textline.c - lines of the text that tracefs prints
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "../source/textline.h"

#define N(array) (sizeof(array) / sizeof((array)[0]))

static struct textline line;

static void parse(const char *text)
{
	textline_parse(text, strlen(text), &line);
}

static void expect(struct textspan span, const char *text)
{
	assert_int_equal(span.len, strlen(text));
	assert_memory_equal(span.at, text, span.len);
}

static void entries(void **state)
{
	static const struct {
		const char *text, *comm, *event, *body;
		int32_t pid;
		uint32_t cpu;
		uint8_t flags;
		uint64_t ts;
	} cases[] = {
		{ "              sh-148     [000] .....     3.383100: kfree: call_site=f ptr=1",
		  "sh", "kfree", "call_site=f ptr=1", 148, 0, 0, 3383100000 },
		/* four flags: before 5.16 */
		{ "          insmod-314   [012] d.h1    12.000001: kmalloc: x", "insmod",
		  "kmalloc", "x", 314, 12, TEXT_FLAG_HARDIRQ, 12000001000 },
		{ "          <idle>-0     [001] d.s2. 1000.500000: kfree: x", "<idle>",
		  "kfree", "x", 0, 1, TEXT_FLAG_SOFTIRQ, 1000500000000 },
		{ "           <...>-7     [001] d.H2.  1.5: kfree: x", "<...>", "kfree", "x",
		  7, 1, TEXT_FLAG_HARDIRQ | TEXT_FLAG_SOFTIRQ, 1500000000 },
		{ "           <...>-7     [001] d.Z2.  1.5: kfree: x", "<...>", "kfree", "x",
		  7, 1, TEXT_FLAG_HARDIRQ | TEXT_FLAG_NMI, 1500000000 },
		/* options/irq-info off, and record-tgid on */
		{ "              sh-148     [000]     3.383100: kfree: x", "sh", "kfree",
		  "x", 148, 0, 0, 3383100000 },
		{ "              sh-148     (    148) [000] .....     3.383100: kfree: x",
		  "sh", "kfree", "x", 148, 0, 0, 3383100000 },
		{ "              sh-148     (-------) [000] .....     3.383100: kfree: x",
		  "sh", "kfree", "x", 148, 0, 0, 3383100000 },
		/* names that look like more than a name */
		{ "kworker/0:1-even-44    [000] ..... 5.000000: kfree: x",
		  "kworker/0:1-even", "kfree", "x", 44, 0, 0, 5000000000 },
		{ "  a-1 [0] 1.2: b-99    [003] ..... 5.000000: kfree: x",
		  "a-1 [0] 1.2: b", "kfree", "x", 99, 3, 0, 5000000000 },
		{ "  a-1 [0] x 1: b-99    [003] ..... 5.000000: kfree: x",
		  "a-1 [0] x 1: b", "kfree", "x", 99, 3, 0, 5000000000 },
		/* blanks lost on the way */
		{ "sh-148 [000] ..... 3.383100: kfree: x", "sh", "kfree", "x", 148, 0, 0,
		  3383100000 },
		/* from a serial console */
		{ "              sh-148     [000] .....     3.383100: kfree: x\r", "sh",
		  "kfree", "x", 148, 0, 0, 3383100000 },
	};

	(void)state;
	for (size_t i = 0; i < N(cases); i++) {
		parse(cases[i].text);
		assert_int_equal(line.kind, TEXTLINE_ENTRY);
		expect(line.comm, cases[i].comm);
		expect(line.event, cases[i].event);
		expect(line.body, cases[i].body);
		assert_int_equal(line.pid, cases[i].pid);
		assert_int_equal(line.cpu, cases[i].cpu);
		assert_int_equal(line.flags, cases[i].flags);
		assert_int_equal(line.ts, cases[i].ts);
		assert_false(line.counts);
	}
	parse("              sh-148     [000] .....     1234567: kfree: x");
	assert_int_equal(line.ts, 1234567);
	assert_true(line.counts);
}

static void other_lines(void **state)
{
	(void)state;
	parse("");
	assert_int_equal(line.kind, TEXTLINE_NOTHING);
	parse("# tracer: nop");
	assert_int_equal(line.kind, TEXTLINE_NOTHING);
	parse("##### CPU 1 buffer started ####");
	assert_int_equal(line.kind, TEXTLINE_STARTED);
	parse("# entries-in-buffer/entries-written: 38328/3562330   #P:2");
	assert_int_equal(line.kind, TEXTLINE_COUNTS);
	assert_int_equal(line.in_buffer, 38328);
	assert_int_equal(line.written, 3562330);
	assert_int_equal(line.cpus, 2);
	parse("CPU:3 [LOST 12 EVENTS]");
	assert_int_equal(line.kind, TEXTLINE_LOST);
	assert_int_equal(line.cpu, 3);
	assert_int_equal(line.lost, 12);
	parse("CPU:0 [LOST EVENTS]");
	assert_int_equal(line.kind, TEXTLINE_LOST);
	assert_true(line.lost == TEXT_LOST_UNKNOWN);
	parse("              sh-148     [000] .....     3.383100: <stack trace>");
	assert_int_equal(line.kind, TEXTLINE_STACK);
	parse("              sh-148     [000] .....     3.383100: <user stack trace>");
	assert_int_equal(line.kind, TEXTLINE_USER_STACK);
	parse("              sh-148     [000] .....     3.383100: ksys_write <-do_syscall_64");
	assert_int_equal(line.kind, TEXTLINE_ENTRY);
	assert_int_equal(line.event.len, 0);
}

static void strange_lines(void **state)
{
	static const char *const lines[] = {
		"hello", "a", "-", "-1", " =>", " => ", " => +0x1/0x2", " => f+0x",
		" => f+0x1", " => f+0x1/", " => 0xfffffffffffffffff", "CPU:4096 [LOST 1 EVENTS]",
		"CPU:", "sh-148 [4096] ..... 3.383100: kfree: x",
		"sh-148 [000] ..... 3.38.1: kfree: x", "sh-148 [000] ..... : kfree: x",
		"sh-148 [000] ..... 3.1234567890: kfree: x",
		"sh-148 [000] ..... 99999999999999999999.1: kfree: x",
		"sh-148 [000] ..... 18446744074.1: kfree: x",
		"sh-99999999 [000] ..... 3.383100: kfree: x", "sh-148 [000]", "sh-148 [000] ",
		"sh-148 [000] .....",
	};

	(void)state;
	for (size_t i = 0; i < N(lines); i++) {
		parse(lines[i]);
		assert_int_equal(line.kind, TEXTLINE_STRANGE);
	}
}

static void frames(void **state)
{
	(void)state;
	parse(" => do_cache+0x1a/0x60 [kmtest]");
	assert_int_equal(line.kind, TEXTLINE_FRAME);
	expect(line.frame.name, "do_cache");
	expect(line.frame.module, "kmtest");
	assert_true(line.frame.has_offset);
	assert_int_equal(line.frame.offset, 0x1a);
	assert_int_equal(line.frame.size, 0x60);
	parse(" => vfree.part.0+0x1/0x2");
	expect(line.frame.name, "vfree.part.0");
	expect(line.frame.module, "");
	parse(" => do_cache");
	expect(line.frame.name, "do_cache");
	assert_false(line.frame.has_offset);
	/* CONFIG_STACKTRACE_BUILD_ID, and options/sym-addr */
	parse(" => f+0x1/0x9 [m 0123456789abcdef]");
	expect(line.frame.module, "m");
	parse(" => f <ffffffff81000123>");
	expect(line.frame.name, "f");
	assert_true(line.frame.addr == UINT64_C(0xffffffff81000123));
	/* no symbol any more */
	parse(" => 0xffffffffc0a0417e");
	assert_int_equal(line.frame.name.len, 0);
	assert_true(line.frame.addr == UINT64_C(0xffffffffc0a0417e));
	parse(" => ffffffffc0a0417e");
	assert_true(line.frame.addr == UINT64_C(0xffffffffc0a0417e));
	parse(" => [FTRACE TRAMPOLINE]");
	assert_int_equal(line.kind, TEXTLINE_FRAME);
	assert_true(line.frame.addr == INT32_MAX);
	/* of the function that calls, a return probe has left its own address */
	parse(" => [unknown/kretprobe'd]");
	assert_int_equal(line.kind, TEXTLINE_FRAME);
	expect(line.frame.name, "kretprobe_trampoline");
	/* a function whose name is hexadecimal, too */
	parse(" => add+0x1/0x9");
	expect(line.frame.name, "add");
	parse(" => feedbeef_init+0x1/0x9");
	expect(line.frame.name, "feedbeef_init");
}

static void values(void **state)
{
	struct textspan body = { "xptr=1 ptr=00ff name=a b", 24 }, value;
	uint64_t n;

	(void)state;
	assert_true(textline_value(body, "ptr", &value));
	expect(value, "00ff");
	assert_true(textline_hex(value, &n));
	assert_int_equal(n, 255);
	assert_false(textline_number(value, &n));
	assert_true(textline_value(body, "name", &value));
	expect(value, "a");
	assert_false(textline_value(body, "nam", &value));
	assert_false(textline_value((struct textspan){ "ptr", 3 }, "ptr", &value));
	assert_false(textline_value((struct textspan){ "", 0 }, "ptr", &value));
	assert_true(textline_value((struct textspan){ "ptr=", 4 }, "ptr", &value));
	assert_int_equal(value.len, 0);
	assert_false(textline_hex(value, &n));
	assert_true(textline_number((struct textspan){ "0x10", 4 }, &n));
	assert_int_equal(n, 16);
	assert_false(textline_number((struct textspan){ "18446744073709551616", 20 }, &n));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(entries),
		cmocka_unit_test(other_lines),
		cmocka_unit_test(strange_lines),
		cmocka_unit_test(frames),
		cmocka_unit_test(values),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
