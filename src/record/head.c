// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * head.c - the start of a trace.dat of version 6 (trace-cmd.dat.v6(5))
 *
 *	17 08 44 "tracing6\0", u8 byte order, u8 size of long, u32 page size
 *	"header_page\0" u64 size, text; "header_event\0" u64 size, text
 *	u32 count; of each ftrace event: u64 size, text of its format
 *	u32 systems; of each: name\0, u32 count; of each event: u64 size, text
 *
 * in the byte order of this machine.
 */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "error.h"
#include "head.h"
#include "memstream.h"
#include "record_files.h"
#include "parts.h"

struct head {
	FILE *out;
	const char *events;	/* the folder "events" */
	const char *instance;	/* that of the buffer's */
	char file[1024];	/* of these, the one read last */
};

/* u64 size, text of the file in @folder. Returns 0 or a negative errno. */
static int put_text(struct head *head, const char *folder, const char *name)
{
	uint64_t size;
	size_t len;
	char *text;

	snprintf(head->file, sizeof(head->file), "%s/%s", folder, name);
	text = file_read(head->file, &len);
	if (!text)
		return -errno;
	size = len;
	fwrite(&size, sizeof(size), 1, head->out);
	fwrite(text, len, 1, head->out);
	free(text);
	return 0;
}

static void put_u32(struct head *head, uint32_t value)
{
	fwrite(&value, sizeof(value), 1, head->out);
}

static int put_start(struct head *head)
{
	static const char magic[] = "\x17\x08\x44" "tracing6";
	const uint16_t one = 1;
	int ret;

	fwrite(magic, sizeof(magic), 1, head->out);
	putc(*(const uint8_t *)&one ? 0 : 1, head->out);
	putc(sizeof(long), head->out);
	put_u32(head, (uint32_t)sysconf(_SC_PAGESIZE));
	fwrite("header_page", sizeof("header_page"), 1, head->out);
	/* other buffers can have pages of another size (buffer_subbuf_size_kb) */
	ret = put_text(head, head->instance, "events/header_page");
	if (ret)
		return ret;
	fwrite("header_event", sizeof("header_event"), 1, head->out);
	return put_text(head, head->events, "header_event");
}

static int put_ftrace(struct head *head)
{
	char *const path = head->file;
	struct dirent **entries;
	uint32_t count = 0;
	int n, ret = 0;

	snprintf(path, sizeof(head->file), "%s/ftrace", head->events);
	n = scandir(path, &entries, NULL, alphasort);
	if (n < 0)
		return -errno;
	for (int pass = 0; pass < 2; pass++) {
		if (pass)
			put_u32(head, count);
		for (int i = 0; i < n && !ret; i++) {
			char name[300];

			snprintf(name, sizeof(name), "ftrace/%s/format",
				 entries[i]->d_name);
			snprintf(path, sizeof(head->file), "%s/%s", head->events, name);
			if (entries[i]->d_name[0] == '.' || access(path, R_OK))
				continue;
			if (pass)
				ret = put_text(head, head->events, name);
			else
				count++;
		}
	}
	while (n--)
		free(entries[n]);
	free(entries);
	return ret;
}

static bool same_system(const char *a, const char *b)
{
	size_t len = strcspn(a, "/");

	return strcspn(b, "/") == len && !strncmp(a, b, len);
}

/* The first of its system? */
static bool is_first(const char *const *events, size_t i)
{
	for (size_t j = 0; j < i; j++)
		if (same_system(events[i], events[j]))
			return false;
	return true;
}

static int put_system(struct head *head, const char *const *events, size_t first)
{
	uint32_t count = 0;
	int ret = 0;

	fwrite(events[first], strcspn(events[first], "/"), 1, head->out);
	putc('\0', head->out);
	for (size_t i = first; events[i]; i++)
		count += same_system(events[i], events[first]);
	put_u32(head, count);
	for (size_t i = first; events[i] && !ret; i++) {
		char name[300];

		if (!same_system(events[i], events[first]))
			continue;
		snprintf(name, sizeof(name), "%s/format", events[i]);
		ret = put_text(head, head->events, name);
	}
	return ret;
}

static int put_events(struct head *head, const char *const *events)
{
	uint32_t systems = 0;
	int ret = 0;

	for (size_t i = 0; events[i]; i++)
		systems += is_first(events, i);
	put_u32(head, systems);
	for (size_t i = 0; events[i] && !ret; i++)
		if (is_first(events, i))
			ret = put_system(head, events, i);
	return ret;
}

int parts_head(const struct parts *pa, const char *tracing, const char *instance,
	       const char *const *events, struct error *err)
{
	struct head head = { .instance = instance };
	char folder[512];
	char *data = NULL;
	size_t len = 0;
	int ret;

	snprintf(folder, sizeof(folder), "%s/events", tracing);
	head.events = folder;
	head.out = open_memstream(&data, &len);
	if (!head.out)
		return error_set(err, -ENOMEM, "not enough memory");
	ret = put_start(&head);
	if (!ret)
		ret = put_ftrace(&head);
	if (!ret)
		ret = put_events(&head, events);
	if (memstream_close(head.out, &data) && !ret)
		ret = -ENOMEM;
	if (ret)
		error_set(err, ret, "%s: %s", head.file, strerror(-ret));
	else
		ret = parts_write(pa, "head", data, len, err);
	free(data);
	return ret;
}
