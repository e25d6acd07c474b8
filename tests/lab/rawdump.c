/* SPDX-License-Identifier: ISC */
/*
 * The kernel's SAD and SPD as netlink tells them, one object a line in hex, for comparing what two ways of programming
 * left behind. Zeroed: times and use counts, the policy index and, in templates, the algorithm masks (af_key leaves
 * them 0, netlink wants all ones, and both mean "any"). Reqids that the kernel made up for level "unique" (16384 and
 * up, from one counter for all) are numbered afresh. With -f everything is flushed afterwards.
 */
#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/netlink.h>
#include <linux/xfrm.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MADE_UP = 16384, SEEN_MAX = 64 };

static uint32_t seen[SEEN_MAX];
static unsigned nseen;

static void fail(const char *what)
{
	perror(what);
	exit(3);
}

static uint32_t renumber(uint32_t reqid)
{
	unsigned i = 0;

	if (reqid < MADE_UP)
		return reqid;
	while (i < nseen && seen[i] != reqid)
		i++;
	if (i == nseen && nseen < SEEN_MAX)
		seen[nseen++] = reqid;
	return MADE_UP + i;
}

static void mask_sa(struct xfrm_usersa_info *sa)
{
	memset(&sa->curlft, 0, sizeof(sa->curlft));
}

static void mask_template(struct xfrm_user_tmpl *t)
{
	t->reqid = renumber(t->reqid);
	t->aalgos = t->ealgos = t->calgos = 0;
}

static void mask_policy(struct nlmsghdr *message, struct xfrm_userpolicy_info *policy)
{
	struct nlattr *attr;

	memset(&policy->curlft, 0, sizeof(policy->curlft));
	policy->index = 0;
	mnl_attr_for_each(attr, message, sizeof(*policy)) {
		struct xfrm_user_tmpl *t = mnl_attr_get_payload(attr);

		if (mnl_attr_get_type(attr) == XFRMA_TMPL)
			for (unsigned i = 0; i < mnl_attr_get_payload_len(attr) / sizeof(*t); i++)
				mask_template(&t[i]);
	}
}

static int show(const struct nlmsghdr *given, void *data)
{
	static union { struct nlmsghdr header; unsigned char bytes[65536]; } copy;
	const unsigned char *payload = copy.bytes + NLMSG_HDRLEN;

	(void)data;
	memcpy(&copy, given, given->nlmsg_len);
	if (given->nlmsg_type == XFRM_MSG_NEWSA)
		mask_sa(mnl_nlmsg_get_payload(&copy.header));
	else
		mask_policy(&copy.header, mnl_nlmsg_get_payload(&copy.header));
	fputs(given->nlmsg_type == XFRM_MSG_NEWSA ? "sa " : "policy ", stdout);
	for (size_t i = 0; i < mnl_nlmsg_get_payload_len(given); i++)
		printf("%02x", payload[i]);
	putchar('\n');
	return MNL_CB_OK;
}

/* Sends a request with this payload and reads the answer to its end. */
static void ask(struct mnl_socket *nl, unsigned type, unsigned flags, const void *payload, size_t size)
{
	static unsigned char bytes[65536];
	struct nlmsghdr *request = mnl_nlmsg_put_header(bytes);
	ssize_t n;
	int more = MNL_CB_OK;

	request->nlmsg_type = (uint16_t)type;
	request->nlmsg_flags = (uint16_t)(NLM_F_REQUEST | flags);
	memcpy(mnl_nlmsg_put_extra_header(request, size), payload, size);
	if (mnl_socket_sendto(nl, request, request->nlmsg_len) < 0)
		fail("send");
	while (more == MNL_CB_OK) {
		n = mnl_socket_recvfrom(nl, bytes, sizeof(bytes));
		if (n < 0)
			fail("receive");
		more = mnl_cb_run(bytes, (size_t)n, 0, mnl_socket_get_portid(nl), show, NULL);
	}
	/* Not every kernel has policies of type sub. */
	if (more < 0 && errno != ESRCH && errno != EOPNOTSUPP && errno != EINVAL && errno != ENOPROTOOPT)
		fail("answer");
}

int main(int argc, char **argv)
{
	static const struct xfrm_usersa_flush all;
	static const struct { struct nlattr a; struct xfrm_userpolicy_type type; } sub = {
		{ .nla_len = sizeof(sub), .nla_type = XFRMA_POLICY_TYPE }, { .type = XFRM_POLICY_TYPE_SUB }
	};
	struct mnl_socket *nl = mnl_socket_open(NETLINK_XFRM);

	if (nl == NULL || mnl_socket_bind(nl, 0, MNL_SOCKET_AUTOPID) < 0)
		fail("netlink");
	ask(nl, XFRM_MSG_GETSA, NLM_F_DUMP, "", 0);
	ask(nl, XFRM_MSG_GETPOLICY, NLM_F_DUMP, "", 0);
	if (argc > 1 && strcmp(argv[1], "-f") == 0) {
		ask(nl, XFRM_MSG_FLUSHSA, NLM_F_ACK, &all, sizeof(all));
		ask(nl, XFRM_MSG_FLUSHPOLICY, NLM_F_ACK, "", 0);
		ask(nl, XFRM_MSG_FLUSHPOLICY, NLM_F_ACK, &sub, sizeof(sub));
	}
	mnl_socket_close(nl);
	return 0;
}
