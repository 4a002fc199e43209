// SPDX-License-Identifier: GPL-2.0-or-later
#include "textline_internal.h"

#include <string.h>

#include "tracefilter.h"

#define HEAD "# tracer: "	/* the first line of a file "trace" */

static void parse_comment(struct textspan s, struct textline *line)
{
	uint64_t cpus = 0;

	line->kind = TEXTLINE_NOTHING;
	if (textspan_skip(&s, HEAD)) {
		line->kind = TEXTLINE_HEAD;
		return;
	}
	/* test_cpu_buff_start(): only if anything was overwritten */
	if (textspan_skip(&s, "##### CPU ")) {
		line->kind = TEXTLINE_STARTED;
		return;
	}
	if (!textspan_skip(&s, "# entries-in-buffer/entries-written: ") ||
	    !textspan_decimal(&s, &line->in_buffer) || !textspan_skip(&s, "/") ||
	    !textspan_decimal(&s, &line->written))
		return;
	textspan_skip_blanks(&s);
	if (textspan_skip(&s, "#P:") && textspan_decimal(&s, &cpus) && cpus <= TEXT_CPUS_MAX)
		line->cpus = (uint32_t)cpus;
	line->kind = TEXTLINE_COUNTS;
}

/*
 * "CPU:1 [LOST 12 EVENTS]" or "[LOST EVENTS]"; "CPU:1 [12 EVENTS DROPPED]" or
 * "[EVENTS DROPPED]" by trace-cmd, and by its --debug where none was lost
 * "[SUBBUFFER START]".
 */
static bool parse_lost(struct textspan s, struct textline *line)
{
	uint64_t cpu;

	if (!textspan_skip(&s, "CPU:") || !textspan_decimal(&s, &cpu) || cpu >= TEXT_CPUS_MAX ||
	    !textspan_skip(&s, " ["))
		return false;
	if (!textspan_skip(&s, "SUBBUFFER START]")) {
		textspan_skip(&s, "LOST ");
		if (!textspan_decimal(&s, &line->lost))
			line->lost = TEXT_LOST_UNKNOWN;
		textspan_skip_blanks(&s);
		if (!textspan_skip(&s, "EVENTS"))
			return false;
	}
	line->kind = TEXTLINE_LOST;
	line->cpu = (uint32_t)cpu;
	return true;
}

/* "kmalloc: call_site=", and the like, at the start of @s. */
static bool begins_event(struct textspan s)
{
	static const char *const events[] = { "kmalloc: ", "kmalloc_node: ", "kfree: ",
					      "kmem_cache_alloc: ", "kmem_cache_alloc_node: ",
					      "kmem_cache_free: ", "mm_page_alloc: ",
					      "mm_page_free: " };

	for (size_t i = 0; i < sizeof(events) / sizeof(events[0]); i++)
		if (textspan_skip(&s, events[i]))
			return textspan_skip(&s, "call_site=") || textspan_skip(&s, "page=") ||
			       textspan_skip(&s, "(");
	return false;
}

/* "12.345678: kmalloc: ", "[001] d..1. 12.345678: kmalloc: ": no task before it. */
static bool lacks_task(struct textspan s)
{
	const char *colon = s.len ? memchr(s.at, ':', s.len) : NULL;
	struct textspan before, word;
	uint64_t n;

	if (!colon)
		return false;
	before = (struct textspan){ s.at, (size_t)(colon - s.at) };
	s.len -= before.len + 1;
	s.at = colon + 1;
	textspan_skip_blanks(&s);
	return textspan_last(&before, &word) && textspan_decimal(&word, &n) &&
	       textspan_skip(&word, ".") && textspan_decimal(&word, &n) && !word.len &&
	       begins_event(s);
}

/* What options that leave out too much make of entries; else TEXTLINE_FOREIGN. */
static enum textline_kind without(struct textspan s)
{
	static const char type[] = "type: ", comment[] = "/* ";
	struct textspan from, word;

	if (begins_event(s))
		return TEXTLINE_BARE;
	if (lacks_task(s))
		return TEXTLINE_CUT;
	if (textspan_from(s, comment, &from) && textspan_skip(&from, comment) &&
	    begins_event(from))
		return TEXTLINE_GRAPH;
	if (textspan_is(s, "<stack trace>"))
		return TEXTLINE_BARE;
	/* print_raw_fmt(), print_hex_fmt(), print_bin_fmt() */
	if (textspan_last(&s, &word)) {
		if (s.len < sizeof(type) - 1)
			return TEXTLINE_FOREIGN;
		from = (struct textspan){ word.at - (sizeof(type) - 1), sizeof(type) - 1 };
		if (textspan_skip(&from, type) && word.len <= 5 && textspan_is_digit(*word.at))
			return TEXTLINE_RAW;
	}
	return TEXTLINE_FOREIGN;
}

/* A part of an entry or a frame: it was one. */
static bool was_entry(struct textspan s)
{
	static const char *const marks[] = { "call_site=", "bytes_req=", "bytes_alloc=",
					     " pfn=0x", "stack trace>", ": kmalloc: ",
					     ": kfree: ", ": kmem_cache_alloc: ",
					     ": kmem_cache_free: ", ": mm_page_alloc: ",
					     ": mm_page_free: " };
	struct textspan at;
	uint64_t n;

	for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++)
		if (memmem(s.at, s.len, marks[i], strlen(marks[i])))
			return true;
	/* "TASK-PID [CPU" */
	for (size_t i = 1; i < s.len; i++) {
		at = (struct textspan){ s.at + i, s.len - i };
		if (!textspan_skip(&at, "-") || !textspan_decimal(&at, &n))
			continue;
		n = at.len;
		textspan_skip_blanks(&at);
		if (n > at.len && textspan_skip(&at, "[") && textspan_decimal(&at, &n) &&
		    n < TEXT_CPUS_MAX && (!at.len || *at.at == ']'))
			return true;
	}
	return false;
}

/* "kmem/kfree/filter:none", and the like; its parts are looked at later. */
static bool is_filter(struct textspan s)
{
	struct tracefilter f;

	return tracefilter_parse(s.at, s.len, &f);
}

/* By trace-cmd, before all entries. */
static bool parse_cpus(struct textspan s, struct textline *line)
{
	uint64_t cpus;

	if (!textspan_skip(&s, "cpus=") || !textspan_decimal(&s, &cpus) || s.len)
		return false;
	line->cpus = cpus <= TEXT_CPUS_MAX ? (uint32_t)cpus : 0;
	line->kind = TEXTLINE_CPUS;
	return true;
}

/* "==> FILE <==", by tail and head before each of several files */
static bool parse_title(struct textspan s, struct textline *line)
{
	static const char end[] = " <==";

	if (!textspan_skip(&s, "==> ") || s.len < sizeof(end) ||
	    memcmp(s.at + s.len - (sizeof(end) - 1), end, sizeof(end) - 1))
		return false;
	line->title = (struct textspan){ s.at, s.len - (sizeof(end) - 1) };
	line->kind = TEXTLINE_HEAD;
	return true;
}

/* As the kernel prints it, with nothing before. */
static bool parse_plain(struct textspan s, struct textline *line)
{

	if (textspan_skip(&s, " =>") || textspan_skip(&s, "=>")) {
		if (!textframe_parse(s, line))
			line->kind = TEXTLINE_BAD_FRAME;
		return true;
	}
	if (*s.at == '#') {
		parse_comment(s, line);
		return true;
	}
	if (*s.at == '\t' && textperf_frame(s, line))
		return true;
	if (parse_lost(s, line) || textentry_parse(s, line))
		return true;
	memset(line, 0, sizeof(*line));
	return parse_cpus(s, line) || parse_title(s, line);
}

/* Of a line that holds more: the kernel's part of it. */
static bool parse_within(struct textspan s, struct textline *line)
{
	struct textspan from;

	if (textspan_from(s, "CPU:", &from) && parse_lost(from, line)) {
		s.len = (size_t)(from.at - s.at);
		line->buffer = textquote_buffer(s);
		return true;
	}
	memset(line, 0, sizeof(*line));
	if (textspan_from(s, "cpus=", &from) && parse_cpus(from, line))
		return true;
	if (textspan_from(s, HEAD, &from) || textspan_from(s, "##### CPU ", &from) ||
	    textspan_from(s, "# entries-in-buffer/", &from)) {
		parse_comment(from, line);
		return true;
	}
	memset(line, 0, sizeof(*line));
	if (!textspan_from(s, "=>", &from))
		return false;
	from.at += 2;
	from.len -= 2;
	return textframe_parse(from, line);
}

void textline_parse(const char *text, size_t len, struct textline *line)
{
	struct textspan s = { text, len }, quoted;

	memset(line, 0, sizeof(*line));
	while (s.len && (s.at[s.len - 1] == '\r' || s.at[s.len - 1] == ' '))
		s.len--;
	if (!s.len)
		return;
	if (parse_plain(s, line))
		return;
	memset(line, 0, sizeof(*line));
	if (textperf_parse(s, line))
		return;
	memset(line, 0, sizeof(*line));
	if (textperf_frame(s, line))
		return;
	memset(line, 0, sizeof(*line));
	if (textentry_verbose(s, line))
		return;
	memset(line, 0, sizeof(*line));
	if (is_filter(s)) {
		line->kind = TEXTLINE_FILTER;
		return;
	}
	quoted = s;
	textquote_skip(&quoted);
	if (!quoted.len) {
		memset(line, 0, sizeof(*line));
		return;
	}
	memset(line, 0, sizeof(*line));
	if (quoted.at != s.at && parse_plain(quoted, line))
		return;
	memset(line, 0, sizeof(*line));
	if (parse_within(s, line))
		return;
	memset(line, 0, sizeof(*line));
	line->kind = without(quoted);
	if (line->kind == TEXTLINE_FOREIGN && was_entry(s))
		line->kind = TEXTLINE_STRANGE;
}
