/* SPDX-License-Identifier: ISC */
/*
 * Preloaded into user-mode-linux behind libxstate, this makes ptrace answer as on a CPU with AMX: the extended state of
 * a process has 11008 bytes, and PTRACE_SETREGSET(NT_X86_XSTATE) with fewer answers EFAULT.
 */
#include <dlfcn.h>
#include <elf.h>
#include <errno.h>
#include <stdarg.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/types.h>
#include <sys/uio.h>

enum { WHOLE = 11008 };

static long (*next)(int, pid_t, void *, void *);

__attribute__((constructor)) static void find_next_ptrace(void)
{
	*(void **)&next = dlsym(RTLD_NEXT, "ptrace");
}

/* What this CPU lacks of the 11008 bytes is zero: registers that nobody has used. */
static long get_state(pid_t pid, void *type, struct iovec *state)
{
	size_t room = state->iov_len < WHOLE ? state->iov_len : WHOLE;
	long answer = next(PTRACE_GETREGSET, pid, type, state);

	if (answer < 0 || state->iov_len >= room)
		return answer;
	memset((char *)state->iov_base + state->iov_len, 0, room - state->iov_len);
	state->iov_len = room;
	return answer;
}

long ptrace(enum __ptrace_request request, ...)
{
	va_list args;
	pid_t pid;
	void *addr, *data;

	va_start(args, request);
	pid = va_arg(args, pid_t);
	addr = va_arg(args, void *);
	data = va_arg(args, void *);
	va_end(args);
	if ((long)addr == NT_X86_XSTATE && request == PTRACE_GETREGSET)
		return get_state(pid, addr, data);
	if ((long)addr == NT_X86_XSTATE && request == PTRACE_SETREGSET && ((struct iovec *)data)->iov_len < WHOLE) {
		errno = EFAULT;
		return -1;
	}
	return next(request, pid, addr, data);
}
