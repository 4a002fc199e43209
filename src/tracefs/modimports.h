/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * modimports.h - what loaded modules' files say: the symbols that they take from others,
 * and the names of what is in init text
 *
 * The files are looked for by name below /lib/modules/RELEASE, and among those that
 * the command which is recorded names. One is believed that has the build id of what
 * is loaded; where that has none, the only one that was built for this kernel.
 */
#ifndef MODMEM_TRACEFS_MODIMPORTS_H
#define MODMEM_TRACEFS_MODIMPORTS_H

#include <stdbool.h>
#include <stddef.h>

#include "buildid.h"

struct loaded_module {
	char name[256];
	char build_id[BUILDID_TEXT];	/* hex, "": has none */
	bool init;			/* its init text is wanted */
	char *init_symbols;		/* inittext.h, to be freed; NULL: not known */
};

/*
 * A line of companion.h's "imports" for each of @modules, into *@text, to be freed, and
 * their @init_symbols. @command: words that may name files, up to NULL; NULL: none. 0 or
 * -ENOMEM.
 */
int module_files_imports(struct loaded_module *modules, size_t n,
			 char *const *command, char **text, size_t *len);

#endif
