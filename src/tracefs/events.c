// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * events.c - see record_events.h
 */
#include "record_events.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "error.h"
#include "record_instance.h"

#define ALLOCATES	1u	/* gets a stack */
#define MATTERS		2u	/* its absence is worth a word */

/*
 * mm_page_free_batched, mm_page_pcpu_drain and rss_stat tell nothing that
 * these do not; dma:dma_map_* are mappings, not memory, one a packet.
 */
static const struct event {
	const char *name;
	unsigned int flags;
} events[] = {
	{ "kmem/kmalloc", ALLOCATES | MATTERS },
	{ "kmem/kmalloc_node", ALLOCATES },		/* up to 6.0 */
	{ "kmem/kmem_cache_alloc", ALLOCATES | MATTERS },
	{ "kmem/kmem_cache_alloc_node", ALLOCATES },	/* up to 6.0 */
	{ "kmem/kfree", MATTERS },
	{ "kmem/kmem_cache_free", MATTERS },
	{ "kmem/mm_page_alloc", ALLOCATES | MATTERS },
	{ "kmem/mm_page_free", MATTERS },
	{ "percpu/percpu_alloc_percpu", ALLOCATES | MATTERS },
	{ "percpu/percpu_free_percpu", MATTERS },
	{ "percpu/percpu_alloc_percpu_fail", 0 },
	{ "module/module_load", 0 },
	{ "module/module_free", 0 },
	{ "vmalloc/alloc_vmap_area", ALLOCATES },	/* from 6.3 */
	{ "vmalloc/free_vmap_area_noflush", 0 },
	{ "dma/dma_alloc", ALLOCATES },			/* from 6.12 */
	{ "dma/dma_alloc_pages", ALLOCATES },
	{ "dma/dma_alloc_sgt", ALLOCATES },
	{ "dma/dma_free", 0 },
	{ "dma/dma_free_pages", 0 },
	{ "dma/dma_free_sgt", 0 },
	{ "cma/cma_alloc", ALLOCATES },			/* up to 5.12 */
	{ "cma/cma_alloc_finish", ALLOCATES },
	{ "cma/cma_release", 0 },
};

#define N_EVENTS (sizeof(events) / sizeof(events[0]))

const char *record_stacks_name(enum record_stacks stacks)
{
	static const char *const names[] = {
		[RECORD_STACKS_TRIGGER] = "trigger",
		[RECORD_STACKS_OPTION] = "option",
		[RECORD_STACKS_NONE] = "none",
	};

	return names[stacks];
}

bool record_trigger_sound(const char *release, const char *machine)
{
	unsigned int major, minor;

	/* what a 64-bit kernel tells a 32-bit program, armv8l, a 32-bit one may be, too */
	if (!strncmp(machine, "arm", 3))
		return false;
	return sscanf(release, "%u.%u", &major, &minor) == 2 &&
	       (major > 5 || (major == 5 && minor >= 17));
}

/* "kmem/kmalloc: No such file or directory", behind what is there. */
static void add(char *list, size_t size, const char *name, int code)
{
	size_t len = strlen(list);

	snprintf(list + len, size - len, "%s%s%s%s", len ? ", " : "", name,
		 code ? ": " : "", code ? strerror(-code) : "");
}

static bool is_there(const struct record_instance *ri, const char *name)
{
	char path[1024];

	snprintf(path, sizeof(path), "%s/events/%s/enable", ri->dir, name);
	return !access(path, F_OK);
}

static int set(const struct record_instance *ri, const char *name,
	       const char *file, const char *text)
{
	char path[256];

	snprintf(path, sizeof(path), "events/%s/%s", name, file);
	return record_instance_write(ri, path, text);
}

static bool set_triggers(const struct record_instance *ri)
{
	struct utsname uts;

	if (uname(&uts) || !record_trigger_sound(uts.release, uts.machine))
		return false;
	for (size_t i = 0; i < N_EVENTS; i++) {
		if (!(events[i].flags & ALLOCATES) ||
		    !is_there(ri, events[i].name))
			continue;
		if (!set(ri, events[i].name, "trigger", "stacktrace"))
			continue;
		/* one that stays puts a stack too many there, which belongs to nothing */
		while (i--)
			if (events[i].flags & ALLOCATES)
				set(ri, events[i].name, "trigger", "!stacktrace");
		return false;
	}
	return true;
}

int record_events_enable(struct record_events *re,
			 const struct record_instance *ri, struct error *err)
{
	memset(re, 0, sizeof(*re));
	/* an event without a stack, or the other way round, is of little use */
	if (set_triggers(ri))
		re->stacks = RECORD_STACKS_TRIGGER;
	else if (!record_instance_write(ri, "options/stacktrace", "1"))
		re->stacks = RECORD_STACKS_OPTION;
	else
		re->stacks = RECORD_STACKS_NONE;

	for (size_t i = 0; i < N_EVENTS; i++) {
		const char *name = events[i].name;
		int ret;

		if (!is_there(ri, name)) {
			if (events[i].flags & MATTERS)
				add(re->missing, sizeof(re->missing), name, 0);
			continue;
		}
		ret = set(ri, name, "enable", "1");
		if (ret) {
			add(re->refused, sizeof(re->refused), name, ret);
			continue;
		}
		re->names[re->n_names++] = name;
	}
	for (unsigned int i = 0; i < re->n_names; i++)
		if (!strncmp(re->names[i], "kmem/", 5))
			return 0;
	if (*re->refused)
		return error_set(err, -EPERM, "no event of kmem can be enabled (%s): nothing to record",
				 re->refused);
	return error_set(err, -ENOENT, "%s/events has no kmem events: recording needs a kernel with CONFIG_EVENT_TRACING",
			 ri->dir);
}
