/* SPDX-License-Identifier: ISC */
/*
 * Gives up capabilities, and protects the memory of the process from others. Knows Linux's capabilities and
 * limits, not what they are for.
 */
#include "base/privilege.h"

#include <errno.h>
#include <linux/capability.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

/* LeakSanitizer reads this process's memory from another process. */
#ifdef __SANITIZE_ADDRESS__
enum { UNDER_LEAK_SANITIZER = 1 };
#else
enum { UNDER_LEAK_SANITIZER = 0 };
#endif

static const struct { unsigned keep, capability; } kept[] = {
	{ KEEP_NET_ADMIN, CAP_NET_ADMIN }, { KEEP_READ_FILES, CAP_DAC_READ_SEARCH },
	{ KEEP_NAMESPACES, CAP_SYS_ADMIN }, { KEEP_PROCESSES, CAP_SYS_PTRACE },
};

/* By system calls: libcap would be one more library to load at each start. */
static int limit_capabilities(unsigned keep)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct now[_LINUX_CAPABILITY_U32S_3],
	        left[_LINUX_CAPABILITY_U32S_3] = { { 0 } };

	if (syscall(SYS_capget, &header, now) != 0)
		return -errno;
	for (size_t i = 0; i < sizeof(kept) / sizeof(kept[0]); i++)
		if (keep & kept[i].keep)
			left[CAP_TO_INDEX(kept[i].capability)].permitted |=
			        now[CAP_TO_INDEX(kept[i].capability)].permitted &
			        CAP_TO_MASK(kept[i].capability);
	for (size_t i = 0; i < _LINUX_CAPABILITY_U32S_3; i++)
		left[i].effective = left[i].permitted;
	return syscall(SYS_capset, &header, left) != 0 ? -errno : 0;
}

/*
 * Besides PR_SET_NO_NEW_PRIVS, and where permitted, empties the sets from which an exec could give some back.
 */
static void drop_regainable_capabilities(void)
{
	prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
	for (unsigned long c = 0; prctl(PR_CAPBSET_READ, c, 0, 0, 0) >= 0; c++)
		if (c != CAP_NET_ADMIN)
			prctl(PR_CAPBSET_DROP, c, 0, 0, 0);
}

/* Both, since the limit does not apply to a core that is piped to a program. */
static void forbid_core_dumps(void)
{
	const struct rlimit none = { 0, 0 };

	setrlimit(RLIMIT_CORE, &none);
	if (!UNDER_LEAK_SANITIZER)
		prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
}

/* Only if the limit can be lifted: else allocations would fail once the locked memory has reached it. */
static void lock_memory(void)
{
	const struct rlimit unlimited = { RLIM_INFINITY, RLIM_INFINITY };

	if (setrlimit(RLIMIT_MEMLOCK, &unlimited) == 0)
		mlockall(MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT);
}

int privilege_begin(unsigned keep)
{
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
		return -errno;
	lock_memory();
	drop_regainable_capabilities();
	forbid_core_dumps();
	return limit_capabilities(keep);
}

void privilege_forked(void)
{
	lock_memory();
}

void privilege_keep(unsigned keep)
{
	/* privilege_begin could do the same. */
	if (limit_capabilities(keep) != 0)
		abort();
}
