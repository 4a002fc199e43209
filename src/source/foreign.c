// SPDX-License-Identifier: GPL-2.0-or-later
#include "foreign.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include "error.h"

#define RECORD_IT "record with modmem record, trace-cmd record -e kmem -T, or perf record -e 'kmem:*' -g -a"
#define PACKETS	4u	/* so many of a protobuf one behind the other are no accident */

/* What a file begins with, at @at. */
static const struct {
	size_t at, len;
	const char *magic;
	const char *what, *advice;
} magics[] = {
	{ 257, 5, "ustar", "a tar archive", "unpack it first" },
	{ 0, 4, "\xc1\x1f\xfc\xc1", "part of a CTF trace (LTTng)", RECORD_IT },
	{ 0, 4, "\xc1\xfc\x1f\xc1", "part of a CTF trace (LTTng)", RECORD_IT },
	{ 0, 4, "\x57\x1d\xd1\x75", "the metadata of a CTF trace (LTTng)", RECORD_IT },
	{ 0, 4, "\x75\xd1\x1d\x57", "the metadata of a CTF trace (LTTng)", RECORD_IT },
	{ 0, 6, "/* CTF", "the metadata of a CTF trace (LTTng)", RECORD_IT },
	{ 0, 16, "SQLite format 3", "an SQLite database",
	  "give the recording that it was made of, or " RECORD_IT },
	{ 0, 4, "\xd4\xc3\xb2\xa1", "a capture of network packets (pcap)", RECORD_IT },
	{ 0, 4, "\xa1\xb2\xc3\xd4", "a capture of network packets (pcap)", RECORD_IT },
	{ 0, 4, "\x4d\x3c\xb2\xa1", "a capture of network packets (pcap)", RECORD_IT },
	{ 0, 4, "\x0a\x0d\x0d\x0a", "a capture of network packets (pcapng)", RECORD_IT },
	{ 0, 4, "\x7f" "ELF", "a program, module or core dump (ELF)",
	  "give a recording, and this with --vmlinux or --module-dir if it has its symbols" },
	{ 0, 8, "KDUMP   ", "a dump of a kernel's memory (makedumpfile)",
	  "save the trace that is in it with crash's command trace, or " RECORD_IT },
};

/* What a text has in one of its lines. */
static const struct {
	const char *mark, *what, *advice;
} marks[] = {
	{ " kmem:kmalloc(call_site: ", "the text of perf trace, which has no stacks", RECORD_IT },
	{ " kmem:kfree(call_site: ", "the text of perf trace, which has no stacks", RECORD_IT },
	{ " kmem:mm_page_alloc(", "the text of perf trace, which has no stacks", RECORD_IT },
	{ " kmem_kmalloc: { ", "the text of babeltrace (LTTng)", RECORD_IT },
	{ " kmem_kfree: { ", "the text of babeltrace (LTTng)", RECORD_IT },
	{ "| Total_alloc/Per | Total_req/Per ", "the table of perf kmem stat, which has no events",
	  "give the perf.data that it was made of" },
};

/* ... and at the line's start. */
static const struct {
	const char *line, *what, *advice;
} texts[] = {
	{ "# event histogram", "the text of a hist trigger, which counts events and has none of them",
	  RECORD_IT },
	{ "# trigger info: hist:", "the text of a hist trigger, which counts events and has none of them",
	  RECORD_IT },
	{ "unreferenced object 0x", "the text of kmemleak, which is no recording of events", RECORD_IT },
	{ "Page allocated via order ", "the text of page_owner, which is no recording of events",
	  RECORD_IT },
	{ "allocinfo - version:", "the text of /proc/allocinfo, which is no recording of events",
	  RECORD_IT },
	{ "slabinfo - version:", "the text of /proc/slabinfo, which is no recording of events",
	  RECORD_IT },
};

static int tell(const char *name, const char *what, const char *advice, struct error *err)
{
	return error_set(err, -EINVAL, "%s: %s: %s", name, what, advice);
}

/* A line of the text begins with @what. */
static bool has_line(const char *text, size_t len, const char *what)
{
	const char *end = text + len, *at = text;
	size_t n = strlen(what);

	while (at < end && (at = memmem(at, (size_t)(end - at), what, n))) {
		if (at == text || at[-1] == '\n')
			return true;
		at += n;
	}
	return false;
}

/*
 * Perfetto's trace is a list of packets: each a byte 0x0a (field 1, of a length), that
 * length in groups of seven bits, and as many bytes.
 */
static bool is_perfetto(const uint8_t *data, size_t len)
{
	size_t at = 0;

	for (unsigned int n = 0; n < PACKETS; n++) {
		uint64_t size = 0;
		unsigned int shift = 0;

		if (at >= len)
			return n > 1 && at == len;
		if (data[at++] != 0x0a)
			return false;
		do {
			if (at >= len || shift > 28)
				return false;
			size |= (uint64_t)(data[at] & 0x7f) << shift;
			shift += 7;
		} while (data[at++] & 0x80);
		if (!size || size > len - at)
			return size && n > 1;
		at += (size_t)size;
	}
	return true;
}

static bool begins(const char *text, size_t len, const char *what)
{
	size_t blanks = 0;

	while (blanks < len && strchr(" \t\r\n", text[blanks]) && text[blanks])
		blanks++;
	return len - blanks >= strlen(what) && !memcmp(text + blanks, what, strlen(what));
}

int foreign_file(const char *name, const void *data, size_t len, struct error *err)
{
	for (size_t i = 0; i < sizeof(magics) / sizeof(magics[0]); i++)
		if (len >= magics[i].at + magics[i].len &&
		    !memcmp((const char *)data + magics[i].at, magics[i].magic, magics[i].len))
			return tell(name, magics[i].what, magics[i].advice, err);
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		if (has_line(data, len, texts[i].line))
			return tell(name, texts[i].what, texts[i].advice, err);
	for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++)
		if (memmem(data, len, marks[i].mark, strlen(marks[i].mark)))
			return tell(name, marks[i].what, marks[i].advice, err);
	if (begins(data, len, "{"))
		return tell(name, "JSON, which is no recording",
			    "a saved report is read by its path",
			    err);
	if (is_perfetto(data, len))
		return tell(name, "a trace of Perfetto (protobuf)", RECORD_IT, err);
	return 0;
}

int foreign_folder(const char *name, int dir, struct error *err)
{
	static const char *const ctf[] = {
		"metadata", "kernel/metadata", "kernel/index", "ust/uid",
	};

	for (size_t i = 0; i < sizeof(ctf) / sizeof(ctf[0]); i++)
		if (!faccessat(dir, ctf[i], F_OK, 0))
			return tell(name, "the folder of a CTF trace (LTTng)", RECORD_IT, err);
	return 0;
}
