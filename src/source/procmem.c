// SPDX-License-Identifier: GPL-2.0-or-later
#include "procmem.h"

#include <stdio.h>
#include <string.h>

/* What is left of one line. */
struct line {
	const char *at, *end;
};

static const char *const counter_names[PROC_COUNTERS] = {
	[PROC_MEM_FREE] = "MemFree",
	[PROC_CPU_LISTS] = "per-CPU free lists",
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

static bool next_line(const char **text, const char *end, struct line *line)
{
	const char *stop;

	if (*text >= end)
		return false;
	stop = memchr(*text, '\n', (size_t)(end - *text));
	if (!stop)
		stop = end;
	*line = (struct line){ *text, stop };
	*text = stop < end ? stop + 1 : end;
	return true;
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/* The next word, without blanks; false at the end of the line. */
static bool word(struct line *line, const char **start, size_t *len)
{
	while (line->at < line->end && is_blank(*line->at))
		line->at++;
	*start = line->at;
	while (line->at < line->end && !is_blank(*line->at))
		line->at++;
	*len = (size_t)(line->at - *start);
	return *len > 0;
}

static bool is_word(const char *start, size_t len, const char *text)
{
	return strlen(text) == len && !memcmp(start, text, len);
}

static bool to_number(const char *text, size_t len, uint64_t *value)
{
	*value = 0;
	for (size_t i = 0; i < len; i++) {
		if (text[i] < '0' || text[i] > '9')
			return false;
		*value = *value * 10 + (uint64_t)(text[i] - '0');
		if (*value >= PROC_NUMBER_MAX)
			return false;
	}
	return len > 0;
}

/* "0x" and up to 16 digits */
static bool to_address(const char *text, size_t len, uint64_t *value)
{
	*value = 0;
	if (len < 3 || len > 18 || text[0] != '0' || text[1] != 'x')
		return false;
	for (size_t i = 2; i < len; i++) {
		const char *digits = "0123456789abcdef";
		const char *digit = text[i] ? strchr(digits, text[i] | 0x20) :
					      NULL;

		if (!digit)
			return false;
		*value = *value << 4 | (uint64_t)(digit - digits);
	}
	return true;
}

static bool number(struct line *line, uint64_t *value)
{
	const char *text;
	size_t len;

	return word(line, &text, &len) && to_number(text, len, value);
}

void proc_meminfo(struct proc_counters *c, const char *text, size_t len)
{
	const char *end = text + len;
	struct line line;

	while (next_line(&text, end, &line)) {
		const char *name;
		uint64_t kb;
		size_t n;

		/* "MemFree:          381968 kB" */
		if (!word(&line, &name, &n) || name[n - 1] != ':' ||
		    !number(&line, &kb))
			continue;
		for (int i = 0; i < PROC_COUNTERS; i++) {
			if (i == PROC_CPU_LISTS ||
			    !is_word(name, n - 1, counter_names[i]))
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
	const char *end = text + len;
	struct line line;

	while (next_line(&text, end, &line)) {
		const char *name;
		uint64_t pages;
		size_t n;

		if (!word(&line, &name, &n) || !is_word(name, n, "count:") ||
		    !number(&line, &pages))
			continue;
		c->known[PROC_CPU_LISTS] = true;
		/* a file of many such lines would overflow */
		if (c->bytes[PROC_CPU_LISTS] < PROC_NUMBER_MAX &&
		    page_size < 1u << 20 && pages < PROC_NUMBER_MAX >> 20)
			c->bytes[PROC_CPU_LISTS] += pages * page_size;
	}
}

/*
 * "name <active_objs> <num_objs> <objsize> <objperslab> <pagesperslab> :
 * tunables <limit> <batchcount> <sharedfactor> : slabdata <active_slabs>
 * <num_slabs> <sharedavail>"; the names of caches may have blanks in them
 */
static bool parse_slab(struct line line, struct proc_slab *slab)
{
	/* some names have a colon: kmalloc-64(123:name) */
	const char *colon = memmem(line.at, (size_t)(line.end - line.at),
				   " : tunables", 11);
	struct line numbers = line, rest = line;
	uint64_t per_slab, active_slabs;
	const char *text;
	size_t len;

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
	while (word(&rest, &text, &len))
		if (is_word(text, len, "slabdata"))
			return number(&rest, &active_slabs) &&
			       number(&rest, &slab->slabs);
	return true;
}

bool proc_slab_next(const char **text, const char *end, struct proc_slab *slab)
{
	struct line line;

	while (next_line(text, end, &line))
		if (parse_slab(line, slab))
			return true;
	return false;
}

/* "0xSTART-0xEND SIZE CALLER [pages=N] [phys=P] [ioremap] [vmalloc] ..." */
static bool parse_area(struct line line, struct proc_area *area)
{
	const char *text, *dash;
	size_t len;

	*area = (struct proc_area){ 0 };
	if (!word(&line, &text, &len))
		return false;
	dash = memchr(text, '-', len);
	if (!dash || !to_address(text, (size_t)(dash - text), &area->start) ||
	    !to_address(dash + 1, (size_t)(text + len - dash - 1),
			&area->end) ||
	    !number(&line, &area->size))
		return false;
	while (word(&line, &text, &len)) {
		if (len > 6 && !memcmp(text, "pages=", 6)) {
			if (!to_number(text + 6, len - 6, &area->pages))
				return false;
		} else if (is_word(text, len, "ioremap")) {
			area->ioremap = true;
		} else if (!area->caller && memchr(text, '+', len)) {
			area->caller = text;
			area->caller_len = len;
		}
	}
	return true;
}

bool proc_area_next(const char **text, const char *end, struct proc_area *area)
{
	struct line line;

	while (next_line(text, end, &line))
		if (parse_area(line, area))
			return true;
	return false;
}

/* "NAME SIZE REFS USERS STATE ADDRESS [(TAINTS)]" */
static bool parse_module(struct line line, struct proc_module *module)
{
	const char *text;
	size_t len;

	*module = (struct proc_module){ 0 };
	if (!word(&line, &module->name, &module->name_len) ||
	    !number(&line, &module->size))
		return false;
	/* references are "-" where modules cannot be unloaded */
	for (int i = 0; i < 2; i++)
		if (!word(&line, &text, &len))
			return false;
	if (!word(&line, &text, &len))
		return false;
	module->live = is_word(text, len, "Live");
	if (word(&line, &text, &len) && !to_address(text, len, &module->base))
		return false;
	return true;
}

bool proc_module_next(const char **text, const char *end,
		      struct proc_module *module)
{
	struct line line;

	while (next_line(text, end, &line))
		if (parse_module(line, module))
			return true;
	return false;
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
