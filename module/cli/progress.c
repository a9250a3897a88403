/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "cnameguard/clock.h"
#include "cli/escape.h"
#include "cli/progress.h"

/*! \brief What ends sooner needs no line. */
#define PATIENCE_MS	1000
/*! \brief Shortest time from one drawing to the next. */
#define REDRAW_MS	100
#define BAR_COLUMNS	20
/*! \brief Columns of all but the name: bar, percentage and numbers. */
#define OTHER_COLUMNS	(BAR_COLUMNS + 45)
#define NAME_MIN	12

/*! \brief There is one terminal, and one line. */
static struct {
	bool active;
	bool drawn;
	int64_t begun_ms;
	int64_t next_ms;
} line;

void cg_progress_begin(cg_progress_t when)
{
	line.active = (when == CG_PROGRESS_ON ||
	               (when == CG_PROGRESS_AUTO && isatty(STDERR_FILENO)));
	line.begun_ms = cg_now_ms();
	line.next_ms = line.begun_ms + (when == CG_PROGRESS_ON ? 0 : PATIENCE_MS);
}

bool cg_progress_due(void)
{
	return line.active && cg_now_ms() >= line.next_ms;
}

static size_t terminal_columns(void)
{
	struct winsize size;
	bool known = (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0);
	return known ? size.ws_col : 80;
}

/*! \brief The end of the name, which tells more than its beginning. */
static void draw_name(const char *name, size_t columns)
{
	size_t room = (columns > OTHER_COLUMNS + NAME_MIN) ? columns - OTHER_COLUMNS : NAME_MIN;
	size_t len = strlen(name);
	size_t skip = 0;
	if (len > room) {
		fputs("...", stderr);
		skip = len - room + 3;
	}
	while ((name[skip] & 0xC0) == 0x80) {
		skip++; /* Not in the middle of a character. */
	}
	cg_escape(stderr, name + skip, len - skip);
}

static void draw_bar(double done)
{
	if (done < 0) {
		return;
	}
	done = (done > 1) ? 1 : done;
	int full = (int)(done * BAR_COLUMNS);
	fprintf(stderr, " [%.*s%*s] %3d%%", full, "####################",
	        BAR_COLUMNS - full, "", (int)(done * 100));
}

void cg_progress_show(const char *name, double done, size_t count)
{
	int64_t now = cg_now_ms();
	if (!line.active || now < line.next_ms) {
		return;
	}
	line.next_ms = now + REDRAW_MS;

	double seconds = (now - line.begun_ms) / 1e3;
	fputs("\r\033[K", stderr);
	draw_name(name, terminal_columns());
	draw_bar(done);
	fprintf(stderr, "  %zu records", count);
	if (seconds > 0 && count > 0) {
		fprintf(stderr, "  %.0f/s", count / seconds);
	}
	fflush(stderr);
	line.drawn = true;
}

void cg_progress_erase(void)
{
	if (line.drawn) {
		fputs("\r\033[K", stderr);
		fflush(stderr);
		line.drawn = false;
	}
}

void cg_progress_end(void)
{
	cg_progress_erase();
	line.active = false;
}
