// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * decode.c - the events of all streams in the order of time
 *
 * Each stream is decoded on its own, some events at a time, here or by the
 * threads of ahead.c; what is done here is to merge them.
 */
#include "internal.h"

#include <endian.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "decode_quick.h"
#include "interner.h"
#include "page_frames.h"
#include "pairing.h"
#include "strings_table.h"

/* Events of all streams that are decoded at a time; of one, at most and least. */
#define CHUNK_ALL	16384u
#define CHUNK_MIN	32u

size_t decoder_chunk_events(const struct decoder *d)
{
	size_t n = CHUNK_ALL / (d->n_streams + 1);

	if (n > CHUNK_EVENTS)
		return CHUNK_EVENTS;
	return n < CHUNK_MIN ? CHUNK_MIN : n;
}

struct chunk *chunk_new(size_t room)
{
	struct chunk *c = calloc(1, sizeof(*c) + room * sizeof(c->events[0]));

	if (c)
		c->room = room;
	return c;
}

void chunk_fill(struct chunk *c, struct decode_stream *s, struct interner *in,
		uint64_t limit)
{
	int got = decode_stream_events(s, in, c->events, c->room, limit);

	c->interner = in;
	c->error = got < 0 ? got : 0;
	c->n = got < 0 ? 0 : (size_t)got;
	c->late = s->late;
	c->more = got >= 0 && !decode_stream_done(s);
}

/* Without threads: the next events of stream @i are decoded when asked for. */
static struct chunk *decode_now(void *arg, size_t i)
{
	struct decoder *d = arg;
	struct head *h = &d->heads[i];

	if (!h->own) {
		h->own = chunk_new(decoder_chunk_events(d));
		if (!h->own)
			return NULL;
	}
	chunk_fill(h->own, &d->streams[i], d->interner, UINT64_MAX);
	return h->own;
}

/* Gets the next event of stream @i to its head; none: it is at its end. */
static int fill_head(struct decoder *d, size_t i)
{
	struct head *h = &d->heads[i];

	if (h->chunk && h->at < h->chunk->n)
		return 0;
	h->chunk = d->next_chunk(d->next_arg, i);
	h->at = 0;
	if (!h->chunk)
		return -ENOMEM;
	return h->chunk->error;
}

static bool has_head(const struct decoder *d, size_t i)
{
	return d->heads[i].at < d->heads[i].chunk->n;
}

static struct heap_entry entry_of(const struct decoder *d, size_t i)
{
	const struct head *h = &d->heads[i];

	return (struct heap_entry){ h->chunk->events[h->at].ts, i };
}

static bool earlier(struct heap_entry a, struct heap_entry b)
{
	return a.ts < b.ts || (a.ts == b.ts && a.stream < b.stream);
}

/* Puts @moving where it belongs, at or below the free place @at. */
static void sift_down(struct decoder *d, size_t at, struct heap_entry moving)
{
	struct heap_entry *heap = d->heap;

	for (;;) {
		size_t child = 2 * at + 1;

		if (child >= d->n_heap)
			break;
		if (child + 1 < d->n_heap && earlier(heap[child + 1], heap[child]))
			child++;
		if (!earlier(heap[child], moving))
			break;
		heap[at] = heap[child];
		at = child;
	}
	heap[at] = moving;
}

static void sift_up(struct decoder *d, size_t at, struct heap_entry moving)
{
	struct heap_entry *heap = d->heap;

	for (; at && earlier(moving, heap[(at - 1) / 2]); at = (at - 1) / 2)
		heap[at] = heap[(at - 1) / 2];
	heap[at] = moving;
}

/* Looks for events of streams that have none at hand. */
static int fill_heap(struct decoder *d)
{
	size_t i;
	int ret;

	for (i = 0; i < d->n_streams; i++) {
		if (d->heads[i].chunk && has_head(d, i))
			continue;
		ret = fill_head(d, i);
		if (ret)
			return ret;
		if (has_head(d, i)) {
			d->n_heap++;
			sift_up(d, d->n_heap - 1, entry_of(d, i));
		}
	}
	return 0;
}

int decoder_begin(struct decoder *d)
{
	if (d->rules.quick_of)
		return 0;
	if (!source_is_live(d->src))
		source_rewind(d->src);
	return decode_rules_init(&d->rules);
}

/* While threads decode, what they count is theirs: ahead_free() sums it up. */
static void count_up(struct decoder *d)
{
	if (d->next_chunk == decode_now)
		decoder_stats(d);
}

static int start(struct decoder *d)
{
	int ret = decoder_begin(d);

	if (!ret)
		ret = fill_heap(d);
	d->started = !ret;
	count_up(d);
	return ret;
}

int decoder_resume(struct decoder *d, uint64_t horizon)
{
	d->rules.horizon = horizon;
	return d->started ? fill_heap(d) : start(d);
}

/*
 * With two streams, where it changes all the time which is the earlier one: no
 * branch depends on it. Copies up to @n events, until one stream is used up or both
 * are behind the horizon; returns how many.
 */
static size_t take_of_two(struct decoder *d, struct event *out, size_t n)
{
	const size_t number_a = d->heap[0].stream, number_b = d->heap[1].stream;
	struct head *head_a = &d->heads[number_a], *head_b = &d->heads[number_b];
	const struct event *a = &head_a->chunk->events[head_a->at];
	const struct event *b = &head_b->chunk->events[head_b->at];
	const struct event *end_a = &head_a->chunk->events[head_a->chunk->n];
	const struct event *end_b = &head_b->chunk->events[head_b->chunk->n];
	const unsigned int interner_a = head_a->chunk->interner->number;
	const unsigned int interner_b = head_b->chunk->interner->number;
	const uint64_t horizon = d->rules.horizon;
	/* of equals, the stream with the lower number */
	const bool tie = number_b < number_a;
	bool is_b = false;
	size_t got = 0;

	for (; got < n && a < end_a && b < end_b; got++) {
		const struct event *ev;

		is_b = (b->ts < a->ts) | (tie & (b->ts == a->ts));
		ev = is_b ? b : a;
		if (ev->ts > horizon)
			break;
		out[got] = *ev;
		out[got].interner = (uint8_t)(is_b ? interner_b : interner_a);
		b += is_b;
		a += !is_b;
	}
	head_a->at = (size_t)(a - head_a->chunk->events);
	head_b->at = (size_t)(b - head_b->chunk->events);
	d->last_stream = is_b ? number_b : number_a;
	return got;
}

/* Copies events of the first stream as long as they are the earliest. */
static size_t take_run(struct decoder *d, struct event *out, size_t n)
{
	const struct heap_entry *heap = d->heap;
	struct heap_entry now = heap[0], next = { UINT64_MAX, SIZE_MAX };
	struct head *h = &d->heads[now.stream];
	const struct chunk *c = h->chunk;
	size_t got = 0;

	if (d->n_heap > 1)
		next = heap[1];
	if (d->n_heap > 2 && earlier(heap[2], next))
		next = heap[2];
	while (got < n && h->at < c->n && earlier(now, next) && now.ts <= d->rules.horizon) {
		out[got] = c->events[h->at++];
		out[got++].interner = c->interner->number;
		if (h->at < c->n)
			now.ts = c->events[h->at].ts;
	}
	d->last_stream = now.stream;
	d->heap[0] = now;
	return got;
}

/* Puts entry @at of the heap right, whose stream has moved on. 0 or -ENOMEM. */
static int settle(struct decoder *d, size_t at)
{
	size_t i = d->heap[at].stream;
	int ret = fill_head(d, i);

	if (ret)
		return ret;
	if (has_head(d, i))
		sift_down(d, at, entry_of(d, i));
	else if (--d->n_heap > at)
		sift_down(d, at, d->heap[d->n_heap]);
	return 0;
}

int decoder_merge(struct decoder *d, struct event *out, size_t n)
{
	size_t got = 0, took;
	int ret = d->started ? 0 : start(d);

	while (!ret && got < n && d->n_heap) {
		bool two = d->n_heap == 2;

		took = two ? take_of_two(d, out + got, n - got) :
			     take_run(d, out + got, n - got);
		got += took;
		/* the one further down first: it may have nothing left */
		if (two)
			ret = settle(d, 1);
		if (!ret)
			ret = settle(d, 0);
		if (!took)
			break;
	}
	if (!got)
		count_up(d);
	return ret ? ret : (int)got;
}

int decoder_translate(struct decoder *d, struct event *ev)
{
	return interner_translate(d->interners[ev->interner], ev, d->stacks, d->strings);
}

int decoder_next(struct decoder *d, struct event *ev, size_t *stream)
{
	int ret = decoder_merge(d, ev, 1);

	if (ret <= 0)
		return ret;
	if (stream)
		*stream = d->last_stream;
	ret = decoder_translate(d, ev);
	return ret ? ret : 1;
}

struct interner *decoder_interner(struct decoder *d)
{
	struct interner *in;

	if (d->n_interners == INTERNERS_MAX)
		return NULL;
	in = interner_new(&d->last_origin);
	if (!in)
		return NULL;
	in->number = (uint8_t)d->n_interners;
	d->interners[d->n_interners++] = in;
	return in;
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
	d->rules.horizon = source_is_live(src) ? 0 : UINT64_MAX;
	d->next_chunk = decode_now;
	d->next_arg = d;
	d->rules.src = src;
	d->rules.formats = &d->formats;
	d->rules.fields.swap = info->big_endian != (BYTE_ORDER == BIG_ENDIAN);
	d->rules.fields.long_size = info->long_size;
	d->rules.percpu_cpus = info->cpus;
	d->rules.keep_stacks = stacks != NULL;
	d->interner = decoder_interner(d);
	if (!d->interner)
		goto no_memory;
	if (formats_read(&d->formats, info, err))
		goto fail;
	page_frames_learn(&d->formats, &d->rules.fields, src);

	d->n_streams = source_streams(src);
	d->streams = calloc(d->n_streams + 1, sizeof(*d->streams));
	d->heads = calloc(d->n_streams + 1, sizeof(*d->heads));
	d->heap = calloc(d->n_streams + 1, sizeof(*d->heap));
	d->skip = calloc(info->n_buffers + 1, sizeof(*d->skip));
	if (!d->streams || !d->heads || !d->heap || !d->skip)
		goto no_memory;
	for (i = 0; i < d->n_streams; i++) {
		struct decode_stream *s = &d->streams[i];

		s->rules = &d->rules;
		s->number = i;
		s->cpu = (uint16_t)source_stream_cpu(src, i);
		s->skip = d->skip[source_stream_buffer(src, i)];
		s->careful = 2;
		s->pairing = pairing_new();
		if (!s->pairing)
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
	for (i = 0; d->heads && i < d->n_streams; i++)
		free(d->heads[i].own);
	free(d->streams);
	free(d->heads);
	free(d->heap);
	free(d->skip);
	for (i = 0; i < d->n_interners; i++)
		interner_free(d->interners[i]);
	decode_rules_release(&d->rules);
	formats_release(&d->formats);
	free(d);
}

void decoder_skip(struct decoder *d, uint32_t buffer, enum event_type type)
{
	d->skip[buffer][type] = DECODE_SKIP_ALL;
}

void decoder_skip_repeated(struct decoder *d, uint32_t buffer, enum event_type type,
			   decoder_repeated_fn *repeated, const void *arg)
{
	d->skip[buffer][type] = DECODE_SKIP_REPEATED;
	d->rules.repeated = repeated;
	d->rules.repeated_arg = arg;
}

void decoder_only(struct decoder *d, uint32_t types)
{
	struct event_format *ef = d->formats.by_id;
	uint32_t id;

	for (id = 0; id < d->formats.n_ids; id++)
		if (ef[id].kind == RECORD_STACK ||
		    ef[id].kind == RECORD_PROBE ||
		    (ef[id].kind == RECORD_EVENT && !(types & 1u << ef[id].type)))
			ef[id].kind = RECORD_OTHER;
	d->rules.no_stacks = true;
}

static void mark_stack(void *arg, const struct event *ev)
{
	bool *used = arg;

	used[ev->stack] = true;
}

int decoder_forget(struct decoder *d)
{
	bool *used = calloc(stacks_count(d->interner->stacks), sizeof(*used));
	int ret;

	if (!used)
		return -ENOMEM;
	for (size_t i = 0; i < d->n_streams; i++) {
		const struct head *h = &d->heads[i];

		for (size_t at = h->at; h->chunk && at < h->chunk->n; at++)
			mark_stack(used, &h->chunk->events[at]);
		pairing_each(d->streams[i].pairing, mark_stack, used);
	}
	ret = interner_forget(d->interner, used);
	free(used);
	return ret;
}

const struct formats *decoder_formats(const struct decoder *d)
{
	return &d->formats;
}

const struct decode_stats *decoder_stats(struct decoder *d)
{
	struct decode_stats *sum = &d->stats;
	size_t i;

	memset(sum, 0, sizeof(*sum));
	for (i = 0; i < d->n_streams; i++) {
		const struct decode_stats *s = &d->streams[i].stats;

		if (s->records && (!sum->records || s->first_ts < sum->first_ts))
			sum->first_ts = s->first_ts;
		if (s->last_ts > sum->last_ts)
			sum->last_ts = s->last_ts;
		sum->records += s->records;
		sum->unpaired_stacks += s->unpaired_stacks;
		sum->undescribed += s->undescribed;
		sum->malformed += s->malformed;
		sum->left_out += s->left_out;
		sum->unusable += s->unusable;
		sum->unusable_met |= s->unusable_met;
		sum->met |= s->met;
		sum->stacks_met |= s->stacks_met;
	}
	return sum;
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
