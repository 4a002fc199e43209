/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * parts.h - the pieces of a recording, and the file they become
 *
 * While a recording runs, its pieces lie in the folder OUTPUT.parts:
 *
 *   info         key=value lines: owner, clock, uname
 *   head         start of a trace.dat of version 6, up to the event formats
 *   kallsyms, printk, cmdlines   texts, for the parts that follow
 *   cpu0, ...    pages of the ring buffer of each CPU
 *   stats0, ...  what the kernel counted of each CPU, at the end
 *   companion    items of companion.h
 *   reserve      room, given up when the disk is full
 *   out          the file in the making
 *   given        "printk", once pieces are given up for want of room
 *
 * Or they go to another machine as they come (wire.h), and lie there.
 *
 * Whoever is killed leaves them behind, and parts_assemble() makes a file
 * of what is there.
 */
#ifndef MODMEM_PARTS_H
#define MODMEM_PARTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct error;
struct wire;

struct parts {
	char output[4096];	/* what the file will be called */
	bool scratch;		/* in a folder of $TMPDIR; before parts_create() */
	char dir[4096 + 8];
	int fd;			/* of the folder; -1: not open */
	struct wire *wire;	/* where they go instead; the caller's */
	bool spent;		/* all that it is good for is in the output */
};

/* Where else it could go, an imperative. */
const char *parts_elsewhere(const struct parts *pa);

/*
 * Makes the folder for @output, of the recorder with tag @owner. Returns 0 or
 * a negative errno with @err set; -EEXIST: there is one.
 */
int parts_create(struct parts *pa, const char *output, const char *owner,
		 struct error *err);

/*
 * Opens one that was left behind; @output may also be the folder itself.
 * Fails if its recorder still runs.
 */
int parts_open(struct parts *pa, const char *output, struct error *err);

/* Is @name one that may come from another machine? */
bool parts_may_come(const char *name);

/* A file of the folder that did not exist, for writing. */
int parts_file(const struct parts *pa, const char *name, struct error *err);
int parts_write(const struct parts *pa, const char *name, const void *data,
		size_t len, struct error *err);

/* The same for one that is there: as it was, if that fails. */
int parts_replace(const struct parts *pa, const char *name, const void *data,
		  size_t len, struct error *err);

/* The value of @key in the text of "info"; false, and "" in @value: none. */
bool parts_info(const char *text, const char *key, char *value, size_t size);

/*
 * Notes in the pieces that something is missing, and @why. 0 or a negative errno with
 * @err set.
 */
int parts_cut(const struct parts *pa, const char *why, struct error *err);

/*
 * Makes the file: all or nothing under the name of pa->output, which it
 * replaces, and on the disk (outfile_rename()). @bytes: its size. The folder stays,
 * and may be removed if pa->spent. Where there is not room for all
 * twice, pieces are given up on the way: if it fails after that, the file is what
 * there was room for, and making it again would not be better (pa->spent).
 */
int parts_assemble(struct parts *pa, uint64_t *bytes, struct error *err);

/*
 * Removes the folder and all the files that belong into it, and closes it. 0 or a
 * negative errno with @err set: something stays.
 */
int parts_remove(struct parts *pa, struct error *err);
void parts_close(struct parts *pa);

#endif
