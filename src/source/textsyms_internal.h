/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * textsyms_internal.h - shared by textsyms.c (a place for each function),
 * textnames.c (what function a bare address is in) and textspace.c (whose space it is)
 */
#ifndef MODMEM_SOURCE_TEXTSYMS_INTERNAL_H
#define MODMEM_SOURCE_TEXTSYMS_INTERNAL_H

#include <stdio.h>

#include "hash_index.h"
#include "textsyms.h"

struct strings;

#define TEXTSYM_MAX	0xf000u	/* bytes: modmap_text.c believes no larger function */
#define TEXTSYM_VARIES	UINT64_MAX

/* A function, or an address that has no name: bare. */
struct textsym {
	uint32_t name;		/* string, 0: none */
	uint32_t module;	/* string, 0: none was printed */
	uint64_t size;		/* bytes, as printed; 0: not */
	uint64_t addr;		/* of the code without a name; else its place */
	uint32_t reach;		/* largest offset that was met, bytes */
	uint32_t same;		/* the symbol that the log has for it, + 1; 0: itself */
	bool init;
	bool from_given;	/* only a given kallsyms tells of it */
	bool used;		/* something is in it, in the end */
	bool unknown;		/* some module's, nobody knows whose: @addr is real */
	bool untold;		/* may be that of several, by their addresses */
	/* bare: tokens of what it stands for, 0: not known; or TEXTSYM_VARIES */
	uint64_t given;		/* ... by a given kallsyms */
	uint64_t shown;		/* ... by the stacks of events that have it */
	uint64_t outside;	/* first frame of stacks that may lack it */
	uint64_t is;		/* ... in the end */
	uint64_t called;	/* a name that tells of no module; @unknown: it is that */
	bool looked_up;		/* in the given kallsyms */
	bool fits, differs;	/* given agrees, disagrees with a stack */
};

/* A symbol of a given kallsyms. */
struct given_symbol {
	uint64_t addr;
	uint32_t name, module;	/* strings; module 0: the kernel's */
	bool text;
};

/* Where a module lies, by a given /proc/modules. */
struct text_module {
	uint64_t start, end;
	uint32_t name;		/* string */
};

struct textsyms {
	struct strings *strings;
	struct textsym *syms;
	uint32_t n, room;
	struct hash_index index;
	uint32_t *order;	/* by place, after textsyms_place() */
	uint32_t n_placed;
	uint32_t *learned;	/* by name: its module, 0 the kernel's, NOWHERE */
	size_t n_learned;
	struct given_symbol *given;	/* by address once @sorted */
	size_t n_given, given_room;
	bool given_sorted;
	struct text_module *modules;	/* by address, of a given /proc/modules */
	size_t n_modules;
	bool no_offsets;
	bool given_differs;
	uint64_t ambiguous;	/* functions that may be of several modules */
};

/* A token: the number of the symbol + 1, and the offset. */
static inline uint32_t textsyms_number(uint64_t token)
{
	return (uint32_t)(token >> 32) - 1;
}

/* The token of code @offset into the symbol like @want, which is added. 0: no memory. */
uint64_t textsyms_add(struct textsyms *ts, const struct textsym *want, uint32_t offset);

/* Keeps a symbol of a given kallsyms, a function if @text. 0 or -ENOMEM. */
int textsyms_give(struct textsyms *ts, uint64_t addr, bool text, uint32_t name,
		  uint32_t module);

/* *@token: what the given kallsyms has at @addr, 0: nothing. 0 or -ENOMEM. */
int textsyms_given(struct textsyms *ts, uint64_t addr, uint64_t *token);

/* A given kallsyms has functions of this name (string). */
bool textsyms_knows(const struct textsyms *ts, uint32_t name);

/* The log itself says that the bare @site is @token. */
void textsyms_stands_for(struct textsyms *ts, uint64_t site, uint64_t token);

/* The name that the log has for the bare @token, itself if it is none or has no name. */
uint64_t textsyms_named(const struct textsyms *ts, uint64_t token);

/* All was read: decides what each bare address is. 0 or -ENOMEM. */
int textsyms_name_bare(struct textsyms *ts);

/* Names that tell of no module: whose they are by where they lie. 0 or -ENOMEM. */
int textsyms_space(struct textsyms *ts);

/* Lines of kallsyms for those that are some module's. 0 or -ENOMEM. */
int textsyms_unknown(const struct textsyms *ts, FILE *out);

#endif
