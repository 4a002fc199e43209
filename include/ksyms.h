/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ksyms.h - the traced kernel's symbols, from a /proc/kallsyms text
 *
 * proc(5), kernel/kallsyms.c: "ADDRESS TYPE NAME[\t[MODULE]]" a line.
 */
#ifndef MODMEM_KSYMS_H
#define MODMEM_KSYMS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct error;
struct ksyms;

struct ksym {
	uint64_t addr;
	const char *name;	/* belongs to the table */
	uint16_t module;	/* number of its module's tag, 0: the kernel itself */
	bool text;		/* lies in a text section */
	bool init_module;	/* is a module's init function (struct module.init) */
};

/*
 * Parses @text of @len bytes, which need not be terminated and is copied.
 * Lines that are no symbols are counted and passed over. NULL: out of memory.
 */
struct ksyms *ksyms_parse(const char *text, size_t len);
void ksyms_free(struct ksyms *ks);

/* Number of symbols, and the @i-th in the order of addresses. */
size_t ksyms_count(const struct ksyms *ks);
const struct ksym *ksyms_at(const struct ksyms *ks, size_t i);

/* Number of the last symbol at or below @addr, SIZE_MAX: there is none. */
size_t ksyms_find(const struct ksyms *ks, uint64_t addr);

/*
 * All addresses are zero: read without privilege (kptr_restrict, or no
 * CAP_SYSLOG), see proc(5). Nothing can be attributed with such a table.
 */
bool ksyms_hidden(const struct ksyms *ks);

/* Lines that were no symbols. */
uint64_t ksyms_bad_lines(const struct ksyms *ks);

/*
 * Lines that no kernel writes: those, and symbols with other bytes in their
 * names, addresses of another length, the kernel's own out of order, a module
 * of one line amid another's. In a recording they are damage.
 */
uint64_t ksyms_odd_lines(const struct ksyms *ks);

/* Module tags that occur: 1..n-1; 0 is the kernel. */
size_t ksyms_modules(const struct ksyms *ks);
const char *ksyms_module_name(const struct ksyms *ks, uint16_t module);

/* The tag of that name, 0: there is none. */
uint16_t ksyms_module(const struct ksyms *ks, const char *name);

/*
 * The core kernel's text: from _stext or _text to _etext. False if the table
 * does not say: then every symbol without a module tag counts as the kernel.
 */
bool ksyms_core_text(const struct ksyms *ks, uint64_t *start, uint64_t *end);

/*
 * The return address @addr lies in .irqentry.text or .softirqentry.text: the
 * frames further out were interrupted. The kernel cuts stacks at the same
 * place (lib/stackdepot.c, filter_irq_stacks()).
 */
bool ksyms_entry_text(const struct ksyms *ks, uint64_t addr);

#endif
