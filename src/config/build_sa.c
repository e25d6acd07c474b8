/* SPDX-License-Identifier: ISC */
/* Actions of grammar rules for the parts that only SAs have, such as algorithms and keys. */
#include "config/parse_internal.h"

#include "base/hex.h"
#include "base/memory.h"

#include <string.h>

static const struct { const char *word; uint8_t proto, encap; uint32_t flags; } protos[] = {
	{ "esp", PROTO_ESP, 0, 0 }, { "ah", PROTO_AH, 0, 0 }, { "ipcomp", PROTO_IPCOMP, 0, 0 },
	{ "esp-udp", PROTO_ESP, ENCAP_ESPINUDP, 0 }, { "tcp", PROTO_TCP, 0, 0 },
	{ "esp-udp-nonike", PROTO_ESP, ENCAP_ESPINUDP_NON_IKE, 0 }, { "esp-tcp", PROTO_ESP, ENCAP_ESPINTCP, 0 },
	{ "esp-old", PROTO_ESP, 0, SA_F_OLD }, { "ah-old", PROTO_AH, 0, SA_F_OLD },
};

void parse_proto(struct parse *p, struct span word)
{
	struct sa *sa = &p->stmt.sa;

	parse_record(p, PART_PROTO, word);
	for (size_t i = 0; i < sizeof(protos) / sizeof(protos[0]); i++) {
		if (!parse_is(p, word, protos[i].word))
			continue;
		sa->proto = protos[i].proto;
		/*
		 * Linux has no TCP-MD5 SAs. For flush and dump the classic tool then sends "all protocols".
		 */
		if (sa->proto == PROTO_TCP && (p->stmt.verb == VERB_FLUSH || p->stmt.verb == VERB_DUMP))
			sa->proto = PROTO_ANY;
		sa->encap = protos[i].encap;
		sa->flags |= protos[i].flags;
		return;
	}
	if (parse_is(p, word, "any") && verb_names_sa(p->stmt.verb))
		/* KAME of 1998 wrote "any" here; the option -p or the missing protocol is reported instead */
		return;
	if (parse_recognise(p, word))
		return;
	parse_error(p, PARSE_UNKNOWN, word, "unknown protocol, expected esp, ah, ipcomp or esp-udp");
	if (!p->stop && parse_is(p, word, "any"))
		diag_hint(p->diags, "leave the protocol out to mean all of them");
	else
		parse_hint_case(p, proto_names, word);
}

void parse_oa(struct parse *p, struct span word)
{
	if (p->stmt.sa.encap == ENCAP_NONE) {
		parse_error_hint(p, word,
		                 verb_names_sa(p->stmt.verb) ? "expected an SPI: a number or 0x..." :
		                                               "expected at most one protocol",
		                 NULL);
		return;
	}
	parse_record(p, PART_NATT_OA, word);
	if (!parse_numeric_addr(p, &parse_use_attrs(p)->natt_oa, word))
		p->stmt.unresolved |= UNRESOLVED_OA;
}

static bool is_protocol_word(const struct parse *p, struct span word)
{
	for (size_t i = 0; i < sizeof(protos) / sizeof(protos[0]); i++)
		if (parse_is(p, word, protos[i].word))
			return true;
	return false;
}

static struct span part_span(const struct parse *p, enum part part)
{
	for (unsigned i = 0; i < p->nparts; i++)
		if (p->part[i].part == part)
			return (struct span){ p->stmt.at.off + p->part[i].off, p->part[i].len };
	return (struct span){ p->stmt.at.off, 0 };
}

void parse_check_destination(struct parse *p)
{
	struct span dst = part_span(p, PART_DST);
	struct buf word;

	if (parse_has_part(p, PART_PROTO) || !is_protocol_word(p, dst))
		return;
	p->stmt.unresolved &= (uint8_t)~UNRESOLVED_DST;
	if (parse_has_error(p))
		return;
	word = parse_quote(p, dst);
	parse_error(p, PARSE_SYNTAX, dst, "the destination address is missing before %s", buf_str(&word));
	buf_free(&word);
}

void parse_spi(struct parse *p, struct span at)
{
	parse_check_destination(p);
	parse_part_number(p, PART_SPI, at, UINT32_MAX, "SPI", &p->stmt.sa.spi);
}

void parse_mode(struct parse *p, struct span word)
{
	int mode = parse_mode_word(p, word, "any, transport or tunnel");

	parse_record(p, PART_MODE, word);
	if (mode >= 0)
		p->stmt.sa.mode = (uint8_t)mode;
}

void parse_reqid(struct parse *p, struct span at)
{
	parse_part_number(p, PART_REQID, at, UINT32_MAX, "reqid", &p->stmt.sa.reqid);
}

void parse_window(struct parse *p, struct span at)
{
	parse_part_number(p, PART_WINDOW, at, 4096, "replay window", &p->stmt.sa.window);
}

void parse_esn(struct parse *p, struct span at)
{
	parse_record(p, PART_ESN, at);
	p->stmt.sa.flags |= SA_F_ESN;
}

void parse_natt(struct parse *p, bool dst, struct span word, struct span port)
{
	uint64_t n;

	struct addr original;

	/* Linux does not use these original addresses, but a wrong one is still reported. */
	p->stmt.sa.encap = ENCAP_ESPINUDP;
	if (!parse_numeric_addr(p, &original, word))
		parse_refuse_addr(p, word, "-natt takes numeric addresses");
	if (parse_is(p, port, "any"))
		return;
	if (!parse_all_digits(p, port))
		parse_error(p, PARSE_RANGE, port, "-natt takes ports as numbers");
	else if (parse_number(p, port, 65535, "port", &n))
		*(dst ? &p->stmt.sa.natt_dport : &p->stmt.sa.natt_sport) = (uint16_t)n;
}

void parse_icv(struct parse *p, struct span at)
{
	uint32_t bits = 0;

	parse_part_number(p, PART_ICV, at, 512, "ICV length in bits", &bits);
	p->stmt.sa.authicv = (uint16_t)bits;
}

void parse_replay(struct parse *p, struct span out, struct span in)
{
	struct attrs *x = parse_use_attr(p, ATTR_REPLAY);

	parse_record(p, PART_REPLAY, out);
	parse_number(p, out, UINT64_MAX, "sequence number", &x->replay_out);
	parse_number(p, in, UINT64_MAX, "sequence number", &x->replay_in);
}

void parse_coaddr(struct parse *p, struct span word)
{
	parse_record(p, PART_COADDR, word);
	if (!parse_numeric_addr(p, &parse_use_attr(p, ATTR_COADDR)->coaddr, word))
		parse_refuse_addr(p, word, "a care-of address is a numeric address");
}

void parse_offload(struct parse *p, struct span kind, struct span device, struct span dir)
{
	struct attrs *x = parse_use_attr(p, ATTR_OFFLOAD);
	bool packet = parse_is(p, kind, "packet"), in = parse_is(p, dir, "in");

	parse_record(p, PART_OFFLOAD, device);
	p->stmt.unresolved |= UNRESOLVED_DEVICE;
	x->offload = (uint8_t)((packet ? OFFLOAD_PACKET : 0) | (in ? OFFLOAD_IN : 0));
	if (!packet && !parse_is(p, kind, "crypto"))
		parse_error(p, PARSE_UNKNOWN, kind, "unknown kind of offload, expected crypto or packet");
	if (!in && !parse_is(p, dir, "out"))
		parse_error(p, PARSE_UNKNOWN, dir, "unknown direction of an SA, expected in or out");
}

/*
 * Looks up an algorithm. The last one of each kind is cached, because most files use the same in all
 * statements.
 */
static const struct alg *find_alg(struct parse *p, enum alg_kind kind, struct text t, uint16_t *icv)
{
	struct alg_cache *l = &p->latest[kind];

	if (l->alg == NULL || l->word.len != t.len || memcmp(l->word.p, t.p, t.len) != 0) {
		l->word = t;
		l->alg = alg_find(kind, t.p, t.len, &l->icv);
	}
	*icv = l->icv;
	return l->alg;
}

void parse_alg(struct parse *p, enum part part, struct span word)
{
	enum alg_kind kind = part == PART_ENC ? ALG_ENC : part == PART_AUTH ? ALG_AUTH : ALG_COMP;
	struct sa *sa = &p->stmt.sa;
	uint16_t icv;
	const struct alg *alg = find_alg(p, kind, parse_word(p, word), &icv);

	parse_record(p, part, word);
	if (alg == NULL) {
		parse_unknown_alg(p, kind, word, word);
	} else if (part == PART_AUTH) {
		sa->auth = alg;
		if (icv != 0 && sa->authicv != 0 && icv != sa->authicv)
			parse_error_hint(p, word, "-icv and the algorithm's name give different lengths",
			             "leave one of them out");
		sa->authicv = icv != 0 ? icv : sa->authicv;
	} else if (part == PART_ENC) {
		sa->enc = alg;
	} else {
		sa->comp = alg;
	}
}

bool parse_key_bytes(struct parse *p, struct span at, struct text key, uint8_t *to, uint32_t *n)
{
	bool quoted = key.p[0] == '"';

	*n = quoted ? key.len - 2 : (key.len - 1) / 2;
	if (*n > KEY_MAX)
		parse_error(p, PARSE_RANGE, at, "no algorithm takes a key of %u bytes", *n);
	else if (quoted)
		memcpy(to, key.p + 1, *n);
	else
		hex_decode(to, key.p + 2, key.len - 2);
	return *n <= KEY_MAX;
}

/* Appends the key to sa->key. The encryption key comes first, because -E is written before -A. */
void parse_key(struct parse *p, enum part part, struct span at)
{
	struct sa *sa = &p->stmt.sa;
	bool enc = part == PART_ENCKEY, missing = false;
	struct text key = { parse_text(p, at), at.len };
	uint8_t *to = sa->key + (sa->encbits + sa->authbits) / 8;
	uint32_t n;

	parse_record(p, part, at);
	if (key.p[0] == '$') {
		parse_error_hint(p, at, "a word from define cannot be a key",
		             "define the key with `key NAME 0x...;` and write @NAME");
		return;
	}
	if (key.p[0] == '@' ? parse_key_reference(p, at, to, &n, &missing) :
	                      parse_key_bytes(p, at, key, to, &n))
		*(enc ? &sa->encbits : &sa->authbits) = (uint16_t)(n * 8);
	p->stmt.no_enckey |= missing && enc;
	p->stmt.no_authkey |= missing && !enc;
}

void parse_rawcpi(struct parse *p)
{
	p->stmt.sa.flags |= SA_F_RAWCPI;
}
