// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * test_textline.c - lines of the text that tracefs prints
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "../source/textline.h"
#include "../source/textquote.h"

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
	assert_int_equal(line.kind, TEXTLINE_HEAD);
	parse("==> a/trace <==");
	assert_int_equal(line.kind, TEXTLINE_HEAD);
	expect(line.title, "a/trace");
	parse("#           TASK-PID     CPU#  |||||  TIMESTAMP  FUNCTION");
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

static void damaged_lines(void **state)
{
	static const struct {
		const char *text;
		enum textline_kind kind;
	} cases[] = {
		{ "hello", TEXTLINE_FOREIGN }, { "a", TEXTLINE_FOREIGN }, { "-", TEXTLINE_FOREIGN },
		{ "-1", TEXTLINE_FOREIGN }, { "CPU:", TEXTLINE_FOREIGN },
		{ "version = 6", TEXTLINE_FOREIGN }, { "CPU 1 is empty", TEXTLINE_FOREIGN },
		{ "[   12.345678] usb 1-1: new device 5 [001] of 2.0: hub", TEXTLINE_FOREIGN },
		{ "Patch-2 3rd 5: kfree", TEXTLINE_FOREIGN },
		{ "---------------------------------", TEXTLINE_FOREIGN },
		{ " RIP: 0010:take+0x33/0x80 [foo]", TEXTLINE_FOREIGN },
		{ " =>", TEXTLINE_BAD_FRAME }, { " => ", TEXTLINE_BAD_FRAME },
		{ " => +0x1/0x2", TEXTLINE_BAD_FRAME }, { " => f+0x", TEXTLINE_BAD_FRAME },
		{ " => f+0x1", TEXTLINE_BAD_FRAME }, { " => f+0x1/", TEXTLINE_BAD_FRAME },
		{ " => f+0x1/0x2 [m", TEXTLINE_BAD_FRAME },
		{ " => f+0x1/0x2 x", TEXTLINE_BAD_FRAME },
		{ "=> f (ffff", TEXTLINE_BAD_FRAME }, { "> => f+0x", TEXTLINE_BAD_FRAME },
		{ " => 0xfffffffffffffffff", TEXTLINE_BAD_FRAME },
		{ "CPU:4096 [LOST 1 EVENTS]", TEXTLINE_FOREIGN },
		{ "sh-148 [4096] ..... 3.383100: kfree: x", TEXTLINE_STRANGE },
		{ "sh-148 [000] ..... 3.38.1: kfree: x", TEXTLINE_STRANGE },
		{ "sh-148 [000] ..... : kfree: x", TEXTLINE_STRANGE },
		{ "sh-148 [000] ..... 3.1234567890: kfree: x", TEXTLINE_STRANGE },
		{ "sh-148 [000] ..... 99999999999999999999.1: kfree: x", TEXTLINE_STRANGE },
		{ "sh-148 [000] ..... 18446744074.1: kfree: x", TEXTLINE_STRANGE },
		{ "sh-99999999 [000] ..... 3.383100: kfree: x", TEXTLINE_STRANGE },
		{ "sh-148 [000]", TEXTLINE_STRANGE }, { "sh-148 [000] ", TEXTLINE_STRANGE },
		{ "sh-148 [000] .....", TEXTLINE_STRANGE },
		{ "[000] ..... 3.1: kmem_cache_alloc: ca", TEXTLINE_STRANGE },
		{ "/0x80 [foo] ptr=0000000011111111 bytes_req=6", TEXTLINE_STRANGE },
		{ "   3.383100: <stack trace>", TEXTLINE_STRANGE },
		{ "     sh-148  99999999us : kfree: call_site=f ptr=1", TEXTLINE_STRANGE },
		/* too much was left out */
		{ "kfree: call_site=f+0x1/0x9 ptr=1", TEXTLINE_BARE },
		{ "mm_page_free: page=1 pfn=0x1 order=0", TEXTLINE_BARE },
		{ "<stack trace>", TEXTLINE_BARE },
		{ "100 0 16738104843 type: 551", TEXTLINE_RAW },
		{ "00000064 00000000 00000003e58bdb7d type: 4", TEXTLINE_RAW },
		{ "file type: 123456", TEXTLINE_FOREIGN },
	};

	(void)state;
	for (size_t i = 0; i < N(cases); i++) {
		parse(cases[i].text);
		if (line.kind != cases[i].kind)
			fail_msg("'%s': %d", cases[i].text, line.kind);
	}
}

/* What stands before a line of the kernel, and behind it. */
static const char *const around[][2] = {
	{ "> ", "" }, { "| ", "" }, { ">> ", "" }, { "> > ", "\r" }, { ">", "" }, { "\t", "" },
	{ "    ", "" }, { "\xef\xbb\xbf", "" }, { "[   12.345678] ", "" },
	{ "[   12.345678] [    T123] ", "" }, { "[   12.345678][  T123] ", "" },
	{ "[12345.345678][    C0] ", "\r" }, { "<0>[   12.345678] ", "" },
	{ "<6>[   12.345678] ", "" }, { "[Mon Nov 30 09:00:00 2026] ", "" },
	{ "[Nov30 09:00] ", "" }, { "[  +0.000012] ", "" },
	{ "kern  :emerg : [   12.345678] ", "" },
	{ "2026-11-30T09:00:00,123456+00:00 ", "" },
	{ "Nov 30 09:00:00 host kernel: ", "" },
	{ "Nov 30 09:00:00 host kernel: [   12.345678] ", "" },
	{ "2026-11-30T09:00:00.123456+00:00 host-1 kernel: [   12.345678] ", "" },
	{ "Nov 30 09:00:00 host script[12]: ", "" },
	{ "Mon 2026-11-30 09:00:00 UTC host kernel: ", "" },
	{ "> [   12.345678] ", "" }, { "| > ", "" }, { "+ ", "  " },
	{ "trace.txt:", "" }, { "12: ", "" },
};

/* A line of the kernel is the same behind all that, and so is what it says. */
static void quoted_lines(void **state)
{
	static const struct {
		const char *text;
		enum textline_kind kind;
	} cases[] = {
		{ "          insmod-314     [001] d.h1.    12.345678: kfree: call_site=f ptr=1",
		  TEXTLINE_ENTRY },
		{ "          insmod-314     [001] d.h1.    12.345678: <stack trace>",
		  TEXTLINE_STACK },
		{ "          insmod-314     [001] d.h1.    12.345678: <user stack trace>",
		  TEXTLINE_USER_STACK },
		{ "  insmod-314       1d.h1. 12345678us+: kfree: call_site=f ptr=1",
		  TEXTLINE_ENTRY },
		{ " => take+0x33/0x80 [foo]", TEXTLINE_FRAME },
		{ " =>  <00007f0123456789>", TEXTLINE_USER_FRAME },
		{ " => take+0x", TEXTLINE_BAD_FRAME },
		{ "CPU:1 [LOST 7 EVENTS]", TEXTLINE_LOST },
		{ "##### CPU 1 buffer started ####", TEXTLINE_STARTED },
		{ "# entries-in-buffer/entries-written: 1/2   #P:3", TEXTLINE_COUNTS },
	};
	char text[512];

	(void)state;
	for (size_t k = 0; k < N(around); k++)
		for (size_t i = 0; i < N(cases); i++) {
			snprintf(text, sizeof(text), "%s%s%s", around[k][0], cases[i].text,
				 around[k][1]);
			parse(text);
			/* what has nothing but a word before it may be anything */
			if (line.kind == TEXTLINE_FOREIGN && cases[i].kind == TEXTLINE_BAD_FRAME)
				continue;
			if (line.kind != cases[i].kind)
				fail_msg("'%s': %d", text, line.kind);
			if (line.kind == TEXTLINE_ENTRY || line.kind == TEXTLINE_STACK) {
				expect(line.comm, "insmod");
				assert_int_equal(line.pid, 314);
				assert_int_equal(line.cpu, 1);
				assert_int_equal(line.flags, TEXT_FLAG_HARDIRQ);
			}
			if (line.kind == TEXTLINE_ENTRY)
				expect(line.body, "call_site=f ptr=1");
			if (line.kind == TEXTLINE_FRAME) {
				expect(line.frame.name, "take");
				expect(line.frame.module, "foo");
			}
			if (line.kind == TEXTLINE_LOST)
				assert_int_equal(line.lost, 7);
			if (line.kind == TEXTLINE_COUNTS)
				assert_int_equal(line.cpus, 3);
		}
	/* blanks were lost as well */
	parse("> insmod-314 [001] d.h1. 12.345678: kfree: call_site=f ptr=1");
	expect(line.comm, "insmod");
	parse("Nov 30 09:00:00 host kernel: insmod-314 1d.h1. 1us : kfree: call_site=f ptr=1");
	expect(line.comm, "insmod");
}

/* options/latency-format, ftrace_dump(), trace-cmd report, perf script */
static void other_printers(void **state)
{
	static const struct {
		const char *text, *comm, *event, *body;
		enum textline_kind kind;
		int32_t pid;
		uint32_t cpu;
		uint8_t flags;
		uint64_t ts;
	} cases[] = {
		{ "  insmod-314       1d..1. 31228us!: kfree: x", "insmod", "kfree", "x",
		  TEXTLINE_ENTRY, 314, 1, 0, 31228000 },
		{ "kworker/-4        12d.s1    2us : kfree: x", "kworker/", "kfree", "x",
		  TEXTLINE_ENTRY, 4, 12, TEXT_FLAG_SOFTIRQ, 2000 },
		{ "  <idle>-0         0.Ns1.   41us+: <stack trace>", "<idle>", "", "<stack trace>",
		  TEXTLINE_STACK, 0, 0, TEXT_FLAG_SOFTIRQ, 41000 },
		/* a clock that has no point */
		{ "      sh-100       1..... 4711: kfree: x", "sh", "kfree", "x", TEXTLINE_ENTRY,
		  100, 1, 0, 4711 },
		/* options/verbose */
		{ "              sh     100   1 8 00000000 00000002 [00ff6739] 16738.105ms (+0.081ms): kfree: x",
		  "sh", "kfree", "x", TEXTLINE_ENTRY, 100, 1, TEXT_FLAG_HARDIRQ,
		  UINT64_C(0xff6739) * 1000 },
		{ "   a b             7   0 16 00000001 00000002 [00000002] 0.002ms (+0.081ms): <stack trace>",
		  "a b", "", "<stack trace>", TEXTLINE_STACK, 7, 0, TEXT_FLAG_SOFTIRQ, 2000 },
		/* trace-cmd report */
		{ "          <idle>-0     [000]     6.113991: kmem_cache_free:      (f+0x1) call_site=f+0x1 ptr=0x1 name=filp",
		  "<idle>", "kmem_cache_free", "(f+0x1) call_site=f+0x1 ptr=0x1 name=filp",
		  TEXTLINE_ENTRY, 0, 0, 0, 6113991000 },
		{ "          <idle>-0     [000]     6.113991653: kfree:                (f) x", "<idle>",
		  "kfree", "(f) x", TEXTLINE_ENTRY, 0, 0, 0, 6113991653 },
		{ "          <idle>-0     [000]     6.114455: kernel_stack:         <stack trace >",
		  "<idle>", "kernel_stack", "<stack trace >", TEXTLINE_STACK, 0, 0, 0, 6114455000 },
		{ "          <idle>-0     [000]     6.114455: user_stack:           <user stack trace>",
		  "<idle>", "user_stack", "<user stack trace>", TEXTLINE_USER_STACK, 0, 0, 0,
		  6114455000 },
		{ "  <idle>-0       0.Ns1.     6.113991: kfree:                x", "<idle>", "kfree",
		  "x", TEXTLINE_ENTRY, 0, 0, TEXT_FLAG_SOFTIRQ, 6113991000 },
		{ "          <idle>-0     [000]     6.113991: (+1127)  kfree:      x", "<idle>", "kfree",
		  "x", TEXTLINE_ENTRY, 0, 0, 0, 6113991000 },
		{ "              sh-102   [001]     6.112864:          kfree:     x", "sh", "kfree", "x",
		  TEXTLINE_ENTRY, 102, 1, 0, 6112864000 },
		{ "              sh-102   [001]-0x8     6.112864: kfree:     x", "sh", "kfree", "x",
		  TEXTLINE_ENTRY, 102, 1, TEXT_FLAG_HARDIRQ, 6112864000 },
		{ "trace.dat:               sh-102   [001]     6.112864: kfree:     x", "sh", "kfree",
		  "x", TEXTLINE_ENTRY, 102, 1, 0, 6112864000 },
		{ "           mybuf:           sh-102   [001] d..1.     6.112864: kfree:     x", "sh",
		  "kfree", "x", TEXTLINE_ENTRY, 102, 1, 0, 6112864000 },
		/* perf script */
		{ "perf 17376 [001]  1286.351371:       kmem:kmalloc: call_site=f+0x127 node=-1",
		  "perf", "kmalloc", "call_site=f+0x127 node=-1", TEXTLINE_ENTRY, 17376, 1, 0,
		  1286351371000 },
		{ "            perf   102/103   [001]     7.139003123: kmem:kfree: x", "perf", "kfree",
		  "x", TEXTLINE_ENTRY, 103, 1, 0, 7139003123 },
		{ "Web Content-2   102     7.139003:     1   percpu:percpu_alloc_percpu: x",
		  "Web Content-2", "percpu_alloc_percpu", "x", TEXTLINE_ENTRY, 102, 0, 0,
		  7139003000 },
		{ "    perf   102   3     7.139003:      kmem:kmalloc: x", "perf", "kmalloc", "x",
		  TEXTLINE_ENTRY, 102, 3, 0, 7139003000 },
		{ ":-1    -1 [000]     7.365552:            kmem:kfree: x", "<...>", "kfree", "x",
		  TEXTLINE_ENTRY, 0, 0, 0, 7365552000 },
		{ "swapper     0 [003]     7.139003:      kmem:kmalloc: x", "swapper", "kmalloc", "x",
		  TEXTLINE_ENTRY, 0, 3, 0, 7139003000 },
	};

	(void)state;
	for (size_t i = 0; i < N(cases); i++) {
		parse(cases[i].text);
		if (line.kind != cases[i].kind)
			fail_msg("'%s': %d", cases[i].text, line.kind);
		expect(line.comm, cases[i].comm);
		expect(line.event, cases[i].event);
		expect(line.body, cases[i].body);
		assert_int_equal(line.pid, cases[i].pid);
		assert_int_equal(line.cpu, cases[i].cpu);
		assert_int_equal(line.flags, cases[i].flags);
		assert_int_equal(line.ts, cases[i].ts);
	}
	parse("cpus=64");
	assert_int_equal(line.kind, TEXTLINE_CPUS);
	assert_int_equal(line.cpus, 64);
	parse("CPU:1 [EVENTS DROPPED]");
	assert_int_equal(line.kind, TEXTLINE_LOST);
	assert_true(line.lost == TEXT_LOST_UNKNOWN);
	parse("CPU:2 [12 EVENTS DROPPED]");
	assert_int_equal(line.kind, TEXTLINE_LOST);
	assert_int_equal(line.cpu, 2);
	assert_int_equal(line.lost, 12);
	/* no plugins: trace-cmd report -N, -R; options/fields */
	parse("          <idle>-0     [000]     6.114455: kernel_stack:         \t=> take");
	assert_int_equal(line.kind, TEXTLINE_STACK);
	assert_true(line.has_frame);
	assert_true(line.raw_stack);
	expect(line.frame.name, "take");
	parse("          <idle>-0     [000]     6.114455: kernel_stack:          size=17 caller=ARRAY[ef, 65");
	assert_int_equal(line.kind, TEXTLINE_STACK);
	assert_true(line.raw_stack);
	parse("              sh-145     (    145) [001] .....    17.229967: UNKNOWN TYPE 4");
	assert_int_equal(line.kind, TEXTLINE_ENTRY);
	assert_true(line.raw_stack);
}

static void perf_frames(void **state)
{
	static const struct {
		const char *text, *name, *module;
		enum textline_kind kind;
		uint64_t addr, offset;
	} cases[] = {
		{ "\tffffffffc03e5d2b do_kmalloc+0x1b ([kmtest])", "do_kmalloc", "kmtest",
		  TEXTLINE_FRAME, 0xffffffffc03e5d2b, 0x1b },
		{ "\tffffffffc03e5d2b do_kmalloc+0x1b (/lib/modules/6.1.0/kernel/a-b/kmtest.ko.xz)",
		  "do_kmalloc", "kmtest", TEXTLINE_FRAME, 0xffffffffc03e5d2b, 0x1b },
		{ "        ffffffff81639abc vfree.part.0+0x2 ([kernel.kallsyms])", "vfree.part.0", "",
		  TEXTLINE_FRAME, 0xffffffff81639abc, 2 },
		{ "\tffffffff81639abc vfree+0x2 (/usr/lib/debug/boot/vmlinux-6.1.0)", "vfree", "",
		  TEXTLINE_FRAME, 0xffffffff81639abc, 2 },
		{ "\tffffffff81639abc vfree", "vfree", "", TEXTLINE_FRAME, 0xffffffff81639abc, 0 },
		{ "\tffffffffc0a01123 [unknown] ([unknown])", "", "", TEXTLINE_FRAME,
		  0xffffffffc0a01123, 0 },
		{ "\tffffffffc0a01123", "", "", TEXTLINE_FRAME, 0xffffffffc0a01123, 0 },
		{ "\tffffffffc0a01123 [unknown] ([kmtest])", "", "kmtest", TEXTLINE_FRAME,
		  0xffffffffc0a01123, 0 },
		{ "\tbf000123 take+0x23 ([foo])", "take", "foo", TEXTLINE_FRAME, 0xbf000123, 0x23 },
		/* of user space, and what was inlined */
		{ "\t           ee137 sched_setaffinity@@GLIBC_2.3.4+0x7 (/usr/lib/libc.so.6)", "", "",
		  TEXTLINE_USER_FRAME, 0, 0 },
		{ "\t          146f2c [unknown] (/usr/bin/perf)", "", "", TEXTLINE_USER_FRAME, 0, 0 },
		{ "\t               0 [unknown] ([unknown])", "", "", TEXTLINE_USER_FRAME, 0, 0 },
		{ "\t    7f0123456789 [unknown] ([unknown])", "", "", TEXTLINE_USER_FRAME, 0, 0 },
		{ "\tffffffffff600000 vsyscall ([vsyscall])", "", "", TEXTLINE_USER_FRAME, 0, 0 },
		{ "\tffffffff81639abc kmalloc+0x12 (inlined)", "", "", TEXTLINE_USER_FRAME, 0, 0 },
	};

	(void)state;
	for (size_t i = 0; i < N(cases); i++) {
		parse(cases[i].text);
		if (line.kind != cases[i].kind)
			fail_msg("'%s': %d", cases[i].text, line.kind);
		assert_true(line.perf);
		expect(line.frame.name, cases[i].name);
		expect(line.frame.module, cases[i].module);
		assert_true(line.frame.addr == cases[i].addr);
		assert_int_equal(line.frame.offset, cases[i].offset);
	}
}

static void escapes(void **state)
{
	static const char *const cases[][2] = {
		{ "plain", "plain" }, { "\x1b[32m[   1.0] \x1b[0m\x1b[1;31mx\x1b[m", "[   1.0] x" },
		{ "a\x1b]0;title\ab", "ab" }, { "a\x1b(Bc", "aBc" }, { "a\x1b", "a" },
		{ "a\x1b[", "a" }, { "a\x1b[12", "a" }, { "a\x1b]12", "a" }, { "\x1b[K", "" },
	};
	char text[64];

	(void)state;
	for (size_t i = 0; i < N(cases); i++) {
		strcpy(text, cases[i][0]);
		expect((struct textspan){ text, textquote_clean(text, strlen(text)) }, cases[i][1]);
	}
}

static void frames(void **state)
{
	static const char *const user[] = { " =>  <000000000047bc67>", " => ??",
					    " => /usr/bin/busybox[+0x7ac67]",
					    " => [vdso][+0x123] <00007f0123456789>" };

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
	parse("=> do_cache (ffffffffc0a01123)");
	assert_int_equal(line.kind, TEXTLINE_FRAME);
	expect(line.frame.name, "do_cache");
	assert_false(line.frame.has_offset);
	assert_true(line.frame.addr == UINT64_C(0xffffffffc0a01123));
	parse("=> do_cache+0x2b (ffffffffc0a01123)");
	assert_int_equal(line.kind, TEXTLINE_FRAME);
	assert_int_equal(line.frame.offset, 0x2b);
	/* of user space */
	for (size_t i = 0; i < N(user); i++) {
		parse(user[i]);
		assert_int_equal(line.kind, TEXTLINE_USER_FRAME);
	}
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
	assert_true(textvalue_find(body, "ptr", &value));
	expect(value, "00ff");
	assert_true(textvalue_hex(value, &n));
	assert_int_equal(n, 255);
	assert_false(textvalue_number(value, &n));
	assert_true(textvalue_find(body, "name", &value));
	expect(value, "a");
	assert_false(textvalue_find(body, "nam", &value));
	assert_false(textvalue_find((struct textspan){ "ptr", 3 }, "ptr", &value));
	assert_false(textvalue_find((struct textspan){ "", 0 }, "ptr", &value));
	assert_true(textvalue_find((struct textspan){ "ptr=", 4 }, "ptr", &value));
	assert_int_equal(value.len, 0);
	assert_false(textvalue_hex(value, &n));
	assert_true(textvalue_number((struct textspan){ "0x10", 4 }, &n));
	assert_int_equal(n, 16);
	assert_false(textvalue_number((struct textspan){ "18446744073709551616", 20 }, &n));
}

/* What %p printed over the years, and libtraceevent for it. */
static void pointers(void **state)
{
	static const struct {
		const char *text;
		enum textpointer is;
		uint64_t value;
	} cases[] = {
		{ "ptr=          (null)", TEXTPOINTER_NULL, 0 },
		{ "ptr=  (null) bytes_req=8", TEXTPOINTER_NULL, 0 },
		{ "ptr=(null)", TEXTPOINTER_NULL, 0 },
		{ "ptr=(nil) bytes_req=8", TEXTPOINTER_NULL, 0 },
		{ "ptr=0 bytes_req=8", TEXTPOINTER_NULL, 0 },
		{ "ptr=0x0", TEXTPOINTER_NULL, 0 },
		{ "ptr=00000000", TEXTPOINTER_NULL, 0 },
		{ "ptr=0000000000000000 x=1", TEXTPOINTER_NULL, 0 },
		{ "ptr=(____ptrval____)", TEXTPOINTER_WITHHELD, 0 },
		{ "ptr=  (ptrval) x=1", TEXTPOINTER_WITHHELD, 0 },
		{ "ptr=(efault)", TEXTPOINTER_WITHHELD, 0 },
		{ "ptr=(einval)", TEXTPOINTER_WITHHELD, 0 },
		{ "ptr=        c143de20", TEXTPOINTER_VALUE, 0xc143de20 },
		{ "ptr=0xffff88005ee19a80 x=1", TEXTPOINTER_VALUE, 0xffff88005ee19a80 },
		{ "ptr= bytes_req=8", TEXTPOINTER_NONE, 0 },
		{ "ptr=", TEXTPOINTER_NONE, 0 },
		{ "ptr=   ", TEXTPOINTER_NONE, 0 },
		{ "ptr=()", TEXTPOINTER_NONE, 0 },
		{ "ptr=(null", TEXTPOINTER_NONE, 0 },
		{ "ptr=hello", TEXTPOINTER_NONE, 0 },
		{ "ptr=0xffff88005ee19a8012", TEXTPOINTER_NONE, 0 },
	};

	(void)state;
	for (size_t i = 0; i < N(cases); i++) {
		struct textspan body = { cases[i].text, strlen(cases[i].text) }, value;
		uint64_t n = 1;

		assert_true(textvalue_find(body, "ptr", &value));
		if (textvalue_pointer(value, &n) != cases[i].is || (n != cases[i].value &&
		    cases[i].is != TEXTPOINTER_NONE))
			fail_msg("%s", cases[i].text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(entries),
		cmocka_unit_test(other_lines),
		cmocka_unit_test(damaged_lines),
		cmocka_unit_test(quoted_lines),
		cmocka_unit_test(other_printers),
		cmocka_unit_test(perf_frames),
		cmocka_unit_test(escapes),
		cmocka_unit_test(frames),
		cmocka_unit_test(values),
		cmocka_unit_test(pointers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
