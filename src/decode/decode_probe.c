// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * decode_probe.c - records of companion probes, which can be several events
 *
 * A bulk call is a record with an array of pointers: an event each comes out of
 * it, right behind that of the call, which has the stack. Of pages the array is told
 * twice, as it was before the call as well.
 */
#include "decode_probe.h"

#include <stdbool.h>

#include "fields.h"
#include "event.h"
#include "formats.h"
#include "pairing.h"
#include "source.h"

/* Below this it is the offset of the rcu_head in the object, above the object. */
#define RCU_OFFSET_MAX 4096u

static int put(struct pairing *p, const struct event *ev)
{
	return pairing_stackless(p, ev);
}

/*
 * The pointers of the call that are in this part of it, an event of @type
 * each. All parts of a call come; the first one says how many are in none.
 */
static int put_pointers(const struct fields *f, const struct event_format *ef,
			const struct source_record *rec, struct pairing *p,
			struct event *ev, uint8_t type, uint32_t known)
{
	uint64_t count = ev->bytes_req, n, i, room;
	/* what kfree_rcu() had is freed in larger bulks, and known already */
	bool told = type == EVENT_BULK_FREE && !ev->ptr;
	unsigned int a;
	int ret = 0;

	n = count > ef->first ? count - ef->first : 0;
	for (a = 0; a < FORMAT_ARRAYS && ef->arrays[a].size; a++) {
		room = ef->arrays[a].size / f->long_size;
		for (i = 0; i < room && n && !ret; i++, n--) {
			ev->type = type;
			ev->ptr = field_load(f, rec->data + ef->arrays[a].offset +
					     i * f->long_size, f->long_size);
			ret = put(p, ev);
		}
	}
	if (ret || told || ef->first || count <= known)
		return ret;
	ev->type = EVENT_BULK_MISSED;
	ev->flags = type == EVENT_BULK_FREE ? EVENT_FREED : 0;
	ev->bytes_req = count - known;
	return put(p, ev);
}

/* Which part of a call it is that begins with slot @first. */
static uint8_t part_of(uint16_t first)
{
	return first < 16 ? 0 : first < 80 ? 1 : 2;
}

static uint64_t slot(const struct fields *f, const struct source_record *rec,
		     const struct field *array, uint64_t i)
{
	return field_load(f, rec->data + array->offset + i * f->long_size, f->long_size);
}

/* An event for each array: the slots that had a page before the call. */
static int pages_had(const struct fields *f, const struct event_format *ef,
		     const struct source_record *rec, struct pairing *p, struct event *ev)
{
	uint64_t first = ef->first, i;
	int ret = 0;

	ev->order = part_of(ef->first);
	for (unsigned int a = 0; a < FORMAT_ARRAYS && ef->arrays[a].size && !ret; a++) {
		ev->bytes_req = first;
		ev->bytes_alloc = ef->arrays[a].size / f->long_size;
		if (ev->bytes_alloc > 64)
			ev->bytes_alloc = 64;
		ev->call_site = 0;
		for (i = 0; i < ev->bytes_alloc; i++)
			if (slot(f, rec, &ef->arrays[a], i))
				ev->call_site |= UINT64_C(1) << i;
		first += ef->arrays[a].size / f->long_size;
		ret = put(p, ev);
	}
	return ret;
}

/*
 * The pages in this part of the array, an event each; struct page lie one behind
 * the other from @base on, @unit bytes each (vmemmap). Up to the number that was
 * returned all slots are filled, be it since before (mm/page_alloc.c). Of a call
 * that fills a list (up to 6.13) not one is known.
 */
static int pages_bulk(const struct formats *formats, const struct fields *f,
		      const struct event_format *ef, const struct source_record *rec,
		      struct pairing *p, struct event *ev, uint64_t caller)
{
	const uint32_t known = formats->bulk_known[formats_bulk(EVENT_PAGES_BULK)];
	const uint64_t base = ev->call_site, unit = ev->bytes_alloc, count = ev->bytes_req;
	uint64_t first = ef->first, missed = 0, page, i;
	bool list = !ev->ptr;
	int ret;

	ev->call_site = caller;
	ev->bytes_alloc = 0;
	ev->order = part_of(ef->first);
	ret = pairing_event(p, ev);
	ev->call_site = 0;
	for (unsigned int a = 0; a < FORMAT_ARRAYS && ef->arrays[a].size && !list; a++) {
		uint64_t room = ef->arrays[a].size / f->long_size;

		for (i = 0; i < room && first + i < count && !ret; i++) {
			page = slot(f, rec, &ef->arrays[a], i);
			if (page < base || !unit || (page - base) % unit) {
				missed++;
				continue;
			}
			ev->type = EVENT_PAGES_ITEM;
			ev->ptr = (page - base) / unit;
			ev->bytes_req = first + i;
			ret = put(p, ev);
		}
		first += room;
	}
	if (!ef->first && list)
		missed = count;
	else if (!ef->first && count > known)
		missed += count - known;
	if (ret || !missed)
		return ret;
	ev->type = EVENT_PAGES_MISSED;
	ev->ptr = 0;
	ev->bytes_req = missed;
	return put(p, ev);
}

static int module_map(const struct fields *f, const struct event_format *ef,
		      const struct source_record *rec, struct pairing *p,
		      struct event *ev)
{
	struct event region = *ev;
	unsigned int i;
	int ret;

	region.type = EVENT_MODULE_REGION;
	for (i = 0; i < 2; i++) {
		region.flags = i ? EVENT_INIT : 0;
		region.ptr = field_get(f, rec->data, ef->text[i][0]);
		region.bytes_alloc = field_get(f, rec->data, ef->text[i][1]);
		if (!region.ptr || !region.bytes_alloc)
			continue;
		ret = put(p, &region);
		if (ret)
			return ret;
	}
	return put(p, ev);
}

int decode_probe(const struct formats *formats, const struct fields *f,
		 const struct event_format *ef, const struct source_record *rec,
		 struct pairing *p, struct event *ev)
{
	const uint32_t *known = formats->bulk_known;
	uint64_t caller = field_get(f, rec->data, ef->caller);
	int ret;

	switch (ev->type) {
	case EVENT_BULK_ALLOC:
		if (!ev->order) {	/* it failed */
			pairing_other(p, ev->context, ev->pid);
			return 0;
		}
		ev->ptr = caller;
		ret = pairing_event(p, ev);
		return ret ? ret : put_pointers(f, ef, rec, p, ev, EVENT_BULK_ITEM,
						known[formats_bulk(EVENT_BULK_ALLOC)]);
	case EVENT_PAGES_BULK:
		if (ev->bytes_req > ef->first && ev->bytes_req <= INT32_MAX)
			return pages_bulk(formats, f, ef, rec, p, ev, caller);
		pairing_other(p, ev->context, ev->pid);	/* nothing came */
		return 0;
	case EVENT_VMALLOC:
		if (ef->bytes_req.size && ev->bytes_req > ev->ptr)
			ev->bytes_alloc = ev->bytes_req - ev->ptr;
		ev->bytes_req = 0;	/* it was the end: what was asked for is not told */
		ev->call_site = caller;
		return pairing_event(p, ev);
	case EVENT_CONTIG_ALLOC:
		if (!ev->call_site || !ev->bytes_req) {
			pairing_other(p, ev->context, ev->pid);	/* it failed */
			return 0;
		}
		ev->call_site = 0;	/* it was the page */
		return pairing_event(p, ev);
	case EVENT_DMA_BLOCK:
		ev->call_site = caller;
		if (ev->ptr)
			return pairing_event(p, ev);
		pairing_other(p, ev->context, ev->pid);	/* it failed */
		return 0;
	default:
		break;
	}
	/* no stack belongs to these, and whatever waited in vain goes on */
	pairing_other(p, ev->context, ev->pid);
	switch (ev->type) {
	case EVENT_RCU_FREE:
		if (ev->ptr < RCU_OFFSET_MAX)
			ev->ptr = ev->call_site - ev->ptr;
		return put(p, ev);
	case EVENT_BULK_FREE:
		return put_pointers(f, ef, rec, p, ev, EVENT_BULK_FREE,
				    known[formats_bulk(EVENT_BULK_FREE)]);
	case EVENT_PAGES_HAD:
		return pages_had(f, ef, rec, p, ev);
	case EVENT_MODULE_MAP:
		return module_map(f, ef, rec, p, ev);
	default:
		return put(p, ev);
	}
}
