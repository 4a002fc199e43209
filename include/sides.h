/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sides.h - the two sides of a comparison, one or several recordings each
 */
#ifndef MODMEM_SIDES_H
#define MODMEM_SIDES_H

#include <stdbool.h>
#include <stddef.h>

#include "replay.h"

struct error;
struct side;

/* One side: several runs of the same. */
struct runs {
	struct side **run;
	size_t n;
};

/*
 * Reads the files of the comma list @list, each a trace.dat, which is replayed
 * as @replay says (path aside), or a saved report; its first bytes tell. Returns
 * 0 or a negative errno with @err set. runs_free() in any case.
 */
int runs_read(struct runs *runs, const char *list, const struct replay_opts *replay,
	      struct error *err);
void runs_free(struct runs *runs);

/* What two sides that do not go together do not have in common. */
enum sides_fault {
	SIDES_EMPTY,		/* nothing was recorded on one of them */
	SIDES_SAME_FILE,
	SIDES_ATTRIBUTE,	/* charged by other rules */
	SIDES_PART,		/* a part of the recording beside a whole one */
	SIDES_ARCH,		/* from here on --allow-different lets them pass */
	SIDES_PAGE_SIZE,
	SIDES_ORDER,		/* the base was recorded after the new one */
	SIDES_FINE,
};

/*
 * Can they be compared? SIDES_FINE, or the first reason why not, with the
 * sentence for it in @err.
 */
enum sides_fault sides_check(const struct runs *base, const struct runs *new,
			     bool allow_different, struct error *err);

/* Things to know about the two, a sentence each, for people. */
#define SIDES_NOTES 24u

struct sides_notes {
	char text[SIDES_NOTES][384];
	size_t n;
};

void sides_note(const struct runs *base, const struct runs *new,
		struct sides_notes *notes);

/*
 * Is every run good enough? Otherwise a sentence each in @why about those that
 * are not.
 */
bool sides_trusted(const struct runs *base, const struct runs *new,
		   struct sides_notes *why);

#endif
