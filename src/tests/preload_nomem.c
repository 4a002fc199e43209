// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * preload_nomem.c - LD_PRELOAD: there is no memory at the Nth time
 *
 *	NOMEM_AT=N	the Nth allocation fails (0: none)
 *	NOMEM_LOG=FILE	a line of how many there were
 *
 * It is of the program itself only: commands that it starts are not touched.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* the C library's own, which dlsym() needs as well */
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t n, size_t size);
void *__libc_realloc(void *old, size_t size);

static atomic_ulong count;
static unsigned long fail_at;
static pid_t owner;
static const char *log_name;

__attribute__((constructor)) static void begin(void)
{
	const char *text = getenv("NOMEM_AT");

	fail_at = text ? strtoul(text, NULL, 10) : 0;
	log_name = getenv("NOMEM_LOG");
	owner = getpid();
	unsetenv("LD_PRELOAD");
	atomic_store(&count, 0);
}

__attribute__((destructor)) static void end(void)
{
	int fd;

	if (!log_name || getpid() != owner)
		return;
	fd = open(log_name, O_WRONLY | O_CREAT | O_TRUNC, 0644);
	if (fd < 0 || dprintf(fd, "%lu\n", atomic_load(&count)) < 0)
		_exit(99);
	close(fd);
}

static int fails(void)
{
	if (!owner || atomic_fetch_add(&count, 1) + 1 != fail_at || getpid() != owner)
		return 0;
	errno = ENOMEM;
	return 1;
}

void *malloc(size_t size)
{
	return fails() ? NULL : __libc_malloc(size);
}

void *calloc(size_t n, size_t size)
{
	return fails() ? NULL : __libc_calloc(n, size);
}

void *realloc(void *old, size_t size)
{
	return fails() ? NULL : __libc_realloc(old, size);
}
