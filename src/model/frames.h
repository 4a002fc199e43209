/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * frames.h - one frame of a stack: whose code it is, and what its name says
 */
#ifndef MODMEM_FRAMES_H
#define MODMEM_FRAMES_H

#include "attribution.h"
#include "stacks.h"

struct ksym;

struct attributor {
	const struct ksyms *ks;
	const struct modmap *mm;
	struct strings *strings;
	uint64_t page_size;
	enum attribute_mode mode;
	uint64_t no_offset;	/* stands for an unknown one, 0: nothing does */
	bool lacks_callers;	/* of functions whose return is probed */
	bool text;		/* addresses are of a text log */
	const char *nameless;	/* what lies behind a symbol called so has no name */
	uint32_t *flags;	/* FN_* per symbol, 0: not looked up yet */
	uint64_t seq[STACK_FRAMES_MAX + 1];
};

/* One frame, looked up. */
struct frame {
	uint64_t addr;
	uint32_t owner;
	const struct ksym *sym;	/* NULL: no symbol covers it */
	uint64_t offset;	/* into @sym */
	uint32_t flags;		/* FN_*, core kernel only */
	bool init;		/* in the init text of this walk */
};

/* Looks up the frame with return address @addr, as the module map is now. */
void frame_look_up(struct attributor *at, uint64_t addr, struct frame *f);

/*
 * A word on the stack that is no code at all: ppc64 shows the stale link
 * register of a leaf function, 0x384 for one; old kernels end a stack with -1,
 * and FTRACE_TRAMPOLINE_MARKER (kernel/trace/trace.c) stands for a trampoline.
 */
bool frame_is_stray(const struct attributor *at, const struct frame *f);

#endif
