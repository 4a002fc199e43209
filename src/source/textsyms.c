// SPDX-License-Identifier: GPL-2.0-or-later
#include "textsyms_internal.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hash.h"
#include "hash_index.h"
#include "kallsyms.h"
#include "memstream.h"
#include "strings_table.h"
#include "textlog.h"

/*
 * Where made-up code lies: where no kernel has any. A function with its rounding
 * is at most TEXTSYM_MAX bytes: modmap_text.c believes no larger one.
 */
#define KERNEL_BASE	UINT64_C(0xfff0000000000000)
#define MODULES_BASE	UINT64_C(0xfff1000000000000)
#define MODULE_GAP	UINT64_C(0x100000)
#define ALIGN		16u
#define SYMBOLS_MAX	(1u << 22)
#define SEVERAL		UINT32_MAX
#define NOWHERE		(UINT32_MAX - 1)

struct textsyms *textsyms_new(void)
{
	struct textsyms *ts = calloc(1, sizeof(*ts));

	if (!ts)
		return NULL;
	ts->strings = strings_new();
	ts->room = 256;
	ts->syms = calloc(ts->room, sizeof(*ts->syms));
	if (!ts->strings || !ts->syms) {
		textsyms_free(ts);
		return NULL;
	}
	return ts;
}

void textsyms_free(struct textsyms *ts)
{
	if (!ts)
		return;
	strings_free(ts->strings);
	free(ts->syms);
	hash_index_release(&ts->index);
	free(ts->order);
	free(ts->learned);
	free(ts->given);
	free(ts->modules);
	free(ts);
}

/* What makes a function another one. Code without a name: its address. */
static uint64_t sym_hash(const struct textsym *s)
{
	uint64_t h = hash_add((uint64_t)s->name << 32 | s->module, s->size);

	return hash64(hash_add(h, s->name ? 0 : s->addr));
}

static bool sym_equal(const struct textsym *a, const struct textsym *b)
{
	return a->name == b->name && a->module == b->module && a->size == b->size &&
	       (a->name || a->addr == b->addr);
}

/* Number of the symbol, UINT32_MAX: no memory. */
static uint32_t find(struct textsyms *ts, const struct textsym *want)
{
	uint64_t hash = sym_hash(want);
	size_t at = 0;
	uint32_t i;

	while ((i = hash_index_next(&ts->index, hash, &at)) != HASH_INDEX_END)
		if (sym_equal(&ts->syms[i], want))
			return i;
	if (ts->n == SYMBOLS_MAX)
		return UINT32_MAX;
	if (ts->n == ts->room) {
		struct textsym *syms = realloc(ts->syms, 2 * (size_t)ts->room * sizeof(*syms));

		if (!syms)
			return UINT32_MAX;
		ts->syms = syms;
		ts->room *= 2;
	}
	ts->syms[ts->n] = *want;
	return hash_index_add(&ts->index, hash, ts->n) ? UINT32_MAX : ts->n++;
}

uint64_t textsyms_add(struct textsyms *ts, const struct textsym *want, uint32_t offset)
{
	uint32_t id = find(ts, want);

	if (id == UINT32_MAX)
		return 0;
	if (ts->syms[id].reach < offset)
		ts->syms[id].reach = offset;
	return (uint64_t)(id + 1) << 32 | offset;
}

static uint64_t bare_token(struct textsyms *ts, uint64_t addr)
{
	struct textsym want = { .addr = addr };
	uint64_t token = textsyms_add(ts, &want, 0), given;

	if (!token || ts->syms[textsyms_number(token)].looked_up)
		return token;
	if (textsyms_given(ts, addr, &given))
		return 0;
	ts->syms[textsyms_number(token)].given = given;
	ts->syms[textsyms_number(token)].looked_up = true;
	return token;
}

/*
 * @bare is called @token by what printed it, which has kallsyms, too: of code that is
 * in none it says the nearest symbol.
 */
static void call(struct textsyms *ts, uint64_t bare, uint64_t token)
{
	struct textsym *s = &ts->syms[textsyms_number(bare)];
	const struct textsym *was = s->called && s->called != TEXTSYM_VARIES ?
				    &ts->syms[textsyms_number(s->called)] : NULL;
	const struct textsym *now = &ts->syms[textsyms_number(token)];

	if (!s->called)
		s->called = token;
	else if (!was || was->name != now->name)
		s->called = TEXTSYM_VARIES;
	else if ((uint32_t)s->called == TEXTLOG_NO_OFFSET)
		s->called = token;
	if (s->given && ts->syms[textsyms_number(s->given)].name == now->name)
		s->fits = true;
	else
		s->differs |= s->given != 0;
}

uint64_t textsyms_token(struct textsyms *ts, const struct textcode *code)
{
	struct textsym want = { 0 };
	uint32_t offset = TEXTLOG_NO_OFFSET;
	uint64_t token, bare;

	if (!code->name.len)
		return bare_token(ts, code->addr);
	want.name = strings_add(ts->strings, code->name.at, code->name.len);
	if (kallsyms_is_module(span_of(code->module.at, code->module.len)))
		want.module = strings_add(ts->strings, code->module.at, code->module.len);
	if (want.name == UINT32_MAX || want.module == UINT32_MAX)
		return 0;
	want.size = code->size;
	if (code->has_offset)
		offset = code->offset < TEXTSYM_MAX ? (uint32_t)code->offset :
			 TEXTSYM_MAX - 1;
	token = textsyms_add(ts, &want, offset);
	if (!token)
		return 0;
	ts->syms[textsyms_number(token)].from_given = false;
	bare = code->addr ? bare_token(ts, code->addr) : 0;
	if (code->addr && !bare)
		return 0;
	/* trace-cmd and perf: what the address is in counts, not what it was called */
	if (bare && !code->told && !code->module.len) {
		call(ts, bare, token);
		return bare;
	}
	ts->no_offsets |= !code->has_offset;
	ts->syms[textsyms_number(token)].used = true;
	/* options/sym-addr: it says where it lies, too */
	if (bare)
		textsyms_stands_for(ts, bare, token);
	return token;
}

bool textsyms_same_function(const struct textsyms *ts, uint64_t frame, uint64_t site)
{
	const struct textsym *a, *b;
	bool same;

	frame = textsyms_named(ts, frame);
	/* the event has no more than the name, the frame was found by its address */
	same = (uint32_t)frame == (uint32_t)site;
	if (!frame || !site || ((uint32_t)frame != TEXTLOG_NO_OFFSET && !same))
		return false;
	a = &ts->syms[textsyms_number(frame)];
	b = &ts->syms[textsyms_number(site)];
	return a->name && a->name == b->name &&
	       (!a->module || a->module == b->module || (same && !b->module && !b->size));
}

uint64_t textsyms_join(struct textsyms *ts, uint64_t frame, uint64_t site, bool *tells)
{
	struct textsym *s = &ts->syms[textsyms_number(frame)];
	uint32_t name = ts->syms[textsyms_number(site)].name;
	bool one = name < ts->n_learned && ts->learned[name] < NOWHERE;

	*tells = !s->name && !(s->given && one);
	if (!*tells)
		return site;
	if (s->called && s->called != TEXTSYM_VARIES)
		s->called = site;
	return frame;
}

bool textsyms_is_untold(const struct textsyms *ts, uint64_t token)
{
	return token && ts->syms[textsyms_number(token)].untold;
}

void textsyms_is_init(struct textsyms *ts, uint64_t token)
{
	if (token)
		ts->syms[textsyms_number(token)].init = true;
}

bool textsyms_is(const struct textsyms *ts, uint64_t token, const char *name)
{
	const struct textsym *s;

	token = textsyms_named(ts, token);
	if (!token)
		return false;
	s = &ts->syms[textsyms_number(token)];
	return s->name && !s->module && !strcmp(strings_get(ts->strings, s->name), name);
}

static int by_module(const void *x, const void *y, void *arg)
{
	const struct textsyms *ts = arg;
	const struct textsym *a = &ts->syms[*(const uint32_t *)x];
	const struct textsym *b = &ts->syms[*(const uint32_t *)y];

	if (a->module != b->module)
		return a->module > b->module ? 1 : -1;
	/* as they were met: the same in each run */
	return a > b ? 1 : -1;
}

int textsyms_learn(struct textsyms *ts, const struct kallsyms_line *k)
{
	uint32_t name = strings_add(ts->strings, k->name.at, span_len(k->name));
	uint32_t module = 0, was;

	if (kallsyms_is_module(k->tag))
		module = strings_add(ts->strings, k->tag.at, span_len(k->tag));
	if (name == UINT32_MAX || module == UINT32_MAX)
		return -ENOMEM;
	if (name >= ts->n_learned) {
		size_t more = ts->n_learned ? 2 * ts->n_learned : 4096;
		uint32_t *learned;

		while (more <= name)
			more *= 2;
		learned = realloc(ts->learned, more * sizeof(*learned));
		if (!learned)
			return -ENOMEM;
		for (size_t i = ts->n_learned; i < more; i++)
			learned[i] = NOWHERE;
		ts->learned = learned;
		ts->n_learned = more;
	}
	was = ts->learned[name];
	ts->learned[name] = was == NOWHERE || was == module ? module : SEVERAL;
	return textsyms_give(ts, k->addr, kallsyms_is_text(k->type), name, module);
}

bool textsyms_knows(const struct textsyms *ts, uint32_t name)
{
	return name < ts->n_learned && ts->learned[name] != NOWHERE;
}

/* The one module of functions of this name, 0: the kernel, or not known. */
static uint32_t module_of(struct textsyms *ts, const uint32_t *home, uint32_t name)
{
	if (name < ts->n_learned && ts->learned[name] < NOWHERE)
		return ts->learned[name];
	/* several functions are called so: what the log says of one must do */
	if (home[name] && home[name] != SEVERAL)
		return home[name];
	ts->ambiguous += home[name] == SEVERAL ||
			 (name < ts->n_learned && ts->learned[name] == SEVERAL);
	return 0;
}

/* Modules for the names that have none. */
static int adopt(struct textsyms *ts)
{
	size_t n = strings_count(ts->strings);
	uint32_t *home = calloc(n + 1, sizeof(*home));

	if (!home)
		return -ENOMEM;
	for (uint32_t i = 0; i < ts->n; i++) {
		const struct textsym *s = &ts->syms[i];

		if (!s->name || !s->module)
			continue;
		home[s->name] = !home[s->name] || home[s->name] == s->module ?
				s->module : SEVERAL;
	}
	/* with an offset the kernel says the module as well: it has none */
	for (uint32_t i = 0; i < ts->n; i++) {
		struct textsym *s = &ts->syms[i];

		if (s->name && s->used && !s->module && !s->size)
			s->module = module_of(ts, home, s->name);
	}
	free(home);
	return 0;
}

/* Bytes that a function takes. */
static uint64_t room_of(const struct textsym *s)
{
	uint64_t room = s->reach + 1;

	if (room < s->size)
		room = s->size < TEXTSYM_MAX ? s->size : TEXTSYM_MAX;
	return (room + ALIGN) & ~(uint64_t)(ALIGN - 1);
}

int textsyms_place(struct textsyms *ts)
{
	uint64_t kernel = KERNEL_BASE, module = MODULES_BASE;
	uint32_t last = 0;

	if (textsyms_name_bare(ts) || adopt(ts) || textsyms_space(ts))
		return -ENOMEM;
	free(ts->order);
	ts->order = calloc(ts->n + 1, sizeof(*ts->order));
	if (!ts->order)
		return -ENOMEM;
	ts->n_placed = 0;
	for (uint32_t i = 0; i < ts->n; i++)
		if (ts->syms[i].name && ts->syms[i].used && !ts->syms[i].same &&
		    !ts->syms[i].unknown)
			ts->order[ts->n_placed++] = i;
	qsort_r(ts->order, ts->n_placed, sizeof(*ts->order), by_module, ts);
	for (uint32_t i = 0; i < ts->n_placed; i++) {
		struct textsym *s = &ts->syms[ts->order[i]];
		uint64_t *at = s->module ? &module : &kernel;

		if (s->module && s->module != last) {
			module = (module + 2 * MODULE_GAP - 1) & ~(MODULE_GAP - 1);
			last = s->module;
		}
		s->addr = *at;
		*at += room_of(s);
	}
	return 0;
}

uint64_t textsyms_address(const struct textsyms *ts, uint64_t token)
{
	const struct textsym *s;

	if (!token)
		return 0;
	s = &ts->syms[textsyms_number(token)];
	if (!s->name && s->is) {
		token = s->is;
		s = &ts->syms[textsyms_number(token)];
	}
	if (s->same)
		s = &ts->syms[s->same - 1];
	return s->addr + (uint32_t)token;
}

bool textsyms_is_bare(const struct textsyms *ts, uint64_t token)
{
	const struct textsym *s = token ? &ts->syms[textsyms_number(token)] : NULL;

	return s && !s->name && !s->is;
}

/* Where the function at place @i ends: nothing of another begins before. */
static uint64_t end_of(const struct textsyms *ts, uint32_t i)
{
	const struct textsym *s = &ts->syms[ts->order[i]];

	return s->addr + room_of(s);
}

char *textsyms_kallsyms(const struct textsyms *ts, size_t *len)
{
	char *text = NULL;
	uint64_t etext = KERNEL_BASE + ALIGN;
	int ret;
	FILE *out = open_memstream(&text, len);

	if (!out)
		return NULL;
	fprintf(out, "%016llx T _stext\n", (unsigned long long)KERNEL_BASE);
	for (uint32_t i = 0; i < ts->n_placed; i++) {
		const struct textsym *s = &ts->syms[ts->order[i]];
		const char *module = s->module ? strings_get(ts->strings, s->module) : NULL;
		bool last = i + 1 == ts->n_placed ||
			    ts->syms[ts->order[i + 1]].module != s->module;

		fprintf(out, "%016llx t %s", (unsigned long long)s->addr,
			strings_get(ts->strings, s->name));
		if (!module) {
			fputc('\n', out);
			etext = end_of(ts, i);
			continue;
		}
		fprintf(out, "\t[%s]\n", module);
		if (s->init)
			fprintf(out, "%016llx t init_module\t[%s]\n",
				(unsigned long long)s->addr, module);
		/* data ends the text, see modmap_text.c */
		if (last)
			fprintf(out, "%016llx d __this_module\t[%s]\n",
				(unsigned long long)end_of(ts, i), module);
	}
	fprintf(out, "%016llx T _etext\n", (unsigned long long)etext);
	ret = textsyms_unknown(ts, out);
	if (memstream_close(out, &text) || ret) {
		free(text);
		return NULL;
	}
	return text;
}

bool textsyms_lacks_offsets(const struct textsyms *ts)
{
	return ts->no_offsets;
}

bool textsyms_given_unseen(const struct textsyms *ts)
{
	bool given = false;

	for (uint32_t i = 0; i < ts->n; i++) {
		if (ts->syms[i].fits)
			return false;
		given |= ts->syms[i].given && ts->syms[i].is == ts->syms[i].given;
	}
	return given;
}

bool textsyms_given_differs(const struct textsyms *ts)
{
	return ts->given_differs;
}

uint64_t textsyms_ambiguous(const struct textsyms *ts)
{
	return ts->ambiguous;
}
