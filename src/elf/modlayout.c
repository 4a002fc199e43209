// SPDX-License-Identifier: GPL-2.0-or-later
#include "modlayout.h"

#include <elf.h>
#include <stdio.h>
#include <string.h>

#include "elffile.h"

/* include/linux/module.h of 4.9 and later: not in elf(5) */
#define SECTION_NAME_INIT ".init"

/* The order in which the loader goes over them, for core and for init. */
static const enum mod_region core_order[] = {
	MOD_REGION_TEXT, MOD_REGION_RODATA, MOD_REGION_RO_AFTER_INIT, MOD_REGION_DATA,
};
static const enum mod_region init_order[] = {
	MOD_REGION_INIT_TEXT, MOD_REGION_INIT_RODATA, MOD_REGION_INIT_DATA,
};

const char *mod_region_name(enum mod_region region)
{
	static const char *const names[MOD_REGIONS] = {
		[MOD_REGION_TEXT] = "text",
		[MOD_REGION_RODATA] = "rodata",
		[MOD_REGION_RO_AFTER_INIT] = "ro_after_init",
		[MOD_REGION_DATA] = "data",
		[MOD_REGION_INIT_TEXT] = "init_text",
		[MOD_REGION_INIT_RODATA] = "init_rodata",
		[MOD_REGION_INIT_DATA] = "init_data",
		[MOD_REGION_CORE] = "core",
		[MOD_REGION_INIT] = "init",
		[MOD_REGION_PERCPU] = "percpu",
		[MOD_REGION_NONE] = "",
	};

	return names[region];
}

bool mod_region_is_init(enum mod_region region)
{
	return region == MOD_REGION_INIT_TEXT || region == MOD_REGION_INIT_RODATA ||
	       region == MOD_REGION_INIT_DATA || region == MOD_REGION_INIT;
}

bool modlayout_since(const char *release, unsigned int major, unsigned int minor)
{
	unsigned int is_major, is_minor;

	if (!release || sscanf(release, "%3u.%3u", &is_major, &is_minor) != 2)
		return true;
	return is_major > major || (is_major == major && is_minor >= minor);
}

/* Takes memory, but not in the module: read and left, or made for each CPU. */
static enum mod_region special(const char *name)
{
	static const char *const read_only_by_loader[] = {
		".modinfo", "__versions", "__version_ext_crcs", "__version_ext_names",
	};

	if (!strcmp(name, ".data..percpu"))
		return MOD_REGION_PERCPU;
	for (size_t i = 0; i < sizeof(read_only_by_loader) / sizeof(*read_only_by_loader); i++)
		if (!strcmp(name, read_only_by_loader[i]))
			return MOD_REGION_NONE;
	return MOD_REGIONS;
}

/* ro_after_init[] of kernel/module/strict_rwx.c; static calls from 6.15 */
static bool is_ro_after_init(const char *name, const char *release)
{
	return !strcmp(name, ".data..ro_after_init") || !strcmp(name, "__jump_table") ||
	       (!strcmp(name, ".static_call_sites") && modlayout_since(release, 6, 15));
}

static const char *built_for(const struct elffile *ef, const char *release)
{
	return release ? release : elffile_modinfo(ef, "vermagic");
}

enum mod_region modlayout_region(const struct elffile *ef, size_t i, const char *release)
{
	const struct elf_section *s = elffile_section(ef, i);
	enum mod_region region = special(s->name);
	bool init;

	if (!(s->flags & SHF_ALLOC))
		return MOD_REGION_NONE;
	if (region != MOD_REGIONS)
		return region;
	init = !strncmp(s->name, SECTION_NAME_INIT, strlen(SECTION_NAME_INIT));
	if (s->flags & SHF_EXECINSTR)
		return init ? MOD_REGION_INIT_TEXT : MOD_REGION_TEXT;
	if (!init && is_ro_after_init(s->name, built_for(ef, release)))
		return MOD_REGION_RO_AFTER_INIT;
	if (s->flags & SHF_WRITE)
		return init ? MOD_REGION_INIT_DATA : MOD_REGION_DATA;
	return init ? MOD_REGION_INIT_RODATA : MOD_REGION_RODATA;
}

/* @value up to a multiple of @to; what does not fit stays at the end. */
static uint64_t align_up(uint64_t value, uint64_t to)
{
	uint64_t rest = to ? value % to : 0;

	if (!rest)
		return value;
	return value > UINT64_MAX - (to - rest) ? UINT64_MAX : value + to - rest;
}

static uint64_t add(uint64_t a, uint64_t b)
{
	return a > UINT64_MAX - b ? UINT64_MAX : a + b;
}

static uint64_t symbol_field(const struct elffile *ef, const uint8_t *p, unsigned int bytes)
{
	uint64_t value = 0;

	for (unsigned int i = 0; i < bytes; i++)
		value = value << 8 | p[elffile_big_endian(ef) ? i : bytes - 1 - i];
	return value;
}

static const struct elf_section *find_symtab(const struct elffile *ef)
{
	for (size_t i = 1; i < elffile_sections(ef); i++) {
		const struct elf_section *s = elffile_section(ef, i);

		if (s->type == SHT_SYMTAB)
			return s->data && s->link < elffile_sections(ef) ? s : NULL;
	}
	return NULL;
}

/* Bytes of an Elf64_Sym or Elf32_Sym. */
static size_t symbol_size(const struct elffile *ef)
{
	return elffile_long_bits(ef) == 64 ? 24 : 16;
}

/*
 * What kallsyms keeps of the symbol table: entries, names, and a letter for each
 * of those that lie in what stays, and of an empty one.
 */
static uint64_t add_symbols(const struct elffile *ef, const char *release, uint64_t to)
{
	size_t n = elffile_sections(ef), entry = symbol_size(ef);
	size_t at_section = elffile_long_bits(ef) == 64 ? 6 : 14;
	const struct elf_section *symtab = find_symtab(ef), *strtab;
	uint64_t count = 1, names = 1;

	if (!symtab)
		return to;
	strtab = elffile_section(ef, symtab->link);
	for (size_t at = entry; strtab->data && at + entry <= symtab->len; at += entry) {
		uint64_t name = symbol_field(ef, symtab->data + at, 4);
		uint64_t section = symbol_field(ef, symtab->data + at + at_section, 2);
		enum mod_region region;

		if (!name || name >= strtab->len || !section || section >= n)
			continue;
		region = modlayout_region(ef, (size_t)section, release);
		if (region == MOD_REGION_NONE || mod_region_is_init(region))
			continue;
		count++;
		names += strnlen((const char *)strtab->data + name,
				 (size_t)(strtab->len - name)) + 1;
	}
	return add(align_up(to, symtab->align), count * (entry + 1) + names);
}

/* While init runs all of the table is there, and a struct mod_kallsyms. */
static uint64_t add_all_symbols(const struct elffile *ef, uint64_t to)
{
	const struct elf_section *symtab = find_symtab(ef);
	uint64_t word = elffile_long_bits(ef) / 8;

	if (!symtab)
		return to;
	to = add(align_up(to, symtab->align), symtab->size);
	to = add(to, elffile_section(ef, symtab->link)->size);
	return add(align_up(to, word), 4 * word + symtab->size / symbol_size(ef));
}

/* One block up to 6.3: kinds follow each other, each on pages of its own. */
static uint64_t block(const struct elffile *ef, const char *release, uint64_t page_size,
		      const enum mod_region *order, size_t n_order)
{
	uint64_t size = 0;

	for (size_t k = 0; k < n_order; k++) {
		for (size_t i = 1; i < elffile_sections(ef); i++) {
			const struct elf_section *s = elffile_section(ef, i);

			if (modlayout_region(ef, i, release) == order[k])
				size = add(align_up(size, s->align), s->size);
		}
		size = align_up(size, page_size);
	}
	return size;
}

bool modlayout_loader_adds(const char *machine)
{
	static const char *const machines[] = {
		"aarch64", "arm", "ppc", "ppc64", "ppc64le", "s390x", "riscv64", "riscv32",
		"ia64", "loongarch64", "parisc", "parisc64", "mips", "mips64", "m68k",
	};

	for (size_t i = 0; machine && i < sizeof(machines) / sizeof(machines[0]); i++)
		if (!strcmp(machine, machines[i]))
			return true;
	return !machine;
}

void modlayout_read(struct modlayout *ml, const struct elffile *ef, const char *release,
		    uint64_t page_size)
{
	const char *kernel = built_for(ef, release);

	*ml = (struct modlayout) {
		.split = modlayout_since(kernel, 6, 4),
		.at_least = modlayout_loader_adds(elffile_machine(ef)),
		.page_size = page_size,
	};
	for (size_t i = 1; i < elffile_sections(ef); i++) {
		const struct elf_section *s = elffile_section(ef, i);
		enum mod_region region = modlayout_region(ef, i, release);

		if (region != MOD_REGION_NONE)
			ml->size[region] = add(align_up(ml->size[region], s->align), s->size);
	}
	if (ml->split) {
		ml->size[MOD_REGION_DATA] = add_symbols(ef, release, ml->size[MOD_REGION_DATA]);
		ml->size[MOD_REGION_INIT_DATA] =
			add_all_symbols(ef, ml->size[MOD_REGION_INIT_DATA]);
		return;
	}
	ml->size[MOD_REGION_CORE] = add_symbols(ef, release,
		block(ef, release, page_size, core_order,
		      sizeof(core_order) / sizeof(core_order[0])));
	ml->size[MOD_REGION_INIT] = add_all_symbols(ef,
		block(ef, release, page_size, init_order,
		      sizeof(init_order) / sizeof(init_order[0])));
}
