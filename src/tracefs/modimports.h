/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * modimports.h - the symbols that loaded modules' files take from others
 *
 * The files are looked for by name below /lib/modules/RELEASE, and among those that
 * the command which is recorded names. One is believed that has the build id of what
 * is loaded; where that has none, the only one that was built for this kernel.
 */
#ifndef MODMEM_TRACEFS_MODIMPORTS_H
#define MODMEM_TRACEFS_MODIMPORTS_H

#include <stddef.h>

#include "buildid.h"

struct loaded_module {
	char name[256];
	char build_id[BUILDID_TEXT];	/* hex, "": has none */
};

/*
 * A line of companion.h's "imports" for each of @modules, into *@text, to be freed.
 * @command: words that may name files, up to NULL; NULL: none. 0 or -ENOMEM.
 */
int module_files_imports(const struct loaded_module *modules, size_t n,
			 char *const *command, char **text, size_t *len);

#endif
