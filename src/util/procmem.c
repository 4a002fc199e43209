// SPDX-License-Identifier: GPL-2.0-or-later
#include "procmem.h"

#include <stdio.h>
#include <string.h>

static const char *const counter_names[PROC_COUNTERS] = {
	[PROC_MEM_FREE] = "MemFree",
	[PROC_CPU_LISTS] = "per-CPU free lists",
	[PROC_FREE_PAGES] = "MemFree + CPU lists",
	[PROC_BUFFERS] = "Buffers",
	[PROC_CACHED] = "Cached",
	[PROC_ANON_PAGES] = "AnonPages",
	[PROC_SLAB] = "Slab",
	[PROC_SRECLAIMABLE] = "SReclaimable",
	[PROC_SUNRECLAIM] = "SUnreclaim",
	[PROC_VMALLOC_USED] = "VmallocUsed",
	[PROC_PERCPU] = "Percpu",
	[PROC_PAGE_TABLES] = "PageTables",
	[PROC_KERNEL_STACK] = "KernelStack",
};

const char *proc_counter_name(enum proc_counter counter)
{
	return counter_names[counter];
}

void proc_free_pages(struct proc_counters *c)
{
	if (!c->known[PROC_MEM_FREE] || !c->known[PROC_CPU_LISTS])
		return;
	c->known[PROC_FREE_PAGES] = true;
	c->bytes[PROC_FREE_PAGES] = c->bytes[PROC_MEM_FREE] + c->bytes[PROC_CPU_LISTS];
}

static bool number(struct span *line, uint64_t *value)
{
	struct span word;

	return span_word(line, &word) && span_number(word, PROC_NUMBER_MAX, value);
}

void proc_meminfo(struct proc_counters *c, const char *text, size_t len)
{
	struct span all = span_of(text, len), line, name;

	while (span_line(&all, &line)) {
		uint64_t kb;

		/* "MemFree:          381968 kB" */
		if (!span_word(&line, &name) || *--name.end != ':' || !number(&line, &kb))
			continue;
		for (int i = 0; i < PROC_COUNTERS; i++) {
			if (i == PROC_CPU_LISTS || i == PROC_FREE_PAGES ||
			    !span_is(name, counter_names[i]))
				continue;
			c->known[i] = true;
			c->bytes[i] = kb * 1024;
		}
	}
}

/* Lines "count: N" below "pagesets" (mm/vmstat.c, zoneinfo_show_print()). */
void proc_zoneinfo(struct proc_counters *c, const char *text, size_t len,
		   uint64_t page_size)
{
	struct span all = span_of(text, len), line, name;

	while (span_line(&all, &line)) {
		uint64_t pages;

		if (!span_word(&line, &name) || !span_is(name, "count:") ||
		    !number(&line, &pages))
			continue;
		c->known[PROC_CPU_LISTS] = true;
		/* a file of many such lines would overflow */
		if (c->bytes[PROC_CPU_LISTS] < PROC_NUMBER_MAX &&
		    page_size < 1u << 20 && pages < PROC_NUMBER_MAX >> 20)
			c->bytes[PROC_CPU_LISTS] += pages * page_size;
	}
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/*
 * "name <active_objs> <num_objs> <objsize> <objperslab> <pagesperslab> :
 * tunables <limit> <batchcount> <sharedfactor> : slabdata <active_slabs>
 * <num_slabs> <sharedavail>"; the names of caches may have blanks in them
 */
static bool parse_slab(struct span line, struct proc_slab *slab)
{
	/* some names have a colon: kmalloc-64(123:name) */
	const char *colon = memmem(line.at, span_len(line), " : tunables", 11);
	struct span numbers = line, rest = line, word;
	uint64_t per_slab, active_slabs;

	if (line.at == line.end || *line.at == '#' || !colon)
		return false;
	/* from the colon backwards: five numbers, then the name */
	numbers.at = numbers.end = colon;
	for (int i = 0; i < 5; i++) {
		while (numbers.at > line.at && is_blank(numbers.at[-1]))
			numbers.at--;
		while (numbers.at > line.at && !is_blank(numbers.at[-1]))
			numbers.at--;
	}
	slab->name = line.at;
	slab->name_len = (size_t)(numbers.at - line.at);
	while (slab->name_len && is_blank(slab->name[slab->name_len - 1]))
		slab->name_len--;
	if (!slab->name_len || !number(&numbers, &slab->active) ||
	    !number(&numbers, &slab->objects) ||
	    !number(&numbers, &slab->size) || !number(&numbers, &per_slab) ||
	    !number(&numbers, &slab->slab_pages))
		return false;
	slab->slabs = 0;
	rest.at = colon;
	while (span_word(&rest, &word))
		if (span_is(word, "slabdata"))
			return number(&rest, &active_slabs) &&
			       number(&rest, &slab->slabs);
	return true;
}

bool proc_slab_next(const char **text, const char *end, struct proc_slab *slab)
{
	struct span all = { *text, end }, line;
	bool found = false;

	while (!found && span_line(&all, &line))
		found = parse_slab(line, slab);
	*text = all.at;
	return found;
}

/*
 * "0x(____ptrval____)", before 4.19 "0x        (ptrval)": no entropy for hashes yet
 * (lib/vsprintf.c, ptr_to_id()). False: not at the start of @line.
 */
static bool skip_withheld(struct span *line)
{
	static const char mark[] = "ptrval";
	const char *at = line->at, *close;

	if (span_len(*line) < 2 || memcmp(at, "0x", 2))
		return false;
	for (at += 2; at < line->end && *at == ' ';)
		at++;
	if (at == line->end || *at != '(')
		return false;
	close = memchr(at, ')', (size_t)(line->end - at));
	if (!close || !memmem(at, (size_t)(close - at), mark, sizeof(mark) - 1))
		return false;
	line->at = close + 1;
	return true;
}

/* The first two of a line: where the area is, 0 where that is not told. */
static bool area_range(struct span *line, struct proc_area *area)
{
	struct span rest = *line, word;
	const char *dash;

	if (skip_withheld(&rest) && rest.at < rest.end && *rest.at == '-') {
		rest.at++;
		*line = rest;
		return skip_withheld(line);
	}
	if (!span_word(line, &word))
		return false;
	dash = memchr(word.at, '-', span_len(word));
	return dash && span_address((struct span){ word.at, dash }, &area->start) &&
	       span_address((struct span){ dash + 1, word.end }, &area->end);
}

/* "0xSTART-0xEND SIZE CALLER [pages=N] [phys=P] [ioremap] [vmalloc] ..." */
static bool parse_area(struct span line, struct proc_area *area)
{
	struct span word;

	*area = (struct proc_area){ 0 };
	if (!area_range(&line, area) || !number(&line, &area->size))
		return false;
	while (span_word(&line, &word)) {
		if (span_len(word) > 6 && !memcmp(word.at, "pages=", 6)) {
			word.at += 6;
			if (!span_number(word, PROC_NUMBER_MAX, &area->pages))
				return false;
		} else if (span_is(word, "ioremap")) {
			area->ioremap = true;
		} else if (!area->caller && memchr(word.at, '+', span_len(word))) {
			area->caller = word.at;
			area->caller_len = span_len(word);
		}
	}
	return true;
}

bool proc_area_next(const char **text, const char *end, struct proc_area *area)
{
	struct span all = { *text, end }, line, word;
	uint64_t unreadable = 0;
	bool found = false;

	*area = (struct proc_area){ 0 };
	while (!found && span_line(&all, &line)) {
		found = parse_area(line, area);
		unreadable += !found && span_word(&line, &word);
	}
	area->unreadable = unreadable;
	*text = all.at;
	return found;
}

/* "BYTES CALLS FILE:LINE [MODULE] func:NAME", without the brackets for the kernel */
static bool parse_tag(struct span line, struct proc_tag *tag)
{
	struct span word;
	bool function = false;

	*tag = (struct proc_tag){ 0 };
	if (!number(&line, &tag->bytes) || !number(&line, &tag->calls) ||
	    !span_word(&line, &word) || !memchr(word.at, ':', span_len(word)))
		return false;
	while (span_word(&line, &word)) {
		if (!function && !tag->module.at && span_len(word) > 2 && *word.at == '[' &&
		    word.end[-1] == ']')
			tag->module = (struct span){ word.at + 1, word.end - 1 };
		else if (span_len(word) > 5 && !memcmp(word.at, "func:", 5))
			function = true;
		else if (span_is(word, "accurate:no"))
			tag->inaccurate = true;
	}
	return function;
}

bool proc_tag_next(const char **text, const char *end, struct proc_tag *tag)
{
	struct span all = { *text, end }, line;
	bool found = false;

	while (!found && span_line(&all, &line))
		found = parse_tag(line, tag);
	*text = all.at;
	return found;
}

/* "NAME SIZE REFS USERS STATE ADDRESS [(TAINTS)]" */
bool proc_module_line(struct span line, struct proc_module *module)
{
	struct span name, size, word;

	*module = (struct proc_module){ 0 };
	if (!span_word(&line, &name) || !span_word(&line, &size) ||
	    span_len(name) >= sizeof(module->name))
		return false;
	memcpy(module->name, name.at, span_len(name));
	if (!span_number(size, PROC_NUMBER_MAX, &module->size)) {
		for (const char *p = size.at; p < size.end; p++)
			if (*p < '0' || *p > '9')
				return false;
		module->size = PROC_NUMBER_MAX;
	}
	/* references are "-" where modules cannot be unloaded */
	for (int i = 0; i < 3; i++)
		if (!span_word(&line, &word))
			return false;
	module->live = span_is(word, "Live");
	return span_word(&line, &word) && span_address(word, &module->base);
}

bool proc_module_next(const char **text, const char *end,
		      struct proc_module *module)
{
	struct span all = { *text, end }, line;
	bool found = false;

	while (!found && span_line(&all, &line))
		found = proc_module_line(line, module) && module->size < PROC_NUMBER_MAX;
	*text = all.at;
	return found;
}

/* "8", "192", "1k", "8M": what a kmalloc cache's name ends with. */
static bool is_class(const char *text, size_t len)
{
	if (len && (text[len - 1] == 'k' || text[len - 1] == 'M'))
		len--;
	if (!len || len > 7)
		return false;
	while (len)
		if (text[--len] < '0' || text[len] > '9')
			return false;
	return true;
}

bool proc_kmalloc_class(const char *name, size_t len, char *class, size_t size)
{
	static const char *const kinds[] = { "cg-", "rcl-", "dma-" };

	if (len > 4 && !memcmp(name, "dma-", 4)) {
		name += 4;
		len -= 4;
	}
	if (len <= 8 || memcmp(name, "kmalloc-", 8))
		return false;
	name += 8;
	len -= 8;
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		size_t n = strlen(kinds[i]);

		if (len > n && !memcmp(name, kinds[i], n)) {
			name += n;
			len -= n;
			break;
		}
	}
	/* rnd-NN-: CONFIG_RANDOM_KMALLOC_CACHES */
	if (len > 7 && !memcmp(name, "rnd-", 4) && name[6] == '-') {
		name += 7;
		len -= 7;
	}
	if (!is_class(name, len) || size < sizeof("kmalloc-") + len)
		return false;
	snprintf(class, size, "kmalloc-%.*s", (int)len, name);
	return true;
}
