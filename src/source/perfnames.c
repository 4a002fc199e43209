// SPDX-License-Identifier: GPL-2.0-or-later
#include "perfnames.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "buildid.h"
#include "bytes.h"
#include "companion.h"
#include "kallsyms.h"
#include "memstream.h"
#include "perffile.h"
#include "procmem.h"
#include "readfile.h"
#include "strings_table.h"

#define PID_MAX		(4u << 20)	/* PID_MAX_LIMIT, include/linux/threads.h */
#define NAME_BYTES	64u		/* MODULE_NAME_LEN; a BPF program's is shorter */
#define MODULES_MAX	65536u
#define CPUMODE_MASK	7u
#define CPUMODE_KERNEL	1u
#define MISC_MMAP_BUILD_ID	(1u << 14)	/* PERF_RECORD_MISC_ ... */
#define MISC_BUILD_ID_SIZE	(1u << 15)
#define BUILD_ID_BYTES	20u
#define KSYMBOL_GONE	1u		/* PERF_RECORD_KSYMBOL_FLAGS_UNREGISTER */

struct perf_module {
	char name[NAME_BYTES];
	uint64_t start, size;
};

int perfnames_init(struct perfnames *pn)
{
	memset(pn, 0, sizeof(*pn));
	pn->strings = strings_new();
	pn->comms = calloc(PID_MAX + 1, sizeof(*pn->comms));
	return pn->strings && pn->comms ? 0 : -ENOMEM;
}

void perfnames_release(struct perfnames *pn)
{
	strings_free(pn->strings);
	free(pn->comms);
	free(pn->modules.items);
	free(pn->programs.items);
	free(pn->build_ids.items);
	memset(pn, 0, sizeof(*pn));
}

/* ---- what records say ------------------------------------------------------------ */

/* A name with its 0 at @at of the record, at most @max bytes; false: it has none. */
static bool string_at(const struct perf_record *rec, size_t at, char *to, size_t max)
{
	const uint8_t *end = at < rec->size ? memchr(rec->data + at, 0, rec->size - at) : NULL;
	size_t len = end ? (size_t)(end - rec->data) - at : 0;

	if (!len || len >= max)
		return false;
	memcpy(to, rec->data + at, len + 1);
	for (char *p = to; *p; p++)
		if (*p == '\n')
			*p = '?';
	return true;
}

/* u32 pid, u32 tid, the name */
static int take_comm(struct perfnames *pn, const struct perf_record *rec, bool big)
{
	char comm[NAME_BYTES];
	uint32_t tid, id;

	if (!string_at(rec, 8, comm, sizeof(comm)))
		return 0;
	tid = load32(rec->data + 4, big);
	if (tid > PID_MAX)
		return 0;
	id = strings_add(pn->strings, comm, strlen(comm));
	if (id == UINT32_MAX)
		return -ENOMEM;
	pn->comms[tid] = id;
	if (tid > pn->last_pid)
		pn->last_pid = tid;
	return 0;
}

/* u32 pid, parent, tid, parent's tid: a thread has its maker's name at first */
static void take_fork(struct perfnames *pn, const struct perf_record *rec, bool big)
{
	uint32_t tid, from;

	if (rec->size < 16)
		return;
	tid = load32(rec->data + 8, big);
	from = load32(rec->data + 12, big);
	if (tid > PID_MAX || from > PID_MAX || tid == from || !pn->comms[from])
		return;
	pn->comms[tid] = pn->comms[from];
	if (tid > pn->last_pid)
		pn->last_pid = tid;
}

/*
 * "/lib/modules/.../foo-bar.ko.xz", or "[foo_bar]" where there is no such file
 * (tools/perf/util/machine.c, machine__create_modules()). False: no module's.
 */
static bool module_name(const char *path, char *name, size_t max)
{
	const char *base = strrchr(path, '/'), *end;
	size_t len;

	if (*path == '[') {
		base = path + 1;
		end = strchr(path, ']');
		if (!end || end[1])
			return false;
	} else {
		base = base ? base + 1 : path;
		end = strstr(base, ".ko");
		if (!end || (end[3] && end[3] != '.'))
			return false;
	}
	len = (size_t)(end - base);
	if (!len || len >= max)
		return false;
	memcpy(name, base, len);
	name[len] = '\0';
	for (char *p = name; *p; p++) {
		if (*p == '-')	/* as the kernel has it */
			*p = '_';
		else if (*p <= ' ')
			return false;
	}
	return true;
}

static int add_module(struct vec *to, const char *name, uint64_t start, uint64_t size)
{
	struct perf_module *m;

	if (to->n >= MODULES_MAX)
		return 0;
	m = vec_add(to, sizeof(*m));
	if (!m)
		return -ENOMEM;
	snprintf(m->name, sizeof(m->name), "%s", name);
	m->start = start;
	m->size = size;
	return 0;
}

/* Of the file at @path, as perf has it; of others than modules and the kernel none. */
static int add_build_id(struct perfnames *pn, const char *path, const uint8_t *id,
			size_t bytes)
{
	static const char kernel[] = "[kernel.", vmlinux[] = "vmlinux";
	const char *base = strrchr(path, '/');
	struct source_build_id *to;
	char name[NAME_BYTES];

	base = base ? base + 1 : path;
	if (!strncmp(path, kernel, sizeof(kernel) - 1) ||
	    !strncmp(base, vmlinux, sizeof(vmlinux) - 1))
		strcpy(name, COMPANION_VMLINUX);
	else if (!module_name(path, name, sizeof(name)))
		return 0;
	if (!bytes || bytes > BUILD_ID_BYTES || pn->build_ids.n >= MODULES_MAX)
		return 0;
	to = vec_add(&pn->build_ids, sizeof(*to));
	if (!to)
		return -ENOMEM;
	strcpy(to->module, name);
	buildid_hex(to->text, id, bytes);
	return 0;
}

/*
 * u32 pid, 20 bytes of id, u8 how many these are, 3 bytes, the path. Before Linux 5.12
 * nothing said how many, and what is not there is 0 (tools/perf/util/header.c,
 * __event_process_build_id()).
 */
static int take_build_id(struct perfnames *pn, const struct perf_record *rec)
{
	char path[4096];
	size_t bytes = BUILD_ID_BYTES;

	if ((rec->misc & CPUMODE_MASK) != CPUMODE_KERNEL ||
	    !string_at(rec, 28, path, sizeof(path)))
		return 0;
	if (rec->misc & MISC_BUILD_ID_SIZE)
		bytes = rec->data[24];
	else if (!memcmp(rec->data + 20, "\0\0\0", 4))
		bytes = 16;	/* md5 */
	return add_build_id(pn, path, rec->data + 4, bytes);
}

/*
 * u32 pid, tid, u64 address, size, offset, [24 bytes and u32 protection, flags,] the
 * path. Of the kernel itself the offset is the address of a symbol, whose name stands
 * behind "[kernel.kallsyms]".
 */
static int take_mapping(struct perfnames *pn, const struct perf_record *rec, bool big)
{
	static const char kernel[] = "[kernel.kallsyms]";
	char path[4096], name[NAME_BYTES];

	if ((rec->misc & CPUMODE_MASK) != CPUMODE_KERNEL ||
	    !string_at(rec, rec->type == PERF_MMAP2 ? 64 : 32, path, sizeof(path)))
		return 0;
	/* u8 how many bytes, 3 bytes, the id, in place of device and inode */
	if (rec->type == PERF_MMAP2 && rec->misc & MISC_MMAP_BUILD_ID &&
	    add_build_id(pn, path, rec->data + 36, rec->data[32]))
		return -ENOMEM;
	if (!strncmp(path, kernel, sizeof(kernel) - 1)) {
		const char *symbol = path + sizeof(kernel) - 1;

		pn->core_start = load64(rec->data + 8, big);
		pn->core_end = pn->core_start + load64(rec->data + 16, big);
		if (*symbol && strlen(symbol) < sizeof(pn->reference)) {
			strcpy(pn->reference, symbol);
			pn->reference_at = load64(rec->data + 24, big);
		}
		return 0;
	}
	if (!module_name(path, name, sizeof(name)))
		return 0;
	return add_module(&pn->modules, name, load64(rec->data + 8, big),
			  load64(rec->data + 16, big));
}

/* u64 address, u32 size, u16 type, u16 flags, the name */
static int take_ksymbol(struct perfnames *pn, const struct perf_record *rec, bool big)
{
	char name[NAME_BYTES];

	if (!string_at(rec, 16, name, sizeof(name)) || strpbrk(name, " \t") ||
	    load16(rec->data + 14, big) & KSYMBOL_GONE)
		return 0;
	return add_module(&pn->programs, name, load64(rec->data, big),
			  load32(rec->data + 8, big));
}

int perfnames_take(struct perfnames *pn, const struct perffile *pf,
		   const struct perf_record *rec)
{
	switch (rec->type) {
	case PERF_COMM:
		return take_comm(pn, rec, pf->big_endian);
	case PERF_FORK:
		take_fork(pn, rec, pf->big_endian);
		return 0;
	case PERF_MMAP:
	case PERF_MMAP2:
		return take_mapping(pn, rec, pf->big_endian);
	case PERF_HEADER_BUILD_ID:
		return take_build_id(pn, rec);
	case PERF_KSYMBOL:
		return take_ksymbol(pn, rec, pf->big_endian);
	}
	return 0;
}

/* ---- build ids ----------------------------------------------------------------------- */

/* Records, each with its head. */
static int take_build_ids(struct perfnames *pn, const struct perf_part *part, bool big)
{
	size_t at = 0;
	int ret = 0;

	while (!ret && part->size - at >= 8) {
		const uint8_t *p = part->data + at;
		uint16_t size = load16(p + 6, big);
		struct perf_record rec = {
			.misc = load16(p + 4, big), .data = p + 8, .size = size - 8u,
		};

		if (size < 8 || size > part->size - at)
			break;
		ret = take_build_id(pn, &rec);
		at += size;
	}
	return ret;
}

int perfnames_build_ids(struct perfnames *pn, const struct perffile *pf,
			struct source_build_id **ids, size_t *n)
{
	int ret = take_build_ids(pn, &pf->features[PERF_BUILD_ID], pf->big_endian);

	*ids = pn->build_ids.items;
	*n = pn->build_ids.n;
	pn->build_ids = (struct vec){ 0 };
	return ret;
}

/* ---- texts ------------------------------------------------------------------------- */

char *perfnames_comms(const struct perfnames *pn, size_t *len)
{
	char *text = NULL;
	FILE *out = open_memstream(&text, len);

	if (!out)
		return NULL;
	for (uint32_t pid = 0; pid <= pn->last_pid; pid++)
		if (pn->comms[pid])
			fprintf(out, "%u %s\n", pid, strings_get(pn->strings, pn->comms[pid]));
	memstream_close(out, &text);
	return text;
}

static int by_start(const void *a, const void *b)
{
	const struct perf_module *x = a, *y = b;

	return (x->start > y->start) - (x->start < y->start);
}

char *perfnames_modules(struct perfnames *pn, size_t *len)
{
	const struct perf_module *m = pn->modules.items;
	char *text = NULL;
	FILE *out = open_memstream(&text, len);

	if (!out)
		return NULL;
	if (pn->modules.n)
		qsort(pn->modules.items, pn->modules.n, sizeof(*m), by_start);
	for (size_t i = 0; i < pn->modules.n; i++)
		fprintf(out, "%s %" PRIu64 " 0 - Live 0x%" PRIx64 "\n", m[i].name, m[i].size,
			m[i].start);
	memstream_close(out, &text);
	return text;
}

/* ---- the running kernel -------------------------------------------------------------- */

/* The module that lay at @addr when perf began; NULL: none. They are sorted. */
static const struct perf_module *module_at(const struct perfnames *pn, uint64_t addr)
{
	const struct perf_module *m = pn->modules.items;
	size_t low = 0, high = pn->modules.n;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (m[mid].start <= addr)
			low = mid + 1;
		else
			high = mid;
	}
	return low && addr - m[low - 1].start < m[low - 1].size ? &m[low - 1] : NULL;
}

/* Modules are where they were, as far as they are there: none came back elsewhere. */
static bool same_modules(const struct perfnames *pn, const char *path)
{
	const struct perf_module *m = pn->modules.items;
	size_t len = 0;
	char *text = readfile(path, READFILE_MAX, "copy of /proc/modules", &len, NULL);
	const char *at = text;
	bool same = text || !pn->modules.n;
	struct proc_module there;

	while (at && same && proc_module_next(&at, text + len, &there))
		for (size_t i = 0; i < pn->modules.n; i++)
			if (!strcmp(m[i].name, there.name))
				same &= there.base == m[i].start;
	free(text);
	return same;
}

/*
 * Copies the symbols of /proc/kallsyms if the kernel is where it was, which it is at
 * each boot's own random place. Symbols of a module that has come to where another
 * one had been are left out.
 */
static bool copy_symbols(const struct perfnames *pn, FILE *in, FILE *out, bool checked)
{
	bool found = !checked;
	char *line = NULL;
	size_t room = 0;
	ssize_t len;

	while ((len = getline(&line, &room, in)) > 0) {
		struct span text = span_of(line, (size_t)len), first;
		const struct perf_module *there;
		struct kallsyms_line k;

		if (!span_line(&text, &first) || !kallsyms_line(first, &k))
			continue;
		if (!found && k.addr && k.addr == pn->reference_at && !k.tag.at)
			found = span_is(k.name, pn->reference);
		there = checked && k.tag.at ? module_at(pn, k.addr) : NULL;
		if (!there || span_is(k.tag, there->name))
			fputs(line, out);
	}
	free(line);
	return found;
}

static bool same_release(const char *proc, const char *release)
{
	char path[512], line[256] = "";
	FILE *in;

	snprintf(path, sizeof(path), "%s/sys/kernel/osrelease", proc);
	in = fopen(path, "re");
	if (!in)
		return false;
	if (!fgets(line, sizeof(line), in))
		line[0] = '\0';
	fclose(in);
	line[strcspn(line, "\n")] = '\0';
	return release && !strcmp(line, release);
}

/* 1: taken, 0: it is not the one, -ENOMEM. */
static int read_symbols(const struct perfnames *pn, FILE *in, bool checked,
			char **text, size_t *len)
{
	FILE *out = in ? open_memstream(text, len) : NULL;
	bool found = out && copy_symbols(pn, in, out, checked);

	if (in)
		fclose(in);
	if (in && (!out || memstream_close(out, text)))
		return -ENOMEM;
	if (found && *len)
		return 1;
	free(*text);
	*text = NULL;
	return 0;
}

static int of_running(const struct perfnames *pn, const char *proc, const char *release,
		      char **text, size_t *len)
{
	char path[512];

	snprintf(path, sizeof(path), "%s/modules", proc);
	if (!pn->reference_at || !same_release(proc, release) || !same_modules(pn, path))
		return 0;
	snprintf(path, sizeof(path), "%s/kallsyms", proc);
	return read_symbols(pn, fopen(path, "re"), true, text, len);
}

static int of_folder(const struct perfnames *pn, int dir, char **text, size_t *len)
{
	int fd = dir < 0 ? -1 : openat(dir, "kcore_dir/kallsyms", O_RDONLY | O_CLOEXEC);
	FILE *in = fd < 0 ? NULL : fdopen(fd, "r");

	if (fd >= 0 && !in)
		close(fd);
	return read_symbols(pn, in, false, text, len);
}

int perfnames_kallsyms(struct perfnames *pn, const char *recorded, size_t recorded_len,
		       int dir, const char *proc, const char *release,
		       char **text, size_t *len, bool *running)
{
	const struct perf_module *m = pn->programs.items;
	char *base = NULL;
	size_t base_len = 0;
	FILE *out;
	int ret = 0;

	*text = NULL;
	*len = 0;
	*running = false;
	if (!recorded) {
		ret = of_folder(pn, dir, &base, &base_len);
		if (!ret && proc) {
			ret = of_running(pn, proc, release, &base, &base_len);
			*running = ret > 0;
		}
		if (ret <= 0)
			return ret;
		recorded = base;
		recorded_len = base_len;
	}
	out = open_memstream(text, len);
	if (!out) {
		free(base);
		return -ENOMEM;
	}
	fwrite(recorded, 1, recorded_len, out);
	if (recorded_len && recorded[recorded_len - 1] != '\n')
		putc('\n', out);
	for (size_t i = 0; i < pn->programs.n; i++)
		fprintf(out, "%016" PRIx64 " t %s\t[bpf]\n", m[i].start, m[i].name);
	free(base);
	return memstream_close(out, text);
}
