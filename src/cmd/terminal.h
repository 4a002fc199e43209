/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * terminal.h - what standard output is, if it is a terminal
 */
#ifndef MODMEM_TERMINAL_H
#define MODMEM_TERMINAL_H

#include <stdbool.h>

/* Columns; 0: no terminal, or it does not say. */
unsigned int terminal_width(void);

/* A terminal, and NO_COLOR (https://no-color.org) is not set. */
bool terminal_color(void);

#endif
