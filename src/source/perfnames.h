/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * perfnames.h - names of tasks, modules and functions in a perf.data
 *
 * perf writes what /proc/modules shows when it begins as mappings of the kernel,
 * "[kernel.kallsyms]_text" and the path of each module, and no kallsyms (tracing
 * data had them before Linux 3.18). What the kernel loads or removes later, it does
 * not tell.
 */
#ifndef MODMEM_SOURCE_PERFNAMES_H
#define MODMEM_SOURCE_PERFNAMES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tracedat.h"

struct perf_record;
struct perffile;
struct strings;

struct perfnames {
	struct strings *strings;
	uint32_t *comms;		/* by pid: a string */
	uint32_t last_pid;		/* the largest of them */
	struct vec modules;		/* struct perf_module */
	struct vec build_ids;		/* struct source_build_id */
	struct vec programs;		/* ... of BPF, their names as they are */
	uint64_t core_start, core_end;	/* the kernel's text; 0: not told */
	char reference[64];		/* a symbol of the kernel, "_text" or "_stext" ... */
	uint64_t reference_at;		/* ... and where it is; 0: not told */
};

/* 0 or -ENOMEM; to be released in any case. */
int perfnames_init(struct perfnames *pn);
void perfnames_release(struct perfnames *pn);

/* Takes what @rec says of names, if it does. 0 or -ENOMEM. */
int perfnames_take(struct perfnames *pn, const struct perffile *pf,
		   const struct perf_record *rec);

/* "PID NAME" lines, lines of /proc/modules. NULL: no memory. To be freed. */
char *perfnames_comms(const struct perfnames *pn, size_t *len);
char *perfnames_modules(struct perfnames *pn, size_t *len);

/*
 * Build ids of modules and of the kernel: those of the mappings, and those that perf
 * put behind its records. *@ids are to be freed. 0 or -ENOMEM.
 */
int perfnames_build_ids(struct perfnames *pn, const struct perffile *pf,
			struct source_build_id **ids, size_t *n);

/*
 * Text of /proc/kallsyms: that of @recorded (NULL: none), else of kcore_dir in the
 * folder @dir (perf record --kcore; -1), else of the running kernel below @proc if
 * that is the one, of the same boot (*running then); and BPF programs. *@text is
 * NULL where there is none. 0 or -ENOMEM.
 */
int perfnames_kallsyms(struct perfnames *pn, const char *recorded, size_t recorded_len,
		       int dir, const char *proc, const char *release,
		       char **text, size_t *len, bool *running);

#endif
