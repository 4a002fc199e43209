// SPDX-License-Identifier: GPL-2.0-or-later
#include "textline.h"

#include <string.h>

#define COMM_WIDTH	16u
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
		end = memchr(value->at, ' ', value->len);
		if (end)
			value->len = (size_t)(end - value->at);
		return true;
	}
	return false;
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
	/* %lx of kernels before 5.9: the bare address */
	if (n >= 8 && hexadecimal(&s, &code->addr) && text.len - s.len == n) {
		*len = n;
		return true;
	}
	s = text;
	code->addr = 0;
	code->name = (struct textspan){ s.at, n };
	s.at += n;
	s.len -= n;
	if (skip(&s, "+0x")) {
		if (!hexadecimal(&s, &code->offset) || !skip(&s, "/0x") ||
		    !hexadecimal(&s, &code->size))
			return false;
		code->has_offset = true;
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

/* " => f+0x1/0x9 [m] <ffffffffc0..>", the address with options/sym-addr */
static void parse_frame(struct textspan s, struct textline *line)
{
	static const char trampoline[] = "kretprobe_trampoline";
	size_t n;

	line->kind = TEXTLINE_STRANGE;
	skip_blanks(&s);
	if (!skip(&s, "=>"))
		return;
	skip_blanks(&s);
	if (skip(&s, "[FTRACE TRAMPOLINE]")) {
		line->kind = TEXTLINE_FRAME;
		line->frame.addr = FTRACE_TRAMPOLINE_MARKER;
		return;
	}
	/* what it says instead of the trampoline's name, kretprobed() */
	if (skip(&s, "[unknown/kretprobe'd]")) {
		line->kind = TEXTLINE_FRAME;
		line->frame.name = (struct textspan){ trampoline, sizeof(trampoline) - 1 };
		return;
	}
	if (!textline_code(s, &line->frame, &n))
		return;
	line->kind = TEXTLINE_FRAME;
	s.at += n;
	s.len -= n;
	if (skip(&s, " <") && hexadecimal(&s, &line->frame.addr))
		skip(&s, ">");
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

/* "CPU:1 [LOST 12 EVENTS]" or "[LOST EVENTS]" */
static bool parse_lost(struct textspan s, struct textline *line)
{
	uint64_t cpu;

	if (!skip(&s, "CPU:") || !decimal(&s, &cpu) || cpu >= TEXT_CPUS_MAX ||
	    !skip(&s, " [LOST "))
		return false;
	line->kind = TEXTLINE_LOST;
	line->cpu = (uint32_t)cpu;
	if (!decimal(&s, &line->lost) || !skip(&s, " EVENTS]"))
		line->lost = TEXT_LOST_UNKNOWN;
	return true;
}

/* The third: where the record was written, trace_print_lat_fmt() */
static uint8_t context_flags(struct textspan flags)
{
	if (flags.len < 4)
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

/* "12.345678: " or "12345: ". False: it is no time. */
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
	return skip(s, ": ") || (s->len == 1 && skip(s, ":"));
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
	if (!skip(&s, "[") || !decimal(&s, &cpu) || !skip(&s, "] ") ||
	    cpu >= TEXT_CPUS_MAX)
		return false;
	line->cpu = (uint32_t)cpu;
	skip_blanks(&s);
	flags = s;
	if (!parse_time(&s, line)) {	/* with options/irq-info */
		const char *end = memchr(flags.at, ' ', flags.len);

		if (!end)
			return false;
		s = flags;
		flags.len = (size_t)(end - flags.at);
		line->flags = context_flags(flags);
		s.at += flags.len;
		s.len -= flags.len;
		skip_blanks(&s);
		if (!parse_time(&s, line))
			return false;
	}
	line->body = s;
	return true;
}

/* What comes behind the time: "event: body", "<stack trace>" */
static bool parse_event(struct textline *line)
{
	struct textspan s = line->body;
	const char *colon;

	line->kind = TEXTLINE_STACK;
	if (skip(&s, "<stack trace>"))
		return true;
	line->kind = TEXTLINE_USER_STACK;
	if (skip(&s, "<user stack trace>"))
		return true;
	line->kind = TEXTLINE_ENTRY;
	colon = s.len ? memchr(s.at, ':', s.len) : NULL;
	if (!colon) {	/* of the function tracer, a marker */
		line->event.len = 0;
		return true;
	}
	line->event = (struct textspan){ s.at, (size_t)(colon - s.at) };
	s.len -= line->event.len + 1;
	s.at += line->event.len + 1;
	skip_blanks(&s);
	line->body = s;
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
 * Names hold dashes, digits and brackets, too ("kworker/0:1-events", "a-1 [0]"),
 * but are printed as %16s, trace_print_context(). Where blanks were cut off,
 * the first place that makes sense of the rest.
 */
static bool parse_entry(struct textspan s, struct textline *line)
{
	size_t i;

	if (s.len <= COMM_WIDTH || !parse_at(s, COMM_WIDTH, line)) {
		for (i = 1; i < s.len && i < COMM_WIDTH; i++)
			if (parse_at(s, i, line))
				break;
		if (i >= s.len || i >= COMM_WIDTH)
			return false;
	}
	skip_blanks(&line->comm);
	return parse_event(line);
}

void textline_parse(const char *text, size_t len, struct textline *line)
{
	struct textspan s = { text, len };

	memset(line, 0, sizeof(*line));
	if (s.len && s.at[s.len - 1] == '\r')	/* of a serial console */
		s.len--;
	if (!s.len)
		return;
	if (*s.at == '#') {
		parse_comment(s, line);
		return;
	}
	if (parse_lost(s, line))
		return;
	if (s.len > 3 && !memcmp(s.at, " =>", 3)) {
		parse_frame(s, line);
		return;
	}
	if (!parse_entry(s, line)) {
		memset(line, 0, sizeof(*line));
		line->kind = TEXTLINE_STRANGE;
	}
}
