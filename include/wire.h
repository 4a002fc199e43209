/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * wire.h - the pieces of a recording (parts.h) on their way to another machine
 *
 *	"modmem stream 1\n", then chunks, all numbers little endian:
 *
 *	u8 magic[4]	17 08 "mc"
 *	u8 type		enum wire_type
 *	u8 name_len; u8 packed: 1: the data is a frame of zstd; u8 0
 *	u32 len		bytes of data, WIRE_CHUNK_MAX at most, packed or not
 *	u32 number	of the chunk, from 0
 *	u64 sum		XXH3-64 of the 16 bytes before, the name and the data
 *	name, data
 *
 * A chunk that is damaged costs itself alone: what comes next is found by its
 * magic, and checked. That one is missing, its number tells.
 */
#ifndef MODMEM_WIRE_H
#define MODMEM_WIRE_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct error;
struct parts;
struct wire;

#define WIRE_MAGIC	"modmem stream 1\n"
#define WIRE_MAGIC_LEN	(sizeof(WIRE_MAGIC) - 1)
#define WIRE_CHUNK_MAX	(256u * 1024)

enum wire_type {
	WIRE_APPEND,	/* to the piece @name */
	WIRE_PART,	/* of a piece that replaces what there is of it; more comes */
	WIRE_LAST,	/* ... the last of it, which may be the only one */
	WIRE_END,	/* of the recording */
};

/* ---- to write ------------------------------------------------------------------------ */

/*
 * @fd stays the caller's: a pipe, a socket, anything. A reader that is slow is waited
 * for; one that takes nothing for @patience_ms, no more, unless wire_patient() says so:
 * while it records, what does not fit into the ring buffers is lost, and counted.
 * NULL: no memory.
 */
struct wire *wire_new(int fd, unsigned int patience_ms);
void wire_free(struct wire *w);
void wire_patient(struct wire *w, bool patient);

/*
 * These may be called from several threads. 0 or a negative errno; after the first that
 * failed, all fail. -ETIMEDOUT: see above; -EPIPE: the reader is gone.
 */
int wire_append(struct wire *w, const char *name, const void *data, size_t len);
int wire_append2(struct wire *w, const char *name, const void *head, size_t head_len,
		 const void *data, size_t len);
int wire_whole(struct wire *w, const char *name, const void *data, size_t len);
int wire_end(struct wire *w);

uint64_t wire_bytes(struct wire *w);	/* written so far */

/* What such an errno means, and what to do. */
const char *wire_strerror(int code);

/* ---- to read ------------------------------------------------------------------------- */

bool wire_is(const void *head, size_t len);

/*
 * Takes a stream from @fd, of which @len bytes were read to @head, to its end or for as
 * long as it comes, and makes @pa's file of it. What is not whole is, as of a recorder
 * that was killed, said in the file; @damage tells it, empty: nothing. Once *@stop (NULL:
 * never) is set, until nothing comes for a second, and for ten at most: the recorder,
 * which may have been stopped as well, has more to send then. @bytes: of the file.
 * 0 or a negative errno with @err set: the pieces are in @pa's folder, unless none came.
 */
int wire_receive(int fd, const void *head, size_t len, struct parts *pa,
		 const volatile sig_atomic_t *stop, uint64_t *bytes, struct error *damage,
		 struct error *err);

#endif
