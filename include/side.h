/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * side.h - one recording in the form in which two are compared
 *
 * From a snapshot (a trace.dat was replayed) or a saved report
 * (saved.h). Rows are known by names that mean the same in another boot and
 * another build: module, kind, function and call, each without suffixes of the
 * compiler and the kernel; never by an address or an offset. What several
 * places of one function took by the same call is one row.
 */
#ifndef MODMEM_SIDE_H
#define MODMEM_SIDE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "metric.h"
#include "snapshot.h"

struct arena;
struct error;

/* A module, or a place in one. Texts are as recorded; see printable.h. */
struct side_row {
	const char *module;
	enum module_state state;
	bool site;		/* a place; the next four are of places only */
	const char *function;	/* NULL: no symbol */
	const char *via;
	enum mem_kind kind;
	enum charge charge;	/* own or induced */
	const char *source;	/* file:line, NULL: not known */
	uint64_t value[METRIC_MAX];
	uint32_t known;		/* METRIC_BIT()s: the others say nothing */
	uint64_t uncertain;	/* bytes of live whose frees may have gone unseen */
	uint32_t why;		/* BOUND_BIT()s; SIDE_WHY_UNKNOWN: nothing says */
};

#define SIDE_WHY_UNKNOWN UINT32_MAX

struct side {
	struct arena *arena;	/* all of this lies in it */
	const char *name;	/* of the file, as given */
	bool replayed;		/* from a trace.dat, not a saved report */
	const char *kernel;	/* release, NULL: not recorded */
	const char *arch;	/* machine, NULL: not recorded */
	uint64_t page_size;
	uint64_t cpus;
	uint64_t long_bits;	/* 0: not known */
	int64_t recorded;	/* s since 1970, -1: not recorded */
	const char *attribute;	/* mode of attribution: "own" */
	const char *const *modules;	/* the report was narrowed to these; NULL: to none */
	size_t n_modules;
	enum recorder_kind made_by;	/* not known of a saved report */
	bool part;		/* of the recording only (--from, --to, --at) */
	uint64_t events;
	uint32_t sees, blind;	/* bits of paths (sight.h); of neither: not known */
	bool own_only;			/* --own: what the kernel took is not known */
	bool trusted;
	const char *const *distrust;	/* why not, a sentence each */
	size_t n_distrust;
	struct side_row *row;	/* in the order of side_compare() */
	size_t n;
	size_t room;
};

/* An empty one of the file @name; NULL: no memory. */
struct side *side_new(const char *name);
void side_free(struct side *side);

/*
 * Adds a copy of @row, its function and call made plain. Returns 0 or -ENOMEM.
 * side_finish() after the last one: sorts, and makes one of what is the same.
 * It returns 0, or -EOVERFLOW: sums that no memory can have.
 */
int side_add(struct side *side, const struct side_row *row);
int side_finish(struct side *side);

/* Order by what a row is known by; 0: the same row. */
int side_compare(const struct side_row *a, const struct side_row *b);

/* The side of a replayed recording; NULL with @err set. */
struct side *side_of_snapshot(const struct snapshot *snap, const char *name,
			      struct error *err);

/* Is the row one of a module proper, neither [kernel] nor [unknown]? */
bool side_is_module(const struct side_row *row);

#endif
