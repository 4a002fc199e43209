// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * fuzz_perfdata.c - whatever a perf.data holds, making a trace.dat of it ends, and
 * the replay of that as well
 */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "error.h"
#include "perfdata.h"
#include "replay.h"
#include "snapshot.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char path[64];
	int fd = memfd_create("perf.data", MFD_CLOEXEC);
	struct replay_opts opts = {
		.path = path, .from = REPLAY_NO_TIME, .to = REPLAY_NO_TIME,
		.check = true, .by_task = true, .by_stack = true,
	};
	struct error err = { "" };
	struct snapshot *snap;

	assert(fd >= 0);
	if (!perfdata_is(data, size)) {
		close(fd);
		return 0;
	}
	assert(write(fd, data, size) == (ssize_t)size);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	snap = replay(&opts, &err);
	if (snap)
		assert(snap->coverage.trusted == !snap->coverage.n_distrust);
	else
		assert(strlen(err.text) > 10 && strncmp(err.text, "books do not balance", 20) != 0);
	snapshot_free(snap);
	close(fd);
	return 0;
}

#include "fuzz_main.h"
