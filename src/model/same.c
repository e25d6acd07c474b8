#include "model/same.h"

#include "base/hash.h"

#include <string.h>

static bool is_zero(const uint8_t *p, size_t n)
{
	while (n > 0 && *p == 0) {
		p++;
		n--;
	}
	return n == 0;
}

static bool same_key(const uint8_t *wanted, unsigned bits, const uint8_t *there, unsigned there_bits)
{
	size_t n = (bits + 7) / 8;

	return bits == there_bits && (memcmp(wanted, there, n) == 0 || is_zero(there, n));
}

/* KAME's variants of DES are DES to the kernel. */
static bool same_alg(const struct alg *a, const struct alg *b)
{
	return a == b || (a != NULL && b != NULL && a->xfrm != NULL && b->xfrm != NULL &&
	                  strcmp(a->xfrm, b->xfrm) == 0 && (a->kind != ALG_AEAD || a->icvbits == b->icvbits));
}

static uint8_t mode_of(uint8_t mode)
{
	return mode == MODE_ANY ? MODE_TRANSPORT : mode;
}

enum part same_sa(const struct sa *wanted, const struct sa *there)
{
	bool cipher = wanted->proto != PROTO_AH; /* no wire sends one with ah */

	if (cipher && !same_alg(wanted->enc, there->enc))
		return PART_ENC;
	if (!same_alg(wanted->auth, there->auth) || sa_icvbits(wanted) != sa_icvbits(there))
		return PART_AUTH;
	if (!same_alg(wanted->comp, there->comp))
		return PART_COMP;
	if (cipher && !same_key(sa_enckey(wanted), wanted->encbits, sa_enckey(there), there->encbits))
		return PART_ENCKEY;
	if (!same_key(sa_authkey(wanted), wanted->authbits, sa_authkey(there), there->authbits))
		return PART_AUTHKEY;
	if (mode_of(wanted->mode) != mode_of(there->mode))
		return PART_MODE;
	return wanted->reqid == there->reqid ? PART_MAX : PART_REQID;
}

static bool same_end(const struct addr *a, const struct addr *b)
{
	return a->family == b->family && (a->family == 0 || (addr_equal(a, b) && a->port == b->port));
}

static bool same_request(const struct tmpl *a, const struct tmpl *b)
{
	return a->proto == b->proto && mode_of(a->mode) == mode_of(b->mode) && a->level == b->level &&
	       a->reqid == b->reqid && a->spi == b->spi && same_end(&a->src, &b->src) &&
	       same_end(&a->dst, &b->dst);
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

/* A port without a mask is that port, 0 any. */
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

bool same_attr(enum attr_id id, const struct extra *a, const struct extra *b)
{
	if (extra_has(a, id) != extra_has(b, id))
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
	default:
		return a->value[id] == b->value[id] && a->mask[id] == b->mask[id];
	}
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
