/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * textline_internal.h - shared by textline.c (which line it is), textperf.c (perf
 * script's lines), textentry.c (an entry of a trace) and textframe.c (a frame of its
 * stack), each of which calls only those behind it
 */
#ifndef MODMEM_SOURCE_TEXTLINE_INTERNAL_H
#define MODMEM_SOURCE_TEXTLINE_INTERNAL_H

#include "textline.h"
#include "textquote.h"

#define TEXT_COMM_WIDTH	16u	/* columns of a task's name, TASK_COMM_LEN */

/* What is behind a frame's arrow, of the kernel's or the user's. False: something else. */
bool textframe_parse(struct textspan s, struct textline *line);

/* "TASK-PID [CPU] FLAGS TIME: EVENT: BODY", and what trace-cmd makes of it. */
bool textentry_parse(struct textspan s, struct textline *line);

/* ... with options/latency-format and options/verbose */
bool textentry_verbose(struct textspan s, struct textline *line);

/* Its parts: "12.345678: " or "12345: " off *@s; @s up to its end is a task's name. */
bool textentry_time(struct textspan *s, struct textline *line);
bool textentry_comm(struct textspan s, struct textline *line);

/* All behind the time, in @line->body: "EVENT: BODY", "<stack trace>". */
bool textentry_event(struct textline *line);

bool textperf_parse(struct textspan s, struct textline *line);
bool textperf_frame(struct textspan s, struct textline *line);

#endif
