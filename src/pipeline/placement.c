// SPDX-License-Identifier: GPL-2.0-or-later
#include "placement.h"

#include <elf.h>
#include <stdlib.h>
#include <string.h>

#include "callsite.h"
#include "elffile.h"
#include "samples.h"

#define SEARCH_MIN	12u	/* return addresses that a search takes */
#define SEARCH_MAX	64u
#define FRONT_MAX	(64u << 10)	/* bytes in front of a module's code */
#define GRANULE		4096u	/* KASLR moves by this at least */

bool placement_holds(const struct placement *p)
{
	/* some are of code that was interrupted, or patched since */
	return p->calls && p->calls * 10 >= p->seen * 9;
}

static uint64_t wrapped(const struct elffile *ef, uint64_t value)
{
	return elffile_long_bits(ef) == 32 ? (uint32_t)value : value;
}

static bool is_code(const struct elf_section *sec)
{
	return (sec->flags & (SHF_ALLOC | SHF_EXECINSTR)) == (SHF_ALLOC | SHF_EXECINSTR) &&
	       sec->size;
}

/* ---- the kernel ------------------------------------------------------------------- */

struct placement placement_kernel(const struct elffile *ef, const struct samples *s,
				  uint64_t bias)
{
	struct placement p = { .bias = bias };

	for (size_t i = 1; i < elffile_sections(ef); i++) {
		const struct elf_section *sec = elffile_section(ef, i);

		for (size_t a = 0; is_code(sec) && a < s->n; a++) {
			uint64_t value = wrapped(ef, s->addr[a] - bias);

			if (value <= sec->addr || value - sec->addr > sec->size)
				continue;
			p.seen++;
			p.calls += callsite_check(ef, (uint32_t)i, value) == CALLSITE_YES;
		}
	}
	return p;
}

struct votes {
	uint64_t *bias;
	size_t n, room;
};

static bool vote(struct votes *v, uint64_t bias)
{
	if (v->n == v->room) {
		size_t room = v->room ? 2 * v->room : 4096;
		uint64_t *more = realloc(v->bias, room * sizeof(*more));

		if (!more)
			return false;
		v->bias = more;
		v->room = room;
	}
	v->bias[v->n++] = bias;
	return true;
}

static int by_value(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

/* The bias with most votes, and how many the next best has. */
static size_t winner(struct votes *v, uint64_t *bias, size_t *second)
{
	size_t best = 0, i, end;

	*second = 0;
	if (v->n)
		qsort(v->bias, v->n, sizeof(*v->bias), by_value);
	for (i = 0; i < v->n; i = end) {
		for (end = i + 1; end < v->n && v->bias[end] == v->bias[i]; end++)
			;
		if (end - i > best) {
			*second = best;
			best = end - i;
			*bias = v->bias[i];
		} else if (end - i > *second) {
			*second = end - i;
		}
	}
	return best;
}

/* The largest section of code: .text. */
static size_t main_text(const struct elffile *ef)
{
	size_t text = 0;

	for (size_t i = 1; i < elffile_sections(ef); i++)
		if (is_code(elffile_section(ef, i)) && elffile_section(ef, i)->data &&
		    (!text || elffile_section(ef, i)->size > elffile_section(ef, text)->size))
			text = i;
	return text;
}

/*
 * Each address votes for every bias by which a call stands in front of it. The
 * right one gets the votes of all, any other one those that meet a call by chance.
 */
bool placement_find_kernel(const struct elffile *ef, const struct samples *s,
			   struct placement *found)
{
	size_t text = main_text(ef), best, second, a;
	const struct elf_section *sec = elffile_section(ef, text);
	struct votes v = { 0 };
	uint64_t bias = 0, at;
	bool room = true;

	if (!text)
		return false;
	for (a = 0; room && a < s->n; a++) {
		uint64_t low = s->addr[a] % GRANULE;

		at = sec->addr - sec->addr % GRANULE + low;
		if (at < sec->addr)
			at += GRANULE;
		for (; room && at - sec->addr <= sec->size; at += GRANULE)
			if (callsite_check(ef, (uint32_t)text, at) == CALLSITE_YES)
				room = vote(&v, wrapped(ef, s->addr[a] - at));
	}
	best = room ? winner(&v, &bias, &second) : 0;
	free(v.bias);
	*found = placement_kernel(ef, s, bias);
	return best >= SEARCH_MIN && best >= 2 * second && placement_holds(found);
}

/* ---- modules ---------------------------------------------------------------------- */

/*
 * layout_sections(): code first, in the file's order, each aligned as it wants;
 * .init apart. What the architecture puts in front (s390: GOT and PLT) is the bias.
 */
void placement_module_layout(const struct elffile *ef, uint64_t *offset)
{
	uint64_t at = 0;

	for (size_t i = 0; i < elffile_sections(ef); i++) {
		const struct elf_section *sec = elffile_section(ef, i);
		uint64_t align = sec->align ? sec->align : 1;

		offset[i] = UINT64_MAX;
		if (!i || (sec->flags & (SHF_ALLOC | SHF_EXECINSTR)) !=
		    (SHF_ALLOC | SHF_EXECINSTR) || !strncmp(sec->name, ".init", 5))
			continue;
		/* what cannot be in memory, or grows when it is loaded, ends it */
		if (align & (align - 1) || align > 1u << 16 || sec->size > 1u << 30 ||
		    at > 1u << 30)
			return;
		at = (at + align - 1) & ~(align - 1);
		offset[i] = at;
		at += sec->size;
	}
}

struct placement placement_module(const struct elffile *ef, const struct samples *s,
				  const uint64_t *offset, uint64_t base, uint64_t bias)
{
	struct placement p = { .bias = bias };

	for (size_t i = 1; i < elffile_sections(ef); i++) {
		const struct elf_section *sec = elffile_section(ef, i);

		for (size_t a = 0; offset[i] != UINT64_MAX && a < s->n; a++) {
			uint64_t value = wrapped(ef, s->addr[a] - base - bias - offset[i]);

			if (!value || value > sec->size)
				continue;
			p.seen++;
			p.calls += callsite_check(ef, (uint32_t)i, value) == CALLSITE_YES;
		}
	}
	return p;
}

bool placement_find_module(const struct elffile *ef, const struct samples *s,
			   const uint64_t *offset, uint64_t base, uint64_t size,
			   struct placement *found)
{
	uint64_t inside[SEARCH_MAX], bias;
	struct samples some = { .addr = inside };
	size_t second = 0;

	memset(found, 0, sizeof(*found));
	for (size_t a = 0; a < s->n && some.n < SEARCH_MAX; a++)
		if (s->addr[a] > base && s->addr[a] - base <= size)
			inside[some.n++] = s->addr[a];
	if (some.n < SEARCH_MIN)
		return false;
	for (bias = 0; bias < size && bias < FRONT_MAX; bias++) {
		struct placement p = placement_module(ef, &some, offset, base, bias);

		if (p.calls > found->calls) {
			second = found->calls;
			*found = p;
		} else if (p.calls > second) {
			second = p.calls;
		}
	}
	return found->calls >= SEARCH_MIN && found->calls >= 2 * second &&
	       placement_holds(found);
}
