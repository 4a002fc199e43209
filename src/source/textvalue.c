// SPDX-License-Identifier: GPL-2.0-or-later
#include "textvalue.h"

#include <string.h>

bool textvalue_number(struct textspan text, uint64_t *value)
{
	if (textspan_skip(&text, "0x"))
		return textspan_hex(&text, value) && !text.len;
	return textspan_decimal(&text, value) && !text.len;
}

bool textvalue_hex(struct textspan text, uint64_t *value)
{
	textspan_skip(&text, "0x");
	return textspan_hex(&text, value) && !text.len;
}

/*
 * What is in brackets is padded with blanks to the width of a pointer: NULL of
 * kernels before 5.10 ("          (null)", lib/vsprintf.c, pointer()). Behind a
 * value that is empty the next key comes.
 */
static void skip_padding(struct textspan *value)
{
	struct textspan s = *value;
	const char *end;

	textspan_skip_blanks(&s);
	end = s.len ? memchr(s.at, ' ', s.len) : NULL;
	if (s.len && !memchr(s.at, '=', end ? (size_t)(end - s.at) : s.len))
		*value = s;
}

bool textvalue_find(struct textspan body, const char *key, struct textspan *value)
{
	size_t want = strlen(key), i;

	for (i = 0; i + want < body.len; i++) {
		const char *end;

		if (body.at[i + want] != '=' || memcmp(body.at + i, key, want) ||
		    (i && body.at[i - 1] != ' '))
			continue;
		value->at = body.at + i + want + 1;
		value->len = body.len - i - want - 1;
		skip_padding(value);
		end = value->len ? memchr(value->at, ' ', value->len) : NULL;
		if (end)
			value->len = (size_t)(end - value->at);
		return true;
	}
	return false;
}

enum textpointer textvalue_pointer(struct textspan text, uint64_t *value)
{
	*value = 0;
	if (textvalue_hex(text, value))
		return *value ? TEXTPOINTER_VALUE : TEXTPOINTER_NULL;
	if (text.len < 3 || text.at[0] != '(' || text.at[text.len - 1] != ')')
		return TEXTPOINTER_NONE;
	*value = 0;
	if (textspan_skip(&text, "(null)") || textspan_skip(&text, "(nil)"))
		return text.len ? TEXTPOINTER_NONE : TEXTPOINTER_NULL;
	return TEXTPOINTER_WITHHELD;
}

bool textvalue_code(struct textspan text, struct textcode *code, size_t *len)
{
	struct textspan s = text;
	size_t n = 0;

	memset(code, 0, sizeof(*code));
	if (textspan_skip(&s, "0x")) {
		if (!textspan_hex(&s, &code->addr))
			return false;
		*len = text.len - s.len;
		return true;
	}
	while (n < s.len && textspan_is_name(s.at[n]))
		n++;
	if (!n)
		return false;
	/* %lx of kernels before 5.9: the bare address; no name begins with a digit */
	if ((n >= 8 || textspan_is_digit(*s.at)) && textspan_hex(&s, &code->addr) &&
	    text.len - s.len == n) {
		*len = n;
		return true;
	}
	s = text;
	code->addr = 0;
	code->name = (struct textspan){ s.at, n };
	s.at += n;
	s.len -= n;
	if (textspan_skip(&s, "+0x")) {
		if (!textspan_hex(&s, &code->offset))
			return false;
		/* trace-cmd and perf do not print the size */
		if (textspan_skip(&s, "/") &&
		    (!textspan_skip(&s, "0x") || !textspan_hex(&s, &code->size)))
			return false;
		code->has_offset = true;
		code->told = code->size > 0;
	}
	/* the build-id may follow the name: CONFIG_STACKTRACE_BUILD_ID */
	if (s.len > 2 && s.at[0] == ' ' && s.at[1] == '[') {
		const char *end = memchr(s.at, ']', s.len);
		size_t in;

		if (end) {
			in = (size_t)(end - s.at) - 2;
			code->module = (struct textspan){ s.at + 2, in };
			end = memchr(code->module.at, ' ', in);
			if (end)
				code->module.len = (size_t)(end - code->module.at);
			s.len -= in + 3;
			s.at += in + 3;
		}
	}
	*len = text.len - s.len;
	return true;
}
