// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * probes.c - see probes.h
 */
#include "probes.h"

#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "arena.h"
#include "btf.h"
#include "error.h"
#include "kallsyms.h"
#include "probes_plan.h"
#include "probes_regs.h"
#include "probes_tracefs.h"

#define REASON_MAX	512u

struct probes {
	struct arena *a;
	const char *tracefs, *dir, *tag;	/* @dir: the instance's */
	struct utsname uts;
	unsigned int long_size;		/* of the kernel, bytes */
	struct probe_plan plans[PROBE_PLANS];
	const struct probe_way *way[PROBE_PLANS];	/* NULL: blind */
	bool up[PROBE_PLANS][WAY_EVENTS];	/* of the way: not refused */
	const char **events;
	size_t n_events;
	char partly[PROBE_PLANS][REASON_MAX];	/* what one missed; "": nothing, so far */
	char line[PROBE_PLANS][REASON_MAX + PROBES_NAME];
	const char *lines[PROBE_PLANS + 1];
};

static void blind(struct probes *p, size_t plan, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

static void blind(struct probes *p, size_t plan, const char *fmt, ...)
{
	char reason[REASON_MAX];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(reason, sizeof(reason), fmt, ap);
	va_end(ap);
	p->plans[plan].blind = arena_strdup(p->a, reason);
	if (!p->plans[plan].blind)
		p->plans[plan].blind = "out of memory";
	p->way[plan] = NULL;
}

/* ---- what the kernel has -------------------------------------------------- */

/* 0 or a negative errno. */
static int find_functions(struct kernel_facts *facts)
{
	char *text = probes_read("/proc/kallsyms");
	struct span rest = span_of(text, text ? strlen(text) : 0), line;
	struct kallsyms_line k;

	if (!text)
		return -errno;
	while (span_line(&rest, &line)) {
		if (!kallsyms_line(line, &k) || k.tag.at)
			continue;
		for (size_t i = 0; i < KERNEL_FUNCTIONS; i++)
			if (*k.name.at == *kernel_function_names[i] &&
			    span_is(k.name, kernel_function_names[i]))
				facts->has[i] = true;
	}
	free(text);
	return 0;
}

/* "field: local_t commit; offset:8; size:8; signed:1;": 0 or a negative errno */
static int find_long_size(const struct probes *p, struct kernel_facts *facts)
{
	char *text = probes_read("%s/events/header_page", p->tracefs);
	const char *commit = text ? strstr(text, "commit;") : NULL;
	const char *size = commit ? strstr(commit, "size:") : NULL;
	int ret = text ? 0 : -errno;

	facts->long_size = size ? (unsigned int)atoi(size + 5) : 0;
	free(text);
	if (!ret && facts->long_size != 4 && facts->long_size != 8)
		ret = -EBADMSG;
	return ret;
}

/* ---- putting up ----------------------------------------------------------- */

static bool is_mine(const char *tag, void *data)
{
	return !strcmp(tag, ((struct probes *)data)->tag);
}

static int define(const struct probes *p, const char *line)
{
	return probes_write(line, "%s/%s", p->tracefs, probes_file(p->tracefs));
}

/*
 * In the best way that the kernel takes. riscv (6.12) refuses the entry of a function
 * itself, where its call of ftrace is: 8 bytes, or 4.
 */
static int define_event(struct probes *p, struct probe_event *e)
{
	static const unsigned int offsets[] = { 0, 8, 4 };
	const char *machine = p->uts.machine, *lines[2] = { e->cheaper, e->define };
	const bool is_riscv = !strncmp(machine, "riscv", 5);
	int ret = -ENOENT;

	for (size_t i = 0; i < 2; i++) {
		if (lines[i])
			ret = define(p, lines[i]);
		if (lines[i] && !ret)
			return 0;
		for (size_t k = 0; lines[i] && k < (is_riscv ? 3 : 1); k++) {
			const char *line = probes_by_registers(p->a, lines[i], machine,
							       p->long_size, offsets[k]);

			if (!line || define(p, line))
				continue;
			e->define = line;
			return 0;
		}
	}
	return ret;
}

/*
 * What the kernel had to say of a refused @text, "" if nothing (none before 5.2: the
 * errno must do then). Its log has "[TIME] WHERE: error: WHAT", "  Command: TEXT" and
 * a line with a caret.
 */
static void last_words(const struct probes *p, const char *text, char *words,
		       size_t size)
{
	char *log = probes_read("%s/error_log", p->tracefs), *at = log, *line;

	*words = '\0';
	while (at && (line = probes_line(&at))) {
		char *said = strstr(line, "error: "), *command;

		if (*line != '[' || !said || !(line = probes_line(&at)))
			continue;
		command = strstr(line, "Command: ");
		if (command && !strncmp(command + 9, text,
					strcspn(text, " ")))
			snprintf(words, size, " (%s)", said + 7);
	}
	free(log);
}

static bool has_file(const struct probes *p, const char *name)
{
	char path[4096];

	snprintf(path, sizeof(path), "%s/%s", p->tracefs, name);
	return !access(path, F_OK);
}

static void undo(const struct probes *p, const struct probe_way *way, size_t n)
{
	char line[PROBES_NAME * 2];

	while (n--) {
		const struct probe_event *e = &way->events[n];
		bool synthetic = !strncmp(e->define, "s:", 2);

		snprintf(line, sizeof(line), "-:%s%s/%s",
			 synthetic ? "synthetic" : PROBES_SYSTEM,
			 synthetic ? "" : p->tag, e->name);
		/* what stays is found again by probes_remove(), which says so */
		(void)define(p, line);
	}
}

static int put_up(struct probes *p, size_t plan, struct probe_way *way)
{
	char words[256];
	size_t i;
	int ret;

	for (i = 0; i < way->n; i++) {
		struct probe_event *e = &way->events[i];

		ret = define_event(p, e);
		p->up[plan][i] = !ret;
		if (!ret || e->optional)
			continue;
		undo(p, way, i);
		if (ret == -EPERM || ret == -EACCES) {
			blind(p, plan, "probes are not permitted (locked down?)");
			return ret;
		}
		if (!strncmp(e->define, "s:", 2) &&
		    !has_file(p, "synthetic_events")) {
			blind(p, plan, "return probes of this kernel do not know "
			      "arguments, and it has no synthetic events");
			return ret;
		}
		last_words(p, e->define, words, sizeof(words));
		blind(p, plan, "the kernel refuses \"%s\": %s%s", e->define,
		      strerror(-ret), words);
		return ret;
	}
	p->way[plan] = way;
	return 0;
}

/* Is it there, or was it optional and refused? */
static bool exists(const struct probes *p, const struct probe_event *e)
{
	char name[PROBES_NAME * 2];

	snprintf(name, sizeof(name), "events/" PROBES_SYSTEM "%s/%s/format",
		 p->tag, e->name);
	return has_file(p, name);
}

static int list_events(struct probes *p)
{
	size_t i, j, n = 0;

	p->events = arena_zalloc(p->a, PROBE_PLANS * WAY_EVENTS + 1,
				 sizeof(*p->events));
	if (!p->events)
		return -ENOMEM;
	for (i = 0; i < PROBE_PLANS; i++) {
		for (j = 0; p->way[i] && j < p->way[i]->n; j++) {
			const struct probe_event *e = &p->way[i]->events[j];

			if (!e->shown || !exists(p, e))
				continue;
			p->events[n] = arena_printf(p->a, PROBES_SYSTEM "%s/%s",
						    p->tag, e->name);
			if (!p->events[n++])
				return -ENOMEM;
		}
	}
	return 0;
}

static void blind_all(struct probes *p, const char *file, const char *why)
{
	for (size_t i = 0; i < PROBE_PLANS; i++)
		blind(p, i, "%s%s%s", file, *file ? ": " : "", why);
}

static void put_up_all(struct probes *p)
{
	size_t i, j;

	for (i = 0; i < PROBE_PLANS; i++) {
		struct probe_plan *plan = &p->plans[i];

		for (j = 0; j < plan->n; j++) {
			if (!put_up(p, i, &plan->ways[j]))
				break;
		}
	}
}

static bool is_tag(const char *tag)
{
	size_t i;

	for (i = 0; tag[i]; i++) {
		if (!isalnum((unsigned char)tag[i]) && tag[i] != '_')
			return false;
	}
	return i && i <= PROBES_TAG_MAX;
}

static struct probes *probes_new(const char *tracefs, const char *instance,
				 const char *tag)
{
	struct arena *a = arena_new();
	struct probes *p = a ? arena_zalloc(a, 1, sizeof(*p)) : NULL;

	if (!p) {
		arena_free(a);
		return NULL;
	}
	p->a = a;
	p->tracefs = arena_strdup(a, tracefs);
	p->tag = arena_strdup(a, tag);
	p->dir = arena_printf(a, "%s/instances/%s", tracefs, instance);
	if (p->tracefs && p->tag && p->dir)
		return p;
	arena_free(a);
	return NULL;
}

int probes_install(struct probes **out, const char *tracefs,
		   const char *instance, const char *tag, struct error *err)
{
	struct kernel_facts facts = { 0 };
	const char *file = "events/header_page";
	struct btf *btf = NULL;
	struct probes *p;
	int ret, unread;

	*out = NULL;
	if (!is_tag(tag))
		return error_set(err, -EINVAL, "\"%s\" is no tag for probes", tag);
	p = probes_new(tracefs, instance, tag);
	if (!p)
		return error_set(err, -ENOMEM, "out of memory");
	unread = find_functions(&facts);
	if (unread)
		file = "/proc/kallsyms";
	else
		unread = find_long_size(p, &facts);
	if (uname(&p->uts))
		*p->uts.machine = '\0';
	p->long_size = facts.long_size;
	facts.machine = p->uts.machine;
	ret = btf_open(&btf, BTF_VMLINUX, NULL);
	if (!ret)
		facts.btf = btf;
	/* any other: as of a kernel that has none */
	if (ret != -ENOMEM)
		ret = unread == -ENOMEM ? unread :
		      probes_plan(p->plans, &facts, p->tag, p->a);
	btf_close(btf);
	if (!ret) {
		if (!has_file(p, "kprobe_events"))
			blind_all(p, "", "the kernel has no kprobe events");
		else if (unread)
			blind_all(p, file, strerror(-unread));
		else
			put_up_all(p);
		ret = list_events(p);
	}
	if (ret) {
		probes_remove(p, NULL);
		return error_set(err, ret, "out of memory");
	}
	*out = p;
	return 0;
}

/* ---- on and off ----------------------------------------------------------- */

static int set(const struct probes *p, const struct probe_event *e,
	       const char *file, const char *text)
{
	if (!strncmp(e->define, "s:", 2))
		return 0;
	return probes_write(text, "%s/events/" PROBES_SYSTEM "%s/%s/%s", p->dir,
			    p->tag, e->name, file);
}

/* All that @e needs to be recorded; what was refused goes to @what. */
static int switch_on(const struct probes *p, const struct probe_event *e,
		     const char **what)
{
	char trigger[128];
	int ret = 0;

	if (e->filter && (ret = set(p, e, "filter", *what = e->filter)))
		return ret;
	if (e->stack) {
		/* the event's filter is not the trigger's (trace_events_trigger.c) */
		snprintf(trigger, sizeof(trigger), "stacktrace%s%s", e->filter ? " if " : "",
			 e->filter ? e->filter : "");
		*what = "stacktrace";
		ret = set(p, e, "trigger", trigger);
		if (ret)
			return ret;
	}
	if (e->shown && (ret = set(p, e, "enable", *what = "1")))
		return ret;
	if (e->hist)
		ret = set(p, e, "trigger", *what = e->hist);
	return ret;
}

void probes_enable(struct probes *p)
{
	const char *what = "";
	char words[256];
	size_t i, j;
	int ret;

	for (i = 0; i < PROBE_PLANS; i++) {
		const struct probe_way *way = p->way[i];

		for (j = 0; way && j < way->n; j++) {
			const struct probe_event *e = &way->events[j];

			if (e->optional && (!e->shown || !exists(p, e)))
				continue;
			ret = switch_on(p, e, &what);
			if (!ret)
				continue;
			last_words(p, what, words, sizeof(words));
			blind(p, i, "the kernel refuses \"%s\" for %s: %s%s",
			      what, e->name, strerror(-ret), words);
			do {
				/* if it stays on: more is recorded than is counted on */
				(void)set(p, &way->events[j], "enable", "0");
			} while (j--);
			break;
		}
	}
}

/* Calls that were seen or missed, and why that is not all. */
struct calls {
	unsigned long long hits, missed;
	char unknown[128];	/* "": it is */
};

static void not_known(struct calls *calls, const char *file, int code)
{
	if (!*calls->unknown)
		snprintf(calls->unknown, sizeof(calls->unknown), "%s: %s", file,
			 strerror(-code));
}

/* Adds calls that histograms had no room for: "    Dropped: N", one of each */
static void add_dropped(const struct probes *p, const struct probe_event *e,
			struct calls *calls)
{
	static const char key[] = "Dropped: ";
	char *text = probes_read("%s/events/" PROBES_SYSTEM "%s/%s/hist",
				 p->dir, p->tag, e->name);
	const char *at = text ? strstr(text, key) : NULL;

	if (!at)
		not_known(calls, "hist", text ? -EBADMSG : -errno);
	for (; at; at = strstr(at, key)) {
		at += sizeof(key) - 1;
		calls->missed += strtoull(at, NULL, 10);
	}
	free(text);
}

/* Is @line of kprobe_events that of @e? "TYPE:SYSTEM/EVENT FUNCTION ..." */
static bool is_line_of(const struct probe_event *e, const char *line)
{
	size_t len = strcspn(e->define, " ");

	len += 1 + strcspn(e->define + len + 1, " ");
	return !strncmp(line, e->define, len) && line[len] == ' ';
}

/* A probe that the profile has, and whose misses no other one makes up for. */
static bool is_profiled(const struct probe_event *e)
{
	return strchr("pr", *e->define) && !e->spare;
}

static void add_calls(const struct probes *p, const char *line, const struct calls *n,
		      struct calls *calls, bool (*counted)[WAY_EVENTS])
{
	size_t i, j;

	for (i = 0; i < PROBE_PLANS; i++) {
		for (j = 0; p->way[i] && j < p->way[i]->n; j++) {
			const struct probe_event *e = &p->way[i]->events[j];

			if (!is_profiled(e) || !is_line_of(e, line))
				continue;
			calls[i].hits += n->hits;
			calls[i].missed += n->missed;
			counted[i][j] = true;
			return;
		}
	}
}

/*
 * Adds up what kprobe_profile says, per plan. A probe is missed if it is hit
 * in an interrupt of another one's handler. The profile does not name
 * systems: its lines are those of kprobe_events, in the same order, unless others
 * took away some between the two.
 */
static void count_calls(const struct probes *p, struct calls *calls)
{
	char tag[PROBES_NAME], system[PROBES_NAME], event[PROBES_NAME];
	char *events = probes_read("%s/kprobe_events", p->tracefs);
	int code = events ? -ENODATA : -errno;
	char *profile = probes_read("%s/kprobe_profile", p->tracefs);
	bool counted[PROBE_PLANS][WAY_EVENTS] = { 0 };
	char *at = events, *from = profile, *line, *its;
	char name[PROBES_NAME];
	struct calls n;

	if (events && !profile)
		code = -errno;
	while (at && from && (line = probes_line(&at)) &&
	       (its = probes_line(&from))) {
		if (probes_parse(line, tag, system, event) &&
		    !strcmp(tag, p->tag) &&
		    sscanf(its, " %127s %llu %llu", name, &n.hits,
			   &n.missed) == 3 && !strcmp(name, event))
			add_calls(p, line, &n, calls, counted);
	}
	for (size_t i = 0; i < PROBE_PLANS; i++)
		for (size_t j = 0; p->way[i] && j < p->way[i]->n; j++)
			if (p->up[i][j] && !counted[i][j] &&
			    is_profiled(&p->way[i]->events[j]))
				not_known(&calls[i], events ? "kprobe_profile" : "kprobe_events",
					  code);
	free(events);
	free(profile);
}

void probes_count(struct probes *p)
{
	struct calls calls[PROBE_PLANS] = { 0 };
	size_t i, j;

	for (i = 0; i < PROBE_PLANS; i++)
		for (j = 0; p->way[i] && j < p->way[i]->n; j++)
			if (p->way[i]->events[j].hist && p->up[i][j])
				add_dropped(p, &p->way[i]->events[j], &calls[i]);
	count_calls(p, calls);
	for (i = 0; i < PROBE_PLANS; i++) {
		p->partly[i][0] = '\0';
		if (*calls[i].unknown)
			snprintf(p->partly[i], sizeof(p->partly[i]),
				 "how many calls were missed is not known (%s)",
				 calls[i].unknown);
		else if (calls[i].missed)
			snprintf(p->partly[i], sizeof(p->partly[i]),
				 "%llu of %llu calls were missed", calls[i].missed,
				 calls[i].hits + calls[i].missed);
	}
}

void probes_disable(struct probes *p)
{
	size_t i, j;

	/* nothing is recorded any more; what stays on, probes_remove() tells */
	for (i = 0; i < PROBE_PLANS; i++)
		for (j = 0; p->way[i] && j < p->way[i]->n; j++)
			if (p->way[i]->events[j].shown)
				(void)set(p, &p->way[i]->events[j], "enable", "0");
	probes_count(p);
}

const char *const *probes_lines(struct probes *p)
{
	size_t i;

	for (i = 0; i < PROBE_PLANS; i++) {
		const struct probe_plan *plan = &p->plans[i];
		const char *part = p->way[i] ? "in part: " : "";
		const char *why = p->way[i] ? p->partly[i] : plan->blind;

		snprintf(p->line[i], sizeof(p->line[i]), "%s %s%s%s", plan->name,
			 *why ? "blind " : "covered", *why ? part : "", why);
		p->lines[i] = p->line[i];
	}
	p->lines[i] = NULL;
	return p->lines;
}

const char *const *probes_events(const struct probes *p)
{
	return p->events;
}

int probes_remove(struct probes *p, struct error *err)
{
	int ret;

	if (!p)
		return 0;
	ret = probes_clean(p->tracefs, is_mine, p, err);
	arena_free(p->a);
	return ret < 0 ? ret : 0;
}
