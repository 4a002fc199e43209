// SPDX-License-Identifier: GPL-2.0-or-later
#include "textline_internal.h"

#include <string.h>

#define FLAGS_MAX	6u
#define NARROW_WIDTH	8u	/* columns of a name in latency format */
#define TEXT_FLAGS	(TEXT_FLAG_HARDIRQ | TEXT_FLAG_SOFTIRQ | TEXT_FLAG_NMI)

/* The third: where the record was written, trace_print_lat_fmt() */
static uint8_t context_flags(struct textspan flags)
{
	if (flags.len < 3)
		return 0;
	switch (flags.at[2]) {
	case 'h':
		return TEXT_FLAG_HARDIRQ;
	case 'H':
		return TEXT_FLAG_HARDIRQ | TEXT_FLAG_SOFTIRQ;
	case 's':
		return TEXT_FLAG_SOFTIRQ;
	case 'z':
		return TEXT_FLAG_NMI;
	case 'Z':
		return TEXT_FLAG_NMI | TEXT_FLAG_HARDIRQ;
	}
	return 0;
}

/*
 * "12.345678: " or "12345: ". False: it is no time. No clock of the kernel's comes to
 * the upper half of what 64 bits can count (292 years), and the times of entries that
 * are given out from here on do not come to the end of it.
 */
bool textentry_time(struct textspan *s, struct textline *line)
{
	uint64_t fraction = 0, scale = 1000000000;
	size_t before;

	if (!textspan_decimal(s, &line->ts))
		return false;
	line->counts = !textspan_skip(s, ".");
	if (!line->counts) {
		before = s->len;
		if (!textspan_decimal(s, &fraction) || before - s->len > 9)
			return false;
		for (before -= s->len; before--;)
			scale /= 10;
		if (__builtin_mul_overflow(line->ts, (uint64_t)1000000000, &line->ts) ||
		    __builtin_add_overflow(line->ts, fraction * scale, &line->ts))
			return false;
	}
	if (line->ts > INT64_MAX)
		return false;
	return textspan_skip(s, ": ") || (s->len == 1 && textspan_skip(s, ":"));
}

/* The flags at the start of *@s. */
static bool parse_flags(struct textspan *s, struct textline *line)
{
	const char *end = memchr(s->at, ' ', s->len);
	size_t n = end ? (size_t)(end - s->at) : 0;

	if (!n || n > FLAGS_MAX)
		return false;
	for (size_t i = 0; i < n; i++)
		if (s->at[i] != '.' && s->at[i] != '#' && s->at[i] != '*' &&
		    !textspan_is_name(s->at[i]))
			return false;
	line->flags = context_flags((struct textspan){ s->at, n });
	s->at += n;
	s->len -= n;
	textspan_skip_blanks(s);
	return true;
}

/* "  31228us!: ": from the begin of the buffer, and a mark of how long it took. */
static bool parse_us(struct textspan *s, struct textline *line)
{
	if (!textspan_decimal(s, &line->ts) || !textspan_skip(s, "us") || s->len < 2 ||
	    __builtin_mul_overflow(line->ts, (uint64_t)1000, &line->ts))
		return false;
	if (*s->at != ':') {	/* one of " +!#*@$", trace_find_mark() */
		s->at++;
		s->len--;
	}
	return textspan_skip(s, ": ") || textspan_skip(s, ":");
}

/* options/latency-format, @s: "  1d..1. 12us : ", lat_print_generic() */
static bool parse_latency(struct textspan s, struct textline *line)
{
	struct textspan was;
	uint64_t cpu, flags;

	if (!textspan_decimal(&s, &cpu) || cpu >= TEXT_CPUS_MAX || !s.len)
		return false;
	if (textspan_skip(&s, "-0x") && textspan_hex(&s, &flags)) {	/* report -R -l */
		line->flags = (uint8_t)flags & TEXT_FLAGS;
		textspan_skip_blanks(&s);
	} else if (!s.len || !memchr(".dDXb", *s.at, 5) || !parse_flags(&s, line)) {
		return false;
	}
	line->cpu = (uint32_t)cpu;
	line->narrow = true;
	was = s;
	if (!parse_us(&s, line)) {
		s = was;
		if (!textentry_time(&s, line))	/* other clocks; trace-cmd report -l */
			return false;
	}
	line->body = s;
	return true;
}

/* All behind "-PID", @s: "   [001] d..1. 12.345678: event: body" */
static bool parse_rest(struct textspan s, struct textline *line)
{
	struct textspan flags;
	uint64_t cpu, tgid;

	textspan_skip_blanks(&s);
	if (textspan_skip(&s, "(")) {	/* options/record-tgid: "(  314)", "(-----)" */
		textspan_skip_blanks(&s);
		if (!textspan_decimal(&s, &tgid))
			while (textspan_skip(&s, "-"))
				;
		if (!textspan_skip(&s, ")"))
			return false;
		textspan_skip_blanks(&s);
	}
	if (s.len && textspan_is_digit(*s.at))
		return parse_latency(s, line);
	if (!textspan_skip(&s, "[") || !textspan_decimal(&s, &cpu) ||
	    !textspan_skip(&s, "]") || cpu >= TEXT_CPUS_MAX)
		return false;
	line->cpu = (uint32_t)cpu;
	/* trace-cmd report -R has the flags of the record here */
	if (textspan_skip(&s, "-0x") && textspan_hex(&s, &tgid))
		line->flags = (uint8_t)tgid & TEXT_FLAGS;
	if (!s.len || *s.at != ' ')
		return false;
	textspan_skip_blanks(&s);
	flags = s;
	if (!textentry_time(&s, line)) {	/* with options/irq-info */
		s = flags;
		if (!parse_flags(&s, line) || !textentry_time(&s, line))
			return false;
	}
	line->body = s;
	return true;
}

static void parse_stack(struct textspan s, struct textline *line)
{
	struct textspan rest = s;

	line->kind = TEXTLINE_STACK;
	line->raw_stack = textspan_skip(&rest, "size=");
	/* trace-cmd report -N: the first frame stands in the same line */
	textspan_skip_blanks(&rest);
	if (!textspan_skip(&rest, "=>"))
		return;
	line->has_frame = textframe_parse(rest, line) && line->kind == TEXTLINE_FRAME;
	/* it believes the format, which declares eight, include/trace/trace_entries.h */
	line->raw_stack = line->has_frame;
	line->kind = TEXTLINE_STACK;
}

/* What comes behind the time: "event: body", "<stack trace>" */
bool textentry_event(struct textline *line)
{
	struct textspan s = line->body;
	const char *colon;

	/* since the last entry: trace-cmd report --ts-diff */
	if (s.len && (*s.at == ' ' || *s.at == '(')) {
		textspan_skip_blanks(&s);
		if (textspan_skip(&s, "(+")) {
			while (s.len && *s.at != ')') {
				s.at++;
				s.len--;
			}
			textspan_skip(&s, ")");
			textspan_skip_blanks(&s);
		}
		line->body = s;
	}
	line->kind = TEXTLINE_STACK;
	if (textspan_skip(&s, "<stack trace"))
		return true;
	line->kind = TEXTLINE_USER_STACK;
	if (textspan_skip(&s, "<user stack trace"))
		return true;
	line->kind = TEXTLINE_ENTRY;
	colon = s.len ? memchr(s.at, ':', s.len) : NULL;
	/* "kmem:kmalloc: " by perf, which says of what system */
	if (colon && !memchr(s.at, ' ', (size_t)(colon - s.at))) {
		struct textspan name = { colon + 1, (size_t)(s.at + s.len - colon) - 1 };
		size_t n = 0;

		while (n < name.len && textspan_is_name(name.at[n]))
			n++;
		if (n && n < name.len && name.at[n] == ':') {
			s = name;
			colon = name.at + n;
		}
	}
	if (!colon) {	/* of the function tracer, a marker */
		line->event.len = 0;
		line->raw_stack = textspan_skip(&s, "UNKNOWN TYPE ");
		return true;
	}
	line->event = (struct textspan){ s.at, (size_t)(colon - s.at) };
	s.len -= line->event.len + 1;
	s.at += line->event.len + 1;
	textspan_skip_blanks(&s);
	line->body = s;
	/* the same as events, trace-cmd prints them so */
	if (textspan_is(line->event, "kernel_stack"))
		parse_stack(s, line);
	else if (textspan_is(line->event, "user_stack"))
		line->kind = TEXTLINE_USER_STACK;
	return true;
}

/* A task's "NAME-PID" whose dash is at @i, and all behind it. */
static bool parse_at(struct textspan s, size_t i, struct textline *line)
{
	struct textspan rest = { s.at + i + 1, s.len - i - 1 };
	uint64_t pid;

	if (s.at[i] != '-' || !textspan_decimal(&rest, &pid) || pid > TEXT_PID_MAX)
		return false;
	memset(line, 0, sizeof(*line));
	line->pid = (int32_t)pid;
	line->comm = (struct textspan){ s.at, i };
	return parse_rest(rest, line);
}

/* Of what stands before the dash, and in @line->comm, the task's name. */
static void take_comm(struct textline *line)
{
	size_t width = line->narrow ? NARROW_WIDTH : TEXT_COMM_WIDTH;
	struct textspan before = line->comm, padding = { before.at, 0 };

	textquote_trim(&line->comm, width);
	if (before.len > width) {
		padding.at += before.len - width;
		padding.len = (size_t)(line->comm.at - padding.at);
		textspan_skip_blanks(&padding);
	}
	before.len -= before.len > width && !padding.len ? width : line->comm.len;
	line->buffer = textquote_buffer(before);
}

/*
 * Names hold dashes, digits and brackets, too ("kworker/0:1-events", "a-1 [0]"),
 * but are printed as %16s, trace_print_context(). Where something stands before
 * them, or blanks were cut off, the first place that makes sense of the rest.
 */
bool textentry_parse(struct textspan s, struct textline *line)
{
	size_t i;

	if (s.len > TEXT_COMM_WIDTH && parse_at(s, TEXT_COMM_WIDTH, line) && !line->narrow) {
		textspan_skip_blanks(&line->comm);
		return textentry_event(line);
	}
	for (i = 1; i < s.len; i++)
		if (s.at[i] == '-' && s.at[i - 1] != ' ' && parse_at(s, i, line)) {
			take_comm(line);
			return line->comm.len && textentry_event(line);
		}
	return false;
}

bool textentry_comm(struct textspan s, struct textline *line)
{
	while (s.len && s.at[s.len - 1] == ' ')
		s.len--;
	line->comm = s;
	take_comm(line);
	return line->comm.len > 0;
}

/*
 * options/latency-format with options/verbose, trace_print_lat_context():
 *
 *	COMM PID CPU FLAGS PREEMPT INDEX [US] MS.USms (+MS.USms): EVENT: BODY
 */
bool textentry_verbose(struct textspan s, struct textline *line)
{
	static const char mark[] = "ms (+", end[] = "ms): ";
	const char *at = memmem(s.at, s.len, mark, sizeof(mark) - 1);
	uint64_t pid, cpu, flags, skipped;
	struct textspan before, word;

	if (!at)
		return false;
	before = (struct textspan){ s.at, (size_t)(at - s.at) };
	s.len -= (size_t)(at - s.at);
	s.at = at;
	at = memmem(s.at, s.len, end, sizeof(end) - 1);
	if (!at || !textspan_last(&before, &word) || !textspan_last(&before, &word) ||
	    !textspan_skip(&word, "[") || !textspan_hex(&word, &line->ts) ||
	    !textspan_skip(&word, "]") ||
	    __builtin_mul_overflow(line->ts, (uint64_t)1000, &line->ts) ||
	    !textspan_last_hex(&before, &skipped) || !textspan_last_hex(&before, &skipped) ||
	    !textspan_last_decimal(&before, &flags) || !textspan_last_decimal(&before, &cpu) ||
	    !textspan_last_decimal(&before, &pid) || cpu >= TEXT_CPUS_MAX ||
	    pid > TEXT_PID_MAX ||
	    !textentry_comm(before, line))
		return false;
	line->flags = (uint8_t)flags & TEXT_FLAGS;
	line->cpu = (uint32_t)cpu;
	line->pid = (int32_t)pid;
	at += sizeof(end) - 1;
	line->body = (struct textspan){ at, (size_t)(s.at + s.len - at) };
	return textentry_event(line);
}
