// SPDX-License-Identifier: GPL-2.0-or-later
#include "elfsyms.h"

#include <elf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "elffile.h"
#include "error.h"
#include "kallsyms.h"

struct elfsyms {
	struct elf_symbol *syms;
	size_t n;
};

/* One entry of the table, whatever the word size. */
struct entry {
	uint32_t name;
	uint64_t value, size;
	uint8_t info;
	uint16_t section;
};

static size_t entry_size(const struct elffile *ef)
{
	return elffile_long_bits(ef) == 64 ? sizeof(Elf64_Sym) : sizeof(Elf32_Sym);
}

static struct entry read_entry(const struct elffile *ef, const uint8_t *at)
{
	if (elffile_long_bits(ef) == 64)
		return (struct entry){
			.name = (uint32_t)elffile_get(ef, at, 4),
			.info = at[4],
			.section = (uint16_t)elffile_get(ef, at + 6, 2),
			.value = elffile_get(ef, at + 8, 8),
			.size = elffile_get(ef, at + 16, 8),
		};
	return (struct entry){
		.name = (uint32_t)elffile_get(ef, at, 4),
		.value = elffile_get(ef, at + 4, 4),
		.size = elffile_get(ef, at + 8, 4),
		.info = at[12],
		.section = (uint16_t)elffile_get(ef, at + 14, 2),
	};
}

/*
 * As the kernel's own table: no section or file names, nothing undefined, no mapping
 * symbols (kallsyms_is_mapping()), which the compiler makes without a size.
 */
static bool is_symbol(const struct elffile *ef, const struct entry *e, const char *name)
{
	unsigned int type = ELF64_ST_TYPE(e->info);

	if (type != STT_FUNC && type != STT_NOTYPE && type != STT_OBJECT &&
	    type != STT_GNU_IFUNC)
		return false;
	if (!e->section || e->section >= elffile_sections(ef))
		return false;
	return *name && !kallsyms_is_mapping(name, strlen(name));
}

static int by_name(const void *a, const void *b)
{
	const struct elf_symbol *x = a, *y = b;
	int c = strcmp(x->name, y->name);

	if (!c)
		c = (x->section > y->section) - (x->section < y->section);
	return c ? c : (x->value > y->value) - (x->value < y->value);
}

static const struct elf_section *find_table(const struct elffile *ef)
{
	for (size_t i = 1; i < elffile_sections(ef); i++)
		if (elffile_section(ef, i)->type == SHT_SYMTAB &&
		    elffile_section(ef, i)->data)
			return elffile_section(ef, i);
	return NULL;
}

static void add(struct elfsyms *es, const struct elffile *ef, const struct entry *e,
		const char *name)
{
	const struct elf_section *sec = elffile_section(ef, e->section);
	struct elf_symbol *s = &es->syms[es->n++];

	*s = (struct elf_symbol){
		.name = name,
		.value = e->value,
		.size = e->size,
		.section = e->section,
		.text = sec->flags & SHF_EXECINSTR,
		.global = ELF64_ST_BIND(e->info) != STB_LOCAL,
	};
	/* the lowest bit of a function's address says that it is Thumb code */
	if (elffile_em(ef) == EM_ARM && ELF64_ST_TYPE(e->info) == STT_FUNC)
		s->value &= ~1ULL;
}

/* The names of @table, terminated; NULL with @err set: there are none. */
static const struct elf_section *find_names(const struct elffile *ef,
					    const struct elf_section *table,
					    struct error *err)
{
	const struct elf_section *names = NULL;

	if (table && table->link < elffile_sections(ef))
		names = elffile_section(ef, table->link);
	if (names && names->len && !names->data[names->len - 1])
		return names;
	error_set(err, -ENOENT, "%s: has no symbol table (stripped), take one that has",
		  elffile_path(ef));
	return NULL;
}

static const char *entry_name(const struct elf_section *names, const struct entry *e)
{
	return e->name < names->len ? (const char *)names->data + e->name : "";
}

int elfsyms_undefined(const struct elffile *ef, void (*each)(void *arg, const char *name),
		      void *arg, struct error *err)
{
	const struct elf_section *table = find_table(ef);
	const struct elf_section *names = find_names(ef, table, err);
	size_t size = entry_size(ef), n = names ? table->len / size : 0, i;

	for (i = 1; i < n; i++) {
		struct entry e = read_entry(ef, table->data + i * size);
		const char *name = entry_name(names, &e);

		if (e.section == SHN_UNDEF && *name)
			each(arg, name);
	}
	return names ? 0 : -ENOENT;
}

struct elfsyms *elfsyms_new(const struct elffile *ef, struct error *err)
{
	const struct elf_section *table = find_table(ef);
	const struct elf_section *names = find_names(ef, table, err);
	size_t each = entry_size(ef), n, i;
	struct elfsyms *es;

	if (!names)
		return NULL;
	es = calloc(1, sizeof(*es));
	n = table->len / each;
	if (es)
		es->syms = calloc(n + 1, sizeof(*es->syms));
	if (!es || !es->syms) {
		error_set(err, -ENOMEM, "out of memory");
		elfsyms_free(es);
		return NULL;
	}
	for (i = 1; i < n; i++) {
		struct entry e = read_entry(ef, table->data + i * each);
		const char *name = entry_name(names, &e);

		if (is_symbol(ef, &e, name))
			add(es, ef, &e, name);
	}
	qsort(es->syms, es->n, sizeof(*es->syms), by_name);
	return es;
}

void elfsyms_free(struct elfsyms *es)
{
	if (!es)
		return;
	free(es->syms);
	free(es);
}

size_t elfsyms_count(const struct elfsyms *es)
{
	return es->n;
}

const struct elf_symbol *elfsyms_at(const struct elfsyms *es, size_t i)
{
	return &es->syms[i];
}

size_t elfsyms_find(const struct elfsyms *es, const char *name)
{
	size_t lo = 0, hi = es->n;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (strcmp(es->syms[mid].name, name) < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo < es->n && !strcmp(es->syms[lo].name, name) ? lo : es->n;
}
