// SPDX-License-Identifier: GPL-2.0-or-later
#include "sites.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "hash.h"
#include "hash_index.h"
#include "ledger.h"
#include "modmap.h"

struct sites {
	struct site *site;
	size_t n, room;
	struct hash_index index;
	uint32_t *of;		/* per account: site + 1, 0: not looked up */
	size_t n_of;
	uint64_t *now;		/* per site, while a sample is taken */
	uint64_t every;		/* ns */
	size_t samples;
	bool kernel;
};

struct sites *sites_new(uint64_t every, bool kernel)
{
	struct sites *s = calloc(1, sizeof(*s));

	if (!s)
		return NULL;
	s->every = every ? every : 1;
	s->kernel = kernel;
	s->room = 64;
	s->site = calloc(s->room, sizeof(*s->site));
	s->now = calloc(s->room, sizeof(*s->now));
	if (!s->site || !s->now) {
		sites_free(s);
		return NULL;
	}
	return s;
}

void sites_free(struct sites *s)
{
	if (!s)
		return;
	for (size_t i = 0; s->site && i < s->n; i++)
		free(s->site[i].bytes);
	free(s->site);
	hash_index_release(&s->index);
	free(s->of);
	free(s->now);
	free(s);
}

static uint64_t site_hash(const struct site *k)
{
	uint64_t h = hash_add(k->offset, (uint64_t)k->function << 32 | k->via);

	return hash64(hash_add(h, (uint64_t)k->row << 16 |
				  (uint64_t)k->charge << 8 | (uint64_t)k->kind));
}

static bool site_equal(const struct site *a, const struct site *b)
{
	return a->row == b->row && a->charge == b->charge && a->kind == b->kind &&
	       a->function == b->function && a->via == b->via &&
	       a->offset == b->offset;
}

static int grow_sites(struct sites *s)
{
	size_t room = s->room * 2;
	struct site *site = realloc(s->site, room * sizeof(*site));
	uint64_t *now;

	if (!site)
		return -ENOMEM;
	s->site = site;
	now = realloc(s->now, room * sizeof(*now));
	if (!now)
		return -ENOMEM;
	s->now = now;
	s->room = room;
	return 0;
}

/* Number of the site like @key, added if it is new. */
static uint32_t find_site(struct sites *s, const struct site *key, int *err)
{
	uint64_t hash = site_hash(key);
	size_t at = 0;
	uint32_t i;

	while ((i = hash_index_next(&s->index, hash, &at)) != HASH_INDEX_END)
		if (site_equal(&s->site[i], key))
			return i;
	if ((s->n == s->room && grow_sites(s)) ||
	    hash_index_add(&s->index, hash, (uint32_t)s->n)) {
		*err = -ENOMEM;
		return SITE_NONE;
	}
	s->site[s->n] = *key;
	return (uint32_t)s->n++;
}

uint32_t sites_of(struct sites *s, struct ledger *l, uint32_t account, int *err)
{
	const struct account *a = ledger_at(l, account);
	struct site key;
	uint32_t *of, id;

	if (account == ACCOUNT_OUTSIDE || a->what.charge == CHARGE_OVERHEAD)
		return SITE_NONE;
	if (account >= s->n_of) {
		size_t n = s->n_of ? s->n_of : 256;

		while (n <= account)
			n *= 2;
		of = realloc(s->of, n * sizeof(*of));
		if (!of) {
			*err = -ENOMEM;
			return SITE_NONE;
		}
		memset(of + s->n_of, 0, (n - s->n_of) * sizeof(*of));
		s->of = of;
		s->n_of = n;
	}
	/* a large kmalloc can turn out to be pages after its first event */
	if (s->of[account] && s->site[s->of[account] - 1].kind == a->what.kind)
		return s->of[account] - 1;
	key = (struct site){
		.row = a->what.row, .charge = a->what.charge, .kind = a->what.kind,
		.function = a->what.function, .offset = a->what.offset,
		.via = a->what.via,
	};
	id = find_site(s, &key, err);
	if (id != SITE_NONE)
		s->of[account] = id + 1;
	return id;
}

void sites_renumber(struct sites *s)
{
	if (s->n_of)
		memset(s->of, 0, s->n_of * sizeof(*s->of));
}

/* Half as many samples, twice as far apart: those at even multiples stay. */
static void thin_out(struct sites *s)
{
	size_t left = s->samples / 2;

	for (size_t i = 0; i < s->n; i++)
		for (size_t k = 0; s->site[i].bytes && k < left; k++)
			s->site[i].bytes[k] = s->site[i].bytes[2 * k + 1];
	s->samples = left;
	s->every *= 2;
}

static int sum_up(struct sites *s, struct ledger *l)
{
	size_t n = ledger_count(l);
	int err = 0;

	memset(s->now, 0, s->n * sizeof(*s->now));
	for (uint32_t i = 1; i < n; i++) {
		const struct account *a = ledger_at(l, i);
		size_t had = s->n;
		uint32_t id;

		if (!a->live_bytes || (a->what.row == OWNER_KERNEL && !s->kernel))
			continue;
		id = sites_of(s, l, i, &err);
		if (err)
			return err;
		if (id == SITE_NONE)
			continue;
		if (s->n > had)
			s->now[id] = 0;
		s->now[id] += a->live_bytes;
	}
	return 0;
}

int sites_sample(struct sites *s, struct ledger *l, uint64_t start, uint64_t ts)
{
	uint64_t due = ts < start ? 0 : (ts - start) / s->every;

	/* sample k is of start + (k + 1) * every */
	if (due <= s->samples)
		return 0;
	while (due > SITES_SAMPLES_MAX) {
		thin_out(s);
		due = (ts - start) / s->every;
	}
	if (due <= s->samples)
		return 0;
	if (sum_up(s, l))
		return -ENOMEM;
	for (size_t i = 0; i < s->n; i++) {
		struct site *site = &s->site[i];

		if (!site->bytes && s->now[i])
			site->bytes = calloc(SITES_SAMPLES_MAX, sizeof(*site->bytes));
		if (!site->bytes && s->now[i])
			return -ENOMEM;
		for (size_t k = s->samples; site->bytes && k < due; k++)
			site->bytes[k] = s->now[i];
	}
	s->samples = (size_t)due;
	return 0;
}

size_t sites_count(const struct sites *s)
{
	return s->n;
}

const struct site *sites_at(const struct sites *s, uint32_t id)
{
	return &s->site[id];
}

size_t sites_samples(const struct sites *s)
{
	return s->samples;
}

uint64_t sites_every(const struct sites *s)
{
	return s->every;
}
