// SPDX-License-Identifier: GPL-2.0-or-later
#include "textfold.h"

#include <string.h>

/* ---- encodings ------------------------------------------------------------------ */

static const struct {
	const char *name;
	char is;
} entities[] = {
	{ "&lt;", '<' }, { "&gt;", '>' }, { "&amp;", '&' }, { "&quot;", '"' }, { "&#39;", '\'' },
	{ "&nbsp;", ' ' },
};

/* Of HTML; returns the new length. */
static size_t decode_entities(char *text, size_t len)
{
	size_t to = 0, i = 0, k;

	while (i < len) {
		struct textspan s = { text + i, len - i };

		for (k = 0; k < sizeof(entities) / sizeof(entities[0]); k++)
			if (text[i] == '&' && textspan_skip(&s, entities[k].name))
				break;
		if (k < sizeof(entities) / sizeof(entities[0])) {
			text[to++] = entities[k].is;
			i = len - s.len;
		} else {
			text[to++] = text[i++];
		}
	}
	return to;
}

static int upper_hex(char c)
{
	if (textspan_is_digit(c))
		return c - '0';
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* RFC 2045, 6.7; returns the new length. */
static size_t decode_quoted_printable(char *text, size_t len)
{
	size_t to = 0;

	for (size_t i = 0; i < len; i++) {
		if (text[i] == '=' && i + 2 < len && upper_hex(text[i + 1]) >= 0 &&
		    upper_hex(text[i + 2]) >= 0) {
			text[to++] = (char)(upper_hex(text[i + 1]) << 4 | upper_hex(text[i + 2]));
			i += 2;
		} else {
			text[to++] = text[i];
		}
	}
	return to;
}

/* No kernel prints upper case digits. */
static bool is_quoted_printable(struct textspan s)
{
	static const char *const marks[] = { "call_site=3D", "ptr=3D", "page=3D", "pfn=3D",
					     "=3D> " };

	for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++)
		if (memmem(s.at, s.len, marks[i], strlen(marks[i])))
			return true;
	return false;
}

bool textfold_decode(struct textfold *tf, char **text, size_t *len)
{
	bool goes_on;
	size_t n = *len;

	if (memchr(*text, '&', n))
		n = decode_entities(*text, n);
	if (!tf->quoted_printable && memmem(*text, n, "=3D", 3))
		tf->quoted_printable = is_quoted_printable((struct textspan){ *text, n });
	*len = n;
	if (!tf->quoted_printable)
		return true;
	while (n && ((*text)[n - 1] == '\r' || (*text)[n - 1] == ' '))
		n--;
	goes_on = n && (*text)[n - 1] == '=';
	n = decode_quoted_printable(*text, n - goes_on);
	if (tf->n_soft + n > sizeof(tf->soft))
		tf->n_soft = 0;	/* no line of a trace */
	if (goes_on || tf->n_soft) {
		if (n > sizeof(tf->soft))
			n = sizeof(tf->soft);
		memcpy(tf->soft + tf->n_soft, *text, n);
		n += tf->n_soft;
		*text = tf->soft;
		tf->n_soft = goes_on ? n : 0;
	}
	*len = n;
	return !goes_on;
}

/* ---- entries in several lines ----------------------------------------------------- */

bool textfold_is_half(const struct textline *line)
{
	static const struct {
		const char *event, *last;	/* of the values that are needed */
	} events[] = {
		{ "kmalloc", "bytes_alloc" }, { "kmalloc_node", "bytes_alloc" },
		{ "kmem_cache_alloc", "bytes_alloc" }, { "kmem_cache_alloc_node", "bytes_alloc" },
		{ "kfree", "ptr" }, { "kmem_cache_free", "ptr" },
		{ "mm_page_alloc", "order" }, { "mm_page_free", "order" },
		{ "percpu_alloc_percpu", "ptr" }, { "percpu_free_percpu", "ptr" },
	};
	struct textspan value;

	if (line->kind != TEXTLINE_ENTRY)
		return false;
	for (size_t i = 0; i < sizeof(events) / sizeof(events[0]); i++)
		if (textspan_is(line->event, events[i].event))
			return !textvalue_find(line->body, events[i].last, &value) || !value.len;
	return false;
}

/* Without what quotes a line, and the "\" that breaks it. */
static struct textspan bare(const char *text, size_t len)
{
	struct textspan s = { text, len };

	while (s.len && memchr(" \t>|+", *s.at, 5)) {
		s.at++;
		s.len--;
	}
	while (s.len && memchr(" \t\r\\", s.at[s.len - 1], 4))
		s.len--;
	return s;
}

void textfold_keep(struct textfold *tf, const char *text, size_t len)
{
	while (len && memchr(" \t\r\\", text[len - 1], 4))
		len--;
	tf->n_half = len < sizeof(tf->half) ? len : sizeof(tf->half);
	memcpy(tf->half, text, tf->n_half);
}

bool textfold_is_rest(const struct textline *line, const char *text, size_t len)
{
	static const char *const keys[] = { "call_site=", "ptr=", "name=", "bytes_req=",
					    "bytes_alloc=", "gfp_flags=", "node=", "accounted=",
					    "page=", "pfn=", "order=", "migratetype=", "size=",
					    "off=", "reserved=" };
	struct textspan s = bare(text, len), from;

	switch (line->kind) {
	case TEXTLINE_FOREIGN:
	case TEXTLINE_STRANGE:
	case TEXTLINE_USER_FRAME:
		break;
	default:
		return false;
	}
	/* the module of a call site, in front */
	if (textspan_skip(&s, "[") && s.len) {
		const char *close = memchr(s.at, ']', s.len);

		if (!close)
			return false;
		s.len -= (size_t)(close + 1 - s.at);
		s.at = close + 1;
		textspan_skip_blanks(&s);
	}
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		from = s;
		if (textspan_skip(&from, keys[i]))
			return true;
	}
	return false;
}

bool textfold_join(struct textfold *tf, const char *text, size_t len)
{
	struct textspan s = bare(text, len);

	if (tf->n_half + 1 + s.len > sizeof(tf->half))
		return false;
	tf->half[tf->n_half++] = ' ';
	memcpy(tf->half + tf->n_half, s.at, s.len);
	tf->n_half += s.len;
	return true;
}
