/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * lines.h - source lines for the sites and stacks of a snapshot
 */
#ifndef MODMEM_LINES_H
#define MODMEM_LINES_H

struct error;
struct snapshot;
struct symfiles;

/*
 * Fills source and inlined of the sites, and sources of the stacks, of @modules
 * (names with commas between them, dashes are underscores; NULL: all) from files
 * that @sf finds: function and offset are enough, so that a module's file need not
 * know where it was loaded. What cannot be found stays NULL, notes in @sf say why.
 * Return addresses are looked up one byte before: that is in the call. 0, or
 * -ENOMEM with @err set.
 */
int lines_fill(struct snapshot *snap, struct symfiles *sf, const char *modules,
	       struct error *err);

#endif
