/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * root.h - goes along when the machine gets another root directory
 *
 * A process that an initramfs started keeps its root there when the machine switches to
 * the real one: /proc, /sys and /run have been moved away, and the new root lies over the
 * old one (switch_root(8), run-init of klibc). ".." of a root directory is that directory,
 * but with what is mounted over it (fs/namei.c, handle_dots()), so "/.." is the new one.
 * pivot_root(2) changes the root of all processes by itself.
 */
#ifndef MODMEM_WATCH_ROOT_H
#define MODMEM_WATCH_ROOT_H

#include <stdbool.h>

/* Goes to the new root, with all threads, if there is one. */
void root_follow(void);

/*
 * Is it being changed: /sys has been moved away, or the new root is there? What is read
 * by path then is not to be found, for a moment.
 */
bool root_changes(void);

#endif
