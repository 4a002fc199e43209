// SPDX-License-Identifier: GPL-2.0-or-later
#include "elffile.h"

#include <ctype.h>
#include <errno.h>
#include <gelf.h>
#include <stdlib.h>
#include <string.h>

#include "buildid.h"
#include "error.h"
#include "fileimage.h"
#include "modname.h"

#define MODULE_NAME_MAX	64u	/* MODULE_NAME_LEN is 64 - sizeof(long) */

struct elffile {
	char *path;
	struct fileimage image;
	Elf *elf;
	GElf_Ehdr ehdr;
	struct elf_section *sections;
	size_t n_sections;
	char module[MODULE_NAME_MAX];
	char build_id[BUILDID_TEXT];
};

struct machine {
	uint16_t em;
	const char *name, *name_le, *name32;	/* NULL: as the first */
	const char *family;	/* how uname -m may begin, as well */
};

static const struct machine machines[] = {
	{ EM_X86_64, "x86_64", NULL, NULL, "i" },
	{ EM_386, "i686", NULL, NULL, "i" },
	{ EM_AARCH64, "aarch64", NULL, NULL, "arm" },
	{ EM_ARM, "arm", NULL, NULL, "arm" },
	{ EM_PPC64, "ppc64", "ppc64le", NULL, "ppc" },
	{ EM_PPC, "ppc", NULL, NULL, "ppc" },
	{ EM_S390, "s390x", NULL, "s390", "s390" },
	{ EM_RISCV, "riscv64", NULL, "riscv32", "riscv" },
	{ EM_MIPS, "mips64", NULL, "mips", "mips" },
	{ EM_LOONGARCH, "loongarch64", NULL, "loongarch32", "loongarch" },
	{ EM_SPARCV9, "sparc64", NULL, NULL, "sparc" },
	{ EM_PARISC, "parisc64", NULL, "parisc", "parisc" },
	{ EM_68K, "m68k", NULL, NULL, "m68k" },
	{ EM_SH, "sh4", NULL, NULL, "sh" },
};

static const struct machine *machine_of(const struct elffile *ef)
{
	for (size_t i = 0; i < sizeof(machines) / sizeof(machines[0]); i++)
		if (machines[i].em == ef->ehdr.e_machine)
			return &machines[i];
	return NULL;
}

const char *elffile_machine(const struct elffile *ef)
{
	const struct machine *m = machine_of(ef);

	if (!m)
		return NULL;
	if (m->name_le && !elffile_big_endian(ef))
		return m->name_le;
	return m->name32 && elffile_long_bits(ef) == 32 ? m->name32 : m->name;
}

int elffile_fits(const struct elffile *ef, const char *machine, bool big_endian,
		 unsigned int long_bits, struct error *err)
{
	const struct machine *m = machine_of(ef);
	const char *name = elffile_machine(ef);
	bool fits = elffile_big_endian(ef) == big_endian &&
		    elffile_long_bits(ef) == long_bits;

	/* "i686" on a 64-bit kernel is what setarch(8) makes of it */
	if (fits && machine && name && strcmp(machine, name))
		fits = !strncmp(machine, m->family, strlen(m->family)) ||
		       !strncmp(machine, name, strlen(name));
	if (fits)
		return 0;
	return error_set(err, -EINVAL, "%s: is for %s (%u bits, %s endian), the recording is of %s (%u bits, %s endian)",
			 ef->path, name ? name : "another machine", elffile_long_bits(ef),
			 elffile_big_endian(ef) ? "big" : "little",
			 machine ? machine : "a machine", long_bits,
			 big_endian ? "big" : "little");
}

/* The text at @offset of string table @table, "" if it is not in it. */
static const char *string_at(const struct elf_section *table, uint64_t offset)
{
	const char *text;

	if (!table->data || table->type != SHT_STRTAB || offset >= table->len)
		return "";
	text = (const char *)table->data + offset;
	return memchr(text, '\0', table->len - (size_t)offset) ? text : "";
}

static int read_section(struct elffile *ef, size_t i, GElf_Shdr *sh,
			struct error *err)
{
	struct elf_section *sec = &ef->sections[i];
	Elf_Scn *scn = elf_getscn(ef->elf, i);

	if (!scn || !gelf_getshdr(scn, sh))
		return error_set(err, -EBADMSG, "%s: damaged: section %zu cannot be read",
				 ef->path, i);
	*sec = (struct elf_section){
		.name = "",
		.type = sh->sh_type,
		.flags = sh->sh_flags,
		.addr = sh->sh_addr,
		.size = sh->sh_size,
		.align = sh->sh_addralign,
		.entsize = sh->sh_entsize,
		.link = sh->sh_link,
		.info = sh->sh_info,
	};
	if (!i || sh->sh_type == SHT_NOBITS || sh->sh_type == SHT_NULL)
		return 0;
	if (sh->sh_offset > ef->image.len || sh->sh_size > ef->image.len - sh->sh_offset)
		return error_set(err, -EBADMSG,
				 "%s: cut off or damaged: section %zu lies outside the file",
				 ef->path, i);
	sec->data = ef->image.data + sh->sh_offset;
	sec->len = (size_t)sh->sh_size;
	return 0;
}

static int read_sections(struct elffile *ef, struct error *err)
{
	uint32_t *names;
	size_t n, strndx, i;
	size_t each = elffile_long_bits(ef) == 64 ? sizeof(Elf64_Shdr) : sizeof(Elf32_Shdr);
	GElf_Shdr sh;
	int ret = 0;

	/* libelf takes headers that are not all there for none */
	if (elf_getshdrnum(ef->elf, &n) || !n ||
	    ef->ehdr.e_shoff > ef->image.len || ef->ehdr.e_shentsize != each ||
	    n > (ef->image.len - ef->ehdr.e_shoff) / each ||
	    elf_getshdrstrndx(ef->elf, &strndx))
		return error_set(err, -EBADMSG, "%s: cut off or damaged: no section headers where they should be",
				 ef->path);
	ef->sections = calloc(n + 1, sizeof(*ef->sections));
	names = calloc(n + 1, sizeof(*names));
	if (!ef->sections || !names)
		ret = error_set(err, -ENOMEM, "out of memory");
	for (i = 0; i < n && !ret; i++) {
		ret = read_section(ef, i, &sh, err);
		names[i] = ret ? 0 : sh.sh_name;
	}
	ef->n_sections = n;
	for (i = 1; i < n && !ret && strndx < n; i++)
		ef->sections[i].name = string_at(&ef->sections[strndx], names[i]);
	free(names);
	return ret;
}

uint64_t elffile_get(const struct elffile *ef, const uint8_t *at, unsigned int bytes)
{
	bool big = elffile_big_endian(ef);
	uint64_t value = 0;

	for (unsigned int i = 0; i < bytes; i++)
		value = value << 8 | at[big ? i : bytes - 1 - i];
	return value;
}

const char *elffile_modinfo(const struct elffile *ef, const char *key)
{
	const struct elf_section *sec = elffile_find(ef, ".modinfo");
	size_t len = strlen(key), left;
	const char *p, *nul;

	if (!sec || !sec->data)
		return NULL;
	p = (const char *)sec->data;
	for (left = sec->len; left; left -= (size_t)(nul + 1 - p), p = nul + 1) {
		nul = memchr(p, '\0', left);
		if (!nul)
			return NULL;
		if ((size_t)(nul - p) > len && p[len] == '=' && !memcmp(p, key, len))
			return p + len + 1;
	}
	return NULL;
}

/* Takes a name of letters that a module's can have. */
static bool take_name(struct elffile *ef, const char *name, size_t len)
{
	if (!len || len >= MODULE_NAME_MAX)
		return false;
	for (size_t i = 0; i < len; i++)
		if (!isgraph((unsigned char)name[i]))
			return false;
	return modname_set(ef->module, sizeof(ef->module), name, len) > 0;
}

static void name_from_path(struct elffile *ef)
{
	const char *base = strrchr(ef->path, '/');
	size_t len;

	base = base ? base + 1 : ef->path;
	len = modname_of_file(base);
	if (!len)
		len = strcspn(base, ".");
	if (!take_name(ef, base, len))
		ef->module[0] = '\0';
}

static void find_module_name(struct elffile *ef)
{
	const struct elf_section *mod = elffile_find(ef, ".gnu.linkonce.this_module");
	const char *name = elffile_modinfo(ef, "name");
	/* struct module: enum state, struct list_head list, char name[] */
	size_t at = elffile_long_bits(ef) == 64 ? 24 : 12;

	if (!elffile_relocatable(ef))
		return;
	if (name && take_name(ef, name, strlen(name)))
		return;
	if (mod && mod->len > at + MODULE_NAME_MAX &&
	    take_name(ef, (const char *)mod->data + at,
		      strnlen((const char *)mod->data + at, MODULE_NAME_MAX)))
		return;
	name_from_path(ef);
}

static int read_elf(struct elffile *ef, struct error *err)
{
	const struct fileimage *img = &ef->image;
	size_t i;
	int ret;

	if (img->len < EI_NIDENT || memcmp(img->data, ELFMAG, SELFMAG))
		return error_set(err, -EINVAL, "%s: is no ELF file (.ko, vmlinux or debug file)",
				 ef->path);
	elf_version(EV_CURRENT);
	ef->elf = elf_memory((char *)img->data, img->len);
	if (!ef->elf || elf_kind(ef->elf) != ELF_K_ELF ||
	    !gelf_getehdr(ef->elf, &ef->ehdr))
		return error_set(err, -EBADMSG, "%s: cut off or damaged: no ELF header that makes sense",
				 ef->path);
	ret = read_sections(ef, err);
	if (ret)
		return ret;
	for (i = 1; i < ef->n_sections; i++)
		if (ef->sections[i].type == SHT_NOTE && ef->sections[i].data &&
		    buildid_find(ef->sections[i].data, ef->sections[i].len,
				 elffile_big_endian(ef), ef->build_id))
			break;
	find_module_name(ef);
	return 0;
}

/* Takes @img over. */
static struct elffile *new_elffile(const char *path, struct fileimage *img,
				   struct error *err)
{
	struct elffile *ef = calloc(1, sizeof(*ef));
	int ret;

	if (!ef) {
		fileimage_free(img);
		error_set(err, -ENOMEM, "out of memory");
		return NULL;
	}
	ef->image = *img;
	ef->path = strdup(path);
	ret = ef->path ? read_elf(ef, err) : error_set(err, -ENOMEM, "out of memory");
	if (!ret)
		return ef;
	elffile_close(ef);
	return NULL;
}

struct elffile *elffile_open(const char *path, struct error *err)
{
	struct fileimage img;

	return fileimage_read(&img, path, err) ? NULL : new_elffile(path, &img, err);
}

struct elffile *elffile_memory(const char *name, const uint8_t *data, size_t len,
			       struct error *err)
{
	struct fileimage img;

	return fileimage_copy(&img, name, data, len, err) ? NULL :
	       new_elffile(name, &img, err);
}

void elffile_close(struct elffile *ef)
{
	if (!ef)
		return;
	elf_end(ef->elf);
	fileimage_free(&ef->image);
	free(ef->sections);
	free(ef->path);
	free(ef);
}

const char *elffile_path(const struct elffile *ef)
{
	return ef->path;
}

const char *elffile_module(const struct elffile *ef)
{
	return ef->module[0] ? ef->module : NULL;
}

const char *elffile_build_id(const struct elffile *ef)
{
	return ef->build_id[0] ? ef->build_id : NULL;
}

bool elffile_big_endian(const struct elffile *ef)
{
	return ef->ehdr.e_ident[EI_DATA] == ELFDATA2MSB;
}

unsigned int elffile_long_bits(const struct elffile *ef)
{
	return ef->ehdr.e_ident[EI_CLASS] == ELFCLASS64 ? 64 : 32;
}

bool elffile_relocatable(const struct elffile *ef)
{
	return ef->ehdr.e_type == ET_REL;
}

size_t elffile_sections(const struct elffile *ef)
{
	return ef->n_sections;
}

const struct elf_section *elffile_section(const struct elffile *ef, size_t i)
{
	return &ef->sections[i];
}

const struct elf_section *elffile_find(const struct elffile *ef, const char *name)
{
	for (size_t i = 1; i < ef->n_sections; i++)
		if (!strcmp(ef->sections[i].name, name))
			return &ef->sections[i];
	return NULL;
}

uint16_t elffile_em(const struct elffile *ef)
{
	return ef->ehdr.e_machine;
}

uint8_t *elffile_image(const struct elffile *ef, size_t *len)
{
	*len = ef->image.len;
	return ef->image.data;
}
