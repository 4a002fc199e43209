/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * bytes.h - numbers of a known byte order at any address
 *
 * The compiler turns each into one load (and one swap); with a constant @big
 * nothing else is left.
 */
#ifndef MODMEM_BYTES_H
#define MODMEM_BYTES_H

#include <endian.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

static inline uint16_t load16(const void *p, bool big)
{
	uint16_t v;

	memcpy(&v, p, sizeof(v));
	return big ? be16toh(v) : le16toh(v);
}

static inline uint32_t load32(const void *p, bool big)
{
	uint32_t v;

	memcpy(&v, p, sizeof(v));
	return big ? be32toh(v) : le32toh(v);
}

static inline uint64_t load64(const void *p, bool big)
{
	uint64_t v;

	memcpy(&v, p, sizeof(v));
	return big ? be64toh(v) : le64toh(v);
}

#endif
