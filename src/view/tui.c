// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * tui.c - see tui.h
 */
#include "tui.h"

#include "top_ui.h"	/* before term.h, which defines "lines" */

#include <curses.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <term.h>
#include <termios.h>
#include <unistd.h>

#include "error.h"

#define ESCAPE_MS 25	/* the terminal sends a key's bytes within that time */

/* Signals of a fault of its own. */
static const int fatal[] = { SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT };

#define N_FATAL (sizeof(fatal) / sizeof(fatal[0]))

static SCREEN *screen;
static struct termios before;
/* what leaves the other screen and shows the cursor, for the handler */
static char leave[128];
static size_t leave_len;

/* Only what may be called in a handler; then the signal does what it does. */
static void on_fatal(int number)
{
	ssize_t n = write(STDOUT_FILENO, leave, leave_len);

	(void)n;
	tcsetattr(STDIN_FILENO, TCSANOW, &before);
	signal(number, SIG_DFL);
	raise(number);
}

static void add_leave(const char *sequence)
{
	size_t len = sequence && sequence != (char *)-1 ? strlen(sequence) : 0;

	if (len > sizeof(leave) - leave_len)
		return;
	memcpy(leave + leave_len, sequence, len);
	leave_len += len;
}

/* NO_COLOR: https://no-color.org */
static bool wants_color(void)
{
	const char *no = getenv("NO_COLOR");

	return has_colors() && !(no && *no);
}

int tui_open(struct error *err)
{
	const char *term = getenv("TERM"), *place;

	if (tcgetattr(STDIN_FILENO, &before))
		return error_set(err, -errno, "standard input is no terminal: use -b, --once or --format json");
	/* would be stopped by SIGTTOU, and again at each SIGCONT, deaf to SIGTERM */
	if (tcgetpgrp(STDIN_FILENO) > 0 && tcgetpgrp(STDIN_FILENO) != getpgrp())
		return error_set(err, -EINVAL, "in the background the terminal cannot be had: use -b, or start it in the foreground");
	screen = newterm(NULL, stdout, stdin);
	if (!screen)
		return error_set(err, -EINVAL, "the terminal type TERM=%.40s is not known: set another, or use -b",
				 term ? term : "");
	place = tigetstr("cup");
	if (!place || place == (char *)-1) {
		tui_close();
		return error_set(err, -EINVAL, "a terminal of type TERM=%.40s cannot place the cursor: set another, or use -b",
				 term);
	}
	leave_len = 0;
	add_leave(tigetstr("sgr0"));
	add_leave(tigetstr("cnorm"));
	add_leave(tigetstr("rmcup"));
	for (size_t i = 0; i < N_FATAL; i++)
		signal(fatal[i], on_fatal);
	cbreak();
	noecho();
	nonl();
	keypad(stdscr, TRUE);
	nodelay(stdscr, TRUE);
	set_escdelay(ESCAPE_MS);
	curs_set(0);
	if (wants_color() && start_color() == OK) {
		use_default_colors();
		init_pair(TUI_WARNING, COLOR_RED, -1);
		init_pair(TUI_TITLE, COLOR_CYAN, -1);
	}
	return 0;
}

void tui_close(void)
{
	if (!screen)
		return;
	endwin();
	delscreen(screen);
	screen = NULL;
	for (size_t i = 0; i < N_FATAL; i++)
		signal(fatal[i], SIG_DFL);
}

void tui_size(unsigned int *width, unsigned int *height)
{
	int x, y;

	getmaxyx(stdscr, y, x);
	*width = x > 0 ? (unsigned int)x : 1;
	*height = y > 0 ? (unsigned int)y : 1;
}

void tui_resize(void)
{
	struct winsize ws;

	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &ws) || !ws.ws_row || !ws.ws_col)
		return;
	resizeterm(ws.ws_row, ws.ws_col);
	clearok(curscr, TRUE);
}

void tui_begin(void)
{
	erase();
}

static attr_t attributes(enum tui_look look)
{
	bool color = wants_color();

	switch (look) {
	case TUI_DIM:
		return A_DIM;
	case TUI_BOLD:
		return A_BOLD;
	case TUI_TITLE:
		return A_BOLD | (color ? COLOR_PAIR(TUI_TITLE) : 0);
	case TUI_CURSOR:
		return A_REVERSE;
	case TUI_WARNING:
		return A_BOLD | (color ? COLOR_PAIR(TUI_WARNING) : 0);
	case TUI_PLAIN:
		break;
	}
	return A_NORMAL;
}

void tui_line(unsigned int y, const char *text, enum tui_look look)
{
	unsigned int width, height;

	tui_size(&width, &height);
	if (y >= height)
		return;
	attrset((int)attributes(look));
	mvaddnstr((int)y, 0, text, -1);
	if (look == TUI_CURSOR)
		for (int x = getcurx(stdscr); getcury(stdscr) == (int)y && x < (int)width; x++)
			addch(' ');
	attrset(A_NORMAL);
}

void tui_end(void)
{
	refresh();
}

int tui_key(void)
{
	static const struct {
		int curses, key;
	} keys[] = {
		{ KEY_UP, TOP_KEY_UP },
		{ KEY_DOWN, TOP_KEY_DOWN },
		{ KEY_LEFT, TOP_KEY_LEFT },
		{ KEY_RIGHT, TOP_KEY_RIGHT },
		{ KEY_PPAGE, TOP_KEY_PAGE_UP },
		{ KEY_NPAGE, TOP_KEY_PAGE_DOWN },
		{ KEY_HOME, TOP_KEY_HOME },
		{ KEY_END, TOP_KEY_END },
		{ KEY_ENTER, TOP_KEY_ENTER },
		{ '\r', TOP_KEY_ENTER },
		{ '\n', TOP_KEY_ENTER },
		{ KEY_BACKSPACE, TOP_KEY_BACKSPACE },
		{ 0x7f, TOP_KEY_BACKSPACE },
		{ '\b', TOP_KEY_BACKSPACE },
		{ 0x1b, TOP_KEY_ESCAPE },
		{ KEY_F(1), TOP_KEY_HELP },
		{ KEY_F(10), 'q' },
	};
	int c = getch();

	if (c == ERR)
		return -1;
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if (keys[i].curses == c)
			return keys[i].key;
	return c < 0x80 ? c : 0;
}
