// SPDX-License-Identifier: GPL-2.0-or-later
#include "textline_internal.h"

#include <string.h>

#define KERNEL_32BIT	UINT64_C(0xbf000000)	/* modules of 32-bit ARM, the lowest */

/* "kmem:kmalloc:" at the start of @s */
static bool names_event(struct textspan s)
{
	size_t i = 0, colons = 0;

	for (; i < s.len && colons < 2; i++) {
		if (s.at[i] == ':' && i && s.at[i - 1] != ':')
			colons++;
		else if (!textspan_is_name(s.at[i]) && s.at[i] != '-')
			return false;
	}
	return colons == 2;
}

/* "[003] " and PID/TID at the end of what stands before the time. */
static bool take_task(struct textspan before, struct textline *line)
{
	static const char forgotten[] = "<...>";
	struct textspan was, word, other;
	uint64_t value, cpu = 0;
	bool unknown;

	if (!textspan_last(&before, &word))
		return false;
	if (textspan_skip(&word, "[")) {
		if (!textspan_decimal(&word, &cpu) || !textspan_skip(&word, "]") ||
		    cpu >= TEXT_CPUS_MAX ||
		    !textspan_last(&before, &word))
			return false;
	}
	line->cpu = (uint32_t)cpu;
	/* ":-1 -1": a task that was gone */
	unknown = textspan_skip(&word, "-");
	if (!textspan_decimal(&word, &value))
		return false;
	/* perf script -L has the CPU without brackets */
	was = before;
	if (!word.len && value < TEXT_CPUS_MAX && textspan_last(&was, &other) &&
	    textspan_decimal(&other, &cpu) && (!other.len || *other.at == '/')) {
		line->cpu = (uint32_t)value;
		value = cpu;
		word = other;
		before = was;
	}
	if (textspan_skip(&word, "/") && !textspan_decimal(&word, &value))
		return false;
	if (word.len || value > TEXT_PID_MAX || !textentry_comm(before, line))
		return false;
	line->pid = (int32_t)value;
	if (unknown) {
		line->pid = 0;
		line->comm = (struct textspan){ forgotten, sizeof(forgotten) - 1 };
	}
	return true;
}

/*
 *	COMM PID [CPU] TIME: SYSTEM:EVENT: BODY
 *
 * with PID/TID for PID, a period before the event, and no CPU where perf did not
 * record it, with -F and in recordings of one task.
 */
bool textperf_parse(struct textspan s, struct textline *line)
{
	const char *colon = s.len ? memchr(s.at, ':', s.len) : NULL;
	struct textspan before, word, time;
	uint64_t value;

	for (; colon; colon = memchr(colon + 1, ':', (size_t)(s.at + s.len - colon - 1)))
		if (colon > s.at && textspan_is_digit(colon[-1]) && colon + 1 < s.at + s.len &&
		    colon[1] == ' ')
			break;
	if (!colon)
		return false;
	before = (struct textspan){ s.at, (size_t)(colon - s.at) };
	if (!textspan_last(&before, &time) || !memchr(time.at, '.', time.len))
		return false;
	time.len = (size_t)(s.at + s.len - time.at);
	if (!textentry_time(&time, line) || line->counts)
		return false;
	textspan_skip_blanks(&time);
	word = time;
	if (textspan_decimal(&word, &value) && word.len && *word.at == ' ') {
		textspan_skip_blanks(&word);
		time = word;
	}
	if (!names_event(time))
		return false;
	line->body = time;
	if (!take_task(before, line))
		return false;
	line->perf = true;
	return textentry_event(line);
}

/*
 * "[kernel.kallsyms]", "[kmtest]", "/lib/modules/.../kmtest.ko.xz". The first does not
 * say that it is the kernel's: of a module that perf has not seen it says the same.
 * False: it is none of the kernel's.
 */
static bool perf_object(struct textspan dso, uint64_t addr, struct textline *line)
{
	static const char *const user[] = { "[vdso]", "[vsyscall]", "[heap]", "[stack]",
					    "[anon]" };
	const char *ko, *slash;

	for (size_t i = 0; i < sizeof(user) / sizeof(user[0]); i++)
		if (textspan_is(dso, user[i]))
			return false;
	if (!dso.len || textspan_is(dso, "[unknown]"))
		return addr >> 63 || (!(addr >> 32) && addr >= KERNEL_32BIT);
	ko = memmem(dso.at, dso.len, ".ko", 3);
	if (ko && (ko + 3 == dso.at + dso.len || ko[3] == '.')) {
		slash = memrchr(dso.at, '/', (size_t)(ko - dso.at));
		slash = slash ? slash + 1 : dso.at;
		line->frame.module = (struct textspan){ slash, (size_t)(ko - slash) };
		return true;
	}
	if (memmem(dso.at, dso.len, "kernel.", 7) || textspan_is(dso, "[kernel]") ||
	    memmem(dso.at, dso.len, "vmlinux", 7) || memmem(dso.at, dso.len, "kcore", 5))
		return true;
	if (textspan_skip(&dso, "[") && dso.len && dso.at[dso.len - 1] == ']') {
		line->frame.module = (struct textspan){ dso.at, dso.len - 1 };
		return true;
	}
	/* code of BPF is the kernel's, too */
	return textspan_skip(&dso, "bpf_");
}

/* "	ffffffffc03e5d2b do_kmalloc+0x1b ([kmtest])" */
bool textperf_frame(struct textspan s, struct textline *line)
{
	struct textspan dso = { 0 }, rest;
	const char *open;
	uint64_t addr;
	size_t n;

	if (!s.len || (*s.at != ' ' && *s.at != '\t'))
		return false;
	textspan_skip_blanks(&s);
	rest = s;
	/* so short, and nothing behind it: any number */
	if (!textspan_hex(&s, &addr) || (s.len && *s.at != ' ') ||
	    (rest.len - s.len < 4 && (!s.len || s.at[s.len - 1] != ')')))
		return false;
	textspan_skip_blanks(&s);
	if (s.len && s.at[s.len - 1] == ')') {
		open = memrchr(s.at, '(', s.len);
		if (!open)
			return false;
		dso = (struct textspan){ open + 1, (size_t)(s.at + s.len - open) - 2 };
		s.len = (size_t)(open - s.at);
	}
	while (s.len && s.at[s.len - 1] == ' ')
		s.len--;
	line->kind = TEXTLINE_USER_FRAME;
	line->perf = true;
	/* a function that was inlined: the next frame is the same code */
	if (textspan_is(dso, "inlined"))
		return true;
	if (!perf_object(dso, addr, line))
		return true;
	line->kind = TEXTLINE_FRAME;
	if (s.len && !textspan_is(s, "[unknown]")) {
		struct textspan module = line->frame.module;

		if (!textvalue_code(s, &line->frame, &n) || n != s.len)
			line->frame = (struct textcode){ 0 };
		line->frame.module = module;
	}
	line->frame.addr = addr;
	return true;
}
