// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * assemble.c - makes the trace.dat of the pieces of a recording
 *
 * Version 6 is what trace-cmd of all years reads. Behind the head (head.c):
 *
 *	u32 size, kallsyms; u32 size, printk formats; u64 size, "PID COMM" lines
 *	u32 CPUs
 *	"options  \0"; options: u16 id, u32 size, data; u16 0
 *	"flyrecord\0"; of each CPU: u64 offset, u64 size
 *	u64 size, "[clock]"
 *	pages of each CPU, from a multiple of the page size
 *	the section of companion.h, with checksums of all this
 *
 * All up to the pages is there before the first of them is copied: should that
 * be cut off, what is there can be read. If there is not room for all of it
 * twice, pieces are given up as they are copied.
 */
#include "parts.h"

#include <byteswap.h>
#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "companion.h"
#include "error.h"
#include "outfile.h"
#include "record_files.h"
#include "sums.h"

enum {
	OPTION_CPUSTAT = 2,
	OPTION_TRACECLOCK = 4,
	OPTION_UNAME = 5,
	OPTION_VERSION = 9,
};

#define GIVEN		"given"			/* "printk", once pieces are given up */
#define CPUS_MAX	4096u
#define STEP		(2u * 1024 * 1024)	/* copied and given up at once */
#define MARGIN		(1u * 1024 * 1024)
#define BLOCK		65536u			/* read at once for its checksum */

struct assembly {
	const struct parts *pa;
	int out;
	uint64_t at;		/* bytes written */
	uint32_t cpus;
	bool swap;		/* the recorded machine's byte order is not ours */
	uint32_t page;		/* bytes of its pages */
	uint64_t *offset, *size;	/* of each CPU's pages */
	struct sums *sums;
	uint8_t *block;		/* BLOCK bytes */
	bool give_up;		/* pieces once they are copied */
	bool gave;		/* ... and some may be gone */
	struct error *err;
};

static int failed(const struct assembly *as, int code, const char *name)
{
	return error_set(as->err, code, "%s/%s: %s%s", as->pa->dir, name,
			 strerror(-code), code == -ENOSPC ?
			 ": make room, then 'modmem record --restore' makes the file" : "");
}

static int add(struct assembly *as, const void *data, size_t len)
{
	int ret = fd_write(as->out, data, len);

	if (ret)
		return failed(as, ret, "out");
	as->at += len;
	sums_add(as->sums, data, len);
	return 0;
}

static int add_u16(struct assembly *as, uint16_t value)
{
	if (as->swap)
		value = bswap_16(value);
	return add(as, &value, sizeof(value));
}

static int add_u32(struct assembly *as, uint32_t value)
{
	if (as->swap)
		value = bswap_32(value);
	return add(as, &value, sizeof(value));
}

static int add_u64(struct assembly *as, uint64_t value)
{
	if (as->swap)
		value = bswap_64(value);
	return add(as, &value, sizeof(value));
}

/* The text of a piece, "" if there is none. */
static char *read_piece(const struct assembly *as, const char *name, size_t *len)
{
	int fd = openat(as->pa->fd, name, O_RDONLY | O_CLOEXEC);
	char *text = fd >= 0 ? fd_read(fd, len) : NULL;

	if (fd >= 0)
		close(fd);
	if (!text) {
		*len = 0;
		text = strdup("");
	}
	return text;
}

/* u32 or u64 size, text. Frees @text. */
static int add_sized(struct assembly *as, char *text, size_t len, bool wide)
{
	int ret;

	if (!text)
		return failed(as, -ENOMEM, "out");
	ret = wide ? add_u64(as, len) : add_u32(as, (uint32_t)len);
	if (!ret)
		ret = add(as, text, len);
	free(text);
	return ret;
}

/* The value of a line of "info", "" if there is none. */
static void info(const struct assembly *as, const char *key, char *value,
		 size_t size)
{
	size_t len;
	char *text = read_piece(as, "info", &len);

	parts_info(text, key, value, size);
	free(text);
}

static int add_option(struct assembly *as, uint16_t id, const char *text)
{
	size_t len = strlen(text) + 1;
	int ret = add_u16(as, id);

	if (!ret)
		ret = add_u32(as, (uint32_t)len);
	return ret ? ret : add(as, text, len);
}

static int add_stats(struct assembly *as)
{
	int ret = 0;

	for (uint32_t cpu = 0; cpu < as->cpus && !ret; cpu++) {
		char name[32], option[1024];
		size_t len;
		char *text;

		snprintf(name, sizeof(name), "stats%u", cpu);
		text = read_piece(as, name, &len);
		snprintf(option, sizeof(option), "CPU: %u\n%s", cpu,
			 text ? text : "");
		if (text && len)
			ret = add_option(as, OPTION_CPUSTAT, option);
		free(text);
	}
	return ret;
}

static int add_options(struct assembly *as, const char *clock)
{
	char uname[512], text[600];
	int ret;

	info(as, "uname", uname, sizeof(uname));
	snprintf(text, sizeof(text), "[%s]\n", clock);
	if ((ret = add(as, "options  ", 10)) ||
	    (ret = add_option(as, OPTION_TRACECLOCK, text)) ||
	    (ret = add_option(as, OPTION_UNAME, uname)) ||
	    (ret = add_option(as, OPTION_VERSION,
			      "modmem " MODMEM_VERSION " " COMPANION_SUMMED)) ||
	    (ret = add_stats(as)))
		return ret;
	return add_u16(as, 0);
}

/*
 * Takes the checksum of @len bytes of a piece: of the original, which is still
 * in memory, while a copy may share its blocks and would come from the disk.
 */
static int sum_piece(struct assembly *as, int in, const char *name,
		     uint64_t offset, uint64_t len)
{
	while (len) {
		size_t want = len < BLOCK ? (size_t)len : BLOCK;
		ssize_t n = pread(in, as->block, want, (off_t)offset);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return failed(as, n ? -errno : -ENODATA, name);
		sums_add(as->sums, as->block, (size_t)n);
		offset += (uint64_t)n;
		len -= (uint64_t)n;
	}
	return 0;
}

/*
 * Before pieces are given up: what was copied is on the disk, and so is the name
 * that says that it is all there is. One of a piece that has been copied, for there
 * may be no room for another file.
 */
static bool may_give(struct assembly *as)
{
	if (fdatasync(as->out))
		return false;
	if (as->gave)
		return true;
	as->gave = !renameat(as->pa->fd, "printk", as->pa->fd, GIVEN) &&
		   !fsync(as->pa->fd);
	return as->gave;
}

/* Copies a piece to the end; @give_up its blocks on the way. */
static int copy_piece(struct assembly *as, const char *name, uint64_t size,
		      bool give_up)
{
	int in = openat(as->pa->fd, name, O_RDWR | O_CLOEXEC);
	uint64_t done = 0;
	int ret = 0;

	if (in < 0)
		return errno == ENOENT && !size ? 0 : failed(as, -errno, name);
	while (done < size && !ret) {
		uint64_t step = size - done;

		if (step > STEP)
			step = STEP;
		ret = sum_piece(as, in, name, done, step);
		if (ret)
			break;
		ret = fd_copy(as->out, (off_t)as->at, in, (off_t)done, step);
		if (ret) {
			failed(as, ret, name);
			break;
		}
		if (give_up && (!may_give(as) ||
				fallocate(in, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
					  (off_t)done, (off_t)step)))
			give_up = false;
		done += step;
		as->at += step;
	}
	close(in);
	if (!ret && lseek(as->out, (off_t)as->at, SEEK_SET) < 0)
		ret = failed(as, -errno, "out");
	return ret;
}

/*
 * What the head says of the machine that recorded, which need not be this one:
 * its byte order and the size of its pages.
 */
static int read_machine(struct assembly *as)
{
	/* magic of 12 bytes, byte order, size of long, page size (record/head.c) */
	uint8_t start[18];
	int fd = openat(as->pa->fd, "head", O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? 0 : pread(fd, start, sizeof(start), 0);

	if (fd >= 0)
		close(fd);
	if (n <= 0)
		return error_set(as->err, -ENODATA, "%s: has no head: the recording had not begun, remove it",
				 as->pa->dir);
	if (n == sizeof(start))
		memcpy(&as->page, start + 14, 4);
	as->swap = (start[12] != 0) != (BYTE_ORDER == BIG_ENDIAN);
	if (as->swap)
		as->page = bswap_32(as->page);
	if (as->page < 4096 || as->page > 1u << 20 || as->page & (as->page - 1))
		return error_set(as->err, -EINVAL, "%s/head: is damaged: its pages are of %u bytes",
				 as->pa->dir, as->page);
	return 0;
}

/* Counts the CPUs, and the bytes of their pages. */
static int find_cpus(struct assembly *as, uint64_t *total)
{
	const uint64_t page = as->page;

	as->offset = calloc(CPUS_MAX, sizeof(*as->offset));
	as->size = calloc(CPUS_MAX, sizeof(*as->size));
	if (!as->offset || !as->size)
		return failed(as, -ENOMEM, "out");
	for (uint32_t cpu = 0; cpu < CPUS_MAX; cpu++) {
		char name[32];
		struct stat st;

		snprintf(name, sizeof(name), "cpu%u", cpu);
		if (fstatat(as->pa->fd, name, &st, 0))
			continue;
		/* killed in the middle of a write: whole pages only */
		as->size[cpu] = (uint64_t)st.st_size / page * page;
		*total += as->size[cpu];
		as->cpus = cpu + 1;
	}
	if (!as->cpus)
		return error_set(as->err, -ENODATA, "%s: holds no trace data: the recording had not begun, remove it",
				 as->pa->dir);
	return 0;
}

/* A hole up to @offset, where the first pages go. */
static int add_gap(struct assembly *as, uint64_t offset)
{
	if (ftruncate(as->out, (off_t)offset) ||
	    lseek(as->out, (off_t)offset, SEEK_SET) < 0)
		return failed(as, -errno, "out");
	memset(as->block, 0, BLOCK);
	while (as->at < offset) {
		uint64_t gap = offset - as->at;

		if (gap > BLOCK)
			gap = BLOCK;
		sums_add(as->sums, as->block, (size_t)gap);
		as->at += gap;
	}
	return 0;
}

static int add_pages(struct assembly *as, const char *clock)
{
	const uint64_t page = as->page;
	size_t clock_len = strlen(clock) + 2;
	uint64_t offset;
	char text[80];
	int ret;

	/* behind the table and the clock */
	offset = as->at + 10 + 16 * (uint64_t)as->cpus + 8 + clock_len;
	offset = (offset + page - 1) / page * page;
	for (uint32_t cpu = 0; cpu < as->cpus; cpu++) {
		as->offset[cpu] = offset;
		offset += as->size[cpu];
	}

	ret = add(as, "flyrecord", 10);
	for (uint32_t cpu = 0; cpu < as->cpus && !ret; cpu++) {
		ret = add_u64(as, as->offset[cpu]);
		if (!ret)
			ret = add_u64(as, as->size[cpu]);
	}
	snprintf(text, sizeof(text), "[%s]", clock);
	if (!ret)
		ret = add_u64(as, clock_len);
	if (!ret)
		ret = add(as, text, clock_len);
	if (ret)
		return ret;

	ret = add_gap(as, as->offset[0]);
	sums_head_done(as->sums, as->at, as->cpus);
	for (uint32_t cpu = 0; cpu < as->cpus && !ret; cpu++) {
		char name[32];

		snprintf(name, sizeof(name), "cpu%u", cpu);
		sums_pages(as->sums, as->offset[cpu], as->size[cpu]);
		ret = copy_piece(as, name, as->size[cpu], as->give_up);
		sums_pages_done(as->sums);
	}
	return ret;
}

/* Numbers of the section, which are little endian. */
static int add_little(struct assembly *as, uint64_t value, unsigned int bytes)
{
	uint8_t little[8];

	for (unsigned int i = 0; i < bytes; i++)
		little[i] = (uint8_t)(value >> 8 * i);
	return add(as, little, bytes);
}

/* The last item, as snap.c writes them. */
static int add_checksums(struct assembly *as)
{
	const uint8_t *data;
	size_t len = sums_data(as->sums, &data);
	uint8_t seal[8];
	int ret;

	if ((ret = add_little(as, strlen(COMPANION_SUMS), 4)) ||
	    (ret = add(as, COMPANION_SUMS, strlen(COMPANION_SUMS))) ||
	    (ret = add_little(as, 0, 8)) ||
	    (ret = add_little(as, len + sizeof(seal), 8)) ||
	    (ret = add_little(as, len + sizeof(seal), 8)) ||
	    (ret = add(as, data, len)))
		return ret;
	ret = sums_seal(as->sums, seal);
	return ret ? failed(as, ret, "out") : add(as, seal, sizeof(seal));
}

static int add_companion(struct assembly *as)
{
	uint64_t start = as->at;
	struct stat st;
	int ret;

	sums_section(as->sums, start);
	ret = add(as, COMPANION_MAGIC, COMPANION_MAGIC_LEN);
	if (!ret)
		ret = add_little(as, COMPANION_VERSION, 1);
	if (!ret && !fstatat(as->pa->fd, "companion", &st, 0))
		ret = copy_piece(as, "companion", (uint64_t)st.st_size, false);
	if (!ret)
		ret = add_checksums(as);
	if (!ret)
		ret = add_little(as, start, 8);
	return ret ? ret : add(as, COMPANION_TRAILER, COMPANION_TRAILER_LEN);
}

static int add_all(struct assembly *as)
{
	char clock[64];
	size_t len;
	struct stat st;
	char *text;
	int ret;

	info(as, "clock", clock, sizeof(clock));
	if (!*clock)
		snprintf(clock, sizeof(clock), "local");
	if (fstatat(as->pa->fd, "head", &st, 0))
		return failed(as, -errno, "head");
	ret = copy_piece(as, "head", (uint64_t)st.st_size, false);
	if (ret)
		return ret;

	text = read_piece(as, "kallsyms", &len);
	if (as->give_up) {
		unlinkat(as->pa->fd, "reserve", 0);
		unlinkat(as->pa->fd, "kallsyms", 0);
	}
	ret = add_sized(as, text, len, false);
	if (ret)
		return ret;
	text = read_piece(as, "printk", &len);
	ret = add_sized(as, text, len, false);
	if (ret)
		return ret;
	text = read_piece(as, "cmdlines", &len);
	if ((ret = add_sized(as, text, len, true)) ||
	    (ret = add_u32(as, as->cpus)) ||
	    (ret = add_options(as, clock)) ||
	    (ret = add_pages(as, clock)))
		return ret;
	return add_companion(as);
}

/*
 * Gives the file its name, also if it is not whole but its pieces are not either.
 * Only when it is on the disk have they done their work.
 */
static int put_in_place(struct assembly *as, struct parts *pa, int ret)
{
	bool renamed;
	int code = outfile_rename(as->out, pa->fd, "out", AT_FDCWD, pa->output, &renamed);

	pa->spent = !code;
	if (code)
		return error_set(as->err, ret ? ret : code, renamed ?
				 "%s: not known to be on the disk: %s: its pieces are in %s" :
				 "%s: cannot be written: %s: it is %s/out",
				 pa->output, strerror(-code), pa->dir);
	if (ret)
		error_set(as->err, ret, "%s: %s: it has what there was room for, the rest is lost",
			  pa->output, strerror(-ret));
	return ret;
}

/* Killed while the pieces were given up: the file as far as it came. */
static int take_given(struct assembly *as, struct parts *pa)
{
	struct stat st;

	as->out = openat(pa->fd, "out", O_RDWR | O_CLOEXEC);
	if (as->out < 0 || fstat(as->out, &st))
		return failed(as, -errno, "out");
	as->at = (uint64_t)st.st_size;
	return put_in_place(as, pa, -ENOSPC);
}

int parts_assemble(struct parts *pa, uint64_t *bytes, struct error *err)
{
	struct assembly as = { .pa = pa, .out = -1, .err = err };
	bool given = !faccessat(pa->fd, GIVEN, F_OK, 0);
	struct statvfs fs;
	uint64_t total = 0;
	int ret;

	if (given) {
		ret = take_given(&as, pa);
		goto out;
	}
	as.out = parts_file(pa, "out", NULL);
	if (as.out < 0)
		return failed(&as, as.out, "out");
	as.sums = sums_new();
	as.block = malloc(BLOCK);
	ret = as.sums && as.block ? read_machine(&as) : failed(&as, -ENOMEM, "out");
	if (!ret)
		ret = find_cpus(&as, &total);
	as.give_up = !ret && !fstatvfs(as.out, &fs) &&
		     (uint64_t)fs.f_bavail * fs.f_frsize < total + 32 * MARGIN;
	if (!ret)
		ret = add_all(&as);
	if (!ret || as.gave)
		ret = put_in_place(&as, pa, ret);
out:
	if (as.out >= 0)
		/* nothing of it is unwritten: fsync() or an error came before */
		close(as.out);
	sums_free(as.sums);
	free(as.block);
	free(as.offset);
	free(as.size);
	if (bytes)
		*bytes = as.at;
	return ret;
}
