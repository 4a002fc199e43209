// SPDX-License-Identifier: GPL-2.0-or-later
#include "record_check.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "error.h"
#include "leftovers.h"
#include "probes.h"
#include "record_events.h"
#include "record_instance.h"

struct check {
	struct record_sight *sights;
	size_t n, unseen;
};

static void add(struct check *c, const char *what, const char *cost, bool seen, const char *why)
{
	struct record_sight *s = &c->sights[c->n++];

	*s = (struct record_sight){ .what = what, .cost = cost, .seen = seen };
	snprintf(s->why, sizeof(s->why), "%s", why);
	c->unseen += !seen;
}

static bool enabled(const struct record_events *re, const char *name)
{
	for (unsigned int i = 0; i < re->n_names; i++)
		if (!strcmp(re->names[i], name))
			return true;
	return false;
}

/* Events, of which the first is an allocation, the other one (if any) a free. */
static void add_events(struct check *c, const struct record_events *re, const char *what,
		       const char *cost, const char *alloc, const char *release)
{
	const char *lacks = !enabled(re, alloc) ? alloc :
			    !enabled(re, release) ? release : NULL;
	char why[256] = "";

	if (lacks)
		snprintf(why, sizeof(why), "%s %s", strstr(re->refused, lacks) ?
			 "the kernel refuses" : "the kernel has no", lacks);
	add(c, what, cost, !lacks, why);
}

static void add_all_events(struct check *c, const struct record_events *re)
{
	add_events(c, re, "slab", "kmalloc() and slab caches are missing",
		   "kmem/kmalloc", "kmem/kfree");
	add_events(c, re, "slab caches", "objects of slab caches are missing",
		   "kmem/kmem_cache_alloc", "kmem/kmem_cache_free");
	add_events(c, re, "pages", "pages are missing, and large kmalloc()s with them",
		   "kmem/mm_page_alloc", "kmem/mm_page_free");
	add_events(c, re, "per-CPU memory", "it is missing",
		   "percpu/percpu_alloc_percpu", "percpu/percpu_free_percpu");
	/* none of its events: the kernel was built without */
	if (enabled(re, "cma/cma_release") || strstr(re->refused, "cma/"))
		add_events(c, re, "contiguous memory (CMA)", "what is taken out of it is missing, DMA for one",
			   enabled(re, "cma/cma_alloc") ? "cma/cma_alloc" : "cma/cma_alloc_finish",
			   "cma/cma_release");
	add(c, "call stacks", "nobody but direct callers can be told", re->stacks != RECORD_STACKS_NONE,
	    re->stacks == RECORD_STACKS_TRIGGER ? "" :
	    re->stacks == RECORD_STACKS_OPTION ? "of frees, too: recording costs more" :
						 "the kernel records none");
}

/* A plan of probes, by its name in probes_lines(). */
static void add_probe(struct check *c, const char *line)
{
	static const struct {
		const char *name, *what, *cost;
	} plans[] = {
		{ "rcu_free", "kfree_rcu", "what was given to it looks held" },
		{ "bulk_alloc", "kmem_cache_alloc_bulk", "objects taken so are missing" },
		{ "bulk_free", "kmem_cache_free_bulk", "objects freed so look held" },
		{ "pages_bulk", "alloc_pages_bulk", "pages taken so are missing" },
		{ "vmalloc", "vmalloc", "areas are known by what is taken for them, in part" },
		{ "dma_pool", "dma_pool_alloc", "blocks count as the pages of their pool" },
		{ "module_map", "where modules are loaded", "their init functions may have no name" },
	};
	size_t len = strcspn(line, " ");
	const char *why = line + len + (line[len] == ' ');

	for (size_t i = 0; i < sizeof(plans) / sizeof(plans[0]); i++) {
		if (strlen(plans[i].name) != len || strncmp(plans[i].name, line, len))
			continue;
		if (!strcmp(why, "covered"))
			add(c, plans[i].what, plans[i].cost, true, "");
		else
			add(c, plans[i].what, plans[i].cost, false,
			    why + (strncmp(why, "blind ", 6) ? 0 : 6));
	}
}

/* The addresses of all functions are 0 for who may not see them (proc(5)). */
static void add_symbols(struct check *c)
{
	FILE *file = fopen("/proc/kallsyms", "re");
	bool hidden = true;
	char line[512];
	int n = 0;

	/* the first ones may be absolute, and 0 by right */
	while (file && hidden && n++ < 100000 && fgets(line, sizeof(line), file))
		hidden = !strtoull(line, NULL, 16);
	add(c, "symbols", "functions have no names, the kernel's allocators are unknown", !hidden,
	    !file ? "the kernel has no /proc/kallsyms" :
	    hidden ? "all addresses in /proc/kallsyms are 0: see /proc/sys/kernel/kptr_restrict" : "");
	if (file)
		fclose(file);
}

int record_check(struct record_sight sights[RECORD_SIGHTS_MAX], size_t *n, size_t *unseen,
		 struct error *err)
{
	struct check c = { .sights = sights };
	struct probes *probes = NULL;
	struct record_instance ri;
	struct record_events re;
	struct error left;
	int ret, code;

	ret = record_instance_create(&ri, err);
	if (ret)
		return ret;
	ret = record_events_enable(&re, &ri, err);
	if (!ret)
		ret = probes_install(&probes, ri.tracing, ri.name, strchr(ri.tag, '_') + 1, err);
	if (!ret) {
		add_all_events(&c, &re);
		probes_enable(probes);
		probes_disable(probes);
		for (const char *const *line = probes_lines(probes); *line; line++)
			add_probe(&c, *line);
		add_symbols(&c);
	}
	code = probes_remove(probes, &left);
	if (code)
		ret = error_join(err, ret, code, &left);
	code = record_instance_destroy(&ri, &left);
	if (code)
		ret = error_join(err, ret, code, &left);
	*n = c.n;
	*unseen = c.unseen;
	return ret;
}
