// SPDX-License-Identifier: GPL-2.0-or-later
#include "pageowner.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "error.h"
#include "filemap.h"
#include "span.h"
#include "tempfile.h"
#include "textline.h"

#define FIRST_WORDS	"Page allocated via order "
#define TIMES		" times"
#define ORDERS		17u		/* of 0 to 16: what the books take */
/* Of page_owner_sort: pages in all, and blocks that are written one by one. */
#define PAGES_MAX	(UINT64_C(1) << 36)
#define BLOCKS_MAX	(UINT64_C(1) << 20)
#define PFN_FIRST	0x100000u		/* of blocks that have no number */
#define COMM_MAX	16u		/* TASK_COMM_LEN */
#define FRAMES_MAX	64u		/* PAGE_OWNER_STACK_DEPTH is 16 */

/* An entry, to be sorted. */
struct owned {
	uint64_t ts;		/* ns since boot, 0: not told */
	size_t at, end;		/* in the text */
};

struct owner_text {
	const char *text;
	size_t len;
	struct owned *entries;
	size_t n, room;
	uint64_t bad, merged;	/* entries */
	uint64_t pages, blocks, pfn;	/* of page_owner_sort, so far; the next one's */
	FILE *out;
};

static bool starts(struct span line, const char *words)
{
	return span_len(line) >= strlen(words) && !memcmp(line.at, words, strlen(words));
}

/* The number behind @key in @line, decimal, or with 0x. */
static bool number_behind(struct span line, const char *key, uint64_t *value)
{
	const char *at = memmem(line.at, span_len(line), key, strlen(key));
	struct textspan digits;

	if (!at)
		return false;
	digits.at = at + strlen(key);
	for (digits.len = 0; digits.at + digits.len < line.end &&
	     isalnum((unsigned char)digits.at[digits.len]);)
		digits.len++;
	return textvalue_number(digits, value);
}

/*
 * "3 times, 12 pages:", "3 times, 12 pages, PID 1, task_comm_name: a:": how page_owner_sort
 * begins an entry; before 5.13 without pages, which are 0 then.
 */
static bool is_times(struct span line, uint64_t *times, uint64_t *pages)
{
	const char *at = memmem(line.at, span_len(line), TIMES, strlen(TIMES));
	const struct span number = { line.at, at };

	if (!at || !span_number(number, PAGES_MAX, times))
		return false;
	*pages = 0;
	at += strlen(TIMES);
	if (at < line.end && *at != ',' && *at != ':')
		return false;
	if (at < line.end && *at == ',' && !number_behind((struct span){ at, line.end }, ", ", pages))
		return false;
	return *times && *pages < PAGES_MAX;
}

bool pageowner_is_text(const void *data, size_t len)
{
	struct span rest = span_of(data, len), line;
	uint64_t times, pages;

	while (span_line(&rest, &line))
		if (starts(line, FIRST_WORDS) || (is_times(line, &times, &pages) && pages))
			return true;
	return false;
}

/* ---- which there are --------------------------------------------------------------- */

static int add_entry(struct owner_text *ot, size_t at)
{
	struct owned *more;

	if (ot->n)
		ot->entries[ot->n - 1].end = at;
	if (ot->n == ot->room) {
		ot->room = ot->room ? 2 * ot->room : 4096;
		more = realloc(ot->entries, ot->room * sizeof(*more));
		if (!more)
			return -ENOMEM;
		ot->entries = more;
	}
	ot->entries[ot->n] = (struct owned){ .at = at, .end = ot->len };
	ot->n++;
	return 0;
}

static int by_time(const void *a, const void *b)
{
	const struct owned *x = a, *y = b;

	if (x->ts != y->ts)
		return x->ts < y->ts ? -1 : 1;
	return x->at < y->at ? -1 : x->at > y->at;
}

static int find_entries(struct owner_text *ot)
{
	struct span rest = span_of(ot->text, ot->len), line;
	bool after_times = false;
	uint64_t times, pages;

	while (span_line(&rest, &line)) {
		bool first = starts(line, FIRST_WORDS);
		bool begins = is_times(line, &times, &pages);

		if ((begins || (first && !after_times)) &&
		    add_entry(ot, (size_t)(line.at - ot->text)))
			return -ENOMEM;
		if (first && !number_behind(line, ", ts ", &ot->entries[ot->n - 1].ts))
			ot->entries[ot->n - 1].ts = 0;
		after_times = begins;
	}
	if (ot->n)
		qsort(ot->entries, ot->n, sizeof(*ot->entries), by_time);
	return 0;
}

/* ---- as a text log ------------------------------------------------------------------- */

/* "tgid 1 (NAME), ts": letters that could be taken for something else are "_". */
static void task_name(struct span first, char name[COMM_MAX])
{
	const char *at = memmem(first.at, span_len(first), ", tgid ", 7);
	size_t n = 0;

	at = at ? memchr(at, '(', (size_t)(first.end - at)) : NULL;
	while (at && ++at < first.end && n < COMM_MAX - 1 &&
	       !(*at == ')' && (first.end - at < 3 || !memcmp(at, "), ", 3))))
		name[n++] = isalnum((unsigned char)*at) || strchr("-_./:+@", *at) ? *at : '_';
	if (!n)
		n = (size_t)snprintf(name, COMM_MAX, "<...>");
	name[n] = '\0';
}

/* Of a stack: " f+0x1/0x9 [m]", once " [<ffffffff81000000>] f+0x1/0x9". */
static void write_frame(FILE *out, struct span line)
{
	while (line.at < line.end && *line.at == ' ')
		line.at++;
	if (starts(line, "[<")) {
		const char *end = memmem(line.at, span_len(line), ">] ", 3);

		if (end)
			line.at = end + 3;
	}
	fprintf(out, " => %.*s\n", (int)(span_len(line) < 1024 ? span_len(line) : 1024), line.at);
}

/* What an entry says before its stack. */
struct entry {
	struct span about;		/* the line on the task */
	uint64_t times, pages;		/* of page_owner_sort; 0: it is one block ... */
	uint64_t order, pfn;		/* ... of these; else order is ORDERS if not told */
};

/* Takes that off @text. False: it was cut off, or is none. */
static bool read_entry(struct span *text, struct entry *e)
{
	struct span line, after;

	*e = (struct entry){ .order = ORDERS };
	if (!span_line(text, &line))
		return false;
	e->about = line;
	if (is_times(line, &e->times, &e->pages)) {
		after = *text;
		if (!span_line(&after, &line) || !starts(line, FIRST_WORDS))
			return e->pages != 0;	/* of several orders, perhaps */
		*text = after;
		e->about = line;
	}
	if (!number_behind(line, FIRST_WORDS, &e->order) || e->order >= ORDERS)
		return false;
	if (e->times)
		return !e->pages || e->pages == e->times << e->order;
	return span_line(text, &line) && starts(line, "PFN ") &&
	       number_behind(line, "PFN ", &e->pfn);
}

static void write_block(struct owner_text *ot, const char *task, uint64_t pfn,
			uint64_t order, struct span stack)
{
	unsigned int frames = 0;
	struct span line;

	fprintf(ot->out, "%s: mm_page_alloc: pfn=0x%" PRIx64 " order=%" PRIu64 " migratetype=0 gfp_flags=0\n%s: <stack trace>\n",
		task, pfn, order, task);
	while (span_line(&stack, &line) && span_len(line))
		if (*line.at == ' ' && frames++ < FRAMES_MAX)
			write_frame(ot->out, line);
}

/* Where no number is told, blocks lie one behind the other, each as the allocator aligns it. */
static void write_next(struct owner_text *ot, const char *task, uint64_t order,
		       struct span stack)
{
	uint64_t pages = UINT64_C(1) << order;

	ot->pfn = (ot->pfn + pages - 1) & ~(pages - 1);
	write_block(ot, task, ot->pfn, order, stack);
	ot->pfn += pages;
}

/*
 * Blocks of page_owner_sort: as many as they were, if that is known and not too many.
 * False: they are more than a machine has.
 */
static bool write_blocks(struct owner_text *ot, const char *task, const struct entry *e,
			 struct span stack)
{
	uint64_t pages = e->pages ? e->pages : e->times << e->order, each = pages / e->times;
	uint64_t size = 1u << (ORDERS - 1);

	if (pages > PAGES_MAX - ot->pages)
		return false;
	ot->pages += pages;
	if (each && each <= size && !(each & (each - 1)) && each * e->times == pages &&
	    e->times <= BLOCKS_MAX - ot->blocks) {
		for (uint64_t i = 0; i < e->times && !ferror(ot->out); i++)
			write_next(ot, task, (uint64_t)__builtin_ctzll(each), stack);
		ot->blocks += e->times;
		return true;
	}
	/* their sum is right all the same */
	for (; pages; pages -= size) {
		while (size > pages)
			size /= 2;
		write_next(ot, task, (uint64_t)__builtin_ctzll(size), stack);
	}
	ot->merged++;
	return true;
}

static void write_entry(struct owner_text *ot, const struct owned *o)
{
	struct span rest = span_of(ot->text + o->at, o->end - o->at);
	char name[COMM_MAX], task[128];
	struct entry e;
	uint64_t pid;

	if (!read_entry(&rest, &e)) {
		ot->bad++;
		return;
	}
	if ((!number_behind(e.about, ", pid ", &pid) && !number_behind(e.about, ", PID ", &pid)) ||
	    pid > TEXT_PID_MAX)
		pid = 0;
	task_name(e.about, name);
	snprintf(task, sizeof(task), "%16s-%-7" PRIu64 " [000] ..... %5" PRIu64 ".%09" PRIu64,
		 name, pid, o->ts / 1000000000, o->ts % 1000000000);
	if (e.times)
		ot->bad += !write_blocks(ot, task, &e, rest);
	else
		write_block(ot, task, e.pfn, e.order, rest);
}

static int write_all(struct owner_text *ot, int fd)
{
	int copy = dup(fd), ret = 0;

	ot->out = copy < 0 ? NULL : fdopen(copy, "w");
	if (!ot->out) {
		if (copy >= 0)
			close(copy);
		return -errno;
	}
	fprintf(ot->out, "# tracer: nop\n");
	for (size_t i = 0; i < ot->n && !ferror(ot->out); i++)
		write_entry(ot, &ot->entries[i]);
	if (ferror(ot->out))
		ret = -errno;
	if (fclose(ot->out) && !ret)
		ret = -errno;
	if (!ret && lseek(fd, 0, SEEK_SET) < 0)
		ret = -errno;
	return ret;
}

/* ---- where it comes from --------------------------------------------------------------- */

/* What has no size, or cannot be mapped, in a file of its own. */
static int spool(int fd, const void *head, size_t len, const volatile sig_atomic_t *stop)
{
	int to = tempfile_open(), ret;
	char buf[65536];
	ssize_t n = 1;

	if (to < 0)
		return to;
	ret = tempfile_write(to, head, len);
	while (!ret && n && !(stop && *stop)) {
		n = read(fd, buf, sizeof(buf));
		if (n < 0 && errno == EINTR)
			continue;
		ret = n < 0 ? -errno : tempfile_write(to, buf, (size_t)n);
	}
	if (!ret)
		return to;
	close(to);
	return ret;
}

int pageowner_convert(int fd, const char *name, const void *head, size_t len,
		      const volatile sig_atomic_t *stop, struct pageowner *owner,
		      struct error *err)
{
	struct owner_text ot = { .pfn = PFN_FIRST };
	int spooled = -1, out = -1, ret = 0;
	struct stat st;
	void *map = NULL;

	if (fstat(fd, &st) || !S_ISREG(st.st_mode) || !st.st_size) {
		fd = spooled = spool(fd, head, len, stop);
		if (fd < 0 || fstat(fd, &st))
			ret = fd < 0 ? fd : -errno;
	}
	if (!ret) {
		ot.len = (size_t)st.st_size;
		map = filemap(fd, ot.len, PROT_READ);
		ot.text = map;
		ret = map ? find_entries(&ot) : -errno;
	}
	if (!ret)
		ret = out = tempfile_open();
	if (out >= 0)
		ret = write_all(&ot, out);
	if (map)
		filemap_free(map, ot.len);
	if (spooled >= 0)
		close(spooled);
	free(ot.entries);
	*owner = (struct pageowner){ .entries = ot.n, .bad = ot.bad, .merged = ot.merged };
	if (!ret)
		return out;
	if (out >= 0)
		close(out);
	return error_set(err, ret, "%s: %s", name, strerror(-ret));
}
