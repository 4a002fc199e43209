// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * openmetrics.c - a snapshot for node_exporter's textfile collector
 *
 * The collector reads Prometheus' text format, not the whole of OpenMetrics:
 * a counter's TYPE line has the name with "_total". The last line, "# EOF" of
 * OpenMetrics, is a comment there, and says that the file is whole.
 * https://prometheus.io/docs/instrumenting/exposition_formats/
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "columns.h"
#include "error.h"
#include "export.h"
#include "rows.h"
#include "text.h"

/* What a module has one number of: taken from its row in the report. */
static const struct metric {
	const char *name;
	const char *column;
	bool counter;
	const char *help;
} module_metrics[] = {
	{ "induced_bytes", "INDUCED", false,
	  "Live bytes that the core kernel took on behalf of the module." },
	{ "overhead_bytes", "OVERHEAD", false,
	  "Live bytes that allocators took to serve the module." },
	{ "uncertain_bytes", "UNCERTAIN", false,
	  "Part of the module's live bytes whose frees may have gone unseen." },
	{ "requested_bytes", "REQUESTED", false,
	  "Part of the module's live bytes that was asked for." },
	{ "peak_bytes", "PEAK", false,
	  "Most that the module's live bytes ever were, at one moment." },
	{ "static_bytes", "STATIC", false,
	  "Size of the module's own code and data." },
	{ "before_bytes", "BEFORE", false,
	  "Bytes that the module held when the recording began, by the kernel's allocinfo." },
	{ "leaked_bytes", "LEAKED", false,
	  "Bytes still held when the module was unloaded." },
	{ "allocated_bytes_total", "ALLOCATED", true,
	  "Bytes that the module took in all." },
	{ "freed_bytes_total", "FREED", true,
	  "Bytes that the module's memory gave back." },
	{ "evicted_bytes_total", "EVICTED", true,
	  "Bytes dropped since their address was given out again: the free went unseen." },
	{ "allocations_total", "ALLOCS", true,
	  "Allocations that the module made." },
	{ "frees_total", "FREES", true,
	  "Frees of what the module allocated." },
	{ "failed_allocations_total", "FAILED", true,
	  "Allocations of the module that failed." },
};

struct output {
	const struct snapshot *snap;
	const bool *selected;
	FILE *out;
	bool no_memory;
};

/*
 * A label's value: \, " and line feed are escaped; nothing else is special. Two
 * names must not become one, or the collector throws the whole file away: so a
 * backslash of the name's own counts as a byte that is not printable.
 */
static void put_value(struct output *o, const char *text)
{
	const char *rest = text ? text : "";

	fputc('"', o->out);
	while (rest) {
		size_t len = strcspn(rest, "\\");
		char *part = strndup(rest, len);
		char *safe = part ? text_printable(part) : NULL;

		for (const char *p = safe; p && *p; p++) {
			if (*p == '\\' || *p == '"')
				fputc('\\', o->out);
			fputc(*p, o->out);
		}
		o->no_memory |= !safe;
		free(part);
		free(safe);
		if (rest[len])
			fputs("\\\\x5c", o->out);
		rest = rest[len] ? rest + len + 1 : NULL;
	}
	fputc('"', o->out);
}

static void put_family(const struct output *o, const char *name, bool counter,
		       const char *help)
{
	fprintf(o->out, "# HELP modmem_%s %s\n# TYPE modmem_%s %s\n", name, help,
		name, counter ? "counter" : "gauge");
}

static void put_alone(const struct output *o, const char *name, bool counter,
		      const char *help, uint64_t value)
{
	put_family(o, name, counter, help);
	fprintf(o->out, "modmem_%s %" PRIu64 "\n", name, value);
}

/* Modules that never had anything make no series. */
static bool shown(const struct output *o, size_t i)
{
	const struct snap_module *m = &o->snap->modules[i];

	return o->selected[i] && !module_empty(m);
}

static void put_kinds(struct output *o, const char *name, const char *help,
		      uint64_t (*number)(const struct amount *amount))
{
	put_family(o, name, false, help);
	for (size_t i = 0; i < o->snap->n_modules; i++) {
		const struct snap_module *m = &o->snap->modules[i];

		for (int kind = 0; shown(o, i) && kind < KIND_MAX; kind++) {
			fprintf(o->out, "modmem_%s{module=", name);
			put_value(o, m->name);
			fprintf(o->out, ",kind=\"%s\"} %" PRIu64 "\n",
				mem_kind_name((enum mem_kind)kind),
				number(&m->live[kind]));
		}
	}
}

static uint64_t amount_bytes(const struct amount *amount)
{
	return amount->bytes;
}

static uint64_t amount_objects(const struct amount *amount)
{
	return amount->objects;
}

static int put_metric(struct output *o, const struct metric *metric,
		      struct error *err)
{
	const struct coldesc *col = column_find(VIEW_BY_MODULE, metric->column, err);
	char *name = text_format("module_%s", metric->name);

	if (!col || !name) {
		free(name);
		o->no_memory = true;
		return -ENOMEM;
	}
	put_family(o, name, metric->counter, metric->help);
	for (size_t i = 0; i < o->snap->n_modules; i++) {
		const struct snap_module *m = &o->snap->modules[i];
		struct row row = { .snap = o->snap, .module = m, .data = m };
		uint64_t value;

		if (!shown(o, i) || !column_number(col, &row, &value))
			continue;
		fprintf(o->out, "modmem_%s{module=", name);
		put_value(o, m->name);
		fprintf(o->out, "} %" PRIu64 "\n", value);
	}
	free(name);
	return 0;
}

static void put_states(struct output *o)
{
	put_family(o, "module_loaded", false,
		   "Whether the module is loaded: 1, or 0 if it was unloaded.");
	for (size_t i = 0; i < o->snap->n_modules; i++) {
		const struct snap_module *m = &o->snap->modules[i];

		if (!shown(o, i) || m->state == MODULE_KERNEL ||
		    m->state == MODULE_UNKNOWN)
			continue;
		fprintf(o->out, "modmem_module_loaded{module=");
		put_value(o, m->name);
		fprintf(o->out, "} %d\n", m->state == MODULE_LOADED);
	}
}

static void put_source(struct output *o)
{
	const struct snapshot *snap = o->snap;
	uint64_t ns = snap->end_ns - snap->start_ns;

	put_family(o, "recording_info", false,
		   "Where the numbers come from; always 1.");
	fprintf(o->out, "modmem_recording_info{kernel=");
	put_value(o, snap->kernel);
	fprintf(o->out, ",arch=");
	put_value(o, snap->arch);
	fprintf(o->out, ",clock=");
	put_value(o, snap->clock);
	fprintf(o->out, "} 1\n");
	if (snap->clock_is_ns) {
		put_family(o, "recording_seconds", false,
			   "Time from the first to the last event that is counted.");
		fprintf(o->out, "modmem_recording_seconds %" PRIu64 ".%09" PRIu64 "\n",
			ns / 1000000000, ns % 1000000000);
	}
}

/* The same series twice makes the whole file invalid. */
static bool said_before(const char *const *texts, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!strcmp(texts[i], texts[n]))
			return true;
	return false;
}

/* What a reader has to know before an alert is raised or trusted. */
static void put_coverage(struct output *o)
{
	const struct coverage *c = &o->snap->coverage;

	put_alone(o, "trusted", false,
		  "Whether the recording is good enough for --strict: 1 or 0.",
		  c->trusted);
	put_alone(o, "records_total", true, "Records read.", c->records);
	put_alone(o, "events_total", true,
		  "Allocations and frees among them.", c->events);
	put_alone(o, "lost_events_total", true,
		  "Events that the kernel lost, as far as it said how many.",
		  c->lost_events);
	put_alone(o, "lost_events_unknown", false,
		  "Whether more were lost than lost_events_total says: 1 or 0.",
		  c->lost_unknown);
	put_alone(o, "unmatched_frees_total", true,
		  "Frees of what was taken before the recording, or unseen.",
		  c->unmatched_frees);
	put_alone(o, "evicted_objects_total", true,
		  "Objects whose address was given out again: their free went unseen.",
		  c->evicted);
	put_alone(o, "allocations_without_stack_total", true,
		  "Allocations whose call stack is not known.",
		  c->events_without_stack);
	put_alone(o, "unknown_addresses_total", true,
		  "Allocations by code of no known module.", c->unknown_addresses);
	put_alone(o, "malformed_records_total", true,
		  "Records too short or with impossible values.", c->malformed);
	put_family(o, "blind_path", false,
		   "Ways to allocate or free that the recording cannot show; always 1.");
	for (size_t i = 0; i < c->n_blind; i++) {
		if (said_before(c->blind, i))
			continue;
		fprintf(o->out, "modmem_blind_path{path=");
		put_value(o, c->blind[i]);
		fprintf(o->out, "} 1\n");
	}
	if (c->n_missed)
		put_family(o, "missed_calls_total", true,
			   "Calls that a probe was for and did not see.");
	for (size_t i = 0; i < c->n_missed; i++) {
		fprintf(o->out, "modmem_missed_calls_total{path=");
		put_value(o, c->missed[i].path);
		fprintf(o->out, "} %" PRIu64 "\n", c->missed[i].missed);
	}
}

int view_openmetrics(const struct snapshot *snap, const struct export_opts *opts,
		     FILE *out, struct error *err)
{
	struct output o = { .snap = snap, .out = out };
	bool *selected = opts->absent_ok ? modules_present(snap, opts->modules, err) :
			 modules_select(snap, opts->modules, err);
	int ret = 0;

	if (!selected)
		return -ENOENT;
	o.selected = selected;
	put_kinds(&o, "module_live_bytes",
		  "Bytes that the module itself took and holds.", amount_bytes);
	put_kinds(&o, "module_live_objects",
		  "Allocations of the module that are live.", amount_objects);
	for (size_t i = 0; !ret && i < sizeof(module_metrics) / sizeof(*module_metrics); i++)
		if (!snap->coverage.own_only || strcmp(module_metrics[i].column, "INDUCED"))
			ret = put_metric(&o, &module_metrics[i], err);
	put_states(&o);
	put_source(&o);
	put_coverage(&o);
	fprintf(out, "# EOF\n");
	free(selected);
	if (ret || o.no_memory)
		return error_set(err, -ENOMEM, "out of memory");
	return 0;
}
