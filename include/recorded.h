/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * recorded.h - which of the kernel's events a recording has
 *
 * That the file describes an event is not enough: a recorder that was told to
 * leave one out may describe it all the same (trace-cmd record -v, trace-cmd
 * extract).
 */
#ifndef MODMEM_RECORDED_H
#define MODMEM_RECORDED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct account;
struct builder;

enum recorded_event {
	RECORDED_KMALLOC,
	RECORDED_CACHE_ALLOC,
	RECORDED_KMALLOC_NODE,		/* before 6.1 */
	RECORDED_CACHE_ALLOC_NODE,
	RECORDED_KFREE,
	RECORDED_CACHE_FREE,
	RECORDED_PAGE_ALLOC,
	RECORDED_PAGE_FREE,
	RECORDED_PERCPU_ALLOC,
	RECORDED_PERCPU_FREE,
	RECORDED_EVENTS
};

struct recorded {
	bool absent[RECORDED_EVENTS];	/* nothing of it can be in the books */
	/* of frees: absent, and what these should have freed is there */
	bool missed[RECORDED_EVENTS];
	bool filtered[RECORDED_EVENTS];	/* somebody's filter may have left some out, ... */
	bool filtered_areas, filtered_dma;	/* ... of frees of these, too */
};

/*
 * What does not come among @n others was left out of the recording: not by modmem,
 * which takes every event and task; and where the books end before the recording
 * does, among four times as many.
 */
bool recorded_lacks(const struct builder *b, uint64_t n, uint64_t enough);

/* Looks which events there are. */
void recorded_look(const struct builder *b, struct recorded *r);

/* The frees of what account @a holds are missed. */
bool recorded_missed(const struct recorded *r, const struct account *a);

/* Some frees of what account @a holds may have been left out by a filter. */
bool recorded_filtered(const struct recorded *r, const struct account *a);

/* "SYSTEM:NAME" */
const char *recorded_name(enum recorded_event event);

/*
 * "SYSTEM:NAME, ..." of those of @which from @first to @last, cut to fit. Returns
 * how many there are.
 */
size_t recorded_names(const bool *which, enum recorded_event first,
		      enum recorded_event last, char *text, size_t size);

#endif
