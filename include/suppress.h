/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * suppress.h - findings that are known and wanted to be passed over
 *
 * One rule a line (rulefile.h):
 *
 *   suppress MODULE[:FUNCTION] [kind=KIND] [via=CALL] [until=YYYY-MM-DD] reason=TEXT
 *
 * MODULE, FUNCTION and CALL are patterns of fnmatch(3). Function and call are
 * compared without the compiler's and the kernel's suffixes (allocfn_plain()); a
 * place without a symbol is the function "?". A dash in a module's name is an
 * underscore. [kernel] and [unknown] have to be named, no pattern means them.
 * KIND is one of mem_kind_name(). A rule without FUNCTION is good for all of
 * the module, one with it for these places alone. The reason must be there and
 * takes the rest of the line. A rule holds until the end of its day (UTC).
 */
#ifndef MODMEM_SUPPRESS_H
#define MODMEM_SUPPRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "snapshot.h"

struct error;

struct suppression {
	char *module;		/* patterns, in one allocation with the others */
	char *function;		/* NULL: the whole module */
	char *via;		/* NULL: any call */
	int kind;		/* enum mem_kind; -1: any */
	char *until;		/* "YYYY-MM-DD", NULL: for ever */
	char *reason;
	char *where;		/* "FILE:LINE" */
	uint64_t used;		/* how often suppress_find() gave it */
};

struct suppressions {
	struct suppression *rule;
	size_t n;
	size_t room;
};

/*
 * What is asked about. For a whole module @function and @via are NULL and
 * @kind is -1: then only rules without FUNCTION, kind= and via= fit.
 */
struct suppress_what {
	const char *module;
	const char *function;	/* as recorded; NULL: no symbol (or no place) */
	bool site;		/* a place in the code, not a whole module */
	int kind;		/* enum mem_kind, -1: none */
	const char *via;	/* NULL: not known */
};

/*
 * Adds the rule @text (begins with "suppress") of the line @where. @today is
 * the date as "YYYY-MM-DD". Returns 0 or a negative errno with @err set;
 * -ETIME: the rule has expired, which is an error and no finding.
 */
int suppress_add(struct suppressions *s, char *text, const char *where,
		 const char *today, struct error *err);

/* Is this line a suppression? */
bool suppress_is_rule(const char *text);

/* Adds all of the file @path, in which nothing else may be. */
int suppress_read(struct suppressions *s, const char *path, const char *today,
		  struct error *err);

/* The first rule that fits (counted as used), or NULL. */
struct suppression *suppress_find(struct suppressions *s,
				  const struct suppress_what *what);

void suppress_free(struct suppressions *s);

/* The date of today in UTC, as "YYYY-MM-DD". */
char *suppress_today(char buf[11]);

/*
 * Does the name of a module fit a pattern? As said above for MODULE: dashes,
 * and names in brackets only by themselves.
 */
bool suppress_module_fits(const char *pattern, const char *module);

/* The same for functions; @function NULL: no symbol. */
bool suppress_function_fits(const char *pattern, const char *function);

#endif
