/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fuzz_main.h - a main() for a fuzz target where there is no libFuzzer
 *
 * To be included at the end of a fuzz_*.c. Does nothing unless FUZZ_MAIN is
 * defined (the Makefile does so for gcc). Takes the few options of libFuzzer
 * that scripts/fuzz gives, and files: runs the target on each file, and then,
 * for -max_total_time=SECONDS, on versions of them with bytes changed, cut out
 * and cut off. The target gets them in front of a page that cannot be read.
 */
#ifdef FUZZ_MAIN

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

static uint64_t fuzz_state = 88172645463325252u;

static size_t fuzz_random(size_t below)
{
	fuzz_state ^= fuzz_state << 13;
	fuzz_state ^= fuzz_state >> 7;
	fuzz_state ^= fuzz_state << 17;
	return below ? fuzz_state % below : 0;
}

static uint8_t *fuzz_read(const char *path, size_t *len)
{
	FILE *file = fopen(path, "rb");
	uint8_t *data;
	long size;

	if (!file || fseek(file, 0, SEEK_END) || (size = ftell(file)) < 0) {
		perror(path);
		exit(2);
	}
	rewind(file);
	*len = (size_t)size;
	data = malloc(*len + 1);
	if (!data || fread(data, 1, *len, file) != *len) {
		perror(path);
		exit(2);
	}
	fclose(file);
	return data;
}

/* Damages @data in a few places; returns how much of it is left. */
static size_t fuzz_damage(uint8_t *data, size_t len)
{
	/* headers are at the beginning: half of the damage goes there */
	size_t near = len < 4096 ? len : 4096;

	for (size_t n = 1 + fuzz_random(8); n && len; n--) {
		size_t at = fuzz_random(fuzz_random(2) ? near : len);

		if (at >= len)
			continue;
		switch (fuzz_random(6)) {
		case 0:
			data[at] ^= (uint8_t)(1u << fuzz_random(8));
			break;
		case 1:
			data[at] = (uint8_t)fuzz_random(256);
			break;
		case 2:
			data[at] = fuzz_random(2) ? 0xff : 0;
			break;
		case 3:
			memset(data + at, fuzz_random(2) ? 0xff : 0,
			       len - at < 8 ? len - at : 8);
			break;
		case 4:
			memmove(data + at, data + at + 1, len - at - 1);
			len--;
			break;
		default:
			if (!fuzz_random(4))
				len = at;
			break;
		}
	}
	return len;
}

/* Who reads behind the last byte of @data does so in no build. */
static void fuzz_run(const uint8_t *data, size_t len)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	size_t room = (len + page - 1) / page * page;
	uint8_t *map = mmap(NULL, room + page, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (map == MAP_FAILED || mprotect(map + room, page, PROT_NONE)) {
		perror("mmap");
		exit(2);
	}
	if (len)
		memcpy(map + room - len, data, len);
	LLVMFuzzerTestOneInput(map + room - len, len);
	munmap(map, room + page);
}

int main(int argc, char **argv)
{
	double seconds = 0;
	int n_files = 0;
	uint64_t runs = 0;

	for (int i = 1; i < argc; i++) {
		uint8_t *data;
		size_t len;

		if (!strncmp(argv[i], "-max_total_time=", 16))
			seconds = atof(argv[i] + 16);
		if (argv[i][0] == '-')
			continue;
		data = fuzz_read(argv[i], &len);
		fuzz_run(data, len);
		free(data);
		argv[n_files++] = argv[i];
		runs++;
	}
	for (time_t end = time(NULL) + (time_t)seconds;
	     n_files && time(NULL) < end; runs++) {
		size_t len;
		uint8_t *data = fuzz_read(argv[fuzz_random((size_t)n_files)],
					  &len);

		len = fuzz_damage(data, len);
		fuzz_run(data, len);
		free(data);
	}
	printf("%llu runs on %d files\n", (unsigned long long)runs, n_files);
	return 0;
}

#endif
