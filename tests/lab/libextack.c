/* SPDX-License-Identifier: ISC */
/*
 * Preloaded, this adds an offset to the kernel's first netlink error, as newer kernels do by themselves:
 * EXTACK_OFFSET is the byte of the request that the error is then about.
 */
#include <dlfcn.h>
#include <linux/netlink.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

ssize_t recvmsg(int fd, struct msghdr *message, int flags)
{
	ssize_t (*next)(int, struct msghdr *, int);
	struct { struct nlmsghdr h; int error; struct nlmsghdr request; struct nlattr attr; uint32_t off; } said;
	const char *offset = getenv("EXTACK_OFFSET");
	ssize_t n;

	*(void **)&next = dlsym(RTLD_NEXT, "recvmsg");
	n = next(fd, message, flags);
	if (offset == NULL || n < (ssize_t)offsetof(__typeof__(said), attr))
		return n;
	memcpy(&said, message->msg_iov->iov_base, offsetof(__typeof__(said), attr));
	if (said.h.nlmsg_type != NLMSG_ERROR || said.error == 0)
		return n;
	said.h.nlmsg_len = sizeof(said);
	said.h.nlmsg_flags = NLM_F_CAPPED | NLM_F_ACK_TLVS;
	said.attr = (struct nlattr){ .nla_len = 8, .nla_type = NLMSGERR_ATTR_OFFS };
	said.off = (uint32_t)strtoul(offset, NULL, 0);
	memcpy(message->msg_iov->iov_base, &said, sizeof(said));
	return (ssize_t)sizeof(said);
}
