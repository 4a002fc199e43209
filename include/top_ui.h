/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * top_ui.h - what keys do to the screen of "modmem top", without a terminal
 */
#ifndef MODMEM_TOP_UI_H
#define MODMEM_TOP_UI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "top.h"

/* Keys that are no characters. */
enum top_key {
	TOP_KEY_UP = 0x10000,
	TOP_KEY_DOWN,
	TOP_KEY_LEFT,
	TOP_KEY_RIGHT,
	TOP_KEY_PAGE_UP,
	TOP_KEY_PAGE_DOWN,
	TOP_KEY_HOME,
	TOP_KEY_END,
	TOP_KEY_ENTER,
	TOP_KEY_BACKSPACE,
	TOP_KEY_ESCAPE,
	TOP_KEY_HELP,
};

struct top_ui {
	struct top_view view;
	size_t cursor;		/* row */
	size_t first;		/* row at the top of the screen */
	size_t page;		/* rows on the screen, as of the last draw */
	char selected[1024];	/* what the cursor is on; "": it stays at the top */
	bool editing;		/* the filter is being typed */
	bool help;
	bool save;		/* a report of this moment is wanted */
	bool quit;
	char message[200];	/* at the bottom until the next key; "": none */
	double delay;		/* seconds; keys change it */
};

/* A line of the help text, NULL past the last one. */
const char *top_ui_help(size_t i);

/* What is at the bottom: keys, or the filter being typed. */
void top_ui_footer(const struct top_ui *ui, const struct top_style *style,
		   char line[TOP_LINE_MAX]);

/* 0 or -ENOMEM. Rows of @t may be others afterwards. */
int top_ui_key(struct top_ui *ui, struct top *t, int key);

/*
 * Rows as top_rows(), with the cursor on what it was on before, and scrolled so
 * that @page rows from ui->first show it. NULL: no memory.
 */
const struct top_row *top_ui_rows(struct top_ui *ui, struct top *t, size_t page, size_t *n);

#endif
