// SPDX-License-Identifier: GPL-2.0-or-later
#include "modmap_internal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "attribution.h"
#include "error.h"
#include "ksyms.h"

/*
 * Modules lie within 2 GiB (arm64: 128 MiB) of each other: a frame further
 * away from all of them is no module's.
 */
#define MODULE_AREA_SLACK (128ULL << 20)


/* @array with room for one more than @n items; NULL: no memory, it is kept. */
void *modmap_grown(void *array, size_t n, size_t *room, size_t size)
{
	size_t more = *room ? *room * 2 : 16;

	if (n < *room)
		return array;
	array = realloc(array, more * size);
	if (array)
		*room = more;
	return array;
}

static uint32_t add_instance(struct modmap *mm, const char *name, uint32_t row,
			     enum module_state state, int64_t static_bytes)
{
	struct module_instance *mi;

	mi = modmap_grown(mm->instances, mm->n_instances, &mm->instances_room, sizeof(*mi));
	if (!mi)
		return OWNER_NONE;
	mm->instances = mi;
	mi = &mm->instances[mm->n_instances];
	mi->name = name;
	mi->row = row;
	mi->state = state;
	mi->has_range = false;
	mi->assumed = false;
	mi->syms = NULL;
	mi->static_bytes = static_bytes;
	mi->loaded_ns = 0;
	mi->unloaded_ns = 0;
	return (uint32_t)mm->n_instances++;
}

void modmap_widen_area(struct modmap *mm, uint64_t start, uint64_t end)
{
	if (!mm->area_end || start < mm->area_start)
		mm->area_start = start;
	if (end > mm->area_end)
		mm->area_end = end;
}

struct modmap *modmap_new(const struct ksyms *ks, const char *modules_text,
			  size_t len, uint64_t page_size, struct error *err)
{
	struct modmap *mm = calloc(1, sizeof(*mm));

	if (!mm)
		goto no_memory;
	mm->ks = ks;
	mm->page_size = page_size;
	if (add_instance(mm, "[kernel]", OWNER_KERNEL, MODULE_KERNEL, -1) != OWNER_KERNEL ||
	    add_instance(mm, "[unknown]", OWNER_UNKNOWN, MODULE_UNKNOWN, -1) != OWNER_UNKNOWN)
		goto no_memory;
	if (ks) {
		if (!ksyms_core_text(ks, &mm->text_start, &mm->text_end))
			mm->text_start = mm->text_end = 0;
		if (modmap_ranges_from_kallsyms(mm))
			goto no_memory;
	}
	if (modules_text && modmap_ranges_from_modules(mm, modules_text, len, err)) {
		modmap_free(mm);
		return NULL;
	}
	modmap_separate_ranges(mm);
	return mm;

no_memory:
	error_set(err, -ENOMEM, "out of memory");
	modmap_free(mm);
	return NULL;
}

void modmap_core(struct modmap *mm, uint64_t start, uint64_t end)
{
	if (mm->text_end || end <= start)
		return;
	mm->text_start = start;
	mm->text_end = end;
}

void modmap_free(struct modmap *mm)
{
	size_t i;

	if (!mm)
		return;
	for (i = 0; i < mm->n_names; i++)
		free(mm->names[i].name);
	free(mm->names);
	hash_index_release(&mm->name_index);
	free(mm->ranges);
	free(mm->mapped);
	free(mm->past);
	free(mm->seen);
	free(mm->given);
	free(mm->init_at);
	free(mm->instances);
	free(mm);
}

int modmap_plan(struct modmap *mm, const char *name, bool load)
{
	size_t i = modmap_name(mm, name, strlen(name));

	if (i == SIZE_MAX)
		return -ENOMEM;
	if (!mm->names[i].planned)
		mm->names[i].first_is_load = load;
	mm->names[i].planned = true;
	mm->names[i].last_is_load = load;
	if (load)
		mm->names[i].loads_left++;
	return 0;
}

/* Number of mapped regions that start at or below @addr. */
static size_t mapped_below(const struct modmap *mm, uint64_t addr)
{
	size_t lo = 0, hi = mm->n_mapped;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (mm->mapped[mid].start <= addr)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

static void unmap_at(struct modmap *mm, size_t i)
{
	struct mapped *past = modmap_grown(mm->past, mm->n_past, &mm->past_room,
					   sizeof(*past));

	/* without memory a stack of this module will have no names, no more */
	if (past) {
		mm->past = past;
		past[mm->n_past] = mm->mapped[i];
		past[mm->n_past++].until = mm->epoch;
	}
	memmove(mm->mapped + i, mm->mapped + i + 1,
		(mm->n_mapped - i - 1) * sizeof(*mm->mapped));
	mm->n_mapped--;
	mm->epoch++;
}

/* Maps a region; whatever was mapped there before is gone unnoticed. */
static int map_region(struct modmap *mm, uint64_t start, uint64_t end,
		      uint32_t instance, bool init)
{
	struct mapped *m;
	size_t i;

	if (end <= start)
		return 0;
	for (i = mapped_below(mm, end - 1); i && mm->mapped[i - 1].end > start; i--)
		unmap_at(mm, i - 1);
	m = modmap_grown(mm->mapped, mm->n_mapped, &mm->mapped_room, sizeof(*m));
	if (!m)
		return -ENOMEM;
	mm->mapped = m;
	i = mapped_below(mm, start);
	m += i;
	memmove(m + 1, m, (mm->n_mapped++ - i) * sizeof(*m));
	*m = (struct mapped) {
		.start = start, .end = end, .instance = instance, .init = init,
		.since = ++mm->epoch, .until = UINT32_MAX,
	};
	mm->instances[instance].has_range = true;
	modmap_widen_area(mm, start, end);
	return 0;
}

static void unmap_instance(struct modmap *mm, uint32_t instance)
{
	size_t i;

	for (i = mm->n_mapped; i-- > 0;)
		if (mm->mapped[i].instance == instance)
			unmap_at(mm, i);
}

/* What the end of the recording knows of @name. */
static int map_known(struct modmap *mm, size_t name, uint32_t instance)
{
	uint32_t i;

	for (i = mm->names[name].ranges; i; i = mm->ranges[i - 1].next)
		if (map_region(mm, mm->ranges[i - 1].start, mm->ranges[i - 1].end,
			       instance, false))
			return -ENOMEM;
	return 0;
}

/*
 * A recorder has the time of a load from a text that has it in microseconds,
 * rounded (kernel/trace/trace_output.c, lat_print_timestamp()).
 */
#define SEEN_SLACK 1000u	/* ns */

/*
 * What a recorder saw of @name first at or after @ts, the time of its load. A
 * snapshot that comes later than the next load of that name is not of this one,
 * but then the recorder has one of that load, too.
 */
static const struct seen *seen_since(const struct modmap *mm, size_t name,
				     uint64_t ts)
{
	size_t i;

	for (i = 0; i < mm->n_seen; i++)
		if (mm->seen[i].name == name &&
		    mm->seen[i].ts + SEEN_SLACK >= ts && (mm->seen[i].ts || !ts))
			return &mm->seen[i];
	return NULL;
}

static int map_seen(struct modmap *mm, const struct seen *seen, uint32_t instance)
{
	mm->instances[instance].syms = seen->syms;
	if (mm->instances[instance].has_range)	/* a probe told exactly */
		return 0;
	return map_region(mm, seen->start, seen->end, instance, false);
}

int modmap_late(struct modmap *mm, const struct seen *seen)
{
	const struct module_name *mn = &mm->names[seen->name];

	if (!mn->loaded || mn->current == OWNER_NONE ||
	    seen->ts + SEEN_SLACK < mn->loaded || mm->instances[mn->current].syms)
		return 0;
	mm->epoch++;
	return map_seen(mm, seen, mn->current);
}

/*
 * What a file says of @instance, if nobody else is there. Of several instances that
 * may be meant it is taken for each.
 */
static int map_given(struct modmap *mm, size_t name, uint32_t instance)
{
	uint32_t k;
	size_t i;

	for (k = mm->names[name].given; k && !mm->instances[instance].has_range;
	     k = mm->given[k - 1].next) {
		const struct given *g = &mm->given[k - 1];
		uint64_t end = g->end;

		i = mapped_below(mm, g->start);
		if (i && mm->mapped[i - 1].end > g->start)
			continue;
		if (i < mm->n_mapped && mm->mapped[i].start < end)
			end = mm->mapped[i].start;
		if (map_region(mm, g->start, end, instance, false))
			return -ENOMEM;
		mm->instances[instance].syms = g->syms;
		mm->instances[instance].assumed =
			mm->names[name].instances > (mm->names[name].ranges ? 2u : 1u);
	}
	return 0;
}

int modmap_start(struct modmap *mm)
{
	const struct seen *seen;
	size_t i;

	for (i = 0; i < mm->n_names; i++) {
		struct module_name *mn = &mm->names[i];

		mn->instances = mn->loads_left + !(mn->planned && mn->first_is_load);
		if (mn->planned && mn->first_is_load)
			continue;
		seen = seen_since(mm, i, 0);
		/* only snapshots know the name: it came later, unplanned */
		if (!mn->planned && seen && seen->ts)
			continue;
		mn->current = add_instance(mm, mn->name,
					   FIRST_MODULE_ROW + (uint32_t)i,
					   MODULE_LOADED, mn->static_bytes);
		if (mn->current == OWNER_NONE)
			return -ENOMEM;
		if (seen && !seen->ts && map_seen(mm, seen, mn->current))
			return -ENOMEM;
		/* a later instance may lie elsewhere: the range is its own */
		if (!(seen && !seen->ts) && !mn->loads_left &&
		    map_known(mm, i, mn->current))
			return -ENOMEM;
	}
	/* what is known comes first */
	for (i = 0; i < mm->n_names; i++)
		if (mm->names[i].current != OWNER_NONE &&
		    map_given(mm, i, mm->names[i].current))
			return -ENOMEM;
	return 0;
}

/* @ts 0: nobody knows when. */
static uint32_t unload(struct modmap *mm, size_t i, uint64_t ts)
{
	struct module_name *mn = &mm->names[i];
	uint32_t was = mn->current;

	if (was == OWNER_NONE) {	/* its load was lost */
		was = add_instance(mm, mn->name, FIRST_MODULE_ROW + (uint32_t)i,
				   MODULE_UNLOADED, -1);
		if (was != OWNER_NONE)
			mm->instances[was].unloaded_ns = ts;
		return was;
	}
	mm->instances[was].state = MODULE_UNLOADED;
	mm->instances[was].unloaded_ns = ts;
	mn->current = OWNER_NONE;
	mn->loaded = 0;
	mn->mapped_early = false;
	unmap_instance(mm, was);
	return was;
}

void modmap_lost(struct modmap *mm)
{
	mm->lost = true;
}

bool modmap_has_lost(const struct modmap *mm)
{
	return mm->lost;
}

void modmap_read_at(struct modmap *mm, uint64_t ts)
{
	mm->read_at = ts;
}

static uint32_t new_current(struct modmap *mm, size_t i, uint64_t ts)
{
	struct module_name *mn = &mm->names[i];

	if (mn->current != OWNER_NONE && ts < mm->read_at && !mn->loaded)
		return mn->current;
	if (mn->current != OWNER_NONE)	/* its removal was lost */
		unload(mm, i, 0);
	mn->current = add_instance(mm, mn->name, FIRST_MODULE_ROW + (uint32_t)i,
				   MODULE_LOADED, mn->static_bytes);
	if (mn->current != OWNER_NONE)
		mm->instances[mn->current].loaded_ns = ts;
	return mn->current;
}

uint32_t modmap_event(struct modmap *mm, const char *name, bool load, uint64_t ts)
{
	size_t i = modmap_name(mm, name, strlen(name));
	const struct seen *seen;
	struct module_name *mn;

	if (i == SIZE_MAX)
		return OWNER_NONE;
	mn = &mm->names[i];
	if (!load)
		return unload(mm, i, ts);
	if (!mn->mapped_early && new_current(mm, i, ts) == OWNER_NONE)
		return OWNER_NONE;
	mn->mapped_early = false;
	mn->loaded = ts;
	if (mn->loads_left)
		mn->loads_left--;
	mm->epoch++;
	seen = seen_since(mm, i, ts);
	if (seen && map_seen(mm, seen, mn->current))
		return OWNER_NONE;
	if (!seen && !mn->loads_left && !mm->instances[mn->current].has_range &&
	    map_known(mm, i, mn->current))
		return OWNER_NONE;
	if (map_given(mm, i, mn->current))
		return OWNER_NONE;
	return mn->current;
}

void modmap_region(struct modmap *mm, uint64_t start, uint64_t size, bool init)
{
	if (mm->n_regions == REGIONS_MAX || start + size < start)
		return;
	mm->regions[mm->n_regions++] = (struct mapped) {
		.start = start, .end = start + size, .init = init,
	};
}

uint32_t modmap_map(struct modmap *mm, const char *name, uint64_t ts)
{
	size_t i = modmap_name(mm, name, strlen(name)), r;
	const struct seen *seen;
	uint32_t instance;

	if (i == SIZE_MAX)
		return OWNER_NONE;
	instance = new_current(mm, i, ts);
	if (instance == OWNER_NONE)
		return OWNER_NONE;
	mm->names[i].mapped_early = true;
	for (r = 0; r < mm->n_regions; r++)
		if (map_region(mm, mm->regions[r].start, mm->regions[r].end, instance,
			       mm->regions[r].init))
			return OWNER_NONE;
	mm->n_regions = 0;
	seen = seen_since(mm, i, ts);
	if (seen)
		mm->instances[instance].syms = seen->syms;
	return instance;
}

void modmap_unmap(struct modmap *mm, uint64_t start)
{
	size_t i = mapped_below(mm, start);

	if (i && mm->mapped[i - 1].start == start)
		unmap_at(mm, i - 1);
}

bool modmap_offset(const struct modmap *mm, uint64_t addr, uint64_t *offset)
{
	size_t i = mapped_below(mm, addr);

	if (!i || addr >= mm->mapped[i - 1].end)
		return false;
	*offset = addr - mm->mapped[i - 1].start;
	return true;
}

bool modmap_is_init(const struct modmap *mm, uint64_t addr)
{
	size_t i = mapped_below(mm, addr);

	return i && addr < mm->mapped[i - 1].end && mm->mapped[i - 1].init;
}

uint32_t modmap_epoch(const struct modmap *mm)
{
	return mm->epoch;
}

/* Code outside the kernel's text that is the kernel's own: BPF, trampolines. */
static bool is_builtin_symbol(const struct modmap *mm, uint64_t addr)
{
	size_t i = mm->ks ? ksyms_find(mm->ks, addr) : SIZE_MAX;
	const struct ksym *sym;

	if (i == SIZE_MAX)
		return false;
	sym = ksyms_at(mm->ks, i);
	if (sym->module || !sym->text)
		return false;
	if (!mm->text_end)	/* where the kernel's text ends is not known */
		return i + 1 < ksyms_count(mm->ks);
	return addr - sym->addr < mm->page_size && sym->addr >= mm->text_end;
}

uint32_t modmap_find(const struct modmap *mm, uint64_t addr)
{
	size_t i;

	if (addr >= mm->text_start && addr < mm->text_end)
		return OWNER_KERNEL;
	i = mapped_below(mm, addr);
	if (i && addr < mm->mapped[i - 1].end)
		return mm->mapped[i - 1].instance;
	return is_builtin_symbol(mm, addr) ? OWNER_KERNEL : OWNER_UNKNOWN;
}

const struct mapped *modmap_mapped_at(const struct modmap *mm, uint64_t addr, uint32_t epoch)
{
	size_t i = mapped_below(mm, addr);

	if (i && addr < mm->mapped[i - 1].end && mm->mapped[i - 1].since <= epoch)
		return &mm->mapped[i - 1];
	for (i = mm->n_past; i-- > 0;)
		if (addr >= mm->past[i].start && addr < mm->past[i].end &&
		    epoch >= mm->past[i].since && epoch <= mm->past[i].until)
			return &mm->past[i];
	return NULL;
}

uint32_t modmap_find_at(const struct modmap *mm, uint64_t addr, uint32_t epoch)
{
	uint32_t now = modmap_find(mm, addr);
	const struct mapped *m;

	if (now == OWNER_KERNEL)
		return now;
	m = modmap_mapped_at(mm, addr, epoch);
	if (!m)
		return OWNER_UNKNOWN;
	return m->until == UINT32_MAX ? now : m->instance;
}

bool modmap_offset_at(const struct modmap *mm, uint64_t addr, uint32_t epoch,
		      uint64_t *offset)
{
	const struct mapped *m = modmap_mapped_at(mm, addr, epoch);

	if (m)
		*offset = (addr - m->start) | (m->init ? OFFSET_INIT : 0);
	return m != NULL;
}

/*
 * Stacks of old kernels end with -1, and FTRACE_TRAMPOLINE_MARKER
 * (kernel/trace/trace.c), INT_MAX, stands for a trampoline.
 */
bool modmap_may_be_code(uint64_t addr)
{
	return addr >= 1u << 16 && addr != INT32_MAX && addr != UINT32_MAX &&
	       addr <= UINT64_MAX - 4096;
}

bool modmap_near_modules(const struct modmap *mm, uint64_t addr)
{
	uint64_t start = mm->area_start, end = mm->area_end;

	if (addr >= mm->text_start && addr < mm->text_end)
		return false;
	if (!mm->area_end)
		return mm->n_names && modmap_may_be_code(addr);
	start -= start < MODULE_AREA_SLACK ? start : MODULE_AREA_SLACK;
	end += end > UINT64_MAX - MODULE_AREA_SLACK ? UINT64_MAX - end : MODULE_AREA_SLACK;
	return addr >= start && addr < end;
}

size_t modmap_count(const struct modmap *mm)
{
	return mm->n_instances;
}

const struct module_instance *modmap_instance(const struct modmap *mm, uint32_t i)
{
	return &mm->instances[i];
}

size_t modmap_rows(const struct modmap *mm)
{
	return FIRST_MODULE_ROW + mm->n_names;
}

bool modmap_hidden(const struct modmap *mm)
{
	return mm->hidden;
}

bool modmap_has_modules(const struct modmap *mm)
{
	return mm->n_names > 0;
}
