// SPDX-License-Identifier: GPL-2.0-or-later
#include "side_fixture.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void set_value(struct side_row *row, char *word)
{
	char *equal = strchr(word, '=');
	uint64_t value;
	enum metric m;

	assert(equal);
	value = strtoull(equal + 1, NULL, 10);
	if (!strncmp(word, "uncertain", 9)) {
		row->uncertain = value;
		return;
	}
	if (!strncmp(word, "kind", 4)) {
		row->kind = (enum mem_kind)value;
		return;
	}
	if (!strncmp(word, "why", 3)) {
		row->why = (uint32_t)value;
		return;
	}
	m = metric_find(word, (size_t)(equal - word));
	assert(m < METRIC_MAX);
	row->value[m] = value;
	row->known |= METRIC_BIT(m);
}

static void add_line(struct side *side, char *line)
{
	struct side_row row = { .state = MODULE_LOADED };
	char *save = NULL, *name = strtok_r(line, " ", &save), *word;

	if (!name)
		return;
	row.module = name;
	word = strchr(name, ':');
	if (word) {
		*word++ = '\0';
		row.site = true;
		row.function = strcmp(word, "-") ? word : NULL;
		row.via = "kmalloc";
		row.known = METRICS_OF_SITES & ~METRIC_BIT(METRIC_INDUCED);
	} else {
		row.known = METRICS_ALL & ~METRIC_BIT(METRIC_LEAKED);
	}
	if (name[strlen(name) - 1] == '!') {
		name[strlen(name) - 1] = '\0';
		row.state = MODULE_UNLOADED;
	}
	if (!strcmp(name, "[kernel]"))
		row.state = MODULE_KERNEL;
	if (!strcmp(name, "[unknown]"))
		row.state = MODULE_UNKNOWN;
	while ((word = strtok_r(NULL, " ", &save)))
		set_value(&row, word);
	assert(!side_add(side, &row));
}

struct side *side_fixture(const char *name, const char *rows)
{
	struct side *side = side_new(name);
	char *text = strdup(rows), *save = NULL;

	assert(side && text);
	side->arch = "x86_64";
	side->kernel = "6.1.0";
	side->attribute = "own";
	side->page_size = 4096;
	side->cpus = 2;
	side->long_bits = 64;
	side->events = 1000;
	for (char *line = strtok_r(text, "\n", &save); line;
	     line = strtok_r(NULL, "\n", &save))
		add_line(side, line);
	free(text);
	assert(!side_finish(side));
	return side;
}

struct runs runs_fixture(size_t n, const char *const *rows)
{
	struct runs runs = { calloc(n, sizeof(struct side *)), n };
	char name[32];

	assert(runs.run);
	for (size_t i = 0; i < n; i++) {
		snprintf(name, sizeof(name), "no/run%zu.json", i);
		runs.run[i] = side_fixture(name, rows[i]);
	}
	return runs;
}
