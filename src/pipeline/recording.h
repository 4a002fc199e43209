/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * recording.h - opens whatever a recording can be
 */
#ifndef MODMEM_RECORDING_H
#define MODMEM_RECORDING_H

struct companion;
struct error;
struct replay_opts;
struct source;

/*
 * The recording opts->path: a trace.dat, or the text of tracefs (textlog.h). "-"
 * is standard input, text that is read as it comes. NULL with @err set.
 */
struct source *recording_open(const struct replay_opts *opts, struct error *err);

/*
 * What modmem's recorder put behind it; NULL: nothing. @damage is set where
 * something is there that is not as it was written, or is missing. If there are
 * checksums, @src verifies itself by them from here on.
 */
struct companion *recording_companion(struct source *src, struct error *damage);

#endif
