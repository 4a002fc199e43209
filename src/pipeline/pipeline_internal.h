/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * pipeline_internal.h - shared by pipeline.c and pipeline_symbols.c
 */
#ifndef MODMEM_PIPELINE_INTERNAL_H
#define MODMEM_PIPELINE_INTERNAL_H

#include "error.h"
#include "pipeline.h"
#include "survey.h"

struct imports;
struct ksyms;

struct hook {
	struct pipeline_hook what;
	uint64_t next;		/* ns, the next boundary; UINT64_MAX: none */
};

/* All stages, in the order in which data flows. */
struct pipeline {
	struct replay_opts opts;
	struct source *src;
	struct strings *strings;
	struct stacks *stacks;
	struct decoder *decoder;
	struct ksyms *ks;		/* NULL: no symbols */
	struct ksyms *given;		/* symbols from a file beside its own, NULL: none */
	const char *given_note;		/* what is to be said of that, NULL: nothing */
	uint64_t odd_symbols;		/* of the recording's, ksyms_odd_lines() */
	struct modmap *modmap;
	struct attributor *attributor;
	struct ledger *ledger;
	struct books *books;
	struct sites *sites;		/* NULL: leaks are not asked for */
	struct series *series;		/* NULL: not asked for */
	struct symfiles *files;		/* NULL: none are wanted */
	struct imports *imports;
	struct survey survey;
	struct companion *companion;	/* NULL: not modmem's own recording */
	struct error companion_damage;
	struct ksyms **snapshots;	/* symbols of modules, by time */
	size_t n_snapshots, snapshots_room;
	struct hook hooks[PIPELINE_HOOKS_MAX];
	size_t n_hooks;
	uint64_t next_tick;		/* ns, of all hooks */
	struct pipeline_size kept;	/* by the last compaction, 0: there was none */
	uint64_t last_ts, late;		/* live: of the latest event; see pipeline_size */
	uint64_t start, end;		/* ns, what was taken */
	bool ended_early;		/* an event behind opts.to ended it */
	struct error outside[2];	/* snapshot_build.h */
	size_t n_outside;
};

/*
 * The general table of symbols, the map of modules, and what modmem's recorder
 * saw of modules: each 0 or a negative errno with @err set.
 */
int pipeline_read_symbols(struct pipeline *p, struct error *err);
int pipeline_read_modules(struct pipeline *p, struct error *err);
int pipeline_read_companion(struct pipeline *p, struct error *err);

/* What lies in init text that the recorder did not tell of, from files, if there are. */
int pipeline_read_init(struct pipeline *p, struct error *err);

#endif
