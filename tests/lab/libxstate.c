/* SPDX-License-Identifier: ISC */
/*
 * Preloaded into user-mode-linux, this lets it boot on CPUs with more register state than it knows. It keeps 2696 bytes
 * of a process's extended state (as XSAVE lays them out), and Linux takes no less than all of it in
 * PTRACE_SETREGSET(NT_X86_XSTATE): with AMX that is 11008 bytes, and fewer answer EFAULT, which ends the boot. On that
 * EFAULT the whole state of the process is read, the given bytes are laid over its beginning, where the header is that
 * says which parts count, and the whole is written. Elsewhere the call is passed on as it is, so it is always preloaded.
 */
#include <dlfcn.h>
#include <elf.h>
#include <errno.h>
#include <stdarg.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/types.h>
#include <sys/uio.h>

static long (*next)(int, pid_t, void *, void *);

/* Not when it is first needed: that is on one of user-mode-linux's kernel stacks, which are small. */
__attribute__((constructor)) static void find_next_ptrace(void)
{
	*(void **)&next = dlsym(RTLD_NEXT, "ptrace");
}

static long set_whole_state(pid_t pid, void *type, const struct iovec *given)
{
	/* Not on the stack, for the same reason; user-mode-linux has one thread that traces. */
	static char state[65536];
	struct iovec whole = { state, sizeof state };

	if (next(PTRACE_GETREGSET, pid, type, &whole) < 0)
		return -1;
	if (given->iov_len >= whole.iov_len) {
		errno = EFAULT;
		return -1;
	}
	memcpy(state, given->iov_base, given->iov_len);
	return next(PTRACE_SETREGSET, pid, type, &whole);
}

long ptrace(enum __ptrace_request request, ...)
{
	va_list args;
	pid_t pid;
	void *addr, *data;
	long answer;

	va_start(args, request);
	pid = va_arg(args, pid_t);
	addr = va_arg(args, void *);
	data = va_arg(args, void *);
	va_end(args);
	answer = next(request, pid, addr, data);
	if (answer < 0 && errno == EFAULT && request == PTRACE_SETREGSET && (long)addr == NT_X86_XSTATE)
		return set_whole_state(pid, addr, data);
	return answer;
}
