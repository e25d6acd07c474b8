/* SPDX-License-Identifier: ISC */
#include "model/same.h"

#include "base/hash.h"
#include "model/names.h"

#include <string.h>

static bool is_zero(const uint8_t *p, size_t n)
{
	while (n > 0 && *p == 0) {
		p++;
		n--;
	}
	return n == 0;
}

bool same_key(const uint8_t *a, unsigned a_bits, const uint8_t *b, unsigned b_bits)
{
	return a_bits == b_bits && memcmp(a, b, (a_bits + 7) / 8) == 0;
}

/* A kernel in lockdown reports keys as zeros, so a key of zeros may be the same. */
static bool may_be_same_key(const uint8_t *wanted, unsigned bits, const uint8_t *there, unsigned there_bits)
{
	return same_key(wanted, bits, there, there_bits) ||
	       (bits == there_bits && is_zero(there, (bits + 7) / 8));
}

/* Compares kernel names too, because KAME's variants of DES are the same as DES for Linux. */
static bool same_alg(const struct alg *a, const struct alg *b)
{
	return a == b || (a != NULL && b != NULL && a->xfrm != NULL && b->xfrm != NULL &&
	                  strcmp(a->xfrm, b->xfrm) == 0 && (a->kind != ALG_AEAD || a->icvbits == b->icvbits));
}

bool same_mode(uint8_t a, uint8_t b)
{
	return (a == MODE_ANY ? MODE_TRANSPORT : a) == (b == MODE_ANY ? MODE_TRANSPORT : b);
}

enum part same_sa(const struct sa *wanted, const struct sa *there)
{
	bool cipher = wanted->proto != PROTO_AH; /* neither wire sends a cipher with ah */

	if (cipher && !same_alg(wanted->enc, there->enc))
		return PART_ENC;
	if (!same_alg(wanted->auth, there->auth) || sa_icvbits(wanted) != sa_icvbits(there))
		return PART_AUTH;
	if (!same_alg(wanted->comp, there->comp))
		return PART_COMP;
	if (cipher && !may_be_same_key(sa_enckey(wanted), wanted->encbits, sa_enckey(there), there->encbits))
		return PART_ENCKEY;
	if (!may_be_same_key(sa_authkey(wanted), wanted->authbits, sa_authkey(there), there->authbits))
		return PART_AUTHKEY;
	if (!same_mode(wanted->mode, there->mode))
		return PART_MODE;
	return wanted->reqid == there->reqid ? PART_MAX : PART_REQID;
}

static bool same_tmpl_end(const struct addr *a, const struct addr *b)
{
	return a->family == b->family && (a->family == 0 || (addr_equal(a, b) && a->port == b->port));
}

bool same_protection(const struct tmpl *a, const struct tmpl *b)
{
	return a->proto == b->proto && same_mode(a->mode, b->mode) && addr_equal(&a->src, &b->src) &&
	       addr_equal(&a->dst, &b->dst);
}

static bool same_request(const struct tmpl *a, const struct tmpl *b)
{
	return a->proto == b->proto && same_mode(a->mode, b->mode) && a->level == b->level &&
	       a->reqid == b->reqid && a->spi == b->spi && same_tmpl_end(&a->src, &b->src) &&
	       same_tmpl_end(&a->dst, &b->dst);
}

enum part same_policy(const struct policy *wanted, const struct policy *there)
{
	if (wanted->action != there->action)
		return PART_ACTION;
	if (wanted->priority != there->priority)
		return PART_PRIORITY;
	for (unsigned i = 0; i < wanted->ntmpl && i < there->ntmpl; i++)
		if (!same_request(&wanted->tmpl[i], &there->tmpl[i]))
			return (enum part)(PART_TMPL + i);
	return wanted->ntmpl == there->ntmpl ? PART_MAX : PART_ACTION;
}

bool same_context(const struct secctx *a, const struct secctx *b)
{
	return a->doi == b->doi && a->alg == b->alg && a->label.len == b->label.len &&
	       (a->label.len == 0 || memcmp(a->label.p, b->label.p, a->label.len) == 0);
}

const char *part_word(unsigned part)
{
	static const struct name words[] = {
		{ "source", PART_SRC }, { "encapsulation", PART_PROTO }, { "mode", PART_MODE },
		{ "reqid", PART_REQID },
		{ "window", PART_WINDOW }, { "flags", PART_FLAGS }, { "esn", PART_ESN },
		{ "original-address", PART_NATT_OA },
		{ "context", PART_CTX }, { "encryption", PART_ENC }, { "encryption-key", PART_ENCKEY },
		{ "authentication", PART_AUTH }, { "authentication-key", PART_AUTHKEY },
		{ "compression", PART_COMP },
		{ "action", PART_ACTION }, { "priority", PART_PRIORITY }, { "index", PART_INDEX },
		{ NULL, 0 },
	};
	const char *word = name_word(words, (int)part);

	for (const struct limit *l = limits; l < limits + LIMITS && word == NULL; l++)
		if (l->part == part)
			word = l->ip;
	if (part >= PART_ATTR && part <= PART_ATTR_LAST)
		return attr_table[part - PART_ATTR].option;
	if (part >= PART_TMPL && part <= PART_TMPL_LAST)
		return "requests";
	return word != NULL ? word : "other";
}

static void add_part(struct parts *parts, bool same, unsigned part)
{
	if (!same && parts->n < sizeof(parts->part))
		parts->part[parts->n++] = (uint8_t)part;
}

/* The mask of a port without one: all ones, or 0 if the port is 0 (any). */
static uint16_t port_mask(uint16_t port, uint16_t mask)
{
	return mask == 0 && port != 0 ? UINT16_MAX : mask;
}

static bool same_range(const struct addr *a, uint16_t mask_a, const struct addr *b, uint16_t mask_b)
{
	return a->family == b->family && a->plen == b->plen &&
	       memcmp(a->bytes, b->bytes, sizeof(a->bytes)) == 0 && a->port == b->port &&
	       port_mask(a->port, mask_a) == port_mask(b->port, mask_b);
}

bool same_selector(const struct selector *a, const struct selector *b)
{
	return a->upper == b->upper && same_range(&a->src, a->sport_mask, &b->src, b->sport_mask) &&
	       same_range(&a->dst, a->dport_mask, &b->dst, b->dport_mask);
}

bool same_attr(enum attr_id id, const struct attrs *a, const struct attrs *b)
{
	if (attrs_have(a, id) != attrs_have(b, id))
		return false;
	switch (id) {
	case ATTR_SELECTOR:
		return same_selector(&a->sel, &b->sel);
	case ATTR_COADDR:
		return addr_equal(&a->coaddr, &b->coaddr);
	case ATTR_REPLAY:
		return a->replay_out == b->replay_out && a->replay_in == b->replay_in;
	case ATTR_OFFLOAD:
		return a->device == b->device && a->offload == b->offload;
	case ATTR_MARK: case ATTR_OUTPUT_MARK:
		return a->mask[id] == b->mask[id] && ((a->value[id] ^ b->value[id]) & a->mask[id]) == 0;
	default:
		return a->value[id] == b->value[id];
	}
}

static void compare_sas(const struct event *wanted, const struct event *there, struct parts *parts)
{
	const struct sa *a = &wanted->sa, *b = &there->sa;
	bool cipher = a->proto != PROTO_AH;

	add_part(parts, addr_equal(&a->src, &b->src), PART_SRC);
	add_part(parts,
	         a->encap == b->encap && a->natt_sport == b->natt_sport && a->natt_dport == b->natt_dport,
	         PART_PROTO);
	add_part(parts, same_mode(a->mode, b->mode), PART_MODE);
	add_part(parts, a->reqid == b->reqid, PART_REQID);
	add_part(parts, a->window == b->window, PART_WINDOW);
	add_part(parts, (a->flags & SA_F_KEPT) == (b->flags & SA_F_KEPT) &&
	         a->inner_family == b->inner_family, PART_FLAGS);
	add_part(parts, (a->flags & SA_F_ESN) == (b->flags & SA_F_ESN), PART_ESN);
	add_part(parts, same_tmpl_end(&wanted->attrs.natt_oa, &there->attrs.natt_oa), PART_NATT_OA);
	add_part(parts, same_context(&wanted->attrs.ctx, &there->attrs.ctx), PART_CTX);
	add_part(parts, !cipher || same_alg(a->enc, b->enc), PART_ENC);
	add_part(parts,
	         !cipher || may_be_same_key(sa_enckey(a), a->encbits, sa_enckey(b), b->encbits),
	         PART_ENCKEY);
	add_part(parts, same_alg(a->auth, b->auth) && sa_icvbits(a) == sa_icvbits(b), PART_AUTH);
	add_part(parts, may_be_same_key(sa_authkey(a), a->authbits, sa_authkey(b), b->authbits),
	         PART_AUTHKEY);
	add_part(parts, same_alg(a->comp, b->comp), PART_COMP);
	add_part(parts,
	         wanted->sa_state.device == there->sa_state.device &&
	                 strcmp(wanted->sa_state.unshown.words, there->sa_state.unshown.words) == 0,
	         PART_VERB);
}

static void compare_policies(const struct event *wanted, const struct event *there, struct parts *parts)
{
	const struct policy *a = &wanted->policy, *b = &there->policy;

	add_part(parts, a->action == b->action && a->ntmpl == b->ntmpl, PART_ACTION);
	add_part(parts, a->priority == b->priority, PART_PRIORITY);
	add_part(parts, a->flags == b->flags, PART_FLAGS);
	add_part(parts, a->index == 0 || a->index == b->index, PART_INDEX);
	for (unsigned i = 0; i < a->ntmpl && i < b->ntmpl; i++)
		add_part(parts, same_request(&a->tmpl[i], &b->tmpl[i]), PART_TMPL + i);
	add_part(parts,
	         strcmp(wanted->policy_state.unshown.words, there->policy_state.unshown.words) == 0,
	        PART_VERB);
}

void same_parts(const struct event *wanted, const struct event *there, struct parts *parts)
{
	bool policy = wanted->kind == EVENT_POLICY;

	parts->n = 0;
	(policy ? compare_policies : compare_sas)(wanted, there, parts);
	for (const struct limit *l = limits; l < limits + LIMITS; l++)
		add_part(parts, limit_value(&wanted->attrs, l) == limit_value(&there->attrs, l), l->part);
	for (enum attr_id id = 0; id < ATTR_MAX; id++)
		if (id != ATTR_REPLAY && (!policy || attr_table[id].flags & ATTR_OF_POLICY ||
		                          id == ATTR_OFFLOAD))
			add_part(parts, same_attr(id, &wanted->attrs, &there->attrs), PART_ATTR + id);
}

/* An identity being written. */
struct naming {
	uint8_t *at;
	size_t n;
};

static void append_bytes(struct naming *name, const void *p, size_t n)
{
	memcpy(name->at + name->n, p, n);
	name->n += n;
}

/* Appends the number in network byte order. */
static void append_number(struct naming *name, uint64_t value, unsigned bytes)
{
	while (bytes-- > 0)
		name->at[name->n++] = (uint8_t)(value >> 8 * bytes);
}

static void append_mark(struct naming *name, const struct attrs *x)
{
	append_number(name, x->value[ATTR_MARK] & x->mask[ATTR_MARK], 4);
	append_number(name, x->mask[ATTR_MARK], 4);
}

static void append_range(struct naming *name, const struct addr *a, uint16_t mask)
{
	append_number(name, a->family, 1);
	append_number(name, a->plen, 1);
	append_number(name, a->port, 2);
	append_number(name, port_mask(a->port, mask), 2);
	append_bytes(name, a->bytes, a->family == AF_INET ? 4 : sizeof(a->bytes));
}

/* FNV-1a. A hash keeps the identity short, and unlike hash_mix() it is the same in every run. */
static uint64_t label_hash(struct text label)
{
	uint64_t hash = 0xcbf29ce484222325;

	for (uint32_t i = 0; i < label.len; i++)
		hash = (hash ^ (uint8_t)label.p[i]) * 0x100000001b3;
	return hash;
}

static void append_policy(struct naming *name, const struct event *ev)
{
	const struct policy *p = &ev->policy;

	append_number(name, p->dir, 1);
	append_number(name, p->flags & POLICY_F_SUB, 1);
	append_range(name, &p->src, p->sport_mask);
	append_range(name, &p->dst, p->dport_mask);
	append_number(name, p->upper, 1);
	append_number(name, ev->policy_state.device, 4);
	append_number(name, ev->policy_state.more, 5);
	append_mark(name, &ev->attrs);
	append_number(name, ev->attrs.value[ATTR_IF_ID], 4);
	if (ev->attrs.ctx.doi != 0) {
		append_number(name, (uint16_t)ev->attrs.ctx.doi << 8 | ev->attrs.ctx.alg, 2);
		append_number(name, label_hash(ev->attrs.ctx.label), 8);
	}
}

size_t same_name(const struct event *ev, uint8_t bytes[SAME_NAME_MAX])
{
	struct naming name = { bytes, 0 };

	if (ev->kind == EVENT_POLICY) {
		append_policy(&name, ev);
	} else if (ev->kind == EVENT_SA) {
		append_number(&name, ev->sa.proto, 1);
		append_number(&name, ev->sa.spi, 4);
		append_bytes(&name, ev->sa.dst.bytes, ev->sa.dst.family == AF_INET ? 4 : 16);
		append_mark(&name, &ev->attrs);
	}
	return name.n;
}

uint64_t same_name_hash(const struct event *ev, bool without_mark)
{
	uint8_t name[SAME_NAME_MAX];
	size_t n = same_name(ev, name);

	/* an SA's identity ends with its mark, 8 bytes */
	return hash_mix(0, name, without_mark && ev->kind == EVENT_SA ? n - 8 : n);
}

static uint64_t mix_addr(uint64_t hash, const struct addr *a, uint32_t more)
{
	uint32_t words[4] = { a->family, a->plen, a->port, more };

	return hash_mix(hash_mix(hash, a->bytes, sizeof(a->bytes)), words, sizeof(words));
}

uint64_t same_policy_hash(const struct policy *p)
{
	uint32_t words[6] = { p->upper, p->dir, p->action, p->flags, p->priority, p->index };
	uint64_t hash = mix_addr(mix_addr(0, &p->src, p->sport_mask), &p->dst, p->dport_mask);

	hash = hash_mix(hash, words, sizeof(words));
	for (unsigned i = 0; i < p->ntmpl; i++) {
		const struct tmpl *t = &p->tmpl[i];
		uint32_t request[5] = { t->proto, t->mode, t->level, t->reqid, t->spi };

		hash = hash_mix(mix_addr(mix_addr(hash, &t->src, 0), &t->dst, 0), request, sizeof(request));
	}
	return hash;
}
