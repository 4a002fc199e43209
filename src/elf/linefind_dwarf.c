// SPDX-License-Identifier: GPL-2.0-or-later
#include "linefind_dwarf.h"

#include <dwarf.h>
#include <elfutils/libdw.h>
#include <elfutils/libdwfl.h>
#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "elffile.h"

/* Where sections of a module are put, to tell them apart: below 2^32 for all. */
#define LAYOUT_START 0x10000u

struct finder {
	const struct elffile *ef;
	Elf *elf;
	Dwfl *dwfl;		/* modules only: relocates their debug info */
	Dwarf *dwarf;
	Dwarf_Addr bias;
	uint64_t *layout;	/* address by section; NULL: addresses are given */
	uint64_t layout_end;
	const char *comp_dir;	/* of the unit at hand, NULL: not told */
	struct line_frame frames[LINE_FRAMES_MAX];
	char paths[LINE_FRAMES_MAX][PATH_MAX];
	size_t n_frames;
};

/* ---- opening ---------------------------------------------------------------------- */

static int find_elf(Dwfl_Module *mod, void **userdata, const char *name, Dwarf_Addr base,
		    char **file_name, Elf **elf)
{
	struct finder *f = *userdata;

	(void)mod;
	(void)name;
	(void)base;
	(void)file_name;
	*elf = f->elf;
	return -1;		/* no file descriptor */
}

static int find_debuginfo(Dwfl_Module *mod, void **userdata, const char *name,
			  Dwarf_Addr base, const char *file_name, const char *link,
			  GElf_Word crc, char **found)
{
	(void)mod;
	(void)userdata;
	(void)name;
	(void)base;
	(void)file_name;
	(void)link;
	(void)crc;
	(void)found;
	return -1;		/* symfiles.h looks for it, not libdw */
}

static int section_address(Dwfl_Module *mod, void **userdata, const char *module,
			   Dwarf_Addr base, const char *name, GElf_Word shndx,
			   const GElf_Shdr *shdr, Dwarf_Addr *addr)
{
	struct finder *f = *userdata;

	(void)mod;
	(void)module;
	(void)base;
	(void)name;
	(void)shdr;
	*addr = shndx < elffile_sections(f->ef) ? f->layout[shndx] : (Dwarf_Addr)-1L;
	return 0;
}

static int lay_out(struct finder *f)
{
	size_t n = elffile_sections(f->ef), i;
	uint64_t at = LAYOUT_START;

	f->layout = calloc(n + 1, sizeof(*f->layout));
	if (!f->layout)
		return -ENOMEM;
	for (i = 0; i < n; i++) {
		const struct elf_section *sec = elffile_section(f->ef, i);
		uint64_t align = sec->align ? sec->align : 1;

		f->layout[i] = (uint64_t)-1;
		if (!(sec->flags & SHF_ALLOC))
			continue;
		/* no section of a module is that large, or that much aligned */
		if (align > 1u << 20 || align & (align - 1) || sec->size > 1u << 30 ||
		    at > 1u << 31)
			return -ENODATA;
		at = (at + align - 1) & ~(align - 1);
		f->layout[i] = at;
		at += sec->size + 1;	/* its end is not the next one's start */
	}
	f->layout_end = at;
	return 0;
}

static int open_module(struct finder *f)
{
	static const Dwfl_Callbacks callbacks = {
		.find_elf = find_elf,
		.find_debuginfo = find_debuginfo,
		.section_address = section_address,
	};
	void **userdata;
	Dwfl_Module *mod;
	int ret = lay_out(f);

	if (ret)
		return ret;
	f->dwfl = dwfl_begin(&callbacks);
	if (!f->dwfl)
		return -ENOMEM;
	dwfl_report_begin(f->dwfl);
	mod = dwfl_report_module(f->dwfl, "module", LAYOUT_START, f->layout_end);
	if (!mod || !dwfl_module_info(mod, &userdata, NULL, NULL, NULL, NULL, NULL, NULL))
		return -ENOMEM;
	*userdata = f;
	if (dwfl_report_end(f->dwfl, NULL, NULL))
		return -ENOMEM;
	f->dwarf = dwfl_module_getdwarf(mod, &f->bias);
	return f->dwarf ? 0 : -ENODATA;
}

static int open_dwarf(struct finder *f)
{
	size_t len;
	uint8_t *image = elffile_image(f->ef, &len);

	elf_version(EV_CURRENT);
	f->elf = elf_memory((char *)image, len);
	if (!f->elf)
		return -ENODATA;
	if (elffile_relocatable(f->ef))
		return open_module(f);
	f->dwarf = dwarf_begin_elf(f->elf, DWARF_C_READ, NULL);
	return f->dwarf ? 0 : -ENODATA;
}

/* ---- one place -------------------------------------------------------------------- */

/* Behind the last folder that a kernel's source or headers lie in; else @path. */
static const char *below_kernel(const char *path)
{
	const char *at = path, *rest = path;

	while ((at = strchr(at, '/'))) {
		at++;
		if (!strncmp(at, "linux-", 6) && strchr(at, '/'))
			rest = strchr(at, '/') + 1;
		else if (!strncmp(at, "kernels/", 8) && strchr(at + 8, '/'))
			rest = strchr(at + 8, '/') + 1;
	}
	return rest;
}

/* The path without "." in it, and as the source tree has it where that shows. */
static void shorten(const struct finder *f, char *to, size_t size, const char *path)
{
	size_t dir = f->comp_dir ? strlen(f->comp_dir) : 0, n = 0;

	if (dir > 1 && !strncmp(path, f->comp_dir, dir) && path[dir] == '/')
		path += dir + 1;
	else
		path = below_kernel(path);
	while (path[0] == '.' && path[1] == '/')
		path += 2;
	for (; *path && n + 1 < size; path++) {
		if (path[0] == '/' && path[1] == '.' && path[2] == '/')
			path += 2;
		to[n++] = *path;
	}
	to[n] = '\0';
}

static void set_place(struct finder *f, const char *file, int line)
{
	struct line_frame *fr = &f->frames[f->n_frames];

	shorten(f, f->paths[f->n_frames], sizeof(f->paths[0]), file ? file : "?");
	fr->file = f->paths[f->n_frames];
	fr->line = line > 0 ? (uint32_t)line : 0;
}

/* Where @die, an inlined function, was called. */
static bool call_place(Dwarf_Die *die, Dwarf_Files *files, const char **file, int *line)
{
	Dwarf_Attribute attr;
	Dwarf_Word value;

	if (!files || dwarf_formudata(dwarf_attr(die, DW_AT_call_file, &attr), &value))
		return false;
	*file = dwarf_filesrc(files, (size_t)value, NULL, NULL);
	if (!*file || dwarf_formudata(dwarf_attr(die, DW_AT_call_line, &attr), &value) ||
	    value > INT_MAX)
		return false;
	*line = (int)value;
	return true;
}

/* Frames for the functions around @pc in @cu, innermost first. */
static void add_inlined(struct finder *f, Dwarf_Die *cu, Dwarf_Addr pc)
{
	Dwarf_Die *scopes = NULL, innermost;
	Dwarf_Files *files = NULL;
	int n = dwarf_getscopes(cu, pc, &scopes), i;

	if (n <= 0)
		return;
	/* behind an inlined function these go on in its source, not its caller */
	innermost = scopes[0];
	free(scopes);
	scopes = NULL;
	n = dwarf_getscopes_die(&innermost, &scopes);
	if (dwarf_getsrcfiles(cu, &files, NULL))
		files = NULL;
	for (i = 0; i < n && f->n_frames + 1 < LINE_FRAMES_MAX; i++) {
		int tag = dwarf_tag(&scopes[i]), line;
		const char *file;

		if (tag == DW_TAG_subprogram || tag == DW_TAG_inlined_subroutine)
			f->frames[f->n_frames].function = dwarf_diename(&scopes[i]);
		if (tag == DW_TAG_subprogram)
			break;
		if (tag != DW_TAG_inlined_subroutine)
			continue;
		if (!call_place(&scopes[i], files, &file, &line))
			break;
		f->n_frames++;
		set_place(f, file, line);
	}
	free(scopes);
}

static bool look_up(struct finder *f, Dwarf_Die *cu, Dwarf_Addr pc)
{
	Dwarf_Attribute attr;
	Dwarf_Line *line = dwarf_getsrc_die(cu, pc);
	int number = 0;

	if (!line)
		return false;
	memset(f->frames, 0, sizeof(f->frames));
	f->n_frames = 0;
	f->comp_dir = dwarf_formstring(dwarf_attr(cu, DW_AT_comp_dir, &attr));
	dwarf_lineno(line, &number);
	set_place(f, dwarf_linesrc(line, NULL, NULL), number);
	add_inlined(f, cu, pc);
	f->n_frames++;
	return true;
}

static Dwarf_Addr address_of(const struct finder *f, const struct line_query *q)
{
	uint64_t base = 0;

	if (f->layout)
		base = q->section < elffile_sections(f->ef) ? f->layout[q->section] :
		       (uint64_t)-1;
	return base == (uint64_t)-1 ? base : base + q->value - f->bias;
}

static int answer_in(struct finder *f, Dwarf_Die *cu, const struct line_query *queries,
		     size_t i, line_found_fn *found, void *arg)
{
	if (!look_up(f, cu, address_of(f, &queries[i])))
		return 0;
	return found(arg, i, f->frames, f->n_frames);
}

/* Units that .debug_aranges does not name: clang makes none. */
static int answer_rest(struct finder *f, const struct line_query *queries, size_t n,
		       bool *open, line_found_fn *found, void *arg)
{
	Dwarf_Off at = 0, next;
	size_t header, i;
	int ret = 0;

	for (; !ret && !dwarf_nextcu(f->dwarf, at, &next, &header, NULL, NULL, NULL);
	     at = next) {
		Dwarf_Die cu;

		if (!dwarf_offdie(f->dwarf, at + header, &cu))
			continue;
		for (i = 0; i < n && !ret; i++) {
			if (!open[i] || dwarf_haspc(&cu, address_of(f, &queries[i])) != 1)
				continue;
			open[i] = false;
			ret = answer_in(f, &cu, queries, i, found, arg);
		}
	}
	return ret;
}

static int answer_all(struct finder *f, const struct line_query *queries, size_t n,
		      line_found_fn *found, void *arg)
{
	bool *open = calloc(n + 1, sizeof(*open)), any = false;
	size_t i;
	int ret = open ? 0 : -ENOMEM;

	for (i = 0; i < n && !ret; i++) {
		Dwarf_Die cu;

		if (dwarf_addrdie(f->dwarf, address_of(f, &queries[i]), &cu))
			ret = answer_in(f, &cu, queries, i, found, arg);
		else
			any = open[i] = true;
	}
	if (any && !ret)
		ret = answer_rest(f, queries, n, open, found, arg);
	free(open);
	return ret;
}

int linefind_dwarf(const struct elffile *ef, const struct line_query *queries,
		   size_t n, line_found_fn *found, void *arg)
{
	struct finder *f = calloc(1, sizeof(*f));
	int ret;

	if (!f)
		return -ENOMEM;
	f->ef = ef;
	ret = open_dwarf(f);
	if (!ret)
		ret = answer_all(f, queries, n, found, arg);
	if (f->dwfl)
		dwfl_end(f->dwfl);	/* its file and debug info, too */
	else
		dwarf_end(f->dwarf);
	if (!f->dwfl)
		elf_end(f->elf);
	free(f->layout);
	free(f);
	return ret;
}
