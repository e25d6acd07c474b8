/*
 * The floor: the least time in which the kernel takes these messages. Reads hex lines as
 * "setkey encode --via=xfrm" writes them, makes batches of 128 of them ready, sends them without
 * asking for answers, and prints the microseconds that the sending took.
 */
#include <libmnl/libmnl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

enum { BATCH = 128, LINE = 1 << 16 };

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

int main(void)
{
	struct mnl_socket *nl = mnl_socket_open(6 /* NETLINK_XFRM */);
	static char line[LINE];
	size_t from = 0;
	double start;

	while (fgets(line, sizeof(line), stdin) != NULL)
		take(line);
	if (nl == NULL || mnl_socket_bind(nl, 0, MNL_SOCKET_AUTOPID) < 0)
		return 1;
	start = now();
	for (size_t i = 0; i < messages; i += BATCH) {
		size_t to = ends[i + BATCH - 1 < messages ? i + BATCH - 1 : messages - 1];

		if (mnl_socket_sendto(nl, bytes + from, to - from) < 0)
			return 1;
		from = to;
	}
	printf("%.0f\n", now() - start);
	return 0;
}
