// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * remake.c - see remake.h
 */
#include "remake.h"

#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "error.h"
#include "record_files.h"
#include "parts.h"
#include "record_snap.h"
#include "source.h"

#define TABLE "flyrecord"	/* with its NUL byte: then u64 offset, u64 size */

static struct error err;

static void must(int fine, const char *what)
{
	if (fine)
		return;
	fprintf(stderr, "remake: %s: %s\n", what, err.text);
	abort();
}

static void put(const struct parts *pa, const char *name, const void *data, size_t len)
{
	must(!parts_write(pa, name, data, len, &err), name);
}

static void put_pages(const struct parts *pa, const struct source *src,
		      const char *file, size_t len)
{
	const char *at = memmem(file, len, TABLE, sizeof(TABLE));

	must(at != NULL, TABLE);
	at += sizeof(TABLE);
	for (size_t cpu = 0; cpu < source_streams(src); cpu++, at += 16) {
		uint64_t offset, size;
		char name[32];

		memcpy(&offset, at, 8);
		memcpy(&size, at + 8, 8);
		must(offset <= len && size <= len - offset, "pages");
		snprintf(name, sizeof(name), "cpu%zu", cpu);
		put(pa, name, file + offset, size);
	}
}

/* The lines of modules, which modmem's recorder keeps apart. */
static void put_section(const struct parts *pa, const struct source_info *info)
{
	struct snaps *sn = snaps_new(parts_file(pa, "companion", &err));
	char *modules = calloc(1, info->kallsyms_len + 1), *end = modules;
	const char *line = info->kallsyms, *stop = line + info->kallsyms_len;

	must(sn && modules, "companion");
	while (line < stop) {
		const char *next = memchr(line, '\n', (size_t)(stop - line));
		size_t len = (size_t)((next ? next + 1 : stop) - line);

		if (memchr(line, '[', len)) {
			memcpy(end, line, len);
			end += len;
		}
		line += len;
	}
	snaps_printf(sn, "uname", 0, "%s", info->uname);
	snaps_printf(sn, "modmem", 0, "%s", MODMEM_VERSION);
	snaps_add(sn, "symbols@start", 0, modules, (size_t)(end - modules));
	free(modules);
	must(!snaps_free(sn), "companion");
}

void remake(const char *from, const char *to)
{
	struct source *src = source_open(from, &err);
	const struct source_info *info;
	const char *symbols;
	char text[600], *file;
	struct parts pa = { 0 };
	size_t len;

	must(src != NULL, from);
	info = source_info(src);
	must(info->version == 6 && info->n_buffers == 1 && info->kallsyms &&
	     info->uname && info->buffers[0].clock, from);
	file = file_read(from, &len);
	must(file != NULL, from);
	symbols = memmem(file, len, info->kallsyms, info->kallsyms_len);
	must(symbols != NULL, "kallsyms");

	must(!parts_create(&pa, to, "modmem_1_1", &err), to);
	put(&pa, "head", file, (size_t)(symbols - file) - 4);
	put(&pa, "kallsyms", info->kallsyms, info->kallsyms_len);
	put(&pa, "printk", "", 0);
	put(&pa, "cmdlines", info->cmdlines, info->cmdlines_len);
	snprintf(text, sizeof(text), "owner=modmem_1_1\nclock=%s\nuname=%s\n",
		 info->buffers[0].clock, info->uname);
	put(&pa, "info", text, strlen(text));
	put_pages(&pa, src, file, len);
	put_section(&pa, info);
	must(!parts_assemble(&pa, NULL, &err), to);
	parts_remove(&pa, NULL);
	free(file);
	source_close(src);
}
