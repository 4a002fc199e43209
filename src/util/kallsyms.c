// SPDX-License-Identifier: GPL-2.0-or-later
#include "kallsyms.h"

#include <string.h>

#include "bytes.h"
#include "printable.h"

#define ONES	UINT64_C(0x0101010101010101)
#define HIGH	UINT64_C(0x8080808080808080)

/* Value of a hexadecimal digit, plus one; 0: it is none. */
static const uint8_t digits[256] = {
	['0'] = 1, ['1'] = 2, ['2'] = 3, ['3'] = 4, ['4'] = 5, ['5'] = 6,
	['6'] = 7, ['7'] = 8, ['8'] = 9, ['9'] = 10, ['a'] = 11, ['b'] = 12,
	['c'] = 13, ['d'] = 14, ['e'] = 15, ['f'] = 16, ['A'] = 11, ['B'] = 12,
	['C'] = 13, ['D'] = 14, ['E'] = 15, ['F'] = 16,
};

/*
 * Eight digits at once, the first of them lowest, as the kernel writes them. False:
 * look at each.
 */
static bool eight_digits(const char *p, uint64_t *value)
{
	uint64_t v = load64(p, false), letters, bad;

	if (v & HIGH)
		return false;
	/* bit 6 is set in letters: 'a' to 'f' are 0x61 to 0x66 */
	letters = (v >> 6) & ONES;
	/* '0'..'9' become 0..9, 'a'..'f' become 10..15, all else more */
	bad = (v - ONES * '0') & HIGH;
	v = v - ONES * '0' - letters * ('a' - '0' - 10);
	if (bad || (v & (ONES * 0xf0)) ||
	    (((v + ONES * 6) >> 4 ^ letters) & ONES))
		return false;
	v = (v << 4 | v >> 8) & UINT64_C(0x00ff00ff00ff00ff);
	v = (v << 8 | v >> 16) & UINT64_C(0x0000ffff0000ffff);
	*value = (v << 16 | v >> 32) & UINT64_C(0xffffffff);
	return true;
}

static bool parse_hex(const char **p, const char *end, uint64_t *value)
{
	const char *s = *p;
	uint64_t v = 0, high, low;

	if (end - s > 16 && s[16] == ' ' && eight_digits(s, &high) &&
	    eight_digits(s + 8, &low)) {
		*p = s + 16;
		*value = high << 32 | low;
		return true;
	}
	for (; s < end; s++) {
		unsigned int digit = digits[(unsigned char)*s];

		if (!digit)
			break;
		if (s - *p >= 16)
			return false;
		v = v << 4 | (digit - 1);
	}
	if (s == *p)
		return false;
	*p = s;
	*value = v;
	return true;
}

/*
 * The end of the name at @p: a blank, the line's end or what no name has. The kernel
 * prints what compilers made of identifiers, which may be UTF-8. Local labels of
 * assemblers have control characters in them (seen on arm64: ".L14472\0021").
 */
static inline const char *name_end(const char *p, const char *end)
{
	/* eight bytes without one below '!' or above 0x7f are some of the name */
	while (end - p >= 8) {
		uint64_t v = load64(p, false);

		if (((v - ONES * '!') | v) & HIGH)
			break;
		p += 8;
	}
	for (; p < end; p++) {
		if ((signed char)*p > ' ')
			continue;
		if ((signed char)*p < 0) {
			size_t n = printable_utf8(p, (size_t)(end - p));

			if (!n)
				break;
			p += n - 1;
		} else if (*p != 1 && *p != 2) {
			break;
		}
	}
	return p;
}

bool kallsyms_line(struct span line, struct kallsyms_line *k)
{
	const char *p = line.at, *end = line.end;

	if (!parse_hex(&p, end, &k->addr) || end - p < 4 || p[0] != ' ' || p[2] != ' ')
		return false;
	k->digits = (size_t)(p - line.at);
	k->type = p[1];
	k->name.at = p + 3;
	k->name.end = p = name_end(k->name.at, end);
	k->tag = (struct span){ 0 };
	k->odd = false;
	while (p < end && (*p == ' ' || *p == '\t'))
		p++;
	if (p < end && *p == '[') {
		k->tag.at = ++p;
		while (p < end && (signed char)*p > ' ' && *p != ']')
			p++;
		k->tag.end = p;
		k->odd = p + 1 != end || *p != ']';
	} else {
		k->odd = p != end;
	}
	return span_len(k->name);
}

bool kallsyms_is_module(struct span tag)
{
	static const char builtin[] = "__builtin__";
	size_t len = sizeof(builtin) - 1;

	return span_len(tag) && !span_is(tag, "bpf") &&
	       (span_len(tag) < len || memcmp(tag.at, builtin, len));
}

bool kallsyms_is_mapping(const char *name, size_t len)
{
	if (len < 2)
		return false;
	if (name[0] == '.')
		return name[1] == 'L';
	if (name[0] == 'L')
		return len > 2 && name[1] == '0' && name[2] == 1;
	return name[0] == '$' && strchr("adtx", name[1]) && name[1] &&
	       (len == 2 || name[2] == '.' || (len > 3 && !memcmp(name + 1, "xrv", 3)));
}
