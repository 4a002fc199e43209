/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * perffile.h - the records of a perf.data, one behind the other
 *
 * Format: tools/perf/Documentation/perf.data-file-format.txt, and where that is
 * silent tools/perf/util/{header,session}.c; of records include/uapi/linux/
 * perf_event.h. A file:
 *
 *	"PERFILE2", u64 size of this header, u64 size of an entry of "attrs"
 *	u64 offset and size of: attrs, data, event types
 *	256 bits: which features there are
 *	attrs: struct perf_event_attr, and u64 offset and size of its ids
 *	data: records, each u32 type, u16 misc, u16 size (itself included)
 *	behind the data: u64 offset and size of each feature
 *
 * A header of 16 bytes only is that of a pipe: attributes and features come as
 * records of their own. All is in the byte order of the machine that perf ran on,
 * but bit fields, which begin at the other end there. What a compressed record
 * unpacks to are records, and parts of such. A folder (perf record --threads) has
 * more data in files data.0, data.1, ..., without headers.
 *
 *	perffile.c	files, headers, records
 *	perfattr.c	what the events are, where the parts of a sample lie
 *	perfdata.c	what of it becomes a trace.dat
 */
#ifndef MODMEM_SOURCE_PERFFILE_H
#define MODMEM_SOURCE_PERFFILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tracedat.h"

struct error;

/* What perf_event.h has of types of records, and from 64 on perf's own. */
enum perf_type {
	PERF_MMAP		= 1,
	PERF_LOST		= 2,
	PERF_COMM		= 3,
	PERF_THROTTLE		= 5,
	PERF_FORK		= 7,
	PERF_SAMPLE		= 9,
	PERF_MMAP2		= 10,
	PERF_LOST_SAMPLES	= 13,
	PERF_KSYMBOL		= 17,

	PERF_HEADER_ATTR	= 64,
	PERF_HEADER_TRACING_DATA = 66,
	PERF_HEADER_BUILD_ID	= 67,
	PERF_ID_INDEX		= 69,
	PERF_AUXTRACE		= 71,
	PERF_THREAD_MAP		= 73,
	PERF_CPU_MAP		= 74,
	PERF_HEADER_FEATURE	= 80,
	PERF_COMPRESSED		= 81,
	PERF_COMPRESSED2	= 83,
};

enum perf_feature {
	PERF_TRACING_DATA	= 1,
	PERF_BUILD_ID		= 2,
	PERF_HOSTNAME		= 3,
	PERF_OSRELEASE		= 4,
	PERF_VERSION		= 5,
	PERF_ARCH		= 6,
	PERF_NRCPUS		= 7,
	PERF_CMDLINE		= 11,
	PERF_FEATURES		= 256
};

/* One event that was recorded: perf_event_attr, of which this is needed. */
struct perf_attr {
	uint32_t type;
	uint64_t config;		/* of a tracepoint: its id */
	uint64_t period;		/* or frequency */
	uint64_t sample_type, read_format;
	bool freq, enable_on_exec, sample_id_all, use_clockid, write_backward;
	int32_t clockid;
	bool again;			/* an earlier one is of the same tracepoint */
};

struct perf_record {
	uint32_t type;
	uint16_t misc;
	const uint8_t *data;	/* behind its header */
	uint32_t size;		/* bytes of that */
	const uint8_t *more;	/* what follows the record, tracing data; NULL */
	size_t more_size;
};

struct perf_sample {
	bool has_cpu, has_time;
	uint64_t time;
	uint32_t cpu;
	const struct perf_attr *attr;
	const uint8_t *chain;	/* u64 each */
	uint64_t n_chain;
	const uint8_t *raw;	/* NULL: none */
	uint32_t raw_size;
};

/* A feature's data; NULL: not there. */
struct perf_part {
	const uint8_t *data;
	size_t size;
};

/* A file of records, all or a part of it. */
struct perf_piece {
	const uint8_t *map;
	size_t map_size;
	size_t start, end;	/* of the records in there */
};

struct perf_unpacker;

struct perffile {
	const char *path;
	bool big_endian;
	bool pipe;
	bool no_end;		/* perf did not come to write how much there is */
	struct vec pieces;	/* struct perf_piece */
	struct vec attrs;	/* struct perf_attr */
	struct vec ids;		/* struct perf_id, by id once sorted */
	bool sorted;
	bool one_layout;	/* samples of all attributes look the same */
	struct perf_part features[PERF_FEATURES];
	struct vec kept;	/* copies of features that came as records */

	/* where it is read */
	size_t piece, pos;
	struct perf_unpacker *unpacker;	/* NULL: nothing was compressed so far */
	char damage[256];	/* why the records end before their end; "" */
};

/*
 * Opens the file at @fd, which is to be a regular one, and of a folder the other
 * ones in @dir (-1: none). 0 or a negative errno with @err set. In any case to be
 * closed.
 */
int perffile_open(struct perffile *pf, const char *path, int fd, int dir,
		  struct error *err);
void perffile_close(struct perffile *pf);

/*
 * The next record, good until the one after it: 1, or 0 at the end, or where it
 * cannot be read further (then there is pf->damage). -ENOMEM.
 */
int perffile_next(struct perffile *pf, struct perf_record *rec);
void perffile_rewind(struct perffile *pf);

/* Bytes read so far, and in all. */
void perffile_progress(const struct perffile *pf, uint64_t *done, uint64_t *total);

/* A feature that came as a record: 0 or -ENOMEM. */
int perffile_keep(struct perffile *pf, uint64_t feature, const uint8_t *data, size_t size);

/* String @i of a feature that is a list of them, or the only one. NULL: not there. */
const char *perffile_string(const struct perffile *pf, enum perf_feature feature,
			    uint32_t i);

/* ---- perfattr.c ---- */

/*
 * Takes a perf_event_attr of at most @size bytes; *@taken: so many it has. 0,
 * -EBADMSG, or -ENOMEM.
 */
int perffile_add_attr(struct perffile *pf, const uint8_t *data, size_t size, size_t *taken);

/* @id is one of the attribute that was added last. 0 or -ENOMEM. */
int perffile_add_id(struct perffile *pf, uint64_t id);

/* NULL: no event has this id. */
const struct perf_attr *perffile_attr_of(struct perffile *pf, uint64_t id);

/* 0, -ENOENT: of an event that is not known, -EBADMSG: not as it should be. */
int perffile_sample(struct perffile *pf, const struct perf_record *rec,
		    struct perf_sample *sample);

/* The CPU that a record other than a sample came from; false: it does not say. */
bool perffile_cpu(struct perffile *pf, const struct perf_record *rec, uint32_t *cpu,
		  uint64_t *id);

#endif
