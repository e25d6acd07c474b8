/* SPDX-License-Identifier: ISC */
/*
 * Preloaded, this makes one call fail: FAULT="CALL N HOW" says which, N+ every one from there on. HOW is the name of an
 * errno; "short": a byte is read or written where more were asked for, half of a message sent, or a dozen of one received;
 * "lose": what was received is not seen; "torn": a netlink dump says that it was interrupted; "misnumbered": its
 * first part has another number; "slow": it comes a third of
 * a second late; "stop": not before SIGCONT; "INT", "TERM", "HUP": with such a signal; "idle": it has to be waited for, and the wait is interrupted; "known": random
 * bytes are those of a test. When it happens, an x is written to descriptor 9. Calls are counted from main() on: alloc
 * (malloc, calloc and their kin), socket, bind, send, recv, open, read, write, poll, stat, fsync, close, rename, link,
 * unlink, mkdir, random, chown, chmod, lock and xattr (of those only what sets one), by whatever name. With NAMED in the
 * environment there are no files without a name. What hangs is ended by SIGALRM, and what waits for an answer
 * waits a twentieth of the time.
 * With EACH=DIR it does so to the first call, the second and so on, each in a child of its own that starts with main(),
 * until there are no more of them: of the Nth it leaves DIR/N.out, DIR/N.err and, in DIR/statuses, a line "N STATUS".
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/netlink.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

enum { SHORT = -1, LOSE = -2, TORN = -3, MISNUMBERED = -8, SLOW = -4, IDLE = -5, KNOWN = -6, STOP = -7, SIGNALS = 100, SLOWLY = 300000, SECS = 20, HASTE = 20, CUT = 12, MOST = 2000 };

static const struct { const char *word; int how; } words[] = {
	{ "short", SHORT }, { "lose", LOSE }, { "torn", TORN }, { "misnumbered", MISNUMBERED }, { "slow", SLOW }, { "idle", IDLE }, { "known", KNOWN }, { "stop", STOP },
	{ "ENOMEM", ENOMEM }, { "EINTR", EINTR }, { "EAGAIN", EAGAIN },
	{ "ENOBUFS", ENOBUFS }, { "EIO", EIO }, { "ENOENT", ENOENT }, { "ENOSPC", ENOSPC }, { "EPIPE", EPIPE }, { "EMFILE", EMFILE },
	{ "EPERM", EPERM }, { "EACCES", EACCES }, { "EPROTONOSUPPORT", EPROTONOSUPPORT }, { "EROFS", EROFS }, { "EBUSY", EBUSY },
	{ "EADDRINUSE", EADDRINUSE }, { "INT", -SIGINT - SIGNALS }, { "TERM", -SIGTERM - SIGNALS }, { "HUP", -SIGHUP - SIGNALS }, { "EINVAL", EINVAL }, { "EDQUOT", EDQUOT },
};

static char call[16];
static long at, seen, first;
static bool on, interrupt;
static int how;

/* What is to happen to this call: 0 nothing, an errno, or one of the above. */
static int due(const char *name)
{
	if (interrupt && strcmp(name, "poll") == 0) {
		interrupt = false;
		return EINTR;
	}
	if (how == 0 || strcmp(name, call) != 0 || (++seen != at && !(on && seen > at)))
		return 0;
	syscall(SYS_write, 9, "x", 1);
	if (how == SLOW)
		usleep(SLOWLY);
	if (how == STOP)
		raise(SIGSTOP);
	if (how < -SIGNALS)
		raise(-how - SIGNALS);
	interrupt = how == IDLE;
	return how == SLOW || how == STOP || how < -SIGNALS ? 0 : how == IDLE ? EAGAIN : how;
}

#define NEXT(function) (*(void **)&next = dlsym(RTLD_NEXT, function))

/* libc's own allocations are its own affair: its name service ends in a signal without memory. */
static bool is_libc(void *caller)
{
	Dl_info theirs, libc;

	return how != 0 && dladdr(caller, &theirs) != 0 &&
	       dladdr(dlsym(RTLD_NEXT, "__libc_start_main"), &libc) != 0 && theirs.dli_fbase == libc.dli_fbase;
}

#define FAIL_ALLOC(function, params, args) \
	void *function params \
	{ \
		static void *(*next) params; \
		if (next == NULL) \
			NEXT(#function); \
		if (is_libc(__builtin_return_address(0)) || due("alloc") == 0) \
			return next args; \
		errno = ENOMEM; \
		return NULL; \
	}

FAIL_ALLOC(malloc, (size_t size), (size))
FAIL_ALLOC(calloc, (size_t n, size_t size), (n, size))
FAIL_ALLOC(realloc, (void *p, size_t size), (p, size))
FAIL_ALLOC(aligned_alloc, (size_t alignment, size_t size), (alignment, size))
FAIL_ALLOC(reallocarray, (void *p, size_t n, size_t size), (p, n, size))

/* again: what is done instead when it is no errno */
#define FAIL(result, name, function, params, args, again) \
	result function params \
	{ \
		result (*next) params; \
		int fault = due(name); \
		NEXT(#function); \
		if (fault == 0) \
			return next args; \
		if (fault < 0) \
			return again; \
		errno = fault; \
		return -1; \
	}

static ssize_t torn(int fault, ssize_t n, void *bytes, size_t len)
{
	struct nlmsghdr *h = bytes;

	if (n >= (ssize_t)sizeof(*h) && len >= sizeof(*h) && fault == TORN)
		h->nlmsg_flags |= NLM_F_DUMP_INTR;
	if (n >= (ssize_t)sizeof(*h) && len >= sizeof(*h) && fault == MISNUMBERED)
		h->nlmsg_seq += 7;
	return n;
}

/* What a test can look for afterwards in every other eight bytes; between them, and in what is too short for a key, a count. */
static ssize_t known(unsigned char *bytes, size_t len)
{
	static const unsigned char pattern[] = { 0x8f, 0x3a, 0x6c, 0xd1, 0xe9, 0x0b, 0x72, 0x54 };
	static unsigned count;

	for (size_t i = 0; i < len; i++)
		bytes[i] = len > 8 && i / 8 % 2 == 0 ? pattern[i % 8] : (unsigned char)(++count * 37 >> i % 4);
	return (ssize_t)len;
}

FAIL(int, "socket", socket, (int family, int type, int protocol), (family, type, protocol), -1)
FAIL(int, "bind", bind, (int fd, const struct sockaddr *name, socklen_t n), (fd, name, n), -1)
FAIL(int, "poll", poll, (struct pollfd *fds, nfds_t n, int msecs), (fds, n, msecs > 0 ? msecs / HASTE : msecs), -1)
FAIL(ssize_t, "send", send, (int fd, const void *bytes, size_t len, int flags), (fd, bytes, len, flags),
     next(fd, bytes, len / 2, flags))
FAIL(ssize_t, "send", sendto, (int fd, const void *bytes, size_t len, int flags, const struct sockaddr *to, socklen_t n),
     (fd, bytes, len, flags, to, n), next(fd, bytes, len / 2, flags, to, n))
FAIL(ssize_t, "recv", recv, (int fd, void *bytes, size_t len, int flags), (fd, bytes, len, flags),
     fault == SHORT ? next(fd, bytes, CUT, flags) : fault == TORN || fault == MISNUMBERED ? torn(fault, next(fd, bytes, len, flags), bytes, len) :
     (next(fd, bytes, len, flags), next(fd, bytes, len, flags)))
FAIL(ssize_t, "recv", recvmsg, (int fd, struct msghdr *m, int flags), (fd, m, flags),
     fault == SHORT ? (m->msg_iov->iov_len = CUT, next(fd, m, flags)) : fault == TORN || fault == MISNUMBERED ? torn(fault, next(fd, m, flags), m->msg_iov->iov_base, m->msg_iov->iov_len) :
     (next(fd, m, flags), next(fd, m, flags)))
FAIL(ssize_t, "read", read, (int fd, void *bytes, size_t len), (fd, bytes, len), next(fd, bytes, len > 0))
FAIL(ssize_t, "write", write, (int fd, const void *bytes, size_t len), (fd, bytes, len), next(fd, bytes, len > 0))
FAIL(int, "stat", fstat, (int fd, struct stat *st), (fd, st), -1)
FAIL(int, "fsync", fsync, (int fd), (fd), -1)
FAIL(int, "close", close, (int fd), (fd), -1)
FAIL(int, "rename", rename, (const char *from, const char *to), (from, to), -1)
FAIL(int, "rename", renameat2, (int fromdir, const char *from, int todir, const char *to, unsigned flags), (fromdir, from, todir, to, flags), -1)
FAIL(int, "link", link, (const char *from, const char *to), (from, to), -1)
FAIL(int, "link", linkat, (int fromdir, const char *from, int todir, const char *to, int flags), (fromdir, from, todir, to, flags), -1)
FAIL(int, "lock", flock, (int fd, int operation), (fd, operation), -1)
FAIL(int, "xattr", fsetxattr, (int fd, const char *name, const void *value, size_t n, int flags), (fd, name, value, n, flags), -1)
FAIL(int, "unlink", unlink, (const char *name), (name), -1)
FAIL(int, "mkdir", mkdir, (const char *name, mode_t mode), (name, mode), -1)
FAIL(ssize_t, "random", getrandom, (void *bytes, size_t len, unsigned flags), (bytes, len, flags),
     fault == KNOWN ? known(bytes, len) : next(bytes, len > 0, flags))
FAIL(int, "chown", fchown, (int fd, uid_t uid, gid_t gid), (fd, uid, gid), -1)
FAIL(int, "chmod", fchmod, (int fd, mode_t mode), (fd, mode), -1)
FAIL(int, "open", mkostemp, (char *name, int flags), (name, flags), -1)

/* Of the options only the one that says how long to wait. */
int setsockopt(int fd, int level, int option, const void *value, socklen_t n)
{
	__typeof__(setsockopt) *next;
	struct timeval wait;

	NEXT("setsockopt");
	if (how == 0 || level != SOL_SOCKET || option != SO_RCVTIMEO)
		return next(fd, level, option, value, n);
	memcpy(&wait, value, sizeof(wait));
	wait = (struct timeval){ .tv_usec = wait.tv_sec * (1000000 / HASTE) };
	return next(fd, level, option, &wait, sizeof(wait));
}

int open(const char *name, int flags, ...)
{
	int (*next)(const char *, int, ...), fault = due("open");
	va_list ap;
	mode_t mode;

	va_start(ap, flags);
	mode = flags & O_CREAT || (flags & O_TMPFILE) == O_TMPFILE ? va_arg(ap, mode_t) : 0;
	va_end(ap);
	if (fault == 0 && (flags & O_TMPFILE) == O_TMPFILE && getenv("NAMED") != NULL)
		fault = EOPNOTSUPP;
	NEXT("open");
	if (fault == 0)
		return next(name, flags, mode);
	errno = fault;
	return -1;
}

/* stdio's own writes go past us, but not those of a stream of ours. */
static ssize_t through(void *cookie, const char *bytes, size_t len)
{
	size_t done = 0;
	ssize_t n = 0;

	(void)cookie;
	for (; done < len && n >= 0; done += n > 0 ? (size_t)n : 0)
		n = write(STDOUT_FILENO, bytes + done, len - done);
	return n < 0 ? 0 : (ssize_t)len;
}

static void arm(void)
{
	const char *wanted = getenv("FAULT");
	char mark[2] = "", word[32];

	alarm(SECS);
	if (wanted == NULL)
		return;
	if (sscanf(wanted, "%15s %ld%1[+] %31s", call, &at, mark, word) < 4 &&
	    sscanf(wanted, "%15s %ld %31s", call, &at, word) < 3)
		abort();
	if (strcmp(call, "write") == 0)
		stdout = fopencookie(NULL, "w", (cookie_io_functions_t){ .write = through });
	on = mark[0] == '+';
	if (first != 0)
		at = first;
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strcmp(words[i].word, word) == 0)
			how = words[i].how;
	if (how == 0)
		abort();
}

static int (*real_main)(int, char **, char **);

static int armed_main(int argc, char **argv, char **env)
{
	arm();
	return real_main(argc, argv, env);
}

static void redirect(int fd, const char *dir, long n, const char *what)
{
	char name[4096];
	int file;

	snprintf(name, sizeof(name), "%s/%ld.%s", dir, n, what);
	file = creat(name, 0600);
	if (file < 0 || dup2(file, fd) != fd)
		_exit(126);
	syscall(SYS_close, file);
}

/* Until a child has not marked descriptor 9 */
static int each_main(int argc, char **argv, char **env)
{
	const char *dir = getenv("EACH");
	FILE *statuses;
	char name[4096];
	off_t marked;
	long n = 0;
	pid_t child;
	int status;

	snprintf(name, sizeof(name), "%s/statuses", dir);
	statuses = fopen(name, "we");
	if (statuses == NULL)
		abort();
	do {
		marked = lseek(9, 0, SEEK_END);
		first = ++n;
		child = fork();
		if (child == 0) {
			redirect(STDOUT_FILENO, dir, n, "out");
			redirect(STDERR_FILENO, dir, n, "err");
			unsetenv("EACH");
			return armed_main(argc, argv, env);
		}
		if (child < 0 || waitpid(child, &status, 0) != child)
			abort();
		fprintf(statuses, "%ld %d\n", n, WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status));
	} while (n < MOST && lseek(9, 0, SEEK_END) != marked);
	if (fclose(statuses) != 0)
		abort();
	_exit(0);
}

int __libc_start_main(int (*start)(int, char **, char **), int argc, char **argv, void (*init)(void), void (*fini)(void),
                      void (*rtld_fini)(void), void *end);

int __libc_start_main(int (*start)(int, char **, char **), int argc, char **argv, void (*init)(void), void (*fini)(void),
                      void (*rtld_fini)(void), void *end)
{
	__typeof__(__libc_start_main) *next;

	NEXT("__libc_start_main");
	real_main = start;
	return next(getenv("EACH") != NULL ? each_main : armed_main, argc, argv, init, fini, rtld_fini, end);
}
