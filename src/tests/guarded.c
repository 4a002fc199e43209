// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * guarded.c - see guarded.h
 */
#include "guarded.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

const char *guarded(const void *data, size_t len)
{
	static char *map;
	static size_t mapped;
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	size_t room = (len + page - 1) / page * page;

	if (map)
		munmap(map, mapped);
	mapped = room + page;
	map = mmap(NULL, mapped, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (map == MAP_FAILED || mprotect(map + room, page, PROT_NONE))
		abort();
	if (len)
		memcpy(map + room - len, data, len);
	return map + room - len;
}
