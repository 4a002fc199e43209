// SPDX-License-Identifier: GPL-2.0-or-later
#include "ksyms.h"

#include <stdlib.h>
#include <string.h>

#include "strings_table.h"

#define MODULE_TAGS_MAX 65535u

struct ksym_range {
	uint64_t start, end;
};

struct ksyms {
	struct strings *names;
	struct ksym *syms;
	size_t n, room;
	uint32_t *tags;		/* module number -> name in @names */
	size_t n_tags, tags_room;
	uint64_t bad_lines;
	uint64_t text_start, text_end;
	struct ksym_range entry[2];	/* irqentry, softirqentry */
	bool hidden;
};

static bool parse_hex(const char **p, const char *end, uint64_t *value)
{
	const char *s = *p;
	uint64_t v = 0;

	for (; s < end; s++) {
		unsigned int digit;

		if (*s >= '0' && *s <= '9')
			digit = (unsigned int)(*s - '0');
		else if (*s >= 'a' && *s <= 'f')
			digit = (unsigned int)(*s - 'a') + 10;
		else if (*s >= 'A' && *s <= 'F')
			digit = (unsigned int)(*s - 'A') + 10;
		else
			break;
		if (s - *p >= 16)
			return false;
		v = v << 4 | digit;
	}
	if (s == *p)
		return false;
	*p = s;
	*value = v;
	return true;
}

/* Number of the tag, made if it is new; 0: not a module, or no room. */
static int module_tag(struct ksyms *ks, const char *name, size_t len,
		      uint16_t *tag)
{
	uint32_t id;
	size_t i;

	/* "[bpf]" and "[__builtin__ftrace]" are the kernel's own */
	if ((len == 3 && !memcmp(name, "bpf", 3)) ||
	    (len > 11 && !memcmp(name, "__builtin__", 11))) {
		*tag = 0;
		return 0;
	}
	id = strings_add(ks->names, name, len);
	if (id == UINT32_MAX)
		return -1;
	/* symbols of one module stand together: look at the latest first */
	for (i = ks->n_tags; i-- > 1;)
		if (ks->tags[i] == id) {
			*tag = (uint16_t)i;
			return 0;
		}
	if (ks->n_tags > MODULE_TAGS_MAX) {
		*tag = 0;
		return 0;
	}
	if (ks->n_tags == ks->tags_room) {
		uint32_t *tags = realloc(ks->tags, 2 * ks->tags_room * sizeof(*tags));

		if (!tags)
			return -1;
		ks->tags = tags;
		ks->tags_room *= 2;
	}
	*tag = (uint16_t)ks->n_tags;
	ks->tags[ks->n_tags++] = id;
	return 0;
}

/* "$x", "$d.12", "$a": where code and data begin on arm; not functions. */
static bool is_mapping_symbol(const char *name, size_t len)
{
	return len >= 2 && name[0] == '$' && strchr("adtx", name[1]) &&
	       (len == 2 || name[2] == '.');
}

static bool equals(const char *text, size_t len, const char *word)
{
	return strlen(word) == len && !memcmp(text, word, len);
}

/* Sections that code enters by an interrupt only, include/asm-generic/vmlinux.lds.h */
static void entry_mark(struct ksyms *ks, const char *name, size_t len,
		       uint64_t addr)
{
	if (equals(name, len, "__irqentry_text_start"))
		ks->entry[0].start = addr;
	else if (equals(name, len, "__irqentry_text_end"))
		ks->entry[0].end = addr;
	else if (equals(name, len, "__softirqentry_text_start"))
		ks->entry[1].start = addr;
	else if (equals(name, len, "__softirqentry_text_end"))
		ks->entry[1].end = addr;
}

static int parse_line(struct ksyms *ks, const char *p, const char *end)
{
	struct ksym *sym;
	const char *name, *tag;
	size_t len;
	char type;

	if (ks->n == ks->room) {
		sym = realloc(ks->syms, 2 * ks->room * sizeof(*sym));
		if (!sym)
			return -1;
		ks->syms = sym;
		ks->room *= 2;
	}
	sym = &ks->syms[ks->n];
	memset(sym, 0, sizeof(*sym));

	if (!parse_hex(&p, end, &sym->addr) || end - p < 4 || p[0] != ' ' ||
	    p[2] != ' ')
		goto bad;
	type = p[1];
	name = p + 3;
	for (p = name; p < end && *p != ' ' && *p != '\t'; p++)
		;
	len = (size_t)(p - name);
	if (!len)
		goto bad;
	if (is_mapping_symbol(name, len))
		return 0;
	while (p < end && (*p == ' ' || *p == '\t'))
		p++;
	if (p < end && *p == '[') {
		tag = ++p;
		while (p < end && *p != ']')
			p++;
		if (module_tag(ks, tag, (size_t)(p - tag), &sym->module))
			return -1;
	}
	/* absolute and undefined ones ("A", "U") have no place in memory */
	if (type == 'A' || type == 'a' || type == 'U')
		return 0;
	sym->text = type == 't' || type == 'T' || type == 'w' || type == 'W' ||
		    type == 'i';
	sym->init_module = sym->module && equals(name, len, "init_module");
	if (!sym->module && equals(name, len, "_etext"))
		ks->text_end = sym->addr;
	if (!sym->module && (equals(name, len, "_stext") ||
			     (equals(name, len, "_text") && !ks->text_start)))
		ks->text_start = sym->addr;
	if (!sym->module)
		entry_mark(ks, name, len, sym->addr);
	sym->name_id = strings_add(ks->names, name, len);
	if (sym->name_id == UINT32_MAX)
		return -1;
	if (sym->addr)
		ks->hidden = false;
	ks->n++;
	return 0;
bad:
	ks->bad_lines++;
	return 0;
}

static bool ends_with(const char *name, const char *end)
{
	size_t n = strlen(name), e = strlen(end);

	return n >= e && !strcmp(name + n - e, end);
}

/* Of two names of one address, the one that a person would know it by. */
static int preference(const struct ksyms *ks, const struct ksym *sym)
{
	const char *name = strings_get(ks->names, sym->name_id);

	if (!sym->text)
		return 3;
	if (sym->init_module || !strcmp(name, "cleanup_module"))
		return 2;
	/* the linker script's marks: _stext, __irqentry_text_start, ... */
	if (ends_with(name, "_stext") || ends_with(name, "_etext") ||
	    ends_with(name, "_text") || ends_with(name, "_text_start") ||
	    ends_with(name, "_text_end") || ends_with(name, "inittext"))
		return 2;
	return name[0] == '_';
}

static int by_address(const void *a, const void *b, void *arg)
{
	const struct ksym *x = a, *y = b;
	const struct ksyms *ks = arg;
	int px, py;

	if (x->addr != y->addr)
		return x->addr < y->addr ? -1 : 1;
	px = preference(ks, x);
	py = preference(ks, y);
	/* the best name last: that is the one that ksyms_find() returns */
	if (px != py)
		return px > py ? -1 : 1;
	return (x->name_id < y->name_id) - (x->name_id > y->name_id);
}

static bool is_sorted(const struct ksyms *ks)
{
	size_t i;

	for (i = 1; i < ks->n; i++)
		if (ks->syms[i - 1].addr >= ks->syms[i].addr)
			return false;
	return true;
}

/* Aliases share what is known of their address. */
static void share_init_mark(struct ksyms *ks)
{
	size_t i, end, j;

	for (i = 0; i < ks->n; i = end) {
		bool init = false;

		for (end = i; end < ks->n && ks->syms[end].addr == ks->syms[i].addr;
		     end++)
			init |= ks->syms[end].init_module;
		for (j = i; init && j < end; j++)
			ks->syms[j].init_module = true;
	}
}

struct ksyms *ksyms_parse(const char *text, size_t len)
{
	struct ksyms *ks = calloc(1, sizeof(*ks));
	const char *end = text + len, *eol;
	size_t i;

	if (!ks)
		return NULL;
	ks->hidden = true;
	ks->room = len / 40 + 16;
	ks->tags_room = 64;
	ks->n_tags = 1;
	ks->names = strings_new();
	ks->syms = malloc(ks->room * sizeof(*ks->syms));
	ks->tags = calloc(ks->tags_room, sizeof(*ks->tags));
	if (!ks->names || !ks->syms || !ks->tags)
		goto fail;
	for (; text < end; text = eol + 1) {
		eol = memchr(text, '\n', (size_t)(end - text));
		if (!eol)
			eol = end;
		if (eol > text && parse_line(ks, text, eol))
			goto fail;
	}
	if (!is_sorted(ks))
		qsort_r(ks->syms, ks->n, sizeof(*ks->syms), by_address, ks);
	share_init_mark(ks);
	for (i = 0; i < ks->n; i++)
		ks->syms[i].name = strings_get(ks->names, ks->syms[i].name_id);
	return ks;
fail:
	ksyms_free(ks);
	return NULL;
}

void ksyms_free(struct ksyms *ks)
{
	if (!ks)
		return;
	strings_free(ks->names);
	free(ks->syms);
	free(ks->tags);
	free(ks);
}

size_t ksyms_count(const struct ksyms *ks)
{
	return ks->n;
}

const struct ksym *ksyms_at(const struct ksyms *ks, size_t i)
{
	return &ks->syms[i];
}

size_t ksyms_find(const struct ksyms *ks, uint64_t addr)
{
	size_t lo = 0, hi = ks->n;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (ks->syms[mid].addr <= addr)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo ? lo - 1 : SIZE_MAX;
}

bool ksyms_hidden(const struct ksyms *ks)
{
	return ks->n && ks->hidden;
}

uint64_t ksyms_bad_lines(const struct ksyms *ks)
{
	return ks->bad_lines;
}

size_t ksyms_modules(const struct ksyms *ks)
{
	return ks->n_tags;
}

const char *ksyms_module_name(const struct ksyms *ks, uint16_t module)
{
	return strings_get(ks->names, ks->tags[module]);
}

bool ksyms_core_text(const struct ksyms *ks, uint64_t *start, uint64_t *end)
{
	*start = ks->text_start;
	*end = ks->text_end;
	return ks->text_end > ks->text_start && ks->text_start;
}

bool ksyms_entry_text(const struct ksyms *ks, uint64_t addr)
{
	size_t i;

	/* a table that was cut down may have one mark of the two */
	for (i = 0; i < 2; i++)
		if (ks->entry[i].start && addr > ks->entry[i].start &&
		    addr <= ks->entry[i].end)
			return true;
	return false;
}
