/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * report_fields.h - the members of a snapshot that a report in JSON has
 *
 * One table for who writes them (view/json.c) and who reads them again
 * (snapshot/saved.c), in the order in which they are written. The form is
 * modmem.report/1 or, with all that is needed to show the report again,
 * modmem.report/2 (testdata/report.schema.json).
 */
#ifndef MODMEM_REPORT_FIELDS_H
#define MODMEM_REPORT_FIELDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define REPORT_SCHEMA		"modmem.report/1"
#define REPORT_SCHEMA_FULL	"modmem.report/2"
#define REPORT_SCHEMA_FAMILY	"modmem.report/"

enum report_type {
	REPORT_U64,
	REPORT_U32,
	REPORT_SIGNED,		/* int64_t; null where it is negative */
	REPORT_PID,		/* int32_t; null where it is negative */
	REPORT_INT,		/* int64_t */
	REPORT_REAL,		/* double */
	REPORT_BOOL,
	REPORT_TEXT,		/* may be null */
	REPORT_TEXTS,		/* const char *const *, their number in a size_t at .also */
	REPORT_ENUM,		/* the text .names() has for it */
	REPORT_NTH,		/* uint32_t, counted from 1; 0 is left out */
	REPORT_UNLESS,		/* uint64_t; null where the bool at .also is set */
	REPORT_IF,		/* int64_t; null where the bool at .also is not set */
	REPORT_FILE,		/* text, without its folders */
	REPORT_ADDRESS,		/* uint64_t as hexadecimal text; only if asked for */
	REPORT_TIME,		/* int64_t, s since 1970, as ISO 8601; null: not known */
	REPORT_BOUND,		/* what the causes there say; not read */
	REPORT_WHY,		/* their names */
	REPORT_ROWS,		/* an array of .of, their number in a size_t at .also */
	REPORT_ONE,		/* one of .of */
	REPORT_EACH,		/* one of .of for each that .names() has a name for */
	REPORT_MODULE,		/* uint32_t, index into snapshot.modules, as its name */
	REPORT_BOUNDS,		/* what the causes of each kind say, behind "why" of all */
	REPORT_WHYS,		/* the causes of each kind */
	REPORT_DMA_BLOCKS,	/* struct amount; null: snapshot.dma_blocks_known is not set */
	REPORT_STATIC,		/* struct modstatic; null: nothing is known */
	REPORT_AT_LEAST,	/* bool; of a modstatic, for whatever reason */
	REPORT_OVERHEAD,	/* of a stack: null where it is another charge */
	REPORT_BLOCKS,		/* of a stack: page blocks by order */
	REPORT_SOURCES,		/* texts or null, as many as at .also */
	REPORT_NUMBERS,		/* uint64_t for each that .names() has a name for */
};

struct report_field {
	const char *name;
	enum report_type type;
	size_t at, also;	/* offsets */
	const char *(*names)(unsigned int i);	/* NULL past the last one */
	const struct report_fields *of;
	bool must;		/* each report has it */
	bool full;		/* of modmem.report/2 only */
	bool sparse;		/* left out where there are none */
};

/* Of one struct. */
struct report_fields {
	const struct report_field *field;
	size_t n;
	size_t size;		/* bytes of the struct */
};

extern const struct report_fields
	report_source,		/* struct snapshot */
	report_totals,		/* struct snapshot */
	report_coverage,	/* struct coverage */
	report_module,		/* struct snap_module, but its static memory ... */
	report_static,		/* struct modstatic ... */
	report_site,		/* struct snap_site */
	report_cache,		/* struct snap_cache */
	report_stack,		/* struct snap_stack, but blocks */
	report_task,		/* struct snap_task */
	report_series,		/* struct snap_series, but its points and losses */
	report_leaks,		/* struct snap_leaks */
	report_reconcile;	/* struct reconcile; read only, json_reconcile.c writes it */

#endif
