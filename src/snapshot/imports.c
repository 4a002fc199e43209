// SPDX-License-Identifier: GPL-2.0-or-later
#include "imports.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "elffile.h"
#include "elfsyms.h"
#include "error.h"
#include "hash.h"
#include "hash_index.h"
#include "span.h"
#include "symfiles.h"

#define ALL_OF_THEM (SILENT_BIT(SILENT_MAX) - 1)

/* One file of a module; of one name, several may have been loaded. */
struct module_file {
	char *name;
	bool lacks;		/* there was none to be read */
	bool looked_for;	/* ... or was, in symfiles */
	bool escapes;		/* what it imports does not say what it calls */
	bool shrinks;		/* it has a shrinker */
	uint32_t calls;
};

struct imports {
	struct module_file *files;
	size_t n, room;
	struct hash_index index;	/* of names */
	struct symfiles *symfiles;	/* NULL: none opened */
	struct symfiles *own;		/* ... of these, to be freed */
	const struct symfiles_opts *opts;	/* NULL: nowhere to look, or tried */
	const struct source_info *info;
	const struct companion *companion;
};

struct imports *imports_new(void)
{
	return calloc(1, sizeof(struct imports));
}

void imports_free(struct imports *im)
{
	if (!im)
		return;
	for (size_t i = 0; i < im->n; i++)
		free(im->files[i].name);
	free(im->files);
	hash_index_release(&im->index);
	symfiles_free(im->own);
	free(im);
}

/* A copy of @f, for the module called @name. 0 or -ENOMEM. */
static int add_file(struct imports *im, struct span name, const struct module_file *f)
{
	if (im->n == im->room) {
		size_t room = im->room ? 2 * im->room : 64;
		struct module_file *files = realloc(im->files, room * sizeof(*files));

		if (!files)
			return -ENOMEM;
		im->files = files;
		im->room = room;
	}
	im->files[im->n] = *f;
	im->files[im->n].name = strndup(name.at, span_len(name));
	if (!im->files[im->n].name)
		return -ENOMEM;
	if (hash_index_add(&im->index, hash_bytes(name.at, span_len(name)), (uint32_t)im->n)) {
		free(im->files[im->n].name);
		return -ENOMEM;
	}
	im->n++;
	return 0;
}

/* A symbol of the file. */
static void take(struct module_file *f, const char *name, size_t len)
{
	f->calls |= silent_symbol(name, len);
	f->escapes |= silent_escapes(name, len);
	f->shrinks |= silent_shrinks(name, len);
}

int imports_add(struct imports *im, const char *text, size_t len)
{
	struct span rest = span_of(text, len), line, name, symbol;

	while (span_line(&rest, &line)) {
		struct module_file f = { 0 };

		if (!span_word(&line, &name))
			continue;
		while (span_word(&line, &symbol)) {
			f.lacks |= span_is(symbol, "?");
			take(&f, symbol.at, span_len(symbol));
		}
		if (add_file(im, name, &f))
			return -ENOMEM;
	}
	return 0;
}

void imports_look_in(struct imports *im, struct symfiles *files,
		     const struct symfiles_opts *opts, const struct source_info *info,
		     const struct companion *companion)
{
	im->symfiles = files;
	im->opts = opts;
	im->info = info;
	im->companion = companion;
}

static void take_symbol(void *arg, const char *name)
{
	take(arg, name, strlen(name));
}

/* Reads the file of @module, if there is one that fits. */
static void read_file(struct imports *im, const char *module)
{
	struct module_file f = { .looked_for = true };
	struct elffile *ef;

	if (!im->symfiles && im->opts) {
		im->symfiles = im->own = symfiles_new(im->opts, im->info, im->companion, NULL);
		im->opts = NULL;
	}
	ef = im->symfiles ? symfiles_open(im->symfiles, module, false) : NULL;
	f.lacks = !ef || elfsyms_undefined(ef, take_symbol, &f, NULL);
	elffile_close(ef);
	/* no memory: it stays unknown, and is asked for again */
	add_file(im, span_of(module, strlen(module)), &f);
}

/* All files of @module as one; it lacks one if any was not there. */
static struct module_file look_up(struct imports *im, const char *module)
{
	uint64_t hash = hash_bytes(module, strlen(module));
	struct module_file all = { 0 };
	bool found = false, any = false;
	size_t at = 0;
	uint32_t i;

	while ((i = hash_index_next(&im->index, hash, &at)) != HASH_INDEX_END) {
		const struct module_file *f = &im->files[i];

		if (strcmp(f->name, module))
			continue;
		any = true;
		all.lacks |= f->lacks;
		all.looked_for |= f->looked_for;
		all.escapes |= f->escapes;
		all.shrinks |= f->shrinks;
		all.calls |= f->calls;
		found |= f->looked_for && !f->lacks;
	}
	/* a file that fits all that was recorded of it stands for those that lacked */
	all.lacks = !found && (all.lacks || !any);
	return all;
}

/* ... after its file was read, with @read, if nothing is known of it. */
static struct module_file find(struct imports *im, const char *module, bool read)
{
	struct module_file all = look_up(im, module);

	if (!read || !all.lacks || all.looked_for)
		return all;
	read_file(im, module);
	return look_up(im, module);
}

bool imports_shrink(struct imports *im, const char *module)
{
	return im && *module != '[' && find(im, module, true).shrinks;
}

bool imports_of(struct imports *im, const char *module, bool read, uint32_t *calls)
{
	struct module_file all;

	*calls = ALL_OF_THEM;
	if (!im || *module == '[')	/* [kernel], [unknown]: none */
		return false;
	all = find(im, module, read);
	if (all.lacks || all.escapes)
		return false;
	*calls = all.calls;
	return true;
}
