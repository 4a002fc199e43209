/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * record_snap.h - snapshots of the machine, as items of companion.h
 *
 * They go to a file of their own while the recording runs, so that they are
 * there if it does not come to its end.
 */
#ifndef MODMEM_RECORD_SNAP_H
#define MODMEM_RECORD_SNAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct error;
struct snaps;

/* Which of the snapshots. */
enum snap_when {
	SNAP_START,
	SNAP_LOAD,
	SNAP_END,
};

/*
 * @fd is open for writing, and is given up to it. NULL: no memory. All the
 * functions may be called from several threads.
 */
struct snaps *snaps_new(int fd);

/*
 * The same, but an item goes to @sink, in the thread that takes it and one at a
 * time, and nowhere else.
 */
struct snaps *snaps_new_sink(void (*sink)(void *arg, const char *name, uint64_t ts,
					  const void *data, size_t len),
			     void *arg);

/*
 * The same, but an item goes to @write as a file would have it, in the two parts @head
 * and @data: 0 or a negative errno.
 */
struct snaps *snaps_new_writer(int (*write)(void *arg, const void *head, size_t head_len,
					    const void *data, size_t len),
			       void *arg);

/* Cuts off an item that is not whole, of a recorder that was killed. */
int snaps_repair(int fd);

/* Closes it. Returns 0 or the first error that there was, a negative errno. */
int snaps_free(struct snaps *sn);

/* The first error so far, a negative errno: an item is missing. */
int snaps_error(struct snaps *sn);

/* An item; large ones are compressed. */
void snaps_add(struct snaps *sn, const char *name, uint64_t ts,
	       const void *data, size_t len);
void snaps_printf(struct snaps *sn, const char *name, uint64_t ts,
		  const char *fmt, ...) __attribute__((format(printf, 4, 5)));

/* The file @path, if it can be read, as item @name. */
void snaps_file(struct snaps *sn, const char *name, uint64_t ts,
		const char *path);

/* uname, page size, command line, version. */
void snaps_machine(struct snaps *sn, const char *cmdline);

/*
 * meminfo, slabinfo, vmallocinfo, zoneinfo, and allocinfo with what switches it on,
 * where they are: @when is "before" or "after".
 */
void snaps_memory(struct snaps *sn, const char *when, uint64_t ts);

/*
 * modules@..., symbols@... and build-ids. @module: only the symbols of that
 * one (NULL: of all). At the start @kallsyms gets the whole text (free() it).
 */
void snaps_modules(struct snaps *sn, enum snap_when when, uint64_t ts,
		   const char *module, char **kallsyms, size_t *kallsyms_len);

/*
 * What the files of all modules import that were named so far, once. It reads and
 * unpacks them, and so belongs behind what is recorded. @command: words that may name
 * such files, up to NULL; NULL: none.
 */
void snaps_imports(struct snaps *sn, char *const *command);

/* /proc/modules shows addresses that are not all zero, or there is none. */
bool snaps_addresses_shown(void);

#endif
