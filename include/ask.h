/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ask.h - asking the watcher that runs ("modmem watch") for its books
 *
 * A stream socket that root alone can reach. Who connects sends one line,
 * "modmem.watch/1 WHAT", and gets "ok BYTES" and a line end, then that many bytes, or
 * "error TEXT" and a line end; then the watcher closes. A status is modmem.watch/1
 * (testdata/watch.schema.json), a report modmem.report/1 or /2. To be told that it
 * stopped takes as long as the last report takes to be saved.
 */
#ifndef MODMEM_ASK_H
#define MODMEM_ASK_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct error;
struct snapshot;

#define ASK_DIR		"/run/modmem"
#define ASK_SOCKET	"watch"		/* in it */
#define ASK_SCHEMA	"modmem.watch/1"
#define ASK_LINE_MAX	64u		/* bytes of what is asked, with its end */

enum ask_what {
	ASK_STATUS,
	ASK_STOP,
	ASK_REPORT,		/* modules and their places */
	ASK_FULL,		/* stacks, leaks and live bytes over time, too */
	ASK_WHATS
};

/* "status"; NULL past the last one. */
const char *ask_name(enum ask_what what);

/* What the @len bytes of a line, without its end, ask for; ASK_WHATS: nothing. */
enum ask_what ask_parse(const char *line, size_t len);

/*
 * Asks, and waits for all of the answer: free() it. NULL with @err set and the reason in
 * *@code (may be NULL): -ENOENT: none runs; -EACCES: not allowed.
 */
char *ask(const char *dir, enum ask_what what, size_t *len, int *code, struct error *err);

/* The watcher's status: json_decref() it. NULL with @err set; *@code: as above, 0: it answered. */
json_t *ask_status(int *code, struct error *err);

/* A member of a status; 0: it is not there, or no such number. */
uint64_t ask_number(const json_t *status, const char *key);

/* Its books, in full or modules and places alone. NULL with @err set. */
struct snapshot *ask_report(bool full, struct error *err);

#endif
