// SPDX-License-Identifier: GPL-2.0-or-later
#include "filemap.h"

#include <sys/mman.h>
#include <unistd.h>

#ifdef __has_feature
#if __has_feature(address_sanitizer)
#define GUARDED
#endif
#endif
#ifdef __SANITIZE_ADDRESS__
#define GUARDED
#endif

#ifdef GUARDED

#include <sanitizer/asan_interface.h>

/* With the rest of the last page, and one more that is never the file's. */
static size_t guarded_len(size_t len)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);

	return (len + page - 1) / page * page + page;
}

void *filemap(int fd, size_t len, int prot)
{
	size_t all = guarded_len(len);
	char *map = mmap(NULL, all, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (map == MAP_FAILED)
		return NULL;
	if (mmap(map, len, prot, MAP_PRIVATE | MAP_FIXED, fd, 0) == MAP_FAILED) {
		munmap(map, all);
		return NULL;
	}
	__asan_poison_memory_region(map + len, all - len);
	return map;
}

void filemap_free(void *map, size_t len)
{
	if (!map)
		return;
	__asan_unpoison_memory_region(map, guarded_len(len));
	munmap(map, guarded_len(len));
}

#else

void *filemap(int fd, size_t len, int prot)
{
	void *map = mmap(NULL, len, prot, MAP_PRIVATE, fd, 0);

	return map == MAP_FAILED ? NULL : map;
}

void filemap_free(void *map, size_t len)
{
	if (map)
		munmap(map, len);
}

#endif
