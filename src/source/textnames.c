// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * textnames.c - what function a bare address is in
 *
 * Before Linux 5.4 the events of slab print their call site as %lx, those of
 * kmalloc_node and kmem_cache_alloc_node up to 5.8 (include/trace/events/kmem.h),
 * and their stacks have names. Where the stack begins with the function that
 * fires the event, the call site is its caller: _RET_IP_ of mm/slub.c, or of who
 * called a *_track_caller. Stacks of other kernels (3.13) and of 32-bit arm begin
 * further out: then the call site may be their first frame or one that they lack.
 */
#include "textsyms_internal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "allocfn.h"
#include "strings_table.h"
#include "textlog.h"

#define INNER_MAX	8u	/* frames to look for the one that fires the event in */
#define PAGE		4096u	/* the smallest there is: what a last function gets */
#define ALIGNED		16u	/* functions are, with -O2 */

/* ---- a given kallsyms ---------------------------------------------------------- */

int textsyms_give(struct textsyms *ts, uint64_t addr, bool text, uint32_t name,
		  uint32_t module)
{
	if (!addr)	/* read without privilege: only names */
		return 0;
	if (ts->n_given == ts->given_room) {
		size_t room = ts->given_room ? 2 * ts->given_room : 4096;
		struct given_symbol *given = realloc(ts->given, room * sizeof(*given));

		if (!given)
			return -ENOMEM;
		ts->given = given;
		ts->given_room = room;
	}
	ts->given[ts->n_given++] = (struct given_symbol){
		.addr = addr, .name = name, .module = module,
		.text = text,
	};
	ts->given_sorted = false;
	return 0;
}

static int by_addr(const void *x, const void *y)
{
	const struct given_symbol *a = x, *b = y;

	if (a->addr != b->addr)
		return a->addr > b->addr ? 1 : -1;
	/* of equals the last one is found: text, and what stands first in the file */
	if (a->text != b->text)
		return a->text - b->text;
	return (a->name < b->name) - (a->name > b->name);
}

/*
 * Where the function of @i ends: with the next symbol, or, where that is another
 * module's or far, with its page: nothing is guessed from a distant symbol.
 */
static uint64_t given_end(const struct textsyms *ts, size_t i)
{
	const struct given_symbol *s = &ts->given[i];
	uint64_t page = (s->addr & ~(uint64_t)(PAGE - 1)) + PAGE;

	for (size_t k = i + 1; k < ts->n_given; k++) {
		const struct given_symbol *next = &ts->given[k];

		if (next->addr == s->addr)
			continue;
		if (next->module == s->module && next->addr - s->addr < TEXTSYM_MAX)
			return next->addr;
		return next->addr < page ? next->addr : page;
	}
	return page;
}

/* How many symbols lie below @addr. */
static size_t given_below(const struct textsyms *ts, uint64_t addr)
{
	size_t lo = 0, hi = ts->n_given;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (ts->given[mid].addr < addr)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

int textsyms_given(struct textsyms *ts, uint64_t addr, uint64_t *token)
{
	struct textsym want = { 0 };
	uint64_t end;
	size_t lo;

	*token = 0;
	if (!ts->n_given)
		return 0;
	if (!ts->given_sorted)
		qsort(ts->given, ts->n_given, sizeof(*ts->given), by_addr);
	ts->given_sorted = true;
	/* the call is before the address that it returns to */
	lo = given_below(ts, addr);
	if (!lo || !ts->given[lo - 1].text)
		return 0;
	end = given_end(ts, lo - 1);
	if (addr > end)
		return 0;
	want.name = ts->given[lo - 1].name;
	want.module = ts->given[lo - 1].module;
	want.size = end - ts->given[lo - 1].addr;
	want.from_given = true;
	*token = textsyms_add(ts, &want, (uint32_t)(addr - ts->given[lo - 1].addr));
	return *token ? 0 : -ENOMEM;
}

/* ---- stacks that tell ------------------------------------------------------------ */

uint64_t textsyms_named(const struct textsyms *ts, uint64_t token)
{
	const struct textsym *s = token ? &ts->syms[textsyms_number(token)] : NULL;

	return s && !s->name && s->called && s->called != TEXTSYM_VARIES ? s->called : token;
}

static const char *name_of(const struct textsyms *ts, uint64_t token)
{
	uint32_t name = ts->syms[textsyms_number(textsyms_named(ts, token))].name;

	return name ? strings_get(ts->strings, name) : "";
}

static bool begins(const char *name, const char *with)
{
	return !strncmp(name, with, strlen(with));
}

/* Fires an event of slab for its caller (mm/slub.c, mm/slab.c, mm/slab_common.c). */
static bool fires(const char *name)
{
	while (*name == '_')
		name++;
	if (begins(name, "kmalloc_reserve"))	/* net/core/skbuff.c */
		return false;
	return begins(name, "kmalloc") || begins(name, "kmem_cache_alloc") ||
	       begins(name, "kmem_cache_free") || !strcmp(name, "kfree");
}

static bool traces(const char *name)
{
	return allocfn_flags(name) & FN_TRACING;
}

/* The frame in which the call site is, @n: the stack does not tell. */
static size_t site_frame(const struct textsyms *ts, const uint64_t *frames, size_t n)
{
	size_t i;

	for (i = 0; i < n && i < INNER_MAX; i++) {
		const char *name = name_of(ts, frames[i]);

		if (fires(name)) {
			/* mm/slab.c: __kmalloc() has its work done by that */
			bool inner = begins(name, "__do_kmalloc");

			i += strstr(name, "track_caller") || inner ? 2 : 1;
			return i < n ? i : n;
		}
		if (!traces(name))
			break;
	}
	return n;
}

static bool same_code(const struct textsyms *ts, uint64_t frame, uint64_t given)
{
	const struct textsym *a, *b = &ts->syms[textsyms_number(given)];

	frame = textsyms_named(ts, frame);
	a = &ts->syms[textsyms_number(frame)];
	return a->name && a->name == b->name && (!a->module || a->module == b->module) &&
	       ((uint32_t)frame == (uint32_t)given ||
		(uint32_t)frame == TEXTLOG_NO_OFFSET);
}

static void note(uint64_t *known, uint64_t token)
{
	if (!*known)
		*known = token;
	else if (*known != token)
		*known = TEXTSYM_VARIES;
}

void textsyms_stands_for(struct textsyms *ts, uint64_t site, uint64_t token)
{
	note(&ts->syms[textsyms_number(site)].shown, token);
}

bool textsyms_stack(struct textsyms *ts, uint64_t site, uint64_t *frames, size_t n)
{
	struct textsym *s = &ts->syms[textsyms_number(site)];
	size_t i, at;

	for (i = 0; i < n && frames[i] != site; i++)
		;
	if (i < n)	/* it has no name there, either */
		return true;
	for (i = 0; s->given && i < n; i++) {
		if (!same_code(ts, frames[i], s->given))
			continue;
		s->fits = true;
		if ((uint32_t)frames[i] == TEXTLOG_NO_OFFSET)
			frames[i] = site;
		else
			note(&s->shown, textsyms_named(ts, frames[i]));
		return true;
	}
	at = site_frame(ts, frames, n);
	if (at < n) {
		s->differs |= s->given != 0;
		if (*name_of(ts, frames[at]))
			note(&s->shown, textsyms_named(ts, frames[at]));
		return true;
	}
	for (i = 0; i < n && traces(name_of(ts, frames[i])); i++)
		;
	if (i < n && *name_of(ts, frames[i]))
		note(&s->outside, textsyms_named(ts, frames[i]));
	return false;
}

/* ---- what they tell ----------------------------------------------------------- */

/* Code that is known by name and by address. */
struct pair {
	uint64_t addr, token;
};

/* The address where the function of @p begins. */
static uint64_t base_of(const struct pair *p)
{
	return p->addr - (uint32_t)p->token;
}

static int by_token(const void *x, const void *y)
{
	const struct pair *a = x, *b = y;

	if (a->token != b->token)
		return a->token > b->token ? 1 : -1;
	return (a->addr > b->addr) - (a->addr < b->addr);
}

/*
 * Are call sites the first frames of those stacks that may lack them? If so, one
 * frame has one address, and two in a function are as far from each other as their
 * offsets. Where nothing is there to compare, functions begin at multiples of 16.
 */
static bool outside_is_site(const struct textsyms *ts, struct pair *pairs)
{
	size_t n = 0, yes = 0, no = 0, aligned = 0;

	for (uint32_t i = 0; i < ts->n; i++) {
		const struct textsym *s = &ts->syms[i];

		if (s->name || !s->outside)
			continue;
		/* a function whose callers differ; or what it is has been told */
		if (s->outside == TEXTSYM_VARIES || s->given)
			no++;
		else if (s->shown)
			*(s->shown == s->outside ? &yes : &no) += 1;
		else
			pairs[n++] = (struct pair){ s->addr, s->outside };
	}
	qsort(pairs, n, sizeof(*pairs), by_token);
	for (size_t i = 0; i < n; i++) {
		if ((uint32_t)pairs[i].token == TEXTLOG_NO_OFFSET)
			continue;
		aligned += base_of(&pairs[i]) % ALIGNED == 0;
		if (!i || pairs[i].token >> 32 != pairs[i - 1].token >> 32)
			continue;
		if (base_of(&pairs[i]) == base_of(&pairs[i - 1]))
			yes++;
		else
			no++;
	}
	if (yes != no)
		return yes > no;
	return !no && n && aligned == n;
}

static int by_base(const void *x, const void *y)
{
	uint64_t a = base_of(x), b = base_of(y);

	return (a > b) - (a < b);
}

/* Functions that lie over each other cannot both have been there all the time. */
static size_t drop_overlaps(const struct textsyms *ts, struct pair *pairs, size_t n)
{
	size_t kept = 0, i, end;

	for (i = 0; i < n; i = end) {
		uint64_t reach = base_of(&pairs[i]);
		bool one = true;

		for (end = i; end < n && (end == i || base_of(&pairs[end]) < reach); end++) {
			const struct textsym *s =
				&ts->syms[textsyms_number(pairs[end].token)];
			uint64_t to = base_of(&pairs[end]) + s->size;

			one &= pairs[end].token >> 32 == pairs[i].token >> 32 &&
			       base_of(&pairs[end]) == base_of(&pairs[i]);
			if (to > reach)
				reach = to;
		}
		if (one)
			pairs[kept++] = pairs[i];
	}
	return kept;
}

/* Where functions lie is known by other addresses: these are in the same. */
static int name_by_neighbours(struct textsyms *ts, struct pair *pairs)
{
	uint32_t n_syms = ts->n;
	size_t n = 0;

	for (uint32_t i = 0; i < n_syms; i++) {
		const struct textsym *s = &ts->syms[i];

		if (!s->name && s->is && (uint32_t)s->is != TEXTLOG_NO_OFFSET &&
		    ts->syms[textsyms_number(s->is)].size)
			pairs[n++] = (struct pair){ s->addr, s->is };
	}
	qsort(pairs, n, sizeof(*pairs), by_base);
	n = drop_overlaps(ts, pairs, n);
	for (uint32_t i = 0; n && i < n_syms; i++) {
		const struct textsym *s = &ts->syms[i], *in;
		size_t lo = 0, hi = n;
		struct textsym want;
		uint64_t base, is;

		if (s->name || s->is || s->shown)
			continue;
		while (lo < hi) {
			size_t mid = lo + (hi - lo) / 2;

			if (base_of(&pairs[mid]) < s->addr)
				lo = mid + 1;
			else
				hi = mid;
		}
		if (!lo)
			continue;
		base = base_of(&pairs[lo - 1]);
		in = &ts->syms[textsyms_number(pairs[lo - 1].token)];
		if (s->addr - base >= in->size || s->addr - base >= TEXTSYM_MAX)
			continue;
		want = *in;
		is = textsyms_add(ts, &want, (uint32_t)(s->addr - base));
		if (!is)
			return -ENOMEM;
		ts->syms[i].is = is;
		ts->syms[textsyms_number(is)].used = true;
	}
	return 0;
}

/* A symbol of a given kallsyms is one that the log names: its size may differ. */
static int join_given(struct textsyms *ts)
{
	size_t names = strings_count(ts->strings);
	uint32_t *head = calloc(names + 1, sizeof(*head));
	uint32_t *next = calloc(ts->n + 1, sizeof(*next));

	if (!head || !next) {
		free(head);
		free(next);
		return -ENOMEM;
	}
	for (uint32_t i = ts->n; i-- > 0;) {
		if (!ts->syms[i].name || ts->syms[i].from_given || !ts->syms[i].size)
			continue;
		next[i] = head[ts->syms[i].name];
		head[ts->syms[i].name] = i + 1;
	}
	for (uint32_t i = 0; i < ts->n; i++) {
		struct textsym *s = &ts->syms[i], *to;
		uint32_t found = 0, others = 0;

		if (!s->name || !s->from_given)
			continue;
		for (uint32_t k = head[s->name]; k; k = next[k - 1]) {
			if (ts->syms[k - 1].module != s->module ||
			    ts->syms[k - 1].size < s->reach)
				continue;
			others += found != 0;
			found = k;
		}
		if (!found || others)
			continue;
		s->same = found;
		to = &ts->syms[found - 1];
		to->init |= s->init;
		to->used |= s->used;
		if (to->reach < s->reach)
			to->reach = s->reach;
	}
	free(head);
	free(next);
	return 0;
}

/* Is the given kallsyms of another boot than the log? */
static bool given_differs(const struct textsyms *ts)
{
	size_t fit = 0, differ = 0;

	for (uint32_t i = 0; i < ts->n; i++) {
		fit += ts->syms[i].fits;
		differ += ts->syms[i].differs && !ts->syms[i].fits;
	}
	return differ > fit;
}

/* Entries of the kernel stand in stacks as where they begin. */
static bool begins_at(const struct textsyms *ts, uint64_t addr, uint32_t name)
{
	for (size_t i = given_below(ts, addr); i < ts->n_given && ts->given[i].addr == addr; i++)
		if (ts->given[i].name == name)
			return true;
	return false;
}

/*
 * What printed @s called it so. A given kallsyms that knows the name, and has another
 * function or none at the address, says that it was only the nearest symbol.
 */
static uint64_t called_by(struct textsyms *ts, const struct textsym *s)
{
	uint32_t name;

	if (s->called == TEXTSYM_VARIES)
		return 0;
	name = ts->syms[textsyms_number(s->called)].name;
	if (!ts->n_given || ts->given_differs || !textsyms_knows(ts, name) ||
	    begins_at(ts, s->addr, name))
		return s->called;
	ts->syms[textsyms_number(s->called)].untold = true;
	return 0;
}

int textsyms_name_bare(struct textsyms *ts)
{
	struct pair *pairs = calloc((size_t)ts->n + 1, sizeof(*pairs));
	bool outside;
	int ret;

	if (!pairs)
		return -ENOMEM;
	ts->given_differs = given_differs(ts);
	outside = outside_is_site(ts, pairs);
	for (uint32_t i = 0; i < ts->n; i++) {
		struct textsym *s = &ts->syms[i];

		if (s->name)
			continue;
		/* the kernel's own word first; if it has several, none will do */
		if (s->shown == TEXTSYM_VARIES)
			continue;
		if (s->shown)
			s->is = s->shown;
		else if (s->given && !ts->given_differs && (s->called || s->fits || !s->differs))
			s->is = s->given;
		else if (s->called)
			s->is = called_by(ts, s);
		else if (outside && s->outside != TEXTSYM_VARIES)
			s->is = s->outside;
		if (!s->is)
			continue;
		if (s->is == s->called)
			ts->no_offsets |= (uint32_t)s->is == TEXTLOG_NO_OFFSET;
		ts->syms[textsyms_number(s->is)].used = true;
		ts->syms[textsyms_number(s->is)].init |= s->init;
	}
	ret = name_by_neighbours(ts, pairs);
	free(pairs);
	return ret ? ret : join_given(ts);
}
