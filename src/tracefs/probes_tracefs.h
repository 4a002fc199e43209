/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * probes_tracefs.h - what probes write to tracefs
 */
#ifndef MODMEM_PROBES_TRACEFS_H
#define MODMEM_PROBES_TRACEFS_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Writes @text to the file that @fmt names: 0 or a negative errno. It is
 * appended: truncating dynamic_events or a trigger file would take away what is
 * in it, others' probes among it.
 */
int probes_write(const char *text, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* Where probes are defined: "dynamic_events", from 5.0 on, or "kprobe_events". */
const char *probes_file(const char *tracefs);

/* A file's text, to be freed. NULL with errno set, ENOENT: there is none. */
char *probes_read(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* Next line of *@text, cut out of it and without its end; NULL at the end. */
char *probes_line(char **text);

/*
 * If @line of dynamic_events is a probe of a modmem, returns its tag, system
 * and event name in buffers of PROBES_NAME bytes. @tag is in @system for
 * kprobes and event probes, in @event for synthetic events.
 */
#define PROBES_NAME	128u
bool probes_parse(const char *line, char *tag, char *system, char *event);

#endif
