// SPDX-License-Identifier: GPL-2.0-or-later
#include "perfdata.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bytes.h"
#include "error.h"
#include "page_size.h"
#include "perfcmd.h"
#include "perffile.h"
#include "perfnames.h"
#include "ringfile.h"
#include "tempfile.h"

#define CPUS_MAX	8192u	/* NR_CPUS is no more */
#define IDS		65536u	/* common_type has 16 bits */
#define COMMON_BYTES	8u	/* of common fields, before an event's own */
#define CONTEXT_MAX	((uint64_t)-4095)	/* from here on no address, but what follows */
#define CONTEXT_KERNEL	((uint64_t)-128)
#define PROGRESS_RECORDS 4096u
#define LAST_WORDS	1000	/* ms */
#define INDEX_MAX	(1u << 24)	/* ids: one an event and CPU */
#define WORDS_MAX	1024u	/* of a command line that are looked at */

/* What is made of an event's samples. */
enum use {
	USE_NONE,		/* not of memory */
	USE_ALONE,		/* its stack tells nothing */
	USE_STACK,
};

/* Of one CPU. */
struct cpu_state {
	uint64_t ts;		/* of its last sample */
	uint64_t lost;		/* since then */
	uint64_t counted;	/* lost, as the kernel itself has counted them */
};

struct convert {
	const struct perfdata_opts *opts;
	struct perfdata *perf;
	struct perffile file;
	struct perfnames names;
	struct tracedat *td;	/* what the tracing data say */
	struct ringfile ring;
	struct cpu_state *cpus;	/* CPUS_MAX */
	uint8_t use[IDS];	/* enum use, by common_type */
	unsigned int stack_id;
	uint32_t asked_cpus;	/* events of so many were asked for; 0: not told */
	bool machine, tasks;	/* all tasks were asked for, or some; neither: not told */
	struct vec id_cpus;	/* struct id_cpu, by id once sorted */
	bool indexed;		/* that is so */
	bool writes;		/* the second time */
	bool events;		/* all events are known: what they wrote has begun */
	bool started;		/* something of memory was met */
	struct error *err;
};

struct id_cpu {
	uint64_t id;
	uint32_t cpu;
};

static int no_memory(struct convert *c)
{
	return error_set(c->err, -ENOMEM, "%s: not enough memory to read it", c->opts->name);
}

bool perfdata_is(const void *data, size_t len)
{
	return len >= PERFDATA_MAGIC_BYTES &&
	       (!memcmp(data, "PERFILE2", 8) || !memcmp(data, "2ELIFREP", 8) ||
		!memcmp(data, "PERFFILE", 8));
}

/* ---- formats ---------------------------------------------------------------------- */

/* The first @len bytes of a format are of the event @name. */
static bool is_event(const struct source_format *f, const char *name)
{
	size_t len = strlen(name);

	return f->len > 7 + len && !memcmp(f->text, "name: ", 6) &&
	       !memcmp(f->text + 6, name, len) && f->text[6 + len] == '\n';
}

static uint8_t use_of(const struct source_format *f)
{
	/* who frees is nobody's business, and the others are not looked at */
	static const char *const with_stack[] = {
		"kmalloc", "kmalloc_node", "kmem_cache_alloc", "kmem_cache_alloc_node",
		"mm_page_alloc", "mm_page_free", "percpu_alloc_percpu", "module_load",
	};

	if (strcmp(f->system, "kmem") && strcmp(f->system, "percpu") &&
	    strcmp(f->system, "module"))
		return USE_NONE;
	for (size_t i = 0; i < sizeof(with_stack) / sizeof(with_stack[0]); i++)
		if (is_event(f, with_stack[i]))
			return USE_STACK;
	return USE_ALONE;
}

static bool format_id(const struct source_format *f, unsigned int *id)
{
	const char *p = memmem(f->text, f->len, "\nID: ", 5);
	const char *end = f->text + f->len;

	*id = 0;
	for (p = p ? p + 5 : end; p < end && *p >= '0' && *p <= '9' && *id < IDS; p++)
		*id = *id * 10 + (unsigned int)(*p - '0');
	return p < end && *p == '\n' && *id && *id < IDS;
}

/*
 * Tracing data are the head of a trace.dat, of a version of their own: magic, "0.6",
 * byte order, size of a long, page size, and then what headers.c reads; saved
 * command lines from 0.6 on (tools/perf/util/trace-event-info.c).
 */
static int read_tracing(struct convert *c, const struct perf_part *data)
{
	static const char magic[] = "\x17\x08\x44" "tracing";
	struct tracedat *td = c->td;
	struct cursor cur = {
		.data = data->data, .size = data->size, .path = c->opts->name,
		.part = "tracing data", .err = c->err,
	};
	const uint8_t *block;
	const char *version;
	uint8_t endian, long_size;
	int ret;

	td->path = c->opts->name;
	if ((ret = cursor_block(&cur, sizeof(magic) - 1, &block)) ||
	    (ret = cursor_string(&cur, &version)) || (ret = cursor_u8(&cur, &endian)) ||
	    (ret = cursor_u8(&cur, &long_size)))
		return ret;
	if (memcmp(block, magic, sizeof(magic) - 1) != 0 || endian > 1)
		return error_set(c->err, -EBADMSG,
				 "%s: damaged in its tracing data: copy it again, or record it again",
				 c->opts->name);
	td->info.big_endian = td->ring.big_endian = cur.big_endian = endian;
	if ((ret = cursor_u32(&cur, &td->info.page_size)) ||
	    (ret = header_info_read(td, &cur)) || (ret = header_ftrace_read(td, &cur)) ||
	    (ret = header_events_read(td, &cur)) || (ret = header_kallsyms_read(td, &cur)))
		return ret;
	if (td->info.page_size < PAGE_SIZE_MIN || td->info.page_size > PAGE_SIZE_MAX ||
	    td->info.page_size & (td->info.page_size - 1))
		return error_set(c->err, -EBADMSG,
				 "%s: damaged in its tracing data (pages of %" PRIu32 " bytes): copy it again, or record it again",
				 c->opts->name, td->info.page_size);
	return 0;
}

/* 0, or a negative errno with c->err set. Once there are tracing data. */
static int start(struct convert *c)
{
	const struct perf_part *data = &c->file.features[PERF_TRACING_DATA];
	const struct source_format *formats;
	struct ring_format ring = { .commit_offset = 8 };
	uint8_t taken[IDS / 8] = { 0 };
	bool any = false;
	unsigned int id;
	int ret;

	if (!data->data && c->file.no_end)
		return error_set(c->err, -ENODATA,
				 "%s: perf record was killed before it wrote what the events look like: record it again, and end it by Ctrl-C",
				 c->opts->name);
	if (!data->data)
		return error_set(c->err, -ENODATA,
				 "%s: holds no tracepoints: record with perf record -e 'kmem:*' -e 'percpu:*' -g -a%s",
				 c->opts->name, c->file.damage[0] ? " (it is cut off)" : "");
	ret = read_tracing(c, data);
	if (ret)
		return ret;
	formats = c->td->formats.items;
	for (size_t i = 0; i < c->td->formats.n; i++) {
		if (!format_id(&formats[i], &id))
			continue;
		c->use[id] = use_of(&formats[i]);
		taken[id / 8] |= (uint8_t)(1u << id % 8);
		any |= c->use[id] != USE_NONE;
	}
	if (!any)
		return error_set(c->err, -ENODATA,
				 "%s: holds no events of memory: record with perf record -e 'kmem:*' -e 'percpu:*' -g -a",
				 c->opts->name);
	/* as kernels have it, or another that is free */
	for (id = 4; id < IDS && taken[id / 8] & 1u << id % 8; id++)
		;
	if (id == IDS)
		return error_set(c->err, -EBADMSG,
				 "%s: damaged in its tracing data (it has each event that can be): copy it again, or record it again",
				 c->opts->name);
	c->stack_id = id;
	/*
	 * pages of the usual form, in the kernel's byte order and with its longs; the
	 * smallest, since each loss begins one
	 */
	ring.big_endian = c->td->ring.big_endian;
	ring.commit_size = c->td->ring.commit_size;
	ring.data_offset = 8 + ring.commit_size;
	ringfile_init(&c->ring, c->opts->name, &ring, PAGE_SIZE_MIN);
	c->perf->page_size = c->td->info.page_size;
	c->started = true;
	return 0;
}

/* ---- samples ----------------------------------------------------------------------- */

static void add_lost(uint64_t *to, uint64_t lost)
{
	if (*to == SOURCE_LOST_UNKNOWN || lost == SOURCE_LOST_UNKNOWN ||
	    __builtin_add_overflow(*to, lost, to))
		*to = SOURCE_LOST_UNKNOWN;
}

/* The next address of the kernel in a call chain; false: there is none. */
static bool next_frame(const struct perf_sample *s, bool big, uint64_t *i, bool *kernel,
		       uint64_t *addr)
{
	while (*i < s->n_chain) {
		*addr = load64(s->chain + 8 * (*i)++, big);
		if (*addr >= CONTEXT_MAX)
			*kernel = *addr == CONTEXT_KERNEL;
		else if (*kernel && *addr)
			return true;
	}
	return false;
}

static uint32_t count_frames(const struct perf_sample *s, bool big, uint32_t most)
{
	bool kernel = false;
	uint64_t i = 0, addr;
	uint32_t n = 0;

	while (n < most && next_frame(s, big, &i, &kernel, &addr))
		n++;
	return n;
}

/* A kernel_stack, from the same context as the event that it is of. */
static void store_stack(const struct convert *c, const struct perf_sample *s,
			uint32_t frames, uint8_t *to)
{
	const unsigned int word = c->ring.ring.commit_size;
	bool kernel = false, big = c->file.big_endian;
	uint64_t i = 0, addr;

	memcpy(to, s->raw, COMMON_BYTES);
	ringfile_store(&c->ring, to, c->stack_id, 2);
	ringfile_store(&c->ring, to + COMMON_BYTES, frames, 4);
	if (word == 8)
		ringfile_store(&c->ring, to + COMMON_BYTES + 4, 0, 4);
	to += ringfile_stack_bytes(&c->ring.ring, 0);
	for (uint32_t n = 0; n < frames && next_frame(s, big, &i, &kernel, &addr); n++)
		ringfile_store(&c->ring, to + word * n, addr, word);
}

/* One record of @len bytes, whose place is *@to the second time. */
static int put_record(struct convert *c, uint32_t cpu, uint64_t lost, uint32_t len,
		      uint8_t **to)
{
	*to = NULL;
	if (c->writes)
		return ringfile_add(&c->ring, cpu, c->cpus[cpu].ts, lost, len, to, c->err);
	return ringfile_count(&c->ring, cpu, c->cpus[cpu].ts, lost, len) ? no_memory(c) : 0;
}

/*
 * Records of a CPU come in the order in which their places were reserved. One that
 * was interrupted between taking its time and that has an older time than what the
 * interrupt wrote, and had its effect after it.
 */
static int put_sample(struct convert *c, const struct perf_sample *s, uint32_t cpu,
		      uint8_t use)
{
	struct cpu_state *state = &c->cpus[cpu];
	uint32_t max = ringfile_max(&c->ring), len = s->raw_size < max ? s->raw_size : max;
	uint32_t frames = 0, room = max - ringfile_stack_bytes(&c->ring.ring, 0);
	uint64_t lost = state->lost;
	uint8_t *to;
	int ret;

	if (s->time > state->ts)
		state->ts = s->time;
	state->lost = 0;
	ret = put_record(c, cpu, lost, len, &to);
	if (ret)
		return ret;
	if (to)
		memcpy(to, s->raw, len);
	if (use == USE_STACK)
		frames = count_frames(s, c->file.big_endian,
				      room / c->ring.ring.commit_size);
	if (!frames)
		return 0;
	ret = put_record(c, cpu, 0, ringfile_stack_bytes(&c->ring.ring, frames), &to);
	if (!ret && to)
		store_stack(c, s, frames, to);
	return ret;
}

static int take_sample(struct convert *c, const struct perf_record *rec)
{
	struct perf_sample s;
	uint32_t cpu;
	uint8_t use;
	int ret = perffile_sample(&c->file, rec, &s);

	if (ret) {
		c->perf->unknown += ret == -ENOENT && !c->writes;
		c->perf->unreadable += ret != -ENOENT && !c->writes;
		return 0;
	}
	if (!s.raw)		/* of an event that is no tracepoint */
		return 0;
	cpu = s.has_cpu ? s.cpu : 0;
	if (s.raw_size < COMMON_BYTES || cpu >= CPUS_MAX) {
		c->perf->unreadable += !c->writes;
		return 0;
	}
	if (!s.has_time)
		return error_set(c->err, -ENODATA,
				 "%s: its events have no time, so that those of several CPUs are in no order: record without --no-timestamp",
				 c->opts->name);
	if (!c->started && (ret = start(c)))
		return ret;
	use = c->use[load16(s.raw, c->td->ring.big_endian)];
	if (use == USE_NONE)
		return 0;
	c->perf->no_cpu |= !s.has_cpu;
	if (s.attr->again) {
		c->perf->again += !c->writes;
		return 0;
	}
	return put_sample(c, &s, cpu, use);
}

/* ---- other records ------------------------------------------------------------------ */

static int cpu_by_id(const void *a, const void *b)
{
	const struct id_cpu *x = a, *y = b;

	return (x->id > y->id) - (x->id < y->id);
}

/* The kernel wrote no more for some time: u64 id, u64 how many. */
static void take_lost(struct convert *c, const struct perf_record *rec)
{
	uint64_t lost, id;
	uint32_t cpu;

	if (rec->size < 16)
		return;
	lost = load64(rec->data + 8, c->file.big_endian);
	if (perffile_cpu(&c->file, rec, &cpu, &id) && cpu < CPUS_MAX)
		add_lost(&c->cpus[cpu].lost, lost);
	else if (!c->writes)
		add_lost(&c->perf->lost, lost);
}

/*
 * What the kernel counted for an event, those of take_lost() included (from 6.1 on,
 * PERF_FORMAT_LOST): u64 how many. perf makes these at its end.
 */
static void take_counted(struct convert *c, const struct perf_record *rec)
{
	const struct id_cpu *found = NULL;
	struct id_cpu key = { 0 };
	uint64_t lost;
	uint32_t cpu;

	if (rec->size < 8)
		return;
	lost = load64(rec->data, c->file.big_endian);
	if (!perffile_cpu(&c->file, rec, &cpu, &key.id))
		cpu = CPUS_MAX;
	if (c->id_cpus.n && !c->indexed)
		qsort(c->id_cpus.items, c->id_cpus.n, sizeof(key), cpu_by_id);
	c->indexed = true;
	if (key.id && c->id_cpus.n)
		found = bsearch(&key, c->id_cpus.items, c->id_cpus.n, sizeof(key), cpu_by_id);
	if (found)
		cpu = found->cpu;
	if (cpu < CPUS_MAX)
		add_lost(&c->cpus[cpu].counted, lost);
	else
		add_lost(&c->perf->lost, lost);
}

/* u64 how many; each u64 id, index, CPU, thread */
static int take_index(struct convert *c, const struct perf_record *rec)
{
	bool big = c->file.big_endian;

	c->indexed = false;
	for (size_t at = 8; at + 32 <= rec->size && c->id_cpus.n < INDEX_MAX; at += 32) {
		struct id_cpu *item = vec_add(&c->id_cpus, sizeof(*item));

		if (!item)
			return no_memory(c);
		item->id = load64(rec->data + at, big);
		item->cpu = (uint32_t)load64(rec->data + at + 16, big);
	}
	return 0;
}

/* u64 how many; each u64 thread, 16 bytes of name; -1 is the whole machine */
static void take_threads(struct convert *c, const struct perf_record *rec)
{
	if (rec->size < 16)
		return;
	if (load64(rec->data + 8, c->file.big_endian) == UINT64_MAX)
		c->machine = true;
	else
		c->tasks = true;
}

/*
 * u16 kind, then: u16 how many CPUs; or u16 how many words, u16 bytes of each, and
 * these, a bit each; or a byte, from 5.18 on, u16 the first, u16 the last one.
 */
static void take_cpus(struct convert *c, const struct perf_record *rec)
{
	bool big = c->file.big_endian;
	uint16_t kind, n;

	if (rec->size < 8)
		return;
	kind = load16(rec->data, big);
	n = load16(rec->data + 2, big);
	if (kind == 0) {
		c->asked_cpus = n;
	} else if (kind == 2) {
		c->asked_cpus = 1u + load16(rec->data + 6, big) - load16(rec->data + 4, big);
	} else if (kind == 1) {
		c->asked_cpus = 0;
		for (uint32_t i = 6; i < rec->size; i++)
			c->asked_cpus += (uint32_t)__builtin_popcount(rec->data[i]);
	}
}

/*
 * A perf_event_attr, and u64 ids. All of them come before the first record that one
 * tells the parts of (tools/perf/builtin-record.c, record__synthesize()): else the
 * second time it would be another record.
 */
static int take_attr(struct convert *c, const struct perf_record *rec)
{
	size_t at = 0;
	int ret = c->events ? -EBADMSG :
		  perffile_add_attr(&c->file, rec->data, rec->size, &at);

	for (; !ret && at + 8 <= rec->size; at += 8)
		ret = perffile_add_id(&c->file, load64(rec->data + at, c->file.big_endian));
	if (ret == -ENOMEM)
		return no_memory(c);
	return !ret ? 0 :
	       error_set(c->err, ret, "%s: damaged in its table of events: copy it again, or record it again",
			 c->opts->name);
}

/* All but samples, the first time. */
static int take_other(struct convert *c, const struct perf_record *rec)
{
	switch (rec->type) {
	case PERF_LOST_SAMPLES:
		take_counted(c, rec);
		return 0;
	case PERF_THROTTLE:
		c->perf->lost_unknown = true;
		return 0;
	case PERF_ID_INDEX:
		return take_index(c, rec);
	case PERF_THREAD_MAP:
		take_threads(c, rec);
		return 0;
	case PERF_CPU_MAP:
		take_cpus(c, rec);
		return 0;
	case PERF_HEADER_ATTR:
		return c->file.pipe ? take_attr(c, rec) : 0;
	case PERF_HEADER_TRACING_DATA:
		if (!rec->more)	/* within what is compressed: nothing can follow */
			return 0;
		return perffile_keep(&c->file, PERF_TRACING_DATA, rec->more, rec->more_size) ?
		       no_memory(c) : 0;
	case PERF_HEADER_FEATURE:
		if (rec->size < 8)
			return 0;
		return perffile_keep(&c->file, load64(rec->data, c->file.big_endian),
				     rec->data + 8, rec->size - 8) ? no_memory(c) : 0;
	}
	return perfnames_take(&c->names, &c->file, rec) ? no_memory(c) : 0;
}

/* Twice half of the way. */
static int tell_progress(const struct convert *c)
{
	uint64_t done, total;

	if (!c->opts->progress)
		return 0;
	perffile_progress(&c->file, &done, &total);
	if (!c->opts->progress(c->opts->progress_arg, done / 2 + (c->writes ? total / 2 : 0),
			       total))
		return 0;
	return error_set(c->err, -ECANCELED, "interrupted");
}

/* All records, once. */
static int pass(struct convert *c)
{
	struct perf_record rec;
	uint64_t n = 0;
	int ret = 0;

	perffile_rewind(&c->file);
	while (!ret) {
		ret = perffile_next(&c->file, &rec);
		if (ret <= 0)
			return ret ? no_memory(c) : 0;
		ret = 0;
		c->events |= rec.type == PERF_SAMPLE || rec.type == PERF_LOST;
		if (rec.type == PERF_SAMPLE)
			ret = take_sample(c, &rec);
		else if (rec.type == PERF_LOST)
			take_lost(c, &rec);
		else if (!c->writes)
			ret = take_other(c, &rec);
		if (!ret && ++n % PROGRESS_RECORDS == 0)
			ret = tell_progress(c);
	}
	return ret;
}

/* What was lost behind a CPU's last event; its times begin again. */
static int end_pass(struct convert *c)
{
	uint8_t *to;

	for (uint32_t cpu = 0; cpu < CPUS_MAX; cpu++) {
		struct cpu_state *state = &c->cpus[cpu];
		int ret = state->lost ? put_record(c, cpu, state->lost, 0, &to) : 0;

		if (ret)
			return ret;
		state->ts = state->lost = 0;
	}
	return 0;
}

/* ---- the head ------------------------------------------------------------------------- */

/* include/uapi/linux/time.h; "perf" is the clock of perf unless another was asked for. */
static const char *clock_name(const struct perffile *pf)
{
	static const char *const names[] = {
		[0] = "[realtime]", [1] = "[mono]", [4] = "[mono_raw]", [7] = "[boot]",
		[11] = "[tai]",
	};
	const struct perf_attr *a = pf->attrs.items;

	if (!pf->attrs.n || !a->use_clockid)
		return "[perf]";
	if (a->clockid < 0 || (size_t)a->clockid >= sizeof(names) / sizeof(names[0]) ||
	    !names[a->clockid])
		return "[other]";
	return names[a->clockid];
}

/* "SYSTEM:NAME" of an event's id; its length, 0: it has no name that fits. */
static size_t event_name(const struct convert *c, unsigned int id,
			 char name[TRACEFILTER_EVENT_MAX])
{
	const struct source_format *f = c->td->formats.items;
	unsigned int other;

	for (size_t i = 0; i < c->td->formats.n; i++) {
		const char *end = memchr(f[i].text, '\n', f[i].len);
		int len;

		if (!format_id(&f[i], &other) || other != id || !end || end - f[i].text < 7)
			continue;
		len = snprintf(name, TRACEFILTER_EVENT_MAX, "%s:%.*s", f[i].system,
			       (int)(end - f[i].text) - 6, f[i].text + 6);
		return len < (int)TRACEFILTER_EVENT_MAX ? (size_t)len : 0;
	}
	return 0;
}

/* The formats of what is used. */
static void put_formats(struct ringhead *h, const struct convert *c)
{
	const struct source_format *f = c->td->formats.items;
	uint32_t n = 0;
	unsigned int id;

	for (size_t i = 0; i < c->td->formats.n; i++)
		n += format_id(&f[i], &id) && c->use[id] && use_of(&f[i]);
	ringhead_number(h, n, 4);
	for (size_t i = 0; i < c->td->formats.n; i++) {
		if (!format_id(&f[i], &id) || !c->use[id] || !use_of(&f[i]))
			continue;
		ringhead_put(h, f[i].system, strlen(f[i].system) + 1);
		ringhead_number(h, 1, 4);
		ringhead_text(h, f[i].text, f[i].len);
	}
}

static void put_options(struct ringhead *h, const struct convert *c)
{
	const struct perffile *pf = &c->file;
	const char *host = perffile_string(pf, PERF_HOSTNAME, 0);
	const char *release = perffile_string(pf, PERF_OSRELEASE, 0);
	const char *arch = perffile_string(pf, PERF_ARCH, 0);
	const char *version = perffile_string(pf, PERF_VERSION, 0);
	char text[512];

	ringhead_put(h, "options  ", 10);
	ringhead_option(h, OPTION_TRACECLOCK, clock_name(pf));
	/* words that others are told from by their place */
	if (release && *release && !strchr(release, ' ') && arch && !strchr(arch, ' ')) {
		snprintf(text, sizeof(text), "Linux %.128s %.128s %.64s",
			 host && *host && !strchr(host, ' ') ? host : "?", release, arch);
		ringhead_option(h, OPTION_UNAME, text);
	}
	snprintf(text, sizeof(text), "perf %.128s", version ? version : "");
	ringhead_option(h, OPTION_VERSION, text);
	for (uint32_t cpu = 0; cpu < CPUS_MAX; cpu++) {
		uint64_t lost = c->cpus[cpu].counted;

		if (!lost)
			continue;
		snprintf(text, sizeof(text), "CPU: %u\noverrun: %" PRIu64 "\n", cpu, lost);
		ringhead_option(h, OPTION_CPUSTAT, text);
	}
	ringhead_number(h, OPTION_DONE, 2);
	ringhead_put(h, "flyrecord", 10);
}

/* u32 length each; what does not fit there is no symbol table either. */
static int make_head(struct convert *c, struct ringhead *h)
{
	const struct source_info *info = &c->td->info;
	size_t comms_len, syms_len;
	char *comms = perfnames_comms(&c->names, &comms_len), *syms = NULL;
	int ret = comms ? 0 : -ENOMEM;

	if (!ret)
		c->perf->modules = perfnames_modules(&c->names, &c->perf->modules_len);
	if (!ret && !c->perf->modules)
		ret = -ENOMEM;
	if (!ret)
		ret = perfnames_build_ids(&c->names, &c->file, &c->perf->build_ids,
					  &c->perf->n_build_ids);
	c->perf->core_start = c->names.core_start;
	c->perf->core_end = c->names.core_end;
	if (!ret)
		ret = perfnames_kallsyms(&c->names, info->kallsyms, info->kallsyms_len,
					 c->opts->dir, c->opts->proc,
					 perffile_string(&c->file, PERF_OSRELEASE, 0),
					 &syms, &syms_len, &c->perf->running_names);
	if (!ret && syms && syms_len > UINT32_MAX)
		ret = -ENOMEM;
	ringhead_open(h, c->ring.ring.big_endian);
	if (!ret) {
		ringhead_start(h, &c->ring.ring, c->ring.page_size, c->stack_id);
		put_formats(h, c);
		ringhead_number(h, syms ? syms_len : 0, 4);
		ringhead_put(h, syms, syms ? syms_len : 0);
		ringhead_number(h, 0, 4);
		ringhead_text(h, comms, comms_len);
		ringhead_number(h, c->ring.cpus, 4);
		put_options(h, c);
	}
	if (ringhead_close(h))
		ret = -ENOMEM;
	free(comms);
	free(syms);
	return ret ? no_memory(c) : 0;
}

/* ---- the whole -------------------------------------------------------------------------- */

/* How it was asked for, as far as that says what is missing. */
static void look_at_request(struct convert *c)
{
	struct perfcmd pc = { .list = &c->perf->filters, .machine = c->machine };
	const struct perf_attr *attrs = c->file.attrs.items;
	const struct perf_part *cpus = &c->file.features[PERF_NRCPUS];
	const char *words[WORDS_MAX];
	uint32_t n = 0, there = 0;

	/* u32 how many there are, u32 how many of them were running */
	if (cpus->size >= 8) {
		there = load32(cpus->data, c->file.big_endian);
		pc.cpus = load32(cpus->data + 4, c->file.big_endian);
	}
	if (there <= CPUS_MAX && c->ring.cpus < there)
		c->ring.cpus = there;
	while (n < WORDS_MAX && (words[n] = perffile_string(&c->file, PERF_CMDLINE, n)))
		n++;
	perfcmd_read(&pc, words, n);
	c->tasks &= !c->machine;
	for (size_t i = 0; i < c->file.attrs.n; i++) {
		char name[TRACEFILTER_EVENT_MAX];

		if (attrs[i].type != 2 || attrs[i].config >= IDS || !c->use[attrs[i].config])
			continue;
		perfcmd_period(&pc, name, event_name(c, (unsigned int)attrs[i].config, name),
			       attrs[i].freq, attrs[i].period);
		c->tasks |= attrs[i].enable_on_exec;
	}
	if (c->tasks)
		perfcmd_tasks(&pc);
	if (c->asked_cpus && c->asked_cpus < pc.cpus)
		perfcmd_cpus(&pc);
}

static int refuse_backward(struct convert *c)
{
	const struct perf_attr *attrs = c->file.attrs.items;

	for (size_t i = 0; i < c->file.attrs.n; i++)
		if (attrs[i].write_backward)
			return error_set(c->err, -EPROTONOSUPPORT,
					 "%s: recorded with --overwrite, which keeps the end only: record without it",
					 c->opts->name);
	return 0;
}

static int convert(struct convert *c, int fd)
{
	struct ringhead head = { 0 };
	int ret;

	ret = perffile_open(&c->file, c->opts->name, fd, c->opts->dir, c->err);
	if (!ret && perfnames_init(&c->names))
		ret = no_memory(c);
	if (!ret)
		ret = pass(c);
	if (!ret && !c->started)	/* no sample, or none of a tracepoint */
		ret = start(c);
	if (!ret)
		ret = refuse_backward(c);
	if (!ret)
		ret = end_pass(c);
	if (ret)
		return ret;
	if (!c->ring.cpus)
		c->ring.cpus = 1;
	look_at_request(c);
	ret = make_head(c, &head);
	if (!ret)
		ret = ringfile_begin(&c->ring, head.data, head.len, c->err);
	free(head.data);
	c->writes = true;
	if (!ret)
		ret = pass(c);
	if (!ret)
		ret = end_pass(c);
	if (!ret)
		ret = ringfile_end(&c->ring, c->err);
	if (ret)
		return ret;
	c->perf->lost_unknown |= c->perf->lost == SOURCE_LOST_UNKNOWN;
	if (c->perf->lost == SOURCE_LOST_UNKNOWN)
		c->perf->lost = 0;
	if (c->file.no_end && !c->file.damage[0])
		snprintf(c->file.damage, sizeof(c->file.damage),
			 "perf record did not come to its end: the last records may be missing");
	memcpy(c->perf->damage, c->file.damage, sizeof(c->perf->damage));
	c->perf->fd = c->ring.fd;
	c->ring.fd = -1;
	return 0;
}

int perfdata_convert(int fd, const struct perfdata_opts *opts, struct perfdata *perf,
		     struct error *err)
{
	struct convert *c = calloc(1, sizeof(*c));
	int ret = -ENOMEM;

	memset(perf, 0, sizeof(*perf));
	perf->fd = -1;
	if (c) {
		c->opts = opts;
		c->perf = perf;
		c->err = err;
		c->ring.fd = -1;
		c->cpus = calloc(CPUS_MAX, sizeof(*c->cpus));
		c->td = calloc(1, sizeof(*c->td));
		ret = c->cpus && c->td ? convert(c, fd) : no_memory(c);
		ringfile_release(&c->ring);
		perfnames_release(&c->names);
		perffile_close(&c->file);
		if (c->td)
			tracedat_free_store(c->td);
		free(c->td);
		free(c->cpus);
		free(c->id_cpus.items);
		free(c);
	}
	if (ret)
		perfdata_release(perf);
	return ret;
}

void perfdata_release(struct perfdata *perf)
{
	if (perf->fd >= 0)
		close(perf->fd);
	free(perf->modules);
	free(perf->build_ids);
	memset(perf, 0, sizeof(*perf));
	perf->fd = -1;
}

int perfdata_spool(int fd, const char *name, const void *head, size_t len,
		   const volatile sig_atomic_t *stop, struct error *err)
{
	struct pollfd input = { .fd = fd, .events = POLLIN };
	static const size_t bytes = 256u << 10;
	char *buf = malloc(bytes);
	int to = buf ? tempfile_open() : -ENOMEM;
	int ret = to < 0 ? to : tempfile_write(to, head, len);

	while (!ret) {
		ssize_t n;

		if (stop && *stop && poll(&input, 1, LAST_WORDS) == 0)
			break;
		n = read(fd, buf, bytes);
		if (!n)
			break;
		if (n < 0 && errno == EINTR)
			continue;
		ret = n < 0 ? -errno : tempfile_write(to, buf, (size_t)n);
	}
	free(buf);
	if (!ret)
		return to;
	if (to >= 0)
		close(to);
	return ringfile_failed(name, ret, err);
}
