/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * perfmake.h - makes small perf.data files for tests, of any machine
 */
#ifndef MODMEM_TESTS_PERFMAKE_H
#define MODMEM_TESTS_PERFMAKE_H

#include "tracefile.h"

/* Ids of the tracepoints in the file's formats. */
enum {
	PM_KMALLOC = 200,
	PM_KFREE,
	PM_PAGE_ALLOC,
	PM_PAGE_FREE,
	PM_SWITCH,		/* none of memory */
};

/* perf_event.h, enum perf_event_sample_format */
enum {
	PM_IP		= 1 << 0,
	PM_TID		= 1 << 1,
	PM_TIME		= 1 << 2,
	PM_ADDR		= 1 << 3,
	PM_READ		= 1 << 4,
	PM_CALLCHAIN	= 1 << 5,
	PM_ID		= 1 << 6,
	PM_CPU		= 1 << 7,
	PM_PERIOD	= 1 << 8,
	PM_STREAM_ID	= 1 << 9,
	PM_RAW		= 1 << 10,
	PM_IDENTIFIER	= 1 << 16,
	PM_USUAL	= PM_IP | PM_TID | PM_TIME | PM_CALLCHAIN | PM_CPU | PM_PERIOD |
			  PM_RAW | PM_IDENTIFIER,
};

/* An event that perf was asked for; its id is its number + 1. */
struct pm_attr {
	uint64_t config;	/* PM_KMALLOC ... */
	uint64_t sample_type;
	uint64_t read_format;
	uint64_t period;
	unsigned int flags[4];	/* numbers of bits, 0 ends them */
	int32_t clockid;
};

enum pm_way {
	PM_FILE,
	PM_PIPE,
};

/* Of the file at @path; @bytes 0: nothing says how many, as before Linux 5.12. */
struct pm_build_id {
	const char *path;
	uint8_t id[20], bytes;
};

struct pm_spec {
	bool big;
	unsigned int long_size;
	enum pm_way way;
	unsigned int compressed;	/* type of such records, 0: none */
	bool no_end;			/* killed: the size of the data is 0 */
	bool no_formats;
	uint32_t page_size;		/* 0: of 4096 bytes */
	const struct pm_attr *attrs;
	size_t n_attrs;
	const char *const *words;	/* command line; NULL ends it */
	const struct pm_build_id *ids;	/* behind the records; of a pipe, before them */
	size_t n_ids;
	const char *kallsyms;		/* NULL: none, as since 3.18 */
};

/* A sample of attribute @attr. */
struct pm_sample {
	unsigned int attr;
	uint32_t cpu;
	uint64_t time;
	uint64_t call_site, ptr;	/* or the PFN */
	uint32_t bytes;			/* or the order */
	const uint64_t *chain;		/* 0 ends it; NULL: none */
};

/* Records into @out, whose byte order is the file's. */
void pm_mapping(struct out *out, unsigned int type, const char *path, uint64_t addr,
		uint64_t size, uint64_t offset);
/* ... with a build id, as perf record --buildid-mmap has it. */
void pm_mapping_id(struct out *out, const struct pm_build_id *id, uint64_t addr,
		   uint64_t size);
void pm_comm(struct out *out, uint32_t tid, const char *comm);
void pm_put_sample(struct out *out, const struct pm_spec *spec, const struct pm_sample *s);
/* @type 2: lost from a buffer; 13: as the kernel counted for the event @id. */
void pm_lost(struct out *out, const struct pm_spec *spec, unsigned int type, uint64_t id,
	     uint64_t lost, uint32_t cpu);
void pm_threads(struct out *out, uint64_t pid);
void pm_cpus(struct out *out, uint16_t n);
void pm_round(struct out *out);

/* The file that holds them. */
void pm_make(struct out *file, const struct pm_spec *spec, const struct out *records);

/* What tracing data look like. */
void pm_tracing_data(struct out *out, const struct pm_spec *spec);

#endif
