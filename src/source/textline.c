// SPDX-License-Identifier: GPL-2.0-or-later
#include "textline.h"

#include <string.h>

#include "tracefilter.h"

#define COMM_WIDTH	16u
#define FLAGS_MAX	6u
#define TEXT_FLAGS	(TEXT_FLAG_HARDIRQ | TEXT_FLAG_SOFTIRQ | TEXT_FLAG_NMI)
#define KERNEL_32BIT	UINT64_C(0xbf000000)	/* modules of 32-bit ARM, the lowest */
#define FTRACE_TRAMPOLINE_MARKER INT32_MAX	/* kernel/trace/trace.h */

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static int hex_digit(char c)
{
	if (is_digit(c))
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

/* Moves *@s over a decimal number. False: there is none, or it is too large. */
static bool decimal(struct textspan *s, uint64_t *value)
{
	size_t i = 0;

	*value = 0;
	for (; i < s->len && is_digit(s->at[i]); i++)
		if (__builtin_mul_overflow(*value, 10u, value) ||
		    __builtin_add_overflow(*value, (uint64_t)(s->at[i] - '0'), value))
			return false;
	s->at += i;
	s->len -= i;
	return i > 0;
}

static bool hexadecimal(struct textspan *s, uint64_t *value)
{
	size_t i = 0;

	*value = 0;
	for (; i < s->len && hex_digit(s->at[i]) >= 0; i++) {
		if (i >= 16)
			return false;
		*value = *value << 4 | (uint64_t)hex_digit(s->at[i]);
	}
	s->at += i;
	s->len -= i;
	return i > 0;
}

static bool skip(struct textspan *s, const char *what)
{
	size_t len = strlen(what);

	if (s->len < len || memcmp(s->at, what, len))
		return false;
	s->at += len;
	s->len -= len;
	return true;
}

static bool is_word(struct textspan s, const char *word)
{
	return s.len == strlen(word) && !memcmp(s.at, word, s.len);
}

static void skip_blanks(struct textspan *s)
{
	while (s->len && (*s->at == ' ' || *s->at == '\t')) {
		s->at++;
		s->len--;
	}
}

bool textline_number(struct textspan text, uint64_t *value)
{
	if (skip(&text, "0x"))
		return hexadecimal(&text, value) && !text.len;
	return decimal(&text, value) && !text.len;
}

bool textline_hex(struct textspan text, uint64_t *value)
{
	skip(&text, "0x");
	return hexadecimal(&text, value) && !text.len;
}

/*
 * What is in brackets is padded with blanks to the width of a pointer: NULL of
 * kernels before 5.10 ("          (null)", lib/vsprintf.c, pointer()). Behind a
 * value that is empty the next key comes.
 */
static void skip_padding(struct textspan *value)
{
	struct textspan s = *value;
	const char *end;

	skip_blanks(&s);
	end = s.len ? memchr(s.at, ' ', s.len) : NULL;
	if (s.len && !memchr(s.at, '=', end ? (size_t)(end - s.at) : s.len))
		*value = s;
}

bool textline_value(struct textspan body, const char *key, struct textspan *value)
{
	size_t want = strlen(key), i;

	for (i = 0; i + want < body.len; i++) {
		const char *end;

		if (body.at[i + want] != '=' || memcmp(body.at + i, key, want) ||
		    (i && body.at[i - 1] != ' '))
			continue;
		value->at = body.at + i + want + 1;
		value->len = body.len - i - want - 1;
		skip_padding(value);
		end = value->len ? memchr(value->at, ' ', value->len) : NULL;
		if (end)
			value->len = (size_t)(end - value->at);
		return true;
	}
	return false;
}

enum textpointer textline_pointer(struct textspan text, uint64_t *value)
{
	*value = 0;
	if (textline_hex(text, value))
		return *value ? TEXTPOINTER_VALUE : TEXTPOINTER_NULL;
	if (text.len < 3 || text.at[0] != '(' || text.at[text.len - 1] != ')')
		return TEXTPOINTER_NONE;
	*value = 0;
	if (skip(&text, "(null)") || skip(&text, "(nil)"))
		return text.len ? TEXTPOINTER_NONE : TEXTPOINTER_NULL;
	return TEXTPOINTER_WITHHELD;
}

static bool is_symbol_char(char c)
{
	return c == '_' || c == '.' || c == '$' || is_digit(c) ||
	       (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool textline_code(struct textspan text, struct textcode *code, size_t *len)
{
	struct textspan s = text;
	size_t n = 0;

	memset(code, 0, sizeof(*code));
	if (skip(&s, "0x")) {
		if (!hexadecimal(&s, &code->addr))
			return false;
		*len = text.len - s.len;
		return true;
	}
	while (n < s.len && is_symbol_char(s.at[n]))
		n++;
	if (!n)
		return false;
	/* %lx of kernels before 5.9: the bare address; no name begins with a digit */
	if ((n >= 8 || is_digit(*s.at)) && hexadecimal(&s, &code->addr) && text.len - s.len == n) {
		*len = n;
		return true;
	}
	s = text;
	code->addr = 0;
	code->name = (struct textspan){ s.at, n };
	s.at += n;
	s.len -= n;
	if (skip(&s, "+0x")) {
		if (!hexadecimal(&s, &code->offset))
			return false;
		/* trace-cmd and perf do not print the size */
		if (skip(&s, "/") && (!skip(&s, "0x") || !hexadecimal(&s, &code->size)))
			return false;
		code->has_offset = true;
		code->told = code->size > 0;
	}
	/* the build-id may follow the name: CONFIG_STACKTRACE_BUILD_ID */
	if (s.len > 2 && s.at[0] == ' ' && s.at[1] == '[') {
		const char *end = memchr(s.at, ']', s.len);
		size_t in;

		if (end) {
			in = (size_t)(end - s.at) - 2;
			code->module = (struct textspan){ s.at + 2, in };
			end = memchr(code->module.at, ' ', in);
			if (end)
				code->module.len = (size_t)(end - code->module.at);
			s.len -= in + 3;
			s.at += in + 3;
		}
	}
	*len = text.len - s.len;
	return true;
}

/* Of user space: " =>  <00007f..>", " => /lib/libc.so.6[+0x1]", " => ??" */
static bool is_user_frame(struct textspan s)
{
	return skip(&s, "<") || skip(&s, "/") || skip(&s, "??") ||
	       skip(&s, "[vdso]") || (s.len > 4 && memmem(s.at, s.len, "[+0x", 4));
}

/*
 * What is behind the arrow: "f+0x1/0x9 [m] <ffffffffc0..>", the address with
 * options/sym-addr, and "f (ffffffffc0..)" by trace-cmd. False: something else.
 */
static bool parse_frame(struct textspan s, struct textline *line)
{
	static const char trampoline[] = "kretprobe_trampoline";
	struct textspan rest;
	size_t n;

	skip_blanks(&s);
	line->kind = TEXTLINE_FRAME;
	if (skip(&s, "[FTRACE TRAMPOLINE]")) {
		line->frame.addr = FTRACE_TRAMPOLINE_MARKER;
		return true;
	}
	/* what it says instead of the trampoline's name, kretprobed() */
	if (skip(&s, "[unknown/kretprobe'd]")) {
		line->frame.name = (struct textspan){ trampoline, sizeof(trampoline) - 1 };
		return true;
	}
	if (is_user_frame(s)) {
		line->kind = TEXTLINE_USER_FRAME;
		return true;
	}
	if (!textline_code(s, &line->frame, &n))
		return false;
	rest = (struct textspan){ s.at + n, s.len - n };
	if (skip(&rest, " <") || skip(&rest, " (")) {
		char close = rest.at[-1] == '<' ? '>' : ')';

		if (!hexadecimal(&rest, &line->frame.addr) || !rest.len || *rest.at != close)
			return false;
		rest.at++;
		rest.len--;
	}
	skip_blanks(&rest);
	/* the kernel prints the size, and trace-cmd the address: else it was cut off */
	return !rest.len && (!line->frame.has_offset || line->frame.size || line->frame.addr);
}

static void parse_comment(struct textspan s, struct textline *line)
{
	uint64_t cpus = 0;

	line->kind = TEXTLINE_NOTHING;
	/* test_cpu_buff_start(): only if anything was overwritten */
	if (skip(&s, "##### CPU ")) {
		line->kind = TEXTLINE_STARTED;
		return;
	}
	if (!skip(&s, "# entries-in-buffer/entries-written: ") ||
	    !decimal(&s, &line->in_buffer) || !skip(&s, "/") ||
	    !decimal(&s, &line->written))
		return;
	skip_blanks(&s);
	if (skip(&s, "#P:") && decimal(&s, &cpus) && cpus <= TEXT_CPUS_MAX)
		line->cpus = (uint32_t)cpus;
	line->kind = TEXTLINE_COUNTS;
}

/*
 * "CPU:1 [LOST 12 EVENTS]" or "[LOST EVENTS]"; "CPU:1 [12 EVENTS DROPPED]" or
 * "[EVENTS DROPPED]" by trace-cmd.
 */
static bool parse_lost(struct textspan s, struct textline *line)
{
	uint64_t cpu;

	if (!skip(&s, "CPU:") || !decimal(&s, &cpu) || cpu >= TEXT_CPUS_MAX || !skip(&s, " ["))
		return false;
	skip(&s, "LOST ");
	if (!decimal(&s, &line->lost))
		line->lost = TEXT_LOST_UNKNOWN;
	skip_blanks(&s);
	if (!skip(&s, "EVENTS"))
		return false;
	line->kind = TEXTLINE_LOST;
	line->cpu = (uint32_t)cpu;
	return true;
}

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
static bool parse_time(struct textspan *s, struct textline *line)
{
	uint64_t fraction = 0, scale = 1000000000;
	size_t before;

	if (!decimal(s, &line->ts))
		return false;
	line->counts = !skip(s, ".");
	if (!line->counts) {
		before = s->len;
		if (!decimal(s, &fraction) || before - s->len > 9)
			return false;
		for (before -= s->len; before--;)
			scale /= 10;
		if (__builtin_mul_overflow(line->ts, (uint64_t)1000000000, &line->ts) ||
		    __builtin_add_overflow(line->ts, fraction * scale, &line->ts))
			return false;
	}
	if (line->ts > INT64_MAX)
		return false;
	return skip(s, ": ") || (s->len == 1 && skip(s, ":"));
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
		    !is_symbol_char(s->at[i]))
			return false;
	line->flags = context_flags((struct textspan){ s->at, n });
	s->at += n;
	s->len -= n;
	skip_blanks(s);
	return true;
}

/* "  31228us!: ": from the begin of the buffer, and a mark of how long it took. */
static bool parse_us(struct textspan *s, struct textline *line)
{
	if (!decimal(s, &line->ts) || !skip(s, "us") || s->len < 2 ||
	    __builtin_mul_overflow(line->ts, (uint64_t)1000, &line->ts))
		return false;
	if (*s->at != ':') {	/* one of " +!#*@$", trace_find_mark() */
		s->at++;
		s->len--;
	}
	return skip(s, ": ") || skip(s, ":");
}

/* options/latency-format, @s: "  1d..1. 12us : ", lat_print_generic() */
static bool parse_latency(struct textspan s, struct textline *line)
{
	struct textspan was;
	uint64_t cpu;

	if (!decimal(&s, &cpu) || cpu >= TEXT_CPUS_MAX || !s.len ||
	    !memchr(".dDXb", *s.at, 5) || !parse_flags(&s, line))
		return false;
	line->cpu = (uint32_t)cpu;
	line->narrow = true;
	was = s;
	if (!parse_us(&s, line)) {
		s = was;
		if (!parse_time(&s, line))	/* other clocks; trace-cmd report -l */
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

	skip_blanks(&s);
	if (skip(&s, "(")) {	/* options/record-tgid: "(  314)", "(-----)" */
		skip_blanks(&s);
		if (!decimal(&s, &tgid))
			while (skip(&s, "-"))
				;
		if (!skip(&s, ")"))
			return false;
		skip_blanks(&s);
	}
	if (s.len && is_digit(*s.at))
		return parse_latency(s, line);
	if (!skip(&s, "[") || !decimal(&s, &cpu) || !skip(&s, "]") ||
	    cpu >= TEXT_CPUS_MAX)
		return false;
	line->cpu = (uint32_t)cpu;
	/* trace-cmd report -R has the flags of the record here */
	if (skip(&s, "-0x") && hexadecimal(&s, &tgid))
		line->flags = (uint8_t)tgid & TEXT_FLAGS;
	if (!s.len || *s.at != ' ')
		return false;
	skip_blanks(&s);
	flags = s;
	if (!parse_time(&s, line)) {	/* with options/irq-info */
		s = flags;
		if (!parse_flags(&s, line) || !parse_time(&s, line))
			return false;
	}
	line->body = s;
	return true;
}

static void parse_stack(struct textspan s, struct textline *line)
{
	struct textspan rest = s;

	line->kind = TEXTLINE_STACK;
	line->raw_stack = skip(&rest, "size=");
	/* trace-cmd report -N: the first frame stands in the same line */
	skip_blanks(&rest);
	if (!skip(&rest, "=>"))
		return;
	line->has_frame = parse_frame(rest, line) && line->kind == TEXTLINE_FRAME;
	/* it believes the format, which declares eight, include/trace/trace_entries.h */
	line->raw_stack = line->has_frame;
	line->kind = TEXTLINE_STACK;
}

/* What comes behind the time: "event: body", "<stack trace>" */
static bool parse_event(struct textline *line)
{
	struct textspan s = line->body;
	const char *colon;

	/* since the last entry: trace-cmd report --ts-diff */
	if (s.len && (*s.at == ' ' || *s.at == '(')) {
		skip_blanks(&s);
		if (skip(&s, "(+")) {
			while (s.len && *s.at != ')') {
				s.at++;
				s.len--;
			}
			skip(&s, ")");
			skip_blanks(&s);
		}
		line->body = s;
	}
	line->kind = TEXTLINE_STACK;
	if (skip(&s, "<stack trace"))
		return true;
	line->kind = TEXTLINE_USER_STACK;
	if (skip(&s, "<user stack trace"))
		return true;
	line->kind = TEXTLINE_ENTRY;
	colon = s.len ? memchr(s.at, ':', s.len) : NULL;
	/* "kmem:kmalloc: " by perf, which says of what system */
	if (colon && colon + 1 < s.at + s.len && colon[1] != ' ' && colon[1] != ':' &&
	    !memchr(s.at, ' ', (size_t)(colon - s.at))) {
		s.len -= (size_t)(colon + 1 - s.at);
		s.at = colon + 1;
		colon = memchr(s.at, ':', s.len);
	}
	if (!colon) {	/* of the function tracer, a marker */
		line->event.len = 0;
		line->raw_stack = skip(&s, "UNKNOWN TYPE ");
		return true;
	}
	line->event = (struct textspan){ s.at, (size_t)(colon - s.at) };
	s.len -= line->event.len + 1;
	s.at += line->event.len + 1;
	skip_blanks(&s);
	line->body = s;
	/* the same as events, trace-cmd prints them so */
	if (is_word(line->event, "kernel_stack"))
		parse_stack(s, line);
	else if (is_word(line->event, "user_stack"))
		line->kind = TEXTLINE_USER_STACK;
	return true;
}

/* A task's "NAME-PID" whose dash is at @i, and all behind it. */
static bool parse_at(struct textspan s, size_t i, struct textline *line)
{
	struct textspan rest = { s.at + i + 1, s.len - i - 1 };
	uint64_t pid;

	if (s.at[i] != '-' || !decimal(&rest, &pid) || pid > TEXT_PID_MAX)
		return false;
	memset(line, 0, sizeof(*line));
	line->pid = (int32_t)pid;
	line->comm = (struct textspan){ s.at, i };
	return parse_rest(rest, line);
}

/*
 * The name before the dash, of which the kernel prints 16 columns, or 8. What is
 * before them is of the console, the logger or the mail; where blanks were cut off
 * it comes close, and ends as such things do.
 */
static void trim_comm(struct textspan *comm, size_t width)
{
	static const char *const ends[] = { ": ", "] ", "> ", "| " };
	const char *end = comm->at + comm->len;

	if (comm->len > width) {
		comm->at = end - width;
		comm->len = width;
	}
	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		const char *found;

		while ((found = memmem(comm->at, comm->len, ends[i], 2))) {
			comm->at = found + 2;
			comm->len = (size_t)(end - comm->at);
		}
	}
	skip_blanks(comm);
}

/*
 * Names hold dashes, digits and brackets, too ("kworker/0:1-events", "a-1 [0]"),
 * but are printed as %16s, trace_print_context(). Where something stands before
 * them, or blanks were cut off, the first place that makes sense of the rest.
 */
static bool parse_entry(struct textspan s, struct textline *line)
{
	size_t i;

	if (s.len > COMM_WIDTH && parse_at(s, COMM_WIDTH, line)) {
		skip_blanks(&line->comm);
		return parse_event(line);
	}
	for (i = 1; i < s.len; i++)
		if (s.at[i] == '-' && s.at[i - 1] != ' ' && parse_at(s, i, line)) {
			trim_comm(&line->comm, line->narrow ? 8 : COMM_WIDTH);
			return line->comm.len && parse_event(line);
		}
	return false;
}

/* ---- what the blank-separated words before a time say --------------------- */

/* Takes the last word off *@s. */
static bool last_word(struct textspan *s, struct textspan *word)
{
	size_t end = s->len, i;

	while (end && s->at[end - 1] == ' ')
		end--;
	for (i = end; i && s->at[i - 1] != ' ';)
		i--;
	*word = (struct textspan){ s->at + i, end - i };
	s->len = i;
	return word->len > 0;
}

static bool last_number(struct textspan *s, uint64_t *value)
{
	struct textspan word;

	return last_word(s, &word) && decimal(&word, value) && !word.len;
}

static bool last_hex(struct textspan *s, uint64_t *value)
{
	struct textspan word;

	return last_word(s, &word) && hexadecimal(&word, value) && !word.len;
}

static bool last_comm(struct textspan s, struct textline *line)
{
	while (s.len && s.at[s.len - 1] == ' ')
		s.len--;
	line->comm = s;
	trim_comm(&line->comm, COMM_WIDTH);
	return line->comm.len > 0;
}

/*
 * options/latency-format with options/verbose, trace_print_lat_context():
 *
 *	COMM PID CPU FLAGS PREEMPT INDEX [US] MS.USms (+MS.USms): EVENT: BODY
 */
static bool parse_verbose(struct textspan s, struct textline *line)
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
	if (!at || !last_word(&before, &word) || !last_word(&before, &word) ||
	    !skip(&word, "[") || !hexadecimal(&word, &line->ts) || !skip(&word, "]") ||
	    __builtin_mul_overflow(line->ts, (uint64_t)1000, &line->ts) ||
	    !last_hex(&before, &skipped) || !last_hex(&before, &skipped) ||
	    !last_number(&before, &flags) || !last_number(&before, &cpu) ||
	    !last_number(&before, &pid) || cpu >= TEXT_CPUS_MAX || pid > TEXT_PID_MAX ||
	    !last_comm(before, line))
		return false;
	line->flags = (uint8_t)flags & TEXT_FLAGS;
	line->cpu = (uint32_t)cpu;
	line->pid = (int32_t)pid;
	at += sizeof(end) - 1;
	line->body = (struct textspan){ at, (size_t)(s.at + s.len - at) };
	return parse_event(line);
}

/* ---- perf script ------------------------------------------------------------ */

/* "kmem:kmalloc:" at the start of @s */
static bool names_event(struct textspan s)
{
	size_t i = 0, colons = 0;

	for (; i < s.len && colons < 2; i++) {
		if (s.at[i] == ':' && i && s.at[i - 1] != ':')
			colons++;
		else if (!is_symbol_char(s.at[i]) && s.at[i] != '-')
			return false;
	}
	return colons == 2;
}

/*
 *	COMM PID [CPU] TIME: SYSTEM:EVENT: BODY
 *
 * with PID/TID for PID, a period before the event, and no CPU where perf did not
 * record it, with -F and in recordings of one task.
 */
static bool parse_perf(struct textspan s, struct textline *line)
{
	const char *colon = s.len ? memchr(s.at, ':', s.len) : NULL;
	struct textspan before, was, word, time;
	static const char forgotten[] = "<...>";
	uint64_t value, cpu = 0;
	bool unknown;

	for (; colon; colon = memchr(colon + 1, ':', (size_t)(s.at + s.len - colon - 1)))
		if (colon > s.at && is_digit(colon[-1]) && colon + 1 < s.at + s.len &&
		    colon[1] == ' ')
			break;
	if (!colon)
		return false;
	before = (struct textspan){ s.at, (size_t)(colon - s.at) };
	if (!last_word(&before, &time) || !memchr(time.at, '.', time.len))
		return false;
	time.len = (size_t)(s.at + s.len - time.at);
	if (!parse_time(&time, line) || line->counts)
		return false;
	skip_blanks(&time);
	word = time;
	if (decimal(&word, &value) && word.len && *word.at == ' ') {
		skip_blanks(&word);
		time = word;
	}
	if (!names_event(time))
		return false;
	line->body = time;
	if (!last_word(&before, &word))
		return false;
	if (skip(&word, "[")) {
		if (!decimal(&word, &cpu) || !skip(&word, "]") || cpu >= TEXT_CPUS_MAX ||
		    !last_word(&before, &word))
			return false;
	}
	line->cpu = (uint32_t)cpu;
	/* ":-1 -1": a task that was gone */
	unknown = skip(&word, "-");
	if (!decimal(&word, &value))
		return false;
	/* perf script -L has the CPU without brackets */
	was = before;
	if (!word.len && value < TEXT_CPUS_MAX && last_word(&was, &time) &&
	    decimal(&time, &cpu) && (!time.len || *time.at == '/')) {
		line->cpu = (uint32_t)value;
		value = cpu;
		word = time;
		before = was;
	}
	if (skip(&word, "/") && !decimal(&word, &value))
		return false;
	if (word.len || value > TEXT_PID_MAX || !last_comm(before, line))
		return false;
	line->pid = (int32_t)value;
	if (unknown) {
		line->pid = 0;
		line->comm = (struct textspan){ forgotten, sizeof(forgotten) - 1 };
	}
	line->perf = true;
	return parse_event(line);
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
		if (is_word(dso, user[i]))
			return false;
	if (!dso.len || is_word(dso, "[unknown]"))
		return addr >> 63 || (!(addr >> 32) && addr >= KERNEL_32BIT);
	ko = memmem(dso.at, dso.len, ".ko", 3);
	if (ko && (ko + 3 == dso.at + dso.len || ko[3] == '.')) {
		slash = memrchr(dso.at, '/', (size_t)(ko - dso.at));
		slash = slash ? slash + 1 : dso.at;
		line->frame.module = (struct textspan){ slash, (size_t)(ko - slash) };
		return true;
	}
	if (memmem(dso.at, dso.len, "kernel.", 7) || is_word(dso, "[kernel]") ||
	    memmem(dso.at, dso.len, "vmlinux", 7) || memmem(dso.at, dso.len, "kcore", 5))
		return true;
	if (skip(&dso, "[") && dso.len && dso.at[dso.len - 1] == ']') {
		line->frame.module = (struct textspan){ dso.at, dso.len - 1 };
		return true;
	}
	/* code of BPF is the kernel's, too */
	return skip(&dso, "bpf_");
}

/* "	ffffffffc03e5d2b do_kmalloc+0x1b ([kmtest])" */
static bool parse_perf_frame(struct textspan s, struct textline *line)
{
	struct textspan dso = { 0 }, rest;
	const char *open;
	uint64_t addr;
	size_t n;

	if (!s.len || (*s.at != ' ' && *s.at != '\t'))
		return false;
	skip_blanks(&s);
	rest = s;
	/* so short, and nothing behind it: any number */
	if (!hexadecimal(&s, &addr) || (s.len && *s.at != ' ') ||
	    (rest.len - s.len < 4 && (!s.len || s.at[s.len - 1] != ')')))
		return false;
	skip_blanks(&s);
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
	if (is_word(dso, "inlined"))
		return true;
	if (!perf_object(dso, addr, line))
		return true;
	line->kind = TEXTLINE_FRAME;
	if (s.len && !is_word(s, "[unknown]")) {
		struct textspan module = line->frame.module;

		if (!textline_code(s, &line->frame, &n) || n != s.len)
			line->frame = (struct textcode){ 0 };
		line->frame.module = module;
	}
	line->frame.addr = addr;
	return true;
}

/* ---- lines --------------------------------------------------------------------- */

/* Without what a mail or a log puts before each line of text that it quotes. */
static void skip_quotes(struct textspan *s)
{
	static const char bom[] = "\xef\xbb\xbf";

	skip(s, bom);
	for (;;) {
		while (s->len && memchr(" \t>|", *s->at, 4)) {
			s->at++;
			s->len--;
		}
		/* "[   12.345678] ", "[    T123] ", and "<4>" before them */
		if (s->len > 3 && *s->at == '<' && is_digit(s->at[1])) {
			const char *end = memchr(s->at, '>', s->len < 5 ? s->len : 5);

			if (!end || end + 1 == s->at + s->len || end[1] != '[')
				return;
			s->len -= (size_t)(end + 1 - s->at);
			s->at = end + 1;
		}
		if (s->len > 3 && *s->at == '[') {
			const char *end = memchr(s->at, ']', s->len < 40 ? s->len : 40);

			if (!end || end + 1 == s->at + s->len || end[1] != ' ')
				return;
			s->len -= (size_t)(end + 2 - s->at);
			s->at = end + 2;
			continue;
		}
		return;
	}
}

/* What comes from the word @mark on, wherever that is; false: it is not there. */
static bool behind(struct textspan s, const char *mark, struct textspan *from)
{
	const char *at = s.len ? memmem(s.at, s.len, mark, strlen(mark)) : NULL;

	if (!at || (at > s.at && !memchr(" \t:", at[-1], 3)))
		return false;
	*from = (struct textspan){ at, (size_t)(s.at + s.len - at) };
	return true;
}

/* What options that leave out too much make of entries; else TEXTLINE_FOREIGN. */
static enum textline_kind without(struct textspan s)
{
	static const char *const events[] = { "kmalloc: ", "kmalloc_node: ", "kfree: ",
					      "kmem_cache_alloc: ", "kmem_cache_alloc_node: ",
					      "kmem_cache_free: ", "mm_page_alloc: ",
					      "mm_page_free: " };
	static const char type[] = "type: ";
	struct textspan from, word;

	for (size_t i = 0; i < sizeof(events) / sizeof(events[0]); i++)
		if (skip(&s, events[i]))
			return skip(&s, "call_site=") || skip(&s, "page=") ||
			       skip(&s, "(") ? TEXTLINE_BARE : TEXTLINE_FOREIGN;
	if (is_word(s, "<stack trace>"))
		return TEXTLINE_BARE;
	/* print_raw_fmt(), print_hex_fmt(), print_bin_fmt() */
	if (last_word(&s, &word)) {
		if (s.len < sizeof(type) - 1)
			return TEXTLINE_FOREIGN;
		from = (struct textspan){ word.at - (sizeof(type) - 1), sizeof(type) - 1 };
		if (skip(&from, type) && word.len <= 5 && is_digit(*word.at))
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
		if (!skip(&at, "-") || !decimal(&at, &n))
			continue;
		n = at.len;
		skip_blanks(&at);
		if (n > at.len && skip(&at, "[") && decimal(&at, &n) && n < TEXT_CPUS_MAX &&
		    (!at.len || *at.at == ']'))
			return true;
	}
	return false;
}

/* As the kernel prints it, with nothing before. */
static bool parse_plain(struct textspan s, struct textline *line)
{
	uint64_t cpus;

	if (skip(&s, " =>") || skip(&s, "=>")) {
		if (!parse_frame(s, line))
			line->kind = TEXTLINE_BAD_FRAME;
		return true;
	}
	if (*s.at == '#') {
		parse_comment(s, line);
		return true;
	}
	if (*s.at == '\t' && parse_perf_frame(s, line))
		return true;
	if (parse_lost(s, line) || parse_entry(s, line))
		return true;
	memset(line, 0, sizeof(*line));
	if (skip(&s, "cpus=") && decimal(&s, &cpus) && !s.len) {
		line->cpus = cpus <= TEXT_CPUS_MAX ? (uint32_t)cpus : 0;
		line->kind = TEXTLINE_CPUS;
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

/* Of a line that holds more: the kernel's part of it. */
static bool parse_within(struct textspan s, struct textline *line)
{
	struct textspan from;

	if (behind(s, "CPU:", &from) && parse_lost(from, line))
		return true;
	if (behind(s, "##### CPU ", &from) || behind(s, "# entries-in-buffer/", &from)) {
		parse_comment(from, line);
		return true;
	}
	memset(line, 0, sizeof(*line));
	if (!behind(s, "=>", &from))
		return false;
	from.at += 2;
	from.len -= 2;
	return parse_frame(from, line);
}

/*
 * Control sequences of ECMA-48: ESC [ and parameters up to a letter, ESC ] and text up
 * to BEL, ESC and one more.
 */
size_t textline_clean(char *text, size_t len)
{
	size_t to = 0, i = 0;

	while (i < len) {
		if (text[i] != '\x1b') {
			text[to++] = text[i++];
			continue;
		}
		i++;
		if (i < len && text[i] == '[') {
			for (i++; i < len && (text[i] < '@' || text[i] > '~'); i++)
				;
			i++;
		} else if (i < len && text[i] == ']') {
			for (i++; i < len && text[i] != '\a' && text[i] != '\x1b'; i++)
				;
			i += i < len && text[i] == '\a';
		} else {
			i++;
		}
	}
	return to;
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
	if (parse_perf(s, line))
		return;
	memset(line, 0, sizeof(*line));
	if (parse_perf_frame(s, line))
		return;
	memset(line, 0, sizeof(*line));
	if (parse_verbose(s, line))
		return;
	memset(line, 0, sizeof(*line));
	if (is_filter(s)) {
		line->kind = TEXTLINE_FILTER;
		return;
	}
	quoted = s;
	skip_quotes(&quoted);
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
