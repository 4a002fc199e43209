// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * tracedat.c - opens a trace.dat, and checks what its headers told
 *
 * The first bytes are the same in both versions:
 *
 *	17 08 44 "tracing"
 *	"6\0" or "7\0"		version
 *	u8			1: all numbers from here on are big endian
 *	u8			bytes of a long of the recording program
 *	u32			bytes of a page
 */
#include "tracedat.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "error.h"
#include "filemap.h"
#include "foreign.h"
#include "packed.h"
#include "page_size.h"
#include "unpack.h"

void tracedat_cursor(const struct tracedat *td, struct cursor *cur,
		     uint64_t offset, const char *part, struct error *err)
{
	size_t at = offset < td->size ? (size_t)offset : td->size;

	*cur = (struct cursor) {
		.data = td->map + at,
		.size = td->size - at,
		.base = offset,
		.file_size = td->size,
		.big_endian = td->info.big_endian,
		.path = td->path,
		.part = part,
		.err = err,
	};
}

static int map_file(struct tracedat *td, const char *path, struct error *err)
{
	struct stat st;
	void *map;
	int fd;

	/* not to wait for somebody to write into a pipe */
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0)
		return error_set(err, -errno, "%s: %s", td->path,
				 strerror(errno));
	if (fstat(fd, &st)) {
		int code = -errno;

		close(fd);
		return error_set(err, code, "%s: %s", td->path,
				 strerror(-code));
	}
	if (!S_ISREG(st.st_mode)) {
		close(fd);
		return error_set(err, -EINVAL,
				 "%s: not a regular file: give the path of a trace.dat",
				 td->path);
	}
	if (!st.st_size) {
		close(fd);
		return error_set(err, -EBADMSG,
				 "%s: empty, not a trace.dat: record it again",
				 td->path);
	}
	if ((uint64_t)st.st_size > SIZE_MAX) {
		close(fd);
		return error_set(err, -EFBIG,
				 "%s: too large for this machine's address space",
				 td->path);
	}

	td->size = (size_t)st.st_size;
	map = filemap(fd, td->size, PROT_READ);
	if (!map) {
		int code = -errno;

		close(fd);
		return error_set(err, code, "%s: cannot be mapped: %s",
				 td->path, strerror(-code));
	}
	td->fd = fd;
	td->map = map;
	return 0;
}

/* It may be known what a file that is no trace.dat is instead. */
static int not_a_tracedat(const struct tracedat *td, struct error *err)
{
	const char *packer = packed_foreign(td->map, td->size);
	int ret;

	if (!packer)
		packer = packed_name(td->map, td->size);
	if (packer)
		return error_set(err, -EINVAL, "%s: packed with %s: unpack it first",
				 td->path, packer);
	ret = foreign_file(td->path, td->map,
			   td->size < FOREIGN_BYTES ? td->size : FOREIGN_BYTES, err);
	return ret ? ret :
	       error_set(err, -EINVAL,
			 "%s: not a trace.dat (it does not start like one): give the file that modmem record, trace-cmd record or perf record wrote",
			 td->path);
}

/* A power of two, as kernels make them. */
static bool is_page_size(uint32_t size)
{
	return size >= 128 && size <= UNPACK_MAX_CHUNK && !(size & (size - 1));
}

static int read_initial(struct tracedat *td, struct cursor *cur,
			struct error *err)
{
	static const char magic[] = "\x17\x08\x44" "tracing";
	const uint8_t *block;
	const char *version;
	uint8_t endian, long_size;
	int ret;

	if (td->size < sizeof(magic) - 1 ||
	    memcmp(td->map, magic, sizeof(magic) - 1))
		return not_a_tracedat(td, err);

	if ((ret = cursor_block(cur, sizeof(magic) - 1, &block)) ||
	    (ret = cursor_string(cur, &version)) ||
	    (ret = cursor_u8(cur, &endian)) ||
	    (ret = cursor_u8(cur, &long_size)))
		return ret;

	if (!strcmp(version, "6"))
		td->info.version = 6;
	else if (!strcmp(version, "7"))
		td->info.version = 7;
	else
		return error_set(err, -EPROTONOSUPPORT,
				 "%s: version %.16s of the trace.dat format, only 6 and 7 can be read: convert it with trace-cmd convert --file-version 7",
				 td->path, version);
	if (endian > 1)
		return error_set(err, -EBADMSG,
				 "%s: damaged in its first bytes (byte order %u): copy it again, or record it again",
				 td->path, endian);

	td->info.big_endian = endian;
	td->ring.big_endian = endian;
	cur->big_endian = endian;
	ret = cursor_u32(cur, &td->info.page_size);
	if (ret || is_page_size(td->info.page_size))
		return ret;
	return error_set(err, -EBADMSG,
			 "%s: damaged in its first bytes (pages of %" PRIu32 " bytes): copy it again, or record it again",
			 td->path, td->info.page_size);
}

/* ---- the whole ---------------------------------------------------------- */

/*
 * All clocks of the kernel but these count nanoseconds (kernel/trace/trace.c,
 * trace_clocks[]; ARCH_TRACE_CLOCKS); none in the file: the default, local.
 */
static bool clock_counts_ns(const char *clock)
{
	return !clock || (strcmp(clock, "counter") != 0 &&
			  strcmp(clock, "uptime") != 0 &&	/* hundredths of a second */
			  strcmp(clock, "x86-tsc") != 0 &&
			  strcmp(clock, "ppc-tb") != 0);
}

static void finish_clocks(struct tracedat *td)
{
	struct source_buffer *buffers = td->buffers.items;
	size_t i;

	for (i = 0; i < td->buffers.n; i++) {
		if (!buffers[i].clock)
			buffers[i].clock = td->trace_clock;
		buffers[i].clock_is_ns = td->clock.mult ||
					 clock_counts_ns(buffers[i].clock);
	}
}

static bool find_buffer(const struct tracedat *td, const char *name,
			uint32_t *index)
{
	const struct source_buffer *buffers = td->buffers.items;
	size_t i;

	for (i = 0; i < td->buffers.n; i++) {
		if (!strcmp(buffers[i].name, name)) {
			*index = (uint32_t)i;
			return true;
		}
	}
	/* statistics without a name in a file of one instance */
	*index = 0;
	return !*name && td->buffers.n == 1;
}

static int finish_stats(struct tracedat *td, struct error *err)
{
	const struct cpu_totals *totals = td->totals.items;
	size_t i;
	int ret;

	for (i = 0; i < td->totals.n; i++) {
		struct source_cpustat *stat;
		uint32_t buffer;

		if (!find_buffer(td, totals[i].buffer, &buffer)) {
			if (!totals[i].value.overrun && !totals[i].value.dropped)
				continue;
			ret = tracedat_damage(td, err,
					      "statistics tell of lost events in " BUFFER_FORMAT ", which is not in the file",
					      BUFFER_WORDS(totals[i].buffer));
			if (ret)
				return ret;
			continue;
		}
		stat = vec_add(&td->cpustats, sizeof(*stat));
		if (!stat)
			return tracedat_no_memory(td, err);
		*stat = totals[i].value;
		stat->buffer = buffer;
	}
	return 0;
}

static int check_pages(struct tracedat *td, const struct area *area,
		       const struct source_buffer *buffer, struct error *err)
{
	uint32_t page_size = buffer->page_size;

	if (!is_page_size(page_size))
		return error_set(err, -EBADMSG,
				 "%s: damaged: ring buffer pages of %" PRIu32 " bytes: copy it again, or record it again",
				 td->path, page_size);
	if (area->cut || area->pages % page_size == 0)
		return 0;
	return tracedat_damage(td, err,
			       "the trace data of CPU %" PRIu32 " in " BUFFER_FORMAT " end in the middle of a page",
			       area->cpu, BUFFER_WORDS(buffer->name));
}

static int finish_buffers(struct tracedat *td, struct error *err)
{
	struct source_buffer *buffers = td->buffers.items;
	const struct area *areas = td->areas.items;
	size_t i;
	int ret;

	if (!td->buffers.n && td->text_buffers)
		return error_set(err, -ENODATA,
				 "%s: holds the text of a latency tracer, no raw records: record events, with trace-cmd record -e kmem",
				 td->path);
	if (!td->buffers.n)
		return error_set(err, -ENODATA,
				 "%s: holds no trace data: the recording was not finished, record it again",
				 td->path);
	if (td->text_buffers && tracedat_damage(td, err,
			"%u buffers hold text of a latency tracer, no raw records",
			td->text_buffers))
		return -ENOMEM;
	if (!td->have_ring)
		return error_set(err, -EBADMSG,
				 "%s: damaged: the description of the ring buffer's pages is missing: record it again",
				 td->path);

	for (i = 0; i < td->areas.n; i++) {
		buffers[areas[i].buffer].cpus++;
		if (areas[i].cpu >= td->info.cpus)
			td->info.cpus = areas[i].cpu + 1;
	}

	for (i = 0; i < td->areas.n; i++) {
		if (!areas[i].size)
			continue;
		ret = check_pages(td, &areas[i], &buffers[areas[i].buffer],
				  err);
		if (ret)
			return ret;
	}
	return 0;
}

/* The machine's name, the last word of @uname, is of one that has pages of 4K only. */
static bool has_4k_pages(const char *uname)
{
	static const char *const names[] = { "x86_64", "s390x", "riscv64", "riscv32" };
	const char *name = uname ? strrchr(uname, ' ') : NULL;
	size_t i;

	if (!name)
		return false;
	name++;
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (!strcmp(name, names[i]))
			return true;
	/* i386 to i686; armv5tel to armv7l: armv8l is what arm64 says to 32 bits */
	return (name[0] == 'i' && name[1] && !strcmp(name + 2, "86")) ||
	       (!strncmp(name, "armv", 4) && name[4] >= '4' && name[4] <= '7');
}

/*
 * Of the pages that the file tells of, these are the ring buffer's: from Linux
 * 6.8 on, one can be several of the machine's (buffer_subbuf_size_kb, trace-cmd
 * record --subbuf-size). The machine's are none larger than the smallest.
 */
static void finish_page_size(struct tracedat *td)
{
	const struct source_buffer *buffers = td->buffers.items;
	size_t i;

	for (i = 0; i < td->buffers.n; i++)
		if (is_page_size(buffers[i].page_size) &&
		    buffers[i].page_size >= PAGE_SIZE_MIN &&
		    buffers[i].page_size < td->info.page_size)
			td->info.page_size = buffers[i].page_size;
	if (td->info.page_size <= PAGE_SIZE_MIN || td->info.made_by == RECORDER_MODMEM)
		return;	/* modmem says what the machine's are */
	if (has_4k_pages(td->info.uname))
		td->info.page_size = PAGE_SIZE_MIN;
	else
		td->info.page_size_doubtful = !source_kernel_before(td->info.uname, 6, 8);
}

static int finish(struct tracedat *td, struct error *err)
{
	int ret;

	ret = finish_buffers(td, err);
	if (!ret)
		ret = finish_stats(td, err);
	if (ret)
		return ret;
	finish_clocks(td);
	/* the VERSION option says so */
	td->info.made_by = td->info.recorder && !strncmp(td->info.recorder, "modmem ", 7) ?
			   RECORDER_MODMEM : RECORDER_TRACE_CMD;
	finish_page_size(td);

	td->info.path = td->path;
	td->info.long_size = td->ring.commit_size;
	td->info.formats = td->formats.items;
	td->info.n_formats = td->formats.n;
	td->info.buffers = td->buffers.items;
	td->info.n_buffers = td->buffers.n;
	td->info.cpustats = td->cpustats.items;
	td->info.n_cpustats = td->cpustats.n;
	td->info.damage = td->damage.items;
	td->info.n_damage = td->damage.n;
	return 0;
}

struct tracedat *tracedat_open(const char *path, const char *name, struct error *err)
{
	struct tracedat *td = calloc(1, sizeof(*td));
	struct cursor cur;
	int ret;

	if (!td) {
		error_set(err, -ENOMEM, "%s: not enough memory to read it",
			  name);
		return NULL;
	}
	td->path = name;
	td->stat_buffer = "";
	td->path = tracedat_strndup(td, name, strlen(name));
	if (!td->path) {
		td->path = name;
		ret = tracedat_no_memory(td, err);
		goto fail;
	}
	ret = map_file(td, path, err);
	if (ret)
		goto fail;

	tracedat_cursor(td, &cur, 0, "first bytes", err);
	ret = read_initial(td, &cur, err);
	if (ret)
		goto fail;
	if (td->info.version == 6)
		ret = tracedat_read_v6(td, &cur);
	else
		ret = tracedat_read_v7(td, &cur);
	if (!ret)
		ret = finish(td, err);
	if (ret)
		goto fail;
	return td;
fail:
	tracedat_close(td);
	return NULL;
}

void tracedat_close(struct tracedat *td)
{
	if (!td)
		return;
	if (td->map) {
		filemap_free((void *)(uintptr_t)td->map, td->size);
		close(td->fd);
	}
	unpacker_free(td->unpacker);
	tracedat_free_store(td);
	free(td);
}
