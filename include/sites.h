/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sites.h - places that allocate, and how their live bytes went over time
 *
 * A site is what a row of "report --by site" is: the accounts of one module
 * (by name, all its instances), charge, kind, function, offset and call.
 *
 * Samples are points in time at equal distances. When there are too many,
 * every second one is dropped and the distance doubles, so a series takes
 * SITES_SAMPLES_MAX numbers at most, however long the recording is. No minima
 * or means are kept: an early sample must be of the same kind as a late one,
 * or the series would rise by itself.
 */
#ifndef MODMEM_SITES_H
#define MODMEM_SITES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "kinds.h"

struct ledger;
struct sites;

#define SITES_SAMPLES_MAX	512u
#define SITE_NONE		UINT32_MAX	/* overhead has no site */

struct site {
	uint32_t row;		/* of the module map */
	enum charge charge;
	enum mem_kind kind;
	uint32_t function, via;	/* strings */
	uint64_t offset;
	uint64_t *bytes;	/* samples; NULL: none, or it never held anything */
};

/*
 * Samples are @every ns apart at first. Series of the core kernel's own sites
 * are kept only with @kernel: there are many. NULL: no memory.
 */
struct sites *sites_new(uint64_t every, bool kernel);
void sites_free(struct sites *s);

/*
 * Enters what the accounts of @l hold now, at @ts of books that began at
 * @start, both ns: as the sample of @ts and of all since the last one. Cheap
 * if there is none due. 0 or -ENOMEM.
 */
int sites_sample(struct sites *s, struct ledger *l, uint64_t start, uint64_t ts);

/* The site of an account, SITE_NONE if it has none. *@err -ENOMEM: no memory. */
uint32_t sites_of(struct sites *s, struct ledger *l, uint32_t account, int *err);

/* Accounts got other numbers: they are looked up again. */
void sites_renumber(struct sites *s);

size_t sites_count(const struct sites *s);
const struct site *sites_at(const struct sites *s, uint32_t id);

/* How many samples every series has, and how far apart they are, ns. */
size_t sites_samples(const struct sites *s);
uint64_t sites_every(const struct sites *s);

#endif
