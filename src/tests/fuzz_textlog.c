// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * fuzz_textlog.c - anything as the text of tracefs, up to the report
 *
 * The input is the text and, behind a NUL byte, a text of /proc/kallsyms.
 */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "all_views.h"
#include "error.h"
#include "replay.h"
#include "snapshot.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int in_memory(const uint8_t *data, size_t size, char *path, size_t room)
{
	int fd = memfd_create("fuzz", 0);

	assert(fd >= 0);
	assert(write(fd, data, size) == (ssize_t)size);
	snprintf(path, room, "/proc/self/fd/%d", fd);
	return fd;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const uint8_t *nul = size ? memchr(data, 0, size) : NULL;
	size_t len = nul ? (size_t)(nul - data) : size;
	char text[64], kallsyms[64];
	int fd = in_memory(data, len, text, sizeof(text)), fd2 = -1;
	struct replay_opts opts = {
		.path = text, .from = REPLAY_NO_TIME, .to = REPLAY_NO_TIME,
		.check = true, .by_stack = true, .by_task = true,
	};
	struct error err = { "" };
	struct snapshot *snap;

	if (nul) {
		fd2 = in_memory(nul + 1, size - len - 1, kallsyms, sizeof(kallsyms));
		opts.kallsyms_file = kallsyms;
	}
	snap = replay(&opts, &err);
	if (snap)
		all_views(snap);
	else
		assert(strlen(err.text) > 10 && strncmp(err.text, "books do not balance", 20) != 0);
	snapshot_free(snap);
	close(fd);
	if (fd2 >= 0)
		close(fd2);
	return 0;
}

#include "fuzz_main.h"
