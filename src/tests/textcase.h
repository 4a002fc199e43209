/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * textcase.h - what is reported of a text log, for tests of those
 */
#ifndef MODMEM_TESTS_TEXTCASE_H
#define MODMEM_TESTS_TEXTCASE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <cmocka.h>

#include "error.h"
#include "replay.h"
#include "snapshot.h"

static struct replay_opts opts;
static struct snapshot *snap;
static struct error err;
static char path[64];

/* The text as a file, its path in path. */
static void write_text(const char *text)
{
	int fd = memfd_create("text", 0);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	opts = (struct replay_opts) {
		.path = path, .check = true, .from = REPLAY_NO_TIME, .to = REPLAY_NO_TIME,
	};
}

/* kallsyms_file: a path, or NULL */
static inline void good_in(const char *text, const char *kallsyms_file)
{
	snapshot_free(snap);
	write_text(text);
	opts.kallsyms_file = kallsyms_file;
	snap = replay(&opts, &err);
	if (!snap)
		fail_msg("%s", err.text);
}

static inline void good(const char *text)
{
	good_in(text, NULL);
}

static const struct snap_module *module(const char *name)
{
	for (size_t i = 0; i < snap->n_modules; i++)
		if (!strcmp(snap->modules[i].name, name))
			return &snap->modules[i];
	fail_msg("no module %s", name);
	return NULL;
}

static bool said(const char *const *list, size_t n, const char *what)
{
	for (size_t i = 0; i < n; i++)
		if (strstr(list[i], what))
			return true;
	return false;
}

#define NOTED(what) said(snap->coverage.notes, snap->coverage.n_notes, what)
#define DISTRUST(what) said(snap->coverage.distrust, snap->coverage.n_distrust, what)

#endif
