/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * coverage_internal.h - shared by coverage.c (what a recording shows),
 * coverage_distrust.c and filters.c (why it cannot be trusted) and coverage_perf.c
 */
#ifndef MODMEM_COVERAGE_INTERNAL_H
#define MODMEM_COVERAGE_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bound.h"
#include "kinds.h"

#define SENTENCES_MAX 32u

struct builder;
struct replay_state;
struct coverage;
struct perfdata;

/* A list of sentences in the making. */
struct sentences {
	struct builder *b;
	const char *items[SENTENCES_MAX];
	uint32_t causes[SENTENCES_MAX];	/* what each is about (bound.h), 0: everything */
	size_t n;
	int err;
};

/* One more; what is beyond SENTENCES_MAX goes unsaid. */
__attribute__((format(printf, 2, 3)))
void sentences_say(struct sentences *l, const char *fmt, ...);

/*
 * The same, of a fault that is about @causes: held against every row's memory of
 * @kinds (a bit each), or with KINDS_NONE against rows of which bounds.c finds it.
 */
#define KINDS_NONE	0u
#define KINDS_ALL	((1u << KIND_MAX) - 1)
#define KINDS_PAGES	(1u << KIND_PAGES | 1u << KIND_VMALLOC | 1u << KIND_DMA)

__attribute__((format(printf, 4, 5)))
void sentences_fault(struct sentences *l, uint32_t causes, unsigned int kinds,
		     const char *fmt, ...);

/* Copies them into the snapshot. 0 or -ENOMEM, of any of them. */
int sentences_keep(struct sentences *l, const char *const **items, size_t *n);

/*
 * Reasons for which no verdict should be built on this recording: c->distrust,
 * c->trusted, c->implausible. The rest of @c is there. 0 or -ENOMEM.
 */
int coverage_distrust(struct builder *b, struct coverage *c);

/* coverage_perf.c: what there is to say of a perf.data, and against it. */
void coverage_say_perf(struct sentences *notes, const struct perfdata *perf);
void coverage_distrust_perf(struct sentences *why, const struct perfdata *perf);

/* What filters there were: b->filters, and marks them in b->recorded. 0 or -ENOMEM. */
int filters_look(struct builder *b);

/* ... as reasons. */
void filters_distrust(struct sentences *why);

/*
 * Entries of a text were left out as it was printed: their stacks are there, or all are
 * of one CPU of several.
 */
bool coverage_text_narrowed(const struct replay_state *rs);

#endif
