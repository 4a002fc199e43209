// SPDX-License-Identifier: GPL-2.0-or-later
#include "inittext.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "elffile.h"
#include "elfsyms.h"
#include "memstream.h"
#include "modlayout.h"

static bool is_printable(const char *name)
{
	while (isgraph((unsigned char)*name))
		name++;
	return !*name;
}

char *inittext_read(const struct elffile *ef, const char *name, size_t *len)
{
	const struct elf_section *section = elffile_find(ef, INITTEXT_SECTION);
	struct elfsyms *es = section && section->size ? elfsyms_new(ef, NULL) : NULL;
	char *text = NULL;
	FILE *out = es ? open_memstream(&text, len) : NULL;

	for (size_t i = 0; out && i < elfsyms_count(es); i++) {
		const struct elf_symbol *s = elfsyms_at(es, i);

		if (elffile_section(ef, s->section) == section && s->value < section->size &&
		    is_printable(s->name))
			fprintf(out, "%016" PRIx64 " %c %s\t[%s]\n", s->value,
				s->global ? 'T' : 't', s->name, name);
	}
	if (out)
		fprintf(out, "%016" PRIx64 " d " INITTEXT_SECTION "\t[%s]\n", section->size, name);
	elfsyms_free(es);
	if (out)
		memstream_close(out, &text);
	return text;
}

bool inittext_is_first(const char *machine)
{
	return !modlayout_loader_adds(machine);
}
