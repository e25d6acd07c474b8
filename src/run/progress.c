/* SPDX-License-Identifier: ISC */
/*
 * A progress line on the terminal for work that takes longer than a second: how much is done, how fast, and
 * how long it will still take.
 */
#include "run/progress.h"

#include <stdio.h>
#include <time.h>
#include <unistd.h>

enum { SILENT_MSECS = 1000, AGAIN_MSECS = 200, CLOCK_EVERY = 256 };

static uint64_t clock_msecs(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

void progress_begin(struct progress *p, const char *what, size_t total, bool wanted)
{
	*p = (struct progress){ .what = what, .total = total, .on = wanted && isatty(STDERR_FILENO) };
	if (p->on)
		p->begun = p->told = clock_msecs();
}

static void print_progress(struct progress *p, size_t done, uint64_t msecs)
{
	size_t rate = done * 1000 / msecs;

	fprintf(stderr, "\r%zu", done);
	if (p->total >= done && p->total > 0)
		fprintf(stderr, " of %zu", p->total);
	fprintf(stderr, " %s, %zu a second", p->what, rate);
	if (p->total >= done && rate > 0)
		fprintf(stderr, ", %zu s left", (p->total - done + rate - 1) / rate);
	fputs("\033[K", stderr);
	fflush(stderr);
}

void progress_step(struct progress *p, size_t done)
{
	uint64_t at;

	if (!p->on || done % CLOCK_EVERY != 0)
		return;
	at = clock_msecs();
	if (at - p->begun < SILENT_MSECS || at - p->told < AGAIN_MSECS)
		return;
	p->told = at;
	p->shown = true;
	print_progress(p, done, at - p->begun);
}

void progress_end(struct progress *p)
{
	if (p->shown)
		fputs("\r\033[K", stderr);
	p->on = p->shown = false;
}
