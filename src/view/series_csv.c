// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * series_csv.c - live bytes over time, for programs and spreadsheets
 *
 * In the long form: a line for each bucket of time and module, and one for the
 * sum of all modules, which has the events lost in it.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

#include "csv.h"
#include "error.h"
#include "export.h"
#include "rows.h"
#include "text.h"
#include "units.h"

struct output {
	const struct snapshot *snap;
	FILE *out;
	/* of the module in hand, by bucket */
	uint32_t *loads, *unloads;
};

static void put_time(const struct output *o, size_t bucket)
{
	const struct snap_series *ss = o->snap->series;
	uint64_t ns = ss->start_ns + bucket * ss->bucket_ns;
	char buf[32];

	if (o->snap->clock_is_ns)
		fputs(time_format(buf, sizeof(buf), ns), o->out);
	else
		fprintf(o->out, "%" PRIu64, ns);
}

static void put_point(const struct output *o, size_t bucket, const char *name,
		      const struct snap_point *p)
{
	put_time(o, bucket);
	fputc(',', o->out);
	csv_put_text(name, o->out);
	fprintf(o->out, ",%" PRIu64 ",%" PRIu64 ",%" PRIu64, p->min, p->max, p->last);
}

static void put_total(const struct output *o)
{
	const struct snap_series *ss = o->snap->series;

	for (size_t b = 0; b < ss->n_buckets; b++) {
		put_point(o, b, "[total]", &ss->total[b]);
		if (ss->lost[b] == UINT64_MAX)
			fprintf(o->out, ",,,some\n");
		else
			fprintf(o->out, ",,,%" PRIu64 "\n", ss->lost[b]);
	}
}

static bool count_marks(struct output *o, size_t module)
{
	const struct snap_series *ss = o->snap->series;
	bool any = false;

	for (size_t b = 0; b < ss->n_buckets; b++)
		o->loads[b] = o->unloads[b] = 0;
	for (size_t i = 0; i < ss->n_marks; i++) {
		const struct snap_mark *m = &ss->marks[i];
		size_t b = (size_t)((m->ns - ss->start_ns) / ss->bucket_ns);

		if (m->module != module || b >= ss->n_buckets)
			continue;
		(m->load ? o->loads : o->unloads)[b]++;
		any = true;
	}
	return any;
}

static int put_module(struct output *o, size_t module)
{
	static const struct snap_point nothing;
	const struct snap_series *ss = o->snap->series;
	const struct snap_point *points = ss->modules[module];
	bool marks = count_marks(o, module);
	char *name;

	if (!points && !marks)
		return 0;
	name = text_printable(o->snap->modules[module].name);
	if (!name)
		return -ENOMEM;
	for (size_t b = 0; b < ss->n_buckets; b++) {
		put_point(o, b, name, points ? &points[b] : &nothing);
		fprintf(o->out, ",%" PRIu32 ",%" PRIu32 ",\n", o->loads[b], o->unloads[b]);
	}
	free(name);
	return 0;
}

int view_series_csv(const struct snapshot *snap, const struct export_opts *opts,
		    FILE *out, struct error *err)
{
	struct output o = { .snap = snap, .out = out };
	bool *selected = modules_select(snap, opts->modules, err);
	int ret = 0;

	if (!selected)
		return -ENOENT;
	o.loads = calloc(snap->series->n_buckets, sizeof(*o.loads));
	o.unloads = calloc(snap->series->n_buckets, sizeof(*o.unloads));
	if (!o.loads || !o.unloads)
		ret = -ENOMEM;
	if (!ret) {
		fprintf(out, "TIME,MODULE,MIN,MAX,LAST,LOADS,UNLOADS,LOST\n");
		put_total(&o);
	}
	for (size_t i = 0; !ret && i < snap->n_modules; i++)
		if (selected[i])
			ret = put_module(&o, i);
	free(o.loads);
	free(o.unloads);
	free(selected);
	return ret ? error_set(err, ret, "out of memory") : 0;
}
