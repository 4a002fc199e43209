// SPDX-License-Identifier: GPL-2.0-or-later
#include "frames.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "allocfn.h"
#include "ksyms.h"
#include "modmap.h"
#include "strings_table.h"

struct attributor *attributor_new(const struct ksyms *ks, const struct modmap *mm,
				  struct strings *strings, uint64_t page_size,
				  enum attribute_mode mode)
{
	struct attributor *at = calloc(1, sizeof(*at));

	if (!at)
		return NULL;
	at->ks = ks;
	at->mm = mm;
	at->strings = strings;
	at->page_size = page_size;
	at->mode = mode;
	if (ks) {
		at->flags = calloc(ksyms_count(ks) + 1, sizeof(*at->flags));
		if (!at->flags) {
			free(at);
			return NULL;
		}
	}
	return at;
}

void attributor_free(struct attributor *at)
{
	if (!at)
		return;
	free(at->flags);
	free(at);
}

void attributor_lacks_callers(struct attributor *at)
{
	at->lacks_callers = true;
}

void attributor_text(struct attributor *at, uint64_t no_offset, const char *nameless)
{
	at->text = true;
	at->nameless = nameless;
	at->no_offset = no_offset;
}

static uint32_t symbol_flags(struct attributor *at, size_t i)
{
	if (!at->flags[i])
		at->flags[i] = allocfn_flags(ksyms_at(at->ks, i)->name);
	return at->flags[i];
}

/*
 * A return address right at a function's start belongs to the call that ends
 * the function before it (a call that never returns), unless it is a label in
 * entry code, or a trampoline that was put in the place of a return address.
 */
static size_t symbol_of(struct attributor *at, const struct ksyms *ks, uint64_t addr)
{
	size_t i = ksyms_find(ks, addr);

	if (i == SIZE_MAX || ksyms_at(ks, i)->addr != addr || !addr)
		return i;
	if (ks == at->ks && !ksyms_at(ks, i)->module &&
	    (symbol_flags(at, i) & (FN_ENTRY | FN_RETURN)))
		return i;
	return ksyms_find(ks, addr - 1);
}

/* The module's own symbol for this code; one of another, or of data, is none. */
static const struct ksym *module_symbol(struct attributor *at, uint32_t owner,
					uint64_t addr, uint32_t epoch, uint64_t *offset)
{
	const struct module_instance *mi = modmap_instance(at->mm, owner);
	const struct ksyms *of_file, *ks = mi->syms ? mi->syms : at->ks;
	const struct ksym *sym;
	uint64_t place, start;
	size_t i;

	of_file = modmap_init_table(at->mm, addr, epoch, &place);
	if (of_file)
		ks = of_file;
	else
		place = addr;
	i = ks ? symbol_of(at, ks, place) : SIZE_MAX;
	if (i == SIZE_MAX)
		return NULL;
	sym = ksyms_at(ks, i);
	*offset = place - sym->addr;
	if (!sym->text || !sym->module || strcmp(ksyms_module_name(ks, sym->module), mi->name))
		return NULL;
	/* a copy of kallsyms may have none of init text */
	if (!of_file && modmap_init_region(at->mm, addr, epoch, &start) && sym->addr < start)
		return NULL;
	return sym;
}

/* A text log may name code without the module that it is of. */
static const struct ksym *text_symbol(struct attributor *at, uint64_t addr)
{
	size_t i = at->ks ? symbol_of(at, at->ks, addr) : SIZE_MAX;
	const struct ksym *sym = i == SIZE_MAX ? NULL : ksyms_at(at->ks, i);

	return sym && !sym->text && !sym->module && strcmp(sym->name, at->nameless) ?
	       sym : NULL;
}

static void look_up(struct attributor *at, uint64_t addr, uint32_t owner, uint32_t epoch,
		    struct frame *f)
{
	size_t i;

	f->addr = addr;
	f->owner = owner;
	f->sym = NULL;
	f->offset = 0;
	f->flags = 0;
	f->init = false;
	if (f->owner == OWNER_UNKNOWN) {
		if (at->text)
			f->sym = text_symbol(at, addr);
		if (f->sym)
			f->offset = addr - f->sym->addr;
		return;
	}
	if (f->owner != OWNER_KERNEL) {
		f->sym = module_symbol(at, f->owner, addr, epoch, &f->offset);
		return;
	}
	i = at->ks ? symbol_of(at, at->ks, addr) : SIZE_MAX;
	if (i == SIZE_MAX || ksyms_at(at->ks, i)->module)
		return;
	f->sym = ksyms_at(at->ks, i);
	f->offset = addr - f->sym->addr;
	f->flags = symbol_flags(at, i);
	if (ksyms_entry_text(at->ks, addr))
		f->flags |= FN_ENTRY;
}

void frame_look_up(struct attributor *at, uint64_t addr, struct frame *f)
{
	look_up(at, addr, modmap_find(at->mm, addr), modmap_epoch(at->mm), f);
}

bool frame_is_stray(const struct attributor *at, const struct frame *f)
{
	if (f->owner != OWNER_UNKNOWN || f->init)
		return false;
	/* modules are where they were put: near them is nothing */
	return at->text ? !modmap_may_be_code(f->addr) :
			  !modmap_near_modules(at->mm, f->addr);
}

#define ON_THE_WAY (FN_TRACING | FN_ALLOC | FN_FREE | FN_VFREE | FN_CMA | FN_DMA)

uint32_t attribute_free(struct attributor *at, const uint64_t *frames, size_t n,
			uint32_t *owner)
{
	bool found = false;
	uint32_t flags = 0;
	struct frame f;
	size_t i;

	*owner = OWNER_NONE;
	for (i = 0; i < n; i++) {
		frame_look_up(at, frames[i], &f);
		if (f.flags & FN_ENTRY)
			break;
		flags |= f.flags;
		if (found || (f.flags & ON_THE_WAY) || frame_is_stray(at, &f))
			continue;
		found = true;
		if (f.owner > OWNER_UNKNOWN)
			*owner = f.owner;
	}
	return flags;
}

bool attribute_is_noise(struct attributor *at, uint64_t addr)
{
	struct frame f;

	frame_look_up(at, addr, &f);
	return (f.flags & FN_TRACING) || frame_is_stray(at, &f);
}

bool attribute_is_allocator(struct attributor *at, uint64_t addr)
{
	struct frame f;

	frame_look_up(at, addr, &f);
	return (f.flags & FN_ALLOC) != 0;
}

uint32_t attribute_frame_name(struct attributor *at, uint64_t addr, uint32_t epoch,
			      struct unnamed_frame *unnamed)
{
	char text[1024], offset[24] = "";
	struct frame f;

	look_up(at, addr, modmap_find_at(at->mm, addr, epoch), epoch, &f);
	if (!f.sym) {
		unnamed->row = modmap_instance(at->mm, f.owner)->row;
		unnamed->module = modmap_instance(at->mm, f.owner)->name;
		unnamed->offset = addr;
		if (f.owner > OWNER_UNKNOWN &&
		    !modmap_offset_at(at->mm, addr, epoch, &unnamed->offset))
			unnamed->offset &= at->page_size - 1;
		return 0;
	}
	if (!at->no_offset || f.offset != at->no_offset)
		snprintf(offset, sizeof(offset), "+0x%llx",
			 (unsigned long long)(f.offset));
	if (f.owner > OWNER_UNKNOWN)
		snprintf(text, sizeof(text), "%s%s [%s]", f.sym->name, offset,
			 modmap_instance(at->mm, f.owner)->name);
	else
		snprintf(text, sizeof(text), "%s%s", f.sym->name, offset);
	return strings_add(at->strings, text, strlen(text));
}
