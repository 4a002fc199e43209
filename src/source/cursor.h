/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * cursor.h - reads numbers, strings and blocks from one part of a trace.dat
 *
 * A cursor never moves past its end. What is missing there is told in terms
 * of the part being read: "t.dat: truncated in its event formats (...)".
 */
#ifndef MODMEM_SOURCE_CURSOR_H
#define MODMEM_SOURCE_CURSOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct error;

struct cursor {
	const uint8_t *data;
	size_t size;		/* bytes at @data */
	size_t pos;		/* of the next read */
	uint64_t base;		/* offset of data[0] in the file */
	uint64_t file_size;	/* if @data ends where the file does, else 0 */
	bool unpacked;		/* @data was compressed: base means nothing */
	bool big_endian;
	const char *path;	/* of the file, for messages */
	const char *part;	/* what is being read: "its event formats" */
	struct error *err;
};

/* All return 0, or -EBADMSG with the cursor's error set and @pos as it was. */
int cursor_u8(struct cursor *cur, uint8_t *value);
int cursor_u16(struct cursor *cur, uint16_t *value);
int cursor_u32(struct cursor *cur, uint32_t *value);
int cursor_u64(struct cursor *cur, uint64_t *value);

/* @len bytes, left where they are. */
int cursor_block(struct cursor *cur, uint64_t len, const uint8_t **block);

/* A string with its terminator inside the part, left where it is. */
int cursor_string(struct cursor *cur, const char **string);

#endif
