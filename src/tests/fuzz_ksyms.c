// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * fuzz_ksyms.c - any text as /proc/kallsyms and /proc/modules
 *
 * The input is a kallsyms text and, behind a NUL byte, a text of /proc/modules.
 */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "error.h"
#include "ksyms.h"
#include "modmap.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define PAGE 4096u

static void look_around(const struct ksyms *ks, const struct modmap *mm,
			uint64_t addr)
{
	size_t n = ksyms_count(ks), i = ksyms_find(ks, addr);

	if (i == SIZE_MAX) {
		assert(!n || ksyms_at(ks, 0)->addr > addr);
	} else {
		assert(i < n && ksyms_at(ks, i)->addr <= addr);
		assert(i + 1 == n || ksyms_at(ks, i + 1)->addr > addr);
	}
	ksyms_entry_text(ks, addr);
	modmap_near_modules(mm, addr);
	assert(modmap_find(mm, addr) < modmap_count(mm));
}

static void check_symbols(const struct ksyms *ks)
{
	uint64_t start, end;
	size_t i;

	assert(ksyms_modules(ks) >= 1);
	for (i = 0; i < ksyms_count(ks); i++) {
		const struct ksym *sym = ksyms_at(ks, i);

		assert(sym->name && *sym->name);
		assert(sym->module < ksyms_modules(ks));
		assert(ksyms_module_name(ks, sym->module));
		assert(!i || ksyms_at(ks, i - 1)->addr <= sym->addr);
		assert(!ksyms_hidden(ks) || !sym->addr);
	}
	if (ksyms_core_text(ks, &start, &end))
		assert(start < end);
}

static void check_map(struct modmap *mm)
{
	uint32_t i;

	for (i = 0; i < modmap_count(mm); i++) {
		const struct module_instance *mi = modmap_instance(mm, i);

		assert(mi->name && mi->row < modmap_rows(mm));
	}
	assert(modmap_rows(mm) >= 2);
}

static void come_and_go(struct modmap *mm, const struct ksyms *ks)
{
	size_t i, n = ksyms_modules(ks);

	for (i = 1; i < n && i < 8; i++)
		assert(modmap_event(mm, ksyms_module_name(ks, (uint16_t)i),
				    i % 2, 0) < modmap_count(mm));
	assert(modmap_event(mm, "new", true, 0) < modmap_count(mm));
	assert(modmap_event(mm, "", false, 0) < modmap_count(mm));
}

static void look_at_symbols(const struct ksyms *ks, const struct modmap *mm)
{
	size_t i;

	for (i = 0; i < ksyms_count(ks); i += 1 + i / 64) {
		uint64_t addr = ksyms_at(ks, i)->addr;

		look_around(ks, mm, addr);
		look_around(ks, mm, addr + 1);
		look_around(ks, mm, addr - 1);
		look_around(ks, mm, addr + PAGE);
	}
	look_around(ks, mm, 0);
	look_around(ks, mm, UINT64_MAX);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const uint8_t *nul = size ? memchr(data, 0, size) : NULL;
	size_t len = nul ? (size_t)(nul - data) : size;
	size_t rest = nul ? size - len - 1 : 0;
	/* copies that end where memory does */
	char *symbols = malloc(len), *modules = nul ? malloc(rest) : NULL;
	struct error err = { "" };
	struct ksyms *ks;
	struct modmap *mm;

	if (len)
		memcpy(symbols, data, len);
	if (rest)
		memcpy(modules, nul + 1, rest);
	ks = ksyms_parse(symbols, len);
	assert(ks);
	free(symbols);		/* it was copied */
	check_symbols(ks);
	mm = modmap_new(ks, modules, rest, PAGE, &err);
	free(modules);
	if (mm) {
		assert(!modmap_plan(mm, "planned", size % 2));
		assert(!modmap_start(mm));
		look_at_symbols(ks, mm);
		come_and_go(mm, ks);
		look_at_symbols(ks, mm);
		check_map(mm);
	} else {
		assert(strlen(err.text) > 10);
	}
	modmap_free(mm);
	ksyms_free(ks);
	return 0;
}

#include "fuzz_main.h"
