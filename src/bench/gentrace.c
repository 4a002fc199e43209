// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * gentrace - make a large trace.dat out of a real one
 *
 * usage: gentrace [-n RECORDS] [-l LIVE] [-s STACKS] [-f MIN-MAX] [-S SEED] TEMPLATE OUT
 *
 * TEMPLATE is a recording of version 6 without compression ("trace-cmd convert
 * --file-version 6 --compression none"). Its headers, formats and kallsyms are
 * taken as they are. Its kmem and percpu events and the stacks that follow them
 * are samples: OUT has RECORDS records, half of them stacks, made of samples
 * with pointers, page numbers and times of our own. Allocations and frees
 * match, and at most LIVE objects are held at any time. There are about STACKS
 * distinct stacks, as deep as they are in the template: a frame of another stack
 * takes the place of the third from outside, or goes behind it if that is a
 * module's, so that who is charged stays as real as it was. With -f they are
 * made MIN to MAX frames deep (at most 40), by more such frames.
 *
 * A trace.dat of version 6 (see trace-cmd.dat.v6(5)):
 *	0x17 0x08 0x44 "tracing" "6\0" endian:1 long:1 page_size:4
 *	"header_page\0" size:8 text  "header_event\0" size:8 text
 *	count:4 { size:8 text }				formats of ftrace
 *	count:4 { name\0 count:4 { size:8 text } }	formats of systems
 *	size:4 kallsyms  size:4 printk  size:8 cmdlines  cpus:4
 *	"options  \0" { id:2 size:4 data } id:2 (0)
 *	"flyrecord\0" { offset:8 size:8 } for each CPU
 *	size:8 clock, if there is an option for it
 *	pages of each CPU, from a multiple of the page size on
 * A ring buffer page: time:8 commit:8, then records of
 *	delta:27 << 5 | words:5, data		up to 28 words of data
 *	delta:27 << 5, bytes + 4, data		more than that
 */
#include <getopt.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <event-parse.h>
#include <trace-cmd.h>

enum { PAGE_HEADER = 16, MAX_FRAMES = 40, MAX_WORDS = 28 };
enum { OPTION_CPUSTAT = 2, OPTION_BUFFER = 3, OPTION_TRACECLOCK = 4 };

/* What is sampled; each allocating kind is followed by its freeing one. */
enum kind {
	KMALLOC,
	KFREE,
	CACHE_ALLOC,
	CACHE_FREE,
	PAGE_ALLOC,
	PAGE_FREE,
	PERCPU_ALLOC,
	PERCPU_FREE,
	KINDS
};

static const struct {
	const char *system, *name, *key;	/* key: pointer or page number */
	unsigned int per_cent;			/* of all allocations */
} kinds[KINDS] = {
	[KMALLOC] = { "kmem", "kmalloc", "ptr", 30 },
	[KFREE] = { "kmem", "kfree", "ptr", 0 },
	[CACHE_ALLOC] = { "kmem", "kmem_cache_alloc", "ptr", 50 },
	[CACHE_FREE] = { "kmem", "kmem_cache_free", "ptr", 0 },
	[PAGE_ALLOC] = { "kmem", "mm_page_alloc", "pfn", 15 },
	[PAGE_FREE] = { "kmem", "mm_page_free", "pfn", 0 },
	[PERCPU_ALLOC] = { "percpu", "percpu_alloc_percpu", "ptr", 5 },
	[PERCPU_FREE] = { "percpu", "percpu_free_percpu", "ptr", 0 },
};

struct layout {				/* of one kind, from its format */
	int id;
	int key;			/* offset */
	int order;			/* offset, or -1 */
	int bytes;			/* offset of bytes_alloc, or -1 */
};

struct sample {
	uint8_t *data;			/* the event as recorded */
	uint32_t len;
	uint8_t stack_head[64];		/* of its stack: up to the frames */
	uint64_t frames[MAX_FRAMES];
	unsigned int n_frames;
	bool in_module;			/* a module is on the stack */
	unsigned int order;
	struct sample *freed_by;	/* one that frees what this allocates */
	uint64_t key;			/* in the template */
};

struct samples {
	struct sample **of;
	size_t n;
};

struct object {
	const struct sample *sample;
	uint32_t slot;
};

static struct layout layouts[KINDS];
static int stack_id, stack_size_at, stack_caller_at;
static struct samples found[KINDS], made[KINDS];
static uint64_t module_low = UINT64_MAX, module_high;
static uint64_t *pool;			/* kernel frames from the middle of stacks */
static size_t n_pool;
static unsigned int min_frames, max_frames;	/* 0: as deep as they are */

static uint64_t random_state = 1;

__attribute__((format(printf, 1, 2), noreturn))
static void die(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	fputs("gentrace: ", stderr);
	vfprintf(stderr, fmt, ap);
	fputc('\n', stderr);
	va_end(ap);
	exit(2);
}

static void *grown(void *ptr, size_t bytes)
{
	ptr = realloc(ptr, bytes);
	if (!ptr)
		die("out of memory");
	return ptr;
}

static uint64_t draw(uint64_t below)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 7;
	random_state ^= random_state << 17;
	return (random_state >> 11) % below;
}

/* ---- the template's headers ----------------------------------------------- */

static struct {
	uint8_t *data;			/* the whole file */
	size_t len, at;
	uint32_t page_size, cpus;
	size_t options, options_end;	/* from the first to the ending one */
	size_t clock, clock_end;	/* after the table of CPUs */
} tpl;

static const uint8_t *take(size_t len)
{
	if (len > tpl.len - tpl.at)
		die("the template ends in its headers");
	tpl.at += len;
	return tpl.data + tpl.at - len;
}

static uint64_t take_number(size_t len)
{
	uint64_t value = 0;

	memcpy(&value, take(len), len);
	return value;
}

static void take_magic(const char *magic, size_t len)
{
	if (memcmp(take(len), magic, len))
		die("no '%s' where there should be one: not version 6?", magic);
}

static void take_formats(void)
{
	for (uint64_t n = take_number(4); n; n--)
		take(take_number(8));
}

/* Where modules are, by their text symbols: "ADDRESS t NAME	[MODULE]". */
static void find_modules(const char *text, size_t len)
{
	char *copy = strndup(text, len);
	char *save = NULL;

	for (char *line = strtok_r(copy, "\n", &save); line;
	     line = strtok_r(NULL, "\n", &save)) {
		char *type;
		uint64_t addr = strtoull(line, &type, 16);

		if (!strchr(line, '[') || (strncmp(type, " t ", 3) &&
					   strncmp(type, " T ", 3)))
			continue;
		if (addr < module_low)
			module_low = addr;
		if (addr > module_high)
			module_high = addr;
	}
	free(copy);
}

static void read_headers(const char *path)
{
	FILE *file = fopen(path, "rb");
	size_t len;
	long size;

	if (!file || fseek(file, 0, SEEK_END) || (size = ftell(file)) < 0)
		die("cannot read %s", path);
	rewind(file);
	tpl.len = (size_t)size;
	tpl.data = grown(NULL, tpl.len);
	if (fread(tpl.data, 1, tpl.len, file) != tpl.len)
		die("cannot read %s", path);
	fclose(file);

	take_magic("\x17\x08\x44tracing6", 12);
	if (take_number(1) != 0 || take_number(1) != 8)
		die("the template must be little endian and 64-bit");
	tpl.page_size = (uint32_t)take_number(4);
	take_magic("header_page", 12);
	take(take_number(8));
	take_magic("header_event", 13);
	take(take_number(8));
	take_formats();
	for (uint64_t n = take_number(4); n; n--) {
		while (*take(1))
			;
		take_formats();
	}
	len = take_number(4);
	find_modules((const char *)take(len), len);
	take(take_number(4));
	take(take_number(8));
	tpl.cpus = (uint32_t)take_number(4);
	tpl.options = tpl.at;
	take_magic("options  ", 10);
	tpl.clock = 0;
	for (;;) {
		uint64_t id = take_number(2);

		if (!id)
			break;
		if (id == OPTION_BUFFER)
			die("the template has more than one buffer");
		if (id == OPTION_TRACECLOCK)
			tpl.clock = 1;
		take(take_number(4));
	}
	tpl.options_end = tpl.at;
	take_magic("flyrecord", 10);
	take(16 * (size_t)tpl.cpus);
	if (tpl.clock) {
		tpl.clock = tpl.at;
		take(take_number(8));
		tpl.clock_end = tpl.at;
	}
}

/* ---- samples -------------------------------------------------------------- */

static int field_offset(struct tep_event *event, const char *name, bool must)
{
	struct tep_format_field *field = tep_find_field(event, name);

	if (!field && must)
		die("%s has no field %s in the template", event->name, name);
	return field ? field->offset : -1;
}

static void find_layouts(struct tep_handle *tep)
{
	struct tep_event *event;

	for (int k = 0; k < KINDS; k++) {
		event = tep_find_event_by_name(tep, kinds[k].system,
					       kinds[k].name);
		if (!event)
			die("no event %s in the template", kinds[k].name);
		layouts[k].id = event->id;
		layouts[k].key = field_offset(event, kinds[k].key, true);
		layouts[k].order = field_offset(event, "order", false);
		layouts[k].bytes = field_offset(event, "bytes_alloc", false);
	}
	event = tep_find_event_by_name(tep, "ftrace", "kernel_stack");
	if (!event)
		die("no kernel_stack in the template");
	stack_id = event->id;
	stack_size_at = field_offset(event, "size", true);
	stack_caller_at = field_offset(event, "caller", true);
	if (stack_caller_at > (int)sizeof(((struct sample *)0)->stack_head))
		die("kernel_stack has its frames too far out");
}

static uint64_t get(const uint8_t *data, int at, size_t len)
{
	uint64_t value = 0;

	memcpy(&value, data + at, len);
	return value;
}

static void put(uint8_t *data, int at, uint64_t value, size_t len)
{
	memcpy(data + at, &value, len);
}

static bool is_module(uint64_t addr)
{
	return addr >= module_low && addr <= module_high;
}

/* What allocated @key last and has not been freed, by hash of the key. */
enum { LAST = 1 << 18 };
static struct sample *last_alloc[LAST];

static struct sample **last_of(uint64_t key)
{
	return &last_alloc[(key * 0x9e3779b97f4a7c15u) >> 46];
}

/* Event of kind @k with its stack: keep it if it is of use. */
static void add_sample(enum kind k, const uint8_t *data, uint32_t len,
		       const uint8_t *stack, uint32_t stack_len)
{
	const struct layout *at = &layouts[k];
	uint64_t n = get(stack, stack_size_at, 4);
	struct sample *s;

	if (stack_caller_at + n * 8 > stack_len || n < 3)
		return;
	s = calloc(1, sizeof(*s));
	if (!s)
		die("out of memory");
	s->key = get(data, at->key, 8);
	s->order = at->order < 0 ? 0 : (unsigned int)get(data, at->order, 4);
	s->len = len;
	s->data = grown(NULL, len);
	memcpy(s->data, data, len);
	memcpy(s->stack_head, stack, (size_t)stack_caller_at);
	if (n > MAX_FRAMES)
		n = MAX_FRAMES;
	s->n_frames = (unsigned int)n;
	memcpy(s->frames, stack + stack_caller_at, n * 8);
	/* the kernel may end a stack with an "end" entry of all ones */
	if (s->frames[n - 1] == UINT64_MAX)
		s->n_frames--;
	for (unsigned int i = 0; i < s->n_frames; i++) {
		if (is_module(s->frames[i]))
			s->in_module = true;
		else if (i > s->n_frames / 2 && i + 2 < s->n_frames &&
			 n_pool < 100000) {
			pool = grown(pool, (n_pool + 1) * sizeof(*pool));
			pool[n_pool++] = s->frames[i];
		}
	}
	if (k % 2 == 0) {
		*last_of(s->key) = s;
		/* failed ones, and those with two events for one block */
		if (!s->key || s->key == UINT64_MAX || s->order > 3 ||
		    (k == KMALLOC && get(data, at->bytes, 8) > 8192))
			return;
	} else {
		struct sample **alloc = last_of(s->key);

		if (*alloc && (*alloc)->key == s->key)
			(*alloc)->freed_by = s;
		*alloc = NULL;
	}
	found[k].of = grown(found[k].of, (found[k].n + 1) * sizeof(s));
	found[k].of[found[k].n++] = s;
}

struct pending {			/* the event whose stack may follow */
	int kind;			/* or -1 */
	uint8_t data[512];
	uint32_t len;
};

static int take_record(struct tracecmd_input *handle, struct tep_record *rec,
		       int cpu, void *arg)
{
	struct pending *event = (struct pending *)arg + cpu;
	const uint8_t *data = rec->data;
	int id = (int)get(data, 0, 2);

	(void)handle;
	if (id == stack_id && event->kind >= 0 &&
	    get(data, 4, 4) == get(event->data, 4, 4))
		add_sample((enum kind)event->kind, event->data, event->len,
			   data, (uint32_t)rec->size);
	event->kind = -1;
	for (int k = 0; k < KINDS; k++)
		if (layouts[k].id == id)
			event->kind = k;
	if (event->kind >= 0 && (size_t)rec->size <= sizeof(event->data)) {
		memcpy(event->data, data, (size_t)rec->size);
		event->len = (uint32_t)rec->size;
	} else {
		event->kind = -1;
	}
	return 0;
}

static void read_samples(const char *path)
{
	struct tracecmd_input *handle;
	struct pending *pending = calloc(tpl.cpus, sizeof(*pending));

	handle = tracecmd_open(path, TRACECMD_FL_LOAD_NO_PLUGINS);
	if (!handle || !pending)
		die("cannot read %s", path);
	find_layouts(tracecmd_get_tep(handle));
	for (uint32_t cpu = 0; cpu < tpl.cpus; cpu++)
		pending[cpu].kind = -1;
	tracecmd_iterate_events(handle, NULL, 0, take_record, pending);
	tracecmd_close(handle);
	free(pending);
	for (int k = 0; k < KINDS; k++)
		if (!found[k].n)
			die("not one %s with a stack in the template",
			    kinds[k].name);
	if (!n_pool)
		die("the stacks of the template are too short");
}

/* Makes the stack of @s one of its own, as deep as is asked for. */
static void change_stack(struct sample *s)
{
	unsigned int depth = 4;

	if (max_frames)
		depth = min_frames + (unsigned int)draw(max_frames - min_frames + 1);
	if (s->n_frames >= depth && !is_module(s->frames[s->n_frames - 3])) {
		s->frames[s->n_frames - 3] = pool[draw(n_pool)];
		return;
	}
	if (s->n_frames >= depth && s->n_frames < MAX_FRAMES)
		depth = s->n_frames + 1;
	while (s->n_frames < depth) {
		memmove(&s->frames[s->n_frames - 1], &s->frames[s->n_frames - 2], 2 * 8);
		s->frames[s->n_frames - 2] = pool[draw(n_pool)];
		s->n_frames++;
	}
}

/*
 * Makes @count samples of kind @k with stacks of their own. Every other one
 * has a module on its stack if there are such at all.
 */
static void make_samples(enum kind k, size_t count)
{
	struct samples *all = &found[k];
	bool needs_free = k == CACHE_ALLOC;	/* which carries the name */
	size_t usable = 0, modules = 0;

	for (size_t i = 0; i < all->n; i++) {
		if (needs_free && !all->of[i]->freed_by)
			continue;
		usable++;
		modules += all->of[i]->in_module;
	}
	if (!usable)
		die("no %s whose free is in the template", kinds[k].name);
	made[k].of = grown(NULL, count * sizeof(*made[k].of));
	while (made[k].n < count) {
		bool module = modules && made[k].n % 2;
		struct sample *s = grown(NULL, sizeof(*s));
		size_t i;

		do {
			i = draw(all->n);
		} while ((needs_free && !all->of[i]->freed_by) ||
			 (module && !all->of[i]->in_module));
		*s = *all->of[i];
		change_stack(s);
		made[k].of[made[k].n++] = s;
	}
}

/* ---- output --------------------------------------------------------------- */

static struct {
	FILE *file;
	uint8_t *page;
	size_t used;			/* bytes of records */
	uint64_t last;			/* time */
	uint64_t pages, records;
} out;

static void out_write(const void *data, size_t len)
{
	if (fwrite(data, 1, len, out.file) != len)
		die("cannot write the trace: %m");
}

static void out_page(void)
{
	put(out.page, 8, out.used, 8);
	memset(out.page + PAGE_HEADER + out.used, 0,
	       tpl.page_size - PAGE_HEADER - out.used);
	out_write(out.page, tpl.page_size);
	out.used = 0;
	out.pages++;
}

/* Room for a record of @len bytes at @time; where its data goes. */
static uint8_t *out_record(uint64_t time, uint32_t len)
{
	uint32_t words = (len + 3) / 4;
	uint32_t need = 4 + (words > MAX_WORDS ? 4 : 0) + words * 4;
	uint8_t *at;

	if (out.used + need > tpl.page_size - PAGE_HEADER)
		out_page();
	if (!out.used) {
		put(out.page, 0, time, 8);
		out.last = time;
	}
	at = out.page + PAGE_HEADER + out.used;
	put(at, 0, (time - out.last) << 5 | (words > MAX_WORDS ? 0 : words), 4);
	at += 4;
	if (words > MAX_WORDS) {
		put(at, 0, words * 4 + 4, 4);
		at += 4;
	}
	if (words)
		put(at, (int)(words - 1) * 4, 0, 4);
	out.last = time;
	out.used += need;
	out.records++;
	return at;
}

static void out_event(enum kind k, const struct sample *s, uint64_t key,
		      unsigned int order, uint64_t time)
{
	uint8_t *at = out_record(time, s->len);

	memcpy(at, s->data, s->len);
	put(at, layouts[k].key, key, 8);
	if (layouts[k].order >= 0)
		put(at, layouts[k].order, order, 4);
	at = out_record(time + 300,
			(uint32_t)stack_caller_at + s->n_frames * 8);
	memcpy(at, s->stack_head, (size_t)stack_caller_at);
	/* flags, preempt count and pid are those of the event */
	memcpy(at + 2, s->data + 2, 6);
	put(at, stack_size_at, s->n_frames, 4);
	memcpy(at + stack_caller_at, s->frames, s->n_frames * 8);
}

static uint64_t key_of(enum kind k, uint32_t slot)
{
	switch (k) {
	case PAGE_ALLOC:
		return 0x200000 + slot * (uint64_t)8;
	case PERCPU_ALLOC:
		return 0x60fe80000000 + slot * (uint64_t)0x10000;
	default:
		return 0xffff888100000000 + slot * (uint64_t)0x2000;
	}
}

/* Everything that happens; written is what happens on @cpu. */
static void play(uint32_t cpu, uint64_t records, uint32_t most_live,
		 uint64_t seed)
{
	struct object *live = grown(NULL, most_live * sizeof(*live));
	uint32_t *slots = grown(NULL, most_live * sizeof(*slots));
	uint64_t time = 1000000000;
	uint32_t n = 0;

	random_state = seed;
	for (uint32_t i = 0; i < most_live; i++)
		slots[i] = most_live - 1 - i;
	for (uint64_t done = 0; done + 2 <= records; done += 2) {
		bool mine = draw(tpl.cpus) == cpu;
		const struct sample *s;
		unsigned int k;

		time += 400 + draw(1600);
		if (n < most_live && (!n || draw(100) < 52)) {
			uint64_t lot = draw(100);

			for (k = 0; lot >= kinds[k].per_cent; k += 2)
				lot -= kinds[k].per_cent;
			s = made[k].of[draw(made[k].n)];
			live[n].sample = s;
			live[n].slot = slots[n];
			if (mine)
				out_event(k, s, key_of(k, slots[n]), s->order,
					  time);
			n++;
		} else {
			uint32_t i = (uint32_t)draw(n);
			struct object object = live[i];

			k = 0;
			while ((int)get(object.sample->data, 0, 2) !=
			       layouts[k].id)
				k += 2;
			s = made[k + 1].of[draw(made[k + 1].n)];
			if (k == CACHE_ALLOC && draw(2))
				s = object.sample->freed_by;
			if (mine) {
				/* any stack will do, but the name must fit */
				struct sample mix = *s;

				if (k == CACHE_ALLOC) {
					mix.data = object.sample->freed_by->data;
					mix.len = object.sample->freed_by->len;
				}
				out_event(k + 1, &mix, key_of(k, object.slot),
					  object.sample->order, time);
			}
			live[i] = live[--n];
			slots[n] = object.slot;
		}
	}
	free(live);
	free(slots);
}

/* The headers without what the ring buffer said of the template's own run. */
static void write_headers(void)
{
	out_write(tpl.data, tpl.options + 10);
	for (tpl.at = tpl.options + 10; tpl.at < tpl.options_end;) {
		size_t start = tpl.at;
		uint64_t id = take_number(2);

		if (id)
			take(take_number(4));
		if (id != OPTION_CPUSTAT)
			out_write(tpl.data + start, tpl.at - start);
	}
	out_write("flyrecord", 10);
}

static void write_trace(const char *path, uint64_t records, uint32_t most_live,
			uint64_t seed)
{
	uint64_t *table = calloc(tpl.cpus, 16);
	static const uint8_t zeros[1 << 16];
	uint64_t at;
	long where;

	out.file = fopen(path, "wb");
	out.page = grown(NULL, tpl.page_size);
	if (!out.file || !table)
		die("cannot write %s: %m", path);
	write_headers();
	where = ftell(out.file);
	out_write(table, 16 * (size_t)tpl.cpus);
	out_write(tpl.data + tpl.clock, tpl.clock_end - tpl.clock);
	at = (uint64_t)ftell(out.file);
	if (at % tpl.page_size) {
		out_write(zeros, tpl.page_size - at % tpl.page_size);
		at += tpl.page_size - at % tpl.page_size;
	}
	for (uint32_t cpu = 0; cpu < tpl.cpus; cpu++) {
		out.pages = 0;
		play(cpu, records, most_live, seed);
		if (out.used)
			out_page();
		table[2 * cpu] = at;
		table[2 * cpu + 1] = out.pages * tpl.page_size;
		at += table[2 * cpu + 1];
	}
	if (fseek(out.file, where, SEEK_SET))
		die("cannot write %s: %m", path);
	out_write(table, 16 * (size_t)tpl.cpus);
	if (fclose(out.file))
		die("cannot write %s: %m", path);
	free(table);
}

static uint64_t number(const char *text)
{
	char *end;
	uint64_t value = strtoull(text, &end, 10);

	if (end == text || *end || !value)
		die("'%s' is not a number", text);
	return value;
}

int main(int argc, char **argv)
{
	uint64_t records = 5000000, live = 200000, stacks = 4000, seed = 1;
	int opt;

	while ((opt = getopt(argc, argv, "n:l:s:f:S:")) != -1) {
		switch (opt) {
		case 'n':
			records = number(optarg);
			break;
		case 'l':
			live = number(optarg);
			break;
		case 's':
			stacks = number(optarg);
			break;
		case 'f':
			if (sscanf(optarg, "%u-%u", &min_frames, &max_frames) != 2 ||
			    min_frames < 4 || max_frames < min_frames ||
			    max_frames > MAX_FRAMES)
				die("'%s' is no range of frames, such as 8-40", optarg);
			break;
		case 'S':
			seed = number(optarg);
			break;
		default:
			return 2;
		}
	}
	if (argc - optind != 2 || live > UINT32_MAX) {
		fputs("usage: gentrace [-n RECORDS] [-l LIVE] [-s STACKS] "
		      "[-f MIN-MAX] [-S SEED] TEMPLATE OUT\n", stderr);
		return 2;
	}
	read_headers(argv[optind]);
	read_samples(argv[optind]);
	random_state = seed;
	for (unsigned int k = 0; k < KINDS; k++) {
		uint64_t share = stacks / 2 * kinds[k & ~1u].per_cent / 100;

		make_samples(k, share ? share : 1);
	}
	write_trace(argv[optind + 1], records, (uint32_t)live, seed);
	printf("%" PRIu64 "\n", out.records);
	return 0;
}
