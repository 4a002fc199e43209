// SPDX-License-Identifier: GPL-2.0-or-later
#include "protobuf.h"

#include <stdlib.h>
#include <string.h>

#define VARINT_MAX 10u		/* bytes of 64 bits, seven in each */

enum wire_type {
	WIRE_VARINT = 0,
	WIRE_LEN = 2,
};

void protobuf_free(struct protobuf *pb)
{
	free(pb->data);
	*pb = (struct protobuf){ 0 };
}

static void add(struct protobuf *pb, const void *data, size_t len)
{
	size_t room = pb->room ? pb->room : 256;
	unsigned char *more;

	if (pb->no_memory)
		return;
	while (room - pb->len < len)
		room *= 2;
	if (room != pb->room) {
		more = realloc(pb->data, room);
		if (!more) {
			pb->no_memory = true;
			return;
		}
		pb->data = more;
		pb->room = room;
	}
	if (len)
		memcpy(pb->data + pb->len, data, len);
	pb->len += len;
}

static size_t varint(unsigned char *to, uint64_t value)
{
	size_t n = 0;

	while (value >= 0x80) {
		to[n++] = (unsigned char)(value | 0x80);
		value >>= 7;
	}
	to[n++] = (unsigned char)value;
	return n;
}

static void add_varint(struct protobuf *pb, uint64_t value)
{
	unsigned char bytes[VARINT_MAX];

	add(pb, bytes, varint(bytes, value));
}

static void add_key(struct protobuf *pb, unsigned int field, enum wire_type type)
{
	add_varint(pb, (uint64_t)field << 3 | type);
}

void protobuf_number(struct protobuf *pb, unsigned int field, uint64_t value)
{
	add_key(pb, field, WIRE_VARINT);
	add_varint(pb, value);
}

void protobuf_bytes(struct protobuf *pb, unsigned int field, const void *data, size_t len)
{
	add_key(pb, field, WIRE_LEN);
	add_varint(pb, len);
	add(pb, data, len);
}

void protobuf_string(struct protobuf *pb, unsigned int field, const char *text)
{
	protobuf_bytes(pb, field, text, strlen(text));
}

void protobuf_message(struct protobuf *pb, unsigned int field, struct protobuf *part)
{
	protobuf_bytes(pb, field, part->data, part->len);
	pb->no_memory |= part->no_memory;
	part->len = 0;
}

void protobuf_numbers(struct protobuf *pb, unsigned int field, const uint64_t *values,
		      size_t n)
{
	unsigned char bytes[VARINT_MAX];
	size_t len = 0;

	for (size_t i = 0; i < n; i++)
		len += varint(bytes, values[i]);
	add_key(pb, field, WIRE_LEN);
	add_varint(pb, len);
	for (size_t i = 0; i < n; i++)
		add_varint(pb, values[i]);
}
