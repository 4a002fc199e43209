// SPDX-License-Identifier: GPL-2.0-or-later
#include "decode.h"

#include <endian.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "decode_fields.h"
#include "decode_probe.h"
#include "error.h"
#include "pairing.h"
#include "source.h"
#include "stacks.h"
#include "strings_table.h"

/* common_flags, include/linux/trace_events.h enum trace_flag_type */
#define TRACE_FLAG_HARDIRQ	0x08
#define TRACE_FLAG_SOFTIRQ	0x10
#define TRACE_FLAG_NMI		0x40

struct stream {
	struct pairing *pairing;
	const struct event *head;	/* next event of this stream, NULL: none */
	bool at_end;
	uint64_t last_ts;	/* of its records */
	uint64_t lost;
	bool lost_unknown;
	uint16_t cpu;
	const bool *skip;	/* per event type, of this stream's buffer */
	struct error damage;
};

struct decoder {
	struct source *src;
	struct stacks *stacks;
	struct strings *strings;
	struct formats formats;
	struct decode_stats stats;
	struct fields fields;
	uint32_t percpu_cpus;	/* for kernels that do not say bytes_alloc */
	struct stream *streams;
	size_t n_streams;
	size_t *heap;		/* streams with a head, earliest first */
	size_t n_heap;
	bool (*skip)[EVENT_TYPES];	/* per buffer */
	bool started;
	uint64_t horizon;	/* no event behind it yet; a file has them all */
	bool no_stacks;		/* what is of no interest cannot own one */
	uint64_t frames[STACK_FRAMES_MAX];
};

static inline __attribute__((always_inline)) uint64_t
get(const struct decoder *d, const uint8_t *rec, struct field f)
{
	return field_get(&d->fields, rec, f);
}

/* A __data_loc: length in the upper half of the word, offset in the lower. */
static uint32_t get_string(struct decoder *d, const struct source_record *rec,
			   struct field f)
{
	uint32_t loc, offset, len;

	if (!f.size || f.offset + f.size > rec->len)
		return 0;
	loc = (uint32_t)field_load(&d->fields, rec->data + f.offset, 4);
	offset = loc & 0xffff;
	len = loc >> 16;
	if (offset > rec->len || len > rec->len - offset)
		return 0;
	return strings_add(d->strings, (const char *)rec->data + offset, len);
}

static uint8_t context_of(uint8_t flags)
{
	if (flags & TRACE_FLAG_NMI)
		return CONTEXT_NMI;
	if (flags & TRACE_FLAG_HARDIRQ)
		return CONTEXT_HARDIRQ;
	if (flags & TRACE_FLAG_SOFTIRQ)
		return CONTEXT_SOFTIRQ;
	return CONTEXT_TASK;
}

/* 0, -EBADMSG if there is something that cannot be, or -ENOMEM. */
static int read_event(struct decoder *d, const struct event_format *ef,
		      const struct source_record *rec, struct event *ev)
{
	uint64_t order;

	ev->type = ef->type;
	ev->flags = ef->flags;
	ev->ptr = get(d, rec->data, ef->ptr);
	ev->call_site = get(d, rec->data, ef->call_site);
	ev->bytes_req = get(d, rec->data, ef->bytes_req);
	ev->bytes_alloc = get(d, rec->data, ef->bytes_alloc);
	order = get(d, rec->data, ef->order);
	if (order >= 32) {
		if (ef->kind != RECORD_PROBE)
			return -EBADMSG;
		order = 1;	/* bulk_alloc: ok */
	}
	ev->order = (uint8_t)order;
	if (get(d, rec->data, ef->reserved))
		ev->flags |= EVENT_RESERVED;
	if (ef->name.size) {
		ev->name = get_string(d, rec, ef->name);
		if (ev->name == UINT32_MAX)
			return -ENOMEM;
	}
	if (ev->type == EVENT_PERCPU_ALLOC && !ef->bytes_alloc.size)
		ev->bytes_alloc = ev->bytes_req * d->percpu_cpus;
	return 0;
}

/*
 * Interns the stack of a kernel_stack record, as it is: words that are no code
 * (end marks of old kernels, FTRACE_TRAMPOLINE_MARKER) are passed over later,
 * once a stack and not once a record.
 */
static uint32_t read_stack(struct decoder *d, const struct event_format *ef,
			   const struct source_record *rec)
{
	uint64_t n = get(d, rec->data, ef->bytes_req);
	uint64_t room = (rec->len - ef->ptr.offset) / d->fields.long_size;
	const uint8_t *p = rec->data + ef->ptr.offset;
	uint64_t i;

	if (n > room)
		n = room;
	if (n > STACK_FRAMES_MAX)
		n = STACK_FRAMES_MAX;
	if (d->fields.long_size == 8 && !d->fields.swap)
		return stacks_add(d->stacks, p, n);
	for (i = 0; i < n; i++)
		d->frames[i] = field_load(&d->fields, p + i * d->fields.long_size,
					  d->fields.long_size);
	return stacks_add(d->stacks, d->frames, n);
}

/* Frees of slab and per-CPU objects need no stack: nobody is charged. */
static bool wants_stack(const struct event *ev)
{
	return ev->type != EVENT_SLAB_FREE && ev->type != EVENT_PERCPU_FREE;
}

static int take_stack(struct decoder *d, struct stream *s,
		      const struct event_format *ef,
		      const struct source_record *rec, uint8_t context, int32_t pid)
{
	struct event *ev;
	uint32_t id = STACK_NONE;

	d->stats.stacks_met = true;
	switch (pairing_stack(s->pairing, context, pid, &ev)) {
	case PAIRING_UNPAIRED:
		d->stats.unpaired_stacks++;
		return 0;
	case PAIRING_OTHER:
		return 0;
	case PAIRING_EVENT:
		break;
	}
	if (d->stacks && wants_stack(ev)) {
		id = read_stack(d, ef, rec);
		if (id == UINT32_MAX)
			return -ENOMEM;
	}
	pairing_resolve(s->pairing, ev, id);
	return 0;
}

static int take_lost(struct stream *s, const struct source_record *rec)
{
	struct event ev = {
		.type = EVENT_LOST, .ts = rec->ts, .cpu = s->cpu,
		.bytes_alloc = rec->lost,
	};
	uint64_t total;

	/* behind the last record it has the time of a page, or none */
	if (ev.ts < s->last_ts)
		ev.ts = s->last_ts;
	if (rec->lost == SOURCE_LOST_UNKNOWN ||
	    __builtin_add_overflow(s->lost, rec->lost, &total))
		s->lost_unknown = true;
	else
		s->lost = total;
	pairing_flush(s->pairing);
	return pairing_stackless(s->pairing, &ev);
}

static int take_record(struct decoder *d, struct stream *s,
		       const struct source_record *rec)
{
	const struct event_format *ef;
	struct event ev = { .ts = rec->ts };
	int32_t pid;
	int ret;

	if (rec->lost) {
		ret = take_lost(s, rec);
		if (ret)
			return ret;
	}
	if (!rec->len)
		return 0;

	if (!d->stats.records++ || rec->ts < d->stats.first_ts)
		d->stats.first_ts = rec->ts;
	if (rec->ts > d->stats.last_ts)
		d->stats.last_ts = rec->ts;
	s->last_ts = rec->ts;

	if (rec->len < d->formats.common_len) {
		/* whoever wrote it, a stack that follows is its own */
		d->stats.malformed++;
		pairing_flush(s->pairing);
		return 0;
	}
	/* formats_read() lets no other sizes pass */
	ef = &d->formats.by_id[field_load(&d->fields, rec->data +
					  d->formats.type.offset, 2)];
	if (d->no_stacks && ef->kind == RECORD_OTHER)
		return 0;
	ev.context = context_of(rec->data[d->formats.flags.offset]);
	pid = (int32_t)field_load(&d->fields, rec->data + d->formats.pid.offset, 4);
	if (rec->len < ef->min_len) {
		d->stats.malformed++;
		if (ef->kind != RECORD_STACK)
			pairing_other(s->pairing, ev.context, pid);
		return 0;
	}

	switch (ef->kind) {
	case RECORD_STACK:
		return take_stack(d, s, ef, rec, ev.context, pid);
	case RECORD_PROBE:
	case RECORD_EVENT:
		d->stats.met |= 1u << ef->type;
		if (s->skip[ef->type]) {
			d->stats.left_out++;
			break;
		}
		ev.pid = pid;
		ev.cpu = s->cpu;
		ret = read_event(d, ef, rec, &ev);
		if (!ret && ef->kind == RECORD_PROBE)
			return decode_probe(&d->formats, &d->fields, ef, rec,
					    s->pairing, &ev);
		if (!ret)
			return pairing_event(s->pairing, &ev);
		if (ret == -ENOMEM)
			return ret;
		d->stats.malformed++;
	}
	pairing_other(s->pairing, ev.context, pid);
	return 0;
}

/* Reads stream @i until its next event is whole. */
static int fill_head(struct decoder *d, size_t i)
{
	struct stream *s = &d->streams[i];
	struct source_record rec;
	int ret;

	while (!(s->head = pairing_pop(s->pairing))) {
		if (s->at_end)
			return 0;
		ret = source_next(d->src, i, &rec, &s->damage);
		if (ret == -EAGAIN) {
			/* dry: what was written up to the horizon is all here */
			if (s->last_ts <= d->horizon)
				pairing_flush(s->pairing);
			s->head = pairing_pop(s->pairing);
			return 0;
		}
		if (ret < 0)	/* it may tell yet what was lost before */
			continue;
		if (!ret) {
			s->at_end = true;
			pairing_flush(s->pairing);
			continue;
		}
		ret = take_record(d, s, &rec);
		if (ret)
			return ret;
	}
	return 0;
}

static bool earlier(const struct decoder *d, size_t a, size_t b)
{
	uint64_t ta = d->streams[a].head->ts, tb = d->streams[b].head->ts;

	return ta < tb || (ta == tb && a < b);
}

static void sift_down(struct decoder *d, size_t at)
{
	size_t moving = d->heap[at];

	for (;;) {
		size_t child = 2 * at + 1;

		if (child >= d->n_heap)
			break;
		if (child + 1 < d->n_heap &&
		    earlier(d, d->heap[child + 1], d->heap[child]))
			child++;
		if (!earlier(d, d->heap[child], moving))
			break;
		d->heap[at] = d->heap[child];
		at = child;
	}
	d->heap[at] = moving;
}

static int start(struct decoder *d)
{
	size_t i;
	int ret;

	if (!source_is_live(d->src))
		source_rewind(d->src);
	for (i = 0; i < d->n_streams; i++) {
		ret = fill_head(d, i);
		if (ret)
			return ret;
		if (d->streams[i].head)
			d->heap[d->n_heap++] = i;
	}
	for (i = d->n_heap / 2; i-- > 0;)
		sift_down(d, i);
	d->started = true;
	return 0;
}

static void sift_up(struct decoder *d, size_t at)
{
	size_t moving = d->heap[at];

	for (; at && earlier(d, moving, d->heap[(at - 1) / 2]); at = (at - 1) / 2)
		d->heap[at] = d->heap[(at - 1) / 2];
	d->heap[at] = moving;
}

int decoder_resume(struct decoder *d, uint64_t horizon)
{
	size_t i;
	int ret;

	d->horizon = horizon;
	if (!d->started)
		return start(d);
	for (i = 0; i < d->n_streams; i++) {
		if (d->streams[i].head)
			continue;
		ret = fill_head(d, i);
		if (ret)
			return ret;
		if (!d->streams[i].head)
			continue;
		d->heap[d->n_heap] = i;
		sift_up(d, d->n_heap++);
	}
	return 0;
}

int decoder_next(struct decoder *d, struct event *ev, size_t *stream)
{
	size_t i;
	int ret;

	if (!d->started) {
		ret = start(d);
		if (ret)
			return ret;
	}
	if (!d->n_heap)
		return 0;
	i = d->heap[0];
	if (__builtin_expect(d->streams[i].head->ts > d->horizon, 0))
		return 0;
	*ev = *d->streams[i].head;
	if (stream)
		*stream = i;
	ret = fill_head(d, i);
	if (ret)
		return ret;
	if (!d->streams[i].head)
		d->heap[0] = d->heap[--d->n_heap];
	if (d->n_heap)
		sift_down(d, 0);
	return 1;
}

struct decoder *decoder_new(struct source *src, struct stacks *stacks,
			    struct strings *strings, struct error *err)
{
	const struct source_info *info = source_info(src);
	struct decoder *d = calloc(1, sizeof(*d));
	size_t i;

	if (!d) {
		error_set(err, -ENOMEM, "out of memory");
		return NULL;
	}
	d->src = src;
	d->stacks = stacks;
	d->strings = strings;
	d->horizon = source_is_live(src) ? 0 : UINT64_MAX;
	d->fields.swap = info->big_endian != (BYTE_ORDER == BIG_ENDIAN);
	d->fields.long_size = info->long_size;
	d->percpu_cpus = info->cpus;
	if (formats_read(&d->formats, info, err))
		goto fail;

	d->n_streams = source_streams(src);
	d->streams = calloc(d->n_streams + 1, sizeof(*d->streams));
	d->heap = calloc(d->n_streams + 1, sizeof(*d->heap));
	d->skip = calloc(info->n_buffers + 1, sizeof(*d->skip));
	if (!d->streams || !d->heap || !d->skip)
		goto no_memory;
	for (i = 0; i < d->n_streams; i++) {
		d->streams[i].cpu = (uint16_t)source_stream_cpu(src, i);
		d->streams[i].skip = d->skip[source_stream_buffer(src, i)];
		d->streams[i].pairing = pairing_new();
		if (!d->streams[i].pairing)
			goto no_memory;
	}
	return d;

no_memory:
	error_set(err, -ENOMEM, "out of memory");
fail:
	decoder_free(d);
	return NULL;
}

void decoder_free(struct decoder *d)
{
	size_t i;

	if (!d)
		return;
	for (i = 0; d->streams && i < d->n_streams; i++)
		pairing_free(d->streams[i].pairing);
	free(d->streams);
	free(d->heap);
	free(d->skip);
	formats_release(&d->formats);
	free(d);
}

void decoder_skip(struct decoder *d, uint32_t buffer, enum event_type type)
{
	d->skip[buffer][type] = true;
}

void decoder_only(struct decoder *d, uint32_t types)
{
	struct event_format *ef = d->formats.by_id;
	uint32_t id;

	for (id = 0; id < FORMAT_IDS; id++)
		if (ef[id].kind == RECORD_STACK ||
		    ef[id].kind == RECORD_PROBE ||
		    (ef[id].kind == RECORD_EVENT && !(types & 1u << ef[id].type)))
			ef[id].kind = RECORD_OTHER;
	d->no_stacks = true;
}

const struct formats *decoder_formats(const struct decoder *d)
{
	return &d->formats;
}

const struct decode_stats *decoder_stats(const struct decoder *d)
{
	return &d->stats;
}

const char *decoder_damage(const struct decoder *d, size_t i)
{
	return d->streams[i].damage.text[0] ? d->streams[i].damage.text : NULL;
}

uint64_t decoder_lost(const struct decoder *d, size_t i, bool *unknown)
{
	*unknown = d->streams[i].lost_unknown;
	return d->streams[i].lost;
}
