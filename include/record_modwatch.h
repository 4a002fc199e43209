/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * record_modwatch.h - takes a snapshot of the modules whenever one is loaded
 *
 * The recording's own buffer is read late, so a second instance, with the
 * event module_load only, tells at once.
 */
#ifndef MODMEM_RECORD_MODWATCH_H
#define MODMEM_RECORD_MODWATCH_H

struct error;
struct modwatch;
struct record_instance;
struct snaps;

/*
 * Returns 0 with *@out NULL if this kernel has no modules; a negative errno
 * with @err set if it has and they cannot be watched.
 */
int modwatch_start(struct modwatch **out, const struct record_instance *ri,
		   const char *clock, struct snaps *sn, struct error *err);

/* Takes no more snapshots, so that modwatch_stop() takes no time. NULL: nothing. */
void modwatch_drop(struct modwatch *mw);

/*
 * Ends it; @loads (may be NULL) gets the number of loads seen. Returns 0, or a
 * negative errno with @err set if it cannot have seen all.
 */
int modwatch_stop(struct modwatch *mw, unsigned int *loads, struct error *err);

/* The same while it runs; NULL: nothing. */
int modwatch_error(struct modwatch *mw, struct error *err);

/*
 * Removes its instance, after all files of the recorder's own are closed: up to
 * Linux 5.8 one that reads trace_pipe_raw of any instance holds the tracer that all
 * share, and rmdir() is EBUSY (kernel/trace/trace.c, instance_rmdir()). 0 or a
 * negative errno with @err set.
 */
int modwatch_free(struct modwatch *mw, struct error *err);

/*
 * The module and the time of a line of trace_pipe, "... 12.345678:
 * module_load: NAME FLAGS". Cuts it off behind the name, NULL: it is none.
 */
char *modwatch_parse(char *line, const char **time);

#endif
