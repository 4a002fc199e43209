/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * complete.h - "modmem --complete WORD...": what a shell can offer
 *
 * The words are those of the command line after "modmem", up to the one that is to
 * be completed, which may be empty. Prints one candidate a line, the whole word,
 * with what it means after a tab if that is known; and what the shell does itself:
 *
 *   :files, :dirs   names of files, of folders
 *   :nospace        the word may go on: it is a list
 *   :command N      word N (from 0) begins another command
 */
#ifndef MODMEM_COMPLETE_H
#define MODMEM_COMPLETE_H

#include <stddef.h>
#include <stdio.h>

struct completion {
	char **words;		/* words[0] is the command */
	size_t n;		/* before the one to be completed */
	const char *word;	/* that one */
	size_t kept;		/* bytes of it that stay as they are: "a," of "a,b" */
	FILE *out;
};

void complete(int argc, char **argv, FILE *out);

/* Offers @text, if the word can go on so. @help: what it means, or NULL. */
void complete_add(const struct completion *c, const char *text, const char *help);

/* For optdesc.suggest: columns of the report's --by, clocks of the kernel. */
void suggest_columns(const struct completion *c);
void suggest_clocks(const struct completion *c);

#endif
