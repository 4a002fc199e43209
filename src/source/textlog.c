// SPDX-License-Identifier: GPL-2.0-or-later
#include "textlog.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "error.h"
#include "kallsyms.h"
#include "readfile.h"
#include "perfcmd.h"
#include "strings_table.h"
#include "textfile.h"
#include "textline.h"
#include "textquote.h"
#include "textsyms.h"

#define BUFFER_BYTES	(256u * 1024)
#define LINE_MAX_BYTES	4096u	/* the kernel's longest is below a page */
#define PAGE_SIZE_USUAL	4096u
#define ESCAPE		'\x1b'
#define POINTERS_TELL	8u	/* of which one in 65536 logs has all hashes on words */
#define WITHHELD_BASE	UINT64_C(0xffe0000000000000)	/* where no kernel has memory */
#define OLDER_MAX	10000000u	/* ns, or counts: clocks of CPUs, late readers */
/*
 * What printk takes at most of a stack at once, less what the versions differ in:
 * kernel/printk/printk.c, LOG_LINE_MAX; kernel/trace/trace.c, TRACE_MAX_PRINT.
 */
#define DUMPED_STACK_MAX 974u	/* bytes */

/* The last event of a CPU with a bare address for a call site. */
struct bare_event {
	uint64_t site;		/* token; 0: its stack has come, or there is none */
	uint64_t entry;		/* number */
	int32_t pid;
	uint8_t flags;		/* TEXT_FLAG_* */
};

struct reader {
	const struct textlog_opts *opts;
	struct textlog *log;
	struct textfile file;
	struct textsyms *syms;
	struct textrecord rec;		/* the entry at hand */
	bool open;			/* ... waits for frames, or is to be kept */
	bool user_stack;		/* frames that follow are of user space */
	bool perf;			/* frames may follow the entry itself */
	bool frames;			/* the last line was of a kernel stack */
	bool dump;			/* printk cuts off what is long */
	size_t stack_bytes;		/* of the stack so far, as printk counts */
	uint64_t site[TEXT_CPUS_MAX];	/* call site of the last event, a token */
	uint64_t site_entry[TEXT_CPUS_MAX];	/* ... its number */
	struct bare_event unnamed[TEXT_CPUS_MAX];
	uint64_t lost[TEXT_CPUS_MAX];	/* since the CPU's last entry */
	uint64_t cpu_raw[TEXT_CPUS_MAX];	/* time of that, as printed */
	uint64_t last_frame;
	uint64_t last_raw;		/* time of the last entry, as printed */
	uint64_t ts;			/* ... and as it was given out */
	uint64_t real_pointers, pointers, unaligned;
	bool wide;			/* pointers of 64 bits were met */
	bool counted;			/* the head was met that tells of overruns, */
	bool overrun;			/* ... and lines that come of them */
	uint64_t bytes;
	bool bare, raw;			/* entries were met that lack too much */
	bool untold;			/* nothing says whose some functions are */
	bool escapes;			/* of terminals were met in the text */
	struct strings *names;
	uint32_t *comms;		/* by pid: a string of @names */
	int32_t last_pid;		/* the largest of them */
	struct error *err;
	struct perfcmd asked;	/* what perf script says of its recording */
};

static const struct {
	const char *name;
	uint8_t event;		/* enum textevent */
} events[] = {
	{ "kmalloc", TEXTEVENT_KMALLOC },
	{ "kmalloc_node", TEXTEVENT_KMALLOC },
	{ "kmem_cache_alloc", TEXTEVENT_CACHE_ALLOC },
	{ "kmem_cache_alloc_node", TEXTEVENT_CACHE_ALLOC },
	{ "kfree", TEXTEVENT_KFREE },
	{ "kmem_cache_free", TEXTEVENT_CACHE_FREE },
	{ "mm_page_alloc", TEXTEVENT_PAGE_ALLOC },
	{ "mm_page_free", TEXTEVENT_PAGE_FREE },
	{ "percpu_alloc_percpu", TEXTEVENT_PERCPU_ALLOC },
	{ "percpu_free_percpu", TEXTEVENT_PERCPU_FREE },
	{ "percpu_alloc_percpu_fail", TEXTEVENT_PERCPU_FAIL },
	{ "module_load", TEXTEVENT_MODULE_LOAD },
	{ "module_free", TEXTEVENT_MODULE_FREE },
	{ "alloc_vmap_area", TEXTEVENT_AREA_RANGE },
};

static uint8_t event_of(struct textspan name)
{
	for (size_t i = 0; i < sizeof(events) / sizeof(events[0]); i++)
		if (strlen(events[i].name) == name.len &&
		    !memcmp(events[i].name, name.at, name.len))
			return events[i].event;
	return TEXTEVENT_OTHER;
}

/* ---- the values of an event -------------------------------------------------- */

static bool number(struct textspan body, const char *key, uint64_t *value)
{
	struct textspan s;

	return textvalue_find(body, key, &s) && textvalue_number(s, value);
}

/*
 * %p: hashed unless no_hash_pointers was set, then 32 bits of a 64-bit pointer
 * (lib/vsprintf.c, ptr_to_hashval()). "(____ptrval____)" before there was entropy
 * for it: no two of them are known to be the same, so each is one of its own.
 */
static bool pointer(struct reader *r, struct textspan body, uint64_t *value)
{
	struct textspan s;

	if (!textvalue_find(body, "ptr", &s))
		return false;
	switch (textvalue_pointer(s, value)) {
	case TEXTPOINTER_NONE:
		return false;
	case TEXTPOINTER_NULL:
		return true;
	case TEXTPOINTER_WITHHELD:
		*value = WITHHELD_BASE + 16 * r->log->withheld++;
		return true;
	case TEXTPOINTER_VALUE:
		break;
	}
	r->wide |= s.len > 10;	/* 0x and 8 digits */
	r->pointers++;
	r->real_pointers += *value >> 32 != 0;
	/* slab objects and per-CPU memory lie on words */
	r->unaligned += (*value & 3) != 0;
	return true;
}

static bool call_site(struct reader *r, struct textspan body, uint64_t *token)
{
	struct textcode code;
	struct textspan s;
	uint64_t addr;
	size_t n;

	if (!textvalue_find(body, "call_site", &s))
		return false;
	switch (textvalue_pointer(s, &addr)) {
	case TEXTPOINTER_NULL:
	case TEXTPOINTER_WITHHELD:
		return true;	/* there is none */
	case TEXTPOINTER_NONE:
	case TEXTPOINTER_VALUE:
		break;
	}
	/* "f+0x1/0x9 [module]": to the end, which it finds itself */
	s.len = (size_t)(body.at + body.len - s.at);
	if (!textvalue_code(s, &code, &n))
		return false;
	/* the kernel prints the size of a function, too */
	if (code.has_offset && !code.size && r->log->made_by == RECORDER_TEXT)
		r->log->made_by = RECORDER_TEXT_TRACE_CMD;
	*token = textsyms_token(r->syms, &code);
	return *token != 0;
}

/*
 * The page frame of a failed allocation is -1: what prints the event itself makes
 * it page NULL and PFN 0 (include/trace/events/kmem.h), others print it.
 */
static bool page_frame(struct textspan body, uint64_t *pfn)
{
	struct textspan s;
	uint64_t page;

	if (!textvalue_find(body, "pfn", &s))
		return false;
	if (s.len == 2 && !memcmp(s.at, "-1", 2))
		*pfn = UINT64_MAX;
	else if (!textvalue_number(s, pfn))
		return false;
	if (textvalue_find(body, "page", &s) &&
	    textvalue_pointer(s, &page) == TEXTPOINTER_NULL)
		*pfn = UINT64_MAX;
	return true;
}

/*
 * "name=" up to @next, or to the end of the body: cache names hold blanks, and
 * may hold what looks like another key.
 */
static void take_name(struct textentry *e, char *to, struct textspan body,
		      const struct textspan *next)
{
	struct textspan s;

	if (!textvalue_find(body, "name", &s))
		return;
	s.len = (size_t)(body.at + body.len - s.at);
	if (next && next->at > s.at)
		s.len = (size_t)(next->at - s.at);
	if (s.len > TEXTENTRY_NAME_MAX)
		s.len = TEXTENTRY_NAME_MAX;
	memcpy(to, s.at, s.len);
	e->name_len = (uint8_t)s.len;
}

/* From " KEY" on, where it stands for the last time. */
static struct textspan last_key(struct textspan body, const char *key)
{
	size_t len = strlen(key);

	for (size_t i = body.len; i-- > 0;)
		if (body.len - i >= len && !memcmp(body.at + i, key, len))
			return (struct textspan){ body.at + i, body.len - i };
	return (struct textspan){ body.at + body.len, 0 };
}

static bool take_object(struct reader *r, struct textentry *e, struct textspan body)
{
	struct textspan sizes = last_key(body, " bytes_req=");

	take_name(e, r->rec.name, body, &sizes);
	return number(sizes, "bytes_req", &e->bytes_req) &&
	       number(sizes, "bytes_alloc", &e->bytes_alloc);
}

/* "kmtest OE", include/trace/events/module.h */
static bool take_module(struct textentry *e, char *to, struct textspan body)
{
	const char *end = body.len ? memchr(body.at, ' ', body.len) : NULL;
	size_t len = end ? (size_t)(end - body.at) : body.len;

	if (!len || len > TEXTENTRY_NAME_MAX)
		return false;
	memcpy(to, body.at, len);
	e->name_len = (uint8_t)len;
	return true;
}

static bool take_pages(struct textentry *e, struct textspan body)
{
	uint64_t order, type;

	if (!page_frame(body, &e->ptr) || !number(body, "order", &order) ||
	    order > 64)
		return false;
	e->order = (uint32_t)order;
	if (number(body, "migratetype", &type) && type <= INT32_MAX)
		e->reserved = (uint32_t)type;
	return true;
}

static bool take_percpu(struct reader *r, struct textentry *e, struct textspan body)
{
	uint64_t reserved = 0;
	struct textspan site;

	if (!number(body, "size", &e->bytes_req))
		return false;
	number(body, "reserved", &reserved);
	e->reserved = reserved != 0;
	if (e->event == TEXTEVENT_PERCPU_FAIL)
		return true;
	if (number(body, "bytes_alloc", &e->bytes_alloc))
		r->file.percpu_bytes = true;
	/* since 6.0, like bytes_alloc */
	if (textvalue_find(body, "call_site", &site) &&
	    !call_site(r, body, &e->call_site))
		return false;
	return pointer(r, body, &e->ptr);
}

/* One that failed reserved nothing. */
static bool take_range(struct textentry *e, struct textspan body)
{
	uint64_t failed;

	if (!number(body, "size", &e->bytes_req) || !number(body, "failed", &failed))
		return false;
	if (failed)
		e->bytes_req = 0;
	return true;
}

/* The values of r->rec.e.event. False: one is missing, or makes no sense. */
static bool take_values(struct reader *r, struct textspan body)
{
	struct textentry *e = &r->rec.e;

	switch ((enum textevent)e->event) {
	case TEXTEVENT_KFREE:
	case TEXTEVENT_CACHE_FREE:
		take_name(e, r->rec.name, body, NULL);
		return pointer(r, body, &e->ptr) && call_site(r, body, &e->call_site);
	case TEXTEVENT_KMALLOC:
	case TEXTEVENT_CACHE_ALLOC:
		return take_object(r, e, body) && pointer(r, body, &e->ptr) &&
		       call_site(r, body, &e->call_site);
	case TEXTEVENT_PAGE_ALLOC:
	case TEXTEVENT_PAGE_FREE:
		return take_pages(e, body);
	case TEXTEVENT_PERCPU_ALLOC:
	case TEXTEVENT_PERCPU_FAIL:
		return take_percpu(r, e, body);
	case TEXTEVENT_PERCPU_FREE:
		return pointer(r, body, &e->ptr);
	case TEXTEVENT_MODULE_LOAD:
	case TEXTEVENT_MODULE_FREE:
		return take_module(e, r->rec.name, body);
	case TEXTEVENT_AREA_RANGE:
		return take_range(e, body);
	case TEXTEVENT_OTHER:
	case TEXTEVENT_STACK:
	case TEXTEVENTS:
		break;
	}
	return true;
}

/* ---- lines --------------------------------------------------------------------- */

/* An event without a name for its call site, or the stack that may have one. */
static int look_for_names(struct reader *r)
{
	struct textentry *e = &r->rec.e;
	struct bare_event *bare = &r->unnamed[e->cpu];

	if (textsyms_is_bare(r->syms, e->call_site)) {
		*bare = (struct bare_event){
			.site = e->call_site, .entry = r->file.entries,
			.pid = e->pid, .flags = e->flags,
		};
		return 0;
	}
	if (!bare->site || bare->pid != e->pid || bare->flags != e->flags)
		return 0;
	if (e->event == TEXTEVENT_STACK &&
	    textsyms_stack(r->syms, bare->site, r->rec.frames, e->n_frames) &&
	    textfile_stack_tells(&r->file, bare->entry))
		return error_set(r->err, -ENOMEM, "out of memory");
	bare->site = 0;
	return 0;
}

static int keep_open(struct reader *r)
{
	int ret;

	if (!r->open)
		return 0;
	r->open = false;
	r->last_frame = 0;
	ret = look_for_names(r);
	return ret ? ret : textfile_keep(&r->file, &r->rec, r->err);
}

/*
 * The text is in the order in which the kernel merged it, with microseconds:
 * what has the same time, or an older one, comes a nanosecond later. Much older
 * is what begins the log of another CPU (per_cpu/cpuN/trace, one file behind the
 * other): the time must tell the order. In the log of one CPU it never does.
 */
static uint64_t next_time(struct reader *r, const struct textline *line)
{
	uint64_t older = line->ts < r->last_raw ? r->last_raw - line->ts : 0;
	bool back = line->ts < r->cpu_raw[line->cpu];

	r->last_raw = r->cpu_raw[line->cpu] = line->ts;
	if (older > OLDER_MAX && !back) {
		r->log->cpu_logs++;
		r->ts = line->ts;
		return r->ts;
	}
	r->log->out_of_order += older > 0;
	r->log->went_back += older > OLDER_MAX;
	if (line->ts > r->ts || !r->log->entries)
		r->ts = line->ts;
	else
		r->ts++;
	return r->ts;
}

static int keep_comm(struct reader *r, const struct textline *line)
{
	uint32_t id;

	/* "<...>": it had been forgotten; a name that was known stays */
	if (line->comm.len == 5 && !memcmp(line->comm.at, "<...>", 5))
		return 0;
	id = strings_add(r->names, line->comm.at, line->comm.len);
	if (id == UINT32_MAX)
		return error_set(r->err, -ENOMEM, "out of memory");
	r->comms[line->pid] = id;
	if (line->pid > r->last_pid)
		r->last_pid = line->pid;
	return 0;
}

static int add_frame(struct reader *r, const struct textcode *code)
{
	struct textentry *e = &r->rec.e;
	uint64_t token;
	bool tells;

	if (e->n_frames == TEXTENTRY_FRAMES_MAX)
		return 0;
	token = textsyms_token(r->syms, code);
	if (!token)
		return error_set(r->err, -ENOMEM, "out of memory");
	r->untold |= code->name.len && !code->module.len && !code->told;
	/* options/sym-offset is off: of one frame the event says more */
	if (textsyms_same_function(r->syms, token, r->site[e->cpu])) {
		token = textsyms_join(r->syms, token, r->site[e->cpu], &tells);
		r->site[e->cpu] = 0;
		if (tells && textfile_stack_tells(&r->file, r->site_entry[e->cpu]))
			return error_set(r->err, -ENOMEM, "out of memory");
	}
	if (textsyms_is(r->syms, token, "do_one_initcall"))
		textsyms_is_init(r->syms, r->last_frame);
	r->last_frame = token;
	r->rec.frames[e->n_frames++] = token;
	return 0;
}

static int read_entry(struct reader *r, const struct textline *line)
{
	struct textentry *e = &r->rec.e;
	int ret = keep_open(r);

	if (ret)
		return ret;
	memset(e, 0, sizeof(*e));
	e->ts = next_time(r, line);
	e->pid = line->pid;
	e->cpu = (uint16_t)line->cpu;
	e->flags = line->flags;
	e->lost = r->lost[line->cpu];
	r->lost[line->cpu] = 0;
	r->log->entries++;
	r->file.counts |= line->counts;
	r->user_stack = line->kind == TEXTLINE_USER_STACK;
	r->perf = line->perf;
	r->log->perf |= line->perf;
	if (line->perf)
		r->log->made_by = RECORDER_TEXT_PERF;
	else if (line->kind == TEXTLINE_STACK && line->event.len)	/* kernel_stack: */
		r->log->made_by = RECORDER_TEXT_TRACE_CMD;
	r->log->raw_stacks += line->raw_stack;
	r->log->short_names |= line->narrow;
	r->open = true;
	if (line->kind == TEXTLINE_STACK) {
		e->event = TEXTEVENT_STACK;
		r->stack_bytes = 0;
		return line->has_frame ? add_frame(r, &line->frame) : 0;
	}
	e->event = line->kind == TEXTLINE_ENTRY ? event_of(line->event) : TEXTEVENT_OTHER;
	if (!take_values(r, line->body)) {
		r->log->unusable++;
		e->event = TEXTEVENT_OTHER;
		e->name_len = 0;
	}
	r->site[e->cpu] = e->call_site;
	r->site_entry[e->cpu] = r->file.entries;
	return keep_comm(r, line);
}

/* Of perf's entry at hand: a stack of its own, as the kernel writes it. */
static int begin_stack(struct reader *r)
{
	struct textentry *e = &r->rec.e;
	const struct textentry of = *e;
	int ret = textfile_keep(&r->file, &r->rec, r->err);

	if (ret)
		return ret;
	memset(e, 0, sizeof(*e));
	e->ts = ++r->ts;
	e->pid = of.pid;
	e->cpu = of.cpu;
	e->flags = of.flags;
	e->event = TEXTEVENT_STACK;
	r->last_frame = 0;
	r->log->entries++;
	return 0;
}

/* What printk had no room for ends within a frame, or behind one. */
static bool cut_off(struct reader *r, size_t len)
{
	size_t before = r->stack_bytes;

	r->stack_bytes += len + 1;
	if (!r->dump || r->stack_bytes < DUMPED_STACK_MAX)
		return false;
	r->log->cut_stacks += before < DUMPED_STACK_MAX;
	return true;
}

static int read_frame(struct reader *r, const struct textline *line, size_t len)
{
	struct textentry *e = &r->rec.e;
	int ret;

	if (line->perf) {
		if (!r->open || !r->perf) {
			r->log->foreign++;
			return 0;
		}
		if (e->event != TEXTEVENT_STACK) {
			ret = begin_stack(r);
			if (ret)
				return ret;
		}
		return add_frame(r, &line->frame);
	}
	if (!r->open || e->event != TEXTEVENT_STACK) {
		r->log->strange += !r->user_stack;
		return 0;
	}
	return cut_off(r, len) ? 0 : add_frame(r, &line->frame);
}

/* No part of a trace, unless it is what was left of a frame, with half its arrow. */
static void read_foreign(struct reader *r, const char *text, size_t len)
{
	static const char dump[] = "Dumping ftrace buffer:";
	const char *offset = memmem(text, len, "+0x", 3);

	if (r->frames && offset && (memchr(text, '>', (size_t)(offset - text)) ||
				    memchr(text, '=', (size_t)(offset - text)))) {
		r->log->strange++;
		return;
	}
	r->log->foreign++;
	if (memmem(text, len, dump, sizeof(dump) - 1))
		r->dump = true;
}

/* "# cmdline : perf record ...", quoted or not. */
static void read_comment(struct reader *r, const char *text, size_t len)
{
	const char *end = text + len;

	while (text < end && memchr(" \t>|", *text, 4))
		text++;
	perfcmd_line(&r->asked, text, (size_t)(end - text));
}

/* What was switched off when the text was printed had been on before. */
static void read_filter(struct reader *r, const char *text, size_t len)
{
	struct tracefilter f;

	if (tracefilter_parse(text, len, &f) && f.kind != TRACEFILTER_DISABLED)
		tracefilters_add(&r->log->filters, &f);
}

static void add_lost(uint64_t *to, uint64_t lost)
{
	if (*to == TEXT_LOST_UNKNOWN || lost == TEXT_LOST_UNKNOWN ||
	    __builtin_add_overflow(*to, lost, to))
		*to = TEXT_LOST_UNKNOWN;
}

static void read_counts(struct reader *r, const struct textline *line)
{
	if (line->written > line->in_buffer)
		r->log->overwritten += line->written - line->in_buffer;
	r->log->cpus_told |= line->cpus > 0;
	if (r->file.ring.cpus < line->cpus)
		r->file.ring.cpus = line->cpus;
	r->counted |= line->kind == TEXTLINE_COUNTS;
}

static int read_line(struct reader *r, char *text, size_t len)
{
	bool frames = r->frames;
	struct textline line;

	r->log->lines++;
	if (len > LINE_MAX_BYTES) {
		r->log->strange++;
		return 0;
	}
	if (r->escapes)
		len = textquote_clean(text, len);
	textline_parse(text, len, &line);
	r->frames = line.kind == TEXTLINE_STACK || (frames && line.kind == TEXTLINE_FRAME);
	switch (line.kind) {
	case TEXTLINE_ENTRY:
	case TEXTLINE_STACK:
	case TEXTLINE_USER_STACK:
		return read_entry(r, &line);
	case TEXTLINE_FRAME:
		return read_frame(r, &line, len);
	case TEXTLINE_LOST:
		add_lost(&r->lost[line.cpu], line.lost);
		return 0;
	case TEXTLINE_CPUS:
		r->log->made_by = RECORDER_TEXT_TRACE_CMD;
		/* fall through */
	case TEXTLINE_COUNTS:
		read_counts(r, &line);
		return 0;
	case TEXTLINE_STARTED:
		r->overrun = true;
		return 0;
	case TEXTLINE_BAD_FRAME:
		if (r->open && r->rec.e.event == TEXTEVENT_STACK && cut_off(r, len))
			return 0;
		r->log->strange += !r->user_stack;
		return 0;
	case TEXTLINE_BARE:
	case TEXTLINE_RAW:
		r->bare |= line.kind == TEXTLINE_BARE;
		r->raw |= line.kind == TEXTLINE_RAW;
		/* fall through */
	case TEXTLINE_STRANGE:
		r->log->strange++;
		return 0;
	case TEXTLINE_FILTER:
		read_filter(r, text, len);
		return 0;
	case TEXTLINE_FOREIGN:
		r->frames = frames;
		read_foreign(r, text, len);
		r->frames = false;
		return 0;
	case TEXTLINE_NOTHING:
		read_comment(r, text, len);
		break;
	case TEXTLINE_USER_FRAME:
		break;
	}
	return 0;
}

/* All whole lines of @buf; *left: bytes of the last one, moved to the front. */
static int read_lines(struct reader *r, char *buf, size_t len, size_t *left)
{
	char *line = buf, *end = buf + len, *eol;
	int ret;

	while ((eol = memchr(line, '\n', (size_t)(end - line)))) {
		ret = read_line(r, line, (size_t)(eol - line));
		if (ret)
			return ret;
		line = eol + 1;
	}
	*left = (size_t)(end - line);
	if (*left == BUFFER_BYTES) {	/* no line at all: its start will do */
		*left = LINE_MAX_BYTES + 1;
		return 0;
	}
	memmove(buf, line, *left);
	return 0;
}

static bool stopped(const struct reader *r)
{
	return r->opts->stop && *r->opts->stop;
}

static int read_all(struct reader *r, int fd, char *buf)
{
	size_t have = r->opts->head_len;
	int ret = 0;

	if (have) {
		memcpy(buf, r->opts->head, have);
		r->bytes = have;
		r->escapes = memchr(buf, ESCAPE, have) != NULL;
		ret = read_lines(r, buf, have, &have);
	}
	while (!ret && !stopped(r)) {
		ssize_t n = read(fd, buf + have, BUFFER_BYTES - have);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return error_set(r->err, -errno, "%s: %s", r->opts->name,
					 strerror(errno));
		if (!n)
			break;
		r->bytes += (uint64_t)n;
		r->escapes |= memchr(buf + have, ESCAPE, (size_t)n) != NULL;
		ret = read_lines(r, buf, have + (size_t)n, &have);
		if (!ret && r->opts->progress &&
		    r->opts->progress(r->opts->progress_arg, r->bytes, r->opts->total))
			return error_set(r->err, -ECANCELED, "interrupted");
	}
	/* the last line may lack its end: of a log that was cut off, it is one */
	if (!ret && have)
		ret = read_line(r, buf, have);
	return ret ? ret : keep_open(r);
}

static char *comm_lines(const struct reader *r)
{
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	if (!out)
		return NULL;
	for (int32_t pid = 0; pid <= r->last_pid; pid++)
		if (r->comms[pid])
			fprintf(out, "%d %s\n", pid, strings_get(r->names, r->comms[pid]));
	if (!fclose(out))
		return text;
	free(text);
	return NULL;
}

/* Losses that no entry followed: one is made up that can tell of them. */
static int keep_last_losses(struct reader *r)
{
	int ret = 0;

	for (uint32_t cpu = 0; cpu < TEXT_CPUS_MAX && !ret; cpu++) {
		if (!r->lost[cpu])
			continue;
		memset(&r->rec.e, 0, sizeof(r->rec.e));
		r->rec.e.ts = ++r->ts;
		r->rec.e.cpu = (uint16_t)cpu;
		r->rec.e.lost = r->lost[cpu];
		r->rec.e.event = TEXTEVENT_OTHER;
		ret = textfile_keep(&r->file, &r->rec, r->err);
	}
	return ret;
}

static int learn(struct reader *r)
{
	const char *path = r->opts->kallsyms_file;
	size_t len = 0;
	char *text = readfile(path, READFILE_MAX, "copy of /proc/kallsyms", &len, r->err);
	struct span rest = span_of(text, len), line;
	struct kallsyms_line k;
	bool any = false;
	int ret = 0;

	if (!text)
		return -EINVAL;
	while (!ret && span_line(&rest, &line)) {
		if (!kallsyms_line(line, &k))
			continue;
		any = true;
		ret = textsyms_learn(r->syms, &k);
	}
	if (ret)
		error_set(r->err, ret, "out of memory");
	else if (!any)
		ret = error_set(r->err, -EINVAL,
				"%s: holds no line of /proc/kallsyms (ADDRESS TYPE NAME [MODULE])",
				path);
	free(text);
	return ret;
}

static int learn_modules(struct reader *r)
{
	size_t len;
	char *text = readfile(r->opts->modules_file, READFILE_MAX, "copy of /proc/modules",
			      &len, r->err);
	int ret;

	if (!text)
		return -EINVAL;
	ret = textsyms_modules(r->syms, text, len);
	free(text);
	return ret ? error_set(r->err, ret, "out of memory") : 0;
}

/*
 * Of 64-bit pointers, hashed are those of which none has more than 32 bits. On 32-bit
 * kernels real ones, before 4.15 or with no_hash_pointers, are as wide, but lie on
 * words (mm/slab_common.c, calculate_alignment()), where three of four hashes do not.
 */
static void look_at_pointers(const struct reader *r)
{
	struct textlog *log = r->log;

	log->long_bits = r->wide || !r->pointers ? 64 : 32;
	log->hashed = (r->pointers || log->withheld) && !r->real_pointers;
	log->hashed_known = log->hashed;
	if (!log->hashed || r->wide)
		return;
	log->hashed_known = r->unaligned * 2 > r->pointers;
	log->hashed = r->unaligned || r->pointers < POINTERS_TELL;
}

static int finish(struct reader *r)
{
	struct textlog *log = r->log;
	char *comms;
	int ret;

	if (!log->entries && r->bare)
		return error_set(r->err, -EINVAL, "%s: printed with options/context-info off, tasks, CPUs and times are not in it: print it again with 1 in that file",
				 r->opts->name);
	if (!log->entries && r->raw)
		return error_set(r->err, -EINVAL, "%s: printed with options/raw, hex or bin, the events are not in it: print it again with 0 in these files",
				 r->opts->name);
	if (!log->entries)
		return error_set(r->err, -EINVAL, "%s: holds no line of the kernel's trace or trace_pipe (TASK-PID [CPU] FLAGS TIME: EVENT: ...)",
				 r->opts->name);
	ret = keep_last_losses(r);
	if (ret)
		return ret;
	comms = comm_lines(r);
	if (!comms)
		return error_set(r->err, -ENOMEM, "out of memory");
	log->fd = textfile_write(&r->file, r->syms, comms, r->err);
	free(comms);
	log->overwritten_unknown = r->overrun && !r->counted;
	look_at_pointers(r);
	log->no_offsets = textsyms_lacks_offsets(r->syms);
	log->no_modules = r->untold && !r->opts->kallsyms_file;
	log->kallsyms_unseen = textsyms_given_unseen(r->syms);
	log->kallsyms_differ = textsyms_given_differs(r->syms);
	log->ambiguous = textsyms_ambiguous(r->syms);
	return log->fd < 0 ? log->fd : 0;
}

int textlog_convert(int fd, const struct textlog_opts *opts, struct textlog *log,
		    struct error *err)
{
	struct reader *r = calloc(1, sizeof(*r));
	char *buf = malloc(BUFFER_BYTES);
	uint32_t page_size = opts->page_size ? opts->page_size : PAGE_SIZE_USUAL;
	int ret;

	memset(log, 0, sizeof(*log));
	log->fd = -1;
	log->made_by = RECORDER_TEXT;
	log->page_size = page_size;
	log->page_size_assumed = !opts->page_size;
	if (!r || !buf) {
		free(r);
		free(buf);
		return error_set(err, -ENOMEM, "out of memory");
	}
	r->opts = opts;
	r->log = log;
	r->asked.list = &log->filters;
	r->err = err;
	ret = textfile_open(&r->file, opts->name, err);
	if (!ret) {
		r->syms = textsyms_new();
		r->names = strings_new();
		r->comms = calloc(TEXT_PID_MAX + 1, sizeof(*r->comms));
		if (!r->syms || !r->names || !r->comms)
			ret = error_set(err, -ENOMEM, "out of memory");
	}
	if (!ret && opts->kallsyms_file)
		ret = learn(r);
	if (!ret && opts->modules_file)
		ret = learn_modules(r);
	if (!ret)
		ret = read_all(r, fd, buf);
	if (!ret)
		ret = finish(r);
	textfile_close(&r->file);
	textsyms_free(r->syms);
	strings_free(r->names);
	free(r->comms);
	free(r);
	free(buf);
	return ret;
}

/* "# tracer: nop", of a buffer that may be empty */
static bool has_head(const void *data, size_t len)
{
	return len > 10 && !memcmp(data, "# tracer: ", 10);
}

bool textlog_is_binary(const void *data, size_t len)
{
	size_t nuls = 0;

	if (has_head(data, len))	/* options/bin */
		return false;
	/* a serial line has some when it is opened */
	for (size_t i = 0; i < len; i++)
		nuls += !((const char *)data)[i];
	return nuls > 16 && nuls > len / 64;
}

bool textlog_is_text(const void *data, size_t len)
{
	const char *line = data, *end = line + len, *eol;
	char clean[LINE_MAX_BYTES];
	struct textline parsed;

	for (; line < end; line = eol + 1) {
		size_t n;

		eol = memchr(line, '\n', (size_t)(end - line));
		if (!eol)
			eol = end;
		n = (size_t)(eol - line);
		if (n > sizeof(clean))
			continue;
		memcpy(clean, line, n);
		n = textquote_clean(clean, n);
		textline_parse(clean, n, &parsed);
		switch (parsed.kind) {
		case TEXTLINE_ENTRY:
		case TEXTLINE_STACK:
		case TEXTLINE_USER_STACK:
		case TEXTLINE_COUNTS:
		case TEXTLINE_LOST:
		case TEXTLINE_BARE:
			return true;
		default:
			break;
		}
	}
	return has_head(data, len);
}
