// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * live.c - see live.h; live_info.c has what source_info says of it
 */
#include "live_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "companion_read.h"
#include "error.h"
#include "leftovers.h"
#include "pipeline.h"
#include "record_buffer.h"
#include "record_modwatch.h"
#include "record_snap.h"
#include "ring_stats.h"

#define DEFAULT_MOST_KB	8192u	/* of a CPU, unless somebody wants more */

/*
 * An event has its time before it is in the buffer, and its stack a little later:
 * microseconds, unless the CPU that writes it is a virtual one and is stopped.
 */
#define SETTLED_NS	50000000u

/* Of the thread that reads: what it is late for is lost. Refused: without. */
#define NICE		(-20)

/* ---- what is told of modules --------------------------------------------------------- */

struct live_item {
	struct live_item *next;
	char *name;
	uint64_t ts;
	size_t len;
	char text[];
};

void live_add_item(struct live *lv, const char *name, uint64_t ts, const void *data,
		   size_t len)
{
	struct live_item *item = malloc(sizeof(*item) + len + 1);

	if (item) {
		*item = (struct live_item){ .ts = ts, .len = len, .name = strdup(name) };
		memcpy(item->text, data, len);
		item->text[len] = '\0';
	}
	pthread_mutex_lock(&lv->lock);
	if (!item || !item->name) {
		/* without its symbols its memory is somebody else's: the next poll says so */
		lv->items_lost = true;
		free(item);
		pthread_mutex_unlock(&lv->lock);
		return;
	}
	*lv->items_end = item;
	lv->items_end = &item->next;
	pthread_mutex_unlock(&lv->lock);
}

/* In the thread of the watch: only what the pipeline asks for is kept. */
static void take_item(void *arg, const char *name, uint64_t ts, const void *data,
		      size_t len)
{
	if (!strcmp(name, "symbols@load") || !strcmp(name, "modules@load"))
		live_add_item(arg, name, ts, data, len);
}

static struct live_item *take_items(struct live *lv)
{
	struct live_item *items;

	pthread_mutex_lock(&lv->lock);
	items = lv->items;
	lv->items = NULL;
	lv->items_end = &lv->items;
	pthread_mutex_unlock(&lv->lock);
	return items;
}

/* Gives all to @p (NULL: to nobody). 0 or -ENOMEM. */
static int tell_items(struct live *lv, struct pipeline *p)
{
	struct live_item *item = take_items(lv), *next;
	int ret = lv->items_lost ? -ENOMEM : 0;

	for (; item; item = next) {
		next = item->next;
		if (p && !ret)
			ret = pipeline_item(p, item->name, item->ts, item->text,
					    item->len);
		free(item->name);
		free(item);
	}
	return ret;
}

/*
 * The latest of the polls before that is long enough ago: all that had a time
 * then is in the buffers since, and is read now.
 */
static uint64_t horizon(struct live *lv, uint64_t now)
{
	uint64_t best = 0;

	for (size_t i = 0; i < LIVE_POLLS; i++)
		if (lv->polls[i] + SETTLED_NS <= now && lv->polls[i] > best)
			best = lv->polls[i];
	lv->polls[lv->n_polls++ % LIVE_POLLS] = now;
	if (best > lv->horizon)
		lv->horizon = best;
	return lv->horizon;
}

size_t live_cpus(const struct live *lv)
{
	return lv->n_cpus;
}

int live_fd(const struct live *lv, size_t i)
{
	return lv->cpus[i].fd;
}

int live_poll(struct live *lv, struct pipeline *p, struct error *err)
{
	uint64_t now = record_clock_now(&lv->ri);

	if (!now)
		return error_set(err, -EIO, "%s: cannot be read, somebody removed the instance",
				 lv->ri.dir);
	/* what was loaded up to the horizon has been told of by now */
	if (tell_items(lv, p) || snaps_error(lv->snaps) == -ENOMEM)
		return error_set(err, -ENOMEM, "out of memory");
	if (snaps_error(lv->snaps))
		return error_set(err, snaps_error(lv->snaps), "what the kernel says of a module cannot be read: %s",
				 strerror(-snaps_error(lv->snaps)));
	if (modwatch_error(lv->modwatch, err))
		return -EIO;
	return pipeline_poll(p, horizon(lv, now), err);
}

/* ---- tracefs -------------------------------------------------------------------------- */

__attribute__((format(printf, 2, 3)))
static void say(const struct live_opts *opts, const char *fmt, ...)
{
	struct error line;
	char text[512];
	va_list ap;

	if (!opts->say)
		return;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	error_set(&line, 0, "%s", text);
	opts->say(opts->say_arg, line.text);
}

static int set_buffer(struct live *lv, uint64_t wanted, struct error *err)
{
	uint64_t kb = wanted ? wanted : record_buffer_default();

	if (!wanted && kb > DEFAULT_MOST_KB)
		kb = DEFAULT_MOST_KB;
	return record_buffer_set(&lv->ri, kb, &lv->buffer_kb, err);
}

static int narrow(struct live *lv, const struct live_opts *opts, struct error *err)
{
	const struct narrow_opts own = { .own = true };
	struct error why;
	int ret = narrow_set(&lv->ri, &lv->events, &own, &lv->narrowed, &why, err);

	if (!ret && *why.text)
		say(opts, "%s", why.text);
	return ret;
}

static int prepare(struct live *lv, const struct live_opts *opts, struct error *err)
{
	struct error minor;
	int ret;

	if ((ret = record_instance_create(&lv->ri, err)) ||
	    (ret = record_clock_set(&lv->ri, NULL, &lv->clock, err)) ||
	    (ret = record_events_enable(&lv->events, &lv->ri, err)) ||
	    (ret = set_buffer(lv, opts->buffer_kb, err)))
		return ret;
	if (!opts->no_probes)
		ret = probes_install(&lv->probes, lv->ri.tracing, lv->ri.name,
				     strchr(lv->ri.tag, '_') + 1, err);
	if (ret || (ret = live_info_read(lv, err)) ||
	    (opts->own && (ret = narrow(lv, opts, err))))
		return ret;
	if (*lv->events.refused)
		say(opts, "cannot be enabled, so not seen: %s", lv->events.refused);
	if (!snaps_addresses_shown())
		say(opts, "/proc/modules shows no addresses, so modules cannot be told apart: sysctl kernel.kptr_restrict=1 shows them to root");

	lv->snaps = snaps_new_sink(take_item, lv);
	if (!lv->snaps)
		return error_set(err, -ENOMEM, "out of memory");
	if (modwatch_start(&lv->modwatch, &lv->ri, lv->clock, lv->snaps, &minor))
		say(opts, "%s: modules that come will have no symbols", minor.text);
	/* where the first module's symbols are in kallsyms; live_poll() says if not */
	snaps_modules(lv->snaps, SNAP_START, 0, NULL, NULL, NULL);
	if (lv->probes)
		probes_enable(lv->probes);
	lv->start = record_clock_now(&lv->ri);
	ret = record_instance_write(&lv->ri, "tracing_on", "1");
	if (ret)
		return error_set(err, ret, "%s/tracing_on: %s", lv->ri.dir,
				 strerror(-ret));
	return 0;
}

struct live *live_open(const struct live_opts *opts, struct error *err)
{
	struct live *lv = calloc(1, sizeof(*lv));
	unsigned int removed = 0;
	struct error minor;
	int ret;

	if (!lv) {
		error_set(err, -ENOMEM, "out of memory");
		return NULL;
	}
	pthread_mutex_init(&lv->lock, NULL);
	pthread_cond_init(&lv->stopped, NULL);
	lv->items_end = &lv->items;
	/* no tracefs, no permission: said again, and better, in a moment */
	ret = record_clean(&removed, &minor);
	if (ret && ret != -ENODEV && ret != -EPERM && ret != -EACCES)
		say(opts, "%s", minor.text);
	if (removed)
		say(opts, "removed what a killed recorder left in tracefs (%u)", removed);
	/* refused: events are taken later, and what is lost is told */
	setpriority(PRIO_PROCESS, 0, NICE);
	ret = prepare(lv, opts, err);
	if (ret) {
		if (live_close(lv, &minor))
			error_join(err, ret, ret, &minor);
		return NULL;
	}
	return lv;
}

int live_close(struct live *lv, struct error *err)
{
	struct error left;
	int ret = 0, code;

	if (!lv)
		return 0;
	record_tracing_back(&lv->ri);
	/* should it fail: it goes with the instance */
	if (lv->ri.tracefs)
		record_instance_write(&lv->ri, "tracing_on", "0");
	modwatch_drop(lv->modwatch);
	/* what they could not see was said by live_poll(), as long as it counted */
	modwatch_stop(lv->modwatch, NULL, NULL);
	snaps_free(lv->snaps);
	live_misses_stop(lv);
	tell_items(lv, NULL);
	live_info_free(lv);
	narrowed_free(&lv->narrowed);
	if (lv->probes)
		probes_disable(lv->probes);
	code = probes_remove(lv->probes, &left);
	if (code)
		ret = error_join(err, ret, code, &left);
	code = modwatch_free(lv->modwatch, &left);
	if (code)
		ret = error_join(err, ret, code, &left);
	code = record_instance_destroy(&lv->ri, &left);
	if (code)
		ret = error_join(err, ret, code, &left);
	pthread_cond_destroy(&lv->stopped);
	pthread_mutex_destroy(&lv->lock);
	free(lv);
	return ret;
}

/* ---- records --------------------------------------------------------------------------- */

static const struct source_info *ops_info(const void *arg)
{
	return &((const struct live *)arg)->info;
}

static size_t ops_streams(const void *arg)
{
	return ((const struct live *)arg)->n_cpus;
}

static uint32_t ops_stream_cpu(const void *arg, size_t i)
{
	return ((const struct live *)arg)->cpus[i].cpu;
}

static uint64_t ops_start(const void *arg)
{
	return ((const struct live *)arg)->start;
}

static uint64_t ops_now(const void *arg)
{
	return record_clock_now(&((const struct live *)arg)->ri);
}

/* What was lost adds up until a record comes that can tell of it. */
static void lost_before(struct live_cpu *c)
{
	if (c->page.lost == SOURCE_LOST_UNKNOWN ||
	    __builtin_add_overflow(c->lost, c->page.lost, &c->lost))
		c->lost = SOURCE_LOST_UNKNOWN;
}

/* 1 with the next page opened, -EAGAIN: none now, or -EBADMSG with @err set. */
static int next_page(struct live *lv, struct live_cpu *c, struct error *err)
{
	const char *why;
	ssize_t n;

	do {
		n = read(c->fd, c->buf, lv->ring_size);
	} while (n < 0 && errno == EINTR);
	/* offline since before the instance was made: no buffer (yet) */
	if (!n || (n < 0 && (errno == EAGAIN || errno == ENODEV)))
		return -EAGAIN;
	if (n < 0)
		return error_set(err, -EBADMSG, "cannot read the ring buffer of CPU %u: %s",
				 c->cpu, strerror(errno));
	memset(c->buf + n, 0, lv->ring_size - (size_t)n);
	if (ring_page_open(&c->page, &lv->ring, c->buf, lv->ring_size, lv->ring_size,
			   &why))
		return error_set(err, -EBADMSG, "the ring buffer of CPU %u holds a page that is none: %s",
				 c->cpu, why);
	if (c->page.lost)
		lost_before(c);
	return 1;
}

static int ops_next(void *arg, size_t i, struct source_record *rec, struct error *err)
{
	struct live *lv = arg;
	struct live_cpu *c = &lv->cpus[i];
	const char *why;
	int ret;

	for (;;) {
		ret = ring_page_next(&c->page, lv->ring.big_endian, rec, &why);
		if (ret > 0) {
			rec->lost = c->lost;
			c->lost = 0;
			return 1;
		}
		if (ret < 0) {
			c->page.end = c->page.pos;
			return error_set(err, -EBADMSG, "the ring buffer of CPU %u is damaged: %s",
					 c->cpu, why);
		}
		ret = next_page(lv, c, err);
		if (ret < 0)
			return ret;
	}
}

static void ops_close(void *arg)
{
	(void)arg;	/* live_close() */
}

struct source *live_source(struct live *lv)
{
	static const struct source_ops ops = {
		.info = ops_info,
		.streams = ops_streams,
		.stream_cpu = ops_stream_cpu,
		.next = ops_next,
		.start = ops_start,
		.now = ops_now,
		.close = ops_close,
	};

	return source_live(&ops, lv);
}

void live_losses(struct live *lv)
{
	for (size_t i = 0; i < lv->n_cpus; i++) {
		struct stream_stats stats;

		lv->stats[i].unread = stream_stats(&lv->ri, lv->cpus[i].cpu, &stats);
		if (!lv->stats[i].unread)
			lv->stats[i].overrun = stats.lost;
	}
}

uint64_t live_ring_bytes(const struct live *lv)
{
	return lv->buffer_kb * 1024 * lv->n_cpus;
}
