// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * model_compare.c - what a replay of the same events says
 */
#include "model_fixture.h"

#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "companion.h"
#include "error.h"
#include "leaks.h"

static const char *memory_file(const char *text, int *fd, char *path, size_t size)
{
	if (!text)
		return NULL;
	*fd = memfd_create("modules", MFD_CLOEXEC);
	assert_int_equal(write(*fd, text, strlen(text)), strlen(text));
	snprintf(path, size, "/proc/self/fd/%d", *fd);
	return path;
}

static void put_item(struct out *file, const char *name, const char *text)
{
	if (!text)
		return;
	put_number(file, strlen(name), 4);
	put(file, name, strlen(name));
	put_number(file, 0, 8);
	put_number(file, strlen(text), 8);
	put_number(file, strlen(text), 8);
	put(file, text, strlen(text));
}

/* A recorder's section behind the file (companion.h). */
static void put_section(struct out *file, const struct model_setup *s)
{
	uint64_t at = file->len;

	if (!s->probes && !s->slabinfo && !s->narrowed && !s->own && !s->filters_start &&
	    !s->filters_end && !s->imports && !s->meminfo)
		return;
	assert_false(file->big);
	put(file, COMPANION_MAGIC, COMPANION_MAGIC_LEN);
	put_number(file, COMPANION_VERSION, 1);
	put_item(file, COMPANION_NARROWED, s->narrowed);
	put_item(file, COMPANION_OWN, s->own);
	put_item(file, "filters@start", s->filters_start);
	put_item(file, "filters@end", s->filters_end);
	put_item(file, "probes", s->probes);
	put_item(file, COMPANION_IMPORTS, s->imports);
	put_item(file, "meminfo@before", s->meminfo);
	put_item(file, "slabinfo@after", s->slabinfo);
	put_number(file, at, 8);
	put(file, COMPANION_TRAILER, COMPANION_TRAILER_LEN);
}

/* The file's page size is the machine's; the ring buffer's differs. */
static const char *write_recording(struct model *m)
{
	struct out file;
	const char *path;

	rec_make(&m->rec, &file);
	set_number(&file, 14, m->setup.page_size, 4);
	put_section(&file, &m->setup);
	path = file_write(&file);
	out_free(&file);
	return path;
}

const struct snapshot *model_snapshot(struct model *m)
{
	const struct leak_opts leaks = {
		.older_than = m->setup.older_than, .every = 1000, .kernel = true,
	};
	struct replay_opts opts = {
		.attribute = m->setup.mode,
		.from = m->setup.from ? (int64_t)m->setup.from : REPLAY_NO_TIME,
		.to = m->setup.to ? (int64_t)m->setup.to : REPLAY_NO_TIME,
		.by_task = true, .by_stack = true, .check = true, .leaks = &leaks,
	};
	struct error err = { "" };
	char modules[64];
	int fd = -1;

	if (m->snap)
		return m->snap;
	opts.path = write_recording(m);
	opts.modules_file = memory_file(m->setup.proc_modules, &fd, modules,
					sizeof(modules));
	m->snap = replay(&opts, &err);
	if (fd >= 0)
		close(fd);
	if (!m->snap)
		fail_msg("replay: %s", err.text);
	return m->snap;
}

const struct snap_module *model_row(struct model *m, const char *module)
{
	const struct snapshot *snap = model_snapshot(m);
	size_t i;

	for (i = 0; i < snap->n_modules; i++)
		if (!strcmp(snap->modules[i].name, module))
			return &snap->modules[i];
	fail_msg("no row %s", module);
	return NULL;
}

const struct snap_site *model_site(struct model *m, const char *module,
				   const char *function, const char *via)
{
	const struct snap_module *row = model_row(m, module);
	size_t i;

	for (i = 0; i < row->n_sites; i++) {
		const struct snap_site *s = &row->sites[i];

		if (s->function && !strcmp(s->function, function) &&
		    (!via || !strcmp(s->via, via)))
			return s;
	}
	for (i = 0; i < row->n_sites; i++)
		print_message("%s has %s via %s\n", module,
			      row->sites[i].function ? row->sites[i].function : "?",
			      row->sites[i].via);
	fail_msg("%s has no site %s via %s", module, function, via ? via : "any");
	return NULL;
}

const struct snap_cache *model_cache(struct model *m, const char *module,
				     const char *name)
{
	const struct snap_module *row = model_row(m, module);
	size_t i;

	for (i = 0; i < row->n_caches; i++)
		if (name ? row->caches[i].name && !strcmp(row->caches[i].name, name) :
		    !row->caches[i].name)
			return &row->caches[i];
	fail_msg("%s has no cache %s", module, name ? name : "without a name");
	return NULL;
}

const struct snap_leak *model_leak(struct model *m, const char *module,
				   const char *function, unsigned int reason)
{
	const struct snapshot *snap = model_snapshot(m);

	for (size_t i = 0; i < snap->leaks->n_rows; i++) {
		const struct snap_leak *l = &snap->leaks->rows[i];

		if (l->reason == reason && !strcmp(snap->modules[l->module].name, module) &&
		    (!function || (l->function && !strcmp(l->function, function))))
			return l;
	}
	return NULL;
}

/* What unloaded modules left is all judged, once, whatever the verdict. */
static void compare_leaks(const struct snapshot *snap)
{
	for (size_t i = 0; i < snap->n_modules; i++) {
		const struct snap_module *m = &snap->modules[i];
		uint64_t rows = 0, unloads = 0;

		for (size_t j = 0; j < snap->leaks->n_rows; j++)
			if (snap->leaks->rows[j].module == i)
				rows += snap->leaks->rows[j].left_bytes;
		for (size_t j = 0; j < snap->leaks->n_unloads; j++)
			if (snap->leaks->unloads[j].module == i)
				unloads += snap->leaks->unloads[j].left_bytes;
		assert_int_equal(rows, m->leaked_bytes > 0 ? m->leaked_bytes : 0);
		assert_int_equal(unloads, rows);
	}
}

/* Rows of the replay are the books', and rows are the sums of their parts. */
static void compare_row(struct model *m, const struct snap_module *row)
{
	struct model_totals t = model_totals(m, row->name);
	uint64_t own = 0, induced = 0, slab = 0;
	unsigned int k;
	size_t i;

	for (k = 0; k < KIND_MAX; k++) {
		assert_own(m, row->name, k, row->live[k].bytes);
		assert_induced(m, row->name, k, row->induced[k].bytes);
	}
	for (k = 0; k < OVERHEAD_MAX; k++)
		assert_overhead(m, row->name, k, row->overhead[k].bytes);
	assert_int_equal(row->live_bytes, t.own);
	assert_int_equal(row->induced_bytes, t.induced);
	assert_int_equal(row->overhead_bytes, t.overhead);
	assert_int_equal(row->failed, t.failed);
	assert_int_equal(row->live_bytes, row->allocated_bytes -
			 row->freed_bytes - row->evicted_bytes);
	assert_true(row->peak_bytes >= row->live_bytes);
	assert_true(row->uncertain_bytes <= row->live_bytes);

	for (i = 0; i < row->n_sites; i++) {
		if (row->sites[i].charge == CHARGE_OWN)
			own += row->sites[i].live_bytes;
		else
			induced += row->sites[i].live_bytes;
		assert_int_equal(row->sites[i].oldest_ns >= 0,
				 row->sites[i].live_objects > 0);
	}
	assert_int_equal(own, row->live_bytes);
	assert_int_equal(induced, row->induced_bytes);
	for (i = 0; i < row->n_caches; i++)
		slab += row->caches[i].bytes;
	assert_int_equal(slab, row->live[KIND_SLAB].bytes);
}

void model_compare(struct model *m)
{
	const struct snapshot *snap = model_snapshot(m);
	const struct books_stats *bs = books_stats(m->books);
	const struct coverage *c = &snap->coverage;
	uint64_t stacks = 0, tasks = 0;
	size_t i;

	for (i = 0; i < snap->n_modules; i++)
		compare_row(m, &snap->modules[i]);
	for (i = 0; i < snap->n_stacks; i++)
		stacks += snap->stacks[i].live_bytes;
	for (i = 0; i < snap->n_tasks; i++)
		tasks += snap->tasks[i].live_bytes + snap->tasks[i].induced_bytes;
	assert_int_equal(stacks, snap->live_bytes + snap->induced_bytes +
			 snap->overhead_bytes);
	assert_int_equal(tasks, snap->live_bytes + snap->induced_bytes);
	compare_leaks(snap);
	assert_int_equal(c->events, bs->events);
	assert_int_equal(c->unmatched_slab, bs->unmatched_slab);
	assert_int_equal(c->unmatched_percpu, bs->unmatched_percpu);
	assert_int_equal(c->unmatched_pages, bs->unmatched_pages +
			 bs->unmatched_vmalloc_pages + bs->unmatched_cma_pages);
	assert_int_equal(c->evicted, bs->evicted);
	assert_int_equal(c->reordered, bs->reordered);
	assert_int_equal(c->unknown_addresses, bs->unknown);
	assert_int_equal(c->interrupt_cuts, bs->cuts);
	assert_int_equal(c->init_text_guarded, bs->init_guarded);
}
