/* SPDX-License-Identifier: ISC */
/* A snapshot of the kernel's tables, kept as messages, and a watch for changes by other processes. */
#include "kernel/snapshot.h"

#include "kernel/socket.h"
#include "model/same.h"

#include <arpa/inet.h>
#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/filter.h>
#include <linux/netlink.h>
#include <linux/xfrm.h>
#include <stdlib.h>
#include <string.h>

enum { TRIES = 3, WATCH_BYTES = 8 << 20 };

bool event_is_clear(const struct event *ev)
{
	const struct policy *p = &ev->policy;

	if (ev->kind != EVENT_POLICY || p->action == ACTION_DISCARD)
		return false;
	for (unsigned i = 0; p->action == ACTION_IPSEC && i < p->ntmpl; i++)
		if (p->tmpl[i].level != LEVEL_USE)
			return false;
	return true;
}

/* Omits what no file can define: per-socket policies, and states that the kernel creates for its own use. */
static bool is_configurable(const struct snapshot *s, const struct event *ev)
{
	if (ev->kind == EVENT_POLICY)
		return ev->policy.dir >= DIR_IN && ev->policy.dir <= DIR_FWD;
	return ev->kind == EVENT_SA && proto_is_ipsec(ev->sa.proto) &&
	       (ev->sa_state.life != SA_LARVAL || (s->with_larval && ev->sa.spi != 0));
}

/* An SA whose mark has bits outside the mask matches no request and no packet. */
static bool can_be_named(const struct event *ev)
{
	return ev->sa.spi != 0 && (ev->attrs.value[ATTR_MARK] & ~ev->attrs.mask[ATTR_MARK]) == 0;
}

static int add_object(void *arg, const struct event *ev)
{
	struct snapshot *s = arg;

	if (!is_configurable(s, ev))
		return 0;
	s->object = memory_grow(s->object, s->n, &s->cap, sizeof(*s->object));
	s->object[s->n++] = (struct object){
		.mark = ev->attrs.value[ATTR_MARK] & ev->attrs.mask[ATTR_MARK],
		.mask = ev->attrs.mask[ATTR_MARK],
		.message = arena_copy(&s->arena, ev->message.p, ev->message.len),
		.len = ev->message.len,
		.name = same_name_hash(ev, false),
		.place = ev->kind == EVENT_SA ? same_name_hash(ev, true) : 0,
		.larval = ev->kind == EVENT_SA && ev->sa_state.life == SA_LARVAL,
		.unnamed = ev->kind == EVENT_SA && !can_be_named(ev),
		.stamp = ev->kind == EVENT_POLICY ? ev->policy.index : ev->sa_state.add_time,
		.proto = ev->sa.proto,
		.priority = ev->policy.priority,
		.dir = ev->kind == EVENT_POLICY ? ev->policy.dir : 0,
		.sub = ev->policy.flags & POLICY_F_SUB,
		.clear = event_is_clear(ev),
	};
	return 0;
}

/* The kernel dumps the newest object first. */
static void reverse_objects(struct object *o, size_t n)
{
	for (size_t i = 0; i < n / 2; i++) {
		struct object other = o[n - 1 - i];

		o[n - 1 - i] = o[i];
		o[i] = other;
	}
}

/* Returns 0, 1 if the table changed meanwhile, or -errno. */
static int read_table(struct snapshot *s, struct kernel *k, enum verb verb)
{
	struct source none = { .name = "kernel", .line = 1, .col = 1 };
	struct stmt what = { .src = &none, .verb = (uint8_t)verb };
	size_t first = s->n;
	int err = kernel_read(k, &what, &what, add_object, s);

	reverse_objects(s->object + first, s->n - first);
	return err != 0 ? err : kernel_changed(k) ? 1 : 0;
}

int snapshot_read(struct snapshot *s, struct kernel *k)
{
	int changed = 1;

	for (int i = 0; i < TRIES && changed > 0; i++) {
		snapshot_free(s);
		s->cap = kernel_total(k, false) + kernel_total(k, true);
		s->object = memory_pages(s->cap * sizeof(*s->object));
		changed = read_table(s, k, VERB_DUMP);
		s->nsas = s->n;
		if (changed == 0)
			changed = read_table(s, k, VERB_SPDDUMP);
	}
	if (changed != 0)
		snapshot_free(s);
	return changed > 0 ? -EAGAIN : changed;
}

void snapshot_free(struct snapshot *s)
{
	free(s->object);
	hash_free(&s->places);
	arena_free(&s->arena);
	*s = (struct snapshot){ .with_larval = s->with_larval };
}

/* Builds the index from names to 1 + array index, at the first call of snapshot_put. */
static void index_names(struct snapshot *s)
{
	if (s->places.n > 0)
		return;
	hash_reserve(&s->places, s->n + 1);
	for (size_t i = 0; i < s->n; i++)
		*hash_at(&s->places, s->object[i].name) = (uint32_t)i + 1;
}

void snapshot_put(struct snapshot *s, uint64_t name, const struct object *o)
{
	uint32_t *place;

	index_names(s);
	place = hash_at(&s->places, name);
	if (o == NULL) {
		if (*place != 0)
			s->object[*place - 1].len = 0;
		return;
	}
	if (*place == 0) {
		s->object = memory_grow(s->object, s->n, &s->cap, sizeof(*s->object));
		*place = (uint32_t)++s->n;
	}
	s->object[*place - 1] = *o;
	s->object[*place - 1].message = arena_copy(&s->arena, o->message, o->len);
}

void object_decode(const struct object *o, struct event *ev)
{
	xfrm_wire.decode(o->message, o->len, ev);
}

struct watch {
	struct mnl_socket *socket;
	uint32_t own; /* port number of the kernel socket of this process */
};

/*
 * The kernel also notifies of changes by this process, and thousands of them could fill the buffer before it
 * is read. A socket filter drops them, if the kernel accepts it.
 */
static void filter_own_changes(struct mnl_socket *nl, uint32_t own)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct nlmsghdr, nlmsg_pid)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, htonl(own), 0, 1),
		BPF_STMT(BPF_RET | BPF_K, 0),
		BPF_STMT(BPF_RET | BPF_K, UINT32_MAX),
	};
	struct sock_fprog filter = { sizeof(code) / sizeof(code[0]), code };

	setsockopt(mnl_socket_get_fd(nl), SOL_SOCKET, SO_ATTACH_FILTER, &filter, sizeof(filter));
}

struct watch *watch_open(struct kernel *k, int *err)
{
	struct watch *w = memory_resize(NULL, 1, sizeof(*w));

	w->own = kernel_sign(k);
	*err = netlink_open(&w->socket, NETLINK_XFRM, SOCK_NONBLOCK);
	if (*err == 0) {
		filter_own_changes(w->socket, w->own);
		socket_set_receive_buffer(mnl_socket_get_fd(w->socket), WATCH_BYTES);
		*err = netlink_join(w->socket, XFRMNLGRP_SA);
	}
	if (*err == 0)
		*err = netlink_join(w->socket, XFRMNLGRP_POLICY);
	if (*err == 0)
		return w;
	watch_close(w);
	return NULL;
}

void watch_close(struct watch *w)
{
	if (w != NULL && w->socket != NULL)
		mnl_socket_close(w->socket);
	free(w);
}

/* Expirations and new sequence numbers are not changes by another process. */
static bool is_change(const struct nlmsghdr *h)
{
	switch (h->nlmsg_type) {
	case XFRM_MSG_NEWSA: case XFRM_MSG_UPDSA: case XFRM_MSG_DELSA: case XFRM_MSG_FLUSHSA:
	case XFRM_MSG_NEWPOLICY: case XFRM_MSG_UPDPOLICY: case XFRM_MSG_DELPOLICY: case XFRM_MSG_FLUSHPOLICY:
		return true;
	default:
		return false;
	}
}

bool watch_changed(struct watch *w)
{
	_Alignas(struct nlmsghdr) uint8_t bytes[RECEIVE_BYTES];
	bool changed = false;
	ssize_t n;

	for (;;) {
		n = recv(mnl_socket_get_fd(w->socket), bytes, sizeof(bytes), 0);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			break;
		if ((size_t)n >= sizeof(struct nlmsghdr)) {
			const struct nlmsghdr *h = (const struct nlmsghdr *)(const void *)bytes;

			changed |= is_change(h) && h->nlmsg_pid != w->own;
		}
	}
	changed |= errno == ENOBUFS;
	explicit_bzero(bytes, sizeof(bytes));
	return changed;
}
