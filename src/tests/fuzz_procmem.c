// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * fuzz_procmem.c - any text as a saved file of /proc
 *
 * The input is texts of meminfo, slabinfo, vmallocinfo, zoneinfo, allocinfo and
 * modules, with a NUL byte between; each parser gets all of them.
 */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "procmem.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void within(const char *part, size_t len, const char *text, const char *end)
{
	assert(!len || (part >= text && part + len <= end));
}

static void read_all(const char *text, size_t len)
{
	const char *end = text + len, *at;
	struct proc_counters c = { 0 };
	struct proc_slab slab;
	struct proc_area area;
	struct proc_module module;
	struct proc_tag tag;
	char class[32];

	proc_meminfo(&c, text, len);
	proc_zoneinfo(&c, text, len, 65536);
	proc_free_pages(&c);
	for (int i = 0; i < PROC_COUNTERS; i++)
		assert(c.bytes[i] < 1ull << 62 && (c.known[i] || !c.bytes[i]));
	for (at = text; proc_slab_next(&at, end, &slab);) {
		within(slab.name, slab.name_len, text, end);
		assert(slab.name_len && slab.active < PROC_NUMBER_MAX &&
		       slab.size < PROC_NUMBER_MAX);
		if (proc_kmalloc_class(slab.name, slab.name_len, class, sizeof(class)))
			assert(!strncmp(class, "kmalloc-", 8));
	}
	for (at = text; proc_area_next(&at, end, &area);) {
		within(area.caller, area.caller_len, text, end);
		assert(area.size < PROC_NUMBER_MAX && area.pages < PROC_NUMBER_MAX);
		assert(!area.caller || memchr(area.caller, '+', area.caller_len));
	}
	for (at = text; proc_tag_next(&at, end, &tag);) {
		within(tag.module.at, span_len(tag.module), text, end);
		assert(tag.bytes < PROC_NUMBER_MAX && tag.calls < PROC_NUMBER_MAX);
		assert(!tag.module.at || span_len(tag.module));
	}
	for (at = text; proc_module_next(&at, end, &module);)
		assert(strnlen(module.name, sizeof(module.name)) < sizeof(module.name) &&
		       module.size < PROC_NUMBER_MAX);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	/* a copy that ends where it ends, for the sanitizers */
	char *copy = malloc(size ? size : 1);
	size_t at = 0;

	assert(copy);
	memcpy(copy, data, size);
	read_all(copy, size);
	while (at < size) {
		size_t len = strnlen(copy + at, size - at);

		read_all(copy + at, len);
		at += len + 1;
	}
	free(copy);
	return 0;
}

#include "fuzz_main.h"
