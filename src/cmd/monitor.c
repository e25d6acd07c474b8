/* SPDX-License-Identifier: ISC */
/*
 * setkey monitor and the classic -x: what the kernel tells, as it happens; and -l, the dump that is repeated.
 */
#include "cmd/cmd.h"

#include "base/wait.h"

#include <stdio_ext.h>
#include <string.h>
#include <time.h>

enum { MSECS = 1000 };

static const struct format *form = &text_format;
static bool resync;

const struct opt monitor_options[] = {
	{ "format", 0, "text|json", "form of the output", set_format, &form, 0 },
	OPT_SHOW_KEYS,
	{ "resync", 0, NULL, "after events were lost, dump what is there", set_flag, &resync, 0 },
	OPT_END
};

struct watch {
	const struct settings *settings;
	unsigned classic;    /* -x: how often it was given; 0: monitor */
	struct print_opts print;
	struct buf out;
};

static void set_clock(struct print_opts *o)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	o->now = (uint64_t)now.tv_sec;
	o->usecs = (uint32_t)(now.tv_nsec / 1000);
}

static void add_classic_stamp(struct watch *w)
{
	time_t secs = (time_t)w->print.now;
	struct tm tm = { 0 };

	if (w->classic > 1) {
		buf_printf(&w->out, "%llu.%06u \n", (unsigned long long)w->print.now, w->print.usecs);
		return;
	}
	localtime_r(&secs, &tm);
	buf_printf(&w->out, "%02d:%02d:%02d.%06u \n", tm.tm_hour, tm.tm_min, tm.tm_sec, w->print.usecs);
}

/* What PF_KEY tells in the words of old; a request to listen is no more than its time. */
static void add_classic(struct watch *w, const struct notification *h)
{
	add_classic_stamp(w);
	if (w->settings->hex && h->bytes != NULL)
		add_hex(h->wire, h->bytes, h->len, w->settings->show_keys, &w->out);
	if (h->wire != &pfkey_wire) {
		text_format.event(h->ev, &w->print, &w->out);
	} else if (h->ev->verb != VERB_PROMISC) {
		pfkey_print(h->bytes, h->len, w->settings->show_keys, &w->out);
		buf_addc(&w->out, '\n');
	}
}

static int on_heard(void *arg, const struct notification *h)
{
	struct watch *w = arg;
	int end;

	set_clock(&w->print);
	warn_of_keys(w->settings->show_keys, h->ev);
	if (w->classic == 0)
		form->event(h->ev, &w->print, &w->out);
	else if (h->ev->verb != VERB_LISTEN)
		add_classic(w, h);
	end = wait_write(&w->out);
	buf_clear(&w->out);
	return end;
}

/* The topics that the operands name, 0 when one is none. */
static unsigned read_topics(int argc, char **argv)
{
	unsigned all = (1u << TOPICS) - 1, wanted = argc == 0 ? all : 0;

	for (int i = 0; i < argc; i++) {
		int topic = name_number(topic_names, argv[i], strlen(argv[i]));

		if (topic < 0 && strcmp(argv[i], "all") != 0)
			return 0;
		wanted |= topic < 0 ? all : 1u << topic;
	}
	return wanted;
}

static int run_monitor(const struct settings *s, unsigned wanted, unsigned classic)
{
	struct watch w = { .settings = s, .classic = classic, .print = print_opts(s) };
	struct listen_opts l = {
		.via = s->via, .topics = wanted, .raw = classic > 0, .resync = resync, .on_notification = on_heard, .arg = &w,
	};
	bool open = true;
	int err = wait_begin();

	w.print.stamp = classic == 0;
	if (err == 0)
		err = kernel_listen(&l, &open);
	buf_free(&w.out);
	if (err == 0)
		return STATUS_OK;
	error("%s%s", open ? "monitoring has failed: " : "",
	         open ? strerror(-err) : kernel_open_error(s->via, err));
	return STATUS_SYSTEM;
}

int cmd_monitor(struct settings *s, int argc, char **argv)
{
	unsigned wanted = read_topics(argc, argv);

	if (wanted != 0)
		return run_monitor(s, wanted, 0);
	error("expected sa, policy, acquire, expire, aevent, report, migrate, mapping or all");
	return STATUS_USAGE;
}

int monitor_classic(struct settings *s, unsigned times)
{
	return run_monitor(s, read_topics(0, NULL), times);
}

int dump_for_ever(struct settings *s, bool policy)
{
	int status = STATUS_OK, err;

	if ((err = wait_begin()) != 0) {
		error("cannot write to standard output: %s", strerror(-err));
		return STATUS_SYSTEM;
	}
	s->endless = true;
	if (!policy)
		s->format = &short_format;
	fputs(short_header, stdout);
	do
		status = dump_classic(s, policy);
	while (status == STATUS_OK && wait_for(-1, MSECS) != WAIT_END);
	if (!ferror(stdout) || wait_for(-1, 0) != WAIT_END)
		return status;
	__fpurge(stdout);
	clearerr(stdout);
	return STATUS_OK;
}
