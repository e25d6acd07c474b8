/* SPDX-License-Identifier: ISC */
/*
 * What an IKE daemon does for ESP in UDP: holds UDP port 4500, IPv4 and IPv6, tells the kernel to take ESP out of it,
 * and exempts the socket from policy, without which the carrier packets of a transport mode SA would themselves have
 * to be protected. Prints a line when ready, then waits to be killed.
 */
#include <arpa/inet.h>
#include <linux/udp.h>
#include <linux/xfrm.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { PORT = 4500 };

static void must(int result, const char *what)
{
	if (result < 0) {
		perror(what);
		exit(1);
	}
}

static void bypass(int fd, int family, unsigned char direction)
{
	struct xfrm_userpolicy_info policy = {
		.sel.family = (unsigned short)family,
		.action = XFRM_POLICY_ALLOW,
		.dir = direction,
	};

	if (family == AF_INET)
		must(setsockopt(fd, IPPROTO_IP, IP_XFRM_POLICY, &policy, sizeof(policy)), "IP_XFRM_POLICY");
	else
		must(setsockopt(fd, IPPROTO_IPV6, IPV6_XFRM_POLICY, &policy, sizeof(policy)), "IPV6_XFRM_POLICY");
}

static void hold(int family, const struct sockaddr *address, socklen_t length)
{
	int fd = socket(family, SOCK_DGRAM, 0), one = 1, encapsulation = UDP_ENCAP_ESPINUDP;

	must(fd, "socket");
	if (family == AF_INET6)
		must(setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &one, sizeof(one)), "IPV6_V6ONLY");
	must(bind(fd, address, length), "bind");
	must(setsockopt(fd, IPPROTO_UDP, UDP_ENCAP, &encapsulation, sizeof(encapsulation)), "UDP_ENCAP");
	bypass(fd, family, XFRM_POLICY_IN);
	bypass(fd, family, XFRM_POLICY_OUT);
}

int main(void)
{
	struct sockaddr_in four = { .sin_family = AF_INET, .sin_port = htons(PORT) };
	struct sockaddr_in6 six = { .sin6_family = AF_INET6, .sin6_port = htons(PORT) };

	hold(AF_INET, (const struct sockaddr *)&four, sizeof(four));
	hold(AF_INET6, (const struct sockaddr *)&six, sizeof(six));
	puts("ready");
	fflush(stdout);
	pause();
	return 0;
}
