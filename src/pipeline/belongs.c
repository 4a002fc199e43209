// SPDX-License-Identifier: GPL-2.0-or-later
#include "belongs.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "allocfn.h"
#include "decode.h"
#include "error.h"
#include "hash.h"
#include "hash_index.h"
#include "ksyms.h"
#include "modmap.h"
#include "procmem.h"
#include "samples.h"
#include "source.h"
#include "stacks.h"
#include "strings_table.h"

#define SAMPLES		4096u	/* return addresses */
#define LOOKED_AT	4096u	/* functions of the kernel that are compared */
#define FUNCTION_MAX	(64u << 10)	/* bytes: hardly any is longer */
#define FUNCTION_USUAL	4096u
#define CLAIMS_MET	4u	/* one in so many modules that were gone was active */
#define REPEATS_MAX	1024u	/* functions of one name; kernels have some hundred */
#define CORE_SYMBOLS_MIN 1000u	/* fewer may be of trampolines and BPF */

/*
 * Of one boot, nearly all symbols are where they were; the rest are code that comes
 * and goes. A share in tenths.
 */
#define SAME_TENTHS	9u

/*
 * So few return addresses say nothing; and of more, so many are in code that the file
 * knows if it is the right one, in tenths: some modules may be gone.
 */
#define ADDRESSES_MIN	16u
#define KNOWN_TENTHS	3u
/* Innermost frames of allocations are in the tracer or an allocator ... */
#define INNER_MIN	2u
#define INNER_TENTHS	2u	/* ... but for 32-bit arm, whose unwinder drops them */

/* Where a file has a module whose place is not the recording's own. */
struct claim {
	uint64_t start, end;
	bool met;		/* something was called from there */
};

/* The lowest and the highest symbol of a module's code. */
struct range {
	uint64_t low, high;
	size_t same, other;	/* of its functions */
};

#define CAME	1u		/* events of a module in the recording */
#define WENT	2u

struct looking {
	struct source *src;
	const struct ksyms *own, *file;
	struct range *spans;	/* of modules of @own, by tag */
	struct hash_index index;	/* own symbols of code, by name */
	struct samples samples;
	struct strings *names;	/* of modules in events, after find_events() */
	uint8_t *events;	/* by name: CAME, WENT */
	uint32_t n_names;
	struct claim *claims;
	size_t n_claims, claims_room;
	size_t n_met;		/* of the claims */
	struct error *err;
};

/* Modules that the file and the recording know, and whether they are at one place. */
struct votes {
	size_t same, other;
};

static void release(struct looking *l)
{
	free(l->spans);
	hash_index_release(&l->index);
	samples_release(&l->samples);
	strings_free(l->names);
	free(l->events);
	free(l->claims);
}

static uint64_t name_hash(const struct ksym *sym)
{
	return hash_bytes(sym->name, strlen(sym->name));
}

static int index_own(struct looking *l)
{
	for (size_t i = 0; l->own && i < ksyms_count(l->own); i++) {
		const struct ksym *sym = ksyms_at(l->own, i);
		uint64_t hash = name_hash(sym);
		size_t at = 0, n = 0;

		if (!sym->text)
			continue;
		while (n < REPEATS_MAX && hash_index_next(&l->index, hash, &at) != HASH_INDEX_END)
			n++;
		if (n < REPEATS_MAX && hash_index_add(&l->index, hash, (uint32_t)i))
			return error_set(l->err, -ENOMEM, "out of memory");
	}
	return 0;
}

static const char *tag_of(const struct ksyms *ks, const struct ksym *sym)
{
	return sym->module ? ksyms_module_name(ks, sym->module) : "";
}

/* 1: the recording has @sym of the file at the same address, 0: elsewhere, -1: not. */
static int compare(const struct looking *l, const struct ksym *sym)
{
	uint64_t hash = name_hash(sym);
	int found = -1;
	size_t at = 0;
	uint32_t i;

	/* names of static functions repeat: any of them will do */
	while ((i = hash_index_next(&l->index, hash, &at)) != HASH_INDEX_END) {
		const struct ksym *own = ksyms_at(l->own, i);

		if (strcmp(own->name, sym->name) ||
		    strcmp(tag_of(l->own, own), tag_of(l->file, sym)))
			continue;
		if (own->addr == sym->addr)
			return 1;
		found = 0;
	}
	return found;
}

static bool is_core(const struct ksym *sym)
{
	return sym->text && !sym->module && sym->addr;
}

static struct votes compare_core(const struct looking *l)
{
	size_t n = 0, step, k = 0;
	struct votes v = { 0 };

	for (size_t i = 0; i < ksyms_count(l->file); i++)
		n += is_core(ksyms_at(l->file, i));
	step = n / LOOKED_AT + 1;
	for (size_t i = 0; i < ksyms_count(l->file); i++) {
		int same;

		if (!is_core(ksyms_at(l->file, i)) || k++ % step)
			continue;
		same = compare(l, ksyms_at(l->file, i));
		v.same += same == 1;
		v.other += same == 0;
	}
	return v;
}

/* ---- modules ---------------------------------------------------------------------- */

static struct range *spans_of(const struct ksyms *ks)
{
	struct range *spans = calloc(ksyms_modules(ks) + 1, sizeof(*spans));

	for (size_t i = 0; spans && i < ksyms_count(ks); i++) {
		const struct ksym *sym = ksyms_at(ks, i);
		struct range *s = &spans[sym->module];

		if (!sym->module || !sym->text || !sym->addr)
			continue;
		if (!s->low)
			s->low = sym->addr;
		s->high = sym->addr;
	}
	return spans;
}

static int keep_event(struct looking *l, const struct event *ev)
{
	if (ev->type != EVENT_MODULE_LOAD && ev->type != EVENT_MODULE_FREE)
		return 0;
	if (ev->name >= l->n_names) {
		uint32_t n = 2 * ev->name + 16;
		uint8_t *more = realloc(l->events, n);

		if (!more)
			return -ENOMEM;
		memset(more + l->n_names, 0, n - l->n_names);
		l->events = more;
		l->n_names = n;
	}
	l->events[ev->name] |= ev->type == EVENT_MODULE_LOAD ? CAME : WENT;
	return 0;
}

/* Reads the events of modules, once. */
static int find_events(struct looking *l)
{
	struct decoder *d;
	struct event ev;
	int got;

	if (l->names)
		return 0;
	l->names = strings_new();
	d = l->names ? decoder_new(l->src, NULL, l->names, l->err) : NULL;
	if (!d)
		return l->names ? -EINVAL : error_set(l->err, -ENOMEM, "out of memory");
	decoder_only(d, 1u << EVENT_MODULE_LOAD | 1u << EVENT_MODULE_FREE);
	while ((got = decoder_next(d, &ev, NULL)) == 1 && !(got = keep_event(l, &ev)))
		;
	decoder_free(d);
	return got ? error_set(l->err, got, "out of memory") : 0;
}

/* CAME, WENT: what the recording saw of the module. */
static unsigned int events_of(const struct looking *l, const char *name)
{
	for (uint32_t i = 1; i < l->n_names; i++)
		if (l->events[i] && !strcmp(strings_get(l->names, i), name))
			return l->events[i];
	return 0;
}

/* The module of the recording's own over @addr, 0: none. */
static size_t own_over(const struct looking *l, uint64_t addr)
{
	for (size_t t = 1; t < ksyms_modules(l->own); t++)
		if (l->spans[t].low && addr >= l->spans[t].low && addr <= l->spans[t].high)
			return t;
	return 0;
}

/*
 * The file has module @name at [@start, @end), the recording elsewhere or not at all. It
 * may have been there before: if an earlier one went, or what is there came later.
 */
static int claim(struct looking *l, struct votes *v, const char *name, bool elsewhere,
		 uint64_t start, uint64_t end)
{
	size_t over = own_over(l, start);
	struct claim *more;
	int ret = find_events(l);

	if (ret)
		return ret;
	if (!(events_of(l, name) & WENT) &&
	    (elsewhere ||
	     (over && !(events_of(l, ksyms_module_name(l->own, (uint16_t)over)) & CAME)))) {
		v->other++;
		return 0;
	}
	if (l->n_claims == l->claims_room) {
		size_t room = l->claims_room ? 2 * l->claims_room : 64;

		more = realloc(l->claims, room * sizeof(*more));
		if (!more)
			return error_set(l->err, -ENOMEM, "out of memory");
		l->claims = more;
		l->claims_room = room;
	}
	l->claims[l->n_claims++] = (struct claim){ start, end, false };
	return 0;
}

/* A call from @addr: where a claim is, and no own module was there all the time? */
static void meet(struct looking *l, uint64_t addr)
{
	size_t over = own_over(l, addr);

	if (over && !(events_of(l, ksyms_module_name(l->own, (uint16_t)over)) & CAME))
		return;
	for (size_t i = 0; i < l->n_claims; i++) {
		if (addr <= l->claims[i].start || addr >= l->claims[i].end)
			continue;
		l->n_met += !l->claims[i].met;
		l->claims[i].met = true;
	}
}

/*
 * Of modules that are all the recording knows, one that was active is enough. Beside
 * those that it knows itself, of many one is met by chance.
 */
static bool claims_hold(const struct looking *l)
{
	return ksyms_modules(l->own) > 1 ? l->n_met * CLAIMS_MET >= l->n_claims :
	       l->n_met || !l->n_claims;
}

/* Looks for calls from where the claims are, in all of the recording if need be. */
static int meet_claims(struct looking *l)
{
	struct strings *strings = strings_new();
	struct stacks *stacks = stacks_new();
	struct decoder *d = NULL;
	uint32_t seen = 1;
	struct event ev;
	int ret = -ENOMEM;

	if (strings && stacks)
		d = decoder_new(l->src, stacks, strings, l->err);
	while (d && (ret = decoder_next(d, &ev, NULL)) == 1 && !claims_hold(l)) {
		if (ev.type <= EVENT_PERCPU_ALLOC)
			meet(l, ev.call_site);
		for (; seen < stacks_count(stacks); seen++) {
			const uint64_t *frames;
			size_t n;

			frames = stacks_get(stacks, seen, &n);
			for (size_t f = 0; f < n; f++)
				meet(l, frames[f]);
		}
	}
	decoder_free(d);
	stacks_free(stacks);
	strings_free(strings);
	return ret < 0 ? error_set(l->err, ret, "out of memory") : 0;
}

static int modules_verdict(struct looking *l, const struct votes *v, const char *path,
			   const char *what)
{
	int ret = 0;

	if (v->other > v->same)
		return error_set(l->err, -EINVAL, "%.200s: does not belong to this recording: of %zu modules that both know %zu lie elsewhere (saved on another boot or machine?): give %s as it was then, or none",
				 path, v->same + v->other, v->other, what);
	if (l->n_claims && !v->same)
		ret = meet_claims(l);
	if (!ret && !v->same && !claims_hold(l))
		return error_set(l->err, -EINVAL, "%.200s: does not belong to this recording, or adds nothing: nothing was called from where its modules lie (saved on another boot or machine?): give %s as it was then, or none",
				 path, what);
	return ret;
}

static int compare_tagged(struct looking *l, bool same_boot, const char *path)
{
	struct range *file = spans_of(l->file);
	struct votes v = { 0 };
	int ret = 0;

	if (!file)
		return error_set(l->err, -ENOMEM, "out of memory");
	for (size_t i = 0; i < ksyms_count(l->file); i++) {
		const struct ksym *sym = ksyms_at(l->file, i);
		int same;

		if (!sym->module || !sym->text || !sym->addr)
			continue;
		same = compare(l, sym);
		file[sym->module].same += same == 1;
		file[sym->module].other += same == 0;
	}
	for (size_t t = 1; !ret && t < ksyms_modules(l->file); t++) {
		if (!file[t].low)
			continue;
		if (file[t].same > file[t].other)
			v.same++;
		else
			ret = claim(l, &v, ksyms_module_name(l->file, (uint16_t)t),
				    file[t].other > 0, file[t].low,
				    file[t].high + FUNCTION_USUAL);
	}
	/* a kernel that lies at the same place in each boot says nothing of modules */
	if (same_boot && !v.other)
		v.same++;
	if (!ret)
		ret = modules_verdict(l, &v, path, "/proc/kallsyms");
	free(file);
	return ret;
}

/* ---- return addresses --------------------------------------------------------------- */

/* The function that @addr returns into; NULL: the file knows none there. */
static const struct ksym *function_at(const struct ksyms *ks, uint64_t addr)
{
	size_t i = ksyms_find(ks, addr - 1);
	const struct ksym *sym = i == SIZE_MAX ? NULL : ksyms_at(ks, i);

	return sym && sym->text && addr - sym->addr < FUNCTION_MAX ? sym : NULL;
}

/* An allocator, or the tracer of one. */
static bool takes_memory(const struct ksym *sym)
{
	static const char *const events[] = { "kmalloc", "kmem", "mm_page", "percpu" };
	uint32_t flags;

	if (!sym || sym->module)
		return false;
	flags = allocfn_flags(sym->name);
	for (size_t i = 0; flags & FN_TRACING && i < sizeof(events) / sizeof(events[0]); i++)
		if (strstr(sym->name, events[i]))
			return true;
	return flags & FN_ALLOC;
}

static int compare_addresses(struct looking *l, const char *path)
{
	size_t known = 0, inner = 0, i;
	int ret = samples_take(&l->samples, l->src, SAMPLES, l->err);

	if (ret)
		return ret;
	for (i = 0; i < l->samples.n; i++)
		known += function_at(l->file, l->samples.addr[i]) != NULL;
	for (i = 0; i < l->samples.n_inner; i++)
		inner += takes_memory(function_at(l->file, l->samples.inner[i]));
	if (l->samples.n >= ADDRESSES_MIN && known * 10 < l->samples.n * KNOWN_TENTHS)
		return error_set(l->err, -EINVAL, "%.200s: does not belong to this recording: of %zu return addresses only %zu lie in functions that it names (saved on another boot or machine?): give /proc/kallsyms as it was then",
				 path, l->samples.n, known);
	if (l->samples.n_inner >= INNER_MIN && inner * 10 < l->samples.n_inner * INNER_TENTHS)
		return error_set(l->err, -EINVAL, "%.200s: does not belong to this recording: of %zu places in allocators, %zu are in one by these symbols (saved on another boot or machine?): give /proc/kallsyms as it was then",
				 path, l->samples.n_inner, inner);
	return 0;
}

/* ---- verdicts ------------------------------------------------------------------------ */

static bool has_core(const struct ksyms *ks)
{
	uint64_t start, end;
	size_t n = 0;

	for (size_t i = 0; i < ksyms_count(ks); i++)
		n += is_core(ksyms_at(ks, i));
	return n >= CORE_SYMBOLS_MIN || ksyms_core_text(ks, &start, &end);
}

static int prepare(struct looking *l)
{
	if (!l->own)
		return 0;
	l->spans = spans_of(l->own);
	return l->spans ? index_own(l) : error_set(l->err, -ENOMEM, "out of memory");
}

int belongs_kallsyms(const struct ksyms *own, const struct ksyms *file, struct source *src,
		     const char *path, struct error *err)
{
	struct looking l = { .src = src, .own = own, .file = file, .err = err };
	struct votes core = { 0 };
	int ret = prepare(&l);

	if (!ret && own)
		core = compare_core(&l);
	if (!ret && core.same * 10 < (core.same + core.other) * SAME_TENTHS)
		ret = error_set(err, -EINVAL, "%.200s: does not belong to this recording: of %zu functions that both name %zu lie elsewhere (saved on another boot or machine?): give /proc/kallsyms as it was then, or none",
				path, core.same + core.other, core.other);
	else if (!ret && !core.same && has_core(file))
		ret = compare_addresses(&l, path);
	if (!ret && own)
		ret = compare_tagged(&l, core.same > 0, path);
	release(&l);
	return ret;
}

int belongs_modules(const struct ksyms *own, const char *text, size_t len,
		    struct source *src, const char *path, struct error *err)
{
	struct looking l = { .src = src, .own = own, .err = err };
	const char *end = text + len;
	struct votes v = { 0 };
	struct proc_module pm;
	uint64_t start, stop;
	int ret;

	if (!own)
		return 0;
	ret = prepare(&l);
	if (!ksyms_core_text(own, &start, &stop))
		start = stop = 0;
	while (!ret && proc_module_next(&text, end, &pm)) {
		size_t t;

		if (!pm.base)
			continue;
		for (t = ksyms_modules(own) - 1; t; t--)
			if (l.spans[t].low && !strcmp(ksyms_module_name(own, (uint16_t)t), pm.name))
				break;
		if (pm.base >= start && pm.base < stop)
			v.other++;
		else if (t && l.spans[t].low >= pm.base &&
			 l.spans[t].low - pm.base < MODULE_FRONT(pm.size))
			v.same++;
		else
			ret = claim(&l, &v, pm.name, t, pm.base, pm.base + pm.size);
	}
	if (!ret)
		ret = modules_verdict(&l, &v, path, "/proc/modules");
	release(&l);
	return ret;
}
