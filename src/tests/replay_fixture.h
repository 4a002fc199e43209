/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * replay_fixture.h - a recording, the options of its replay, and what came out
 */
#ifndef MODMEM_TESTS_REPLAY_FIXTURE_H
#define MODMEM_TESTS_REPLAY_FIXTURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "error.h"
#include "replay.h"
#include "snapshot.h"
#include "tracerec.h"

struct replay_fixture {
	struct recording rec;
	struct replay_opts opts;
	struct snapshot *snap;
	struct error err;
	char trace[64];			/* path, "": not written yet */
	char saved[64];			/* path of the other file */
};

extern struct replay_fixture rp;

/* Symbols of a kernel with two modules, and a stack below each of them. */
extern const char rp_symbols[];
extern const uint64_t rp_kmtest_stack[3], rp_other_stack[3];

int rp_setup(void **state);
int rp_teardown(void **state);

void rp_start(const struct rec_kernel *kernel, uint32_t n_buffers,
	      uint32_t n_cpus);
void rp_alloc(uint64_t ts, uint64_t ptr, uint64_t bytes, const uint64_t *stack);
void rp_release(uint64_t ts, uint64_t ptr);

/* Four events: 64 bytes at 1000, 128 at 2000; 64 go at 3000; 32 at 4000. */
void rp_small(void);

/* Replays it; rp_bad(): an error that has both words in it. */
void rp_good(void);
void rp_bad(const char *a, const char *b);

/* A file besides the recording; returns its path, rp.saved. */
const char *rp_save(const char *text, size_t len);

const struct snap_module *rp_module(const char *name);
uint64_t rp_live(const char *name);

/* Some sentence of the list, or reason for distrust, has @what in it. */
bool rp_said(const char *const *list, size_t n, const char *what);
bool rp_distrusted(const char *what);

#endif
