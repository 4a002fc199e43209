/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * elf_fixture.h - small ELF files for tests, written with libelf
 */
#ifndef MODMEM_TESTS_ELF_FIXTURE_H
#define MODMEM_TESTS_ELF_FIXTURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct fixture_section {
	const char *name;
	uint32_t type;		/* SHT_... */
	uint64_t flags;		/* SHF_... */
	uint64_t addr, align;
	const void *data;	/* as it stands in the file; NULL: zeros */
	size_t size;
};

struct fixture_symbol {
	const char *name;
	size_t section;		/* index into elf_fixture.sections */
	uint64_t value, size;	/* value: in the section if relocatable */
	uint8_t type;		/* STT_... */
};

struct elf_fixture {
	uint16_t type;		/* ET_REL, ET_EXEC */
	uint16_t machine;	/* EM_... */
	bool big_endian, is32;
	const struct fixture_section *sections;
	size_t n_sections;
	const struct fixture_symbol *symbols;
	size_t n_symbols;
};

enum fixture_packing { FIXTURE_PLAIN, FIXTURE_GZIP, FIXTURE_XZ, FIXTURE_ZSTD };

/* The file as bytes, to be freed; fails the test if that cannot be. */
uint8_t *elf_fixture_make(const struct elf_fixture *f, size_t *len);

/* A note as it stands in a section, with its header in the given byte order. */
size_t elf_fixture_note(uint8_t *to, bool big_endian, uint32_t type, const char *name,
			const uint8_t *desc, uint32_t desc_len);

/* @data of @len bytes packed, to be freed. */
uint8_t *fixture_pack(enum fixture_packing how, const uint8_t *data, size_t len,
		      size_t *packed_len);

#endif
