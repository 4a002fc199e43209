/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * protobuf.h - writes the wire format of protocol buffers
 *
 * https://protobuf.dev/programming-guides/encoding/: a field is a key (number
 * and wire type), then a varint, or a length and that many bytes. Two messages
 * of a dozen fields need these four functions, and no generator of code.
 */
#ifndef MODMEM_PROTOBUF_H
#define MODMEM_PROTOBUF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A message in the making; {0} is an empty one. */
struct protobuf {
	unsigned char *data;
	size_t len, room;
	bool no_memory;		/* once true, all of it is worth nothing */
};

void protobuf_free(struct protobuf *pb);

/* An integer; 0 is written too, where a reader could ask whether it is there. */
void protobuf_number(struct protobuf *pb, unsigned int field, uint64_t value);
void protobuf_bytes(struct protobuf *pb, unsigned int field, const void *data, size_t len);
void protobuf_string(struct protobuf *pb, unsigned int field, const char *text);

/* A message within; empties @part, which can be used again. */
void protobuf_message(struct protobuf *pb, unsigned int field, struct protobuf *part);

/* Integers of a repeated field, packed. */
void protobuf_numbers(struct protobuf *pb, unsigned int field, const uint64_t *values,
		      size_t n);

#endif
