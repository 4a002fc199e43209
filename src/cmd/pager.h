/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * pager.h - long output in a terminal, a screen at a time
 */
#ifndef MODMEM_PAGER_H
#define MODMEM_PAGER_H

#include <stdbool.h>

/*
 * From now on what goes to stdout, and to stderr if that is a terminal too, goes
 * through $PAGER (less, with LESS=FRX unless it is set: what fits the screen it only
 * prints), as git and perf do it. Only if stdout is a terminal that can do so and @wanted;
 * ask for the terminal's width and colours before. If no pager can be started
 * all stays as it was.
 */
void pager_start(bool wanted);

/* Ends the output, and waits until who reads it has seen enough. */
void pager_end(void);

#endif
