// SPDX-License-Identifier: GPL-2.0-or-later
#include "textevent.h"

#include <string.h>

#include "textlog.h"
#include "textsyms.h"

#define POINTERS_TELL	8u	/* of which one in 65536 logs has all hashes on words */
#define WITHHELD_BASE	UINT64_C(0xffe0000000000000)	/* where no kernel has memory */

static const struct {
	const char *name;
	uint8_t event;		/* enum textevent */
} events[] = {
	{ "kmalloc", TEXTEVENT_KMALLOC },
	{ "kmalloc_node", TEXTEVENT_KMALLOC },
	{ "kmem_cache_alloc", TEXTEVENT_CACHE_ALLOC },
	{ "kmem_cache_alloc_node", TEXTEVENT_CACHE_ALLOC },
	{ "kfree", TEXTEVENT_KFREE },
	{ "kmem_cache_free", TEXTEVENT_CACHE_FREE },
	{ "mm_page_alloc", TEXTEVENT_PAGE_ALLOC },
	{ "mm_page_free", TEXTEVENT_PAGE_FREE },
	{ "percpu_alloc_percpu", TEXTEVENT_PERCPU_ALLOC },
	{ "percpu_free_percpu", TEXTEVENT_PERCPU_FREE },
	{ "percpu_alloc_percpu_fail", TEXTEVENT_PERCPU_FAIL },
	{ "module_load", TEXTEVENT_MODULE_LOAD },
	{ "module_free", TEXTEVENT_MODULE_FREE },
	{ "alloc_vmap_area", TEXTEVENT_AREA_RANGE },
};

uint8_t textevent_of(struct textspan name)
{
	for (size_t i = 0; i < sizeof(events) / sizeof(events[0]); i++)
		if (strlen(events[i].name) == name.len &&
		    !memcmp(events[i].name, name.at, name.len))
			return events[i].event;
	return TEXTEVENT_OTHER;
}

static bool number(struct textspan body, const char *key, uint64_t *value)
{
	struct textspan s;

	return textvalue_find(body, key, &s) && textvalue_number(s, value);
}

/*
 * %p: hashed unless no_hash_pointers was set, then 32 bits of a 64-bit pointer
 * (lib/vsprintf.c, ptr_to_hashval()). "(____ptrval____)" before there was entropy
 * for it: no two of them are known to be the same, so each is one of its own.
 */
static bool pointer(struct textevents *te, struct textspan body, uint64_t *value)
{
	struct textspan s;

	if (!textvalue_find(body, "ptr", &s))
		return false;
	switch (textvalue_pointer(s, value)) {
	case TEXTPOINTER_NONE:
		return false;
	case TEXTPOINTER_NULL:
		return true;
	case TEXTPOINTER_WITHHELD:
		*value = WITHHELD_BASE + 16 * te->withheld++;
		return true;
	case TEXTPOINTER_VALUE:
		break;
	}
	te->wide |= s.len > 10;	/* 0x and 8 digits */
	te->pointers++;
	te->real += *value >> 32 != 0;
	/* slab objects and per-CPU memory lie on words */
	te->unaligned += (*value & 3) != 0;
	return true;
}

static bool call_site(struct textevents *te, struct textspan body, uint64_t *token)
{
	struct textcode code;
	struct textspan s;
	uint64_t addr;
	size_t n;

	if (!textvalue_find(body, "call_site", &s))
		return false;
	switch (textvalue_pointer(s, &addr)) {
	case TEXTPOINTER_NULL:
	case TEXTPOINTER_WITHHELD:
		return true;	/* there is none */
	case TEXTPOINTER_NONE:
	case TEXTPOINTER_VALUE:
		break;
	}
	/* "f+0x1/0x9 [module]": to the end, which it finds itself */
	s.len = (size_t)(body.at + body.len - s.at);
	if (!textvalue_code(s, &code, &n))
		return false;
	/* the kernel prints the size of a function, too */
	te->sizeless |= code.has_offset && !code.size;
	*token = textsyms_token(te->syms, &code);
	return *token != 0;
}

/*
 * The page frame of a failed allocation is -1: what prints the event itself makes
 * it page NULL and PFN 0 (include/trace/events/kmem.h), others print it.
 */
static bool page_frame(struct textspan body, uint64_t *pfn)
{
	struct textspan s;
	uint64_t page;

	if (!textvalue_find(body, "pfn", &s))
		return false;
	if (s.len == 2 && !memcmp(s.at, "-1", 2))
		*pfn = UINT64_MAX;
	else if (!textvalue_number(s, pfn))
		return false;
	if (textvalue_find(body, "page", &s) &&
	    textvalue_pointer(s, &page) == TEXTPOINTER_NULL)
		*pfn = UINT64_MAX;
	return true;
}

/*
 * "name=" up to @next, or to the end of the body: cache names hold blanks, and
 * may hold what looks like another key.
 */
static void take_name(struct textrecord *rec, struct textspan body,
		      const struct textspan *next)
{
	struct textspan s;

	if (!textvalue_find(body, "name", &s))
		return;
	s.len = (size_t)(body.at + body.len - s.at);
	if (next && next->at > s.at)
		s.len = (size_t)(next->at - s.at);
	if (s.len > TEXTENTRY_NAME_MAX)
		s.len = TEXTENTRY_NAME_MAX;
	memcpy(rec->name, s.at, s.len);
	rec->e.name_len = (uint8_t)s.len;
}

/* From " KEY" on, where it stands for the last time. */
static struct textspan last_key(struct textspan body, const char *key)
{
	size_t len = strlen(key);

	for (size_t i = body.len; i-- > 0;)
		if (body.len - i >= len && !memcmp(body.at + i, key, len))
			return (struct textspan){ body.at + i, body.len - i };
	return (struct textspan){ body.at + body.len, 0 };
}

static bool take_object(struct textrecord *rec, struct textspan body)
{
	struct textspan sizes = last_key(body, " bytes_req=");
	struct textentry *e = &rec->e;

	take_name(rec, body, &sizes);
	return number(sizes, "bytes_req", &e->bytes_req) &&
	       number(sizes, "bytes_alloc", &e->bytes_alloc);
}

/* "kmtest OE", include/trace/events/module.h */
static bool take_module(struct textrecord *rec, struct textspan body)
{
	const char *end = body.len ? memchr(body.at, ' ', body.len) : NULL;
	size_t len = end ? (size_t)(end - body.at) : body.len;

	if (!len || len > TEXTENTRY_NAME_MAX)
		return false;
	memcpy(rec->name, body.at, len);
	rec->e.name_len = (uint8_t)len;
	return true;
}

static bool take_pages(struct textentry *e, struct textspan body)
{
	uint64_t order, type;

	if (!page_frame(body, &e->ptr) || !number(body, "order", &order) ||
	    order > 64)
		return false;
	e->order = (uint32_t)order;
	if (number(body, "migratetype", &type) && type <= INT32_MAX)
		e->reserved = (uint32_t)type;
	return true;
}

static bool take_percpu(struct textevents *te, struct textentry *e, struct textspan body)
{
	uint64_t reserved = 0;
	struct textspan site;

	if (!number(body, "size", &e->bytes_req))
		return false;
	number(body, "reserved", &reserved);
	e->reserved = reserved != 0;
	if (e->event == TEXTEVENT_PERCPU_FAIL)
		return true;
	if (number(body, "bytes_alloc", &e->bytes_alloc))
		te->percpu_bytes = true;
	/* since 6.0, like bytes_alloc */
	if (textvalue_find(body, "call_site", &site) &&
	    !call_site(te, body, &e->call_site))
		return false;
	return pointer(te, body, &e->ptr);
}

/* One that failed reserved nothing. */
static bool take_range(struct textentry *e, struct textspan body)
{
	uint64_t failed;

	if (!number(body, "size", &e->bytes_req) || !number(body, "failed", &failed))
		return false;
	if (failed)
		e->bytes_req = 0;
	return true;
}

bool textevent_take(struct textevents *te, struct textrecord *rec, struct textspan body)
{
	struct textentry *e = &rec->e;

	switch ((enum textevent)e->event) {
	case TEXTEVENT_KFREE:
	case TEXTEVENT_CACHE_FREE:
		take_name(rec, body, NULL);
		return pointer(te, body, &e->ptr) && call_site(te, body, &e->call_site);
	case TEXTEVENT_KMALLOC:
	case TEXTEVENT_CACHE_ALLOC:
		return take_object(rec, body) && pointer(te, body, &e->ptr) &&
		       call_site(te, body, &e->call_site);
	case TEXTEVENT_PAGE_ALLOC:
	case TEXTEVENT_PAGE_FREE:
		return take_pages(e, body);
	case TEXTEVENT_PERCPU_ALLOC:
	case TEXTEVENT_PERCPU_FAIL:
		return take_percpu(te, e, body);
	case TEXTEVENT_PERCPU_FREE:
		return pointer(te, body, &e->ptr);
	case TEXTEVENT_MODULE_LOAD:
	case TEXTEVENT_MODULE_FREE:
		return take_module(rec, body);
	case TEXTEVENT_AREA_RANGE:
		return take_range(e, body);
	case TEXTEVENT_OTHER:
	case TEXTEVENT_STACK:
	case TEXTEVENTS:
		break;
	}
	return true;
}

/*
 * Of 64-bit pointers, hashed are those of which none has more than 32 bits. On 32-bit
 * kernels real ones, before 4.15 or with no_hash_pointers, are as wide, but lie on
 * words (mm/slab_common.c, calculate_alignment()), where three of four hashes do not.
 */
void textevents_pointers(const struct textevents *te, struct textlog *log)
{
	log->withheld = te->withheld;
	log->long_bits = te->wide || !te->pointers ? 64 : 32;
	log->hashed = (te->pointers || te->withheld) && !te->real;
	log->hashed_known = log->hashed;
	if (!log->hashed || te->wide)
		return;
	log->hashed_known = te->unaligned * 2 > te->pointers;
	log->hashed = te->unaligned || te->pointers < POINTERS_TELL;
}
