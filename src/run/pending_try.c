/* SPDX-License-Identifier: ISC */
/* How other commands find a pending try. */
#include "run/pending_try.h"

#include "text/visible.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

enum { ANSWER_SECS = 2 };

static const char folder[] = "/run/setkey";

/* Makes a socket and binds or connects it. An abstract name ends with the process that has bound it. */
static int open_socket(int (*name)(int fd, const struct sockaddr *a, socklen_t n))
{
	static const char text[] = "setkey/try";
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0), err;

	memcpy(a.sun_path + 1, text, sizeof(text) - 1);
	if (fd < 0)
		return -errno;
	if (name(fd, (const struct sockaddr *)&a, offsetof(struct sockaddr_un, sun_path) + sizeof(text)) == 0)
		return fd;
	err = -errno;
	close(fd);
	return err;
}

/* True if root or this user is at the other end: anybody can bind the name. */
static bool is_trusted(int fd, struct ucred *peer)
{
	socklen_t n = sizeof(*peer);

	return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, peer, &n) == 0 &&
	       (peer->uid == 0 || peer->uid == geteuid());
}

static int ask_guardian(int fd, const char *word, struct buf *answer)
{
	struct ucred peer = { 0 };
	char text[PENDING_TRY_TEXT];
	ssize_t n;

	if (!is_trusted(fd, &peer)) {
		buf_printf(answer,
		           "process %d of user %u has the name by which a pending try is found: end it",
		           (int)peer.pid, (unsigned)peer.uid);
		return STATUS_SYSTEM;
	}
	/* The try ended before our request was accepted. */
	if (send(fd, word, strlen(word), MSG_NOSIGNAL) < 0 || (n = recv(fd, text, sizeof(text), 0)) <= 0)
		return PENDING_TRY_NONE;
	buf_add(answer, text + 1, (size_t)n - 1);
	return text[0] - '0';
}

int pending_try_ask(const char *word, struct buf *answer)
{
	int fd, status;

	do {
		fd = open_socket(connect);
		if (fd == -ECONNREFUSED)
			return PENDING_TRY_NONE;
		if (fd < 0) {
			buf_printf(answer, "cannot ask whether a try is pending: %s", strerror(-fd));
			return STATUS_SYSTEM;
		}
		status = ask_guardian(fd, word, answer);
		close(fd);
	} while (status == PENDING_TRY_NONE);
	return status;
}

/* False if the service manager forbids such sockets; then a pending try cannot be respected. */
static bool can_ask(void)
{
	int fd = open_socket(connect);

	if (fd >= 0)
		close(fd);
	return fd != -EAFNOSUPPORT && fd != -EACCES && fd != -EPERM;
}

int pending_try_check(void)
{
	struct buf answer = { 0 };
	int status = can_ask() ? pending_try_ask("status", &answer) : PENDING_TRY_NONE;

	if (status != PENDING_TRY_NONE)
		error("%s", buf_str(&answer));
	buf_free(&answer);
	return status != PENDING_TRY_NONE ? status : STATUS_OK;
}

/* ---- the record ---- */

/*
 * The path of the record. Network namespaces may share /run, so each has its own name, which no set can have.
 */
static void set_path(char *path, size_t size)
{
	struct stat st;

	if (stat("/proc/self/ns/net", &st) == 0)
		snprintf(path, size, "%s/pending@%ju", folder, (uintmax_t)st.st_ino);
	else
		snprintf(path, size, "%s/pending@", folder);
}

/* Finds a line "WORD VALUE" and returns its value in printable form; false if there is none. */
static bool find_line(const char *text, const char *word, struct buf *value)
{
	size_t n = strlen(word);

	buf_clear(value);
	for (; *text != '\0'; text += strcspn(text, "\n"), text += *text == '\n')
		if (strncmp(text, word, n) == 0 && text[n] == ' ') {
			visible_put(text + n + 1, strcspn(text + n + 1, "\n"), value);
			return true;
		}
	return false;
}

static void say_left(const char *text)
{
	struct buf what = { 0 }, files = { 0 };

	find_line(text, "files", &files);
	if (find_line(text, "failed", &what))
		error("the try of %s could not be undone: %s", buf_str(&files), buf_str(&what));
	else if (find_line(text, "pid", &what))
		error("process %s, which was to go back from %s to what was there before, was killed: "
		      "what was tried stays", buf_str(&what), buf_str(&files));
	buf_free(&what);
	buf_free(&files);
}

bool pending_try_say_left(void)
{
	char path[sizeof(((struct pending_try *)0)->path)], text[PENDING_TRY_TEXT + 1];
	struct buf answer = { 0 };
	ssize_t n;
	int fd;

	set_path(path, sizeof(path));
	fd = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	n = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);
	if (fd >= 0)
		close(fd);
	/* No record is left behind if a try is pending: its guardian may have written this one just now. */
	if (n < 0 || pending_try_ask("status", &answer) != PENDING_TRY_NONE) {
		buf_free(&answer);
		return false;
	}
	text[n] = '\0';
	say_left(text);
	unlink(path);
	return true;
}

/* Opens the folder; it must belong to this user, with no write permission for others. */
static int open_folder(void)
{
	struct stat st;
	int fd;

	if (mkdir(folder, 0700) != 0 && errno != EEXIST)
		return -errno;
	fd = open(folder, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	if (fstat(fd, &st) == 0 && st.st_uid == geteuid() && (st.st_mode & 022) == 0)
		return fd;
	close(fd);
	return -EPERM;
}

/* Reserves space on disk for the longest text, so that later texts can always be written. */
static int reserve_record(int fd)
{
	char room[PENDING_TRY_TEXT] = "";
	ssize_t done = pwrite(fd, room, sizeof(room), 0);

	return done < 0 ? -errno : done < (ssize_t)sizeof(room) ? -ENOSPC : 0;
}

void pending_try_write(struct pending_try *t, const char *text)
{
	ssize_t n = pwrite(t->record, text, strnlen(text, PENDING_TRY_TEXT), 0);

	if (n < 0 || ftruncate(t->record, n) != 0)
		return;
}

static int open_record(struct pending_try *t, const char *text)
{
	int dir = open_folder(), err;

	if (dir < 0)
		return dir;
	set_path(t->path, sizeof(t->path));
	t->record = openat(dir, t->path + sizeof(folder), O_RDWR | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC,
	                   0600);
	err = t->record < 0 ? -errno : reserve_record(t->record);
	close(dir);
	if (err == 0)
		pending_try_write(t, text);
	else if (t->record >= 0)
		unlink(t->path);
	return err;
}

/* ---- the guardian's side ---- */

bool pending_try_open(struct pending_try *t, const char *text, struct buf *why)
{
	int err;

	t->record = -1;
	t->socket = open_socket(bind);
	if (t->socket < 0 || listen(t->socket, SOMAXCONN) != 0) {
		buf_printf(why, "cannot make the socket that `setkey confirm` is to ask: %s",
		           strerror(t->socket < 0 ? -t->socket : errno));
		return false;
	}
	err = open_record(t, text);
	if (err != 0)
		buf_printf(why, "cannot write the record of what is pending below %s: %s", folder,
		           strerror(-err));
	return err == 0;
}

int pending_try_accept(struct pending_try *t, char *word, size_t size)
{
	const struct timeval patience = { .tv_sec = ANSWER_SECS };
	int fd = accept4(t->socket, NULL, NULL, SOCK_CLOEXEC);
	struct ucred peer;
	ssize_t n;

	if (fd < 0)
		return -1;
	if (!is_trusted(fd, &peer)) {
		pending_try_answer(fd, STATUS_SYSTEM, "only root, or who has begun the try, may end it");
		return -1;
	}
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
	n = recv(fd, word, size - 1, 0);
	word[n > 0 ? n : 0] = '\0';
	return fd;
}

void pending_try_answer(int fd, int status, const char *sentence)
{
	char text[PENDING_TRY_TEXT];
	int n = snprintf(text, sizeof(text), "%d%s", status, sentence);

	send(fd, text, n < (int)sizeof(text) ? (size_t)n : sizeof(text) - 1, MSG_NOSIGNAL | MSG_DONTWAIT);
	close(fd);
}

void pending_try_close(struct pending_try *t, bool failed)
{
	if (t->record >= 0) {
		close(t->record);
		if (!failed)
			unlink(t->path);
	}
	if (t->socket >= 0)
		close(t->socket);
	t->record = t->socket = -1;
}
