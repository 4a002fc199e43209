// SPDX-License-Identifier: GPL-2.0-or-later
#include "modimports.h"

#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "elf/filetree.h"
#include "elffile.h"
#include "elfsyms.h"
#include "inittext.h"
#include "memstream.h"
#include "modname.h"

#define THREADS_MAX	8u
#define COMMAND_FILES	32u
#define SYMBOL_MAX	512u	/* KSYM_NAME_LEN since 6.1 */

/* Threads that unpack; each takes the next module. */
struct work {
	struct filetree *tree;
	char release[sizeof(((struct utsname *)0)->release)];
	struct loaded_module *modules;
	char **lines;		/* of each; NULL: no memory */
	size_t n;
	atomic_size_t next;
};

/* Is it a file called as modules' are? A folder would be searched. */
static bool is_module_file(const char *word)
{
	const char *base = strrchr(word, '/');
	struct stat st;

	return modname_of_file(base ? base + 1 : word) && !stat(word, &st) &&
	       S_ISREG(st.st_mode);
}

/* What is called as modules' files are; NULL: no memory. */
static struct filetree *find_files(const char *release, char *const *command)
{
	const char *places[1 + COMMAND_FILES];
	char dir[PATH_MAX];
	size_t n = 0;

	snprintf(dir, sizeof(dir), "/lib/modules/%s", release);
	places[n++] = dir;
	for (; command && *command && n <= COMMAND_FILES; command++)
		if (is_module_file(*command))
			places[n++] = *command;
	return filetree_new(places, n, 1, NULL);
}

static bool fits(const struct work *w, const struct elffile *ef,
		 const char *build_id)
{
	const char *id = elffile_build_id(ef), *magic = elffile_modinfo(ef, "vermagic");
	size_t len = strlen(w->release);

	if (!elffile_relocatable(ef))
		return false;
	if (*build_id)
		return id && !strcmp(id, build_id);
	return magic && !strncmp(magic, w->release, len) && magic[len] == ' ';
}

static void write_symbol(void *arg, const char *name)
{
	for (size_t i = 0; name[i]; i++)
		if (i == SYMBOL_MAX || !isgraph((unsigned char)name[i]))
			return;
	fprintf(arg, " %s", name);
}

/* The file to believe, NULL: none. */
static struct elffile *open_file(const struct work *w, const struct loaded_module *lm)
{
	struct elffile *found = NULL;
	size_t n;
	const struct tree_file *files = filetree_find(w->tree, lm->name, &n);

	for (size_t i = 0; files && i < n; i++) {
		struct elffile *ef = elffile_open(files[i].path, NULL);

		if (!ef || !fits(w, ef, lm->build_id)) {
			elffile_close(ef);
			continue;
		}
		if (found) {
			/* which of them it is, nothing says */
			elffile_close(found);
			elffile_close(ef);
			return NULL;
		}
		found = ef;
		if (*lm->build_id)
			break;
	}
	return found;
}

/* "MODULE\tSYMBOL SYMBOL ..."; NULL: no memory. */
static char *imports_line(const struct work *w, struct loaded_module *lm)
{
	struct elffile *ef = open_file(w, lm);
	char *symbols = NULL, *line = NULL;
	size_t len = 0;
	FILE *list = ef ? open_memstream(&symbols, &len) : NULL;
	bool known = list && !elfsyms_undefined(ef, write_symbol, list, NULL);

	if (list && memstream_close(list, &symbols))
		known = false;
	if (ef && lm->init)
		lm->init_symbols = inittext_read(ef, lm->name, &len);
	if (asprintf(&line, "%s\t%s\n", lm->name, known ? symbols : "?") < 0)
		line = NULL;
	free(symbols);
	elffile_close(ef);
	return line;
}

static void *run(void *arg)
{
	struct work *w = arg;
	size_t i;

	while ((i = w->next++) < w->n)
		w->lines[i] = imports_line(w, &w->modules[i]);
	return NULL;
}

/* In as many threads as there are CPUs: to unpack one takes 5 ms, of xz. */
static void run_all(struct work *w)
{
	long cpus = sysconf(_SC_NPROCESSORS_ONLN);
	pthread_t threads[THREADS_MAX];
	size_t n = 0;

	while (n < THREADS_MAX && (long)n + 1 < cpus && n + 1 < w->n &&
	       !pthread_create(&threads[n], NULL, run, w))
		n++;
	run(w);
	while (n)
		pthread_join(threads[--n], NULL);
}

int module_files_imports(struct loaded_module *modules, size_t n,
			 char *const *command, char **text, size_t *len)
{
	struct work w = {
		.modules = modules, .n = n, .lines = calloc(n + 1, sizeof(*w.lines)),
	};
	FILE *out = open_memstream(text, len);
	struct utsname uts;
	int ret = 0;

	if (!uname(&uts))
		memcpy(w.release, uts.release, sizeof(w.release));
	w.tree = find_files(w.release, command);
	if (!out || !w.lines || !w.tree)
		ret = -ENOMEM;
	else
		run_all(&w);
	for (size_t i = 0; w.lines && i < n; i++) {
		if (out && w.lines[i])
			fputs(w.lines[i], out);
		else
			ret = -ENOMEM;
		free(w.lines[i]);
	}
	if (out && memstream_close(out, text))
		ret = -ENOMEM;
	if (!out)
		*text = NULL;
	filetree_free(w.tree);
	free(w.lines);
	return ret;
}
