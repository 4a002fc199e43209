/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * inittext.h - the functions in a module's init text, from its file
 *
 * kallsyms has them only while init runs: do_init_module() (kernel/module/main.c) drops
 * them with the text. So whoever copies kallsyms a moment later has none of them, or, of
 * a kernel that traces functions, those that ftrace keeps (save_ftrace_mod_rec()).
 */
#ifndef MODMEM_INITTEXT_H
#define MODMEM_INITTEXT_H

#include <stdbool.h>
#include <stddef.h>

struct elffile;

#define INITTEXT_SECTION ".init.text"

/*
 * What lies in the section, as lines of kallsyms for module @name with offsets into it
 * for addresses; the last one is no function and stands where it ends. To be freed. NULL:
 * @ef has no such section, or no symbols; or no memory.
 */
char *inittext_read(const struct elffile *ef, const char *name, size_t *len);

/*
 * On @machine (as uname -m has it, NULL: not known) the section begins the region that
 * the loader makes for init text; elsewhere it may put stubs in front.
 */
bool inittext_is_first(const char *machine);

#endif
