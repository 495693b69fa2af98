/* SPDX-License-Identifier: MIT */
#define NCURSES_WIDECHAR 1
#include "ui/screens/terminal.h"

#include <curses.h>
#include <errno.h>
#include <fcntl.h>
#include <langinfo.h>
#include <locale.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <term.h>
#include <termios.h>
#include <unistd.h>

#undef columns /* term.h takes these words for itself */
#undef lines

enum { FRAME_MS = 50, TWICE_MS = 400, YIELD_MS = 3 };

typedef struct Terminal {
	App *app;
	FILE *in, *out;
	SCREEN *screen;
	Canvas *canvas, *shown; /* to be drawn, and drawn last */
	bool mouse;             /* as ncurses was told */
	bool forget;            /* draw all anew */
	int64_t due_at;         /* ms, when what is new may be drawn next */
	int64_t clicked_at;     /* ms */
	int clicked_x, clicked_y;
	unsigned n_broken_promises; /* input was announced, and there was none: so often in a row */
} Terminal;

/* Signals have no other way in. */
static volatile sig_atomic_t told_to_end;
static int wake_pipe[2] = {-1, -1};
static int terminal_fd = -1;
static struct termios before;

/* --- signals ------------------------------------------------------------------------------------ */

static void wake_now(void)
{
	char octet = 0;
	ssize_t written = write(wake_pipe[1], &octet, 1);
	(void)written; /* a full pipe wakes as well */
}

static void wake_from_engine(void *user)
{
	(void)user;
	wake_now();
}

static void on_end(int number)
{
	(void)number;
	told_to_end = 1;
	wake_now();
}

/* Something went wrong for good: leave the terminal as it was, with nothing but what a signal handler
 * may call. */
static void on_crash(int number)
{
	static const char restore[] = "\033[?1000l\033[?1002l\033[?1006l\033[m\033[?25h\033[?1049l";
	ssize_t written = write(terminal_fd, restore, sizeof restore - 1);
	(void)written;
	tcsetattr(terminal_fd, TCSANOW, &before);
	raise(number); /* SA_RESETHAND: this time it kills */
}

static void catch(int number, void (*handler)(int), int flags)
{
	struct sigaction action = {.sa_handler = handler, .sa_flags = flags};
	sigaction(number, &action, NULL);
}

static void catch_signals(void)
{
	static const int ends[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};
	static const int crashes[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGSYS};
	for (size_t i = 0; i < G_N_ELEMENTS(ends); i++)
		catch (ends[i], on_end, 0);
	for (size_t i = 0; i < G_N_ELEMENTS(crashes); i++)
		catch (crashes[i], on_crash, (int)(SA_RESETHAND | SA_NODEFER));
	catch (SIGPIPE, SIG_IGN, 0);
}

/* --- out ---------------------------------------------------------------------------------------- */

static int shade_of(int8_t shade, attr_t *attributes)
{
	if (shade < SHADE_BRIGHT_BLACK || COLORS >= 16)
		return shade;
	if (shade > SHADE_BRIGHT_BLACK)
		*attributes |= A_BOLD;
	else
		*attributes |= A_DIM; /* eight colors have no grey */
	return shade == SHADE_BRIGHT_BLACK ? SHADE_DEFAULT : shade - SHADE_BRIGHT_BLACK;
}

static void set_look(Role role, const Look *look, attr_t attributes[ROLE_N])
{
	attr_t more = 0;
	if ((look->attributes & LOOK_BOLD) != 0)
		more |= A_BOLD;
	if ((look->attributes & LOOK_DIM) != 0)
		more |= A_DIM;
	if ((look->attributes & LOOK_REVERSE) != 0)
		more |= A_REVERSE;
	if ((look->attributes & LOOK_UNDERLINE) != 0)
		more |= A_UNDERLINE;
	attr_t bright = 0;
	if (has_colors() && COLORS >= 8 && COLOR_PAIRS > ROLE_N) {
		int foreground = shade_of(look->foreground, &bright);
		attr_t ignored = 0;
		int background = shade_of(look->background, &ignored);
		init_pair((short)(role + 1), (short)foreground, (short)background);
	}
	attributes[role] = more | bright;
}

static void put_cell(int x, int y, const Cell *cell, attr_t attribute, short pair)
{
	wchar_t wide[CCHARW_MAX + 1];
	cchar_t character;
	if (cell->cursor)
		attribute ^= A_REVERSE;
	if (cell->marked)
		attribute |= A_BOLD | A_UNDERLINE;
	size_t n = mbstowcs(wide, cell->text, CCHARW_MAX);
	if (n == (size_t)-1 || n == 0) /* the locale has no such character */
		mbstowcs(wide, "?", CCHARW_MAX);
	wide[n == (size_t)-1 || n == 0 ? 1 : MIN(n, (size_t)CCHARW_MAX)] = L'\0';
	if (setcchar(&character, wide, attribute, pair, NULL) == OK)
		mvadd_wch(y, x, &character);
}

static bool same_cell(const Cell *a, const Cell *b)
{
	return strcmp(a->text, b->text) == 0 && a->role == b->role && a->cursor == b->cursor &&
	       a->marked == b->marked;
}

/* Only what differs from what is shown goes to ncurses. */
static void put_canvas(Terminal *terminal)
{
	attr_t attributes[ROLE_N];
	const Settings *settings = app_settings(terminal->app);
	bool colors = has_colors() && COLORS >= 8 && COLOR_PAIRS > ROLE_N;
	for (unsigned i = 0; i < ROLE_N; i++)
		set_look(i, &settings->theme.looks[i], attributes);
	int columns = canvas_columns(terminal->canvas), rows = canvas_rows(terminal->canvas);
	bool all = terminal->forget || columns != canvas_columns(terminal->shown) ||
	           rows != canvas_rows(terminal->shown);
	if (all)
		erase();
	for (int y = 0; y < rows; y++) {
		for (int x = 0; x < columns; x++) {
			const Cell *cell = canvas_cell(terminal->canvas, x, y);
			if (cell->text[0] == '\0' ||
			    (!all && same_cell(cell, canvas_cell(terminal->shown, x, y))))
				continue;
			Role role = theme_role(&settings->theme, cell);
			put_cell(x, y, cell, attributes[role], colors ? (short)(role + 1) : 0);
		}
	}
	Canvas *drawn = terminal->canvas;
	terminal->canvas = terminal->shown;
	terminal->shown = drawn;
	terminal->forget = false;
}

static int64_t now_ms(void)
{
	return g_get_monotonic_time() / 1000;
}

/* A picture that comes a little late does not delay the next one, so that they come 20 times a second. */
static int64_t next_due(int64_t due, int64_t now)
{
	int64_t late = now - due;
	return now + FRAME_MS - (late > 0 && late < FRAME_MS / 2 ? late : 0);
}

static void draw(Terminal *terminal)
{
	int rows, columns;
	terminal->due_at = next_due(terminal->due_at, now_ms());
	getmaxyx(stdscr, rows, columns);
	if (app_take_redraw(terminal->app)) {
		terminal->forget = true;
		clearok(stdscr, TRUE);
	}
	app_draw(terminal->app, terminal->canvas, columns, rows);
	put_canvas(terminal);
	refresh();
}

/* OSC 52 reaches the clipboard of the machine at which the user sits, over ssh and tmux as well. */
static void put_clipboard(Terminal *terminal)
{
	g_autofree char *text = app_take_clipboard(terminal->app);
	if (text == NULL)
		return;
	g_autofree char *coded = g_base64_encode((const guchar *)text, strlen(text));
	fprintf(terminal->out, "\033]52;c;%s\a", coded);
	fflush(terminal->out);
}

/* --- in ----------------------------------------------------------------------------------------- */

static const struct {
	wint_t code;
	Key key;
} special[] = {
	{KEY_UP, TYPED_UP},         {KEY_DOWN, TYPED_DOWN},       {KEY_LEFT, TYPED_LEFT},
	{KEY_RIGHT, TYPED_RIGHT},   {KEY_PPAGE, TYPED_PAGE_UP},   {KEY_NPAGE, TYPED_PAGE_DOWN},
	{KEY_HOME, TYPED_HOME},     {KEY_END, TYPED_END},         {KEY_BTAB, TYPED_BACKTAB},
	{KEY_BACKSPACE, TYPED_BACKSPACE}, {KEY_DC, TYPED_DELETE}, {KEY_IC, TYPED_INSERT},
	{KEY_ENTER, TYPED_ENTER},
};

static Key special_key(wint_t code)
{
	for (size_t i = 0; i < G_N_ELEMENTS(special); i++)
		if (special[i].code == code)
			return special[i].key;
	if (code >= KEY_F(1) && code <= KEY_F(12))
		return TYPED_F1 + (Key)(code - KEY_F(1));
	return TYPED_NONE;
}

static void take_mouse(Terminal *terminal)
{
	MEVENT event;
	if (getmouse(&event) != OK)
		return;
	if ((event.bstate & BUTTON4_PRESSED) != 0)
		app_act(terminal->app, ACTION_UP);
	if ((event.bstate & BUTTON5_PRESSED) != 0)
		app_act(terminal->app, ACTION_DOWN);
	if ((event.bstate & (BUTTON1_PRESSED | BUTTON1_CLICKED)) == 0)
		return;
	int64_t now = now_ms();
	bool twice = now - terminal->clicked_at < TWICE_MS && event.x == terminal->clicked_x &&
	             event.y == terminal->clicked_y;
	terminal->clicked_at = twice ? 0 : now;
	terminal->clicked_x = event.x;
	terminal->clicked_y = event.y;
	app_click(terminal->app, event.x, event.y, twice);
}

static void take_key(Terminal *terminal, int kind, wint_t code)
{
	if (kind == KEY_CODE_YES && code == KEY_MOUSE)
		take_mouse(terminal);
	else if (kind == KEY_CODE_YES && code == KEY_RESIZE)
		terminal->forget = true;
	else if (kind == KEY_CODE_YES)
		app_key(terminal->app, special_key(code));
	else
		app_key(terminal->app, code == 0x7F ? TYPED_BACKSPACE : code == '\n' ? TYPED_ENTER : (Key)code);
}

/* False if the terminal is gone: it says again and again that there is something, and there is
 * nothing.  Once may be the first octets of a character. */
static bool take_keys(Terminal *terminal, bool promised)
{
	enum { GONE = 5 };
	bool any = false;
	wint_t code;
	for (int kind = get_wch(&code); kind != ERR; kind = get_wch(&code)) {
		any = true;
		take_key(terminal, kind, code);
	}
	terminal->n_broken_promises = any || !promised ? 0 : terminal->n_broken_promises + 1;
	return terminal->n_broken_promises < GONE;
}

/* --- the whole ---------------------------------------------------------------------------------- */

static void follow_mouse(Terminal *terminal)
{
	bool wanted = app_settings(terminal->app)->mouse;
	if (wanted == terminal->mouse)
		return;
	terminal->mouse = wanted;
	mousemask(wanted ? ALL_MOUSE_EVENTS : 0, NULL);
}

static void suspend(Terminal *terminal)
{
	endwin();
	kill(0, SIGSTOP); /* with what it reads from, if that is of the same job */
	terminal->forget = true;
	clearok(stdscr, TRUE);
}

static void drain_pipe(void)
{
	char octets[64];
	while (read(wake_pipe[0], octets, sizeof octets) > 0)
		continue;
}

/* How long nothing needs to happen, if nobody types and the engine has nothing new. */
static int patience(const Terminal *terminal, bool stale)
{
	if (app_has_work(terminal->app))
		return engine_status(app_engine(terminal->app)).ended ? 0 : YIELD_MS;
	if (!stale)
		return 2 * FRAME_MS;
	int64_t rest = terminal->due_at - now_ms();
	return (int)CLAMP(rest, 0, FRAME_MS);
}

static void loop(Terminal *terminal)
{
	struct pollfd fds[] = {
		{.fd = fileno(terminal->in), .events = POLLIN},
		{.fd = wake_pipe[0], .events = POLLIN},
	};
	draw(terminal);
	while (!app_over(terminal->app) && !told_to_end) {
		bool stale = app_stale(terminal->app);
		int n = poll(fds, G_N_ELEMENTS(fds), patience(terminal, stale));
		bool input = n > 0 && (fds[0].revents & POLLIN) != 0;
		if (n > 0 && (fds[0].revents & (POLLHUP | POLLERR | POLLNVAL)) != 0)
			return;
		if (n > 0 && fds[1].revents != 0)
			drain_pipe();
		if (!take_keys(terminal, input))
			return;
		if (!input && app_has_work(terminal->app))
			app_work(terminal->app);
		put_clipboard(terminal);
		if (app_take_suspend(terminal->app))
			suspend(terminal);
		follow_mouse(terminal);
		if (terminal->forget || input ||
		    (app_stale(terminal->app) && now_ms() >= terminal->due_at))
			draw(terminal);
	}
}

/* The keyboard is the terminal even where standard input is a capture. */
static bool open_streams(Terminal *terminal, GError **error)
{
	terminal->out = stdout;
	terminal->in = isatty(STDIN_FILENO) ? stdin : fopen("/dev/tty", "re");
	if (terminal->in != NULL && isatty(STDOUT_FILENO))
		return true;
	g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_FAILED,
	            "there is no terminal to draw on; --report prints what was found");
	return false;
}

/* Asked first: newterm() would leave memory behind.  One without cursor addressing, as "dumb", shows lines alone. */
static bool terminal_is_fit(void)
{
	int fault;
	if (setupterm(NULL, terminal_fd, &fault) != OK)
		return false;
	bool fit = cursor_address != NULL;
	del_curterm(cur_term);
	return fit;
}

static bool begin_curses(Terminal *terminal, GError **error)
{
	setlocale(LC_CTYPE, "");
	if (strcmp(nl_langinfo(CODESET), "UTF-8") != 0)
		app_settings(terminal->app)->ascii = true;
	terminal_fd = fileno(terminal->out);
	tcgetattr(terminal_fd, &before);
	if (terminal_is_fit())
		terminal->screen = newterm(NULL, terminal->out, terminal->in);
	if (terminal->screen == NULL) {
		const char *name = getenv("TERM");
		g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_FAILED,
		            "the terminal \"%s\" is not known here, or shows lines alone: set TERM, or use --report",
		            name == NULL ? "" : name);
		return false;
	}
	set_escdelay(25);
	raw();
	noecho();
	nonl();
	keypad(stdscr, TRUE);
	nodelay(stdscr, TRUE);
	curs_set(0);
	mouseinterval(0);
	if (has_colors()) {
		start_color();
		use_default_colors();
	}
	return true;
}

static void end_curses(Terminal *terminal)
{
	if (terminal->mouse)
		mousemask(0, NULL);
	endwin();
	delscreen(terminal->screen);
}

static bool open_pipe(GError **error)
{
	if (pipe(wake_pipe) == 0 && fcntl(wake_pipe[0], F_SETFL, O_NONBLOCK) == 0 &&
	    fcntl(wake_pipe[1], F_SETFL, O_NONBLOCK) == 0)
		return true;
	g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_FAILED, "no pipe: %s", g_strerror(errno));
	return false;
}

bool terminal_run(App *app, GError **error)
{
	Terminal terminal = {.app = app, .forget = true};
	if (!open_streams(&terminal, error) || !open_pipe(error) || !begin_curses(&terminal, error))
		return false;
	catch_signals();
	terminal.canvas = canvas_new();
	terminal.shown = canvas_new();
	engine_start(app_engine(app), wake_from_engine, NULL);
	loop(&terminal);
	end_curses(&terminal);
	canvas_free(terminal.canvas);
	canvas_free(terminal.shown);
	if (terminal.in != stdin)
		fclose(terminal.in);
	return true;
}

const char *terminal_version(void)
{
	return curses_version();
}
