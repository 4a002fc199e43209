// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * modmap_text.c - where modules lie, as kallsyms and /proc/modules say
 */
#include "modmap_internal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "error.h"
#include "ksyms.h"
#include "procmem.h"

/*
 * What lies between a module's last function and its data is that function,
 * unless it is longer than functions are: from 6.4 regions can be far apart.
 */
#define TEXT_TAIL_MAX (64u << 10)

static int add_range(struct modmap *mm, size_t name, uint64_t start, uint64_t end)
{
	struct range *r;

	r = modmap_grown(mm->ranges, mm->n_ranges, &mm->ranges_room, sizeof(*r));
	if (!r)
		return -ENOMEM;
	mm->ranges = r;
	r = &mm->ranges[mm->n_ranges++];
	r->start = start;
	r->end = end;
	r->name = (uint32_t)name;
	modmap_widen_area(mm, start, end);
	return 0;
}

static uint64_t page_floor(const struct modmap *mm, uint64_t addr)
{
	return addr & ~(mm->page_size - 1);
}

/* What kallsyms shows of one module. */
struct tagged {
	size_t first, last;	/* its text symbols */
	bool any;
};

/*
 * Where the module's text ends that begins its last function at symbol @last:
 * before the module's data if that follows, else with the function's page.
 */
static uint64_t text_end(const struct modmap *mm, const struct ksyms *ks,
			 size_t last)
{
	const struct ksym *sym = ksyms_at(ks, last), *next = NULL;
	uint64_t end = page_floor(mm, sym->addr) + mm->page_size;
	size_t i;

	for (i = last + 1; i < ksyms_count(ks); i++) {
		next = ksyms_at(ks, i);
		if (next->addr > sym->addr)
			break;
		next = NULL;
	}
	if (!next)
		return end;
	if (next->module == sym->module && next->addr - sym->addr < TEXT_TAIL_MAX) {
		uint64_t data = page_floor(mm, next->addr);

		return data > sym->addr ? data : next->addr;
	}
	return next->addr < end ? next->addr : end;
}

/* Calls @found for every module that @ks has text of. */
static int each_tagged(struct modmap *mm, const struct ksyms *ks,
		       int (*found)(struct modmap *mm, size_t name, uint64_t start,
				    uint64_t end, void *arg), void *arg)
{
	size_t n_tags = ksyms_modules(ks), i;
	struct tagged *tags;
	int ret = 0;

	tags = calloc(n_tags, sizeof(*tags));
	if (!tags)
		return -ENOMEM;
	for (i = 0; i < ksyms_count(ks); i++) {
		const struct ksym *sym = ksyms_at(ks, i);

		if (!sym->module || !sym->addr)
			continue;
		modmap_widen_area(mm, sym->addr, sym->addr);
		if (!sym->text)
			continue;
		if (!tags[sym->module].any)
			tags[sym->module].first = i;
		tags[sym->module].any = true;
		tags[sym->module].last = i;
	}
	for (i = 1; i < n_tags && !ret; i++) {
		const char *tag = ksyms_module_name(ks, (uint16_t)i);
		size_t name = modmap_name(mm, tag, strlen(tag));

		if (name == SIZE_MAX)
			ret = -ENOMEM;
		else if (tags[i].any)
			ret = found(mm, name,
				    page_floor(mm, ksyms_at(ks, tags[i].first)->addr),
				    text_end(mm, ks, tags[i].last), arg);
	}
	free(tags);
	return ret;
}

static int found_range(struct modmap *mm, size_t name, uint64_t start, uint64_t end,
		       void *arg)
{
	(void)arg;
	return add_range(mm, name, start, end);
}

int modmap_ranges_from_kallsyms(struct modmap *mm)
{
	return each_tagged(mm, mm->ks, found_range, NULL);
}

static int found_seen(struct modmap *mm, size_t name, uint64_t start, uint64_t end,
		      void *arg)
{
	struct seen *snapshot = arg, *s;

	s = modmap_grown(mm->seen, mm->n_seen, &mm->seen_room, sizeof(*s));
	if (!s)
		return -ENOMEM;
	mm->seen = s;
	s += mm->n_seen++;
	*s = *snapshot;
	s->name = (uint32_t)name;
	s->start = start;
	s->end = end;
	return modmap_late(mm, s);
}

int modmap_snapshot(struct modmap *mm, const struct ksyms *ks, uint64_t ts)
{
	struct seen snapshot = { .ts = ts, .syms = ks };

	return each_tagged(mm, ks, found_seen, &snapshot);
}

int modmap_add_given(struct modmap *mm, size_t name, uint64_t start, uint64_t end,
		     const struct ksyms *syms)
{
	struct given *g;

	g = modmap_grown(mm->given, mm->n_given, &mm->given_room, sizeof(*g));
	if (!g)
		return -ENOMEM;
	mm->given = g;
	g[mm->n_given++] = (struct given){ start, end, syms, mm->names[name].given };
	mm->names[name].given = (uint32_t)mm->n_given;
	modmap_widen_area(mm, start, end);
	return 0;
}

static int found_given(struct modmap *mm, size_t name, uint64_t start, uint64_t end,
		       void *arg)
{
	uint32_t i;

	for (i = mm->names[name].ranges; i; i = mm->ranges[i - 1].next)
		if (mm->ranges[i - 1].start < end && mm->ranges[i - 1].end > start)
			return 0;
	return modmap_add_given(mm, name, start, end, arg);
}

int modmap_given(struct modmap *mm, const struct ksyms *ks)
{
	return each_tagged(mm, ks, found_given, (void *)(uintptr_t)ks);
}

/* Of a size that no module has nothing is known. */
static int64_t lsmod_bytes(const struct proc_module *pm)
{
	return pm->size < PROC_NUMBER_MAX ? (int64_t)pm->size : -1;
}

static int by_base(const void *a, const void *b)
{
	const struct proc_module *x = a, *y = b;

	return (x->base > y->base) - (x->base < y->base);
}

static int range_by_start(const void *a, const void *b)
{
	const struct range *x = a, *y = b;

	return (x->start > y->start) - (x->start < y->start);
}

/*
 * The lowest text of a module in kallsyms at or above @addr. The first @n_tagged
 * ranges are in order, one of each module.
 */
static uint64_t next_tagged_base(const struct modmap *mm, uint64_t addr, size_t n_tagged)
{
	size_t lo = 0, hi = n_tagged;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (mm->ranges[mid].start < addr)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo < n_tagged ? mm->ranges[lo].start : UINT64_MAX;
}

/* Its text in kallsyms, @range, is that of a module of @size at @base. */
static bool is_at(const struct modmap *mm, const struct range *range, uint64_t base,
		  uint64_t size)
{
	return range->start + mm->page_size > base && range->start < base + MODULE_FRONT(size);
}

static int merge_modules_lines(struct modmap *mm, struct proc_module *lines, size_t n)
{
	size_t n_tagged = mm->n_ranges, n_names = mm->n_names, i;
	uint32_t *tagged = calloc(n_names + 1, sizeof(*tagged));	/* range + 1 */
	bool any_base = false, missed = false;
	int ret = tagged ? 0 : -ENOMEM;

	if (n)
		qsort(lines, n, sizeof(*lines), by_base);
	if (n_tagged)
		qsort(mm->ranges, n_tagged, sizeof(*mm->ranges), range_by_start);
	for (i = 0; tagged && i < n_tagged; i++)
		tagged[mm->ranges[i].name] = (uint32_t)i + 1;
	for (i = 0; !ret && i < n; i++) {
		uint64_t base = lines[i].base, end = base + lines[i].size, limit;
		size_t name = modmap_name(mm, lines[i].name, strlen(lines[i].name));
		uint32_t own;

		if (name == SIZE_MAX) {
			ret = -ENOMEM;
			break;
		}
		own = name < n_names ? tagged[name] : 0;
		mm->names[name].static_bytes = lsmod_bytes(&lines[i]);
		any_base |= base != 0;
		missed |= !own;
		if (!base || end <= base)
			continue;
		if (i + 1 < n && lines[i + 1].base < end && lines[i + 1].base > base)
			end = lines[i + 1].base;
		/*
		 * Whoever is not there by the recording's own symbols was there at some
		 * time; perhaps where another is now.
		 */
		if (!n_tagged) {
			ret = add_range(mm, name, base, end);
		} else if (!own || !is_at(mm, &mm->ranges[own - 1], base, lines[i].size)) {
			limit = next_tagged_base(mm, base + 1, n_tagged);
			ret = modmap_add_given(mm, name, base, end < limit ? end : limit, NULL);
		}
	}
	/* where the recording's own symbols tell of all of them, it is not missed */
	mm->hidden = n && !any_base && missed;
	free(tagged);
	return ret;
}

int modmap_sizes(struct modmap *mm, const char *text, size_t len)
{
	const char *end = text + len;
	struct proc_module pm;
	size_t name;

	while (proc_module_next(&text, end, &pm)) {
		name = modmap_name(mm, pm.name, strlen(pm.name));
		if (name == SIZE_MAX)
			return -ENOMEM;
		mm->names[name].static_bytes = lsmod_bytes(&pm);
		/* init text is gone some time after the load */
		if (mm->names[name].loaded && mm->names[name].current != OWNER_NONE)
			mm->instances[mm->names[name].current].static_bytes =
				lsmod_bytes(&pm);
	}
	return 0;
}

int modmap_ranges_from_modules(struct modmap *mm, const char *text, size_t len,
			       struct error *err)
{
	struct proc_module *lines = NULL, *more;
	struct span all = span_of(text, len), line;
	size_t n = 0, room = 0, bad = 0;
	int ret = 0;

	while (span_line(&all, &line)) {
		if (line.at == line.end)
			continue;
		more = modmap_grown(lines, n, &room, sizeof(*lines));
		if (!more) {
			ret = error_set(err, -ENOMEM, "out of memory");
			goto out;
		}
		lines = more;
		if (proc_module_line(line, &lines[n]))
			n++;
		else
			bad++;
	}
	if (bad) {
		ret = error_set(err, -EINVAL,
				"%zu lines are not lines of /proc/modules (NAME SIZE USERS BY STATE 0xBASE)",
				bad);
		goto out;
	}
	if (merge_modules_lines(mm, lines, n))
		ret = error_set(err, -ENOMEM, "out of memory");
out:
	free(lines);
	return ret;
}

int modmap_also_at(struct modmap *mm, const char *text, size_t len)
{
	const char *end = text + len;
	struct proc_module pm;
	size_t name;

	while (proc_module_next(&text, end, &pm)) {
		if (!pm.base || pm.base + pm.size < pm.base)
			continue;
		name = modmap_name(mm, pm.name, strlen(pm.name));
		if (name == SIZE_MAX)
			return -ENOMEM;
		if (!mm->names[name].ranges)	/* it is given, then */
			continue;
		if (add_range(mm, name, pm.base, pm.base + pm.size))
			return -ENOMEM;
		mm->ranges[mm->n_ranges - 1].next = mm->names[name].ranges;
		mm->names[name].ranges = (uint32_t)mm->n_ranges;
	}
	return 0;
}

void modmap_separate_ranges(struct modmap *mm)
{
	struct module_name *mn;
	size_t i;

	if (mm->n_ranges)
		qsort(mm->ranges, mm->n_ranges, sizeof(*mm->ranges), range_by_start);
	for (i = 0; i + 1 < mm->n_ranges; i++)
		if (mm->ranges[i].end > mm->ranges[i + 1].start)
			mm->ranges[i].end = mm->ranges[i + 1].start;
	for (i = mm->n_ranges; i-- > 0;) {
		mn = &mm->names[mm->ranges[i].name];
		mm->ranges[i].next = mn->ranges;
		mn->ranges = (uint32_t)i + 1;
	}
}
