// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * html.c - one page that needs nothing else: html/page.html with the style, the
 * script and the data put in
 *
 * The page's policy (CSP) allows the script and the style that modmem was built
 * with, by their hashes, and nothing else: whatever a name in the data may look
 * like, it is never run.
 */
#include "html.h"

#include <errno.h>
#include <string.h>

#include "error.h"

/* The file as a text of the program (as and ld of any target can do that). */
#define EMBED(symbol, path)						\
	__asm__(".pushsection .rodata\n"				\
		".global " #symbol "\n"					\
		#symbol ":\n"						\
		".incbin \"src/view/html/" path "\"\n"			\
		".byte 0\n"						\
		".popsection\n");					\
	extern const char symbol[]

EMBED(modmem_page_html, "page.html");
EMBED(modmem_page_css, "page.css");
EMBED(modmem_page_js, "page.js");

/*
 * JSON within <script>: the only way out is "</script" (or "<!--"), so that "<"
 * is written as an escape, which it can be wherever it stands in JSON.
 */
static int put_escaped(const char *text, size_t size, void *out)
{
	for (size_t i = 0; i < size; i++) {
		if (text[i] == '<')
			fputs("\\u003c", out);
		else
			fputc(text[i], out);
	}
	return 0;
}

static int put_slot(const char *name, size_t len, json_t *data, FILE *out)
{
	static const struct {
		const char *name, *text;
	} slots[] = {
		{ "STYLE", modmem_page_css },
		{ "SCRIPT", modmem_page_js },
		{ "STYLE_HASH", PAGE_CSS_HASH },
		{ "SCRIPT_HASH", PAGE_JS_HASH },
	};

	if (len == 4 && !memcmp(name, "DATA", 4))
		return json_dump_callback(data, put_escaped, out, JSON_COMPACT);
	for (size_t i = 0; i < sizeof(slots) / sizeof(slots[0]); i++)
		if (strlen(slots[i].name) == len && !memcmp(name, slots[i].name, len))
			fputs(slots[i].text, out);
	return 0;
}

/* The template, in which @NAME@ stands for something. */
static int put_page(json_t *data, FILE *out)
{
	const char *p = modmem_page_html;
	int ret = 0;

	while (*p && !ret) {
		size_t len = strcspn(p, "@"), name;

		fwrite(p, 1, len, out);
		p += len;
		if (!*p)
			break;
		name = strspn(p + 1, "ABCDEFGHIJKLMNOPQRSTUVWXYZ_");
		if (!name || p[1 + name] != '@') {
			fputc(*p++, out);
			continue;
		}
		ret = put_slot(p + 1, name, data, out);
		p += name + 2;
	}
	return ret;
}

int view_html(const struct snapshot *snap, const struct export_opts *opts,
	      FILE *out, struct error *err)
{
	json_t *data = html_data(snap, opts, err);
	int ret;

	if (!data)
		return -EINVAL;
	ret = put_page(data, out);
	json_decref(data);
	return ret ? error_set(err, -ENOMEM, "out of memory") : 0;
}
