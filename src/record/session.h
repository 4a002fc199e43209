/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * session.h - all that one recording has, and the steps that it takes
 */
#ifndef MODMEM_RECORD_SESSION_H
#define MODMEM_RECORD_SESSION_H

#include <stdbool.h>
#include <stdint.h>

#include "error.h"
#include "narrow.h"
#include "record.h"
#include "record_child.h"
#include "record_events.h"
#include "record_instance.h"
#include "parts.h"
#include "record_signals.h"

struct modwatch;
struct probes;
struct snaps;
struct streams;

struct session {
	const struct record_opts *opts;
	struct record_result *result;
	struct record_instance ri;
	struct parts parts;
	struct record_events events;
	struct narrowed narrowed;	/* to opts->modules, or own */
	struct probes *probes;
	struct snaps *snaps;
	struct modwatch *modwatch;
	struct streams *streams;
	struct child child;
	char *sample;		/* of the command's memory, NULL: none yet */
	uint64_t sample_ts;	/* trace clock */
	const char *clock;
	uint64_t buffer_kb;
	unsigned int cpus;
	int signals;		/* signalfd */
	struct record_signals before;
	int trouble;		/* eventfd of the streams */
	uint64_t *lost;		/* per CPU, what was said of it */
	struct error why;	/* it was cut short, empty: it was not */
	struct error left;	/* what could not be taken down, empty: nothing */
};

void session_say(const struct session *se, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* Each returns 0 or a negative errno with @err set. */
int session_prepare(struct session *se, struct error *err);	/* tracefs, folder */
int session_begin(struct session *se, struct error *err);	/* it records */
int session_finish(struct session *se, struct error *err);	/* the file */

/* Takes everything down again, from any state; se->left says what it could not. */
void session_end(struct session *se);

/*
 * Until the command ends, the time is up, a signal comes, or the streams fail
 * (then se->why is set). Says what is lost meanwhile.
 */
void watch_recording(struct session *se);

/* Waits for the command, after the recording; what came of it. */
void watch_command(struct session *se);

/* Reads what each CPU lost; says what is new, unless that was long. */
void watch_losses(struct session *se);

#endif
