// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * printable.c - see printable.h
 */
#include "printable.h"

#include <stdbool.h>
#include <string.h>

/* Unicode 15, table 3-7: no overlong forms, no surrogates, nothing above U+10FFFF. */
size_t printable_utf8(const char *text, size_t len)
{
	const unsigned char *s = (const unsigned char *)text;
	unsigned char low = 0x80, high = 0xbf;
	size_t n, i;

	if (s[0] < 0x80)
		return 1;
	if (s[0] < 0xc2 || s[0] > 0xf4)
		return 0;

	n = s[0] < 0xe0 ? 2 : s[0] < 0xf0 ? 3 : 4;
	if (n > len)
		return 0;

	/* only the second byte has a range that depends on the first */
	if (s[0] == 0xe0)
		low = 0xa0;
	else if (s[0] == 0xed)
		high = 0x9f;
	else if (s[0] == 0xf0)
		low = 0x90;
	else if (s[0] == 0xf4)
		high = 0x8f;
	if (s[1] < low || s[1] > high)
		return 0;
	for (i = 2; i < n; i++) {
		if (s[i] < 0x80 || s[i] > 0xbf)
			return 0;
	}
	return n;
}

static bool is_control(const unsigned char *s, size_t n)
{
	if (n == 1)
		return s[0] < 0x20 || s[0] == 0x7f;
	return n == 2 && s[0] == 0xc2 && s[1] < 0xa0;	/* C1 */
}

char *printable_mem(char *buf, size_t size, const char *text, size_t len)
{
	static const char hex[] = "0123456789abcdef";
	const unsigned char *s = (const unsigned char *)text;
	size_t in = 0, out = 0;

	if (!size)
		return buf;

	while (in < len) {
		size_t n = printable_utf8(text + in, len - in);

		if (n && !is_control(s + in, n)) {
			if (n > size - 1 - out)
				break;
			memcpy(buf + out, s + in, n);
			in += n;
			out += n;
			continue;
		}
		if (size - 1 - out < 4)
			break;
		buf[out++] = '\\';
		buf[out++] = 'x';
		buf[out++] = hex[s[in] >> 4];
		buf[out++] = hex[s[in] & 0xf];
		in++;
		/* the second byte of a C1 control is no start: escaped in turn */
	}
	buf[out] = '\0';
	return buf;
}

char *printable(char *buf, size_t size, const char *text)
{
	return printable_mem(buf, size, text, strlen(text));
}
