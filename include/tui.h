/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * tui.h - lines on a terminal (ncurses)
 *
 * Knows nothing of what it shows. The terminal is as it was before after
 * tui_close(), and also when a fatal signal ends the program.
 */
#ifndef MODMEM_TUI_H
#define MODMEM_TUI_H

#include <stdbool.h>
#include <stddef.h>

struct error;

enum tui_look {
	TUI_PLAIN,
	TUI_DIM,
	TUI_BOLD,
	TUI_TITLE,
	TUI_CURSOR,
	TUI_WARNING,
};

/* Takes the terminal over: 0 or a negative errno with @err set. */
int tui_open(struct error *err);
void tui_close(void);

/* Columns and lines, as they are now; after a change of size: see tui_resize(). */
void tui_size(unsigned int *width, unsigned int *height);

/* The terminal has another size (SIGWINCH). */
void tui_resize(void);

/*
 * A frame: tui_begin(), lines in any order, tui_end(). What does not fit is cut
 * off.
 */
void tui_begin(void);
void tui_line(unsigned int y, const char *text, enum tui_look look);
void tui_end(void);

/* A key that was pressed, as top_ui.h has them; -1: none. Does not wait. */
int tui_key(void);

#endif
