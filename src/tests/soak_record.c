// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * soak_record.c - soak_record N FILE: N recordings by one process, into FILE
 *
 * Every other one is of a command, and every tenth of one that is not there.
 * After each, as many files must be open, and as many threads run, as after the
 * first two. Exit status 0, 1: something was left, 77: cannot record here.
 */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "error.h"
#include "record.h"

/* Entries of a folder. */
static unsigned int entries(const char *path)
{
	unsigned int n = 0;
	DIR *dir = opendir(path);

	while (dir && readdir(dir))
		n++;
	if (dir)
		closedir(dir);
	return n;
}

/* 0, or the error of what was to go well. */
static int one(unsigned int n, const char *path, struct error *err)
{
	char name[] = "true", missing[] = "./nonexistent";
	char *good[] = { name, NULL }, *bad[] = { missing, NULL };
	struct record_opts opts = { .output = path, .cmdline = "soak_record" };
	struct record_result result;
	int ret;

	if (n % 10 == 9)
		opts.command = bad;
	else if (n % 2)
		opts.command = good;
	else
		opts.duration_ns = 1000000;
	ret = record(&opts, &result, err);
	if (opts.command != bad)
		return ret;
	return ret ? 0 : error_set(err, -EINVAL, "a command that is not there was run");
}

int main(int argc, char **argv)
{
	unsigned long count = argc > 1 ? strtoul(argv[1], NULL, 10) : 200;
	const char *path = argc > 2 ? argv[2] : "soak.dat";
	unsigned int fds = 0, threads = 0;
	struct error err;

	for (unsigned int n = 0; n < count; n++) {
		int ret = one(n, path, &err);

		if (ret) {
			fprintf(stderr, "recording %u: %s\n", n, err.text);
			return n ? 1 : 77;
		}
		if (n < 2) {
			fds = entries("/proc/self/fd");
			threads = entries("/proc/self/task");
		}
		if (entries("/proc/self/fd") == fds &&
		    entries("/proc/self/task") == threads)
			continue;
		fprintf(stderr, "recording %u: %u files and %u threads, were %u and %u\n",
			n, entries("/proc/self/fd"), entries("/proc/self/task"),
			fds, threads);
		return 1;
	}
	printf("%lu recordings by one process: %u files open and %u threads after each\n",
	       count, fds - 3, threads - 2);
	unlink(path);
	return 0;
}
