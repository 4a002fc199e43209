// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * session.c - see session.h
 */
#include "memstream.h"
#include "session.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include "companion.h"
#include "filters.h"
#include "head.h"
#include "probes.h"
#include "profilers.h"
#include "record_buffer.h"
#include "record_files.h"
#include "record_modwatch.h"
#include "record_snap.h"
#include "stream.h"
#include "ring_stats.h"
#include "wire.h"

#define RESERVE		(4 * 1024 * 1024)

void session_say(const struct session *se, const char *fmt, ...)
{
	struct error line;
	char text[1024];
	va_list ap;

	if (!se->opts->say)
		return;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	error_set(&line, 0, "%s", text);
	se->opts->say(se->opts->say_arg, line.text);
}

/* ---- before ------------------------------------------------------------------------- */

static int write_info(const struct session *se, struct error *err)
{
	struct utsname uts = { 0 };
	char text[1024];

	uname(&uts);
	snprintf(text, sizeof(text), "owner=%s\nclock=%s\nuname=%s %s %s %s\n",
		 se->ri.tag, se->clock, uts.sysname, uts.nodename, uts.release,
		 uts.machine);
	return parts_write(&se->parts, "info", text, strlen(text), err);
}

/* Formats of all that can come. */
static int write_head(struct session *se, struct error *err)
{
	const char *const *more = se->probes ? probes_events(se->probes) : NULL;
	const char **names;
	size_t n = se->events.n_names;
	int ret;

	for (size_t i = 0; more && more[i]; i++)
		n++;
	names = calloc(n + 1, sizeof(*names));
	if (!names)
		return error_set(err, -ENOMEM, "not enough memory");
	n = se->events.n_names;
	memcpy(names, se->events.names, n * sizeof(*names));
	for (size_t i = 0; more && more[i]; i++)
		names[n++] = more[i];
	ret = parts_head(&se->parts, se->ri.tracing, se->ri.dir, names, err);
	free(names);
	return ret;
}

/* A file of the top tracing folder becomes a piece. */
static int copy_text(const struct session *se, const char *file,
		     const char *piece, struct error *err)
{
	char path[1024];
	size_t len = 0;
	char *text;
	int ret;

	snprintf(path, sizeof(path), "%s/%s", se->ri.tracing, file);
	text = file_read(path, &len);
	/* what this kernel does not have is empty */
	if (!text && errno != ENOENT)
		return error_set(err, -errno, "%s: %s", path, strerror(errno));
	ret = parts_write(&se->parts, piece, text ? text : "", len, err);
	free(text);
	return ret;
}

static int reserve(const struct session *se, struct error *err)
{
	int fd = parts_file(&se->parts, "reserve", err);
	int ret;

	if (fd < 0)
		return fd;
	ret = -posix_fallocate(fd, 0, RESERVE);
	close(fd);
	if (ret == -ENOSPC)
		return error_set(err, ret, "%s: %s: make room, or %s",
				 se->parts.dir, strerror(-ret), parts_elsewhere(&se->parts));
	return 0;
}

static void tell_events(const struct session *se)
{
	if (*se->events.missing)
		session_say(se, "not in this kernel, so not recorded: %s",
			    se->events.missing);
	if (*se->events.refused)
		session_say(se, "cannot be enabled, so not recorded: %s",
			    se->events.refused);
	if (se->events.stacks == RECORD_STACKS_NONE)
		session_say(se, "this kernel records no stacks: memory is charged by call site only");
	if (!snaps_addresses_shown())
		session_say(se, "/proc/modules shows no addresses, so a report cannot tell modules: sysctl kernel.kptr_restrict=1 shows them to root");
}

static int narrow(struct session *se, struct error *err)
{
	const struct narrow_opts opts = { .modules = se->opts->modules, .own = se->opts->own };
	struct error why;
	int ret = narrow_set(&se->ri, &se->events, &opts, &se->narrowed, &why, err);

	if (ret)
		return ret;
	if (*why.text)
		session_say(se, "%s", why.text);
	else if (opts.own)
		session_say(se, "--own: what the kernel takes for itself is left out");
	else
		session_say(se, "--module: allocations that others make by kmalloc, kmem_cache_alloc and percpu are left out; pages, vmalloc, dma and all frees tell no call site and are kept");
	return 0;
}

/* Where the pieces go. */
static int make_parts(struct session *se, struct error *err)
{
	int ret;

	se->parts.scratch = se->opts->scratch;
	se->parts.wire = se->opts->wire;
	if (se->parts.wire)
		return 0;
	ret = parts_create(&se->parts, se->opts->output, se->ri.tag, err);
	return ret ? ret : reserve(se, err);
}

static int put_item(void *arg, const void *head, size_t head_len, const void *data, size_t len)
{
	return wire_append2(arg, "companion", head, head_len, data, len);
}

static int make_snaps(struct session *se, struct error *err)
{
	int fd;

	if (se->parts.wire) {
		se->snaps = snaps_new_writer(put_item, se->parts.wire);
	} else {
		fd = parts_file(&se->parts, "companion", err);
		if (fd < 0)
			return fd;
		se->snaps = snaps_new(fd);
	}
	return se->snaps ? 0 : error_set(err, -ENOMEM, "not enough memory");
}

int session_prepare(struct session *se, struct error *err)
{
	int ret;

	if ((ret = record_instance_create(&se->ri, err)) ||
	    (ret = make_parts(se, err)) ||
	    (ret = record_clock_set(&se->ri, se->opts->clock, &se->clock, err)) ||
	    (ret = write_info(se, err)) ||
	    (ret = record_events_enable(&se->events, &se->ri, err)))
		return ret;
	/*
	 * Not before an event was enabled: up to Linux 6.5, resizing any buffer
	 * first leaves the top-level one at its 7 KiB of boot time for good.
	 */
	ret = record_buffer_set(&se->ri, se->opts->buffer_kb, &se->buffer_kb, err);
	if (ret)
		return ret;
	if (!se->opts->no_probes)
		ret = probes_install(&se->probes, se->ri.tracing, se->ri.name,
				     strchr(se->ri.tag, '_') + 1, err);
	if (ret || (ret = write_head(se, err)) ||
	    (ret = copy_text(se, "printk_formats", "printk", err)))
		return ret;
	tell_events(se);
	if ((se->opts->modules || se->opts->own) && (ret = narrow(se, err)))
		return ret;
	return make_snaps(se, err);
}

/* ---- begin and end -------------------------------------------------------------------- */

/* Something is not in the file: the first such is remembered. */
static void cut_short(struct session *se, const struct error *err)
{
	if (*se->why.text)
		return;
	se->why = *err;
	unlinkat(se->parts.fd, "reserve", 0);
}

/* What others set in the instance; @off: tracing_on had been taken back by then. */
static void snap_filters(struct session *se, const char *item, bool off)
{
	uint64_t ts = record_clock_now(&se->ri);
	struct error err;
	char *text;
	size_t len;
	int ret = record_filters(&se->ri, &se->events, &se->narrowed, &text, &len);

	if (ret) {
		error_set(&err, ret, "%s: %s: what filters leave out is not known", se->ri.dir,
			  strerror(-ret));
		cut_short(se, &err);
		return;
	}
	if (len || off)
		snaps_printf(se->snaps, item, ts, "%s%s", text, off ? "tracing_on:0\n" : "");
	free(text);
}

/* What else this kernel has that knows who took what: in the file, and said. */
static void snap_profilers(struct session *se, uint64_t ts)
{
	char *text = profilers_found(""), *line, *save = NULL;

	if (text && *text)
		snaps_printf(se->snaps, "profilers", ts, "%s", text);
	for (line = text ? strtok_r(text, "\n", &save) : NULL; line;
	     line = strtok_r(NULL, "\n", &save)) {
		if (!strcmp(line, "page_owner"))
			session_say(se, "page_owner is on: modmem report --page-owner /sys/kernel/debug/page_owner shows the pages of each module since boot; bulk allocations come page by page here, and only here");
		else if (!strncmp(line, "slab_traces ", 12))
			session_say(se, "slab caches with traces of who allocated, since boot: %s (/sys/kernel/debug/slab/NAME/alloc_traces)",
				    line + 12);
		else
			session_say(se, "allocation profiling is built in and switched off: sysctl vm.mem_profiling=1 lets the kernel count what modules take from then on");
	}
	free(text);
}

static void snap_start(struct session *se, char **kallsyms, size_t *len)
{
	uint64_t ts = record_clock_now(&se->ri);
	struct timespec now;
	size_t events_len = 0;
	char events[1024] = "";

	for (unsigned int i = 0; i < se->events.n_names; i++)
		events_len += (size_t)snprintf(events + events_len,
					       sizeof(events) - events_len, "%s%s",
					       i ? "," : "", se->events.names[i]);
	clock_gettime(CLOCK_REALTIME, &now);
	snaps_machine(se->snaps, se->opts->cmdline);
	snaps_printf(se->snaps, "start", ts,
		     "realtime=%lld.%09ld\nclock=%s\nbuffer_kb=%" PRIu64 "\nstacks=%s\nevents=%s\n",
		     (long long)now.tv_sec, now.tv_nsec, se->clock, se->buffer_kb,
		     record_stacks_name(se->events.stacks), events);
	if (se->narrowed.sites && se->opts->own)
		snaps_printf(se->snaps, COMPANION_OWN, ts, "%s", se->narrowed.events);
	else if (se->narrowed.sites)
		snaps_printf(se->snaps, COMPANION_NARROWED, ts, "%s", se->opts->modules);
	if (*se->events.missing)
		snaps_printf(se->snaps, "missing", ts, "%s", se->events.missing);
	snaps_modules(se->snaps, SNAP_START, ts, NULL, kallsyms, len);
	snap_profilers(se, ts);
}

/* The reason of a line "NAME blind REASON", NULL: it is covered. */
static const char *blind_reason(const char *line)
{
	const char *at = strstr(line, " blind ");

	return at ? at + 7 : NULL;
}

/* What the probes cannot do here, one line for each reason. */
static void tell_probes(const struct session *se)
{
	const char *const *lines = probes_lines(se->probes);

	for (size_t i = 0; lines && lines[i]; i++) {
		const char *reason = blind_reason(lines[i]), *other;
		char names[256] = "";
		size_t len = 0, j;

		for (j = 0; reason && j < i; j++) {
			other = blind_reason(lines[j]);
			if (other && !strcmp(other, reason))
				reason = NULL;
		}
		for (j = i; reason && lines[j] && len < sizeof(names); j++) {
			other = blind_reason(lines[j]);
			if (other && !strcmp(other, reason))
				len += (size_t)snprintf(names + len,
							sizeof(names) - len, "%s%.*s",
							len ? ", " : "",
							(int)strcspn(lines[j], " "),
							lines[j]);
		}
		if (reason)
			session_say(se, "no probes for %s: %s", names,
				    reason);
	}
}

int session_begin(struct session *se, struct error *err)
{
	struct error minor;
	char *kallsyms = NULL;
	size_t len = 0;
	int ret;

	/* a process with threads is not to be forked */
	ret = se->opts->command ?
		      child_prepare(&se->child, se->opts->command, &se->before, err) : 0;
	if (ret)
		return ret;
	if (modwatch_start(&se->modwatch, &se->ri, se->clock, se->snaps, &minor))
		session_say(se, "%s: modules that come and go will have no symbols",
			    minor.text);
	snap_start(se, &kallsyms, &len);
	ret = parts_write(&se->parts, "kallsyms", kallsyms ? kallsyms : "", len,
			  err);
	free(kallsyms);
	if (ret)
		return ret;

	se->trouble = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	se->streams = streams_start(&se->ri, &se->parts, se->buffer_kb,
				    se->trouble, err);
	if (!se->streams)
		return -EIO;
	se->cpus = streams_cpus(se->streams);
	se->lost = calloc(se->cpus, sizeof(*se->lost));
	if (!se->lost)
		return error_set(err, -ENOMEM, "not enough memory");
	if (se->probes) {
		probes_enable(se->probes);
		tell_probes(se);
	}
	snap_filters(se, "filters@start", false);
	/* as late as can be: what the recorder takes for itself is there by now */
	snaps_memory(se->snaps, "before", record_clock_now(&se->ri));
	ret = record_instance_write(&se->ri, "tracing_on", "1");
	if (ret)
		return error_set(err, ret, "%s/tracing_on: %s", se->ri.dir,
				 strerror(-ret));
	if (se->parts.wire)
		wire_patient(se->parts.wire, true);
	return se->child.pid ? child_go(&se->child, se->opts->command[0], err) : 0;
}

static void stop_streams(struct session *se)
{
	char *on = record_instance_read(&se->ri, "tracing_on");
	bool off = on && *on == '0';
	struct error err;

	free(on);
	/* if it stays on: what comes until the end of the threads is recorded, too */
	record_instance_write(&se->ri, "tracing_on", "0");
	snaps_memory(se->snaps, "after", record_clock_now(&se->ri));
	snap_filters(se, "filters@end", off);
	if (streams_stop(se->streams, &err))
		cut_short(se, &err);
	watch_losses(se);
	for (unsigned int cpu = 0; cpu < se->cpus; cpu++) {
		struct stream_stats stats;
		char name[32];
		int ret = stream_stats(&se->ri, cpu, &stats);

		if (ret) {
			error_set(&err, ret, "%s/per_cpu/cpu%u/stats: %s: what that CPU lost is not known",
				  se->ri.dir, cpu, strerror(-ret));
			cut_short(se, &err);
			continue;
		}
		se->result->lost += stats.lost;
		snprintf(name, sizeof(name), "stats%u", cpu);
		if (parts_write(&se->parts, name, stats.text,
				strlen(stats.text), &err))
			cut_short(se, &err);
	}
}

/* "NAME covered" and "NAME blind REASON" lines */
static void snap_probes(struct session *se, uint64_t ts)
{
	const char *const *lines;
	struct error err;
	char *text = NULL;
	size_t len = 0;
	FILE *out;

	if (!se->probes) {
		snaps_printf(se->snaps, "probes", ts, "all blind --no-probes\n");
		return;
	}
	probes_disable(se->probes);
	out = open_memstream(&text, &len);
	if (!out) {
		error_set(&err, -ENOMEM, "out of memory: what the probes saw is not known");
		cut_short(se, &err);
		return;
	}
	for (lines = probes_lines(se->probes); lines && *lines; lines++)
		fprintf(out, "%s\n", *lines);
	if (!memstream_close(out, &text)) {
		snaps_add(se->snaps, "probes", ts, text, len);
	} else {
		error_set(&err, -ENOMEM, "out of memory: what the probes saw is not known");
		cut_short(se, &err);
	}
	free(text);
}

static void snap_end(struct session *se, bool modules_changed)
{
	uint64_t ts = record_clock_now(&se->ri);
	struct timespec now;
	char *kallsyms = NULL;
	size_t len = 0;
	struct error err;

	clock_gettime(CLOCK_REALTIME, &now);
	if (modules_changed) {
		snaps_modules(se->snaps, SNAP_END, ts, NULL, &kallsyms, &len);
		if (kallsyms && !*se->why.text &&
		    parts_replace(&se->parts, "kallsyms", kallsyms, len, &err))
			cut_short(se, &err);
		free(kallsyms);
	} else {
		snaps_file(se->snaps, "modules@end", ts, "/proc/modules");
	}
	snaps_printf(se->snaps, "end", ts,
		     "realtime=%lld.%09ld\nlost=%" PRIu64 "\nbytes=%" PRIu64 "\n",
		     (long long)now.tv_sec, now.tv_nsec, se->result->lost,
		     streams_bytes(se->streams));
	if (*se->why.text)
		snaps_printf(se->snaps, "cut", ts, "%s", se->why.text);
}

static void left_behind(struct session *se, const struct error *what)
{
	if (*se->left.text)
		session_say(se, "%s", what->text);
	else
		se->left = *what;
}

/* Takes everything in tracefs down; files of it are closed before it goes. */
static void let_go(struct session *se)
{
	struct error err;

	record_tracing_back(&se->ri);
	/* should either fail: it goes with the instance, and session_finish() was told */
	if (se->ri.tracefs)
		record_instance_write(&se->ri, "tracing_on", "0");
	if (se->streams) {
		streams_stop(se->streams, NULL);
		streams_free(se->streams);
		se->streams = NULL;
	}
	if (probes_remove(se->probes, &err))
		left_behind(se, &err);
	se->probes = NULL;
	if (modwatch_free(se->modwatch, &err))
		left_behind(se, &err);
	se->modwatch = NULL;
	if (record_instance_destroy(&se->ri, &err))
		left_behind(se, &err);
}

/* All that was recorded is in its place: the file, or the other end of the wire. */
static int complete(struct session *se, struct error *err)
{
	struct wire *wire = se->parts.wire;
	struct error minor;
	int ret;

	if (wire) {
		ret = wire_end(wire);
		se->result->bytes = wire_bytes(wire);
		return ret ? error_set(err, ret, "the stream: %s", wire_strerror(ret)) : 0;
	}
	ret = parts_assemble(&se->parts, &se->result->bytes, err);
	if (se->parts.spent && parts_remove(&se->parts, &minor))
		left_behind(se, &minor);
	if (!ret)
		se->result->file = true;
	return ret;
}

int session_finish(struct session *se, struct error *err)
{
	struct error minor;
	unsigned int loads = 0;
	int ret;

	if (se->parts.wire)
		wire_patient(se->parts.wire, false);
	stop_streams(se);
	if (modwatch_stop(se->modwatch, &loads, &minor))
		cut_short(se, &minor);
	snap_probes(se, record_clock_now(&se->ri));
	if (copy_text(se, "saved_cmdlines", "cmdlines", &minor))
		cut_short(se, &minor);
	snap_end(se, loads > 0);
	/* the file may take a while: the kernel is let go of first */
	let_go(se);
	snaps_imports(se->snaps, se->opts->command);
	ret = snaps_free(se->snaps);
	se->snaps = NULL;
	if (ret && !*se->why.text)
		error_set(&se->why, ret, "%s%scompanion: %s", se->parts.dir,
			  se->parts.wire ? "" : "/", strerror(-ret));
	ret = complete(se, err);
	if (!*se->why.text)
		return ret;
	if (se->parts.wire)	/* it began with that */
		*err = se->why;
	else if (!ret)
		error_set(err, -EIO, "%s; %s has what was recorded until then", se->why.text,
			  se->opts->output);
	return ret ? ret : -EIO;
}

void session_end(struct session *se)
{
	struct signalfd_siginfo info;

	let_go(se);
	snaps_free(se->snaps);
	/* a second Ctrl-C, while it ended, asks for nothing more */
	while (read(se->signals, &info, sizeof(info)) > 0)
		;
	close(se->signals);
	if (se->trouble >= 0)
		close(se->trouble);
	free(se->lost);
	free(se->sample);
	narrowed_free(&se->narrowed);
}
