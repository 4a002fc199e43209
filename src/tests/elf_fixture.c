// SPDX-License-Identifier: GPL-2.0-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "elf_fixture.h"

#include <gelf.h>
#include <lzma.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

#define NAMES_MAX 4096u

struct names {
	char text[NAMES_MAX];
	size_t len;
};

static uint32_t add_name(struct names *n, const char *name)
{
	size_t at = n->len;

	assert_true(at + strlen(name) + 1 <= sizeof(n->text));
	memcpy(n->text + at, name, strlen(name) + 1);
	n->len += strlen(name) + 1;
	return (uint32_t)at;
}

static size_t add_section(Elf *elf, struct names *names, const char *name,
			  GElf_Shdr *sh, void *data, size_t size, Elf_Type type)
{
	Elf_Scn *scn = elf_newscn(elf);
	Elf_Data *d;
	GElf_Shdr old;

	assert_non_null(scn);
	assert_non_null(gelf_getshdr(scn, &old));
	d = elf_newdata(scn);
	assert_non_null(d);
	d->d_buf = data;
	d->d_size = size;
	d->d_type = type;
	d->d_align = sh->sh_addralign ? sh->sh_addralign : 1;
	sh->sh_name = add_name(names, name);
	assert_int_not_equal(gelf_update_shdr(scn, sh), 0);
	return elf_ndxscn(scn);
}

static void add_symbols(Elf *elf, struct names *names, const struct elf_fixture *f,
			struct names *strings, void **buf)
{
	size_t each = f->is32 ? sizeof(Elf32_Sym) : sizeof(Elf64_Sym), i, strtab;
	GElf_Shdr sh = { .sh_type = SHT_STRTAB, .sh_addralign = 1 };
	Elf_Data d;

	*buf = calloc(f->n_symbols + 1, each);
	d = (Elf_Data){
		.d_buf = *buf, .d_size = (f->n_symbols + 1) * each,
		.d_type = ELF_T_SYM, .d_version = EV_CURRENT, .d_align = 8,
	};
	for (i = 0; i < f->n_symbols; i++) {
		const struct fixture_symbol *s = &f->symbols[i];
		GElf_Sym sym = {
			.st_name = add_name(strings, s->name),
			.st_info = GELF_ST_INFO(STB_GLOBAL, s->type),
			.st_shndx = (uint16_t)(s->section + 1),
			.st_value = s->value,
			.st_size = s->size,
		};

		if (f->is32) {
			Elf32_Sym *to = (Elf32_Sym *)*buf + i + 1;

			*to = (Elf32_Sym){
				.st_name = sym.st_name, .st_info = sym.st_info,
				.st_shndx = sym.st_shndx,
				.st_value = (uint32_t)s->value,
				.st_size = (uint32_t)s->size,
			};
		} else {
			((Elf64_Sym *)*buf)[i + 1] = (Elf64_Sym){
				.st_name = sym.st_name, .st_info = sym.st_info,
				.st_shndx = sym.st_shndx, .st_value = s->value,
				.st_size = s->size,
			};
		}
	}
	strtab = add_section(elf, names, ".strtab", &sh, strings->text, strings->len,
			     ELF_T_BYTE);
	sh = (GElf_Shdr){
		.sh_type = SHT_SYMTAB, .sh_addralign = 8, .sh_entsize = each,
		.sh_link = (uint32_t)strtab, .sh_info = 1,
	};
	add_section(elf, names, ".symtab", &sh, d.d_buf, d.d_size, ELF_T_SYM);
}

static uint8_t *whole_file(int fd, size_t *len)
{
	off_t size = lseek(fd, 0, SEEK_END);
	uint8_t *data;

	assert_true(size > 0);
	data = malloc((size_t)size);
	assert_non_null(data);
	assert_int_equal(pread(fd, data, (size_t)size, 0), size);
	*len = (size_t)size;
	return data;
}

uint8_t *elf_fixture_make(const struct elf_fixture *f, size_t *len)
{
	struct names names = { .len = 1 }, strings = { .len = 1 };
	int fd = memfd_create("fixture", 0);
	void *symbols = NULL;
	GElf_Ehdr ehdr;
	GElf_Shdr sh;
	uint8_t *data, *zeros;
	size_t i, strndx;
	Elf *elf;

	elf_version(EV_CURRENT);
	assert_true(fd >= 0);
	elf = elf_begin(fd, ELF_C_WRITE, NULL);
	assert_non_null(elf);
	assert_non_null(gelf_newehdr(elf, f->is32 ? ELFCLASS32 : ELFCLASS64));
	assert_non_null(gelf_getehdr(elf, &ehdr));
	ehdr.e_ident[EI_DATA] = f->big_endian ? ELFDATA2MSB : ELFDATA2LSB;
	ehdr.e_type = f->type;
	ehdr.e_machine = f->machine;
	ehdr.e_version = EV_CURRENT;
	assert_int_not_equal(gelf_update_ehdr(elf, &ehdr), 0);
	zeros = calloc(1, 1 << 20);
	for (i = 0; i < f->n_sections; i++) {
		const struct fixture_section *s = &f->sections[i];

		sh = (GElf_Shdr){
			.sh_type = s->type, .sh_flags = s->flags, .sh_addr = s->addr,
			.sh_addralign = s->align ? s->align : 1,
		};
		assert_int_equal(add_section(elf, &names, s->name, &sh,
					     s->data ? (void *)s->data : zeros, s->size,
					     ELF_T_BYTE), i + 1);
	}
	if (f->n_symbols)
		add_symbols(elf, &names, f, &strings, &symbols);
	sh = (GElf_Shdr){ .sh_type = SHT_STRTAB, .sh_addralign = 1 };
	add_name(&names, ".shstrtab");
	strndx = add_section(elf, &names, ".shstrtab", &sh, names.text, sizeof(names.text),
			     ELF_T_BYTE);
	assert_non_null(gelf_getehdr(elf, &ehdr));
	ehdr.e_shstrndx = (uint16_t)strndx;
	assert_int_not_equal(gelf_update_ehdr(elf, &ehdr), 0);
	assert_true(elf_update(elf, ELF_C_WRITE) > 0);
	elf_end(elf);
	free(zeros);
	free(symbols);
	data = whole_file(fd, len);
	close(fd);
	return data;
}

static void put_u32(uint8_t *to, bool big_endian, uint32_t v)
{
	for (unsigned int i = 0; i < 4; i++)
		to[big_endian ? 3 - i : i] = (uint8_t)(v >> 8 * i);
}

size_t elf_fixture_note(uint8_t *to, bool big_endian, uint32_t type, const char *name,
			const uint8_t *desc, uint32_t desc_len)
{
	uint32_t name_len = (uint32_t)strlen(name) + 1;
	size_t name_room = (name_len + 3u) & ~3u, desc_room = (desc_len + 3u) & ~3u;

	memset(to, 0, 12 + name_room + desc_room);
	put_u32(to, big_endian, name_len);
	put_u32(to + 4, big_endian, desc_len);
	put_u32(to + 8, big_endian, type);
	memcpy(to + 12, name, name_len);
	memcpy(to + 12 + name_room, desc, desc_len);
	return 12 + name_room + desc_room;
}

uint8_t *fixture_pack(enum fixture_packing how, const uint8_t *data, size_t len,
		      size_t *packed_len)
{
	size_t room = len + len / 8 + 4096, n = 0;
	uint8_t *to = malloc(room);
	z_stream z = { 0 };

	assert_non_null(to);
	switch (how) {
	case FIXTURE_PLAIN:
		memcpy(to, data, len);
		n = len;
		break;
	case FIXTURE_GZIP:
		assert_int_equal(deflateInit2(&z, 9, Z_DEFLATED, 15 + 16, 8,
					      Z_DEFAULT_STRATEGY), Z_OK);
		z.next_in = (uint8_t *)data;
		z.avail_in = (unsigned int)len;
		z.next_out = to;
		z.avail_out = (unsigned int)room;
		assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
		n = room - z.avail_out;
		deflateEnd(&z);
		break;
	case FIXTURE_XZ:
		assert_int_equal(lzma_easy_buffer_encode(6, LZMA_CHECK_CRC32, NULL, data,
							 len, to, &n, room), LZMA_OK);
		break;
	case FIXTURE_ZSTD:
		n = ZSTD_compress(to, room, data, len, 3);
		assert_false(ZSTD_isError(n));
		break;
	}
	*packed_len = n;
	return to;
}
