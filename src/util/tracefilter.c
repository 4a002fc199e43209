// SPDX-License-Identifier: GPL-2.0-or-later
#include "tracefilter.h"

#include <stdio.h>
#include <string.h>

#include "span.h"

/* Events that the books are made of; what is left out of others does not matter. */
static const struct {
	const char *system, *events;	/* ... each with a blank before and behind it */
} known[] = {
	{ "kmem", " kmalloc kmalloc_node kmem_cache_alloc kmem_cache_alloc_node kfree kmem_cache_free mm_page_alloc mm_page_free " },
	{ "percpu", " percpu_alloc_percpu percpu_free_percpu " },
	{ "module", " module_load module_free " },
	{ "vmalloc", " alloc_vmap_area free_vmap_area_noflush " },
	{ "dma", " dma_alloc dma_alloc_pages dma_alloc_sgt dma_free dma_free_pages dma_free_sgt " },
	{ "cma", " cma_alloc cma_alloc_finish cma_release " },
};

#define N_KNOWN (sizeof(known) / sizeof(known[0]))

struct piece {
	const char *at;
	size_t len;
};

static bool is(struct piece p, const char *word)
{
	return p.len == strlen(word) && !memcmp(p.at, word, p.len);
}

static bool skip(struct piece *p, const char *word)
{
	size_t len = strlen(word);

	if (p->len < len || memcmp(p->at, word, len))
		return false;
	p->at += len;
	p->len -= len;
	return true;
}

static bool has(struct piece p, const char *word)
{
	return p.len && memmem(p.at, p.len, word, strlen(word));
}

static struct piece trim(struct piece p)
{
	while (p.len && memchr(" \t", *p.at, 2)) {
		p.at++;
		p.len--;
	}
	while (p.len && memchr(" \t\r\n", p.at[p.len - 1], 4))
		p.len--;
	return p;
}

static bool all_of(struct piece p, const char *chars)
{
	size_t i = 0;

	while (i < p.len && p.at[i] && strchr(chars, p.at[i]))
		i++;
	return p.len && i == p.len;
}

/* Takes the part up to @end off *@p; all of it, if there is no such. */
static struct piece part(struct piece *p, char end)
{
	const char *at = p->len ? memchr(p->at, end, p->len) : NULL;
	struct piece first = { p->at, at ? (size_t)(at - p->at) : p->len };

	p->at += first.len + (at != NULL);
	p->len -= first.len + (at != NULL);
	return first;
}

/* Takes the last component of a path off *@p. */
static struct piece component(struct piece *p)
{
	const char *slash = p->len ? memrchr(p->at, '/', p->len) : NULL;
	struct piece last = *p;

	if (slash) {
		last.at = slash + 1;
		last.len = (size_t)(p->at + p->len - last.at);
	}
	p->len = slash ? (size_t)(slash - p->at) : 0;
	return last;
}

static bool is_event(size_t system, struct piece event)
{
	char word[TRACEFILTER_EVENT_MAX];

	if (!event.len || memchr(event.at, ' ', event.len) ||
	    snprintf(word, sizeof(word), " %.*s ", (int)event.len, event.at) >=
	    (int)sizeof(word))
		return false;
	return strstr(known[system].events, word);
}

/*
 * f->event of a system and an event, one of which may be empty; false: it is none of
 * those that matter.
 */
static bool name_event(struct tracefilter *f, struct piece system, struct piece event)
{
	for (size_t i = 0; i < N_KNOWN && (system.len || event.len); i++) {
		if (system.len && !is(system, known[i].system))
			continue;
		if (event.len && !is_event(i, event))
			continue;
		snprintf(f->event, sizeof(f->event), "%s:%.*s", known[i].system,
			 event.len ? (int)event.len : 1, event.len ? event.at : "*");
		return true;
	}
	f->event[0] = '\0';
	return false;
}

static void keep_text(struct tracefilter *f, struct piece text)
{
	size_t room = sizeof(f->text) - 1, len = text.len > room ? room : text.len;

	memcpy(f->text, text.at, len);
	f->text[len] = '\0';
	if (len < text.len)
		memcpy(f->text + room - 3, "...", 3);
}

bool tracefilter_event(struct tracefilter *f, const char *event, size_t len)
{
	struct piece rest = trim((struct piece){ event, len }), system = part(&rest, ':');
	struct piece name = part(&rest, ':');
	size_t stem = 0;

	name = part(&name, '/');
	while (stem < name.len && !memchr("*?[", name.at[stem], 3))
		stem++;
	for (size_t i = 0; i < system.len; i++)
		if (memchr("*?[", system.at[i], 3))
			system = (struct piece){ "kmem", 4 };
	if (!system.len || !name.len)
		return false;
	if (stem == name.len)
		return name_event(f, system, name);
	if (!name_event(f, system, (struct piece){ 0 }))
		return false;
	snprintf(f->event, sizeof(f->event), "%.*s:%.*s*", (int)system.len, system.at,
		 (int)stem, name.at);
	return true;
}

void tracefilter_text(struct tracefilter *f, const char *option, const char *value)
{
	char text[2 * TRACEFILTER_TEXT_MAX];

	snprintf(text, sizeof(text), "%s%s%s", option, value ? " " : "", value ? value : "");
	for (char *p = text; *p; p++)
		if (*p == '\n' || *p == '\t')
			*p = ' ';
	keep_text(f, (struct piece){ text, strlen(text) });
}

/*
 * "none", or what was set; on a line of its own why it was refused, and then none is
 * in force (kernel/trace/trace_events_filter.c, apply_event_filter()). That of a
 * system is a comment until one is set.
 */
static void take_filter(struct tracefilter *f, struct piece text)
{
	if (!text.len || is(text, "none") || *text.at == '#' || is(text, "^"))
		return;
	f->kind = skip(&text, "parse_error:") ? TRACEFILTER_REFUSED : TRACEFILTER_EVENTS;
}

/*
 * "NAME[:PARAMETERS]:unlimited [if FILTER]", or "count=N" while it has some left
 * (kernel/trace/trace_events_trigger.c, event_trigger_print()).
 */
static void take_trigger(struct tracefilter *f, struct piece text)
{
	const char *end = memmem(text.at, text.len, " if ", 4);
	struct piece rest = { text.at, end ? (size_t)(end - text.at) : text.len };
	bool some = end || has(rest, ":count=");
	struct piece name = part(&rest, ':');

	name = trim(name);
	if (is(name, "stacktrace") && some) {
		f->kind = TRACEFILTER_STACKS;
	} else if (is(name, "traceon") || is(name, "traceoff") || is(name, "snapshot") ||
		   (is(name, "hist") && has(rest, ".snapshot("))) {
		/* a snapshot takes what the buffer holds out of it */
		f->kind = TRACEFILTER_TRACING;
	} else if (is(name, "enable_event") || is(name, "disable_event")) {
		struct piece system = part(&rest, ':');

		if (name_event(f, system, part(&rest, ':')))
			f->kind = TRACEFILTER_SWITCHED;
	}
}

/* Of an event's file, called @file, @path the folder that it is in. False: of none. */
static bool take_event(struct tracefilter *f, struct piece path, struct piece file,
		       struct piece text)
{
	static const char *const others[] = { "format", "id", "hist", "hist_debug", "inject" };
	struct piece event = component(&path), system = component(&path), above;
	bool ours;

	above = component(&path);
	/* "events/SYSTEM/filter"; "EVENT/filter" of who stood in the system's folder */
	if (is(system, "events"))
		ours = name_event(f, event, (struct piece){ 0 });
	else if (system.len && !is(system, "."))
		ours = name_event(f, system, event);
	else
		ours = name_event(f, (struct piece){ 0 }, event);
	/* whatever else is called so */
	if (!ours && !is(system, "events") && !is(above, "events"))
		return false;
	if (is(file, "filter") && ours)
		take_filter(f, text);
	else if (is(file, "trigger") && text.len && *text.at != '#')
		take_trigger(f, text);
	else if (is(file, "enable") && ours && text.len && *text.at == '0')
		f->kind = TRACEFILTER_DISABLED;
	if (is(file, "filter") || is(file, "trigger") || is(file, "enable"))
		return true;
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		if (is(file, others[i]))
			return true;
	return false;
}

/* Of the file at @path. False: it is none that is known. */
static bool take(struct tracefilter *f, struct piece path, struct piece text)
{
	struct piece file = component(&path), rest = text, number = part(&rest, ':');
	uint64_t value;

	/* grep -n */
	if (rest.len && span_number(span_of(number.at, number.len), UINT64_MAX, &value))
		text = rest;
	text = trim(text);
	if (is(file, "set_event_pid") && all_of(text, "0123456789 "))
		f->kind = TRACEFILTER_TASKS;
	else if (is(file, "set_event_notrace_pid") && all_of(text, "0123456789 "))
		f->kind = TRACEFILTER_OTHER_TASKS;
	else if (is(file, "tracing_cpumask") && all_of(text, "0123456789abcdef,"))
		f->kind = TRACEFILTER_CPUS;
	else if (is(file, "tracing_on") && is(text, "0"))
		f->kind = TRACEFILTER_DISABLED;
	else if (!path.len || !take_event(f, path, file, text))
		return false;
	keep_text(f, text);
	return true;
}

bool tracefilter_parse(const char *line, size_t len, struct tracefilter *f)
{
	const char *end = line + len, *colon = len ? memchr(line, ':', len) : NULL;

	for (; colon; colon = memchr(colon + 1, ':', (size_t)(end - colon) - 1)) {
		const char *from = colon;

		while (from > line && !memchr(" \t>|:'\"", from[-1], 7))
			from--;
		memset(f, 0, sizeof(*f));
		if (take(f, (struct piece){ from, (size_t)(colon - from) },
			 (struct piece){ colon + 1, (size_t)(end - colon) - 1 }))
			return true;
	}
	return false;
}

static void drop(struct tracefilters *list, const char *event)
{
	size_t n = 0;

	for (size_t i = 0; i < list->n; i++)
		if (list->items[i].kind != TRACEFILTER_EVENTS ||
		    strcmp(list->items[i].event, event) != 0)
			list->items[n++] = list->items[i];
	list->n = n;
}

void tracefilters_add(struct tracefilters *list, const struct tracefilter *f)
{
	if (f->kind == TRACEFILTER_REFUSED)
		drop(list, f->event);
	if (f->kind == TRACEFILTER_REFUSED || f->kind == TRACEFILTER_NONE)
		return;
	for (size_t i = 0; i < list->n; i++)
		if (list->items[i].kind == f->kind && !strcmp(list->items[i].event, f->event) &&
		    !strcmp(list->items[i].text, f->text))
			return;
	if (list->n == TRACEFILTERS_MAX)
		list->more = true;
	else
		list->items[list->n++] = *f;
}

void tracefilters_read(struct tracefilters *list, const char *text, size_t len, bool late)
{
	struct span rest = span_of(text, len), line;
	struct tracefilter f;

	while (span_line(&rest, &line)) {
		if (!tracefilter_parse(line.at, span_len(line), &f))
			continue;
		f.late = late;
		tracefilters_add(list, &f);
	}
}

bool tracefilter_lacks_cpus(const char *mask, uint32_t cpus)
{
	uint32_t bits = 0;

	for (; *mask && *mask != '.'; mask++) {
		if (*mask == ',' || (!bits && *mask == '0'))
			continue;
		if (*mask != 'f' && (bits || !strchr("137", *mask)))
			return true;
		bits += *mask == 'f' ? 4 : *mask == '7' ? 3 : *mask == '3' ? 2 : 1;
	}
	/* of so many CPUs that it was cut off */
	return *mask != '.' && bits < cpus;
}
