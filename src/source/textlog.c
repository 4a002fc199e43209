// SPDX-License-Identifier: GPL-2.0-or-later
#include "textlog.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "error.h"
#include "kallsyms.h"
#include "memstream.h"
#include "readfile.h"
#include "perfcmd.h"
#include "strings_table.h"
#include "textbuffers.h"
#include "textevent.h"
#include "textfile.h"
#include "textfold.h"
#include "textline.h"
#include "textquote.h"
#include "textsyms.h"

#define BUFFER_BYTES	(256u * 1024)
#define LINE_MAX_BYTES	TEXTFOLD_MAX
#define PAGE_SIZE_USUAL	4096u
#define ESCAPE		'\x1b'
/*
 * What printk takes at most of a stack at once, less what the versions differ in:
 * kernel/printk/printk.c, LOG_LINE_MAX; kernel/trace/trace.c, TRACE_MAX_PRINT.
 */
#define DUMPED_STACK_MAX 974u	/* bytes */

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
	struct textfold fold;
	struct textbuffers buffers;
	struct textcpu *cpu;		/* of the entry at hand */
	struct textevents events;
	uint64_t last_frame;
	bool counted;			/* the head was met that tells of overruns, */
	bool overrun;			/* ... and lines that come of them */
	uint64_t bytes;
	enum textline_kind lacks;	/* of the first entry that lacks too much, or 0 */
	bool untold;			/* nothing says whose some functions are */
	bool escapes;			/* of terminals were met in the text */
	struct strings *names;
	uint32_t *comms;		/* by pid: a string of @names */
	int32_t last_pid;		/* the largest of them */
	struct error *err;
	struct perfcmd asked;	/* what perf script says of its recording */
};

/* ---- lines --------------------------------------------------------------------- */

/* An event without a name for its call site, or the stack that may have one. */
static int look_for_names(struct reader *r)
{
	struct textentry *e = &r->rec.e;
	struct bare_event *bare = &r->cpu->unnamed;

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
	if (textsyms_same_function(r->syms, token, r->cpu->site)) {
		token = textsyms_join(r->syms, token, r->cpu->site, &tells);
		r->cpu->site = 0;
		if (tells && textfile_stack_tells(&r->file, r->cpu->site_entry))
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
	uint32_t buffer;

	if (ret)
		return ret;
	if (textbuffers_of(&r->buffers, line, &buffer, &r->cpu))
		return error_set(r->err, -ENOMEM, "out of memory");
	memset(e, 0, sizeof(*e));
	e->ts = textbuffers_time(&r->buffers, line, buffer, r->cpu);
	e->pid = line->pid;
	e->lane = r->cpu->lane;
	e->flags = line->flags;
	e->lost = r->cpu->lost;
	r->cpu->lost = 0;
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
		r->log->stacks++;
		r->stack_bytes = 0;
		return line->has_frame ? add_frame(r, &line->frame) : 0;
	}
	e->event = line->kind == TEXTLINE_ENTRY ? textevent_of(line->event) : TEXTEVENT_OTHER;
	if (!textevent_take(&r->events, &r->rec, line->body)) {
		r->log->unusable++;
		e->event = TEXTEVENT_OTHER;
		e->name_len = 0;
	}
	r->cpu->site = e->call_site;
	r->cpu->site_entry = r->file.entries;
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
	e->ts = r->cpu->ts = ++r->buffers.ts;
	e->pid = of.pid;
	e->lane = of.lane;
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

static int read_lost(struct reader *r, const struct textline *line)
{
	struct textcpu *cpu;
	uint32_t buffer;

	if (textbuffers_of(&r->buffers, line, &buffer, &cpu))
		return error_set(r->err, -ENOMEM, "out of memory");
	if (cpu->lost == TEXT_LOST_UNKNOWN || line->lost == TEXT_LOST_UNKNOWN ||
	    __builtin_add_overflow(cpu->lost, line->lost, &cpu->lost))
		cpu->lost = TEXT_LOST_UNKNOWN;
	return 0;
}

static void read_counts(struct reader *r, const struct textline *line)
{
	if (line->written > line->in_buffer)
		r->log->overwritten += line->written - line->in_buffer;
	r->log->cpus_told |= line->cpus > 0;
	if (r->file.cpus < line->cpus)
		r->file.cpus = line->cpus;
	r->counted |= line->kind == TEXTLINE_COUNTS;
}

static int read_parsed(struct reader *r, struct textline *line, const char *text, size_t len)
{
	bool frames = r->frames;

	r->frames = line->kind == TEXTLINE_STACK || (frames && line->kind == TEXTLINE_FRAME);
	switch (line->kind) {
	case TEXTLINE_ENTRY:
	case TEXTLINE_STACK:
	case TEXTLINE_USER_STACK:
		return read_entry(r, line);
	case TEXTLINE_FRAME:
		return read_frame(r, line, len);
	case TEXTLINE_LOST:
		return read_lost(r, line);
	case TEXTLINE_HEAD:
		return textbuffers_head(&r->buffers, line) ?
		       error_set(r->err, -ENOMEM, "out of memory") : 0;
	case TEXTLINE_CPUS:
		r->log->made_by = RECORDER_TEXT_TRACE_CMD;
		/* fall through */
	case TEXTLINE_COUNTS:
		read_counts(r, line);
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
	case TEXTLINE_CUT:
	case TEXTLINE_GRAPH:
	case TEXTLINE_RAW:
		if (!r->lacks)
			r->lacks = line->kind;
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

/* What was held of an entry: whole, or as much as came. */
static int read_half(struct reader *r)
{
	struct textline line;
	size_t len = r->fold.n_half;

	if (!len)
		return 0;
	r->fold.n_half = 0;
	textline_parse(r->fold.half, len, &line);
	return read_parsed(r, &line, r->fold.half, len);
}

/* An entry that a mail or an editor broke into several lines is one. */
static int read_line(struct reader *r, char *text, size_t len)
{
	struct textfold *fold = &r->fold;
	struct textline line, whole;
	int ret = 0;

	r->log->lines++;
	if (len > LINE_MAX_BYTES) {
		r->log->strange++;
		return 0;
	}
	if (r->escapes)
		len = textquote_clean(text, len);
	if (!textfold_decode(fold, &text, &len))
		return 0;
	textline_parse(text, len, &line);
	if ((fold->n_half || fold->joined) && textfold_is_rest(&line, text, len)) {
		if (!fold->n_half)
			return 0;
		if (textfold_join(fold, text, len)) {
			textline_parse(fold->half, fold->n_half, &whole);
			if (textfold_is_half(&whole))
				return 0;
			fold->joined = true;
			r->log->joined++;
			return read_half(r);
		}
	}
	fold->joined = false;
	if (fold->n_half)
		ret = read_half(r);
	if (ret || !textfold_is_half(&line))
		return ret ? ret : read_parsed(r, &line, text, len);
	textfold_keep(fold, text, len);
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
	if (!ret)
		ret = read_half(r);
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
	memstream_close(out, &text);
	return text;
}

/* Losses that no entry followed: one is made up that can tell of them. */
static int keep_last_losses(struct reader *r)
{
	const struct textbuffers *tb = &r->buffers;
	struct textentry *e = &r->rec.e;
	int ret = 0;

	for (uint32_t b = 0; b < tb->n; b++)
		for (uint32_t cpu = 0; tb->cpus[b] && cpu < TEXT_CPUS_MAX && !ret; cpu++) {
			const struct textcpu *of = &tb->cpus[b][cpu];

			if (!of->lost)
				continue;
			memset(e, 0, sizeof(*e));
			e->ts = (tb->ts > of->ts ? tb->ts : of->ts) + 1;
			e->lane = of->lane;
			e->lost = of->lost;
			e->event = TEXTEVENT_OTHER;
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

/* Of a text without one entry: why, and what to do. */
static const char *what_lacks(enum textline_kind kind)
{
	switch (kind) {
	case TEXTLINE_BARE:
		return "printed with options/context-info off, tasks, CPUs and times are not in it: print it again with 1 in that file";
	case TEXTLINE_CUT:
		return "the tasks were cut out of its lines (TASK-PID [CPU] FLAGS TIME: EVENT: ...): give it as it was printed";
	case TEXTLINE_GRAPH:
		return "of the tracer function_graph, which leaves out the tasks and times of events: print it again after nop was written to current_tracer, or record it anew";
	case TEXTLINE_RAW:
		return "printed with options/raw, hex or bin, the events are not in it: print it again with 0 in these files";
	default:
		return "holds no line of the kernel's trace or trace_pipe (TASK-PID [CPU] FLAGS TIME: EVENT: ...)";
	}
}

static int finish(struct reader *r)
{
	struct textlog *log = r->log;
	char *comms;
	int ret;

	if (!log->entries)
		return error_set(r->err, -EINVAL, "%s: %s", r->opts->name, what_lacks(r->lacks));
	ret = keep_last_losses(r);
	if (ret)
		return ret;
	comms = comm_lines(r);
	if (!comms)
		return error_set(r->err, -ENOMEM, "out of memory");
	if (textbuffers_end(&r->buffers, &r->file)) {
		free(comms);
		return error_set(r->err, -ENOMEM, "out of memory");
	}
	r->file.percpu_bytes = r->events.percpu_bytes;
	log->fd = textfile_write(&r->file, r->syms, comms, r->err);
	free(comms);
	log->overwritten_unknown = r->overrun && !r->counted;
	if (r->events.sizeless && log->made_by == RECORDER_TEXT)
		log->made_by = RECORDER_TEXT_TRACE_CMD;
	textevents_pointers(&r->events, log);
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
		textbuffers_init(&r->buffers, log, r->names);
		r->events.syms = r->syms;
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
	textbuffers_free(&r->buffers);
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
		case TEXTLINE_CUT:
		case TEXTLINE_GRAPH:
			return true;
		default:
			break;
		}
	}
	return has_head(data, len);
}
