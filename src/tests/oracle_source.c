// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * oracle_source.c - is every record what libtracecmd says it is?
 *
 * Usage: oracle_source FILE...
 * Compares source.h with libtracecmd record for record: CPU, time stamp,
 * size, bytes, lost events. Exits 1 on any difference.
 *
 * One difference is libtracecmd's: it tells of lost events only if the very
 * first entry of a page is a record, and not, say, a time extend. Such losses
 * are counted apart.
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <event-parse.h>
#include <trace-cmd.h>

#include "error.h"
#include "source.h"

struct tally {
	uint64_t records;
	uint64_t lost_marks;	/* both tell of a loss */
	uint64_t lost_more;	/* only source.h does */
};

static int differ(const struct source_info *info, uint32_t buffer,
		  uint32_t cpu, uint64_t n, const char *what,
		  unsigned long long theirs, unsigned long long ours)
{
	fprintf(stderr,
		"%s: buffer \"%s\" CPU %u record %llu: %s: libtracecmd %llu (%#llx), source %llu (%#llx)\n",
		info->path, info->buffers[buffer].name, cpu,
		(unsigned long long)n, what, theirs, theirs, ours, ours);
	return -1;
}

/* libtracecmd: offset of the record's entry in the file (or a made-up one). */
static bool is_first_entry(const struct tep_record *rec, uint32_t page_size)
{
	return rec->offset % page_size <= 16;
}

static int compare_lost(const struct tep_record *rec, uint32_t page_size,
			const struct source_record *ours, struct tally *tally)
{
	uint64_t theirs = rec->missed_events < 0 ? SOURCE_LOST_UNKNOWN :
			  (uint64_t)rec->missed_events;

	if (theirs == ours->lost) {
		tally->lost_marks += !!theirs;
		return 0;
	}
	if (!theirs && !is_first_entry(rec, page_size)) {
		tally->lost_more++;
		return 0;
	}
	return -1;
}

static int compare_stream(struct source *src, size_t i,
			  struct tracecmd_input *handle, struct tally *tally)
{
	const struct source_info *info = source_info(src);
	uint32_t buffer = source_stream_buffer(src, i);
	uint32_t cpu = source_stream_cpu(src, i);
	struct source_record ours;
	struct error err;
	uint64_t n;

	for (n = 0; ; n++) {
		struct tep_record *rec = tracecmd_read_data(handle, (int)cpu);
		int ret = source_next(src, i, &ours, &err);
		int bad = 0;

		if (ret < 0) {
			fprintf(stderr, "%s\n", err.text);
			return -1;
		}
		if (ret && !ours.len) {
			tally->lost_more++;
			ret = source_next(src, i, &ours, &err);
		}
		if (!rec && !ret)
			return 0;
		if (!rec || !ret)
			return differ(info, buffer, cpu, n, "is there",
				      rec != NULL, (unsigned int)ret);
		if (rec->cpu != (int)cpu)
			bad = differ(info, buffer, cpu, n, "CPU",
				     (unsigned int)rec->cpu, cpu);
		else if (rec->ts != ours.ts)
			bad = differ(info, buffer, cpu, n, "time stamp",
				     rec->ts, ours.ts);
		else if (rec->size != (int)ours.len)
			bad = differ(info, buffer, cpu, n, "size",
				     (unsigned int)rec->size, ours.len);
		else if (memcmp(rec->data, ours.data, ours.len) != 0)
			bad = differ(info, buffer, cpu, n, "bytes", 0, 0);
		else if (compare_lost(rec, info->buffers[buffer].page_size,
				      &ours, tally))
			bad = differ(info, buffer, cpu, n, "lost events",
				     (unsigned long long)rec->missed_events,
				     ours.lost);
		tracecmd_free_record(rec);
		if (bad)
			return bad;
		tally->records++;
	}
}

/* The handle of the buffer with this name; NULL if there is none. */
static struct tracecmd_input *buffer_handle(struct tracecmd_input *top,
					    const char *name)
{
	int i;

	if (!*name)
		return top;
	for (i = 0; i < tracecmd_buffer_instances(top); i++) {
		if (!strcmp(tracecmd_buffer_instance_name(top, i), name))
			return tracecmd_buffer_instance_handle(top, i);
	}
	return NULL;
}

static int compare_file(const char *path, struct tally *tally)
{
	struct tracecmd_input *top, *handle = NULL;
	const struct source_info *info;
	uint32_t last = UINT32_MAX;
	struct source *src;
	struct error err;
	int ret = 0;
	size_t i;

	src = source_open(path, &err);
	if (!src) {
		fprintf(stderr, "%s\n", err.text);
		return -1;
	}
	top = tracecmd_open(path, TRACECMD_FL_LOAD_NO_PLUGINS);
	if (!top) {
		fprintf(stderr, "%s: libtracecmd cannot open it\n", path);
		source_close(src);
		return -1;
	}

	info = source_info(src);
	if (tep_get_header_page_size(tracecmd_get_tep(top)) !=
	    (int)info->long_size) {
		fprintf(stderr, "%s: long size differs\n", path);
		ret = -1;
	}
	for (i = 0; !ret && i < source_streams(src); i++) {
		uint32_t buffer = source_stream_buffer(src, i);

		if (buffer != last) {
			if (handle && handle != top)
				tracecmd_close(handle);
			handle = buffer_handle(top, info->buffers[buffer].name);
			last = buffer;
		}
		if (!handle) {
			fprintf(stderr, "%s: libtracecmd has no buffer \"%s\"\n",
				path, info->buffers[buffer].name);
			ret = -1;
			break;
		}
		ret = compare_stream(src, i, handle, tally);
	}
	if (handle && handle != top)
		tracecmd_close(handle);
	tracecmd_close(top);
	source_close(src);
	return ret;
}

int main(int argc, char **argv)
{
	int i, ret = 0;

	for (i = 1; i < argc; i++) {
		struct tally tally = { 0, 0, 0 };

		if (compare_file(argv[i], &tally))
			ret = 1;
		printf("%s: %llu records equal, %llu losses told by both, %llu only by source\n",
		       argv[i], (unsigned long long)tally.records,
		       (unsigned long long)tally.lost_marks,
		       (unsigned long long)tally.lost_more);
	}
	return ret;
}
