// SPDX-License-Identifier: GPL-2.0-or-later
#include "symtext.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "elffile.h"
#include "elfsyms.h"
#include "error.h"
#include "ksyms.h"
#include "memstream.h"
#include "placement.h"
#include "procmem.h"
#include "samples.h"
#include "symfiles.h"

/* A table with fewer symbols of the kernel's code is a part of one. */
#define CORE_SYMBOLS_MIN 1000u

/* Takes the next line of /proc/modules that tells where a module is; false: at the end. */
static bool next_module(const char **text, const char *end, struct proc_module *pm)
{
	while (proc_module_next(text, end, pm))
		if (pm->base)
			return true;
	return false;
}

/* Which modules @ks has code of, by tag; NULL: no memory, or of none. */
static bool *with_code(const struct ksyms *ks)
{
	bool *has = ks ? calloc(ksyms_modules(ks), sizeof(*has)) : NULL;

	for (size_t i = 0; has && i < ksyms_count(ks); i++)
		has[ksyms_at(ks, i)->module] |= ksyms_at(ks, i)->text;
	return has;
}

static bool has_code_of(const struct ksyms *ks, const bool *with, const char *module)
{
	uint16_t tag = with ? ksyms_module(ks, module) : 0;

	return tag && with[tag];
}

static bool lacks_kernel(const struct ksyms *ks)
{
	size_t n = 0;

	for (size_t i = 0; ks && i < ksyms_count(ks) && n < CORE_SYMBOLS_MIN; i++)
		n += ksyms_at(ks, i)->text && !ksyms_at(ks, i)->module;
	return n < CORE_SYMBOLS_MIN;
}

int symtext_wanted(const struct ksyms *ks, const char *modules, size_t len)
{
	const char *end = modules ? modules + len : NULL;
	int wanted = 0;
	struct proc_module pm;
	bool *with;

	if (lacks_kernel(ks))
		return 1;
	with = with_code(ks);
	while (modules && !wanted && next_module(&modules, end, &pm))
		wanted = !has_code_of(ks, with, pm.name);
	free(with);
	return wanted;
}

static void write_symbol(FILE *out, const struct elf_symbol *s, uint64_t addr,
			 const char *module)
{
	char type = s->text ? 't' : 'd';

	/* a name with a blank in it would be another line */
	if (strpbrk(s->name, " \t\n[]"))
		return;
	fprintf(out, "%016" PRIx64 " %c %s", addr, s->global ? type - 32 : type, s->name);
	if (module)
		fprintf(out, "\t[%s]", module);
	fputc('\n', out);
}

/* ---- the kernel ------------------------------------------------------------------- */

static int by_value(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

/* The only symbol of that name; NULL: none, or several. */
static const struct elf_symbol *only_one(const struct elfsyms *es, const char *name)
{
	size_t i = elfsyms_find(es, name);

	if (i == elfsyms_count(es) ||
	    (i + 1 < elfsyms_count(es) && !strcmp(elfsyms_at(es, i + 1)->name, name)))
		return NULL;
	return elfsyms_at(es, i);
}

/*
 * By how much the kernel lay elsewhere than it was linked to, as its recorded
 * symbols say: nearly all of those that both have must say the same.
 */
static bool bias_by_names(const struct ksyms *ks, const struct elfsyms *es, uint64_t *bias)
{
	size_t n = 0, same = 0, i;
	uint64_t *all = ks ? calloc(ksyms_count(ks) + 1, sizeof(*all)) : NULL;

	for (i = 0; all && i < ksyms_count(ks); i++) {
		const struct ksym *k = ksyms_at(ks, i);
		const struct elf_symbol *s = k->module ? NULL : only_one(es, k->name);

		if (s && k->addr && s->text)
			all[n++] = k->addr - s->value;
	}
	if (n) {
		qsort(all, n, sizeof(*all), by_value);
		*bias = all[n / 2];
		for (i = 0; i < n; i++)
			same += all[i] == *bias;
	}
	free(all);
	return n && same * 10 >= n * 9;
}

static bool place_kernel(struct symfiles *sf, const struct elffile *ef,
			 const struct elfsyms *es, const struct ksyms *ks,
			 const struct samples *samples, uint64_t *bias)
{
	struct placement p;

	if (bias_by_names(ks, es, bias)) {
		p = placement_kernel(ef, samples, *bias);
		if (!p.seen || placement_holds(&p))
			return true;
		symfiles_say(sf, "not used: %s: is another kernel than was recorded: of %zu return addresses only %zu are behind a call there",
			     elffile_path(ef), p.seen, p.calls);
		return false;
	}
	p = placement_kernel(ef, samples, 0);
	if (placement_holds(&p) || placement_find_kernel(ef, samples, &p)) {
		symfiles_say(sf, "the kernel's symbols are those of %s; where it lay was found by %zu of %zu return addresses that are behind a call there",
			     elffile_path(ef), p.calls, p.seen);
		*bias = p.bias;
		return true;
	}
	symfiles_say(sf, "not used: %s: the recorded return addresses do not say where this kernel lay, or it is another one",
		     elffile_path(ef));
	return false;
}

static void write_kernel(FILE *out, const struct elffile *ef, const struct elfsyms *es,
			 uint64_t bias)
{
	for (size_t i = 0; i < elfsyms_count(es); i++) {
		const struct elf_symbol *s = elfsyms_at(es, i);
		uint64_t addr = s->value + bias;

		/* _etext and the like belong to no section that is code */
		if (!s->text && s->name[0] != '_')
			continue;
		if (elffile_long_bits(ef) == 32)
			addr = (uint32_t)addr;
		write_symbol(out, s, addr, NULL);
	}
}

static void add_kernel(FILE *out, struct symfiles *sf, const struct ksyms *ks,
		       const struct samples *samples)
{
	struct elffile *ef = symfiles_open(sf, NULL, false);
	struct elfsyms *es = NULL;
	struct error err;
	uint64_t bias = 0;

	if (!ef)
		return;
	es = elfsyms_new(ef, &err);
	if (!es)
		symfiles_say(sf, "not used: %s", err.text);
	else if (place_kernel(sf, ef, es, ks, samples, &bias))
		write_kernel(out, ef, es, bias);
	elfsyms_free(es);
	elffile_close(ef);
}

/* ---- modules ---------------------------------------------------------------------- */

/* Where its code begins behind the base that /proc/modules tells. */
static bool place_module(struct symfiles *sf, const struct elffile *ef,
			 const struct samples *samples, const uint64_t *offset,
			 const struct proc_module *pm, uint64_t *bias)
{
	struct placement p = placement_module(ef, samples, offset, pm->base, 0);

	*bias = 0;
	if (placement_holds(&p))
		return true;
	if (placement_find_module(ef, samples, offset, pm->base, pm->size, &p)) {
		*bias = p.bias;
		return true;
	}
	/* nothing was recorded of it: no name is needed either */
	if (p.seen)
		symfiles_say(sf, "no symbols for %s: return addresses do not fit %s: another build, or its code lies elsewhere in its memory",
			     pm->name, elffile_path(ef));
	return false;
}

static void add_module(FILE *out, struct symfiles *sf, const struct samples *samples,
		       const struct proc_module *pm)
{
	struct elffile *ef = symfiles_open(sf, pm->name, false);
	struct elfsyms *es = NULL;
	uint64_t *offset = NULL, bias;
	struct error err;

	if (!ef)
		return;
	es = elfsyms_new(ef, &err);
	if (!es) {
		symfiles_say(sf, "no symbols for %s: %s", pm->name, err.text);
		goto out;
	}
	offset = calloc(elffile_sections(ef) + 1, sizeof(*offset));
	if (!offset)
		goto out;
	placement_module_layout(ef, offset);
	if (!place_module(sf, ef, samples, offset, pm, &bias))
		goto out;
	for (size_t i = 0; i < elfsyms_count(es); i++) {
		const struct elf_symbol *s = elfsyms_at(es, i);

		if (s->text && offset[s->section] != UINT64_MAX)
			write_symbol(out, s, pm->base + bias + offset[s->section] + s->value,
				     pm->name);
	}
out:
	free(offset);
	elfsyms_free(es);
	elffile_close(ef);
}

char *symtext_missing(struct symfiles *sf, const struct ksyms *ks, const char *modules,
		      size_t len, const struct samples *samples, size_t *text_len)
{
	const char *end = modules ? modules + len : NULL;
	bool *with = with_code(ks);
	char *text = NULL;
	struct proc_module pm;
	FILE *out = open_memstream(&text, text_len);

	if (!out) {
		free(with);
		return NULL;
	}
	if (lacks_kernel(ks))
		add_kernel(out, sf, ks, samples);
	while (modules && next_module(&modules, end, &pm))
		if (!has_code_of(ks, with, pm.name))
			add_module(out, sf, samples, &pm);
	free(with);
	memstream_close(out, &text);
	return text;
}
