// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * checksums.c - see checksums.h
 */
#include "checksums.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#include "bytes.h"
#include "tracedat.h"

/* What is left to read of the item. */
struct numbers {
	const uint8_t *at;
	uint64_t n;
};

static uint64_t next_number(struct numbers *in)
{
	uint64_t value = 0;

	if (in->n) {
		value = load64(in->at, false);
		in->at += 8;
		in->n--;
	}
	return value;
}

static bool head_fits(const struct tracedat *td, struct numbers *in)
{
	uint64_t piece = next_number(in);
	uint64_t len = next_number(in);
	uint64_t sum = next_number(in);

	return piece == COMPANION_PIECE && len <= td->size &&
	       XXH3_64bits(td->map, (size_t)len) == sum;
}

/*
 * The area of @cpu, if its pages are where the recorder, or who compressed it, put them.
 * They write one buffer, whose areas are in the order of CPUs.
 */
static struct pieces *find(struct tracedat *td, uint64_t cpu, uint64_t offset,
			   uint64_t size)
{
	const struct area *area;

	if (cpu >= td->areas.n)
		return NULL;
	area = (const struct area *)td->areas.items + cpu;
	if (area->buffer || area->cpu != cpu || area->offset != offset || area->pages != size)
		return NULL;
	return &td->pieces[cpu];
}

static bool take_pages(struct tracedat *td, struct numbers *in)
{
	uint64_t cpus = next_number(in), cpu;
	bool fine = cpus == td->areas.n;

	for (cpu = 0; cpu < cpus && in->n; cpu++) {
		uint64_t offset = next_number(in), size = next_number(in);
		uint64_t n = size / COMPANION_PIECE + (size % COMPANION_PIECE != 0);
		struct pieces *p = find(td, cpu, offset, size);

		/* behind all there is the section's own checksum */
		if (n >= in->n || !p)
			return false;
		p->sums = in->at;
		in->at += n * 8;
		in->n -= n;
	}
	return fine && cpu == cpus;
}

int checksums_take(struct tracedat *td, const void *data, size_t len)
{
	struct numbers in = { .n = len / 8 };
	uint8_t *copy = tracedat_alloc(td, len);
	bool head;

	td->pieces = calloc(td->areas.n + 1, sizeof(*td->pieces));
	if (!copy || !td->pieces)
		return -ENOMEM;
	memcpy(copy, data, len);
	in.at = copy;
	head = head_fits(td, &in);
	/* with a sound head the pages lie where it says */
	td->head_bad = !take_pages(td, &in) || !head;
	if (td->head_bad &&
	    tracedat_damage(td, NULL,
			    "the head of the file (formats, symbols, where the trace data lie) is not what was recorded: copy it again, or record it again"))
		return -ENOMEM;
	td->info.damage = td->damage.items;
	td->info.n_damage = td->damage.n;
	return 0;
}

void pieces_check(struct pieces *p, uint64_t at, const uint8_t *data, size_t len)
{
	uint64_t i = at / COMPANION_PIECE;

	if (!p->sums)
		return;
	while (len) {
		size_t piece = len < COMPANION_PIECE ? len : COMPANION_PIECE;

		/* a recording may be read twice */
		if (i == p->checked) {
			p->checked++;
			if (XXH3_64bits(data, piece) != load64(p->sums + 8 * i, false) &&
			    !p->bad++)
				p->first_bad = i * COMPANION_PIECE;
		}
		data += piece;
		len -= piece;
		i++;
	}
}

bool pieces_damage(const struct tracedat *td, size_t i, char *text, size_t size)
{
	const struct area *area = (const struct area *)td->areas.items + i;
	const struct pieces *p = &td->pieces[i];
	uint64_t start = area->packed ? 0 : area->offset;
	uint64_t from = start + p->first_bad, to = start + area->pages;
	char more[64] = "";

	if (!p->bad)
		return false;
	if (to - from > COMPANION_PIECE)
		to = from + COMPANION_PIECE;
	if (p->bad > 1)
		snprintf(more, sizeof(more), ", and in %" PRIu64 " more places", p->bad - 1);
	snprintf(text, size,
		 "the trace data of CPU %" PRIu32 " are not what was recorded, between bytes %" PRIu64 " and %" PRIu64 " of %s%s: any number may be wrong, copy it again, or record it again",
		 area->cpu, from, to, area->packed ? "them" : "the file", more);
	return true;
}

bool checksums_differ(const struct tracedat *td)
{
	size_t i;

	for (i = 0; i < td->areas.n; i++)
		if (td->pieces[i].bad || td->pieces[i].packed_bad)
			return true;
	return td->head_bad;
}
