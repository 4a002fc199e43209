/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * units.h - sizes and times as people write and read them
 */
#ifndef MODMEM_UNITS_H
#define MODMEM_UNITS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Reads decimal digits alone. Returns 0, -EINVAL or -ERANGE. */
int number_parse(const char *text, uint64_t *number);

/*
 * Reads "4096", "1.5K", "16KiB", "2MB": K, M, G, T, P, E and KiB, ... are
 * powers of 1024, KB, ... powers of 1000. Returns 0, -EINVAL or -ERANGE.
 */
int size_parse(const char *text, uint64_t *bytes);

/* Writes 0, 512B, 1.5K, 123K, 1.2G: at most five characters below 1000 T. */
char *size_human(char *buf, size_t size, uint64_t bytes);

/*
 * Reads "33.25" (seconds), "33.25s", "250ms", "10us", "7ns", each with a "+"
 * in front if it counts from the start of the recording. Returns 0, -EINVAL
 * or -ERANGE.
 */
int time_parse(const char *text, int64_t *ns, bool *relative);

/* The moment that is @ns after @at, or the last that can be told. */
int64_t time_after(int64_t at, int64_t ns);

/* Writes 150us, 201ms, 10.9s, 3min 20s, 2h 5min. */
char *duration_format(char *buf, size_t size, uint64_t ns);

/* Writes 1,234,567. */
char *count_format(char *buf, size_t size, uint64_t n);

/* Writes seconds with nine decimals, which time_parse() takes back exactly. */
char *time_format(char *buf, size_t size, uint64_t ns);

#endif
