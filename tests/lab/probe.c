/* SPDX-License-Identifier: ISC */
/*
 * Sends UDP packets and tells which of them the policies let out:
 *   probe              lines "SRC PORT DST PORT" from standard input: for each a 1, or a 0 for EPERM
 *   probe SRC DST PORT until SIGTERM, as fast as it goes: how many got out, and how many did not
 * A discard stands for every policy that lets nothing out in the clear.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static volatile sig_atomic_t ended;

static void on_signal(int number)
{
	ended = number;
}

static struct sockaddr_in address(const char *host, const char *port)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(port)) };

	if (inet_pton(AF_INET, host, &a.sin_addr) != 1) {
		fprintf(stderr, "no address: %s\n", host);
		exit(2);
	}
	return a;
}

static int open_socket(const struct sockaddr_in *src)
{
	int fd = socket(AF_INET, SOCK_DGRAM, 0), on = 1;

	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	/* From addresses that this host does not have. */
	setsockopt(fd, IPPROTO_IP, IP_TRANSPARENT, &on, sizeof(on));
	if (fd < 0 || bind(fd, (const struct sockaddr *)src, sizeof(*src)) != 0) {
		perror("bind");
		exit(2);
	}
	return fd;
}

/* A full queue of the device is no refusal. */
static int gets_out(int fd, const struct sockaddr_in *dst)
{
	ssize_t n = sendto(fd, "x", 1, MSG_DONTWAIT, (const struct sockaddr *)dst, sizeof(*dst));

	if (n < 0 && errno != EPERM && errno != ENOBUFS && errno != EAGAIN) {
		perror("sendto");
		exit(2);
	}
	return n >= 0 || errno != EPERM;
}

static int send_lines(void)
{
	char src[64], sport[8], dst[64], dport[8];

	while (scanf("%63s %7s %63s %7s", src, sport, dst, dport) == 4) {
		struct sockaddr_in from = address(src, sport), to = address(dst, dport);
		int fd = open_socket(&from);

		putchar(gets_out(fd, &to) ? '1' : '0');
		close(fd);
	}
	putchar('\n');
	return 0;
}

int main(int argc, char **argv)
{
	struct sigaction action = { .sa_handler = on_signal };
	long out = 0, refused = 0;
	struct sockaddr_in from, to;
	int fd;

	if (argc == 1)
		return send_lines();
	if (argc != 4)
		return 2;
	sigaction(SIGTERM, &action, NULL);
	from = address(argv[1], "0");
	to = address(argv[2], argv[3]);
	fd = open_socket(&from);
	puts("ready");
	fflush(stdout);
	while (!ended)
		*(gets_out(fd, &to) ? &out : &refused) += 1;
	printf("%ld out, %ld refused\n", out, refused);
	return 0;
}
