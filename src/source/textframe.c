// SPDX-License-Identifier: GPL-2.0-or-later
#include "textline_internal.h"

#include <string.h>

#define FTRACE_TRAMPOLINE_MARKER INT32_MAX	/* kernel/trace/trace.h */

/* Of user space: " =>  <00007f..>", " => /lib/libc.so.6[+0x1]", " => ??" */
static bool is_user_frame(struct textspan s)
{
	return textspan_skip(&s, "<") || textspan_skip(&s, "/") || textspan_skip(&s, "??") ||
	       textspan_skip(&s, "[vdso]") || (s.len > 4 && memmem(s.at, s.len, "[+0x", 4));
}

/*
 * What is behind the arrow: "f+0x1/0x9 [m] <ffffffffc0..>", the address with
 * options/sym-addr, and "f (ffffffffc0..)" by trace-cmd. False: something else.
 */
bool textframe_parse(struct textspan s, struct textline *line)
{
	static const char trampoline[] = "kretprobe_trampoline";
	struct textspan rest;
	size_t n;

	textspan_skip_blanks(&s);
	line->kind = TEXTLINE_FRAME;
	if (textspan_skip(&s, "[FTRACE TRAMPOLINE]")) {
		line->frame.addr = FTRACE_TRAMPOLINE_MARKER;
		return true;
	}
	/* what it says instead of the trampoline's name, kretprobed() */
	if (textspan_skip(&s, "[unknown/kretprobe'd]")) {
		line->frame.name = (struct textspan){ trampoline, sizeof(trampoline) - 1 };
		return true;
	}
	if (is_user_frame(s)) {
		line->kind = TEXTLINE_USER_FRAME;
		return true;
	}
	if (!textvalue_code(s, &line->frame, &n))
		return false;
	rest = (struct textspan){ s.at + n, s.len - n };
	if (textspan_skip(&rest, " <") || textspan_skip(&rest, " (")) {
		char close = rest.at[-1] == '<' ? '>' : ')';

		if (!textspan_hex(&rest, &line->frame.addr) || !rest.len || *rest.at != close)
			return false;
		rest.at++;
		rest.len--;
	}
	textspan_skip_blanks(&rest);
	/* where the record of the stack is in the file: trace-cmd report --debug */
	if (rest.len && *rest.at == '[' && rest.at[rest.len - 1] == ']' &&
	    memmem(rest.at, rest.len, ":0x", 3))
		rest.len = 0;
	/* the kernel prints the size, and trace-cmd the address: else it was cut off */
	return !rest.len && (!line->frame.has_offset || line->frame.size || line->frame.addr);
}
