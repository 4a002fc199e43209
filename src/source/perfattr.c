// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * perfattr.c - what a perf.data's events are, and where the parts of their samples
 * lie (include/uapi/linux/perf_event.h, PERF_RECORD_SAMPLE, struct sample_id)
 */
#include "perffile.h"

#include <errno.h>
#include <stdlib.h>

#include "bytes.h"

#define ATTR_BYTES_MIN	64u	/* PERF_ATTR_SIZE_VER0 */
#define TYPE_TRACEPOINT	2u
#define IDS_MAX		(1u << 24)
#define ATTRS_MAX	65536u	/* tracepoints have ids of 16 bits */

enum {
	SAMPLE_IP		= 1 << 0,
	SAMPLE_TID		= 1 << 1,
	SAMPLE_TIME		= 1 << 2,
	SAMPLE_ADDR		= 1 << 3,
	SAMPLE_READ		= 1 << 4,
	SAMPLE_CALLCHAIN	= 1 << 5,
	SAMPLE_ID		= 1 << 6,
	SAMPLE_CPU		= 1 << 7,
	SAMPLE_PERIOD		= 1 << 8,
	SAMPLE_STREAM_ID	= 1 << 9,
	SAMPLE_RAW		= 1 << 10,
	SAMPLE_IDENTIFIER	= 1 << 16,
	/* of what stands before the raw data, all that there is */
	SAMPLE_LAYOUT		= (1 << 11) - 1 + SAMPLE_IDENTIFIER,
};

enum {
	READ_ENABLED		= 1 << 0,
	READ_RUNNING		= 1 << 1,
	READ_ID			= 1 << 2,
	READ_GROUP		= 1 << 3,
	READ_LOST		= 1 << 4,
};

struct perf_id {
	uint64_t id;
	uint32_t attr;
};

/* ---- events ---------------------------------------------------------------------- */

/* Bit fields begin at the lowest bit, and of big endian machines at the highest. */
static bool flag(const uint8_t *attr, unsigned int i, bool big)
{
	return attr[40 + i / 8] >> (big ? 7 - i % 8 : i % 8) & 1;
}

static bool same_layout(const struct perf_attr *a, const struct perf_attr *b)
{
	return !((a->sample_type ^ b->sample_type) & SAMPLE_LAYOUT) &&
	       a->sample_id_all == b->sample_id_all &&
	       (!(a->sample_type & SAMPLE_READ) || a->read_format == b->read_format);
}

int perffile_add_attr(struct perffile *pf, const uint8_t *data, size_t size, size_t *taken)
{
	struct perf_attr *attrs, *a;
	bool big = pf->big_endian;
	uint32_t len;

	if (size < ATTR_BYTES_MIN || pf->attrs.n == ATTRS_MAX)
		return -EBADMSG;
	len = load32(data + 4, big);
	/* before 2.6.33 it was not set */
	*taken = len ? len : ATTR_BYTES_MIN;
	if (*taken < ATTR_BYTES_MIN || *taken > size)
		return -EBADMSG;
	a = vec_add(&pf->attrs, sizeof(*a));
	if (!a)
		return -ENOMEM;
	attrs = pf->attrs.items;
	*a = (struct perf_attr){
		.type = load32(data, big),
		.config = load64(data + 8, big),
		.period = load64(data + 16, big),
		.sample_type = load64(data + 24, big),
		.read_format = load64(data + 32, big),
		.freq = flag(data, 10, big),
		.enable_on_exec = flag(data, 12, big),
		.sample_id_all = flag(data, 18, big),
		.use_clockid = flag(data, 25, big),
		.write_backward = flag(data, 27, big),
		.clockid = *taken >= 96 ? (int32_t)load32(data + 92, big) : -1,
	};
	pf->one_layout &= same_layout(a, attrs);
	for (size_t i = 0; i + 1 < pf->attrs.n && a->type == TYPE_TRACEPOINT; i++)
		a->again |= attrs[i].type == TYPE_TRACEPOINT && attrs[i].config == a->config;
	return 0;
}

int perffile_add_id(struct perffile *pf, uint64_t id)
{
	struct perf_id *item;

	if (pf->ids.n >= IDS_MAX || !(item = vec_add(&pf->ids, sizeof(*item))))
		return -ENOMEM;
	*item = (struct perf_id){ id, (uint32_t)pf->attrs.n - 1 };
	pf->sorted = false;
	return 0;
}

static int by_id(const void *a, const void *b)
{
	const struct perf_id *x = a, *y = b;

	return (x->id > y->id) - (x->id < y->id);
}

const struct perf_attr *perffile_attr_of(struct perffile *pf, uint64_t id)
{
	const struct perf_id key = { .id = id }, *found;

	if (!pf->ids.n)
		return NULL;
	if (!pf->sorted)
		qsort(pf->ids.items, pf->ids.n, sizeof(key), by_id);
	pf->sorted = true;
	found = bsearch(&key, pf->ids.items, pf->ids.n, sizeof(key), by_id);
	return found ? (struct perf_attr *)pf->attrs.items + found->attr : NULL;
}

/* ---- samples ----------------------------------------------------------------------- */

/*
 * How many u64 stand before the id of a sample, and behind that of any other
 * record; -1: they have none. It is at the same place in all that are in one file.
 */
static int id_place(const struct perf_attr *a, bool sample)
{
	const uint64_t before = SAMPLE_IP | SAMPLE_TID | SAMPLE_TIME | SAMPLE_ADDR;

	if (a->sample_type & SAMPLE_IDENTIFIER)
		return 0;
	if (!(a->sample_type & SAMPLE_ID))
		return -1;
	return __builtin_popcountll(a->sample_type &
				    (sample ? before : SAMPLE_CPU | SAMPLE_STREAM_ID));
}

/* NULL: nobody knows whose it is. */
static const struct perf_attr *attr_of(struct perffile *pf, const struct perf_record *rec,
				       uint64_t *id)
{
	const struct perf_attr *first = pf->attrs.items;
	const bool sample = rec->type == PERF_SAMPLE;
	size_t words = rec->size / 8;
	int place;

	*id = 0;
	if (!first)
		return NULL;
	place = id_place(first, sample);
	if (place < 0)
		return pf->one_layout ? first : NULL;
	if ((size_t)place >= words)
		return NULL;
	*id = load64(rec->data + 8 * (sample ? (size_t)place : words - 1 - (size_t)place),
		     pf->big_endian);
	/* what perf itself made up for its start has none */
	if (pf->attrs.n == 1 || (!*id && !sample))
		return first;
	return perffile_attr_of(pf, *id);
}

/* u64s of a PERF_SAMPLE_READ; @p has @left of them. UINT64_MAX: it does not fit. */
static uint64_t read_words(const struct perf_attr *a, const uint8_t *p, uint64_t left,
			   bool big)
{
	const uint64_t format = a->read_format;
	uint64_t times = (format & READ_ENABLED ? 1u : 0) + (format & READ_RUNNING ? 1u : 0);
	uint64_t each = 1u + (format & READ_ID ? 1u : 0) + (format & READ_LOST ? 1u : 0), n = 1;

	if (!(format & READ_GROUP))
		return times + each;
	if (left)
		n = load64(p, big);
	return n > left ? UINT64_MAX : 1 + times + n * each;
}

int perffile_sample(struct perffile *pf, const struct perf_record *rec,
		    struct perf_sample *sample)
{
	const uint8_t *p = rec->data;
	uint64_t left = rec->size / 8, n, id, type;
	bool big = pf->big_endian;
	const struct perf_attr *a = attr_of(pf, rec, &id);

	if (!a)
		return -ENOENT;
	*sample = (struct perf_sample){ .attr = a };
	type = a->sample_type;

	/* the next @count u64, to which @at will point; out of here if there are not as many */
#define TAKE(count, at)				\
	do {					\
		n = (count);			\
		if (n > left)			\
			return -EBADMSG;	\
		(at) = p;			\
		p += 8 * n;			\
		left -= n;			\
	} while (0)
	const uint8_t *at;

	TAKE((uint64_t)__builtin_popcountll(type & (SAMPLE_IDENTIFIER | SAMPLE_IP | SAMPLE_TID)),
	     at);
	if (type & SAMPLE_TIME) {
		TAKE(1, at);
		sample->has_time = true;
		sample->time = load64(at, big);
	}
	TAKE((uint64_t)__builtin_popcountll(type & (SAMPLE_ADDR | SAMPLE_ID | SAMPLE_STREAM_ID)),
	     at);
	if (type & SAMPLE_CPU) {
		TAKE(1, at);
		sample->has_cpu = true;
		sample->cpu = load32(at, big);
	}
	TAKE(type & SAMPLE_PERIOD ? 1 : 0, at);
	if (type & SAMPLE_READ)
		TAKE(read_words(a, p, left, big), at);
	if (type & SAMPLE_CALLCHAIN) {
		TAKE(1, at);
		sample->n_chain = load64(at, big);
		TAKE(sample->n_chain, sample->chain);
	}
	if (type & SAMPLE_RAW) {
		if (!left)
			return -EBADMSG;
		sample->raw_size = load32(p, big);
		if (sample->raw_size > left * 8 - 4)
			return -EBADMSG;
		sample->raw = p + 4;
	}
#undef TAKE
	return 0;
}

bool perffile_cpu(struct perffile *pf, const struct perf_record *rec, uint32_t *cpu,
		  uint64_t *id)
{
	const struct perf_attr *a = attr_of(pf, rec, id);
	size_t behind = 1;

	if (!a || !a->sample_id_all || !(a->sample_type & SAMPLE_CPU))
		return false;
	behind += !!(a->sample_type & SAMPLE_IDENTIFIER);
	if (rec->size / 8 < behind)
		return false;
	*cpu = load32(rec->data + 8 * (rec->size / 8 - behind), pf->big_endian);
	return true;
}
