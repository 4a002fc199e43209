// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * snapshot_static.c - what each module takes by being there, from what the
 * recorder saved and from the events of its load
 */
#include "snapshot_build.h"

#include <stdio.h>
#include <string.h>

#include "companion_read.h"
#include "decode.h"
#include "event.h"
#include "formats.h"
#include "span.h"
#include "strings_table.h"

/* Section names of @module, the latest that the recorder read; NULL: none. */
static const struct companion_item *sections_of(const struct companion *c,
						const char *module)
{
	char name[300];

	snprintf(name, sizeof(name), "sections:%s", module);
	return companion_last(c, name);
}

/* Names of the modules that were there at the start. */
struct start {
	struct strings *names;	/* NULL: nobody knows, or no memory */
	size_t n;
};

static void read_start(struct start *start, const struct companion *c)
{
	const struct companion_item *it = companion_find(c, "modules@start");
	struct span text = span_of(it ? it->text : NULL, it ? it->len : 0), line, name;

	start->names = it ? strings_new() : NULL;
	while (start->names && span_line(&text, &line)) {
		if (!span_word(&line, &name) ||
		    strings_add(start->names, name.at, span_len(name)) != UINT32_MAX)
			continue;
		strings_free(start->names);
		start->names = NULL;
	}
	start->n = start->names ? strings_count(start->names) : 0;
}

/*
 * The recorder saw @module come: it is in one list of modules and not in the one
 * of the start.
 */
static bool came(const struct start *start, const char *module)
{
	return start->names && strings_add(start->names, module, strlen(module)) >= start->n;
}

/* snap_module.fixed of all, from static_bytes as lsmod has it. */
void build_static(struct builder *b)
{
	const struct companion *c = b->rs->companion;
	const struct companion_item *areas = companion_find(c, "vmallocinfo@after");
	struct snapshot *snap = b->snap;
	bool sees_percpu = decoder_formats(b->rs->decoder)->seen &
			   (1u << EVENT_PERCPU_ALLOC);
	struct start start;

	read_start(&start, c);
	snap->shared_text = areas && modstatic_text_shared(areas->text, areas->len,
							   snap->page_size);
	for (size_t i = 0; i < snap->n_modules; i++) {
		struct snap_module *m = &snap->modules[i];
		const struct amount *percpu = &m->overhead[OVERHEAD_STATIC_PERCPU];
		const struct companion_item *names;

		m->fixed = modstatic_none;
		if (m->static_bytes < 0)
			continue;
		modstatic_lsmod(&m->fixed, (uint64_t)m->static_bytes, snap->page_size,
				snap->kernel);
		names = sections_of(c, m->name);
		if (names)
			modstatic_sections(&m->fixed, names->text, names->len,
					   snap->page_size, snap->kernel);
		if (snap->shared_text)
			modstatic_share_text(&m->fixed, snap->page_size);
		/* what the loader took for it was seen, if it took anything */
		if (percpu->bytes || (sees_percpu && came(&start, m->name)))
			m->fixed.percpu_bytes = (int64_t)percpu->bytes;
		m->static_bytes = modstatic_bytes(&m->fixed);
	}
	strings_free(start.names);
}
