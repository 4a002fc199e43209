/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * buildid.h - the GNU build id among ELF notes
 *
 * elf(5), "Notes": u32 name size, u32 description size, u32 type, name,
 * description, each of the last two filled up to 4 bytes. Sections of a file have
 * them, and /sys/module/NAME/notes/ and /sys/kernel/notes.
 */
#ifndef MODMEM_BUILDID_H
#define MODMEM_BUILDID_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define BUILDID_MAX	64u	/* bytes; 20 (sha1) are usual, 8 and 16 there are */
#define BUILDID_TEXT	(2 * BUILDID_MAX + 1)

/* In hex, the @len bytes (BUILDID_MAX at most) at @id. */
void buildid_hex(char text[BUILDID_TEXT], const uint8_t *id, size_t len);

/* Writes it in hex; false: there is none in these @len bytes. */
bool buildid_find(const uint8_t *notes, size_t len, bool big_endian,
		  char text[BUILDID_TEXT]);

#endif
