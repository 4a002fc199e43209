// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * fuzz_replay.c - whatever a trace.dat holds, the replay ends, and its books
 * balance
 *
 * Its first two bytes choose options; they are no part of the file.
 */
#include <assert.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "all_views.h"
#include "error.h"
#include "hash.h"
#include "leaks.h"
#include "replay.h"
#include "sections.h"
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

/* A folder in which no file is, nor ever will be. */
static const char *no_files(void)
{
	static char path[64];
	char dir[] = "/tmp/modmem-fuzz-XXXXXX";

	if (*path)
		return path;
	if (!mkdtemp(dir))
		abort();
	snprintf(path, sizeof(path), "/proc/self/fd/%d", open(dir, O_RDONLY | O_DIRECTORY));
	rmdir(dir);
	return path;
}

/* Replays @len bytes, and shows what came of it in every way. */
static void run(struct replay_opts *opts, const uint8_t *data, size_t len)
{
	struct error err = { "" };
	struct snapshot *snap;
	char path[64];
	int fd;

	fd = memfd_create("trace.dat", MFD_CLOEXEC);
	if (fd < 0 || write(fd, data, len) != (ssize_t)len)
		abort();
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	opts->path = path;
	snap = replay(opts, &err);
	if (snap) {
		check(snap);
		if (opts->series)
			check_series(snap);
		all_views(snap);
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
}

/*
 * The same with a part of some section, and in version 7 as the last thing in the
 * file. (Mutations alone never find that.)
 */
static void run_cut(struct replay_opts *opts, const uint8_t *data, size_t len)
{
	struct out file = { 0 };
	uint32_t h = (uint32_t)hash_bytes(data, len);
	uint16_t id = (uint16_t)(16 + h % 6);
	size_t has;

	put(&file, data, len);
	has = section_len(&file, id);
	/* one in four whole, else anywhere, but most at its beginning */
	if (has && section_cut(&file, id,
			       h & 0x300 ? (h >> 10) % (h & 0x100 ? 64 : has + 1) : has,
			       h & 0x80))
		run(opts, file.data, file.len);
	out_free(&file);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct replay_opts opts = {
		.from = REPLAY_NO_TIME, .to = REPLAY_NO_TIME, .check = true,
	};
	static const struct leak_opts leaks = { .older_than = 1000, .every = 1, .kernel = true };

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
	opts.leaks = data[0] & 0x04 ? &leaks : NULL;
	opts.reconcile = !(data[0] & 0xc0);
	opts.lines = data[1] & 1;
	opts.files.module_dirs[opts.files.n_module_dirs++] = no_files();
	opts.files.debug_dirs[opts.files.n_debug_dirs++] = no_files();
	run(&opts, data + 2, size - 2);
	run_cut(&opts, data + 2, size - 2);
	return 0;
}

#include "fuzz_main.h"
