/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * perfdata.h - what perf record wrote, made into a trace.dat
 *
 * perf record -e 'kmem:*' -g -a has the same records of the same events as the ring
 * buffer, with a call chain where that has a kernel_stack behind them. They are
 * written as a trace.dat into a file that has no name (in $TMPDIR or /tmp), in the
 * byte order and word size of the traced machine, which the replay then reads as any
 * other: no second decoder.
 */
#ifndef MODMEM_PERFDATA_H
#define MODMEM_PERFDATA_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tracefilter.h"

struct error;
struct source_build_id;

#define PERFDATA_MAGIC_BYTES 8u

struct perfdata_opts {
	const char *name;	/* of the file, for messages */
	int dir;		/* the folder that it is in (perf record --threads); -1 */
	const char *proc;	/* where the running kernel's /proc is; NULL: do not look */
	int (*progress)(void *arg, uint64_t done, uint64_t total);	/* or NULL */
	void *progress_arg;
};

/* What there is to say of it, besides what its trace.dat says. */
struct perfdata {
	int fd;			/* of the trace.dat; whose it is then */
	char *modules;		/* text as of /proc/modules: when perf began; to be freed */
	size_t modules_len;	/* bytes */
	struct source_build_id *build_ids;	/* to be freed */
	size_t n_build_ids;
	struct tracefilters filters;	/* what its options left out */
	uint32_t page_size;	/* bytes, of the traced machine; its trace.dat has others */
	uint64_t core_start, core_end;	/* addresses of the kernel's text; 0: not told */
	bool no_cpu;		/* nothing says which CPU an event came from */
	bool running_names;	/* function names are those of the running kernel */
	uint64_t lost;		/* events, of which no CPU is known */
	bool lost_unknown;	/* ... and some more that nobody counted */
	uint64_t unreadable;	/* samples that are not as they should be */
	uint64_t unknown;	/* samples of an event that is not in the file */
	uint64_t again;		/* samples of an event that was asked for twice: left out */
	char damage[256];	/* why it ends before its end; "" */
};

/* Do the first PERFDATA_MAGIC_BYTES of a file look like that? */
bool perfdata_is(const void *data, size_t len);

/*
 * Reads all of the regular file @fd. Returns 0 with @perf filled (perfdata_release()
 * it), or a negative errno with @err set: damaged in its head, without events of
 * memory, without times, no room in the temporary folder, -ECANCELED by progress.
 */
int perfdata_convert(int fd, const struct perfdata_opts *opts, struct perfdata *perf,
		     struct error *err);
void perfdata_release(struct perfdata *perf);

/*
 * All that comes from the pipe @fd behind the @len bytes at @head, in a file without
 * a name. Once *@stop (NULL: never) is set, until nothing comes for a second: perf has
 * got the same ^C, and writes its end. Its descriptor, or a negative errno with @err
 * set.
 */
int perfdata_spool(int fd, const char *name, const void *head, size_t len,
		   const volatile sig_atomic_t *stop, struct error *err);

#endif
