/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * advice.h - what there is to do about a fault of a recording
 *
 * That depends on who made it: no trace-cmd has a --buffer-size, and a text has no
 * kallsyms. All that is said of this is in one table, by fault and recorder, and
 * every message that has advice in it takes it from there.
 *
 * An option is named with its command, unless all commands that can print the
 * sentence have it.
 */
#ifndef MODMEM_ADVICE_H
#define MODMEM_ADVICE_H

#include "source.h"

enum advice {
	ADVICE_LOST,		/* events were lost: what makes the buffer larger */
	ADVICE_EVENTS,		/* there are none of allocations: an imperative */
	ADVICE_STACKS,		/* there are none: what switches them on, or why not */
	ADVICE_MODULE_EVENTS,	/* there are none: what records them */
	ADVICE_MODULES_KNOWN,	/* ... and what tells of modules all the same */
	ADVICE_NO_MODULES,	/* no module is known at all: a sentence */
	ADVICE_CLOCK,		/* it has no order: an imperative */
	ADVICE_ONE_TASK,	/* all events are of one: what may have done that */
	ADVICE_SYMBOLS,		/* there are none: an imperative */
	ADVICE_OFFSETS,		/* a text names functions without: why */
	ADVICE_FRAME_MODULES,	/* ... or stacks without modules: a way, and ", or " */
	ADVICE_PAGE_SIZE,	/* it does not fit: an imperative, or why */
	ADVICE_UNSEEN_FREES,	/* of slab objects: who sees them */
	ADVICE_FREES,		/* there are none: an imperative */
	ADVICE_PLACES,		/* modules went, where they lay is not known: what tells */
	ADVICES
};

/* A phrase without a dot at its end; never NULL. */
const char *advice(enum advice what, enum recorder_kind by);

#endif
