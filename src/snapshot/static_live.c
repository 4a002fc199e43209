// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * live.c - the modules of a running system, or of one below another root
 */
#include "static_list.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "arena.h"
#include "error.h"
#include "procmem.h"
#include "readfile.h"
#include "record_files.h"
#include "units.h"

#define PATH_SIZE 4096u

/* A line of text without its end; NULL: cannot be read. */
static char *read_line(const char *root, const char *path)
{
	char full[PATH_SIZE], *text;

	snprintf(full, sizeof(full), "%s%s", root, path);
	text = file_read(full, NULL);
	if (text)
		text[strcspn(text, "\n")] = '\0';
	return text;
}

static int64_t read_number(const char *root, const char *module, const char *file)
{
	char path[PATH_SIZE], *text;
	uint64_t value;

	snprintf(path, sizeof(path), "/sys/module/%s/%s", module, file);
	text = read_line(root, path);
	if (!text)
		return -1;
	if (number_parse(text, &value) || value >= PROC_NUMBER_MAX)
		value = UINT64_MAX;
	free(text);
	return (int64_t)value;
}

/* "0-3,8": the number of CPUs that there can be, 0: not told. */
static uint32_t count_cpus(const char *root)
{
	char *text = read_line(root, "/sys/devices/system/cpu/possible"), *at = text;
	unsigned long cpus = 0;

	while (at && *at >= '0' && *at <= '9') {
		unsigned long first = strtoul(at, &at, 10), last = first;

		if (*at == '-')
			last = strtoul(at + 1, &at, 10);
		if (last < first || last > 1u << 20)
			break;
		cpus += last - first + 1;
		if (*at == ',')
			at++;
	}
	free(text);
	return cpus < UINT32_MAX ? (uint32_t)cpus : 0;
}

/* Names of sections, one a line, as they are there for root alone. */
static char *section_names(const char *root, const char *module, size_t *len)
{
	char path[PATH_SIZE];

	snprintf(path, sizeof(path), "%s/sys/module/%s/sections", root, module);
	return readfile_names(path, len);
}

static int add_module(struct static_list *list, const char *root,
		      const struct proc_module *pm)
{
	const char *name = pm->name;
	struct static_row *row;
	size_t len = 0;
	char *names;

	if (strchr(name, '/'))
		return 0;
	row = static_list_row(list, name);
	if (!row)
		return -ENOMEM;
	modstatic_lsmod(&row->ms, pm->size, list->page_size, list->kernel);
	row->core_bytes = read_number(root, name, "coresize");
	row->init_bytes = read_number(root, name, "initsize");
	modstatic_core(&row->ms, row->core_bytes, row->init_bytes, list->page_size,
		       list->kernel);
	names = section_names(root, name, &len);
	if (names)
		modstatic_sections(&row->ms, names, len, list->page_size, list->kernel);
	free(names);
	if (list->shared_text)
		modstatic_share_text(&row->ms, list->page_size);
	return 0;
}

/*
 * Files of the modules on the list, from modules.dep: "kernel/fs/x.ko.xz: ...".
 * One that cannot be read is no error: less is known then.
 */
static void add_files(struct static_list *list, const char *root)
{
	char path[PATH_SIZE], *text, *line, *save = NULL;
	size_t len;

	if (!list->kernel || list->kernel[0] == '.' || strchr(list->kernel, '/'))
		return;
	snprintf(path, sizeof(path), "%s/lib/modules/%s/modules.dep", root, list->kernel);
	text = readfile(path, READFILE_MAX, "list of modules", &len, NULL);
	for (line = text ? strtok_r(text, "\n", &save) : NULL; line;
	     line = strtok_r(NULL, "\n", &save)) {
		char name[256];
		const char *base;

		line[strcspn(line, ":")] = '\0';
		base = strrchr(line, '/');
		base = base ? base + 1 : line;
		len = strcspn(base, ".");
		if (!len || len >= sizeof(name) || strstr(line, ".."))
			continue;
		memcpy(name, base, len);
		name[len] = '\0';
		if (!static_list_has(list, name))
			continue;
		if (*line == '/')
			snprintf(path, sizeof(path), "%s%s", root, line);
		else
			snprintf(path, sizeof(path), "%s/lib/modules/%s/%s", root,
				 list->kernel, line);
		static_list_file(list, path, true, NULL);
	}
	free(text);
}

int static_list_live(struct static_list *list, const char *root, struct error *err)
{
	char path[PATH_SIZE], *text, *release;
	const char *at, *end;
	struct proc_module pm;
	size_t len;
	int ret = 0;

	release = read_line(root, "/proc/sys/kernel/osrelease");
	if (!list->kernel && release)
		list->kernel = arena_strdup(list->arena, release);
	free(release);
	if (!list->cpus)
		list->cpus = count_cpus(root);
	snprintf(path, sizeof(path), "%s/proc/vmallocinfo", root);
	text = readfile(path, READFILE_MAX, "copy of /proc/vmallocinfo", &len, NULL);
	list->shared_text = text && modstatic_text_shared(text, len, list->page_size);
	free(text);

	snprintf(path, sizeof(path), "%s/proc/modules", root);
	text = readfile(path, READFILE_MAX, "copy of /proc/modules", &len, err);
	if (!text && !access(path, R_OK))
		return -EINVAL;
	if (!text)
		return error_set(err, -ENOENT, "%.200s: cannot be read: a kernel without modules, or a system that hides them",
				 path);
	for (at = text, end = text + len; !ret && proc_module_next(&at, end, &pm);)
		ret = add_module(list, root, &pm);
	free(text);
	if (ret)
		return error_set(err, ret, "out of memory");
	add_files(list, root);
	return 0;
}
