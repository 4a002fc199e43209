// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * perfetto.c - live bytes over time as counter tracks of a Perfetto trace
 *
 * Field numbers are those of the published schema (protos/perfetto/trace/
 * perfetto_trace.proto); the packets are what "Converting arbitrary timestamped
 * data to Perfetto" (perfetto.dev) asks for: track descriptors, and track
 * events with a counter's value, in bytes.
 *
 * A counter keeps its value until the next one. Of each bucket there is its last
 * value, at its end, and what was more or less than both ends, within it; the
 * peak of a module is where it was.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "error.h"
#include "export.h"
#include "protobuf.h"
#include "rows.h"
#include "text.h"

enum {
	TRACE_PACKET = 1,
	PACKET_TIMESTAMP = 8,
	PACKET_SEQUENCE_ID = 10,	/* trusted_packet_sequence_id */
	PACKET_TRACK_EVENT = 11,
	PACKET_SEQUENCE_FLAGS = 13,
	PACKET_TRACK_DESCRIPTOR = 60,
	TRACK_UUID = 1,
	TRACK_NAME = 2,
	TRACK_PARENT_UUID = 5,
	TRACK_COUNTER = 8,
	COUNTER_UNIT = 3,
	EVENT_TYPE = 9,
	EVENT_TRACK_UUID = 11,
	EVENT_NAME = 23,
	EVENT_COUNTER_VALUE = 30,
};

enum {			/* values of enums */
	SEQUENCE_STATE_CLEARED = 1,	/* SEQ_INCREMENTAL_STATE_CLEARED */
	UNIT_COUNT = 2,
	UNIT_SIZE_BYTES = 3,
	TYPE_INSTANT = 3,
	TYPE_COUNTER = 4,
};

enum {			/* tracks; modules come after these */
	TRACK_ROOT = 1,
	TRACK_TOTAL,
	TRACK_MODULES,
	TRACK_LOST,
	TRACK_FIRST_MODULE,
};

struct output {
	const struct snapshot *snap;
	FILE *out;
	struct protobuf trace, packet, part, inner;
	bool begun;
};

/* Written packet by packet: a trace is only packets one after the other. */
static void put_packet(struct output *o)
{
	protobuf_number(&o->packet, PACKET_SEQUENCE_ID, 1);
	if (!o->begun)
		protobuf_number(&o->packet, PACKET_SEQUENCE_FLAGS, SEQUENCE_STATE_CLEARED);
	o->begun = true;
	protobuf_message(&o->trace, TRACE_PACKET, &o->packet);
	fwrite(o->trace.data, 1, o->trace.len, o->out);
	o->trace.len = 0;
}

/* @unit 0: no counter. */
static void put_track(struct output *o, uint64_t track, const char *name,
		      unsigned int unit)
{
	char *safe = text_printable(name);

	protobuf_number(&o->part, TRACK_UUID, track);
	if (track != TRACK_ROOT)
		protobuf_number(&o->part, TRACK_PARENT_UUID, TRACK_ROOT);
	protobuf_string(&o->part, TRACK_NAME, safe ? safe : "");
	o->packet.no_memory |= !safe;
	free(safe);
	if (unit) {
		protobuf_number(&o->inner, COUNTER_UNIT, unit);
		protobuf_message(&o->part, TRACK_COUNTER, &o->inner);
	}
	protobuf_message(&o->packet, PACKET_TRACK_DESCRIPTOR, &o->part);
	put_packet(o);
}

static void put_value(struct output *o, uint64_t track, uint64_t ns, uint64_t value)
{
	protobuf_number(&o->packet, PACKET_TIMESTAMP, ns);
	protobuf_number(&o->part, EVENT_TYPE, TYPE_COUNTER);
	protobuf_number(&o->part, EVENT_TRACK_UUID, track);
	protobuf_number(&o->part, EVENT_COUNTER_VALUE, value);
	protobuf_message(&o->packet, PACKET_TRACK_EVENT, &o->part);
	put_packet(o);
}

static void put_instant(struct output *o, uint64_t track, uint64_t ns, char *name)
{
	char *safe = name ? text_printable(name) : NULL;

	protobuf_number(&o->packet, PACKET_TIMESTAMP, ns);
	protobuf_number(&o->part, EVENT_TYPE, TYPE_INSTANT);
	protobuf_number(&o->part, EVENT_TRACK_UUID, track);
	protobuf_string(&o->part, EVENT_NAME, safe ? safe : "");
	o->packet.no_memory |= !safe;
	protobuf_message(&o->packet, PACKET_TRACK_EVENT, &o->part);
	put_packet(o);
	free(safe);
	free(name);
}

struct sample {
	uint64_t ns, value;
};

/* The inner values of a bucket, in the order of time; how many. */
static size_t inner_values(const struct snap_point *p, uint64_t before,
			   uint64_t start, uint64_t width, int64_t peak_ns,
			   struct sample *values)
{
	uint64_t low = before < p->last ? before : p->last;
	uint64_t high = before > p->last ? before : p->last;
	bool peak = peak_ns >= 0 && (uint64_t)peak_ns - start < width;
	size_t n = 0;

	if (p->max > high || (peak && p->max > before))
		values[n++] = (struct sample){ peak ? (uint64_t)peak_ns : start + width / 2,
					       p->max };
	if (p->min < low)
		values[n++] = (struct sample){ start + width / 4, p->min };
	if (n == 2 && values[1].ns < values[0].ns) {
		struct sample first = values[1];

		values[1] = values[0];
		values[0] = first;
	}
	return n;
}

static void put_curve(struct output *o, uint64_t track, const struct snap_point *points,
		      uint64_t peak, int64_t peak_ns)
{
	const struct snap_series *ss = o->snap->series;
	uint64_t before = 0, shown = UINT64_MAX;

	put_value(o, track, ss->start_ns, 0);
	for (size_t b = 0; b < ss->n_buckets; b++) {
		const struct snap_point *p = &points[b];
		uint64_t start = ss->start_ns + b * ss->bucket_ns, end;
		struct sample values[2];
		size_t n = inner_values(p, before, start, ss->bucket_ns,
					p->max == peak ? peak_ns : -1, values);

		for (size_t i = 0; i < n; i++)
			put_value(o, track, values[i].ns, values[i].value);
		end = start + ss->bucket_ns - 1;
		if (end > o->snap->end_ns)
			end = o->snap->end_ns > start ? o->snap->end_ns : start;
		if (n && values[n - 1].ns > end)
			end = values[n - 1].ns;
		if (n || p->last != shown)
			put_value(o, track, end, p->last);
		before = shown = p->last;
	}
}

static void put_marks(struct output *o, const bool *selected)
{
	const struct snap_series *ss = o->snap->series;

	put_track(o, TRACK_MODULES, "modules", 0);
	for (size_t i = 0; i < ss->n_marks; i++) {
		const struct snap_mark *m = &ss->marks[i];

		if (selected[m->module])
			put_instant(o, TRACK_MODULES, m->ns,
				    text_format("%s %s", m->load ? "load" : "unload",
						o->snap->modules[m->module].name));
	}
}

static void put_lost(struct output *o)
{
	const struct snap_series *ss = o->snap->series;
	bool any = false;

	for (size_t b = 0; b < ss->n_buckets; b++) {
		uint64_t n = ss->lost[b];

		if (!n)
			continue;
		if (!any)
			put_track(o, TRACK_LOST, "lost events", 0);
		any = true;
		put_instant(o, TRACK_LOST, ss->start_ns + b * ss->bucket_ns,
			    n == UINT64_MAX ? text_format("events lost") :
			    text_format("%" PRIu64 " events lost", n));
	}
}

int view_perfetto(const struct snapshot *snap, const struct export_opts *opts,
		  FILE *out, struct error *err)
{
	const struct snap_series *ss = snap->series;
	struct output o = { .snap = snap, .out = out };
	bool *selected = modules_select(snap, opts->modules, err);
	bool no_memory;

	if (!selected)
		return -ENOENT;
	put_track(&o, TRACK_ROOT, "modmem: live bytes by module", 0);
	put_track(&o, TRACK_TOTAL, "[total]", UNIT_SIZE_BYTES);
	put_curve(&o, TRACK_TOTAL, ss->total, ss->peak_bytes, ss->peak_ns);
	for (size_t i = 0; i < snap->n_modules; i++) {
		const struct snap_module *m = &snap->modules[i];

		if (!selected[i] || !ss->modules[i])
			continue;
		put_track(&o, TRACK_FIRST_MODULE + i, m->name, UNIT_SIZE_BYTES);
		put_curve(&o, TRACK_FIRST_MODULE + i, ss->modules[i],
			  m->peak_bytes, m->peak_ns);
	}
	put_marks(&o, selected);
	put_lost(&o);
	free(selected);
	no_memory = o.trace.no_memory | o.packet.no_memory;
	protobuf_free(&o.trace);
	protobuf_free(&o.packet);
	protobuf_free(&o.part);
	protobuf_free(&o.inner);
	return no_memory ? error_set(err, -ENOMEM, "out of memory") : 0;
}
