/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * formats.h - where an event's fields lie, as the recording itself says
 *
 * Fields move between kernels (TRACE_EVENT formats are no ABI), so nothing
 * here is assumed: offsets and sizes come from the "format" texts of the file
 * (Documentation/trace/events.rst, "Event formats"). Only the field lines are
 * read, never the print format, which not every parser can evaluate.
 */
#ifndef MODMEM_FORMATS_H
#define MODMEM_FORMATS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "event.h"

struct error;
struct source_info;

struct field {
	uint32_t offset;	/* bytes from the start of the record */
	uint32_t size;		/* bytes; 0: the event has no such field */
	bool is_signed;
};

#define FORMAT_ARRAYS 5u	/* o0 to o4 */

enum record_kind {
	RECORD_OTHER,		/* of no interest, but it may own a stack */
	RECORD_STACK,		/* ftrace:kernel_stack */
	RECORD_EVENT,		/* becomes a struct event */
	RECORD_PROBE,		/* becomes one or several, see decode_probe.c */
};

/* How to turn records of one event id into struct event. */
struct event_format {
	uint8_t kind;		/* enum record_kind */
	uint8_t type;		/* enum event_type */
	uint8_t flags;		/* EVENT_KMALLOC */
	uint16_t first;		/* bulk parts: number of their first pointer */
	uint32_t min_len;	/* a shorter record lacks a field: malformed */
	uint32_t max_len;	/* events: no kernel writes a longer one */
	uint8_t slack;		/* @name ends the record, up to so many bytes; 0: does not */
	bool described;		/* the file has a format of this id */
	bool page_pointer;	/* @ptr is one to struct page, not a PFN */
	bool old_migratetype;	/* @reserved has the numbers of kernels before 4.4 */
	uint8_t unusable;	/* of interest, but left out: formats.unusable[], from 1 */
	struct field ptr;	/* ptr, pfn; kernel_stack: caller */
	struct field call_site;
	struct field bytes_req;	/* kernel_stack: size, in frames */
	struct field bytes_alloc;
	struct field order;	/* bulk_alloc: ok */
	struct field reserved;	/* mm_page_alloc: migratetype */
	struct field caller;	/* probes: return address of the probed function */
	struct field name;	/* __data_loc string */
	struct field arrays[FORMAT_ARRAYS];	/* bulk probes: pointers */
	struct field text[2][2];	/* module_map: base and size, core and init */
};

/*
 * Before 4.1 page events have a pointer to struct page and no PFN. How one becomes the
 * other: all of a kernel's struct page are an array, or one per section or node.
 */
struct page_frames {
	uint64_t base;		/* the pointer of PFN 0, or of what is taken for it */
	uint64_t failed;	/* PFN of an allocation that failed */
	uint32_t size;		/* sizeof(struct page), 0: not known */
	bool assumed;		/* ... which few events show: taken for the usual one */
	bool scattered;		/* several arrays: nothing says where memory is mapped */
};

/* The place of bulk calls of @type in ->bulk_known. */
static inline unsigned int formats_bulk(unsigned int type)
{
	return type == EVENT_BULK_ALLOC ? 0 : type == EVENT_BULK_FREE ? 1 : 2;
}

/* An event of interest that cannot be understood: its records are left out. */
struct unusable {
	const char *system, *name;
	char why[96];
};

#define UNUSABLE_MAX 64u	/* there are fewer events of interest */

#define FORMAT_IDS 65536u	/* common_type is an unsigned short */

struct formats {
	struct field type, flags, pid;	/* common_* */
	uint32_t common_len;		/* a shorter record lacks one of them */
	struct event_format *by_id;	/* FORMAT_IDS of them, most never touched ... */
	uint32_t n_ids;			/* ... but those below this number */
	uint32_t seen;			/* bit per enum event_type that the file describes */
	uint64_t forms;			/* ... and event_bit() of each of them, ... */
	uint64_t node_forms;		/* ... and of kmalloc_node, kmem_cache_alloc_node */
	bool stacks;			/* kernel_stack is described */
	uint32_t bulk_known[3];		/* pointers of one bulk call: alloc, free, pages */
	bool percpu_computed;		/* percpu events do not say what was set aside */
	bool page_pointers;		/* pages are told by these, see @frames */
	struct page_frames frames;
	struct unusable unusable[UNUSABLE_MAX];
	uint32_t n_unusable;
	uint32_t odd;			/* formats whose fields lie over each other or apart */
};

/*
 * Reads the formats of @info. An event that lacks a field is left out (->unusable).
 * Returns 0, or -EINVAL with @err if it is no file that a kernel could have written.
 * formats_release() frees what is in @f.
 */
int formats_read(struct formats *f, const struct source_info *info,
		 struct error *err);

/* Leaves the page events out that have pointers to struct page, because of @why. */
void formats_no_pages(struct formats *f, const char *why);

void formats_release(struct formats *f);

/*
 * Looks for field @name in the text of a format. Returns false if it is not
 * there or its line cannot be read.
 */
bool format_field(const char *text, size_t len, const char *name,
		  struct field *field);

#endif
