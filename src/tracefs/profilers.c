// SPDX-License-Identifier: GPL-2.0-or-later
#include "profilers.h"

#include <dirent.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "memstream.h"
#include "record_files.h"

#define NAMED_MAX 16u		/* caches, others are counted */

/* The file below @root starts with @digit. */
static bool says(const char *root, const char *file, char digit)
{
	char path[PATH_MAX], *text;
	bool yes;

	if ((size_t)snprintf(path, sizeof(path), "%s%s", root, file) >= sizeof(path))
		return false;
	text = file_read(path, NULL);
	yes = text && *text == digit;
	free(text);
	return yes;
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

/* Links stand for caches that others were merged with: those that were merged. */
static int is_cache(const struct dirent *entry)
{
	return entry->d_name[0] != '.' && entry->d_type != DT_LNK;
}

static void write_traced(FILE *out, const char *root)
{
	char dir[PATH_MAX], file[PATH_MAX];
	struct dirent **entries;
	size_t n = 0;
	int found;

	snprintf(dir, sizeof(dir), "%s/sys/kernel/slab", root);
	found = scandir(dir, &entries, is_cache, by_name);
	for (int i = 0; i < found; i++) {
		snprintf(file, sizeof(file), "/sys/kernel/slab/%s/store_user",
			 entries[i]->d_name);
		if (says(root, file, '1')) {
			if (n < NAMED_MAX)
				fprintf(out, "%s%s", n ? "," : "slab_traces ",
					entries[i]->d_name);
			n++;
		}
		free(entries[i]);
	}
	if (found >= 0)
		free(entries);
	if (n > NAMED_MAX)
		fprintf(out, " and %zu more", n - NAMED_MAX);
	if (n)
		fputc('\n', out);
}

char *profilers_found(const char *root)
{
	char path[PATH_MAX], *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	if (!out)
		return NULL;
	snprintf(path, sizeof(path), "%s/sys/kernel/debug/page_owner", root);
	if (!access(path, R_OK))
		fputs("page_owner\n", out);
	write_traced(out, root);
	snprintf(path, sizeof(path), "%s/proc/allocinfo", root);
	if (!access(path, F_OK) && says(root, "/proc/sys/vm/mem_profiling", '0'))
		fputs("allocinfo off\n", out);
	memstream_close(out, &text);
	return text;
}
