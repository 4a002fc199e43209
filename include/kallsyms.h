/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * kallsyms.h - a line of /proc/kallsyms (kernel/kallsyms.c, s_show()):
 * "ADDRESS TYPE NAME", of a module with "\t[MODULE]" behind it
 */
#ifndef MODMEM_KALLSYMS_H
#define MODMEM_KALLSYMS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "span.h"

struct kallsyms_line {
	uint64_t addr;		/* 0: hidden, for one */
	size_t digits;		/* of it, as written */
	struct span name;	/* never empty */
	struct span tag;	/* what is in brackets; NULL: it has none */
	char type;
	bool odd;		/* something is behind the name that no kernel writes */
};

/* False: @line is no symbol. */
bool kallsyms_line(struct span line, struct kallsyms_line *k);

/* Is what is in brackets a module? "[bpf]" and "[__builtin__ftrace]" are the kernel's own. */
bool kallsyms_is_module(struct span tag);

/*
 * Labels of assemblers and compilers, which are no functions though many stand at the
 * address of one, or within it: "$x", "$d.12", "$a" where code and data begin on arm,
 * "$xrv64i2p1_..." on riscv, ".L0", ".LVL12" of modules whose linker relaxes code
 * (riscv), "L0^A" (loongarch). The kernel passes over them when it looks for a name
 * (include/linux/module_symbol.h, is_mapping_symbol()), but lists them.
 */
bool kallsyms_is_mapping(const char *name, size_t len);

/* The type of a function. */
static inline bool kallsyms_is_text(char type)
{
	return type == 't' || type == 'T' || type == 'w' || type == 'W';
}

#endif
