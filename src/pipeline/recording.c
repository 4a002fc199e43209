// SPDX-License-Identifier: GPL-2.0-or-later
#include "recording.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "companion_read.h"
#include "error.h"
#include "foreign.h"
#include "packed.h"
#include "packedfile.h"
#include "pageowner.h"
#include "perfdata.h"
#include "parts.h"
#include "record_instance.h"
#include "replay.h"
#include "source.h"
#include "tempfile.h"
#include "textlog.h"
#include "wire.h"

#define MAGIC "\x17\x08\x44" "tracing"	/* trace-cmd.dat.v7(5), INITIAL FORMAT */

static bool is_tracedat(const char *head, size_t len)
{
	return len >= sizeof(MAGIC) - 1 && !memcmp(head, MAGIC, sizeof(MAGIC) - 1);
}

/* Up to TEXTLOG_HEAD_MAX bytes. Of a pipe: what came first, with a line's end. */
static ssize_t read_head(const struct replay_opts *opts, int fd, char *head)
{
	size_t have = 0;

	while (have < TEXTLOG_HEAD_MAX && !(opts->stop && *opts->stop)) {
		ssize_t n = read(fd, head + have, TEXTLOG_HEAD_MAX - have);

		if (n < 0 && errno == EINTR)
			continue;
		/* the kernel's page_owner: no room for a whole entry (read_page_owner()) */
		if (n < 0 && errno == ENOMEM && have)
			break;
		if (n < 0)
			return -errno;
		have += (size_t)n;
		if (!n || is_tracedat(head, have) || perfdata_is(head, have) ||
		    wire_is(head, have) ||
		    (have >= sizeof(MAGIC) && textlog_is_text(head, have)))
			break;
	}
	return (ssize_t)have;
}

/* Is there a line of a trace behind the head, which is a console's, for instance? */
static bool text_follows(const struct replay_opts *opts, int fd, char *buf)
{
	const off_t overlap = 4096;	/* a line that is in two pieces */
	ssize_t n;

	for (off_t at = TEXTLOG_HEAD_MAX - overlap; at < TEXTLOG_SEARCH_MAX;
	     at += TEXTLOG_HEAD_MAX - overlap) {
		if (opts->stop && *opts->stop)
			return false;
		n = pread(fd, buf, TEXTLOG_HEAD_MAX, at);
		if (n <= 0 || textlog_is_binary(buf, (size_t)n))
			return false;
		if (textlog_is_text(buf, (size_t)n))
			return true;
	}
	return false;
}

static bool is_text(const struct replay_opts *opts, int fd, const char *head, size_t len)
{
	char *buf;
	bool found;

	if (is_tracedat(head, len) || textlog_is_binary(head, len))
		return false;
	if (textlog_is_text(head, len) || len < TEXTLOG_HEAD_MAX)
		return textlog_is_text(head, len);
	/* of what cannot be read twice the end will tell */
	if (lseek(fd, 0, SEEK_CUR) < 0)
		return true;
	buf = malloc(TEXTLOG_HEAD_MAX);
	found = buf && text_follows(opts, fd, buf);
	free(buf);
	return found;
}

/* @owner: of which it was made; NULL: of nothing else. */
static struct source *open_text(const struct replay_opts *opts, const char *name, int fd,
				const char *head, size_t len, const struct pageowner *owner,
				struct error *err)
{
	struct textlog_opts to = {
		.name = name,
		.page_size = opts->page_size,
		.stop = opts->stop,
		.progress = opts->progress,
		.progress_arg = opts->progress_arg,
		.head = head,
		.head_len = len,
		.kallsyms_file = opts->kallsyms_file,
		.modules_file = opts->modules_file,
	};
	struct source *src;
	struct textlog log;
	struct stat st;

	if (!fstat(fd, &st) && S_ISREG(st.st_mode))
		to.total = (uint64_t)st.st_size;
	if (textlog_convert(fd, &to, &log, err))
		return NULL;
	if (owner) {
		log.made_by = RECORDER_PAGE_OWNER;
		log.unusable += owner->bad;
		log.merged = owner->merged;
	}
	src = source_open_text(&log, name, err);
	close(log.fd);
	return src;
}

/* A text of page_owner, by way of one that tracefs might have printed. */
static struct source *open_owner(const struct replay_opts *opts, const char *name, int fd,
				 const char *head, size_t len, struct error *err)
{
	struct pageowner owner;
	struct source *src;
	int text = pageowner_convert(fd, name, head, len, opts->stop, &owner, err);

	if (text < 0)
		return NULL;
	src = open_text(opts, name, text, NULL, 0, &owner, err);
	close(text);
	return src;
}

/*
 * A perf.data: the file @fd, in the folder @dir (-1: none); a pipe, of which @len bytes
 * were read to @head, is first taken to its end.
 */
static struct source *open_perf(const struct replay_opts *opts, const char *name, int fd,
				int dir, const char *head, size_t len, struct error *err)
{
	struct perfdata_opts po = {
		.name = name,
		.dir = dir,
		.proc = opts->kallsyms_file ? NULL : "/proc",
		.progress = opts->progress,
		.progress_arg = opts->progress_arg,
	};
	struct source *src = NULL;
	struct perfdata perf;
	struct stat st;
	int spool = -1;

	if (fstat(fd, &st) || !S_ISREG(st.st_mode)) {
		fd = spool = perfdata_spool(fd, name, head, len, opts->stop, err);
		if (spool < 0)
			return NULL;
	}
	if (!perfdata_convert(fd, &po, &perf, err)) {
		src = source_open_perf(&perf, name, err);
		if (!src)
			perfdata_release(&perf);
	}
	if (spool >= 0)
		close(spool);
	return src;
}

/* The folder of perf record --threads or --kcore. NULL, without @err: it is none. */
static struct source *open_folder(const struct replay_opts *opts, struct error *err)
{
	int dir = open(opts->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int fd = dir < 0 ? -1 : openat(dir, "data", O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	char head[PERFDATA_MAGIC_BYTES];
	struct source *src = NULL;
	struct stat st;

	if (fd >= 0 && !fstat(fd, &st) && S_ISREG(st.st_mode) &&
	    pread(fd, head, sizeof(head), 0) == sizeof(head) && perfdata_is(head, sizeof(head)))
		src = open_perf(opts, opts->path, fd, dir, NULL, 0, err);
	else if (dir >= 0)
		foreign_folder(opts->path, dir, err);
	if (fd >= 0)
		close(fd);
	if (dir >= 0)
		close(dir);
	return src;
}

/* A recording as it came from another machine, made a file without a name. */
static struct source *open_wire(const struct replay_opts *opts, const char *name, int fd,
				const char *head, size_t len, struct error *err)
{
	struct parts parts = { .fd = -1, .scratch = true };
	char dir[512], path[600], tag[RECORD_TAG_MAX];
	struct error damage, left;
	struct source *src = NULL;
	uint64_t bytes;

	if (record_tag(tag, err) || tempfile_dir(dir, sizeof(dir), err))
		return NULL;
	snprintf(path, sizeof(path), "%s/trace.dat", dir);
	/* what is missing is said in the file */
	if (!parts_create(&parts, path, tag, err) &&
	    !wire_receive(fd, head, len, &parts, opts->stop, &bytes, &damage, err))
		src = source_open_named(path, name, err);
	unlink(path);
	if (parts_remove(&parts, &left) || rmdir(dir)) {
		source_close(src);
		src = NULL;
		error_set(err, -EBUSY, "%s: cannot be removed", dir);
	}
	return src;
}

/* "-" that is no text. A file is opened by its path, with its messages. */
static struct source *open_stdin(const char *head, size_t len, struct error *err)
{
	if (foreign_file("standard input", head, len, err))
		return NULL;
	if (len && (len < sizeof(MAGIC) - 1 || memcmp(head, MAGIC, sizeof(MAGIC) - 1)))
		error_set(err, -EINVAL, "standard input is no text of the kernel's trace or trace_pipe (TASK-PID [CPU] FLAGS TIME: EVENT: ...), and nothing that perf record or 'modmem record -o -' wrote");
	else if (len)
		error_set(err, -EINVAL, "standard input is a trace.dat: give its path, only text, what perf record wrote and what modmem record -o - sends are read as they come");
	else
		error_set(err, -EINVAL, "standard input is empty: feed it the text of trace or trace_pipe, or what modmem record -o - sends");
	return NULL;
}

static void no_owner(const char *name, struct error *err)
{
	error_set(err, -EINVAL, "%s: holds no text of /sys/kernel/debug/page_owner (Page allocated via order ...), nor what page_owner_sort makes of it",
		  name);
}

/* What was packed is read from a file without a name, and called as what it was. */
static struct source *open_packed(const struct replay_opts *opts, const char *name, int fd,
				  const char *packed, size_t packed_len, struct error *err)
{
	struct source *src = NULL;
	char *head = malloc(TEXTLOG_HEAD_MAX), path[64];
	ssize_t len;
	int in;

	in = packedfile_unpack(fd, name, packed, packed_len, opts->progress,
			       opts->progress_arg, err);
	if (!head || in < 0) {
		if (in >= 0)
			error_set(err, -ENOMEM, "out of memory");
		goto out;
	}
	snprintf(path, sizeof(path), "/proc/self/fd/%d", in);
	len = read_head(opts, in, head);
	if (len < 0)
		error_set(err, (int)len, "%s: %s", name, strerror((int)-len));
	else if (pageowner_is_text(head, (size_t)len))
		src = open_owner(opts, name, in, head, (size_t)len, err);
	else if (opts->page_owner)
		no_owner(name, err);
	else if (perfdata_is(head, (size_t)len))
		src = open_perf(opts, name, in, -1, head, (size_t)len, err);
	else if (wire_is(head, (size_t)len))
		src = open_wire(opts, name, in, head, (size_t)len, err);
	else if (is_text(opts, in, head, (size_t)len))
		src = open_text(opts, name, in, head, (size_t)len, NULL, err);
	else
		src = source_open_named(path, name, err);
out:
	if (in >= 0)
		close(in);
	free(head);
	return src;
}

struct source *recording_open(const struct replay_opts *opts, struct error *err)
{
	bool is_stdin = !strcmp(opts->path, "-");
	const char *name = is_stdin ? "standard input" : opts->path;
	const struct source_info *info;
	struct source *src = NULL;
	struct stat st;
	ssize_t len;
	char *head;
	int fd;

	fd = is_stdin ? dup(STDIN_FILENO) :
	     open(opts->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	/* what it is besides a file with text, source_open() says */
	if (fd < 0 || (!is_stdin && (fstat(fd, &st) || !S_ISREG(st.st_mode)))) {
		if (fd >= 0)
			close(fd);
		err->text[0] = '\0';
		src = open_folder(opts, err);
		return src || err->text[0] ? src : source_open(opts->path, err);
	}
	head = malloc(TEXTLOG_HEAD_MAX);
	len = head ? read_head(opts, fd, head) : -ENOMEM;
	if (len < 0)
		error_set(err, (int)len, "%s: %s", name, strerror((int)-len));
	else if (packed_name(head, (size_t)len))
		src = open_packed(opts, name, fd, head, (size_t)len, err);
	else if (pageowner_is_text(head, (size_t)len))
		src = open_owner(opts, name, fd, head, (size_t)len, err);
	else if (opts->page_owner)
		no_owner(name, err);
	else if (perfdata_is(head, (size_t)len))
		src = open_perf(opts, name, fd, -1, head, (size_t)len, err);
	else if (wire_is(head, (size_t)len))
		src = open_wire(opts, name, fd, head, (size_t)len, err);
	else if (is_text(opts, fd, head, (size_t)len))
		src = open_text(opts, name, fd, head, (size_t)len, NULL, err);
	else if (is_stdin)
		src = open_stdin(head, (size_t)len, err);
	else
		src = source_open(opts->path, err);
	free(head);
	close(fd);
	if (!src || !opts->page_size || source_info(src)->text)
		return src;
	info = source_info(src);
	if (info->page_size_doubtful && opts->page_size <= info->page_size) {
		source_set_page_size(src, opts->page_size);
		return src;
	}
	if (info->page_size_doubtful)
		error_set(err, -EINVAL, "%s: --page-size is no more than %u, the bytes of the ring buffer's pages",
			  opts->path, info->page_size);
	else
		error_set(err, -EINVAL, "%s: says itself what its pages are, --page-size is for text",
			  opts->path);
	source_close(src);
	return NULL;
}

struct companion *recording_companion(struct source *src, struct error *damage)
{
	const struct source_info *info = source_info(src);
	const struct companion_item *sums;
	struct companion *c;
	char path[64];

	if (info->text || info->perf)
		return NULL;
	/* what is read, which may have no path */
	snprintf(path, sizeof(path), "/proc/self/fd/%d", source_fd(src));
	c = companion_open(path, info->path, damage);
	if (damage->text[0])
		return c;
	sums = companion_find(c, COMPANION_SUMS);
	if (sums && source_verify(src, sums->text, sums->len))
		error_set(damage, -ENOMEM, "out of memory");
	else if (!c && info->made_by == RECORDER_MODMEM)
		error_set(damage, -ENODATA,
			  "recorded by modmem, but what it wrote behind the trace data is missing (cut off, or lost in a conversion): give the file as modmem wrote it");
	else if (!sums && info->made_by == RECORDER_MODMEM &&
		 strstr(info->recorder, COMPANION_SUMMED))
		error_set(damage, -ENODATA,
			  "recorded with checksums, and they are missing: copy it again, or record it again");
	return c;
}
