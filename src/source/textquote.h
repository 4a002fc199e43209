/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * textquote.h - what terminals, consoles, loggers and mails put before and into a line
 */
#ifndef MODMEM_SOURCE_TEXTQUOTE_H
#define MODMEM_SOURCE_TEXTQUOTE_H

#include "textspan.h"

/* Takes colours and the like out of a line from a terminal. Returns its new length. */
size_t textquote_clean(char *text, size_t len);

/* Takes off what a mail or a log puts before each line of text that it quotes. */
void textquote_skip(struct textspan *s);

/*
 * Leaves of *@comm, a task's name and all before it, the name: at most @width bytes
 * and behind the words of a console or logger.
 */
void textquote_trim(struct textspan *comm, size_t width);

/*
 * The name of the buffer or the file that stands before a line, in @before: "a.dat: "
 * by trace-cmd report, "a/trace:" and "a/trace:12:" by grep; else empty.
 */
struct textspan textquote_buffer(struct textspan before);

#endif
