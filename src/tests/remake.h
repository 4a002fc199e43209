/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * remake.h - a recording of trace-cmd, as modmem would have written it
 */
#ifndef MODMEM_TESTS_REMAKE_H
#define MODMEM_TESTS_REMAKE_H

/*
 * Takes the recording @from, of version 6 with one buffer, apart and puts it
 * together with the recorder's own code, as the file @to: the same head,
 * symbols and pages, and a section with the symbols of modules. Aborts if that
 * is not possible.
 */
void remake(const char *from, const char *to);

#endif
