// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * decode_probe.c - records of companion probes, which can be several events
 *
 * A bulk call is a record with an array of pointers: an event each comes out of
 * it, right behind that of the call, which has the stack.
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
	int ret;

	switch (ev->type) {
	case EVENT_BULK_ALLOC:
		if (!ev->order) {	/* it failed */
			pairing_other(p, ev->context, ev->pid);
			return 0;
		}
		ret = pairing_event(p, ev);
		return ret ? ret : put_pointers(f, ef, rec, p, ev, EVENT_BULK_ITEM,
						formats->bulk_known[0]);
	case EVENT_VMALLOC:
		if (ef->bytes_req.size && ev->bytes_req > ev->ptr)
			ev->bytes_alloc = ev->bytes_req - ev->ptr;
		ev->bytes_req = 0;	/* it was the end: what was asked for is not told */
		return pairing_event(p, ev);
	case EVENT_DMA_BLOCK:
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
				    formats->bulk_known[1]);
	case EVENT_MODULE_MAP:
		return module_map(f, ef, rec, p, ev);
	default:
		return put(p, ev);
	}
}
