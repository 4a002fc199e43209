/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * record_events.h - which of the kernel's events are recorded, and how
 *
 * Only what a replay uses; stacks only where memory is given out, since a
 * stack costs more than its event.
 */
#ifndef MODMEM_RECORD_EVENTS_H
#define MODMEM_RECORD_EVENTS_H

#include <stdbool.h>

struct error;
struct record_instance;

/* How events get their stacks. */
enum record_stacks {
	RECORD_STACKS_TRIGGER,	/* a trigger of each allocating event */
	RECORD_STACKS_OPTION,	/* the instance's option: frees have one too */
	RECORD_STACKS_NONE,	/* this kernel records none */
};

struct record_events {
	enum record_stacks stacks;
	/* "SYSTEM/EVENT" of what was enabled; NULL at the end */
	const char *names[32];
	unsigned int n_names;
	char missing[256];	/* events that should be there: "a, b" */
	char refused[256];	/* that would not be enabled, and why */
};

/*
 * Enables them in the instance, whose tracing is off. Returns 0 or a negative
 * errno with @err set: none of the events that matter is there.
 */
int record_events_enable(struct record_events *re,
			 const struct record_instance *ri, struct error *err);

/*
 * Does the stacktrace trigger of an instance write to that instance, and all of the
 * stack? Before Linux 5.17 (and some stable kernels) it wrote to the top-level buffer; on
 * 32-bit arm (@machine: uname -m) it skips a frame more than the option does (seen with
 * 6.1: page events lack the function that asked).
 */
bool record_trigger_sound(const char *release, const char *machine);

/* "trigger", "option", "none" */
const char *record_stacks_name(enum record_stacks stacks);

#endif
