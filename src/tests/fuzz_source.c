// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * fuzz_source.c - whatever a trace.dat holds, reading it ends, and well
 *
 * Opens the input as a file and reads every byte that the source hands out.
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
#include "source.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static volatile unsigned int sink;

static void touch(const void *data, size_t len)
{
	const uint8_t *p = data;
	unsigned int sum = 0;
	size_t i;

	for (i = 0; i < len; i++)
		sum += p[i];
	sink += sum;
}

static void touch_string(const char *s)
{
	if (s)
		touch(s, strlen(s));
}

static void touch_info(const struct source_info *info)
{
	size_t i;

	touch_string(info->path);
	touch_string(info->uname);
	touch(info->kallsyms, info->kallsyms_len);
	touch(info->cmdlines, info->cmdlines_len);
	touch(info->header_page, info->header_page_len);
	touch(info->header_event, info->header_event_len);
	for (i = 0; i < info->n_formats; i++) {
		touch_string(info->formats[i].system);
		touch(info->formats[i].text, info->formats[i].len);
	}
	for (i = 0; i < info->n_buffers; i++) {
		touch_string(info->buffers[i].name);
		touch_string(info->buffers[i].clock);
	}
	for (i = 0; i < info->n_cpustats; i++)
		assert(info->cpustats[i].buffer < info->n_buffers);
	for (i = 0; i < info->n_damage; i++)
		touch_string(info->damage[i]);
}

static void read_stream(struct source *src, size_t i)
{
	const struct source_info *info = source_info(src);
	struct source_record rec;
	struct error err;
	int ret;

	assert(source_stream_buffer(src, i) < info->n_buffers);
	assert(source_stream_cpu(src, i) < info->cpus);
	while ((ret = source_next(src, i, &rec, &err)) > 0) {
		assert(rec.len || rec.lost);
		touch(rec.data, rec.len);
	}
	if (ret < 0) {
		assert(strlen(err.text) > 10);
		/* at its end it stays, but for what was lost there */
		ret = source_next(src, i, &rec, &err);
		if (ret) {
			assert(ret == 1 && !rec.len && rec.lost);
			ret = source_next(src, i, &rec, &err);
		}
	}
	assert(!ret && !source_next(src, i, &rec, &err));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint64_t done, total;
	struct source *src;
	struct error err = { "" };
	char path[64];
	int fd, pass;
	size_t i;

	fd = memfd_create("trace.dat", MFD_CLOEXEC);
	if (fd < 0 || write(fd, data, size) != (ssize_t)size)
		abort();
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);

	src = source_open(path, &err);
	if (!src) {
		assert(strlen(err.text) > 10);
		close(fd);
		return 0;
	}
	touch_info(source_info(src));
	for (pass = 0; pass < 2; pass++) {
		for (i = 0; i < source_streams(src); i++)
			read_stream(src, i);
		source_progress(src, &done, &total);
		assert(done == total && total <= size);
		source_rewind(src);
	}
	source_close(src);
	close(fd);
	return 0;
}

#include "fuzz_main.h"
