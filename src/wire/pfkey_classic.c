/* SPDX-License-Identifier: ISC */
/*
 * Prints PF_KEY messages in the words of the classic setkey -x: every field in order, lengths in units of 8
 * bytes. Of an unreadable message it prints what it can. Does not use the model.
 */
#include "wire/wire.h"

#include <arpa/inet.h>
#include <inttypes.h>
#include <linux/pfkeyv2.h>
#include <netinet/in.h>
#include <string.h>

enum { UNIT = 8, GROUP = 4, LINE = 32, TYPE_IPSEC = 2 };

/* A part of the message; all n bytes are in the buffer. */
struct bytes {
	const uint8_t *p;
	size_t n;
	bool keys;
};

struct row {
	uint16_t type;
	uint16_t size;         /* the least number of bytes */
	void (*print)(struct bytes a, struct buf *out); /* NULL: the body is not printed */
};

static void print_bytes(const uint8_t *p, size_t n, struct buf *out)
{
	for (size_t i = 0; i < n; i++) {
		if (i > 0 && i % LINE == 0)
			buf_addc(out, '\n');
		buf_printf(out, "%s%02x", i % GROUP == 0 ? " " : "", p[i]);
	}
}

static size_t address_size(unsigned family)
{
	return family == AF_INET  ? sizeof(struct sockaddr_in) :
	       family == AF_INET6 ? sizeof(struct sockaddr_in6) :
	                            0;
}

/* Returns the number of bytes read, 0 if they are not a complete address. */
static size_t print_sockaddr(struct bytes a, struct buf *out)
{
	struct sockaddr_in in;
	struct sockaddr_in6 in6;
	sa_family_t family = AF_UNSPEC;
	size_t size;

	if (a.n >= sizeof(family))
		memcpy(&family, a.p, sizeof(family));
	size = address_size(family);
	buf_printf(out, "sockaddr{ len=%zu family=%u", size, family);
	if (family == AF_INET && a.n >= size) {
		memcpy(&in, a.p, sizeof(in));
		buf_printf(out, " port=%u\n", ntohs(in.sin_port));
		print_bytes((const uint8_t *)&in.sin_addr, sizeof(in.sin_addr), out);
	} else if (family == AF_INET6 && a.n >= size) {
		memcpy(&in6, a.p, sizeof(in6));
		buf_printf(out, " port=%u\n  flowinfo=0x%08x, scope_id=0x%08x\n", ntohs(in6.sin6_port),
		           in6.sin6_flowinfo, in6.sin6_scope_id);
		print_bytes((const uint8_t *)&in6.sin6_addr, sizeof(in6.sin6_addr), out);
	}
	buf_adds(out, "  }\n");
	return size <= a.n ? size : 0;
}

static void print_sa(struct bytes a, struct buf *out)
{
	struct sadb_sa x;

	memcpy(&x, a.p, sizeof(x));
	buf_printf(out, "sadb_sa{ spi=%u replay=%u state=%u\n", ntohl(x.sadb_sa_spi), x.sadb_sa_replay,
	           x.sadb_sa_state);
	buf_printf(out, "  auth=%u encrypt=%u flags=0x%08x }\n", x.sadb_sa_auth, x.sadb_sa_encrypt,
	           x.sadb_sa_flags);
}

/* Bytes and times are cut to 32 bits, as in the classic tool. */
static void print_lifetime(struct bytes a, struct buf *out)
{
	struct sadb_lifetime x;

	memcpy(&x, a.p, sizeof(x));
	buf_printf(out, "sadb_lifetime{ alloc=%u, bytes=%u\n", x.sadb_lifetime_allocations,
	           (uint32_t)x.sadb_lifetime_bytes);
	buf_printf(out, "  addtime=%u, usetime=%u }\n", (uint32_t)x.sadb_lifetime_addtime,
	           (uint32_t)x.sadb_lifetime_usetime);
}

static void print_address(struct bytes a, struct buf *out)
{
	struct sadb_address x;
	const uint8_t *reserved = a.p + offsetof(struct sadb_address, sadb_address_reserved);

	memcpy(&x, a.p, sizeof(x));
	buf_printf(out, "sadb_address{ proto=%u prefixlen=%u reserved=0x%02x%02x }\n", x.sadb_address_proto,
	           x.sadb_address_prefixlen, reserved[0], reserved[1]);
	print_sockaddr((struct bytes){ a.p + sizeof(x), a.n - sizeof(x), a.keys }, out);
}

static void print_key(struct bytes a, struct buf *out)
{
	struct sadb_key x;
	size_t n;

	memcpy(&x, a.p, sizeof(x));
	n = x.sadb_key_bits / 8u;
	buf_printf(out, "sadb_key{ bits=%u reserved=%u\n  key=", x.sadb_key_bits, x.sadb_key_reserved);
	if (n > a.n - sizeof(x)) {
		buf_printf(out, "kdebug_sadb_key: key length mismatch, bit:%zu len:%zu.\n", n,
		           a.n - sizeof(x));
		n = a.n - sizeof(x);
	}
	if (a.keys)
		print_bytes(a.p + sizeof(x), n, out);
	else if (n > 0)
		buf_printf(out, " 0x...(%zu bytes)", n);
	buf_adds(out, " }\n");
}

static void print_sa2(struct bytes a, struct buf *out)
{
	struct sadb_x_sa2 x;

	memcpy(&x, a.p, sizeof(x));
	buf_printf(out, "sadb_x_sa2{ mode=%u reqid=%u\n", x.sadb_x_sa2_mode, x.sadb_x_sa2_reqid);
	buf_printf(out, "  reserved1=%u reserved2=%u sequence=%u }\n", x.sadb_x_sa2_reserved1,
	           x.sadb_x_sa2_reserved2, x.sadb_x_sa2_sequence);
}

/*
 * Returns the length of the request in bytes (all other lengths are in units of 8), 0 if it is not complete.
 */
static size_t print_request(struct bytes a, struct buf *out)
{
	struct sadb_x_ipsecrequest x;
	size_t n, size;

	if (a.n < sizeof(x))
		return 0;
	memcpy(&x, a.p, sizeof(x));
	n = x.sadb_x_ipsecrequest_len;
	if (n < sizeof(x) || n > a.n)
		return 0;
	buf_printf(out, " { len=%zu proto=%u mode=%u level=%u reqid=%u\n", n, x.sadb_x_ipsecrequest_proto,
	           x.sadb_x_ipsecrequest_mode, x.sadb_x_ipsecrequest_level, x.sadb_x_ipsecrequest_reqid);
	if (n > sizeof(x)) {
		a = (struct bytes){ a.p + sizeof(x), n - sizeof(x), a.keys };
		size = print_sockaddr(a, out);
		print_sockaddr((struct bytes){ a.p + size, a.n - size, a.keys }, out);
	}
	buf_adds(out, " }\n");
	return n;
}

static void print_policy(struct bytes a, struct buf *out)
{
	struct sadb_x_policy x;
	size_t n;

	memcpy(&x, a.p, sizeof(x));
	buf_printf(out, "sadb_x_policy{ type=%u dir=%u id=%x priority=%u }\n", x.sadb_x_policy_type,
	           x.sadb_x_policy_dir, x.sadb_x_policy_id, x.sadb_x_policy_priority);
	if (x.sadb_x_policy_type != TYPE_IPSEC)
		return;
	a.p += sizeof(x);
	a.n -= sizeof(x);
	for (; (n = print_request(a, out)) != 0; a.p += n)
		a.n -= n;
	if (a.n > 0)
		buf_adds(out, "kdebug_sadb_x_policy: wrong policy struct.\n");
}

static void print_supported(struct bytes a, struct buf *out)
{
	struct sadb_alg x;

	buf_adds(out, "sadb_sup{\n");
	a.p += sizeof(struct sadb_supported);
	a.n -= sizeof(struct sadb_supported);
	for (; a.n >= sizeof(x); a.p += sizeof(x), a.n -= sizeof(x)) {
		memcpy(&x, a.p, sizeof(x));
		buf_printf(out, "  { id=%u ivlen=%u min=%u max=%u }\n", x.sadb_alg_id, x.sadb_alg_ivlen,
		           x.sadb_alg_minbits, x.sadb_alg_maxbits);
	}
	buf_adds(out, "}\n");
}

/*
 * The last line repeats the words of the line before, but its values are times: an error of the classic tool
 * that is kept so that outputs compare.
 */
static void print_comb(const struct sadb_comb *x, struct buf *out)
{
	buf_printf(out, "sadb_comb{ auth=%u encrypt=%u flags=0x%04x reserved=0x%08x\n", x->sadb_comb_auth,
	           x->sadb_comb_encrypt, x->sadb_comb_flags, x->sadb_comb_reserved);
	buf_printf(out, "  auth_minbits=%u auth_maxbits=%u encrypt_minbits=%u encrypt_maxbits=%u\n",
	           x->sadb_comb_auth_minbits, x->sadb_comb_auth_maxbits, x->sadb_comb_encrypt_minbits,
	           x->sadb_comb_encrypt_maxbits);
	buf_printf(out, "  soft_alloc=%u hard_alloc=%u soft_bytes=%" PRIu64 " hard_bytes=%" PRIu64 "\n",
	           x->sadb_comb_soft_allocations, x->sadb_comb_hard_allocations,
	           (uint64_t)x->sadb_comb_soft_bytes, (uint64_t)x->sadb_comb_hard_bytes);
	buf_printf(out,
	           "  soft_alloc=%" PRIu64 " hard_alloc=%" PRIu64 " soft_bytes=%" PRIu64
	           " hard_bytes=%" PRIu64 " }\n",
	           (uint64_t)x->sadb_comb_soft_addtime, (uint64_t)x->sadb_comb_hard_addtime,
	           (uint64_t)x->sadb_comb_soft_usetime, (uint64_t)x->sadb_comb_hard_usetime);
}

static void print_proposal(struct bytes a, struct buf *out)
{
	struct sadb_prop x;
	struct sadb_comb c;

	memcpy(&x, a.p, sizeof(x));
	buf_printf(out, "sadb_prop{ replay=%u\n", x.sadb_prop_replay);
	a.p += sizeof(x);
	a.n -= sizeof(x);
	for (; a.n >= sizeof(c); a.p += sizeof(c), a.n -= sizeof(c)) {
		memcpy(&c, a.p, sizeof(c));
		print_comb(&c, out);
	}
	buf_adds(out, "}\n");
}

static void print_natt_type(struct bytes a, struct buf *out)
{
	struct sadb_x_nat_t_type x;

	memcpy(&x, a.p, sizeof(x));
	buf_printf(out, "sadb_x_nat_t_type{ type=%u }\n", x.sadb_x_nat_t_type_type);
}

static void print_natt_port(struct bytes a, struct buf *out)
{
	struct sadb_x_nat_t_port x;

	memcpy(&x, a.p, sizeof(x));
	buf_printf(out, "sadb_x_nat_t_port{ port=%u }\n", ntohs(x.sadb_x_nat_t_port_port));
}

/* An extension without a row ends the output, also a security context, as in the classic tool. */
static const struct row rows[] = {
	{ SADB_EXT_SA, sizeof(struct sadb_sa), print_sa },
	{ SADB_EXT_LIFETIME_CURRENT, sizeof(struct sadb_lifetime), print_lifetime },
	{ SADB_EXT_LIFETIME_HARD, sizeof(struct sadb_lifetime), print_lifetime },
	{ SADB_EXT_LIFETIME_SOFT, sizeof(struct sadb_lifetime), print_lifetime },
	{ SADB_EXT_ADDRESS_SRC, sizeof(struct sadb_address), print_address },
	{ SADB_EXT_ADDRESS_DST, sizeof(struct sadb_address), print_address },
	{ SADB_EXT_ADDRESS_PROXY, sizeof(struct sadb_address), print_address },
	{ SADB_EXT_KEY_AUTH, sizeof(struct sadb_key), print_key },
	{ SADB_EXT_KEY_ENCRYPT, sizeof(struct sadb_key), print_key },
	{ SADB_EXT_SENSITIVITY, 0, NULL },
	{ SADB_EXT_PROPOSAL, sizeof(struct sadb_prop), print_proposal },
	{ SADB_EXT_SUPPORTED_AUTH, sizeof(struct sadb_supported), print_supported },
	{ SADB_EXT_SUPPORTED_ENCRYPT, sizeof(struct sadb_supported), print_supported },
	{ SADB_EXT_SPIRANGE, 0, NULL },
	{ SADB_X_EXT_KMPRIVATE, 0, NULL },
	{ SADB_X_EXT_POLICY, sizeof(struct sadb_x_policy), print_policy },
	{ SADB_X_EXT_SA2, sizeof(struct sadb_x_sa2), print_sa2 },
	{ SADB_X_EXT_NAT_T_TYPE, sizeof(struct sadb_x_nat_t_type), print_natt_type },
	{ SADB_X_EXT_NAT_T_SPORT, sizeof(struct sadb_x_nat_t_port), print_natt_port },
	{ SADB_X_EXT_NAT_T_DPORT, sizeof(struct sadb_x_nat_t_port), print_natt_port },
	{ SADB_X_EXT_NAT_T_OA, sizeof(struct sadb_address), print_address },
};

static const struct row *find_row(uint16_t type)
{
	for (const struct row *r = rows; r < rows + sizeof(rows) / sizeof(rows[0]); r++)
		if (r->type == type)
			return r;
	return NULL;
}

/* Returns the size of the first extension in bytes, 0 if nothing more can be printed. */
static size_t print_ext(struct bytes a, struct buf *out)
{
	const struct row *row;
	struct sadb_ext x;
	size_t n;

	if (a.n < sizeof(x))
		return 0;
	memcpy(&x, a.p, sizeof(x));
	n = (size_t)x.sadb_ext_len * UNIT;
	buf_printf(out, "sadb_ext{ len=%u type=%u }\n", x.sadb_ext_len, x.sadb_ext_type);
	row = find_row(x.sadb_ext_type);
	if (n == 0 || n > a.n || (row != NULL && n < row->size)) {
		buf_adds(out, n == 0 ? "kdebug_sadb: invalid ext_len=0 was passed.\n" :
		         "kdebug_sadb: ext_len exceeds end of buffer.\n");
		return 0;
	}
	if (row == NULL) {
		buf_printf(out, "kdebug_sadb: invalid ext_type %u was passed.\n", x.sadb_ext_type);
		return 0;
	}
	if (row->print != NULL)
		row->print((struct bytes){ a.p, n, a.keys }, out);
	return n;
}

void pfkey_print(const uint8_t *bytes, size_t len, bool keys, struct buf *out)
{
	struct bytes rest = { bytes + sizeof(struct sadb_msg), 0, keys };
	struct sadb_msg m;
	size_t n;

	if (len < sizeof(m))
		return;
	memcpy(&m, bytes, sizeof(m));
	buf_printf(out, "sadb_msg{ version=%u type=%u errno=%u satype=%u\n", m.sadb_msg_version,
	           m.sadb_msg_type, m.sadb_msg_errno, m.sadb_msg_satype);
	buf_printf(out, "  len=%u reserved=%u seq=%u pid=%u\n", m.sadb_msg_len, m.sadb_msg_reserved,
	           m.sadb_msg_seq, m.sadb_msg_pid);
	for (rest.n = len - sizeof(m); (n = print_ext(rest, out)) != 0; rest.p += n)
		rest.n -= n;
}
