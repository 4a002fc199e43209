// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * recordparts.c - see recordparts.h
 */
#include "recordparts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "error.h"
#include "record/head.h"
#include "record_snap.h"
#include "tracefile.h"

static char dir[64], tracing[128], instance[192], output[128];
static struct error err;

static void must(int fine)
{
	if (fine)
		return;
	perror("recordparts");
	abort();
}

static void write_text(const char *name, const char *text)
{
	char path[256];
	FILE *out;

	snprintf(path, sizeof(path), "%s/%s", tracing, name);
	for (char *at = path + strlen(dir) + 1; (at = strchr(at, '/')); at++) {
		*at = '\0';
		mkdir(path, 0755);
		*at = '/';
	}
	out = fopen(path, "w");
	must(out != NULL);
	fputs(text, out);
	fclose(out);
}

#define HEADER_PAGE(size)						\
	"\tfield: u64 timestamp;\toffset:0;\tsize:8;\tsigned:0;\n"	\
	"\tfield: local_t commit;\toffset:8;\tsize:8;\tsigned:1;\n"	\
	"\tfield: int overwrite;\toffset:8;\tsize:1;\tsigned:1;\n"	\
	"\tfield: char data;\toffset:16;\tsize:" size ";\tsigned:0;\n"

void recordparts_setup(void)
{
	snprintf(dir, sizeof(dir), "/tmp/modmem-parts.XXXXXX");
	must(mkdtemp(dir) != NULL);
	snprintf(tracing, sizeof(tracing), "%s/tracing", dir);
	snprintf(instance, sizeof(instance), "%s/instances/modmem-1-1", tracing);
	snprintf(output, sizeof(output), "%s/trace.dat", dir);
	write_text("instances/modmem-1-1/events/header_page", HEADER_PAGE("4080"));
	/* somebody has made the pages of the top-level buffer larger */
	write_text("events/header_page", HEADER_PAGE("65520"));
	write_text("events/header_event", "# compressed entry header\n");
	write_text("events/ftrace/kernel_stack/format", "name: kernel_stack\n");
	write_text("events/ftrace/enable", "0\n");
	write_text("events/kmem/kmalloc/format", "name: kmalloc\n");
	write_text("events/kmem/kfree/format", "name: kfree\n");
	write_text("events/percpu/percpu_free_percpu/format", "name: pfree\n");
}

void recordparts_teardown(void)
{
	char command[128];

	snprintf(command, sizeof(command), "rm -rf '%s'", dir);
	must(!system(command));
}

const char *recordparts_dir(void)
{
	return dir;
}

const char *recordparts_output(void)
{
	return output;
}

static const char *const names[] = {
	"kmem/kmalloc", "percpu/percpu_free_percpu", "kmem/kfree", NULL
};

/* A page of the machine's size with one record, all bytes @fill. */
static void put_page(struct out *out, uint64_t ts, uint8_t fill)
{
	size_t start = out->len;
	long page = sysconf(_SC_PAGESIZE);

	page_begin(out, ts);
	page_record(out, 0, 2, fill);
	set_number(out, start + 8, out->len - start - 16, 8);
	while (out->len < start + (size_t)page)
		put_number(out, 0, 1);
}

void recordparts_fill(struct parts *pa, const char *owner)
{
	struct out cpu0 = { .long_size = 8 }, cpu2 = { .long_size = 8 };
	struct snaps *sn;
	char info[128];
	char *large;

	must(!parts_create(pa, output, owner, &err));
	must(!parts_head(pa, tracing, instance, names, &err));
	snprintf(info, sizeof(info), "owner=%s\nclock=mono\nuname=Linux box 1.2.3 x86_64\n",
		 owner);
	parts_write(pa, "info", info, strlen(info), NULL);
	parts_write(pa, "kallsyms", "ffffffff81000000 T _text\n", 25, NULL);
	parts_write(pa, "printk", "", 0, NULL);
	parts_write(pa, "cmdlines", "12 insmod\n", 10, NULL);
	parts_write(pa, "stats0", "entries: 0\noverrun: 5\n", 22, NULL);
	put_page(&cpu0, 1000, 0x11);
	put_page(&cpu0, 3000, 0x22);
	put_page(&cpu2, 2000, 0x33);
	parts_write(pa, "cpu0", cpu0.data, cpu0.len, NULL);
	parts_write(pa, "cpu1", "", 0, NULL);
	/* cut off in the middle of its second page */
	put_page(&cpu2, 9000, 0x44);
	parts_write(pa, "cpu2", cpu2.data, cpu2.len - 100, NULL);
	out_free(&cpu0);
	out_free(&cpu2);

	sn = snaps_new(parts_file(pa, "companion", NULL));
	must(sn != NULL);
	snaps_printf(sn, "uname", 0, "%s", "Linux");
	large = malloc(100000);
	memset(large, 'x', 100000);
	snaps_add(sn, "large", 77, large, 100000);
	free(large);
	must(!snaps_free(sn));
}
