/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * source_run.h - plain records of one stream that lie one behind the other
 *
 * Nearly all records of a ring-buffer page are plain: a word with their length
 * and the time since the record before, and their data (src/source/ringpage.h
 * has the whole of it). Who decodes many walks over these himself, without a
 * call for each and without a struct that is filled and read again. What is
 * not plain, tells of losses, or is of another byte order than this machine's,
 * comes from source_next().
 */
#ifndef MODMEM_SOURCE_RUN_H
#define MODMEM_SOURCE_RUN_H

#include <endian.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct error;
struct source;

struct source_run {
	const uint8_t *pos, *end;	/* in the page */
	uint64_t ts;		/* ns (source.h), of the record before @pos */
};

/*
 * What is left of the page at hand of stream @i, or the next page: true with
 * @run set, which is not empty. False: ask source_next(). A page that cannot be
 * read ends the stream, and @err says why.
 */
bool source_run(struct source *src, size_t i, struct source_run *run, struct error *err);

/* The stream goes on at @run->pos. What was walked over stays where it is. */
void source_run_taken(struct source *src, size_t i, const struct source_run *run);

/*
 * The data of the run's next record, @len bytes, aligned to nothing; NULL, with
 * @run as it was: the run is at its end, or this is no plain record.
 */
static inline const uint8_t *source_run_next(struct source_run *run, uint32_t *len)
{
	const uint8_t *p = run->pos;
	size_t left = (size_t)(run->end - p), head;
	uint32_t word, count, bytes, is_long;

	if (left < 8)
		return NULL;
	memcpy(&word, p, 4);
	memcpy(&count, p + 4, 4);
	word = le32toh(word);
	/*
	 * One in two is long enough for a length of its own, and nobody can tell
	 * which: no branch. What it counts are its own four bytes, too.
	 */
	is_long = !(word & 0x1f);
	count = ((le32toh(count) + 3) & ~UINT32_C(3)) - 4;
	bytes = (word & 0x1f) * 4 | (count & -is_long);
	head = 4 + 4 * is_long;
	if ((word & 0x1f) > 28 || bytes - 1 >= left - head)
		return NULL;
	run->ts += word >> 5;
	run->pos = p + head + bytes;
	*len = bytes;
	return p + head;
}

#endif
