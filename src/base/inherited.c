/* SPDX-License-Identifier: ISC */
/* Checks what the process inherits: descriptors, limits, another user's rights. Knows Linux only. */
#include "base/inherited.h"

#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/resource.h>
#include <unistd.h>

/*
 * Stack that all but memory_wipe_stack may need, most of it the parser and the name service; and what
 * memory_wipe_stack leaves free.
 */
enum { STACK_LEAST = 192 * 1024, STACK_MARGIN = 16 * 1024, PAGE = 4096 };

/*
 * Opens closed standard streams on something that can be neither read nor written: else the next file or
 * socket would get the number of one.
 */
static void occupy_standard_streams(void)
{
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", O_PATH) != fd && open("/", O_PATH) != fd)
			return;
}

/*
 * The name of the program is the last thing on the stack, above the environment; the limit counts from there.
 */
static uintptr_t stack_top(void)
{
	const char *name;
	unsigned long at = getauxval(AT_EXECFN);

	memcpy(&name, &at, sizeof(name));
	return at == 0 ? 0 : (at + strlen(name) + PAGE) / PAGE * PAGE;
}

size_t inherited_stack(size_t n)
{
	struct rlimit limit;
	uintptr_t here = (uintptr_t)__builtin_frame_address(0), top = stack_top();
	size_t used;

	if (top < here || getrlimit(RLIMIT_STACK, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY)
		return n;
	used = top - here + STACK_MARGIN;
	if (used >= limit.rlim_cur)
		return 0;
	return limit.rlim_cur - used < n ? limit.rlim_cur - used : n;
}

const char *inherited_check(void)
{
	occupy_standard_streams();
	signal(SIGXFSZ, SIG_IGN);
	if (getauxval(AT_SECURE) != 0 && (getuid() != geteuid() || getgid() != getegid()))
		return "this runs with the rights of its file's owner: take the set-user-ID and set-group-ID "
		       "bits off it, or "
		       "give it a file capability instead: setcap cap_net_admin=ep";
	if (inherited_stack(STACK_LEAST) < STACK_LEAST)
		return "the stack may not grow to what is needed: raise the limit, ulimit -s 1024";
	return NULL;
}
