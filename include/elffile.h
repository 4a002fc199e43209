/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * elffile.h - an ELF file: a kernel module, a vmlinux, a separate debug file
 *
 * Of any architecture, byte order and word size, packed or not (fileimage.h).
 * elf(5). What a section claims is checked when the file is opened: the data of
 * every section lie in the file.
 */
#ifndef MODMEM_ELFFILE_H
#define MODMEM_ELFFILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct elffile;
struct error;

struct elf_section {
	const char *name;	/* as in the file, belongs to it */
	uint32_t type;		/* SHT_..., elf.h */
	uint64_t flags;		/* SHF_... */
	uint64_t addr;		/* 0 in a module: it is put somewhere when loaded */
	uint64_t size;		/* bytes in memory */
	uint64_t align;		/* bytes, 0 and 1: anywhere */
	uint64_t entsize;	/* bytes of one entry of a table */
	uint32_t link, info;
	const uint8_t *data;	/* NULL: SHT_NOBITS, takes no room in the file */
	size_t len;		/* bytes at @data; 0 without */
};

/*
 * Opens the file at @path. NULL with @err set: no such file, not ELF, damaged.
 * The second form takes @len bytes, which are copied; @name stands for the path.
 * The file is read at once; elffile_close(NULL) does nothing.
 */
struct elffile *elffile_open(const char *path, struct error *err);
struct elffile *elffile_memory(const char *name, const uint8_t *data, size_t len,
			       struct error *err);
void elffile_close(struct elffile *ef);

const char *elffile_path(const struct elffile *ef);

/*
 * Name of the module as lsmod has it: what the build put into the file, else
 * the file's own name with dashes as underscores, which is what kbuild does.
 * NULL: no module (a vmlinux, a program).
 */
const char *elffile_module(const struct elffile *ef);

/*
 * Hex text of the GNU build id, NULL: has none. For a module it is the note that
 * /sys/module/NAME/notes/.note.gnu.build-id shows while it is loaded.
 */
const char *elffile_build_id(const struct elffile *ef);

/* "vermagic", "srcversion", ... of a module (modinfo(8)); NULL: none such. */
const char *elffile_modinfo(const struct elffile *ef, const char *key);

/* As uname -m calls it: "x86_64", "aarch64", "arm", ...; NULL: one not known. */
const char *elffile_machine(const struct elffile *ef);
bool elffile_big_endian(const struct elffile *ef);
unsigned int elffile_long_bits(const struct elffile *ef);	/* 32 or 64 */

/*
 * The file may be of a machine that uname -m calls @machine (NULL: not known),
 * of that byte order and word size. Else -EINVAL with @err set.
 */
int elffile_fits(const struct elffile *ef, const char *machine, bool big_endian,
		 unsigned int long_bits, struct error *err);

/* Its code and data have no addresses yet (ET_REL): a module. */
bool elffile_relocatable(const struct elffile *ef);

/* Sections by their number in the file; number 0 is none. */
size_t elffile_sections(const struct elffile *ef);
const struct elf_section *elffile_section(const struct elffile *ef, size_t i);

/* The first section called @name, NULL: none. */
const struct elf_section *elffile_find(const struct elffile *ef, const char *name);

/* The number of @bytes bytes (at most 8) at @at, in the file's byte order. */
uint64_t elffile_get(const struct elffile *ef, const uint8_t *at, unsigned int bytes);

/* Its architecture, EM_... of elf.h. */
uint16_t elffile_em(const struct elffile *ef);

/* The unpacked file, for libdw; it may be written to. */
uint8_t *elffile_image(const struct elffile *ef, size_t *len);

#endif
