// SPDX-License-Identifier: GPL-2.0-or-later
#include "perfcmd.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "span.h"
#include "tracefilter.h"

#define WORDS_MAX	1024u	/* of a command line that are looked at */

/*
 * Options of perf record that have an argument, up to Linux 6.12 (tools/perf/Documentation/
 * perf-record.txt), those first that are looked at. The others have none, or one that
 * is part of their word.
 */
static const struct {
	const char *name;
	char letter;	/* 0: none */
} options[] = {
	{ "event", 'e' }, { "filter", 0 }, { "pid", 'p' }, { "tid", 't' }, { "uid", 'u' },
	{ "cgroup", 'G' }, { "cpu", 'C' },
#define LOOKED_AT 7
	{ "affinity", 0 }, { "branch-filter", 'j' }, { "call-graph", 0 }, { "clang-opt", 0 },
	{ "clang-path", 0 }, { "clockid", 'k' }, { "control", 0 }, { "count", 'c' },
	{ "delay", 'D' }, { "freq", 'F' }, { "max-size", 0 }, { "mmap-flush", 0 },
	{ "mmap-pages", 'm' }, { "num-thread-synthesize", 0 }, { "off-cpu-thresh", 0 },
	{ "output", 'o' }, { "pfm-events", 0 }, { "proc-map-timeout", 0 }, { "realtime", 'r' },
	{ "setup-filter", 0 }, { "switch-max-files", 0 }, { "switch-output-event", 0 },
	{ "synth", 0 }, { "vmlinux", 0 },
};

#define N_OPTIONS (sizeof(options) / sizeof(options[0]))

/* Of these the rest of the word is the argument, if there is one. */
static const char attached[] = "zIS";

struct reading {
	const struct perfcmd *pc;
	const char *const *words;
	size_t n, at;		/* words, the next one */
	const char *event;	/* of the last -e; NULL: none yet */
	bool all;		/* of the machine, or of whole CPUs */
};

/* ---- what is said ---------------------------------------------------------------- */

static void add(const struct perfcmd *pc, enum tracefilter_kind kind, const char *option,
		const char *value)
{
	struct tracefilter f = { .kind = kind };

	tracefilter_text(&f, option, value);
	tracefilters_add(pc->list, &f);
}

/* The filter @text of those events of @events ("a:b,{c:d,e:*}:k") that matter. */
static void add_filter(const struct perfcmd *pc, const char *events, const char *text)
{
	while (*events) {
		size_t len = strcspn(events, ",{}");
		struct tracefilter f = { .kind = TRACEFILTER_EVENTS };

		if (tracefilter_event(&f, events, len)) {
			tracefilter_text(&f, text, NULL);
			tracefilters_add(pc->list, &f);
		}
		events += len + (events[len] != '\0');
	}
}

void perfcmd_period(const struct perfcmd *pc, const char *event, size_t len, bool freq,
		    uint64_t period)
{
	struct tracefilter f = { .kind = TRACEFILTER_SAMPLED };
	char number[32];

	if ((!freq && period <= 1) || !tracefilter_event(&f, event, len))
		return;
	snprintf(number, sizeof(number), "%" PRIu64, period);
	tracefilter_text(&f, freq ? "-F" : "-c", number);
	tracefilters_add(pc->list, &f);
}

/* What nothing tells more of. */
static void add_once(const struct perfcmd *pc, enum tracefilter_kind kind, const char *text)
{
	for (size_t i = 0; i < pc->list->n; i++)
		if (pc->list->items[i].kind == kind)
			return;
	add(pc, kind, text, NULL);
}

void perfcmd_tasks(const struct perfcmd *pc)
{
	add_once(pc, TRACEFILTER_TASKS, "without -a");
}

void perfcmd_cpus(const struct perfcmd *pc)
{
	add_once(pc, TRACEFILTER_CPUS, "-C");
}

/* CPUs of "0-2,5"; 0: it is no such list. */
static uint32_t count_cpus(const char *list)
{
	uint32_t n = 0;

	while (isdigit((unsigned char)*list)) {
		char *end;
		unsigned long first = strtoul(list, &end, 10), last = first;

		if (*end == '-' && isdigit((unsigned char)end[1]))
			last = strtoul(end + 1, &end, 10);
		if (last < first || last - first > UINT16_MAX || n > UINT16_MAX)
			return 0;
		n += (uint32_t)(last - first) + 1;
		if (!*end)
			return n;
		list = end + (*end == ',');
	}
	return 0;
}

/* ---- words ----------------------------------------------------------------------- */

/* Which option "--NAME", or the beginning of its name, is; N_OPTIONS: none of these. */
static size_t find_long(const char *name, size_t len)
{
	size_t found = N_OPTIONS, n = 0;

	for (size_t i = 0; i < N_OPTIONS; i++) {
		if (strncmp(options[i].name, name, len) != 0)
			continue;
		if (!options[i].name[len])
			return i;
		found = i;
		n++;
	}
	return n == 1 ? found : N_OPTIONS;
}

static bool is_option(const char *word)
{
	return word[0] == '-' && (isalpha((unsigned char)word[1]) || word[1] == '-');
}

/*
 * The argument that is the next word. One that has blanks in it (an expression) is
 * several where they are torn; @text is for it then.
 */
static const char *next_word(struct reading *r, bool expression, char *text, size_t size)
{
	size_t len = 0;

	if (r->at >= r->n)
		return "";
	if (!r->pc->torn || !expression)
		return r->words[r->at++];
	*text = '\0';
	while (r->at < r->n && !is_option(r->words[r->at]) && len < size) {
		len += (size_t)snprintf(text + len, size - len, "%s%s", len ? " " : "",
					r->words[r->at]);
		r->at++;
	}
	return text;
}

static void take(struct reading *r, size_t option, const char *value)
{
	uint32_t n;

	switch (option) {
	case 0:
		r->event = value;
		break;
	case 1:
		if (r->event)
			add_filter(r->pc, r->event, value);
		break;
	case 2:
	case 3:
	case 4:
	case 5:
		add(r->pc, TRACEFILTER_TASKS, options[option].letter == 'p' ? "-p" :
		    options[option].letter == 't' ? "-t" :
		    options[option].letter == 'u' ? "-u" : "-G", value);
		break;
	case 6:
		r->all = true;
		n = count_cpus(value);
		if (!n || !r->pc->cpus || n < r->pc->cpus)
			add(r->pc, TRACEFILTER_CPUS, "-C", value);
		break;
	}
}

/* "--NAME", "--NAME=VALUE". */
static void take_long(struct reading *r, const char *name)
{
	size_t len = strcspn(name, "="), option = find_long(name, len);
	char text[TRACEFILTER_TEXT_MAX * 2];

	r->all |= len > 2 && !strncmp("all-cpus", name, len);
	if (len > 4 && !strncmp("exclude-perf", name, len))
		add(r->pc, TRACEFILTER_OTHER_TASKS, "--exclude-perf", NULL);
	if (option == N_OPTIONS)
		return;
	take(r, option, name[len] ? name + len + 1 :
	     next_word(r, option == 1, text, sizeof(text)));
}

/* "-ag", "-e EVENT", "-c1" */
static void take_letters(struct reading *r, const char *word)
{
	for (; *word && !strchr(attached, *word); word++) {
		size_t option = 0;

		r->all |= *word == 'a';
		while (option < N_OPTIONS && options[option].letter != *word)
			option++;
		if (option == N_OPTIONS)
			continue;
		take(r, option, word[1] ? word + 1 : next_word(r, false, NULL, 0));
		return;
	}
}

void perfcmd_read(const struct perfcmd *pc, const char *const *words, size_t n)
{
	struct reading r = { .pc = pc, .words = words, .n = n };

	/* "perf record", "perf kmem --page record": of all events of memory, with -a */
	while (r.at < n && (strlen(words[r.at]) < 3 ||
			    strncmp("record", words[r.at], strlen(words[r.at])) != 0)) {
		if (r.at && !strcmp(words[r.at], "kmem")) {
			r.event = "kmem:*";
			r.all = true;
		}
		r.at++;
	}
	if (r.at == n)
		return;
	for (r.at++; r.at < n && words[r.at][0] == '-' && strcmp(words[r.at], "--") != 0;) {
		const char *word = words[r.at++];

		if (word[1] == '-')
			take_long(&r, word + 2);
		else
			take_letters(&r, word + 1);
	}
	r.at += r.at < n && !strcmp(words[r.at], "--");
	if (r.at < n && !r.all && !pc->machine)
		perfcmd_tasks(pc);
}

/* ---- the head of perf script's output ----------------------------------------------- */

/* What stands behind "# KEY : ", or "# KEY: "; NULL: it is no such line. */
static const char *value_of(const char *line, size_t len, const char *key, size_t *rest)
{
	size_t n = strlen(key);
	const char *at = line + 2 + n, *end = line + len;

	if (len < n + 4 || memcmp(line, "# ", 2) != 0 || memcmp(line + 2, key, n) != 0)
		return NULL;
	while (at < end && *at == ' ')
		at++;
	if (at == end || *at != ':')
		return NULL;
	for (at++; at < end && *at == ' '; at++)
		;
	*rest = (size_t)(end - at);
	return at;
}

/* The number behind "KEY = " in @text. */
static bool number_in(const char *text, size_t len, const char *key, uint64_t *value)
{
	const char *at = memmem(text, len, key, strlen(key)), *end = text + len, *from;
	struct span word;

	if (!at)
		return false;
	from = at += strlen(key);
	while (at < end && isdigit((unsigned char)*at))
		at++;
	word = (struct span){ from, at };
	return span_number(word, UINT64_MAX, value);
}

/* "name = kmem:kfree, ..., { sample_period, sample_freq } = 1, ..., freq = 1, ..." */
static void take_event_line(const struct perfcmd *pc, const char *text, size_t len)
{
	static const char name[] = "name = ";
	const char *end;
	uint64_t period, freq = 0, exec = 0;

	if (len < sizeof(name) || memcmp(text, name, sizeof(name) - 1) != 0)
		return;
	text += sizeof(name) - 1;
	len -= sizeof(name) - 1;
	end = memchr(text, ',', len);
	number_in(text, len, ", freq = ", &freq);
	if (end && number_in(text, len, "sample_freq } = ", &period))
		perfcmd_period(pc, text, (size_t)(end - text), freq, period);
	if (number_in(text, len, ", enable_on_exec = ", &exec) && exec)
		perfcmd_tasks(pc);
}

static void take_words(const struct perfcmd *pc, const char *text, size_t len)
{
	const char *words[WORDS_MAX];
	char *copy = strndup(text, len), *save, *word;
	size_t n = 0;

	if (!copy)
		return;
	for (word = strtok_r(copy, " \t", &save); word && n < WORDS_MAX;
	     word = strtok_r(NULL, " \t", &save))
		words[n++] = word;
	perfcmd_read(pc, words, n);
	free(copy);
}

void perfcmd_line(struct perfcmd *pc, const char *line, size_t len)
{
	const char *value;
	uint64_t n;

	pc->torn = true;
	if ((value = value_of(line, len, "nrcpus online", &len))) {
		if (span_number(span_of(value, len), UINT16_MAX, &n))
			pc->cpus = (uint32_t)n;
	} else if ((value = value_of(line, len, "cmdline", &len))) {
		take_words(pc, value, len);
	} else if ((value = value_of(line, len, "event", &len))) {
		take_event_line(pc, value, len);
	}
}
