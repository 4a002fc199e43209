// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * live_info.c - formats, sizes and CPUs of the running kernel
 */
#include "live_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include "companion.h"
#include "companion_read.h"
#include "error.h"
#include "memstream.h"
#include "pipeline.h"
#include "record_files.h"
#include "ring_stats.h"

/* Missed calls are counted so often, and in no more than one part in so many of the time. */
#define MISSES_NS	UINT64_C(1000000000)
#define MISSES_SHARE	100u

static const char kernel_stack[] = "ftrace/kernel_stack";

/* The text of @file below "events", NULL: errno says why. */
static char *read_event_file(const struct live *lv, const char *file, size_t *len)
{
	char path[1024];

	snprintf(path, sizeof(path), "%s/events/%s", lv->ri.tracing, file);
	return file_read(path, len);
}

/* @name is "SYSTEM/EVENT". */
static int add_format(struct live *lv, const char *name, struct error *err)
{
	struct source_format *f = &lv->formats[lv->info.n_formats];
	char file[300];
	size_t len;
	char *text;

	snprintf(file, sizeof(file), "%s/format", name);
	text = read_event_file(lv, file, &len);
	if (!text)
		return error_set(err, -errno, "%s/events/%s: %s", lv->ri.tracing, file,
				 strerror(errno));
	f->text = text;
	f->len = len;
	f->system = strndup(name, strcspn(name, "/"));
	lv->info.n_formats++;
	return f->system ? 0 : error_set(err, -ENOMEM, "out of memory");
}

static int add_formats(struct live *lv, struct error *err)
{
	const char *const *more = lv->probes ? probes_events(lv->probes) : NULL;
	size_t n = lv->events.n_names + 1, i;
	int ret;

	for (i = 0; more && more[i]; i++)
		n++;
	lv->formats = calloc(n, sizeof(*lv->formats));
	if (!lv->formats)
		return error_set(err, -ENOMEM, "out of memory");
	lv->info.formats = lv->formats;
	ret = add_format(lv, kernel_stack, err);
	for (i = 0; i < lv->events.n_names && !ret; i++)
		ret = add_format(lv, lv->events.names[i], err);
	for (i = 0; more && more[i] && !ret; i++)
		ret = add_format(lv, more[i], err);
	return ret;
}

/* Layout and size of a page. */
static int read_ring(struct live *lv, struct error *err)
{
	const uint16_t one = 1;
	char *text;
	int ret = record_ring_page(&lv->ri, &lv->ring_size, err);

	if (ret)
		return ret;
	lv->ring.big_endian = !*(const uint8_t *)&one;
	text = record_instance_read(&lv->ri, "events/header_page");
	ret = text ? ring_format_parse(&lv->ring, text, strlen(text)) : -errno;
	free(text);
	if (ret)
		return error_set(err, ret, "%s/events/header_page: not understood, please report it",
				 lv->ri.dir);
	return 0;
}

static int open_cpu(struct live *lv, uint32_t cpu, struct error *err)
{
	struct live_cpu *larger, *c;
	char path[1024];
	int fd;

	snprintf(path, sizeof(path), "%s/per_cpu/cpu%u/trace_pipe_raw", lv->ri.dir, cpu);
	fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0)
		return errno == ENOENT ? 0 :
		       error_set(err, -errno, "%s: %s", path, strerror(errno));
	larger = realloc(lv->cpus, (lv->n_cpus + 1) * sizeof(*larger));
	if (!larger) {
		close(fd);
		return error_set(err, -ENOMEM, "out of memory");
	}
	lv->cpus = larger;
	c = &lv->cpus[lv->n_cpus++];
	*c = (struct live_cpu){ .cpu = cpu, .fd = fd, .buf = malloc(lv->ring_size) };
	if (!c->buf)
		return error_set(err, -ENOMEM, "out of memory");
	c->page.pos = c->page.end = c->buf;
	lv->info.cpus = cpu + 1;
	return 0;
}

/* Numbers may have gaps; an offline CPU has a folder too. */
static int open_cpus(struct live *lv, struct error *err)
{
	long max = sysconf(_SC_NPROCESSORS_CONF);
	int ret = 0;

	for (uint32_t cpu = 0; cpu < 4096 && !ret; cpu++) {
		size_t before = lv->n_cpus;

		ret = open_cpu(lv, cpu, err);
		if (lv->n_cpus == before && (long)cpu > max)
			break;
	}
	if (!ret && !lv->n_cpus)
		ret = error_set(err, -ENODEV, "%s/per_cpu has no CPUs", lv->ri.dir);
	if (ret)
		return ret;
	lv->stats = calloc(lv->n_cpus, sizeof(*lv->stats));
	if (!lv->stats)
		return error_set(err, -ENOMEM, "out of memory");
	for (size_t i = 0; i < lv->n_cpus; i++)
		lv->stats[i].cpu = lv->cpus[i].cpu;
	return 0;
}

int live_info_read(struct live *lv, struct error *err)
{
	struct utsname uts = { 0 };
	int ret;

	if ((ret = read_ring(lv, err)) || (ret = open_cpus(lv, err)) ||
	    (ret = add_formats(lv, err)))
		return ret;
	uname(&uts);
	snprintf(lv->uname, sizeof(lv->uname), "%s %s %s %s", uts.sysname, uts.nodename,
		 uts.release, uts.machine);
	lv->buffer = (struct source_buffer){
		.name = "",
		.clock = lv->clock,
		.clock_is_ns = true,
		.page_size = (uint32_t)lv->ring_size,
		.cpus = (uint32_t)lv->n_cpus,
	};
	lv->info.path = "the running kernel";
	lv->info.made_by = RECORDER_LIVE;
	lv->info.big_endian = lv->ring.big_endian;
	lv->info.long_size = lv->ring.commit_size;
	lv->info.page_size = (uint32_t)sysconf(_SC_PAGESIZE);
	lv->info.uname = lv->uname;
	lv->info.buffers = &lv->buffer;
	lv->info.n_buffers = 1;
	lv->info.cpustats = lv->stats;
	lv->info.n_cpustats = lv->n_cpus;
	return 0;
}

void live_info_free(struct live *lv)
{
	for (size_t i = 0; i < lv->n_cpus; i++) {
		close(lv->cpus[i].fd);
		free(lv->cpus[i].buf);
	}
	for (size_t i = 0; i < lv->info.n_formats; i++) {
		free((char *)lv->formats[i].text);
		free((char *)lv->formats[i].system);
	}
	free(lv->cpus);
	free(lv->stats);
	free(lv->formats);
}

int live_sizes(struct live *lv, struct pipeline *p)
{
	size_t len;
	char *text = file_read("/proc/modules", &len);
	/* a kernel without modules has none */
	int ret = text ? pipeline_item(p, "modules@now", lv->horizon, text, len) :
		  errno == ENOMEM ? -ENOMEM : 0;

	free(text);
	return ret;
}

/* "NAME covered" and "NAME blind REASON" lines; NULL: no memory. To be freed. */
static char *probes_text(struct live *lv, size_t *len)
{
	char *text = NULL;
	FILE *out = open_memstream(&text, len);

	if (!out)
		return NULL;
	if (!lv->probes)
		fprintf(out, "all blind --no-probes\n");
	for (const char *const *lines = lv->probes ? probes_lines(lv->probes) : NULL;
	     lines && *lines; lines++)
		fprintf(out, "%s\n", *lines);
	memstream_close(out, &text);
	return text;
}

static uint64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	return (uint64_t)ts.tv_sec * 1000000000 + (uint64_t)ts.tv_nsec;
}

/* Waits until it is time to count again, or to end: then false. */
static bool wait_for(struct live *lv, uint64_t ns)
{
	uint64_t at = now_ns() + ns;
	const struct timespec until = { (time_t)(at / 1000000000), (long)(at % 1000000000) };
	int ret = 0;
	bool on;

	pthread_mutex_lock(&lv->lock);
	while (!lv->stop && ret != ETIMEDOUT)
		ret = pthread_cond_timedwait(&lv->stopped, &lv->lock, &until);
	on = !lv->stop;
	pthread_mutex_unlock(&lv->lock);
	return on;
}

static void *count_misses(void *arg)
{
	struct live *lv = arg;
	uint64_t took = 0;

	/* it is the thread that reads which must not be late */
	setpriority(PRIO_PROCESS, 0, 0);
	while (wait_for(lv, took * MISSES_SHARE > MISSES_NS ? took * MISSES_SHARE : MISSES_NS)) {
		uint64_t began = now_ns(), ended;
		size_t len;
		char *text;

		probes_count(lv->probes);
		text = probes_text(lv, &len);
		if (text)
			live_add_item(lv, "probes", 0, text, len);
		free(text);
		ended = now_ns();
		took = ended > began ? ended - began : 0;
	}
	return NULL;
}

int live_misses(struct live *lv)
{
	sigset_t all, old;
	int ret;

	if (!lv->probes)
		return 0;
	/* signals are for who waits for them */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	ret = -pthread_create(&lv->misses, NULL, count_misses, lv);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	lv->counts_misses = !ret;
	return ret;
}

void live_misses_stop(struct live *lv)
{
	if (!lv->counts_misses)
		return;
	pthread_mutex_lock(&lv->lock);
	lv->stop = true;
	pthread_cond_signal(&lv->stopped);
	pthread_mutex_unlock(&lv->lock);
	pthread_join(lv->misses, NULL);
	lv->counts_misses = false;
}

/* What the probes cannot do, and what this kernel lacks. */
struct companion *live_companion(struct live *lv)
{
	struct companion *c = companion_new();
	size_t len;
	char *text = c ? probes_text(lv, &len) : NULL;
	int ret = text ? companion_put(c, "probes", 0, text, len) : -ENOMEM;

	free(text);
	if (!ret && *lv->events.missing)
		ret = companion_put(c, "missing", 0, lv->events.missing,
				    strlen(lv->events.missing));
	if (!ret && lv->narrowed.sites)
		ret = companion_put(c, COMPANION_OWN, 0, lv->narrowed.events,
				    strlen(lv->narrowed.events));
	if (!ret)
		return c;
	companion_free(c);
	return NULL;
}
