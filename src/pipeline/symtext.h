/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * symtext.h - lines of kallsyms for what a recording has no symbols of
 *
 * From a vmlinux and from modules' files. Where the kernel lay (KASLR) and where
 * a module's text begins in its memory is found out, never guessed: from symbols
 * that the recording has, from the rules by which the kernel lays sections out
 * (kernel/module/main.c, layout_sections()), and always checked against recorded
 * return addresses, which must be behind call instructions there.
 */
#ifndef MODMEM_SYMTEXT_H
#define MODMEM_SYMTEXT_H

#include <stddef.h>

struct error;
struct ksyms;
struct samples;
struct symfiles;

/*
 * Lines for what @ks (NULL: no symbols at all) lacks: the kernel if it has hardly
 * any symbol of it, and modules of @modules (a text of /proc/modules of @len bytes,
 * NULL: none) that it has no code of. Returns an allocated text of *@text_len
 * bytes, "" if there is nothing to add; notes in @sf say what could not be placed.
 * NULL: no memory.
 */
char *symtext_missing(struct symfiles *sf, const struct ksyms *ks, const char *modules,
		      size_t len, const struct samples *samples, size_t *text_len);

/* Whether symtext_missing() has anything to look for. */
int symtext_wanted(const struct ksyms *ks, const char *modules, size_t len);

#endif
