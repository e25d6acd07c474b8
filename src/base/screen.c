/* SPDX-License-Identifier: ISC */
/* Draws on a terminal again and again, and restores it at the end. Knows libc only. */
#include "base/screen.h"

#include "base/memory.h"
#include "base/wait.h"

#include <sys/ioctl.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

static const char enter_screen[] = "\033[?1049h\033[?25l", leave_screen[] = "\033[?25h\033[?1049l";

static struct termios saved_terminal;
static bool is_active, has_keys;

static void write_control(const char *control)
{
	struct buf b = { 0 };

	buf_adds(&b, control);
	wait_write(&b);
	buf_free(&b);
}

bool screen_begin(void)
{
	struct termios quiet;

	if (!isatty(STDOUT_FILENO))
		return false;
	has_keys = isatty(STDIN_FILENO) && tcgetattr(STDIN_FILENO, &saved_terminal) == 0;
	if (has_keys) {
		quiet = saved_terminal;
		quiet.c_lflag &= ~(tcflag_t)(ECHO | ICANON);
		quiet.c_cc[VSUSP] = quiet.c_cc[VQUIT] = _POSIX_VDISABLE;
		has_keys = tcsetattr(STDIN_FILENO, TCSADRAIN, &quiet) == 0;
	}
	write_control(enter_screen);
	return is_active = true;
}

void screen_end(void)
{
	if (!is_active)
		return;
	write_control(leave_screen);
	if (has_keys)
		tcsetattr(STDIN_FILENO, TCSADRAIN, &saved_terminal);
	is_active = has_keys = false;
}

void screen_size(unsigned *lines, unsigned *columns)
{
	struct winsize size = { 0 };

	if (isatty(STDOUT_FILENO))
		ioctl(STDOUT_FILENO, TIOCGWINSZ, &size);
	*lines = size.ws_row;
	*columns = size.ws_col;
}

/* Each line is cleared just before it is drawn: to clear the whole screen first would flicker. */
int screen_draw(const struct buf *text)
{
	struct buf b = { 0 };
	int err;

	buf_adds(&b, "\033[H\033[K");
	for (size_t i = 0; i < text->len; i++) {
		buf_addc(&b, (char)text->bytes[i]);
		if (text->bytes[i] == '\n')
			buf_adds(&b, "\033[K");
	}
	buf_adds(&b, "\033[J");
	err = wait_write(&b);
	buf_free(&b);
	return err;
}

static int64_t clock_msecs(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

bool screen_wait(unsigned secs)
{
	int64_t end = clock_msecs() + (int64_t)secs * 1000, left;

	while ((left = end - clock_msecs()) > 0) {
		char key;

		switch (wait_for(has_keys ? STDIN_FILENO : -1, (int)left)) {
		case WAIT_END:
			return false;
		case WAIT_TIME:
			return true;
		case WAIT_INPUT:
			if (read(STDIN_FILENO, &key, 1) != 1)
				has_keys = false;
			else if (key == 'q' || key == 'Q')
				return false;
		}
	}
	return true;
}
