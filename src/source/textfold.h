/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * textfold.h - lines that a mail, a page or an editor broke, encoded or cut
 *
 * Mails are quoted-printable ("call_site=3Df+0x1", "=" where a line goes on) or broken
 * at some column; pages have "&lt;stack trace&gt;"; documents break entries with "\".
 */
#ifndef MODMEM_SOURCE_TEXTFOLD_H
#define MODMEM_SOURCE_TEXTFOLD_H

#include "textline.h"

#define TEXTFOLD_MAX 4096u	/* bytes of a line; the kernel's longest is below a page */

struct textfold {
	char soft[TEXTFOLD_MAX];	/* what a soft line break ended */
	size_t n_soft;
	bool quoted_printable;
	char half[TEXTFOLD_MAX];	/* an entry that lacks values */
	size_t n_half;
	bool joined;			/* the last entry was broken: rests of it may follow */
};

/*
 * Decodes the @len bytes at *@text, in place, or gives @tf's own text with them behind
 * what was held. False: the line goes on, nothing is to be read yet.
 */
bool textfold_decode(struct textfold *tf, char **text, size_t *len);

/* @line is an entry of memory and lacks its last values. */
bool textfold_is_half(const struct textline *line);

/* Keeps the half entry @text. */
void textfold_keep(struct textfold *tf, const char *text, size_t len);

/* @text is no line of a trace, and a rest of an entry: values. */
bool textfold_is_rest(const struct textline *line, const char *text, size_t len);

/* Puts it behind the half entry; false: no room. */
bool textfold_join(struct textfold *tf, const char *text, size_t len);

#endif
