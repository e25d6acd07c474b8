/* SPDX-License-Identifier: ISC */
/*
 * Preloaded, this makes the kernel refuse a request that changes its tables: REFUSE=N in the environment says which of
 * them, from 1; N+ that one and all with its type after it. When it happens, an x is written to descriptor 9.
 */
#include <dlfcn.h>
#include <linux/netlink.h>
#include <linux/xfrm.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { NO_TYPE = XFRM_MSG_MAX + 7 };

static bool changes(unsigned type)
{
	switch (type) {
	case XFRM_MSG_NEWSA: case XFRM_MSG_DELSA: case XFRM_MSG_UPDSA: case XFRM_MSG_FLUSHSA:
	case XFRM_MSG_NEWPOLICY: case XFRM_MSG_DELPOLICY: case XFRM_MSG_UPDPOLICY: case XFRM_MSG_FLUSHPOLICY:
		return true;
	default:
		return false;
	}
}

ssize_t sendto(int fd, const void *bytes, size_t len, int flags, const struct sockaddr *to, socklen_t n)
{
	static long seen;
	static unsigned refused;
	const char *wanted = getenv("REFUSE");
	__typeof__(sendto) *next;
	char *at = (char *)(size_t)bytes;
	struct nlmsghdr h;

	*(void **)&next = dlsym(RTLD_NEXT, "sendto");
	for (size_t i = 0; wanted != NULL && i + sizeof(h) <= len; i += NLMSG_ALIGN(h.nlmsg_len)) {
		memcpy(&h, at + i, sizeof(h));
		if (h.nlmsg_len < sizeof(h))
			break;
		if (!changes(h.nlmsg_type) ||
		    (++seen != atol(wanted) && !(strchr(wanted, '+') != NULL && h.nlmsg_type == refused)))
			continue;
		refused = h.nlmsg_type;
		h.nlmsg_type = NO_TYPE;
		memcpy(at + i, &h, sizeof(h));
		if (write(9, "x", 1) < 0)
			break;
	}
	return next(fd, bytes, len, flags, to, n);
}
