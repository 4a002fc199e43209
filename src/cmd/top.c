// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * top.c - the command: polls the kernel, and shows what the books say
 *
 * One thread: events are taken as live_books.h says, the screen is drawn once a delay
 * and at every key. Signals come by a file descriptor, so that every way
 * out takes the terminal and tracefs down.
 */
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <langinfo.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "ask.h"
#include "command.h"
#include "error.h"
#include "export.h"
#include "live_books.h"
#include "monotonic.h"
#include "outfile.h"
#include "snapshot.h"
#include "top.h"
#include "top_args.h"
#include "top_cost.h"
#include "top_ui.h"
#include "tui.h"
#include "view.h"

struct session {
	const struct top_args *args;
	struct live_books *books;	/* NULL: a watcher has them */
	double watcher_cpu;	/* s, as of the refresh before */
	struct top *top;
	struct top_ui ui;
	struct top_style style;
	struct top_meter meter;
	struct top_cost cost;
	int signals;
	void (*sigpipe)(int number);	/* as it was */
	bool screen;		/* the terminal is ours */
	uint64_t shown;		/* refreshes so far */
	uint64_t last_ns;	/* of the trace clock, of the last refresh */
	int ended_by;		/* signal, 0: none */
	int write_error;	/* errno of standard output */
};

static void say(void *arg, const char *line)
{
	(void)arg;
	fprintf(stderr, "modmem: %s\n", line);
}

/* ---- signals --------------------------------------------------------------------------- */

/* Before there are threads. */
static int take_signals(struct session *se, struct error *err)
{
	static const int numbers[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGWINCH };
	sigset_t set;

	sigemptyset(&set);
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		sigaddset(&set, numbers[i]);
	/* a reader that goes away ends it, but tracefs is put in order first */
	se->sigpipe = signal(SIGPIPE, SIG_IGN);
	if (sigprocmask(SIG_BLOCK, &set, NULL))
		return error_set(err, -errno, "cannot block signals: %s", strerror(errno));
	se->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (se->signals < 0)
		return error_set(err, -errno, "cannot take signals: %s", strerror(errno));
	return 0;
}

/* True: the screen must be drawn again. */
static bool read_signals(struct session *se)
{
	struct signalfd_siginfo info;
	bool draw = false;

	while (read(se->signals, &info, sizeof(info)) == sizeof(info)) {
		if (info.ssi_signo != SIGWINCH) {
			se->ended_by = (int)info.ssi_signo;
		} else if (se->screen) {
			tui_resize();
			draw = true;
		}
	}
	return draw;
}

/* ---- a refresh -------------------------------------------------------------------------- */

/* What this process takes for its books. */
static void own_cost(struct session *se)
{
	struct pipeline_size size = pipeline_size(live_books_pipeline(se->books));

	top_meter_read(&se->meter, &se->cost);
	se->cost.ring = live_books_ring_bytes(se->books);
	se->cost.accounts = size.accounts;
	se->cost.stacks = size.stacks;
	se->cost.objects = size.objects;
	se->cost.compactions = size.compactions;
	se->cost.late = size.late;
}

/* What the watcher takes, by its own word; @seconds since it was asked last. @code: ask(). */
static int watcher_cost(struct session *se, double seconds, int *code, struct error *err)
{
	json_t *status = ask_status(code, err);
	double cpu;

	if (!status)
		return -EIO;
	cpu = json_number_value(json_object_get(status, "cpu_seconds"));
	se->cost = (struct top_cost){
		.watcher = ask_number(status, "pid"),
		.cpu = seconds > 0 ? 100 * (cpu - se->watcher_cpu) / seconds : 0,
		.rss = ask_number(status, "rss_bytes"),
		.ring = ask_number(status, "ring_buffer_bytes"),
		.accounts = ask_number(status, "accounts"),
		.stacks = ask_number(status, "stacks"),
		.objects = ask_number(status, "objects"),
		.compactions = ask_number(status, "compactions"),
		.late = ask_number(status, "late_events"),
	};
	se->watcher_cpu = cpu;
	json_decref(status);
	return 0;
}

static int take_snapshot(struct session *se, struct error *err)
{
	const bool stacks = top_wants_stacks(se->top);
	struct snapshot *snap;
	double seconds;
	int ret = 0;

	snap = se->books ? live_books_snapshot(se->books, stacks, err) : ask_report(stacks, err);
	if (!snap)
		return -ENOMEM;
	if (!se->last_ns)
		se->last_ns = snap->start_ns;
	seconds = snap->end_ns > se->last_ns ?
		  (double)(snap->end_ns - se->last_ns) / 1e9 : 0;
	se->last_ns = snap->end_ns;
	if (top_update(se->top, snap, seconds))
		return error_set(err, -ENOMEM, "out of memory");
	if (se->books)
		own_cost(se);
	else
		ret = watcher_cost(se, seconds, NULL, err);
	return ret;
}

static void draw_help(unsigned int height)
{
	for (size_t i = 0; top_ui_help(i) && i < height; i++)
		tui_line((unsigned int)i, top_ui_help(i), TUI_PLAIN);
}

static int draw(struct session *se)
{
	char header[TOP_HEADER_MAX][TOP_LINE_MAX], line[TOP_LINE_MAX];
	const struct coverage *c = &top_snapshot(se->top)->coverage;
	const struct top_row *rows;
	unsigned int height, y = 0;
	size_t n, n_header;

	tui_size(&se->style.width, &height);
	n_header = top_header(se->top, &se->ui.view, &se->cost, &se->style, header);
	/* what it is and whether to believe it stay, the rest only with room */
	while (n_header > 2 && n_header + 2 > height / 2)
		n_header--;
	rows = top_ui_rows(&se->ui, se->top, height > n_header + 2 ?
			   height - n_header - 2 : 0, &n);
	if (!rows)
		return -ENOMEM;
	se->style.places = false;
	for (size_t i = 0; i < n; i++)
		se->style.places |= rows[i].level != TOP_MODULE;
	tui_begin();
	if (se->ui.help) {
		draw_help(height);
		tui_end();
		return 0;
	}
	for (size_t i = 0; i < n_header; i++)
		tui_line(y++, header[i], i == 1 && !c->trusted ? TUI_WARNING : TUI_PLAIN);
	top_title(&se->ui.view, &se->style, line);
	tui_line(y++, line, TUI_TITLE);
	for (size_t i = se->ui.first; i < n && y + 1 < height; i++) {
		top_line(se->top, &rows[i], &se->style, line);
		tui_line(y++, line, i == se->ui.cursor ? TUI_CURSOR :
			 rows[i].level == TOP_MODULE ? TUI_PLAIN : TUI_DIM);
	}
	top_ui_footer(&se->ui, &se->style, line);
	if (height > 1)
		tui_line(height - 1, line, TUI_BOLD);
	tui_end();
	return 0;
}

static int print_json(struct session *se, struct error *err)
{
	struct timespec now;
	char *line;

	clock_gettime(CLOCK_REALTIME, &now);
	line = top_json(se->top, &se->ui.view, &se->cost,
			(double)now.tv_sec + (double)now.tv_nsec / 1e9);
	if (!line)
		return error_set(err, -ENOMEM, "out of memory");
	puts(line);	/* refresh_all() looks whether it was written */
	free(line);
	return 0;
}

static int print_table(struct session *se, struct error *err)
{
	char header[TOP_HEADER_MAX][TOP_LINE_MAX], line[TOP_LINE_MAX];
	const struct top_row *rows;
	size_t n, n_header;

	if (se->shown)
		putchar('\n');
	n_header = top_header(se->top, &se->ui.view, &se->cost, &se->style, header);
	rows = top_rows(se->top, &se->ui.view, &n);
	if (!rows)
		return error_set(err, -ENOMEM, "out of memory");
	/* refresh_all() looks whether they were written */
	for (size_t i = 0; i < n_header; i++)
		puts(header[i]);
	top_title(&se->ui.view, &se->style, line);
	puts(line);
	for (size_t i = 0; i < n; i++) {
		top_line(se->top, &rows[i], &se->style, line);
		puts(line);
	}
	return 0;
}

/* node_exporter, which reads the file, is not root. */
#define OPENMETRICS_MODE 0644

static int write_openmetrics(struct session *se, struct error *err)
{
	/* a module that is watched for need not be loaded yet */
	const struct export_opts opts = {
		.modules = se->args->view.modules,
		.absent_ok = true,
	};
	const char *path = se->args->openmetrics;
	struct outfile file;
	struct stat st;
	int ret, closed;

	/* over and over: nothing for a FIFO, whose reader may be gone */
	if (!stat(path, &st) && !S_ISREG(st.st_mode))
		return error_set(err, -EINVAL, "%s: not a regular file: choose another --openmetrics",
				 path);
	ret = outfile_open(&file, path, err);
	if (ret)
		return ret;
	if (fchmod(fileno(file.stream), OPENMETRICS_MODE))
		ret = error_set(err, -errno, "%s: cannot be made readable for all: %s", path,
				strerror(errno));
	else
		ret = view_openmetrics(top_snapshot(se->top), &opts, file.stream, err);
	closed = outfile_close(&file, !ret, ret ? NULL : err);
	return ret ? ret : closed;
}

static int refresh_all(struct session *se, struct error *err)
{
	int ret = take_snapshot(se, err);

	if (!ret && se->args->openmetrics)
		ret = write_openmetrics(se, err);
	if (ret)
		return ret;
	if (se->screen)
		return draw(se) ? error_set(err, -ENOMEM, "out of memory") : 0;
	errno = 0;
	ret = se->args->json ? print_json(se, err) : print_table(se, err);
	/* who reads it wants it now; the error is told when stdout is closed */
	if (!ret && (ferror(stdout) | fflush(stdout))) {
		se->write_error = errno ? errno : EIO;
		if (errno == EPIPE)
			se->ended_by = SIGPIPE;
		se->ui.quit = true;
	}
	return ret;
}

/* ---- until the end ------------------------------------------------------------------------ */

static void nap(int64_t until, struct pollfd *fds, nfds_t n)
{
	int64_t left = (until - monotonic_ns()) / 1000000 + 1;	/* ms */

	if (poll(fds, n, left < 0 ? 0 : left < 1000 ? (int)left : 1000) <= 0)
		for (nfds_t i = 0; i < n; i++)
			fds[i].revents = 0;
}

/* Until @until, or a key, a signal, or events that are to be taken. */
static void wait_until(struct session *se, int64_t until)
{
	struct pollfd fds[] = {
		{ .fd = se->signals, .events = POLLIN },
		{ .fd = se->screen ? STDIN_FILENO : -1, .events = POLLIN },
	};

	if (se->books)
		live_books_wait(se->books, until, fds, 2);
	else
		nap(until, fds, 2);
	if (fds[1].revents & (POLLHUP | POLLERR | POLLNVAL))
		se->ui.quit = true;	/* the terminal is gone */
}

/* What is on the screen, as a report that the other commands read; the footer says where. */
static void save(struct session *se)
{
	const struct view_opts opts = { 0 };
	struct outfile file;
	struct error err;
	struct tm tm;
	time_t now = time(NULL);
	char path[64];
	int ret, closed;

	if (!localtime_r(&now, &tm) ||
	    !strftime(path, sizeof(path), "modmem-top-%Y%m%d-%H%M%S.json", &tm))
		return;
	ret = outfile_open(&file, path, &err);
	if (!ret) {
		ret = view_json(top_snapshot(se->top), &opts, file.stream, &err);
		closed = outfile_close(&file, !ret, ret ? NULL : &err);
		ret = ret ? ret : closed;
	}
	snprintf(se->ui.message, sizeof(se->ui.message), "%.180s",
		 ret ? err.text : "saved: ");
	if (!ret)
		strcat(se->ui.message, path);
}

/* True: the screen must be drawn again. */
static bool read_keys(struct session *se)
{
	bool any = false;
	int key;

	while (se->screen && (key = tui_key()) != -1) {
		top_ui_key(&se->ui, se->top, key);
		if (se->ui.save && top_snapshot(se->top))
			save(se);
		se->ui.save = false;
		any = true;
	}
	return any;
}

static int watch(struct session *se, struct error *err)
{
	int64_t next = monotonic_ns();
	int ret = 0;

	/* the first refresh has something to tell after a delay only */
	next += se->screen ? 2 * LIVE_BOOKS_NAP : (int64_t)(se->ui.delay * 1e9);
	while (!ret && !se->ui.quit && !se->ended_by) {
		bool again, stacks = top_wants_stacks(se->top);
		int64_t now;

		wait_until(se, next);
		again = read_signals(se);
		again |= read_keys(se);
		ret = se->books ? live_books_poll(se->books, err) : 0;
		now = monotonic_ns();
		/* a stack that is to be shown is not in the snapshot at hand */
		if (!stacks && top_wants_stacks(se->top) && !se->ui.view.frozen)
			next = now;
		if (!ret && now >= next && !se->ui.view.frozen) {
			ret = refresh_all(se, err);
			se->shown++;
			next = now + (int64_t)(se->ui.delay * 1e9);
			if (se->args->iterations && se->shown >= se->args->iterations)
				break;
		} else if (!ret && again && top_snapshot(se->top)) {
			ret = draw(se) ? error_set(err, -ENOMEM, "out of memory") : 0;
		}
	}
	return ret;
}

/*
 * Is there a watcher? It has been tracing for longer, and to do so twice costs twice:
 * unless options say how, it is asked. 1, 0, or a negative errno with @err set.
 */
static int find_watcher(struct session *se, struct error *err)
{
	int code = 0;

	if (se->args->buffer_kb || se->args->no_probes || se->args->own)
		return 0;
	if (!watcher_cost(se, 0, &code, err))
		return 1;
	/* nobody answers: that is an error to who asked for it */
	return code && !se->args->now ? 0 : -EIO;
}

static int begin(struct session *se, struct error *err)
{
	const struct live_books_opts opts = {
		.live = {
			.buffer_kb = se->args->buffer_kb,
			.no_probes = se->args->no_probes,
			.own = se->args->own,
			.say = say,
		},
	};
	int found;

	se->top = top_new();
	if (!se->top)
		return error_set(err, -ENOMEM, "out of memory");
	found = find_watcher(se, err);
	if (found < 0)
		return found;
	if (!found) {
		se->books = live_books_open(&opts, err);
		if (!se->books)
			return -EIO;
		top_meter_start(&se->meter);
	}
	if (!se->screen)
		return 0;
	se->screen = false;
	if (tui_open(err))
		return -EIO;
	se->screen = true;
	return 0;
}

static int run(int argc, char **argv)
{
	struct top_args args;
	struct session se = { .args = &args, .signals = -1 };
	struct error err, left;
	int ret, code;

	if (top_parse(argc, argv, &args, &err))
		return command_fail(&err);
	if (args.help) {
		command_help(&cmd_top);
		return STATUS_FINE;
	}
	se.ui.view = args.view;
	se.ui.delay = (double)args.delay_ns / 1e9;
	se.screen = !args.batch && !args.json && isatty(STDOUT_FILENO);
	se.style.utf8 = !strcmp(nl_langinfo(CODESET), "UTF-8");
	ret = take_signals(&se, &err);
	if (!ret)
		ret = begin(&se, &err);
	if (!ret)
		ret = watch(&se, &err);
	if (se.screen)
		tui_close();
	top_free(se.top);
	code = live_books_close(se.books, &left);
	if (code)
		ret = error_join(&err, ret, code, &left);
	if (se.signals >= 0)
		close(se.signals);
	if (ret)
		return command_fail(&err);
	if (se.ended_by == SIGPIPE) {	/* in silence, as all other commands */
		signal(SIGPIPE, se.sigpipe);
		raise(SIGPIPE);
	}
	errno = se.write_error;
	return STATUS_FINE;
}

const struct command cmd_top = {
	.name = "top",
	.summary = "what each module holds, while the kernel runs",
	.run = run,
	.options = &top_options,
};
