/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * btf.h - what the running kernel's types look like, from its own description
 *
 * Reads /sys/kernel/btf/vmlinux (Documentation/bpf/btf.rst) far enough to say
 * at which offset a structure's member lies, and how wide it is.
 */
#ifndef MODMEM_BTF_H
#define MODMEM_BTF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct btf;
struct error;

#define BTF_VMLINUX	"/sys/kernel/btf/vmlinux"

/* Returns 0, or a negative errno with @err filled and *@out NULL. */
int btf_open(struct btf **out, const char *path, struct error *err);

/* The same of @size bytes at @data, which are copied. */
int btf_parse(struct btf **out, const void *data, size_t size,
	      struct error *err);

void btf_close(struct btf *b);		/* may be NULL */

/*
 * Looks for @path, "STRUCT.MEMBER", "STRUCT.MEMBER.MEMBER" or
 * "STRUCT.ARRAY[NUMBER].MEMBER", members of unnamed structures included.
 * Returns false if there is no such thing, or it is a bit field; else *@offset
 * is in bytes from the start of STRUCT and *@size in bytes.
 */
bool btf_member(const struct btf *b, const char *path, uint32_t *offset,
		uint32_t *size);

/* sizeof(struct @name). False: it is not described. */
bool btf_struct_size(const struct btf *b, const char *name, uint32_t *size);

/* Which argument of function @name is called @parameter, from 1. 0: none is. */
unsigned int btf_parameter(const struct btf *b, const char *name, const char *parameter);

/* Bytes that function @name returns (0: void). False: no such function. */
bool btf_returns(const struct btf *b, const char *name, uint32_t *size);

#endif
