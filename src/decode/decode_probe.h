/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * decode_probe.h - records of companion probes (probes.h) to events
 */
#ifndef MODMEM_DECODE_PROBE_H
#define MODMEM_DECODE_PROBE_H

struct event;
struct event_format;
struct fields;
struct formats;
struct pairing;
struct source_record;

/*
 * Puts what the record says into @p: @ev, already read from its plain fields,
 * and what else it stands for. @ev is used up. 0 or -ENOMEM.
 */
int decode_probe(const struct formats *formats, const struct fields *f,
		 const struct event_format *ef, const struct source_record *rec,
		 struct pairing *p, struct event *ev);

#endif
