// SPDX-License-Identifier: GPL-2.0-or-later
#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "units.h"

/* A decimal number as digits: whole + fraction / scale. */
struct decimal {
	uint64_t whole;
	uint64_t fraction;
	uint64_t scale;		/* a power of ten */
};

/* Nine decimals are read, any that follow are not. */
#define MAX_SCALE 1000000000ULL

static int digits(const char **text, struct decimal *d)
{
	const char *p = *text;
	bool any = false;

	*d = (struct decimal){ .scale = 1 };
	for (; isdigit((unsigned char)*p); p++) {
		if (__builtin_mul_overflow(d->whole, 10, &d->whole) ||
		    __builtin_add_overflow(d->whole, (uint64_t)(*p - '0'), &d->whole))
			return -ERANGE;
		any = true;
	}
	if (any && *p == '.') {
		if (!isdigit((unsigned char)*++p))
			return -EINVAL;
		for (; isdigit((unsigned char)*p); p++) {
			if (d->scale >= MAX_SCALE)
				continue;
			d->fraction = d->fraction * 10 + (uint64_t)(*p - '0');
			d->scale *= 10;
		}
	}
	*text = p;
	return any ? 0 : -EINVAL;
}

/* The decimal in units of @unit, rounded down. */
static int scaled(const struct decimal *d, uint64_t unit, uint64_t *result)
{
	/* fraction * unit / scale in two parts, neither of which overflows */
	uint64_t part = d->fraction * (unit / d->scale) +
			d->fraction * (unit % d->scale) / d->scale;

	if (__builtin_mul_overflow(d->whole, unit, result) ||
	    __builtin_add_overflow(*result, part, result))
		return -ERANGE;
	return 0;
}

int number_parse(const char *text, uint64_t *number)
{
	struct decimal d;
	int ret = digits(&text, &d);

	if (ret)
		return ret;
	if (*text || d.scale > 1)
		return -EINVAL;
	*number = d.whole;
	return 0;
}

int size_parse(const char *text, uint64_t *bytes)
{
	static const char letters[] = "KMGTPE";
	struct decimal d;
	uint64_t unit = 1;
	int ret;

	ret = digits(&text, &d);
	if (ret)
		return ret;
	if (*text && strcasecmp(text, "B")) {
		const char *letter = strchr(letters, toupper((unsigned char)*text));
		uint64_t base = 1024;

		if (!letter)
			return -EINVAL;
		text++;
		if (!strcasecmp(text, "B"))
			base = 1000;
		else if (*text && strcasecmp(text, "iB"))
			return -EINVAL;
		for (const char *p = letters; p <= letter; p++)
			unit *= base;
	} else if (d.scale > 1) {
		return -EINVAL;		/* half a byte */
	}
	return scaled(&d, unit, bytes);
}

char *size_human(char *buf, size_t size, uint64_t bytes)
{
	static const char letters[] = "BKMGTPE";
	unsigned int power = 0;
	uint64_t tenths, rest;

	while (power < 6 && bytes >> (10 * power) >= 1024)
		power++;
	if (!power) {
		snprintf(buf, size, bytes ? "%" PRIu64 "B" : "%" PRIu64, bytes);
		return buf;
	}
	/* keep ten bits below the unit: enough for one decimal, no overflow */
	rest = bytes >> (10 * (power - 1));
	tenths = (rest * 10 + 512) / 1024;
	if (tenths >= 1000)
		tenths = (rest + 512) / 1024 * 10;
	if (tenths >= 10240 && power < 6) {
		tenths = 10;
		power++;
	}
	if (tenths % 10)
		snprintf(buf, size, "%" PRIu64 ".%" PRIu64 "%c", tenths / 10,
			 tenths % 10, letters[power]);
	else
		snprintf(buf, size, "%" PRIu64 "%c", tenths / 10, letters[power]);
	return buf;
}

int time_parse(const char *text, int64_t *ns, bool *relative)
{
	static const struct {
		const char *name;
		uint64_t ns;
	} units[] = {
		{ "", 1000000000 },	/* as trace-cmd prints them */
		{ "s", 1000000000 },
		{ "ms", 1000000 },
		{ "us", 1000 },
		{ "ns", 1 },
	};
	struct decimal d;
	uint64_t value;
	int ret;

	*relative = *text == '+';
	if (*relative)
		text++;
	ret = digits(&text, &d);
	if (ret)
		return ret;
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		if (strcmp(text, units[i].name))
			continue;
		ret = scaled(&d, units[i].ns, &value);
		if (!ret && value > INT64_MAX)
			ret = -ERANGE;
		if (!ret)
			*ns = (int64_t)value;
		return ret;
	}
	return -EINVAL;
}

int64_t time_after(int64_t at, int64_t ns)
{
	int64_t sum;

	return __builtin_add_overflow(at, ns, &sum) ? INT64_MAX : sum;
}

char *time_format(char *buf, size_t size, uint64_t ns)
{
	snprintf(buf, size, "%" PRIu64 ".%09" PRIu64, ns / 1000000000,
		 ns % 1000000000);
	return buf;
}

#define MINUTE 60000000000u

char *duration_format(char *buf, size_t size, uint64_t ns)
{
	if (ns < 1000000)
		snprintf(buf, size, "%" PRIu64 "us", ns / 1000);
	else if (ns < 1000000000)
		snprintf(buf, size, "%" PRIu64 "ms", ns / 1000000);
	else if (ns < MINUTE)
		snprintf(buf, size, "%" PRIu64 ".%" PRIu64 "s", ns / 1000000000,
			 ns / 100000000 % 10);
	else if (ns < 60 * MINUTE)
		snprintf(buf, size, "%" PRIu64 "min %" PRIu64 "s", ns / MINUTE,
			 ns % MINUTE / 1000000000);
	else
		snprintf(buf, size, "%" PRIu64 "h %" PRIu64 "min", ns / (60 * MINUTE),
			 ns / MINUTE % 60);
	return buf;
}

char *count_format(char *buf, size_t size, uint64_t n)
{
	char digits[24];
	int len = snprintf(digits, sizeof(digits), "%" PRIu64, n);
	size_t at = 0;

	for (int i = 0; i < len && at + 2 < size; i++) {
		if (i && (len - i) % 3 == 0)
			buf[at++] = ',';
		buf[at++] = digits[i];
	}
	buf[at] = '\0';
	return buf;
}
