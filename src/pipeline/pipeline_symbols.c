// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * pipeline_symbols.c - what a source, or files beside it, say of names
 */
#include "memstream.h"
#include "pipeline_internal.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "belongs.h"
#include "companion_read.h"
#include "elffile.h"
#include "imports.h"
#include "inittext.h"
#include "ksyms.h"
#include "modmap.h"
#include "procmem.h"
#include "readfile.h"
#include "samples.h"
#include "source.h"
#include "span.h"
#include "symfiles.h"
#include "symtext.h"

#define SAMPLES 4096u		/* return addresses to try files with */

/* A text that was saved; NULL with @err set. */
static char *read_file(const char *path, const char *what, size_t *len, struct error *err)
{
	return readfile(path, READFILE_MAX, what, len, err);
}

/* Symbols of which a recording can make use; NULL: none, or all at address 0. */
static struct ksyms *usable(struct ksyms *ks)
{
	return ks && !ksyms_hidden(ks) ? ks : NULL;
}

static bool has_module(const char *text, size_t len, const char *name)
{
	const char *end = text + len;
	struct proc_module pm;

	while (proc_module_next(&text, end, &pm))
		if (!strcmp(pm.name, name))
			return true;
	return false;
}

/*
 * A text of /proc/modules: what was given, and what the source knows besides of
 * modules that are not in there. *@kept is to be freed. 0 or a negative errno.
 */
static int modules_text(struct pipeline *p, const char **text, size_t *len, char **kept,
			struct error *err)
{
	const struct source_info *info = source_info(p->src);
	struct span rest = span_of(info->modules, info->modules_len), line;
	struct proc_module pm;
	char *file, *all;

	*text = info->modules;
	*len = info->modules_len;
	*kept = NULL;
	if (!p->opts.modules_file)
		return 0;
	file = read_file(p->opts.modules_file, "copy of /proc/modules", len, err);
	if (!file)
		return -EINVAL;
	*text = *kept = file;
	if (!info->modules)
		return 0;
	all = realloc(file, *len + 2 + info->modules_len);
	if (!all)
		return error_set(err, -ENOMEM, "out of memory");
	*text = *kept = all;
	if (*len && all[*len - 1] != '\n')
		all[(*len)++] = '\n';
	while (span_line(&rest, &line)) {
		if (!proc_module_line(line, &pm) || has_module(all, *len, pm.name))
			continue;
		memcpy(all + *len, line.at, span_len(line));
		*len += span_len(line);
		all[(*len)++] = '\n';
	}
	return 0;
}

/* @text, and lines from files for what it lacks. 0 or a negative errno. */
static int add_from_files(struct pipeline *p, const char *text, size_t len,
			  struct error *err)
{
	struct ksyms *own = usable(p->ks);
	const struct companion_item *end = companion_find(p->companion, "modules@end");
	size_t modules_len, more_len, all_len;
	struct samples samples = { 0 };
	char *file = NULL, *more = NULL, *all;
	const char *modules;
	int ret = modules_text(p, &modules, &modules_len, &file, err);

	if (ret)
		goto out;
	if (!modules && end) {
		modules = end->text;
		modules_len = end->len;
	}
	if (!symtext_wanted(own, modules, modules_len))
		goto out;
	if (p->ks && !own)
		symfiles_say(p->files, "all addresses in kallsyms are zero, it was read without privilege: of modules nothing is known but what files say");
	ret = samples_take(&samples, p->src, SAMPLES, err);
	if (ret)
		goto out;
	more = symtext_missing(p->files, own, modules, modules_len, &samples, &more_len);
	if (!more) {
		ret = error_set(err, -ENOMEM, "out of memory");
		goto out;
	}
	if (!more_len)
		goto out;
	all_len = own ? len + 1 : 0;
	all = malloc(all_len + more_len);
	if (all && own) {
		memcpy(all, text, len);
		all[len] = '\n';
	}
	if (all)
		memcpy(all + all_len, more, more_len);
	ksyms_free(p->ks);
	p->ks = all ? ksyms_parse(all, all_len + more_len) : NULL;
	free(all);
	if (!p->ks)
		ret = error_set(err, -ENOMEM, "out of memory");
out:
	free(more);
	samples_release(&samples);
	free(file);
	return ret;
}

/*
 * The symbols of the recording itself. A text log has no addresses, its own table is
 * made of names.
 */
static int read_recorded(struct pipeline *p, struct error *err)
{
	const struct source_info *info = source_info(p->src);

	if (!info->kallsyms || !info->kallsyms_len)
		return 0;
	p->ks = ksyms_parse(info->kallsyms, info->kallsyms_len);
	if (!p->ks)
		return error_set(err, -ENOMEM, "out of memory");
	p->odd_symbols = ksyms_odd_lines(p->ks);
	/* a recording with no symbol in its kallsyms is one without */
	if (!ksyms_count(p->ks)) {
		ksyms_free(p->ks);
		p->ks = NULL;
	}
	return 0;
}

/* Symbols from a file into p->given, checked against the recording; *@text is to be freed. */
static int read_given(struct pipeline *p, char **text, size_t *len, struct error *err)
{
	const char *path = p->opts.kallsyms_file;

	*text = read_file(path, "copy of /proc/kallsyms", len, err);
	if (!*text)
		return -EINVAL;
	if (!*len)
		return error_set(err, -EINVAL, "%s: is empty", path);
	p->given = ksyms_parse(*text, *len);
	if (!p->given)
		return error_set(err, -ENOMEM, "out of memory");
	if (!ksyms_count(p->given))
		return error_set(err, -EINVAL,
				 "%s: holds no line of /proc/kallsyms (ADDRESS TYPE NAME [MODULE])",
				 path);
	if (source_is_live(p->src) || ksyms_hidden(p->given))
		return 0;
	return belongs_kallsyms(usable(p->ks), p->given, p->src, path, err);
}

/*
 * The recording's own symbols @text, and those of the file's that lie where it has
 * none of the kernel. What it has of its own is never replaced: modules of the file
 * are told to the map of modules, which asks it for those that it lacks.
 */
static int add_given(struct pipeline *p, const char **text, size_t *len, char **kept,
		     struct error *err)
{
	uint64_t start = 0, end = UINT64_MAX;
	FILE *out = open_memstream(kept, len);
	const struct source_info *info = source_info(p->src);
	struct ksyms *all = NULL;

	if (!out)
		return error_set(err, -ENOMEM, "out of memory");
	/* trampolines and BPF come and go: only the kernel's image is the same */
	if (!ksyms_core_text(p->given, &start, &end))
		ksyms_core_text(p->ks, &start, &end);
	fwrite(info->kallsyms, 1, info->kallsyms_len, out);
	fputc('\n', out);
	for (size_t i = 0; i < ksyms_count(p->given); i++) {
		const struct ksym *sym = ksyms_at(p->given, i);
		size_t own = ksyms_find(p->ks, sym->addr);

		if (!sym->module && sym->addr >= start && sym->addr <= end &&
		    (own == SIZE_MAX || ksyms_at(p->ks, own)->addr != sym->addr))
			fprintf(out, "%016" PRIx64 " %c %s\n", sym->addr,
				sym->text ? 't' : 'd', sym->name);
	}
	if (!memstream_close(out, kept))
		all = ksyms_parse(*kept, *len);
	if (!all)
		return error_set(err, -ENOMEM, "out of memory");
	ksyms_free(p->ks);
	p->ks = all;
	*text = *kept;
	return 0;
}

/*
 * The table of symbols: the recording's own, with what a file adds to it. *@text are
 * its *@len bytes; *@kept is to be freed.
 */
static int read_table(struct pipeline *p, const char **text, size_t *len, char **kept,
		      struct error *err)
{
	const struct source_info *info = source_info(p->src);
	int ret = read_recorded(p, err);

	*text = info->kallsyms;
	*len = info->kallsyms_len;
	if (ret || !p->opts.kallsyms_file || info->text)
		return ret;
	ret = read_given(p, kept, len, err);
	*text = *kept;
	if (ret)
		return ret;
	if (!usable(p->ks)) {
		ksyms_free(p->ks);
		p->ks = p->given;
		p->given = NULL;
		return 0;
	}
	free(*kept);
	*kept = NULL;
	*text = info->kallsyms;
	*len = info->kallsyms_len;
	if (usable(p->given))
		return add_given(p, text, len, kept, err);
	p->given_note = "all addresses in the given kallsyms are zero, it was saved without privilege: not used";
	ksyms_free(p->given);
	p->given = NULL;
	return 0;
}

int pipeline_read_symbols(struct pipeline *p, struct error *err)
{
	const char *text;
	char *kept = NULL;
	size_t len;
	int ret = read_table(p, &text, &len, &kept, err);

	if (!ret && p->files && !source_is_live(p->src) && !source_info(p->src)->text)
		ret = add_from_files(p, text, len, err);
	free(kept);
	return ret;
}

int pipeline_read_modules(struct pipeline *p, struct error *err)
{
	struct error why = { "" };
	const char *text;
	char *kept;
	size_t len;
	int ret = modules_text(p, &text, &len, &kept, err);

	if (ret)
		goto out;
	if (p->opts.modules_file && !source_is_live(p->src) && !source_info(p->src)->text &&
	    belongs_modules(usable(p->ks), text, len, p->src, p->opts.modules_file, err)) {
		ret = -EINVAL;
		goto out;
	}
	p->modmap = modmap_new(usable(p->ks), text, len, source_info(p->src)->page_size, &why);
	if (p->modmap)
		modmap_core(p->modmap, source_info(p->src)->core_start,
			    source_info(p->src)->core_end);
	/* what a text names lies where it was put, bare addresses where they were */
	if (p->modmap && p->opts.modules_file && source_info(p->src)->text &&
	    modmap_also_at(p->modmap, text, len))
		ret = error_set(err, -ENOMEM, "out of memory");
	if (p->modmap && p->given && modmap_given(p->modmap, p->given))
		ret = error_set(err, -ENOMEM, "out of memory");
out:
	free(kept);
	if (ret)
		return ret;
	if (p->modmap)
		return 0;
	return error_set(err, -EINVAL, "%s%s%s", p->opts.modules_file ? p->opts.modules_file : "",
			 p->opts.modules_file ? ": " : "", why.text);
}

/* Keeps @ks for as long as the pipeline lives, or frees it. 0 or -ENOMEM. */
static int keep_table(struct pipeline *p, struct ksyms *ks)
{
	if (p->n_snapshots == p->snapshots_room) {
		size_t room = p->snapshots_room ? p->snapshots_room * 2 : 16;
		struct ksyms **more = realloc(p->snapshots, room * sizeof(*more));

		if (!more) {
			ksyms_free(ks);
			return -ENOMEM;
		}
		p->snapshots = more;
		p->snapshots_room = room;
	}
	p->snapshots[p->n_snapshots++] = ks;
	return 0;
}

/* The recorder's machine as uname -m has it; NULL: not known. */
static const char *machine(const struct pipeline *p)
{
	const struct companion_item *uname = companion_find(p->companion, "uname");
	const char *last = uname ? strrchr(uname->text, ' ') : NULL;

	return last ? last + 1 : NULL;
}

/* An address of init text, as sysfs shows it. */
static int init_text(struct pipeline *p, const char *text, size_t len)
{
	struct span rest = span_of(text, len), word;
	uint64_t addr;

	if (!span_word(&rest, &word) || !span_address(word, &addr) || !addr)
		return 0;
	return modmap_init_text(p->modmap, addr);
}

/* What a module's file has in init text. 0 or -ENOMEM. */
static int init_symbols(struct pipeline *p, const char *text, size_t len, bool first)
{
	struct ksyms *ks = ksyms_parse(text, len);

	if (!ks || keep_table(p, ks))
		return -ENOMEM;
	if (ksyms_modules(ks) != 2)	/* the kernel, and it */
		return 0;
	return modmap_init_symbols(p->modmap, ksyms_module_name(ks, 1), ks, first);
}

int pipeline_read_init(struct pipeline *p, struct error *err)
{
	const char *name;
	size_t at = 0;
	int ret = 0;

	while (p->files && !ret && (name = modmap_init_lacking(p->modmap, &at))) {
		struct elffile *ef = symfiles_open(p->files, name, false);
		size_t len;
		char *text = ef ? inittext_read(ef, name, &len) : NULL;

		if (text)
			ret = init_symbols(p, text, len, inittext_is_first(elffile_machine(ef)));
		free(text);
		elffile_close(ef);
	}
	return ret ? error_set(err, ret, "out of memory") : 0;
}

int pipeline_item(struct pipeline *p, const char *name, uint64_t ts,
		  const char *text, size_t len)
{
	bool start = !strcmp(name, "symbols@start");
	struct ksyms *ks;

	if (!strncmp(name, "modules@", 8))
		return modmap_sizes(p->modmap, text, len);
	if (!strcmp(name, COMPANION_IMPORTS))
		return imports_add(p->imports, text, len);
	if (source_is_live(p->src) && !strcmp(name, "probes"))
		return companion_set(p->companion, name, text, len);
	if (!source_is_live(p->src) && !strcmp(name, COMPANION_INIT_TEXT))
		return init_text(p, text, len);
	if (!strcmp(name, COMPANION_INIT_SYMBOLS))
		return init_symbols(p, text, len, inittext_is_first(machine(p)));
	if (!start && strcmp(name, "symbols@load"))
		return 0;
	ks = ksyms_parse(text, len);
	if (!ks || keep_table(p, ks))
		return -ENOMEM;
	return ksyms_hidden(ks) ? 0 : modmap_snapshot(p->modmap, ks, start ? 0 : ts);
}

/*
 * What modmem's recorder saw of modules: their symbols at the start and at
 * each load, so that one that is gone at the end keeps its name and symbols.
 */
int pipeline_read_companion(struct pipeline *p, struct error *err)
{
	size_t n = companion_count(p->companion), i;

	for (i = 0; i < n; i++) {
		const struct companion_item *it = companion_at(p->companion, i);

		if (pipeline_item(p, it->name, it->ts, it->text, it->len))
			return error_set(err, -ENOMEM, "out of memory");
	}
	return 0;
}
