/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * survey.h - a quick first look at a recording
 *
 * Some things must be known before the replay starts: which modules will come
 * and go (a range that kallsyms shows at the end was not theirs before), and
 * whether several buffers hold the same events. Recordings in which neither
 * can be the case are not read twice.
 */
#ifndef MODMEM_SURVEY_H
#define MODMEM_SURVEY_H

#include <stdbool.h>

struct decoder;
struct error;
struct modmap;
struct source;
struct strings;

struct survey {
	bool done;
	struct survey_seen *seen;	/* which events the decoder is to leave out; or NULL */
	const char *note;	/* what was left out and why, NULL: nothing */
	bool events_missing;	/* it is in no other buffer: the books lack it */
	char note_text[400];
};

/*
 * Reads @src if need be, tells @mm of the module events to come, and @d (a
 * decoder that has not started) which events of which buffers to leave out.
 * Returns 0 or a negative errno with @err set. survey_free() when @d is gone.
 */
int survey_recording(struct survey *s, struct source *src, struct decoder *d,
		     struct modmap *mm, struct strings *strings,
		     struct error *err);

void survey_free(struct survey *s);

#endif
