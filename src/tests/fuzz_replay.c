// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * fuzz_replay.c - whatever a trace.dat holds, the replay ends, and its books
 * balance
 *
 * Its first two bytes choose options; they are no part of the file.
 */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "error.h"
#include "export.h"
#include "replay.h"
#include "snapshot.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Sums that any reader would make. */
static void check(const struct snapshot *snap)
{
	uint64_t live = 0, induced = 0;
	size_t i, k;

	assert(snap->start_ns <= snap->end_ns);
	for (i = 0; i < snap->n_modules; i++) {
		const struct snap_module *m = &snap->modules[i];
		uint64_t sum = 0;

		for (k = 0; k < KIND_MAX; k++)
			sum += m->live[k].bytes;
		assert(sum == m->live_bytes);
		live += m->live_bytes;
		induced += m->induced_bytes;
	}
	assert(live == snap->live_bytes);
	assert(induced == snap->induced_bytes);
	assert(snap->coverage.trusted == !snap->coverage.n_distrust);
}

/* The curves end with what is live, and no peak is above the module's. */
static void check_series(const struct snapshot *snap)
{
	const struct snap_series *ss = snap->series;
	size_t i, b;

	assert(ss->n_buckets);
	assert(ss->total[ss->n_buckets - 1].last == snap->live_bytes);
	for (i = 0; i < snap->n_modules; i++) {
		const struct snap_point *p = ss->modules[i];

		for (b = 0; p && b < ss->n_buckets; b++) {
			assert(p[b].min <= p[b].last && p[b].last <= p[b].max);
			assert(p[b].max <= snap->modules[i].peak_bytes);
		}
		assert(!p || p[b - 1].last == snap->modules[i].live_bytes);
	}
}

/* Every format takes whatever comes. */
static void export_all(const struct snapshot *snap)
{
	static int (*const views[])(const struct snapshot *snap,
				    const struct export_opts *opts, FILE *out,
				    struct error *err) = {
		view_html, view_folded, view_pprof, view_openmetrics,
		view_series_csv, view_perfetto,
	};
	const struct export_opts opts = { .charges = 7, .metric = METRIC_PEAK };
	struct error err;
	char *text = NULL;
	size_t size, i;
	FILE *out;

	for (i = 0; i < sizeof(views) / sizeof(views[0]); i++) {
		out = open_memstream(&text, &size);
		assert(out && !views[i](snap, &opts, out, &err));
		fclose(out);
		/* names with a NUL or a control byte came through nowhere */
		assert(i == 2 || i == 5 || (strlen(text) == size && !strchr(text, 0x1b)));
		free(text);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct replay_opts opts = {
		.from = REPLAY_NO_TIME, .to = REPLAY_NO_TIME, .check = true,
	};
	struct error err = { "" };
	struct snapshot *snap;
	char path[64];
	int fd;

	if (size < 2)
		return 0;
	opts.attribute = data[0] % 3;
	opts.by_task = data[0] & 0x10;
	opts.by_stack = data[0] & 0x20;
	opts.series = data[0] & 0x08;
	if (data[0] & 0x40) {
		opts.from = (int64_t)data[1] << 20;
		opts.from_relative = true;
	}
	if (data[0] & 0x80) {
		opts.to = (int64_t)data[1] << 22;
		opts.to_relative = true;
	}
	fd = memfd_create("trace.dat", MFD_CLOEXEC);
	if (fd < 0 || write(fd, data + 2, size - 2) != (ssize_t)(size - 2))
		abort();
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	opts.path = path;
	snap = replay(&opts, &err);
	if (snap) {
		check(snap);
		if (opts.series) {
			check_series(snap);
			export_all(snap);
		}
	} else {
		assert(strlen(err.text) > 10);
		/* (anywhere else it may be the file's own words) */
		if (!strncmp(err.text, "books do not balance", 20)) {
			fprintf(stderr, "%s\n", err.text);
			abort();
		}
	}
	snapshot_free(snap);
	close(fd);
	return 0;
}

#include "fuzz_main.h"
