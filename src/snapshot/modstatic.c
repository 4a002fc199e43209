// SPDX-License-Identifier: GPL-2.0-or-later
#include "modstatic.h"

#include <string.h>

#include "modlayout.h"
#include "procmem.h"

#define LARGE_PAGE (2ull << 20)		/* PMD_SIZE of x86, what execmem takes at once */

const struct modstatic modstatic_none = { .lsmod_bytes = -1, .percpu_bytes = -1 };

const char *static_source_name(enum static_source source)
{
	static const char *const names[] = {
		[STATIC_UNKNOWN] = "unknown",
		[STATIC_LSMOD] = "lsmod",
		[STATIC_CORE] = "coresize",
		[STATIC_SECTIONS] = "sections",
		[STATIC_FILE] = "file",
		[STATIC_FILE_EQUAL] = "file and lsmod",
	};

	return names[source];
}

uint64_t modstatic_pages(uint64_t bytes, uint64_t page_size)
{
	uint64_t rest = page_size ? bytes % page_size : 0;

	if (!rest || bytes > UINT64_MAX - page_size)
		return bytes;
	return bytes + page_size - rest;
}

static void set_areas(struct modstatic *ms, unsigned int areas, uint64_t page_size)
{
	ms->areas = areas;
	ms->guard_bytes = areas * page_size;
}

void modstatic_lsmod(struct modstatic *ms, uint64_t lsmod_bytes, uint64_t page_size,
		     const char *release)
{
	bool split = modlayout_since(release, 6, 4);

	ms->source = STATIC_LSMOD;
	ms->lsmod_bytes = (int64_t)lsmod_bytes;
	ms->memory_bytes = modstatic_pages(lsmod_bytes, page_size);
	/*
	 * Every module has code, data (its struct module) and read-only data
	 * (notes); not every one something that is read-only after init.
	 */
	set_areas(ms, split ? 3 : 1, page_size);
	if (!lsmod_bytes)
		set_areas(ms, 0, page_size);
	ms->at_least = split || !release;
}

void modstatic_core(struct modstatic *ms, int64_t core, int64_t init, uint64_t page_size,
		    const char *release)
{
	if (core <= 0 || init < 0 || !release || modlayout_since(release, 6, 4) ||
	    ms->lsmod_bytes - core != init)
		return;
	ms->memory_bytes = modstatic_pages((uint64_t)core, page_size) +
			   modstatic_pages((uint64_t)init, page_size);
	set_areas(ms, init ? 2 : 1, page_size);
	ms->source = STATIC_CORE;
}

static bool is_name(const char *name, size_t len, const char *text)
{
	return strlen(text) == len && !memcmp(name, text, len);
}

static bool starts(const char *name, size_t len, const char *text)
{
	return strlen(text) <= len && !memcmp(name, text, strlen(text));
}

/* Of a section in /sys/module, by its name alone. */
static enum mod_region region_of(const char *name, size_t len, const char *release)
{
	static const char *const code[] = {
		".text", ".exit.text", ".noinstr.text", ".plt", ".stubs", ".static_call.text",
		".altinstr_replacement", ".sched.text", ".cpuidle.text", ".ref.text",
	};

	if (starts(name, len, ".init") || starts(name, len, ".data..percpu"))
		return MOD_REGION_NONE;
	if (is_name(name, len, ".data..ro_after_init") || is_name(name, len, "__jump_table"))
		return MOD_REGION_RO_AFTER_INIT;
	if (is_name(name, len, ".static_call_sites"))
		return modlayout_since(release, 6, 15) ? MOD_REGION_RO_AFTER_INIT :
							 MOD_REGION_DATA;
	for (size_t i = 0; i < sizeof(code) / sizeof(code[0]); i++)
		if (starts(name, len, code[i]))
			return MOD_REGION_TEXT;
	if (starts(name, len, ".data") || starts(name, len, ".bss") ||
	    starts(name, len, ".gnu.linkonce.this_module"))
		return MOD_REGION_DATA;
	if (starts(name, len, ".rodata") || starts(name, len, ".note") ||
	    starts(name, len, "__ksymtab"))
		return MOD_REGION_RODATA;
	return MOD_REGION_NONE;		/* read-only or not: these do not say */
}

void modstatic_sections(struct modstatic *ms, const char *names, size_t len,
			uint64_t page_size, const char *release)
{
	const char *at = names, *end = names + len;
	bool seen[MOD_REGIONS] = { false };
	unsigned int areas = 0;

	if (ms->source != STATIC_LSMOD || !modlayout_since(release, 6, 4))
		return;
	while (at < end) {
		const char *stop = memchr(at, '\n', (size_t)(end - at));
		const char *blank;

		if (!stop)
			stop = end;
		blank = memchr(at, ' ', (size_t)(stop - at));
		if (!blank)
			blank = stop;
		if (blank > at)
			seen[region_of(at, (size_t)(blank - at), release)] = true;
		at = stop < end ? stop + 1 : end;
	}
	for (int i = MOD_REGION_TEXT; i <= MOD_REGION_DATA; i++)
		areas += seen[i];
	if (!areas)
		return;
	set_areas(ms, areas, page_size);
	ms->source = STATIC_SECTIONS;
	ms->at_least = false;
}

void modstatic_layout(struct modstatic *ms, const struct modlayout *ml, uint32_t cpus)
{
	uint64_t memory = 0;
	unsigned int areas = 0;

	for (int i = MOD_REGION_TEXT; i <= MOD_REGION_CORE; i++) {
		bool part = ml->split ? i <= MOD_REGION_DATA : i == MOD_REGION_CORE;

		if (!part || !ml->size[i])
			continue;
		areas++;
		memory += modstatic_pages(ml->size[i], ml->page_size);
	}
	if (ms->lsmod_bytes >= 0 &&
	    memory != modstatic_pages((uint64_t)ms->lsmod_bytes, ml->page_size)) {
		/* what was loaded is another build, or has more than the file */
		if (!ml->at_least)
			return;
		set_areas(ms, areas, ml->page_size);
		memory = ms->memory_bytes;
	}
	ms->percpu_bytes = (int64_t)(ml->size[MOD_REGION_PERCPU] * (cpus ? cpus : 1));
	ms->memory_bytes = memory;
	set_areas(ms, areas, ml->page_size);
	ms->source = ms->lsmod_bytes >= 0 ? STATIC_FILE_EQUAL : STATIC_FILE;
	ms->at_least = (ml->at_least && ms->lsmod_bytes < 0) ||
		       (!cpus && ml->size[MOD_REGION_PERCPU]);
}

void modstatic_share_text(struct modstatic *ms, uint64_t page_size)
{
	if (ms->areas > 1)
		set_areas(ms, ms->areas - 1, page_size);
}

bool modstatic_text_shared(const char *vmallocinfo, size_t len, uint64_t page_size)
{
	const char *at = vmallocinfo, *end = vmallocinfo + len;
	struct proc_area area;

	while (proc_area_next(&at, end, &area)) {
		uint64_t bytes = area.pages * page_size;

		if (area.caller && starts(area.caller, area.caller_len, "execmem_") &&
		    !starts(area.caller, area.caller_len, "execmem_alloc_rw") &&
		    bytes && bytes % LARGE_PAGE == 0)
			return true;
	}
	return false;
}

bool modstatic_at_least(const struct modstatic *ms)
{
	return ms->at_least || ms->percpu_bytes < 0;
}

int64_t modstatic_bytes(const struct modstatic *ms)
{
	uint64_t sum = ms->memory_bytes + ms->guard_bytes +
		       (ms->percpu_bytes > 0 ? (uint64_t)ms->percpu_bytes : 0);

	if (ms->source == STATIC_UNKNOWN || sum > INT64_MAX)
		return -1;
	return (int64_t)sum;
}
