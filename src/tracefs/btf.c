// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * btf.c - see btf.h
 *
 * The file, all numbers in the machine's byte order:
 *
 *   header   u16 magic, u8 version, u8 flags, u32 length of the header,
 *            u32 offset and u32 length of the types, the same of the strings;
 *            offsets count from the end of the header
 *   types    numbered from 1 (0 is void), each: u32 name (offset into the
 *            strings), u32 info (bits 0-15 vlen, 24-28 kind, 31 kind flag),
 *            u32 size or type, then what the kind and its vlen say
 *   strings  each with its zero byte
 *
 * Every offset is checked before it is used. A kind that is not known ends the
 * list of types: its length cannot be known.
 */
#include "btf.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "error.h"
#include "record_files.h"

#define MAGIC		0xeb9fu
#define MAX_BYTES	(256u << 20)
#define MAX_DEPTH	32	/* of typedefs, arrays, unnamed structures */

enum {
	KIND_INT = 1, KIND_PTR, KIND_ARRAY, KIND_STRUCT, KIND_UNION, KIND_ENUM,
	KIND_FWD, KIND_TYPEDEF, KIND_VOLATILE, KIND_CONST, KIND_RESTRICT,
	KIND_FUNC, KIND_FUNC_PROTO, KIND_VAR, KIND_DATASEC, KIND_FLOAT,
	KIND_DECL_TAG, KIND_TYPE_TAG, KIND_ENUM64, KINDS
};

/* what follows the three words of a type: so many bytes, and per vlen */
static const struct {
	uint8_t fixed, each;
} tails[KINDS] = {
	[KIND_INT] = { 4, 0 },		[KIND_ARRAY] = { 12, 0 },
	[KIND_STRUCT] = { 0, 12 },	[KIND_UNION] = { 0, 12 },
	[KIND_ENUM] = { 0, 8 },		[KIND_FUNC_PROTO] = { 0, 8 },
	[KIND_VAR] = { 4, 0 },		[KIND_DATASEC] = { 0, 12 },
	[KIND_DECL_TAG] = { 4, 0 },	[KIND_ENUM64] = { 0, 12 },
};

struct btf {
	unsigned char *data;
	size_t size;
	const unsigned char *types;
	const char *strings;		/* ends with a zero byte */
	uint32_t strings_len;
	uint32_t *at;			/* type number -> offset in types */
	uint32_t n;			/* types, with void */
};

struct type {
	const char *name;
	uint32_t kind, vlen, size;	/* size: or a type's number */
	bool flag;
	const unsigned char *tail;
};

static uint32_t word(const unsigned char *p)
{
	uint32_t v;

	memcpy(&v, p, sizeof(v));
	return v;
}

static const char *string(const struct btf *b, uint32_t offset)
{
	return offset < b->strings_len ? b->strings + offset : "";
}

static bool get_type(const struct btf *b, uint32_t id, struct type *t)
{
	const unsigned char *p;
	uint32_t info;

	if (!id || id >= b->n)
		return false;
	p = b->types + b->at[id];
	info = word(p + 4);
	t->name = string(b, word(p));
	t->kind = info >> 24 & 0x1f;
	t->vlen = info & 0xffff;
	t->flag = info >> 31;
	t->size = word(p + 8);
	t->tail = p + 12;
	return true;
}

/* Numbers the types in @len bytes. */
static int number_types(struct btf *b, uint32_t len)
{
	uint32_t room = len / 12 + 2, at = 0;

	b->at = calloc(room, sizeof(*b->at));
	if (!b->at)
		return -ENOMEM;
	for (b->n = 1; len - at >= 12; b->n++) {
		uint32_t info = word(b->types + at + 4);
		uint32_t kind = info >> 24 & 0x1f, bytes;

		if (!kind || kind >= KINDS)
			break;
		bytes = 12 + tails[kind].fixed +
			tails[kind].each * (info & 0xffff);
		if (bytes > len - at)
			break;
		b->at[b->n] = at;
		at += bytes;
	}
	return 0;
}

/* takes @data over */
static int parse(struct btf **out, unsigned char *data, size_t size,
		 struct error *err)
{
	uint32_t header, type_off, type_len, str_off, str_len;
	struct btf *b = NULL;
	uint16_t magic;
	size_t rest;

	*out = NULL;
	if (size < 24)
		goto malformed;
	memcpy(&magic, data, sizeof(magic));
	header = word(data + 4);
	if (magic != MAGIC || data[2] != 1 || header < 24 || header > size)
		goto malformed;
	type_off = word(data + 8);
	type_len = word(data + 12);
	str_off = word(data + 16);
	str_len = word(data + 20);
	rest = size - header;
	if (type_off > rest || type_len > rest - type_off || str_off > rest ||
	    str_len > rest - str_off || !str_len)
		goto malformed;
	if (data[header + str_off + str_len - 1])
		goto malformed;

	b = calloc(1, sizeof(*b));
	if (!b)
		goto no_memory;
	b->data = data;
	b->size = size;
	b->types = data + header + type_off;
	b->strings = (const char *)data + header + str_off;
	b->strings_len = str_len;
	if (number_types(b, type_len))
		goto no_memory;
	*out = b;
	return 0;

malformed:
	free(data);
	return error_set(err, -EINVAL, "malformed BTF");
no_memory:
	free(b);
	free(data);
	return error_set(err, -ENOMEM, "out of memory");
}

int btf_parse(struct btf **out, const void *data, size_t size,
	      struct error *err)
{
	unsigned char *copy;

	*out = NULL;
	if (size > MAX_BYTES)
		return error_set(err, -EFBIG, "more BTF than is plausible");
	copy = malloc(size ? size : 1);
	if (!copy)
		return error_set(err, -ENOMEM, "out of memory");
	memcpy(copy, data, size);
	return parse(out, copy, size, err);
}

int btf_open(struct btf **out, const char *path, struct error *err)
{
	size_t size = 0;
	char *data;
	int code;

	*out = NULL;
	data = file_read(path, &size);
	if (!data) {
		code = -errno;
		return error_set(err, code, "%s: %s", path, strerror(-code));
	}
	if (size > MAX_BYTES) {
		free(data);
		return error_set(err, -EFBIG, "%s: more than is plausible", path);
	}
	return parse(out, (unsigned char *)data, size, err);
}

void btf_close(struct btf *b)
{
	if (!b)
		return;
	free(b->at);
	free(b->data);
	free(b);
}

/* Passes over what only qualifies a type. */
static bool strip(const struct btf *b, uint32_t id, struct type *t)
{
	int depth;

	for (depth = 0; depth < MAX_DEPTH; depth++) {
		if (!get_type(b, id, t))
			return false;
		switch (t->kind) {
		case KIND_TYPEDEF:
		case KIND_VOLATILE:
		case KIND_CONST:
		case KIND_RESTRICT:
		case KIND_TYPE_TAG:
			id = t->size;
			break;
		default:
			return true;
		}
	}
	return false;
}

static bool size_of(const struct btf *b, uint32_t id, uint32_t *size)
{
	uint32_t count = 1;
	struct type t;
	int depth;

	for (depth = 0; depth < MAX_DEPTH; depth++) {
		if (!strip(b, id, &t))
			return false;
		if (t.kind != KIND_ARRAY)
			break;
		if (__builtin_mul_overflow(count, word(t.tail + 8), &count))
			return false;
		id = word(t.tail);
	}
	switch (t.kind) {
	case KIND_PTR:
		*size = sizeof(long);
		break;
	case KIND_INT:
	case KIND_STRUCT:
	case KIND_UNION:
	case KIND_ENUM:
	case KIND_ENUM64:
	case KIND_FLOAT:
		*size = t.size;
		break;
	default:
		return false;
	}
	return !__builtin_mul_overflow(*size, count, size);
}

/* Finds member @name, @len bytes, of @t; adds to *@bits where it lies. */
static bool find_member(const struct btf *b, const struct type *t,
			const char *name, size_t len, uint32_t *id,
			uint64_t *bits, int depth)
{
	uint32_t i;

	if ((t->kind != KIND_STRUCT && t->kind != KIND_UNION) ||
	    depth >= MAX_DEPTH)
		return false;
	for (i = 0; i < t->vlen; i++) {
		const unsigned char *m = t->tail + (size_t)i * 12;
		const char *its = string(b, word(m));
		uint64_t offset = word(m + 8);
		struct type inner;

		if (t->flag) {
			if (offset >> 24)
				continue;	/* a bit field */
			offset &= 0xffffff;
		}
		if (strlen(its) == len && !memcmp(its, name, len)) {
			*id = word(m + 4);
			*bits += offset;
			return true;
		}
		if (*its || !strip(b, word(m + 4), &inner))
			continue;
		offset += *bits;
		if (find_member(b, &inner, name, len, id, &offset, depth + 1)) {
			*bits = offset;
			return true;
		}
	}
	return false;
}

/* "[NUMBER]" at *@path: on to that element of the array @id. */
static bool index_array(const struct btf *b, const char **path, uint32_t *id,
			uint64_t *bits)
{
	uint32_t size;
	unsigned long i;
	struct type t;
	char *end;

	if (!strip(b, *id, &t) || t.kind != KIND_ARRAY)
		return false;
	i = strtoul(*path + 1, &end, 10);
	if (end == *path + 1 || *end != ']' || i >= word(t.tail + 8))
		return false;
	*id = word(t.tail);
	if (!size_of(b, *id, &size))
		return false;
	*bits += (uint64_t)i * size * 8;
	*path = end + 1;
	return true;
}

static bool walk(const struct btf *b, uint32_t id, const char *path,
		 uint32_t *offset, uint32_t *size)
{
	uint64_t bits = 0;
	struct type t;

	while (*path) {
		if (*path == '[') {
			if (!index_array(b, &path, &id, &bits))
				return false;
		} else if (*path == '.') {
			size_t len = strcspn(++path, ".[");

			/* an unnamed member is none */
			if (!len || !strip(b, id, &t) ||
			    !find_member(b, &t, path, len, &id, &bits, 0))
				return false;
			path += len;
		} else {
			return false;
		}
	}
	if (bits % 8 || bits / 8 > INT32_MAX)
		return false;
	*offset = (uint32_t)(bits / 8);
	return size_of(b, id, size);
}

bool btf_member(const struct btf *b, const char *path, uint32_t *offset,
		uint32_t *size)
{
	size_t len = strcspn(path, ".[");
	struct type t;
	uint32_t id;

	if (!len || !path[len])
		return false;
	for (id = 1; id < b->n; id++) {
		if (!get_type(b, id, &t) || t.kind != KIND_STRUCT ||
		    strlen(t.name) != len || memcmp(t.name, path, len))
			continue;
		if (walk(b, id, path + len, offset, size))
			return true;
	}
	return false;
}

bool btf_struct_size(const struct btf *b, const char *name, uint32_t *size)
{
	struct type t;
	uint32_t id;

	for (id = 1; id < b->n; id++) {
		if (!get_type(b, id, &t) || t.kind != KIND_STRUCT || !t.size ||
		    strcmp(t.name, name))
			continue;
		*size = t.size;
		return true;
	}
	return false;
}

static bool find_proto(const struct btf *b, const char *name, struct type *proto)
{
	struct type t;
	uint32_t id;

	for (id = 1; id < b->n; id++) {
		if (get_type(b, id, &t) && t.kind == KIND_FUNC && !strcmp(t.name, name) &&
		    get_type(b, t.size, proto) && proto->kind == KIND_FUNC_PROTO)
			return true;
	}
	return false;
}

unsigned int btf_parameter(const struct btf *b, const char *name, const char *parameter)
{
	struct type proto;
	uint32_t i;

	if (!find_proto(b, name, &proto))
		return 0;
	for (i = 0; i < proto.vlen; i++)
		if (!strcmp(string(b, word(proto.tail + (size_t)i * 8)), parameter))
			return i + 1;
	return 0;
}

bool btf_returns(const struct btf *b, const char *name, uint32_t *size)
{
	struct type proto;

	if (!find_proto(b, name, &proto))
		return false;
	*size = 0;
	return !proto.size || size_of(b, proto.size, size);
}
