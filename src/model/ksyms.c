// SPDX-License-Identifier: GPL-2.0-or-later
#include "ksyms.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "hash.h"
#include "hash_index.h"
#include "kallsyms.h"

#define MODULE_TAGS_MAX 65535u
#define ALIASES_MAX 256u	/* of one address, in a text as the kernel writes it */
/*
 * From 6.1 names may be so long that their compressed length takes two bytes, of which
 * kallsyms_get_symbol_type() (kernel/kallsyms.c) takes the second for the type until
 * late in 2025: the first byte of any token, of which it is not known that it is a
 * letter. With its type such a name has 128 bytes at least.
 */
#define LONG_NAME 127u
/* A kernel that lists its symbols in disorder (to hide where they are) does it with all. */
#define DISORDER_SHARE 4u

struct ksym_range {
	uint64_t start, end;
};

struct ksyms {
	char *text;		/* a copy, in which the names are terminated */
	struct ksym *syms;
	size_t n, room;
	const char **tags;	/* module number -> name */
	size_t n_tags, tags_room;
	struct hash_index tag_index;
	size_t tag_len;		/* bytes of the one met last */
	uint16_t tag;		/* ... and its number */
	bool tag_new;		/* ... which no line before had */
	size_t tag_from;	/* ... and the symbol since which it is met */
	uint16_t tag_before;	/* the one before it */
	uint16_t island;	/* module of one line amid another's; 0: none */
	uint64_t core_addr;	/* of the kernel's symbol met last */
	uint64_t core_lines, disorder;	/* of the kernel's own, and below the one before */
	size_t digits;		/* of an address */
	uint64_t bad_lines;
	uint64_t odd_lines;	/* symbols, but not as a kernel writes them */
	uint64_t text_start, text_end;
	struct ksym_range entry[2];	/* irqentry, softirqentry */
	bool hidden;
};

/*
 * Another module's symbols begin. The kernel writes those of a module in a row: a
 * lone line of some other amid them, of which no other line tells, has a damaged
 * name. (While modules come and go, rows can be written twice, but not so.)
 */
static void begin_tag(struct ksyms *ks, uint16_t tag, bool is_new)
{
	if (tag == ks->island)
		ks->island = 0;
	if (ks->tag && tag == ks->tag_before && ks->tag_new &&
	    ks->n - ks->tag_from == 1 && !ks->island)
		ks->island = ks->tag;
	ks->tag_before = ks->tag;
	ks->tag = tag;
	ks->tag_new = is_new;
	ks->tag_from = ks->n;
}

/* A further one. 0 if there are too many, -1: no memory. */
static int add_tag(struct ksyms *ks, const char *name, uint64_t hash)
{
	const char **tags;

	if (ks->n_tags > MODULE_TAGS_MAX)
		return 0;
	if (ks->n_tags == ks->tags_room) {
		tags = realloc(ks->tags, 2 * ks->tags_room * sizeof(*tags));
		if (!tags)
			return -1;
		ks->tags = tags;
		ks->tags_room *= 2;
	}
	if (hash_index_add(&ks->tag_index, hash, (uint32_t)ks->n_tags))
		return -1;
	ks->tags[ks->n_tags] = name;
	return (int)ks->n_tags++;
}

/*
 * Number of the tag, made if it is new, and then terminated where it stands; 0:
 * not a module, or no room.
 */
static int module_tag(struct ksyms *ks, char *name, size_t len, uint16_t *tag)
{
	size_t at = 0;
	uint64_t hash;
	uint32_t i;
	int added = 0;

	/* symbols of one module stand together: look at the latest first */
	if (ks->tag_len == len && ks->tag && !memcmp(ks->tags[ks->tag], name, len)) {
		*tag = ks->tag;
		return 0;
	}
	*tag = 0;
	if (!kallsyms_is_module(span_of(name, len)))
		return 0;
	name[len] = '\0';
	hash = hash_bytes(name, len);
	while ((i = hash_index_next(&ks->tag_index, hash, &at)) != HASH_INDEX_END)
		if (!strcmp(ks->tags[i], name))
			break;
	if (i == HASH_INDEX_END) {
		added = add_tag(ks, name, hash);
		if (added <= 0)
			return added;
		i = (uint32_t)added;
	}
	ks->tag_len = len;
	*tag = (uint16_t)i;
	begin_tag(ks, *tag, added);
	return 0;
}

static bool equals(const char *text, size_t len, const char *word)
{
	return strlen(word) == len && !memcmp(text, word, len);
}

/*
 * Where the kernel's text is, and in it the sections that code enters by an
 * interrupt only, include/asm-generic/vmlinux.lds.h.
 */
static void section_mark(struct ksyms *ks, const char *name, size_t len,
			 uint64_t addr)
{
	const struct {
		const char *name;
		size_t len;
		uint64_t *addr;
	} marks[] = {
#define MARK(name, addr) { name, sizeof(name) - 1, addr }
		MARK("_etext", &ks->text_end),
		MARK("_stext", &ks->text_start),
		MARK("__irqentry_text_start", &ks->entry[0].start),
		MARK("__irqentry_text_end", &ks->entry[0].end),
		MARK("__softirqentry_text_start", &ks->entry[1].start),
		MARK("__softirqentry_text_end", &ks->entry[1].end),
#undef MARK
	};

	for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++)
		if (len == marks[i].len && !memcmp(name, marks[i].name, len))
			*marks[i].addr = addr;
	if (!ks->text_start && equals(name, len, "_text"))
		ks->text_start = addr;
}

/* As nm writes them (scripts/kallsyms.c), or elf_type() of modules. */
static inline bool is_type(char c)
{
	return ((unsigned int)c | 0x20) - 'a' < 26 || c == '?' || c == '-';
}

/* Absolute and undefined ones have no place in memory. */
static inline bool has_place(char type)
{
	return type != 'A' && type != 'a' && type != 'U';
}

/*
 * A line of the kernel's own symbols, which come first. Those with a place are in the
 * order of addresses (scripts/kallsyms.c, sort_symbols()); absolute ones, of per-CPU
 * data for one, are not moved with the kernel (kallsyms_sym_address()).
 */
static bool core_line(struct ksyms *ks, uint64_t addr, bool place)
{
	if (place) {
		ks->core_lines++;
		ks->disorder += addr < ks->core_addr;
		ks->core_addr = addr;
	}
	return !ks->tag;
}

/* What lies in the text, where it may be written to. */
static char *in_copy(struct ksyms *ks, const char *at)
{
	return ks->text + (at - ks->text);
}

static int parse_line(struct ksyms *ks, struct span line)
{
	struct kallsyms_line k;
	struct ksym *sym;
	bool odd, is_long, place;
	size_t len;
	char *name;

	if (ks->n == ks->room) {
		sym = realloc(ks->syms, 2 * ks->room * sizeof(*sym));
		if (!sym)
			return -1;
		ks->syms = sym;
		ks->room *= 2;
	}
	if (!kallsyms_line(line, &k)) {
		ks->bad_lines++;
		return 0;
	}
	sym = &ks->syms[ks->n];
	memset(sym, 0, sizeof(*sym));
	sym->addr = k.addr;
	if (!ks->digits)
		ks->digits = k.digits;
	name = in_copy(ks, k.name.at);
	len = span_len(k.name);
	is_long = len >= LONG_NAME;
	odd = k.odd || k.digits != ks->digits || (!is_type(k.type) && !is_long);
	place = is_long || has_place(k.type);
	if (kallsyms_is_mapping(name, len))
		return 0;
	if (k.tag.at) {
		if (module_tag(ks, in_copy(ks, k.tag.at), span_len(k.tag), &sym->module))
			return -1;
	} else if (!k.odd) {
		odd |= !core_line(ks, sym->addr, place);
	}
	name[len] = '\0';
	ks->odd_lines += odd;
	if (!place)
		return 0;
	/* names are so long where types are in them: functions, as good as always */
	sym->text = kallsyms_is_text(k.type) || k.type == 'i' || (is_long && !sym->module);
	sym->init_module = sym->module && equals(name, len, "init_module");
	/* all marks end in "text", "start" or "end" */
	if (!sym->module && name[0] == '_' && (name[len - 1] == 't' || name[len - 1] == 'd'))
		section_mark(ks, name, len, sym->addr);
	sym->name = name;
	if (sym->addr)
		ks->hidden = false;
	ks->n++;
	return 0;
}

static bool ends_with(const char *name, size_t n, const char *end)
{
	size_t e = strlen(end);

	return n >= e && !memcmp(name + n - e, end, e);
}

/* One of the linker script's marks: _stext, __irqentry_text_start, ... */
static bool is_mark(const char *name)
{
	size_t n = strlen(name);

	/* nearly all names are told by their last letter */
	if (name[n - 1] != 't' && name[n - 1] != 'd')
		return false;
	return ends_with(name, n, "_stext") || ends_with(name, n, "_etext") ||
	       ends_with(name, n, "_text") || ends_with(name, n, "_text_start") ||
	       ends_with(name, n, "_text_end") || ends_with(name, n, "inittext");
}

/* Of two names of one address, the one that a person would know it by. */
static int preference(const struct ksym *sym)
{
	const char *name = sym->name;

	if (!sym->text)
		return 3;
	if (sym->init_module || !strcmp(name, "cleanup_module"))
		return 2;
	if (is_mark(name))
		return 2;
	return name[0] == '_';
}

static int by_address(const void *a, const void *b)
{
	const struct ksym *x = a, *y = b;
	int px, py;

	if (x->addr != y->addr)
		return x->addr < y->addr ? -1 : 1;
	px = preference(x);
	py = preference(y);
	/* the best name last: that is the one that ksyms_find() returns */
	if (px != py)
		return px > py ? -1 : 1;
	/* of equals the one that stands first in the text */
	return (x->name < y->name) - (x->name > y->name);
}

static void merge(struct ksym *to, const struct ksym *a, size_t n_a,
		  const struct ksym *b, size_t n_b)
{
	while (n_a && n_b) {
		if (by_address(a, b) <= 0) {
			*to++ = *a++;
			n_a--;
		} else {
			*to++ = *b++;
			n_b--;
		}
	}
	memcpy(to, a, n_a * sizeof(*a));
	memcpy(to + n_a, b, n_b * sizeof(*b));
}

/*
 * The kernel writes its own symbols in the order of addresses, and those of
 * modules, which are some, behind: only these need sorting. 0 or -1.
 */
static int sort(struct ksyms *ks)
{
	struct ksym *syms = ks->syms, *sorted;
	size_t i, n, room;

	for (n = ks->n ? 1 : 0; n < ks->n && syms[n].addr >= syms[n - 1].addr; n++) {
		struct ksym sym = syms[n];

		for (i = n; i && syms[i - 1].addr == sym.addr &&
			    by_address(&syms[i - 1], &sym) > 0; i--)
			syms[i] = syms[i - 1];
		syms[i] = sym;
		if (n - i > ALIASES_MAX) {
			n = 0;	/* it is no such text */
			break;
		}
	}
	if (n == ks->n)
		return 0;
	qsort(syms + n, ks->n - n, sizeof(*syms), by_address);
	if (!n || by_address(&syms[n - 1], &syms[n]) <= 0)
		return 0;
	room = ks->n;
	sorted = malloc(room * sizeof(*sorted));
	if (!sorted)
		return -1;
	merge(sorted, syms, n, syms + n, ks->n - n);
	free(syms);
	ks->syms = sorted;
	ks->room = room;
	return 0;
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
	struct span all, line;

	if (!ks)
		return NULL;
	ks->hidden = true;
	ks->room = len / 40 + 16;
	ks->tags_room = 64;
	ks->n_tags = 1;
	ks->text = malloc(len + 1);
	ks->syms = malloc(ks->room * sizeof(*ks->syms));
	ks->tags = calloc(ks->tags_room, sizeof(*ks->tags));
	if (!ks->text || !ks->syms || !ks->tags)
		goto fail;
	if (len)
		memcpy(ks->text, text, len);
	ks->text[len] = '\0';
	ks->tags[0] = "";
	all = span_of(ks->text, len);
	while (span_line(&all, &line))
		if (line.at < line.end && parse_line(ks, line))
			goto fail;
	if (sort(ks))
		goto fail;
	share_init_mark(ks);
	return ks;
fail:
	ksyms_free(ks);
	return NULL;
}

void ksyms_free(struct ksyms *ks)
{
	if (!ks)
		return;
	free(ks->text);
	free(ks->syms);
	free(ks->tags);
	hash_index_release(&ks->tag_index);
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

uint64_t ksyms_odd_lines(const struct ksyms *ks)
{
	uint64_t disorder = ks->disorder;

	if (disorder * DISORDER_SHARE > ks->core_lines + 1)
		disorder = 0;
	return ks->bad_lines + ks->odd_lines + disorder + (ks->island != 0);
}

size_t ksyms_modules(const struct ksyms *ks)
{
	return ks->n_tags;
}

uint16_t ksyms_module(const struct ksyms *ks, const char *name)
{
	uint64_t hash = hash_bytes(name, strlen(name));
	size_t at = 0;
	uint32_t i;

	while ((i = hash_index_next(&ks->tag_index, hash, &at)) != HASH_INDEX_END)
		if (!strcmp(ks->tags[i], name))
			return (uint16_t)i;
	return 0;
}

const char *ksyms_module_name(const struct ksyms *ks, uint16_t module)
{
	return ks->tags[module];
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
