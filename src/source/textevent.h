/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * textevent.h - the values of an event that the kernel, trace-cmd or perf printed
 */
#ifndef MODMEM_SOURCE_TEXTEVENT_H
#define MODMEM_SOURCE_TEXTEVENT_H

#include "textfile.h"
#include "textspan.h"

struct textlog;
struct textsyms;

/* What all events of a log tell together. */
struct textevents {
	struct textsyms *syms;
	uint64_t withheld;	/* pointers that were not printed, */
	uint64_t pointers;	/* ... those that were, */
	uint64_t real;		/* ... of more than 32 bits */
	uint64_t unaligned;	/* ... and not on words */
	bool wide;		/* pointers of 64 bits were met */
	bool sizeless;		/* code with an offset, and without a size */
	bool percpu_bytes;	/* per-CPU events say what was set aside */
};

uint8_t textevent_of(struct textspan name);

/* The values of @rec->e.event in @body. False: one is missing, or makes no sense. */
bool textevent_take(struct textevents *te, struct textrecord *rec, struct textspan body);

/* All events were read: says of @log how its pointers are. */
void textevents_pointers(const struct textevents *te, struct textlog *log);

#endif
