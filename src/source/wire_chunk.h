/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * wire_chunk.h - what is before the name and the data of a chunk (wire.h)
 */
#ifndef MODMEM_SOURCE_WIRE_CHUNK_H
#define MODMEM_SOURCE_WIRE_CHUNK_H

#include <endian.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "wire.h"

#define CHUNK_MAGIC	"\x17\x08mc"
#define CHUNK_SUMMED	16u	/* bytes of the head that its sum is of */
#define CHUNK_HEAD	24u

struct chunk {
	uint8_t type;
	uint8_t name_len;
	bool packed;
	uint32_t len;
	uint32_t number;
	uint64_t sum;
};

static inline void chunk_put(const struct chunk *c, uint8_t head[CHUNK_HEAD])
{
	uint32_t len = htole32(c->len), number = htole32(c->number);

	memcpy(head, CHUNK_MAGIC, 4);
	head[4] = c->type;
	head[5] = c->name_len;
	head[6] = c->packed;
	head[7] = 0;
	memcpy(head + 8, &len, 4);
	memcpy(head + 12, &number, 4);
}

static inline void chunk_put_sum(uint64_t sum, uint8_t head[CHUNK_HEAD])
{
	sum = htole64(sum);
	memcpy(head + CHUNK_SUMMED, &sum, 8);
}

/* False: it is none. */
static inline bool chunk_get(struct chunk *c, const uint8_t head[CHUNK_HEAD])
{
	memcpy(&c->len, head + 8, 4);
	memcpy(&c->number, head + 12, 4);
	memcpy(&c->sum, head + CHUNK_SUMMED, 8);
	c->type = head[4];
	c->name_len = head[5];
	c->packed = head[6];
	c->len = le32toh(c->len);
	c->number = le32toh(c->number);
	c->sum = le64toh(c->sum);
	return !memcmp(head, CHUNK_MAGIC, 4) && c->type <= WIRE_END && head[6] <= 1 && !head[7] &&
	       c->len <= WIRE_CHUNK_MAX;
}

#endif
