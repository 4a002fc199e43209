// SPDX-License-Identifier: GPL-2.0-or-later
#include "filters.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "memstream.h"
#include "narrow.h"
#include "record_events.h"
#include "record_instance.h"
#include "tracefilter.h"

/* The filter that is at the end of a line, as filter and trigger files show it. */
static bool ends_in(const char *line, const char *own)
{
	size_t len = strlen(line), own_len = own ? strlen(own) : 0;

	return own_len && len >= own_len && !strcmp(line + len - own_len, own);
}

static bool is_own(const char *line, const struct narrowed *own)
{
	return own && (ends_in(line, own->sites) || ends_in(line, own->pages) ||
		       ends_in(line, own->frees));
}

/* Puts "FILE:LINE" of each of its lines that leaves something out. 0 or -errno. */
static int copy_lines(FILE *out, const struct record_instance *ri, const char *file,
		      const struct narrowed *own)
{
	char *text = record_instance_read(ri, file), *save;

	/* this kernel does not have it */
	if (!text)
		return errno == ENOENT ? 0 : -errno;
	for (char *line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
		struct tracefilter f;
		char *whole;
		int len = asprintf(&whole, "%s:%s", file, line);

		if (len < 0) {
			free(text);
			return -ENOMEM;
		}
		if (!is_own(line, own) && tracefilter_parse(whole, (size_t)len, &f) &&
		    f.kind != TRACEFILTER_NONE)
			fprintf(out, "%s\n", whole);
		free(whole);
	}
	free(text);
	return 0;
}

static int copy_mask(FILE *out, const struct record_instance *ri)
{
	static const char file[] = "tracing_cpumask";
	char *mask = record_instance_read(ri, file);
	long cpus = sysconf(_SC_NPROCESSORS_CONF);

	if (!mask)
		return errno == ENOENT ? 0 : -errno;
	mask[strcspn(mask, "\n")] = '\0';
	if (tracefilter_lacks_cpus(mask, cpus > 0 ? (uint32_t)cpus : 1))
		fprintf(out, "%s:%s\n", file, mask);
	free(mask);
	return 0;
}

int record_filters(const struct record_instance *ri, const struct record_events *re,
		   const struct narrowed *own, char **text, size_t *len)
{
	static const char *const files[] = { "filter", "trigger", "enable" };
	FILE *out = open_memstream(text, len);
	int ret = 0;

	if (!out)
		return -ENOMEM;
	for (unsigned int i = 0; i < re->n_names && !ret; i++)
		for (size_t j = 0; j < sizeof(files) / sizeof(files[0]) && !ret; j++) {
			char file[256];

			snprintf(file, sizeof(file), "events/%s/%s", re->names[i], files[j]);
			ret = copy_lines(out, ri, file, own);
		}
	if (!ret)
		ret = copy_lines(out, ri, "set_event_pid", NULL);
	if (!ret)
		ret = copy_lines(out, ri, "set_event_notrace_pid", NULL);
	if (!ret)
		ret = copy_mask(out, ri);
	if (memstream_close(out, text) && !ret)
		ret = -ENOMEM;
	if (ret) {
		free(*text);
		*text = NULL;
	}
	return ret;
}
