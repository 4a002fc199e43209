/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * elfsyms.h - the symbols of an ELF file: what kallsyms would show of it
 */
#ifndef MODMEM_ELFSYMS_H
#define MODMEM_ELFSYMS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct elffile;
struct elfsyms;
struct error;

struct elf_symbol {
	const char *name;	/* belongs to the file */
	uint64_t value;		/* bytes into its section; an address if linked */
	uint64_t size;		/* bytes, 0: not known */
	uint32_t section;	/* its number in the file */
	bool text;		/* lies in code */
	bool global;
};

/*
 * All symbols that have a name and a place, by name; @ef must outlive them.
 * NULL with @err set: no symbol table (stripped), damaged, no memory.
 */
struct elfsyms *elfsyms_new(const struct elffile *ef, struct error *err);
void elfsyms_free(struct elfsyms *es);

size_t elfsyms_count(const struct elfsyms *es);
const struct elf_symbol *elfsyms_at(const struct elfsyms *es, size_t i);

/* Number of the first symbol called @name, those of equal name follow; the count: none. */
size_t elfsyms_find(const struct elfsyms *es, const char *name);

/*
 * Calls @each for each symbol that has a name and no place: what the file takes from
 * others. 0, or -ENOENT with @err set: no symbol table (stripped), or a damaged one.
 */
int elfsyms_undefined(const struct elffile *ef, void (*each)(void *arg, const char *name),
		      void *arg, struct error *err);

#endif
