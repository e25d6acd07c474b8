/* SPDX-License-Identifier: ISC */
/*
 * The floor: the least time in which the kernel takes or gives these messages. Prints microseconds.
 *   floor load <HEX     hex lines as "setkey encode" writes them, made ready beforehand: netlink in batches of 128
 *                       without asking for answers, PF_KEY one by one with the answers taken in, as none can be spared
 *   floor dump TABLE    all of "sa" or "policy" over netlink, looked at no further
 */
#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/netlink.h>
#include <linux/pfkeyv2.h>
#include <linux/xfrm.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

enum { BATCH = 128, LINE = 1 << 16, RECEIVE = 32 * 1024, IN_FLIGHT = 64 };

static uint8_t *bytes;
static size_t *ends, len, cap, messages;

static unsigned digit(char c)
{
	return (unsigned)(c <= '9' ? c - '0' : c - 'a' + 10);
}

static void take(const char *hex)
{
	size_t n = strcspn(hex, "\n") / 2;

	if (len + n + 4 > cap) {
		cap = cap * 2 + LINE;
		bytes = realloc(bytes, cap);
	}
	if (messages % 1024 == 0)
		ends = realloc(ends, (messages + 1024) * sizeof(*ends));
	for (size_t i = 0; i < n; i++)
		bytes[len + i] = (uint8_t)(digit(hex[2 * i]) << 4 | digit(hex[2 * i + 1]));
	memset(bytes + len + n, 0, 4);
	len += (n + 3) & ~(size_t)3;
	ends[messages++] = len;
}

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static struct mnl_socket *open_netlink(void)
{
	struct mnl_socket *nl = mnl_socket_open(NETLINK_XFRM);

	return nl != NULL && mnl_socket_bind(nl, 0, MNL_SOCKET_AUTOPID) == 0 ? nl : NULL;
}

static bool load_netlink(void)
{
	struct mnl_socket *nl = open_netlink();
	size_t from = 0;

	for (size_t i = 0; nl != NULL && i < messages; i += BATCH) {
		size_t to = ends[i + BATCH - 1 < messages ? i + BATCH - 1 : messages - 1];

		if (mnl_socket_sendto(nl, bytes + from, to - from) < 0)
			return false;
		from = to;
	}
	return nl != NULL;
}

static bool load_pfkey(void)
{
	static uint8_t answer[LINE];
	int fd = socket(PF_KEY, SOCK_RAW, PF_KEY_V2);
	size_t from = 0;

	for (size_t i = 0; i < messages; i++) {
		if (fd < 0 || send(fd, bytes + from, ends[i] - from, 0) < 0)
			return false;
		from = ends[i];
		while ((i + 1) % IN_FLIGHT == 0 && recv(fd, answer, sizeof(answer), MSG_DONTWAIT) > 0)
			continue;
	}
	return true;
}

static bool load(void)
{
	static char line[LINE];
	double start;
	bool done;

	while (fgets(line, sizeof(line), stdin) != NULL)
		take(line);
	start = now();
	/* A PF_KEY message begins with its version, 2, a netlink one with its length. */
	done = messages > 0 && (bytes[0] == PF_KEY_V2 && bytes[1] < 32 ? load_pfkey() : load_netlink());
	printf("%.0f\n", now() - start);
	return done;
}

static bool dump(const char *table)
{
	static uint8_t answer[RECEIVE];
	struct nlmsghdr request = {
		.nlmsg_len = sizeof(request), .nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP,
		.nlmsg_type = strcmp(table, "sa") == 0 ? XFRM_MSG_GETSA : XFRM_MSG_GETPOLICY,
	};
	struct mnl_socket *nl = open_netlink();
	double start = now();
	bool more = nl != NULL && mnl_socket_sendto(nl, &request, sizeof(request)) > 0;

	while (more) {
		ssize_t n = mnl_socket_recvfrom(nl, answer, sizeof(answer));

		if (n <= 0)
			return false;
		more = ((struct nlmsghdr *)(void *)answer)->nlmsg_type != NLMSG_DONE;
	}
	printf("%.0f\n", now() - start);
	return nl != NULL;
}

int main(int argc, char **argv)
{
	if (argc == 2 && strcmp(argv[1], "load") == 0)
		return !load();
	if (argc == 3 && strcmp(argv[1], "dump") == 0)
		return !dump(argv[2]);
	return 2;
}
