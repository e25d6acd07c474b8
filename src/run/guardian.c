/* SPDX-License-Identifier: ISC */
/* The guardian: a process that undoes a try unless somebody confirms it. */
#include "run/guardian.h"

#include "base/privilege.h"
#include "run/named_set.h"
#include "text/visible.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

/* SENDING_SECS is more than it takes to send a million policies; TRIES is how often undoing is attempted. */
enum { SENDING_SECS = 60, TRIES = 3, CHANNEL = STDERR_FILENO + 1 };

/* The first byte of a message between the two processes. */
enum { TELL_TOUCHED = 't', TELL_SENT = 's', TELL_KEEP = 'k', TELL_UNDO = 'u' };
enum { TELL_READY = 'r', TELL_REFUSED = 'e' };

/*
 * Announces a change to an object: its name and, unless it is new, the object as it is now. The object's
 * message follows.
 */
struct touched {
	char tell;
	bool there;
	struct object object;
};

/* ---- the process that sends ---- */

static ssize_t receive_bytes(int fd, void *room, size_t n)
{
	ssize_t got;

	do
		got = recv(fd, room, n, 0);
	while (got < 0 && errno == EINTR);
	return got;
}

static bool send_message(int fd, const void *bytes, size_t n)
{
	ssize_t done;

	do
		done = send(fd, bytes, n, MSG_NOSIGNAL);
	while (done < 0 && errno == EINTR);
	return done == (ssize_t)n;
}

static bool send_word(int fd, char word)
{
	return send_message(fd, &word, 1);
}

static int run_guardian(struct guardian *g, int fd);

static int await_ready(struct guardian *g)
{
	char text[PENDING_TRY_TEXT + 1];
	ssize_t n = receive_bytes(g->fd, text, sizeof(text) - 1);

	if (n > 0 && text[0] == TELL_READY)
		return STATUS_OK;
	text[n > 0 ? n : 0] = '\0';
	close(g->fd);
	g->fd = -1;
	error("%s: nothing was sent", n > 1 ? text + 1 : "the guardian has ended at once");
	return STATUS_SYSTEM;
}

static int start_guardian(struct guardian *g)
{
	int ends[2], err;
	pid_t child;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0) {
		error("cannot begin a guardian: %s: nothing was sent", strerror(errno));
		return STATUS_SYSTEM;
	}
	g->parent = getpid();
	child = fork();
	err = errno;
	if (child == 0) {
		close(ends[0]);
		return run_guardian(g, ends[1]);
	}
	close(ends[1]);
	if (child > 0) {
		g->fd = ends[0];
		return await_ready(g);
	}
	close(ends[0]);
	error("cannot begin a guardian: %s: nothing was sent", strerror(err));
	return STATUS_SYSTEM;
}

static bool send_touched(struct guardian *g, uint64_t name, const struct object *o)
{
	struct touched t = { .tell = TELL_TOUCHED, .there = o != NULL };
	struct buf b = { 0 };
	bool told;

	if (o != NULL)
		t.object = *o;
	t.object.name = name;
	t.object.message = NULL;
	buf_add(&b, &t, sizeof(t));
	if (o != NULL)
		buf_add(&b, o->message, o->len);
	told = send_message(g->fd, b.bytes, b.len);
	buf_free(&b);
	return told;
}

/*
 * Announces the objects that the plan changes. known: the guardian has the snapshot from before the first
 * plan and needs nothing more. Others may have changed the tables since: an object of a later plan must come
 * back as it is now.
 */
static bool send_steps(struct guardian *g, bool known)
{
	const struct sync *s = &g->reload->sync;
	bool told = true;

	for (size_t i = 0; i < s->nsteps && told; i++) {
		const struct step *step = &s->step[i];
		uint32_t there = step->wanted != 0 ? s->wanted[step->wanted - 1].there : step->there;
		const struct object *o = there != 0 ? &s->there.object[there - 1] : NULL;
		uint64_t name = o != NULL ? o->name : s->wanted[step->wanted - 1].name;

		if (!known && hash_find(&g->told, name) == 0)
			told = send_touched(g, name, o);
		*hash_at(&g->told, name) = 1;
	}
	return told;
}

int guardian_prepare(void *guardian)
{
	struct guardian *g = guardian;

	if (g->fd < 0) {
		send_steps(g, true);
		return start_guardian(g);
	}
	if (send_steps(g, false))
		return STATUS_OK;
	error("the guardian was killed");
	return STATUS_SYSTEM;
}

bool guardian_start_clock(struct guardian *g)
{
	char word;

	return send_word(g->fd, TELL_SENT) && receive_bytes(g->fd, &word, 1) == 1;
}

static enum verdict await_verdict(struct guardian *g)
{
	char word;

	if (receive_bytes(g->fd, &word, 1) != 1 || word < '0' || word >= '0' + VERDICT_LOST)
		return VERDICT_LOST;
	return (enum verdict)(word - '0');
}

enum verdict guardian_end(struct guardian *g, bool keep)
{
	send_word(g->fd, keep ? TELL_KEEP : TELL_UNDO);
	return await_verdict(g);
}

bool guardian_wait(struct guardian *g, int fd, enum verdict *verdict)
{
	struct pollfd p[] = { { .fd = g->fd, .events = POLLIN }, { .fd = fd, .events = POLLIN } };

	while (poll(p, sizeof(p) / sizeof(p[0]), -1) < 0 && errno == EINTR)
		continue;
	if (p[0].revents == 0 && p[1].revents != 0)
		return false;
	*verdict = await_verdict(g);
	return true;
}

void guardian_free(struct guardian *g)
{
	if (g->fd >= 0)
		close(g->fd);
	hash_free(&g->told);
}

/* ---- the guardian ---- */

/* Ignores signals for the terminal or the session. SIGTERM: undo the try now. */
static bool take_signals(struct guardian *g)
{
	static const int ignored[] = { SIGHUP, SIGINT, SIGQUIT, SIGPIPE, SIGALRM, SIGUSR1, SIGUSR2,
		                       SIGTSTP, SIGTTIN, SIGTTOU, SIGXCPU, SIGVTALRM, SIGPROF };
	sigset_t set;

	for (size_t i = 0; i < sizeof(ignored) / sizeof(ignored[0]); i++)
		signal(ignored[i], SIG_IGN);
	signal(SIGTERM, SIG_DFL);
	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigprocmask(SIG_SETMASK, &set, NULL);
	g->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	return g->signals >= 0;
}

/*
 * Closes all files but the socket, which becomes CHANNEL: a program that reads the end of a pipe from setkey
 * must not wait for the guardian. Returns the socket, or -1.
 */
static int close_files(int fd)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	if (null < 0)
		null = open("/", O_PATH | O_CLOEXEC);
	for (int i = STDIN_FILENO; i <= STDERR_FILENO; i++)
		if (null < 0 || dup2(null, i) < 0)
			return -1;
	if (fd != CHANNEL && (fd = dup2(fd, CHANNEL)) >= 0)
		fcntl(fd, F_SETFD, FD_CLOEXEC);
	closefrom(CHANNEL + 1);
	return fd;
}

/* Frees all of the reload that undoing does not need, such as files and their keys. */
static void detach_guardian(struct guardian *g)
{
	struct reload *r = g->reload;
	struct reload rest = { .settings = r->settings, .lock = -1, .touched = r->touched,
	                       .set = r->set };

	g->before = r->sync.there;
	r->sync.there = (struct snapshot){ 0 };
	r->touched = (struct hash_table){ 0 };
	r->held = false;
	reload_free(r);
	*r = rest;
	hash_free(&g->told);
}

static void put_time(const char *word, long long at, struct buf *out)
{
	time_t t = (time_t)at;
	struct tm tm;
	char text[64] = "";

	if (localtime_r(&t, &tm) != NULL)
		strftime(text, sizeof(text), "%F %T", &tm);
	buf_printf(out, "%s%s", word, text);
}

static void put_files(const struct guardian *g, struct buf *out)
{
	enum { ENOUGH = 1024 };
	size_t start = out->len;

	if (g->nfiles == 0)
		buf_adds(out, "standard input");
	for (int i = 0; i < g->nfiles && out->len - start < ENOUGH; i++) {
		buf_adds(out, i > 0 ? ", " : "");
		if (strlen(g->file[i]) < ENOUGH)
			visible_puts(g->file[i], out);
		else
			buf_adds(out, "...");
	}
}

/* Seconds until the try is undone. */
static long long seconds_left(const struct guardian *g)
{
	struct itimerspec t;

	return timerfd_gettime(g->timer, &t) != 0 ? 0 : t.it_value.tv_sec + (t.it_value.tv_nsec > 0);
}

static void put_who(struct buf *out)
{
	char name[64];

	if (getlogin_r(name, sizeof(name)) == 0) {
		buf_adds(out, "user ");
		visible_puts(name, out);
	} else {
		buf_printf(out, "user %u", (unsigned)getuid());
	}
}

static void put_record(const struct guardian *g, const char *failure, struct buf *out)
{
	buf_printf(out, "pid %d\nby ", (int)getpid());
	put_who(out);
	put_time("\nsince ", g->since, out);
	if (!g->sending)
		put_time("\nuntil ", (long long)time(NULL) + seconds_left(g), out);
	if (failure != NULL)
		buf_printf(out, "\nfailed %s", failure);
	buf_adds(out, "\nfiles ");
	put_files(g, out);
	buf_addc(out, '\n');
}

static void write_record(struct guardian *g, const char *failure)
{
	struct buf text = { 0 };

	put_record(g, failure, &text);
	pending_try_write(&g->pending, buf_str(&text));
	buf_free(&text);
}

/*
 * Sets the timer, which (CLOCK_BOOTTIME) goes on while the machine sleeps: a user who is locked out goes by
 * his own clock.
 */
static bool set_timer(struct guardian *g, unsigned secs)
{
	const struct itimerspec t = { .it_value.tv_sec = (time_t)secs };

	return timerfd_settime(g->timer, 0, &t, NULL) == 0;
}

static void log_result(const struct guardian *g, int priority, const char *why, const char *what)
{
	struct buf files = { 0 };

	put_files(g, &files);
	openlog("setkey", LOG_PID, LOG_DAEMON);
	syslog(priority, "try of %s, %s: %s", buf_str(&files), why, what);
	closelog();
	buf_free(&files);
}

static bool revert_tables(struct guardian *g)
{
	const struct timespec pause = { .tv_sec = 1 };

	for (int i = 0; i < TRIES; i++) {
		if (i > 0)
			nanosleep(&pause, NULL);
		if (reload_back(g->reload, &g->before, false) == STATUS_OK)
			return g->reload->set == NULL || set_restore(g->reload->set) == STATUS_OK;
	}
	return false;
}

/*
 * Ends the try: keeps or undoes it, and reports the result. The lock is held until the socket's name is free
 * again, so that the next try, or another change, comes after that.
 */
static void finish_trial(struct guardian *g, bool keep, const char *why, int asker)
{
	char failure[256] = "";
	int err, lock = keep ? -1 : kernel_lock(NULL, &err);
	enum verdict verdict = keep ? VERDICT_KEPT : revert_tables(g) ? VERDICT_BACK : VERDICT_FAILED;

	if (verdict == VERDICT_FAILED) {
		snprintf(failure, sizeof(failure), "the previous state could not be restored in full: %s",
		         g->reload->stuck != 0 ? strerror(g->reload->stuck) : "the record of the set");
		g->sending = false;
		write_record(g, failure);
	}
	pending_try_close(&g->pending, verdict == VERDICT_FAILED);
	if (lock >= 0)
		close(lock);
	if (asker >= 0)
		pending_try_answer(asker, verdict == VERDICT_FAILED ? STATUS_SYSTEM : STATUS_OK, failure);
	if (g->fd >= 0)
		send_word(g->fd, (char)('0' + verdict));
	if (verdict == VERDICT_FAILED)
		log_result(g, LOG_ERR, why, failure);
	else
		log_result(g, LOG_NOTICE, why, keep ? "kept" : "the previous state is restored");
	g->ended = true;
}

static void note_touched(struct guardian *g, const uint8_t *bytes, size_t n)
{
	struct touched t;

	if (n < sizeof(t))
		return;
	memcpy(&t, bytes, sizeof(t));
	*hash_at(&g->reload->touched, t.object.name) = 1;
	t.object.message = bytes + sizeof(t);
	snapshot_put(&g->before, t.object.name, t.there ? &t.object : NULL);
}

static void end_sending(struct guardian *g)
{
	g->sending = false;
	set_timer(g, g->timeout);
	write_record(g, NULL);
	send_word(g->fd, TELL_READY);
	if (g->hurried)
		finish_trial(g, false, "told to by a signal", -1);
}

/*
 * Handles a message of the sender. Its end is no failure while it waits at the terminal, but is one while it
 * sends.
 */
static void handle_sender(struct guardian *g, struct buf *room)
{
	ssize_t n;

	buf_clear(room);
	buf_reserve(room, sizeof(struct touched) + RECEIVE_BYTES);
	n = receive_bytes(g->fd, room->bytes, room->cap);
	room->len = n > 0 ? (size_t)n : 0;
	switch (n > 0 ? (char)room->bytes[0] : '\0') {
	case TELL_TOUCHED:
		note_touched(g, room->bytes, room->len);
		break;
	case TELL_SENT:
		end_sending(g);
		break;
	case TELL_KEEP:
		finish_trial(g, true, "confirmed at the terminal", -1);
		break;
	case TELL_UNDO:
		finish_trial(g, false, "not all of it could be done", -1);
		break;
	default:
		close(g->fd);
		g->fd = -1;
		if (g->sending)
			finish_trial(g, false, "setkey was ended in the middle", -1);
	}
}

static void answer_status(struct guardian *g, int asker)
{
	struct buf text = { 0 };

	buf_printf(&text, "a try is pending: process %d of ", (int)getpid());
	put_who(&text);
	buf_adds(&text, " has been trying ");
	put_files(g, &text);
	put_time(" since ", g->since, &text);
	put_time(", and goes back at ", (long long)time(NULL) + seconds_left(g), &text);
	buf_printf(&text, ", in %lld seconds; `setkey confirm` keeps it, `setkey revert` goes back now",
	           seconds_left(g));
	pending_try_answer(asker, STATUS_ERROR, buf_str(&text));
	buf_free(&text);
}

static void handle_command(struct guardian *g)
{
	char word[16];
	int asker = pending_try_accept(&g->pending, word, sizeof(word));

	if (asker < 0)
		return;
	if (strcmp(word, "confirm") == 0)
		finish_trial(g, true, "confirmed", asker);
	else if (strcmp(word, "revert") == 0)
		finish_trial(g, false, "told to by `setkey revert`", asker);
	else
		answer_status(g, asker);
}

static void handle_timer(struct guardian *g)
{
	uint64_t times;

	if (read(g->timer, &times, sizeof(times)) != (ssize_t)sizeof(times))
		return;
	/* The sender was stopped, by ^Z perhaps. Killing it closes the socket, which ends the try. */
	if (g->sending)
		kill(g->parent, SIGKILL);
	else
		finish_trial(g, false, "no confirmation came in time", -1);
}

static void handle_signal(struct guardian *g)
{
	struct signalfd_siginfo info;

	while (read(g->signals, &info, sizeof(info)) == (ssize_t)sizeof(info))
		g->hurried = true;
	if (g->hurried && !g->sending)
		finish_trial(g, false, "told to by a signal", -1);
}

/* Handles events until the try has ended. Commands are not answered while the sender is at work. */
static void await_end(struct guardian *g)
{
	struct buf room = { 0 };

	while (!g->ended) {
		struct pollfd p[] = {
			{ .fd = g->signals, .events = POLLIN }, { .fd = g->timer, .events = POLLIN },
			{ .fd = g->fd, .events = POLLIN },
			{ .fd = g->sending ? -1 : g->pending.socket, .events = POLLIN },
		};

		if (poll(p, sizeof(p) / sizeof(p[0]), -1) < 0)
			continue;
		if (p[0].revents != 0)
			handle_signal(g);
		else if (p[1].revents != 0)
			handle_timer(g);
		else if (p[2].revents != 0)
			handle_sender(g, &room);
		else if (p[3].revents != 0)
			handle_command(g);
	}
	buf_free(&room);
}

static bool get_ready(struct guardian *g, struct buf *why)
{
	struct buf text = { 0 };
	bool ready;

	g->since = (long long)time(NULL);
	g->sending = true;
	g->timer = timerfd_create(CLOCK_BOOTTIME, TFD_CLOEXEC | TFD_NONBLOCK);
	if (!take_signals(g) || g->timer < 0 || !set_timer(g, g->timeout + SENDING_SECS)) {
		buf_printf(why, "cannot begin a guardian: %s", strerror(errno));
		return false;
	}
	if (reload_open(g->reload, false) != STATUS_OK) {
		buf_adds(why, "the guardian cannot open a socket to the kernel");
		return false;
	}
	put_record(g, NULL, &text);
	ready = pending_try_open(&g->pending, buf_str(&text), why);
	buf_free(&text);
	return ready;
}

/* The life of the guardian. The status makes the callers end the process. */
static int run_guardian(struct guardian *g, int fd)
{
	struct buf why = { 0 };

	buf_addc(&why, TELL_REFUSED);
	g->is_guardian = true;
	g->pending = (struct pending_try){ .socket = -1, .record = -1 };
	g->timer = g->signals = -1;
	setsid();
	privilege_forked();
	detach_guardian(g);
	g->fd = close_files(fd);
	if (g->fd >= 0 && chdir("/") == 0 && get_ready(g, &why)) {
		send_word(g->fd, TELL_READY);
		await_end(g);
	} else if (g->fd >= 0) {
		send_message(g->fd, buf_str(&why), why.len);
	}
	pending_try_close(&g->pending, false);
	snapshot_free(&g->before);
	buf_free(&why);
	return STATUS_SYSTEM;
}
