/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sums.h - checksums of a recording while it is put together (companion.h)
 *
 * They are taken of what is written, as it is written: stretch by stretch, in
 * the order in which the item "checksums" has them.
 */
#ifndef MODMEM_RECORD_SUMS_H
#define MODMEM_RECORD_SUMS_H

#include <stddef.h>
#include <stdint.h>

struct sums;

/* A stretch begins: the head of the file. NULL: no memory. */
struct sums *sums_new(void);
void sums_free(struct sums *s);

/* @len more bytes of the stretch at hand. */
void sums_add(struct sums *s, const void *data, size_t len);

/* The head has ended, at @len bytes; the pages of @cpus CPUs come. */
void sums_head_done(struct sums *s, uint64_t len, uint32_t cpus);

/* The next CPU's: @size bytes at @offset of the file, and that they have ended. */
void sums_pages(struct sums *s, uint64_t offset, uint64_t size);
void sums_pages_done(struct sums *s);

/* The section begins, at @offset of the file. */
void sums_section(struct sums *s, uint64_t offset);

/* All of the item but its last number. Returns its bytes. */
size_t sums_data(const struct sums *s, const uint8_t **data);

/* That number: of the section so far. -ENOMEM: there was no memory on the way. */
int sums_seal(const struct sums *s, uint8_t seal[8]);

#endif
