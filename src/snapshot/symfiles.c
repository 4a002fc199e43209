// SPDX-License-Identifier: GPL-2.0-or-later
#include "symfiles.h"

#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include "arena.h"
#include "companion_read.h"
#include "elffile.h"
#include "error.h"
#include "elf/filetree.h"
#include "linefind.h"
#include "source.h"

#define DEBUG_DIR	"/usr/lib/debug"
#define REFUSED_MAX	4u		/* files that are named, others are counted */

struct symfiles {
	const struct symfiles_opts *opts;
	const struct source_info *info;
	const struct companion *companion;
	struct arena *arena;
	const char *release, *machine;	/* recorded, NULL: not known */
	const char *in_paths;		/* the release, if it can be a part of one; NULL */
	bool big_endian;
	unsigned int long_bits;
	struct filetree *modules;
	struct filetree *debug;		/* NULL: not looked at yet */
	const char *debug_dirs[SYMFILES_DIRS_MAX];
	size_t n_debug_dirs;
	const char **notes;
	size_t n_notes, notes_room;
	size_t refused;
	char usual_dir[PATH_MAX];	/* for modules, "": others were named */
};

/* ---- what was recorded ------------------------------------------------------------ */

/* "Linux HOST RELEASE ... MACHINE"; who wrote the file chooses no path outside. */
static int read_uname(struct symfiles *sf, const char *uname)
{
	char *words[16], *save = NULL, *word, *text;
	size_t n = 0;

	if (!uname)
		return 0;
	text = arena_strdup(sf->arena, uname);
	if (!text)
		return -ENOMEM;
	for (word = strtok_r(text, " \t\n", &save); word && n < 16;
	     word = strtok_r(NULL, " \t\n", &save))
		words[n++] = word;
	if (n < 4)
		return 0;
	sf->machine = words[n - 1];
	sf->release = words[2];
	if (words[2][0] != '.' && !strchr(words[2], '/'))
		sf->in_paths = sf->release;
	return 0;
}

/*
 * The build id that number @i of all that were recorded is of @module (NULL: the kernel):
 * those of the companion, then those of the source. NULL: it is of another.
 */
static const char *id_at(const struct symfiles *sf, size_t i, const char *module)
{
	size_t items = companion_count(sf->companion);
	const struct companion_item *it;

	if (!module)
		module = COMPANION_VMLINUX;
	if (i >= items)
		return strcmp(sf->info->build_ids[i - items].module, module) ? NULL :
		       sf->info->build_ids[i - items].text;
	it = companion_at(sf->companion, i);
	return !strncmp(it->name, COMPANION_BUILDID, sizeof(COMPANION_BUILDID) - 1) &&
	       !strcmp(it->name + sizeof(COMPANION_BUILDID) - 1, module) ? it->text : NULL;
}

static size_t count_ids(const struct symfiles *sf)
{
	return companion_count(sf->companion) + sf->info->n_build_ids;
}

const char *symfiles_recorded_id(const struct symfiles *sf, const char *module)
{
	const char *id = NULL;

	for (size_t i = count_ids(sf); i-- && !id;)
		id = id_at(sf, i, module);
	return id;
}

/* It was loaded twice, from different files. */
static bool several_ids(const struct symfiles *sf, const char *module, const char *id)
{
	for (size_t i = 0; i < count_ids(sf); i++) {
		const char *other = id_at(sf, i, module);

		if (other && strcmp(other, id) != 0)
			return true;
	}
	return false;
}

/* ---- notes ------------------------------------------------------------------------ */

void symfiles_say(struct symfiles *sf, const char *fmt, ...)
{
	const char *note;
	char text[1024];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	/* a file may be looked at for names, lines, and what it calls */
	for (size_t i = 0; i < sf->n_notes; i++)
		if (!strcmp(sf->notes[i], text))
			return;
	if (sf->n_notes == sf->notes_room) {
		size_t room = sf->notes_room ? 2 * sf->notes_room : 16;
		const char **notes = realloc(sf->notes, room * sizeof(*notes));

		if (!notes)
			return;
		sf->notes = notes;
		sf->notes_room = room;
	}
	note = arena_strdup(sf->arena, text);
	if (note)
		sf->notes[sf->n_notes++] = note;
}

const char *const *symfiles_notes(struct symfiles *sf, size_t *n)
{
	if (sf->refused > REFUSED_MAX)
		symfiles_say(sf, "%zu more files were not used: of another build or machine, or unreadable",
			     sf->refused - REFUSED_MAX);
	sf->refused = 0;
	*n = sf->n_notes;
	return sf->notes;
}

/* A file that was found by name and is no good. */
static void refuse(struct symfiles *sf, const struct error *why)
{
	if (sf->refused++ < REFUSED_MAX)
		symfiles_say(sf, "not used: %s", why->text);
}

/* ---- does it fit ------------------------------------------------------------------ */

static int check_id(const struct symfiles *sf, const struct elffile *ef,
		    const char *module, const char *want, struct error *err)
{
	const char *id = elffile_build_id(ef);

	if (module && several_ids(sf, module, want))
		return error_set(err, -EINVAL, "%s: two builds of %s were recorded, build ids %s and others",
				 elffile_path(ef), module, want);
	if (id && !strcmp(id, want))
		return 0;
	return error_set(err, -EINVAL, "%s: is another build of %s: build id %s, recorded was %s",
			 elffile_path(ef), module ? module : "the kernel", id ? id : "none", want);
}

/* Without build ids there is still the kernel that it was made for. */
static int check_release(const struct symfiles *sf, const struct elffile *ef,
			 struct error *err)
{
	const char *magic = elffile_modinfo(ef, "vermagic");
	size_t len = magic ? strcspn(magic, " ") : 0;

	if (!len || !sf->release ||
	    (strlen(sf->release) == len && !strncmp(magic, sf->release, len)))
		return 0;
	return error_set(err, -EINVAL, "%s: was built for kernel %.*s, recorded was %s",
			 elffile_path(ef), (int)len, magic, sf->release);
}

/* @want: the build id it must have, NULL: nothing says. */
static int check_file(const struct symfiles *sf, const struct elffile *ef,
		      const char *module, const char *want, struct error *err)
{
	/* a text log does not tell its machine */
	if (sf->long_bits &&
	    elffile_fits(ef, sf->machine, sf->big_endian, sf->long_bits, err))
		return -EINVAL;
	if (module && !elffile_relocatable(ef))
		return error_set(err, -EINVAL, "%s: is no module", elffile_path(ef));
	if (!module && elffile_relocatable(ef))
		return error_set(err, -EINVAL, "%s: is a module, no vmlinux", elffile_path(ef));
	return want ? check_id(sf, ef, module, want, err) : check_release(sf, ef, err);
}

/* Opens @path if it fits; NULL with @err set. */
static struct elffile *open_fitting(const struct symfiles *sf, const char *path,
				    const char *module, const char *want,
				    struct error *err)
{
	struct elffile *ef = elffile_open(path, err);

	if (!ef || !check_file(sf, ef, module, want, err))
		return ef;
	elffile_close(ef);
	return NULL;
}

/* ---- separate debug files --------------------------------------------------------- */

/* By build id: DIR/.build-id/ab/cdef.debug */
static struct elffile *open_by_id(struct symfiles *sf, const char *module, const char *id)
{
	struct error err;

	for (size_t i = 0; strlen(id) > 2 && i < sf->n_debug_dirs; i++) {
		struct elffile *ef;
		char path[PATH_MAX];

		if ((size_t)snprintf(path, sizeof(path), "%s/.build-id/%.2s/%s.debug",
				     sf->debug_dirs[i], id, id + 2) >= sizeof(path) ||
		    strspn(id, "0123456789abcdef") != strlen(id) || access(path, R_OK))
			continue;
		ef = open_fitting(sf, path, module, id, &err);
		if (ef && linefind_possible(ef))
			return ef;
		if (!ef)
			refuse(sf, &err);
		elffile_close(ef);
	}
	return NULL;
}

/* What .gnu_debuglink of @ef says of @debug: a checksum of the whole file. */
static bool linked(const struct elffile *ef, const struct elffile *debug)
{
	const struct elf_section *link = elffile_find(ef, ".gnu_debuglink");
	const uint8_t *image;
	size_t len;

	if (!link || link->len < 8)
		return false;
	image = elffile_image(debug, &len);
	return crc32_z(0, image, len) == elffile_get(ef, link->data + link->len - 4, 4);
}

/* By name, anywhere in the folders for debug files. */
static struct elffile *open_by_name(struct symfiles *sf, const char *module,
				    const struct elffile *main, const char *want)
{
	const struct tree_file *files;
	struct error err;
	size_t n, i;

	if (!sf->debug)
		sf->debug = filetree_new(sf->debug_dirs, sf->n_debug_dirs, 1, &err);
	files = sf->debug ? filetree_find(sf->debug, module, &n) : NULL;
	for (i = 0; files && i < n; i++) {
		struct elffile *ef = open_fitting(sf, files[i].path, module, want, &err);

		if (ef && linefind_possible(ef) && (want || (main && linked(main, ef))))
			return ef;
		elffile_close(ef);
	}
	return NULL;
}

/* Debug info for @main (NULL: no file of it was found). */
static struct elffile *open_debug(struct symfiles *sf, const char *module,
				  const struct elffile *main)
{
	const char *want = symfiles_recorded_id(sf, module);
	struct elffile *ef = NULL;

	if (!want && main)
		want = elffile_build_id(main);
	if (want)
		ef = open_by_id(sf, module, want);
	return ef || !module ? ef : open_by_name(sf, module, main, want);
}

/* ---- modules and the kernel ------------------------------------------------------- */

/* The best of what is called so: one with debug info if there is. */
static struct elffile *open_module(struct symfiles *sf, const char *module, bool debug)
{
	const char *want = symfiles_recorded_id(sf, module);
	struct elffile *best = NULL;
	struct error err, why = { "" };
	size_t n, i;
	const struct tree_file *files = filetree_find(sf->modules, module, &n);

	for (i = 0; files && i < n; i++) {
		struct elffile *ef = open_fitting(sf, files[i].path, module, want, &err);

		if (!ef) {
			why = err;
			continue;
		}
		if (!best || (debug && !linefind_possible(best) && linefind_possible(ef))) {
			elffile_close(best);
			best = ef;
		} else {
			elffile_close(ef);
		}
	}
	if (!best && why.text[0])
		refuse(sf, &why);
	return best;
}

/* Where a vmlinux lies below @dir; false: past the last place. */
static bool vmlinux_place(const struct symfiles *sf, unsigned int place, const char *dir,
			  char *path, size_t size, bool *of_release)
{
	const char *release = sf->in_paths ? sf->in_paths : "";

	*of_release = place == 1 || place == 2;
	switch (place) {
	case 0:
		snprintf(path, size, "%s/vmlinux", dir);
		return true;
	case 1:
		snprintf(path, size, "%s/boot/vmlinux-%s", dir, release);
		return true;
	case 2:
		snprintf(path, size, "%s/lib/modules/%s/vmlinux", dir, release);
		return true;
	case 3:
		snprintf(path, size, "%s/build/vmlinux", dir);
		return true;
	}
	return false;
}

static struct elffile *vmlinux_below(struct symfiles *sf, const char *dir, const char *want)
{
	char path[PATH_MAX];
	struct elffile *ef;
	bool of_release;

	for (unsigned int i = 0; vmlinux_place(sf, i, dir, path, sizeof(path), &of_release);
	     i++) {
		if (of_release ? !sf->in_paths : !*dir)
			continue;
		if (access(path, R_OK))
			continue;
		ef = open_fitting(sf, path, NULL, want, NULL);
		if (ef)
			return ef;
	}
	return NULL;
}

static struct elffile *open_vmlinux(struct symfiles *sf)
{
	const char *want = symfiles_recorded_id(sf, NULL);
	struct elffile *ef = NULL;
	struct error err;
	size_t i;

	if (sf->opts->vmlinux) {
		ef = open_fitting(sf, sf->opts->vmlinux, NULL, want, &err);
		if (!ef)
			refuse(sf, &err);
		return ef;
	}
	for (i = 0; !ef && i < sf->opts->n_module_dirs; i++)
		ef = vmlinux_below(sf, sf->opts->module_dirs[i], want);
	for (i = 0; !ef && i < sf->n_debug_dirs; i++)
		ef = vmlinux_below(sf, sf->debug_dirs[i], want);
	if (!ef)
		ef = vmlinux_below(sf, "", want);
	if (!ef && sf->usual_dir[0])
		ef = vmlinux_below(sf, sf->usual_dir, want);
	return ef;
}

struct elffile *symfiles_open(struct symfiles *sf, const char *module, bool debug)
{
	struct elffile *ef = module ? open_module(sf, module, debug) : open_vmlinux(sf);
	struct elffile *separate;

	if (!debug || (ef && linefind_possible(ef)))
		return ef;
	separate = open_debug(sf, module, ef);
	if (!separate)
		return ef;
	elffile_close(ef);
	return separate;
}

/* ---- all of it -------------------------------------------------------------------- */

static int find_modules(struct symfiles *sf, struct error *err)
{
	const char *usual = sf->usual_dir;

	if (sf->opts->n_module_dirs) {
		sf->modules = filetree_new(sf->opts->module_dirs, sf->opts->n_module_dirs,
					   0, err);
		return sf->modules ? 0 : -EINVAL;
	}
	if (sf->in_paths)
		snprintf(sf->usual_dir, sizeof(sf->usual_dir), "/lib/modules/%s", sf->in_paths);
	sf->modules = filetree_new(&usual, sf->in_paths != NULL, 1, err);
	return sf->modules ? 0 : -EINVAL;
}

/* A file that was named itself, not found in a folder, has to be good. */
static int check_named(struct symfiles *sf, struct error *err)
{
	for (size_t i = 0; i <= sf->opts->n_module_dirs; i++) {
		bool kernel = i == sf->opts->n_module_dirs;
		const char *path = kernel ? sf->opts->vmlinux : sf->opts->module_dirs[i];
		const char *module = NULL;
		struct elffile *ef;
		struct stat st;
		int ret;

		if (!path || (!kernel && (stat(path, &st) || S_ISDIR(st.st_mode))))
			continue;
		ef = elffile_open(path, err);
		if (!ef)
			return -EINVAL;
		if (!kernel)
			module = elffile_module(ef) ? elffile_module(ef) : "a module";
		ret = check_file(sf, ef, module, symfiles_recorded_id(sf, module), err);
		elffile_close(ef);
		if (ret)
			return ret;
	}
	return 0;
}

struct symfiles *symfiles_new(const struct symfiles_opts *opts,
			      const struct source_info *info,
			      const struct companion *companion, struct error *err)
{
	struct symfiles *sf = calloc(1, sizeof(*sf));

	if (!sf)
		goto no_memory;
	sf->opts = opts;
	sf->info = info;
	sf->companion = companion;
	sf->big_endian = info->big_endian;
	sf->long_bits = info->long_size * 8;
	sf->arena = arena_new();
	if (!sf->arena || read_uname(sf, info->uname))
		goto no_memory;
	for (size_t i = 0; i < opts->n_debug_dirs; i++)
		sf->debug_dirs[sf->n_debug_dirs++] = opts->debug_dirs[i];
	if (!sf->n_debug_dirs)
		sf->debug_dirs[sf->n_debug_dirs++] = DEBUG_DIR;
	if (opts->vmlinux && access(opts->vmlinux, R_OK)) {
		error_set(err, -errno, "%s: %s", opts->vmlinux, strerror(errno));
		goto fail;
	}
	for (size_t i = 0; i < opts->n_debug_dirs; i++)
		if (access(opts->debug_dirs[i], R_OK)) {
			error_set(err, -errno, "%s: %s", opts->debug_dirs[i], strerror(errno));
			goto fail;
		}
	if (!find_modules(sf, err) && !check_named(sf, err))
		return sf;
fail:
	symfiles_free(sf);
	return NULL;
no_memory:
	error_set(err, -ENOMEM, "out of memory");
	goto fail;
}

void symfiles_free(struct symfiles *sf)
{
	if (!sf)
		return;
	filetree_free(sf->modules);
	filetree_free(sf->debug);
	arena_free(sf->arena);
	free(sf->notes);
	free(sf);
}
