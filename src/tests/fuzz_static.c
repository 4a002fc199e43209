// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * fuzz_static.c - any file as a kernel module whose layout is asked for, and any
 * text as names of sections
 */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "elffile.h"
#include "error.h"
#include "modlayout.h"
#include "modstatic.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void lay_out(const struct elffile *ef, const char *release)
{
	struct modstatic ms = modstatic_none;
	struct modlayout ml;

	modlayout_read(&ml, ef, release, 16384);
	for (size_t i = 1; i < elffile_sections(ef); i++)
		assert(modlayout_region(ef, i, release) < MOD_REGIONS);
	modstatic_layout(&ms, &ml, 4);
	assert(ms.areas <= 4);
	modstatic_lsmod(&ms, 234750, 16384, release);
	modstatic_layout(&ms, &ml, 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct modstatic ms = modstatic_none;
	struct error err;
	struct elffile *ef = elffile_memory("fuzz", data, size, &err);

	if (ef) {
		lay_out(ef, NULL);
		lay_out(ef, "6.1.0");
		lay_out(ef, "6.15.0");
	}
	elffile_close(ef);
	modstatic_lsmod(&ms, size, 4096, "6.12.0");
	modstatic_sections(&ms, (const char *)data, size, 4096, "6.12.0");
	assert(ms.areas <= 4);
	modstatic_text_shared((const char *)data, size, 4096);
	return 0;
}

#include "fuzz_main.h"
