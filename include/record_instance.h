/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * record_instance.h - a recorder's own tracefs instance
 *
 * Its name tells whose it is: modmem-PID-START, where START is when that
 * process began (field 22 of /proc/PID/stat). What a recorder makes outside
 * of its instance (kprobes, synthetic events) has the same in its name, with
 * underscores: modmem_PID_START. So what dead recorders left behind can be
 * told from what live ones use.
 */
#ifndef MODMEM_RECORD_INSTANCE_H
#define MODMEM_RECORD_INSTANCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct error;
struct tracefs_instance;

#define RECORD_TAG_MAX 48u	/* bytes of a tag, with its end */

struct record_instance {
	char tag[RECORD_TAG_MAX];	/* modmem_PID_START */
	char name[RECORD_TAG_MAX];	/* modmem-PID-START */
	const char *tracing;		/* where tracefs is mounted */
	char dir[512];			/* of the instance */
	struct tracefs_instance *tracefs;
};

/* What a tag or name says. */
struct record_owner {
	uint64_t pid;
	uint64_t start;			/* clock ticks since boot */
};

/* The tag of this process. 0 or a negative errno with @err set. */
int record_tag(char tag[RECORD_TAG_MAX], struct error *err);

/* The tracing directory, mounted if need be; NULL with @err set. */
const char *record_tracing_dir(struct error *err);

/* A negative errno for what libtracefs returned NULL for. */
int record_tracefs_errno(void);

/*
 * Somebody may have unmounted tracefs under a recorder (umount -l): all that is in it goes
 * on. Mounts it again at the same place, so that it can be taken down.
 */
void record_tracing_back(const struct record_instance *ri);

/* Makes the instance, with tracing off. Returns 0 or a negative errno. */
int record_instance_create(struct record_instance *ri, struct error *err);

/*
 * Stops tracing and removes the instance. Returns 0 or a negative errno with
 * @err set; does nothing if it was never made, or is gone.
 */
int record_instance_destroy(struct record_instance *ri, struct error *err);

/*
 * Writes @text to @file of the instance, in one go. Returns 0 or a negative
 * errno, without a message.
 */
int record_instance_write(const struct record_instance *ri, const char *file,
			  const char *text);

/* The text of @file of the instance (free() it), NULL: errno says why. */
char *record_instance_read(const struct record_instance *ri, const char *file);

/*
 * Reads modmem-PID-START or modmem_PID_START, with "-..." or "_..." allowed
 * behind it. False: it is none, or not one that a recorder makes.
 */
bool record_owner_parse(const char *name, struct record_owner *owner);

/* When process @pid began, 0: there is none, or it is dead and nobody asked for it yet. */
uint64_t record_process_start(uint64_t pid);

/* Does the process that made it still run? */
bool record_owner_alive(const struct record_owner *owner);

/*
 * Removes the instances of dead recorders, counted in @removed. Returns 0, or
 * a negative errno with @err set if one cannot be removed.
 */
int record_instances_clean(unsigned int *removed, struct error *err);

#endif
