// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * fuzz_elf.c - any bytes as a module, a vmlinux or a debug file, packed or not
 *
 * Seeds are a file of a dozen lines with sections as modules have them, compiled
 * with -g1 for four architectures, linked as a kernel is, and packed.
 *
 * What libdw does with it happens in another process (linefind.h), for some inputs
 * only since that takes long: here it matters that we live on and get an answer.
 */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pipeline/placement.h"
#include "arena.h"
#include "callsite.h"
#include "elffile.h"
#include "elfsyms.h"
#include "error.h"
#include "linefind.h"
#include "pipeline/samples.h"
#include "silent.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define QUERIES 8u
#define LINES_ONE_IN 32u

/* Every byte that a section says it has is there. */
static uint64_t look_at_sections(const struct elffile *ef)
{
	uint64_t sum = 0;
	size_t i, b;

	for (i = 0; i < elffile_sections(ef); i++) {
		const struct elf_section *sec = elffile_section(ef, i);

		assert(sec->name);
		sum += strlen(sec->name);
		for (b = 0; b < sec->len; b += 1 + b / 64)
			sum += sec->data[b];
		if (sec->len)
			sum += sec->data[sec->len - 1];
	}
	return sum;
}

static void look_at_symbols(const struct elffile *ef, const struct elfsyms *es,
			    struct line_query *queries)
{
	size_t n = elfsyms_count(es), i;

	for (i = 0; i < n; i++) {
		const struct elf_symbol *s = elfsyms_at(es, i);
		size_t first = elfsyms_find(es, s->name);

		assert(first <= i && !strcmp(elfsyms_at(es, first)->name, s->name));
		assert(s->section && s->section < elffile_sections(ef));
		callsite_check(ef, s->section, s->value);
		callsite_check(ef, s->section, s->value + s->size);
		queries[i % QUERIES] = (struct line_query){
			.section = s->section, .value = s->value + s->size / 2,
		};
	}
	assert(elfsyms_find(es, "no such symbol") == n);
}

static void look_at_places(const struct elffile *ef)
{
	uint64_t addr[16], *offset = calloc(elffile_sections(ef) + 1, sizeof(*offset));
	struct samples s = { .addr = addr, .n = 16 };
	struct placement p;

	for (size_t i = 0; i < 16; i++)
		addr[i] = 0xffffffffc0000000u + i * 37;
	placement_module_layout(ef, offset);
	p = placement_module(ef, &s, offset, 0xffffffffc0000000u, 0);
	assert(p.calls <= p.seen);
	placement_kernel(ef, &s, 0);
	free(offset);
}

static void look_at_lines(const struct elffile *ef, const struct line_query *queries)
{
	struct line_answer answers[QUERIES];
	struct arena *arena = arena_new();
	struct error err = { "" };
	int ret = linefind(ef, queries, answers, QUERIES, arena, &err);

	assert(!ret || strlen(err.text) > 10);
	for (size_t i = 0; i < QUERIES; i++)
		for (size_t f = 0; f < answers[i].n; f++)
			assert(answers[i].frames[f].file);
	arena_free(arena);
}

/* Of each symbol that it takes from others: a name that ends. */
static void count_name(void *arg, const char *name)
{
	assert(*name);
	*(volatile uint64_t *)arg += strlen(name);
	silent_symbol(name, strlen(name));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct line_query queries[QUERIES] = { { 0 } };
	struct error err = { "" };
	struct elffile *ef = elffile_memory("input", data, size, &err);
	volatile uint64_t sum = 0;
	struct elfsyms *es;

	if (!ef) {
		assert(strlen(err.text) > 10);
		return 0;
	}
	sum += look_at_sections(ef);
	assert(!elffile_module(ef) || strlen(elffile_module(ef)) < 64);
	elffile_build_id(ef);
	elffile_modinfo(ef, "vermagic");
	elffile_fits(ef, "x86_64", false, 64, &err);
	look_at_places(ef);
	elfsyms_undefined(ef, count_name, (void *)&sum, NULL);
	es = elfsyms_new(ef, &err);
	if (es)
		look_at_symbols(ef, es, queries);
	for (size_t i = 0; i < size; i += 1 + size / 64)
		sum = sum * 31 + data[i];
	if (sum % LINES_ONE_IN == 0)
		look_at_lines(ef, queries);
	elfsyms_free(es);
	elffile_close(ef);
	return 0;
}

#include "fuzz_main.h"
