/* SPDX-License-Identifier: ISC */
/*
 * Looks names up: hosts, services, protocols, network devices. Runs after parsing, and is the only code that
 * asks the resolver.
 */
#include "config/resolve.h"

#include "base/memory.h"
#include "config/misread_address.h"
#include "model/names.h"
#include "text/harmless.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <inttypes.h>
#include <net/if.h>
#include <netdb.h>
#include <stdlib.h>
#include <string.h>

enum { HOST, SERVICE, PROTOCOL, FAMILY, SEVERAL, TYPE_CODE, DEVICE };

const struct rule resolve_rules[] = {
	[HOST] = { "SK018", "host-name", SEVERITY_ERROR, "a host name does not resolve" },
	[SERVICE] = { "SK019", "service-name", SEVERITY_ERROR, "a service name does not resolve" },
	[PROTOCOL] = { "SK020", "protocol-name", SEVERITY_ERROR, "an upper-layer protocol is not known" },
	[FAMILY] = { "SK313", "family", SEVERITY_ERROR, "addresses of different families" },
	[SEVERAL] = { "SK021", "several-addresses", SEVERITY_ERROR, "a name with several addresses" },
	[TYPE_CODE] = { "SK016", "upper-spec", SEVERITY_ERROR, "a type, code or key that does not fit" },
	[DEVICE] = { "SK022", "device-name", SEVERITY_ERROR, "a network device does not exist" },
	{ NULL, NULL, 0, NULL }
};

/* The statement whose names are being looked up. */
struct lookup {
	struct conf *conf;
	struct stmt *stmt;
	struct diags *diags;
	/* the resolver did not answer, so it is not asked again: waiting for every name could take hours */
	bool *silent;
	bool hosts;   /* host names are looked up */
};

__attribute__((format(printf, 4, 5)))
static void add_finding(struct lookup *l, int rule, enum part part, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	diag_vadd(l->diags, &resolve_rules[rule], l->stmt->src, stmt_part(l->stmt, part), fmt, ap);
	va_end(ap);
}

/* The word of a part as a C string. The caller frees the buffer. */
static struct buf part_word(struct lookup *l, enum part part)
{
	struct text word = conf_word(l->conf, l->stmt->src, stmt_part(l->stmt, part));
	struct buf b = { 0 };

	buf_add(&b, word.p, word.len);
	buf_str(&b);
	return b;
}

static bool addr_from_sockaddr(const struct addrinfo *ai, struct addr *a)
{
	*a = (struct addr){ .family = (uint8_t)ai->ai_family };
	if (ai->ai_family == AF_INET) {
		memcpy(a->bytes, &((const struct sockaddr_in *)(const void *)ai->ai_addr)->sin_addr, 4);
		a->plen = 32;
		return true;
	}
	if (ai->ai_family != AF_INET6)
		return false;
	memcpy(a->bytes, &((const struct sockaddr_in6 *)(const void *)ai->ai_addr)->sin6_addr, 16);
	a->scope = ((const struct sockaddr_in6 *)(const void *)ai->ai_addr)->sin6_scope_id;
	a->plen = 128;
	return true;
}

bool resolve_zoned(struct addr *a, const char *word, size_t n)
{
	const char *zone = memchr(word, '%', n);
	size_t len = zone ? (size_t)(word + n - ++zone) : 0;
	char name[IF_NAMESIZE] = "";

	if (len == 0 || len >= sizeof(name) || !addr_parse(a, word, n - len - 1) || a->family != AF_INET6)
		return false;
	memcpy(name, zone, len);
	a->scope =
	        strspn(name, "0123456789") == len ? (uint32_t)strtoul(name, NULL, 10) : if_nametoindex(name);
	return a->scope != 0;
}

static bool has_addr(const struct addr *list, uint16_t n, const struct addr *a)
{
	for (uint16_t i = 0; i < n; i++)
		if (addr_equal(&list[i], a) && list[i].scope == a->scope)
			return true;
	return false;
}

/*
 * Copies the addresses without duplicates: with -4 glibc turns the ::1 line of /etc/hosts into a second
 * 127.0.0.1.
 */
static const struct addr *collect_addrs(struct lookup *l, const struct addrinfo *list, uint16_t *n)
{
	struct addr *out, a;
	size_t most = 0;

	for (const struct addrinfo *ai = list; ai != NULL; ai = ai->ai_next)
		most++;
	out = arena_alloc(&l->conf->arena, most * sizeof(*out));
	for (const struct addrinfo *ai = list; ai != NULL && *n < UINT16_MAX; ai = ai->ai_next)
		if (addr_from_sockaddr(ai, &a) && !has_addr(out, *n, &a))
			out[(*n)++] = a;
	return out;
}

/* Adds a finding that begins with the quoted word of the part. */
static void report_not_found(struct lookup *l, int rule, enum part part, const char *what)
{
	struct buf quoted = { 0 };

	source_quote(l->stmt->src, stmt_part(l->stmt, part), &quoted);
	add_finding(l, rule, part, "\"%s\"%s", buf_str(&quoted), what);
	buf_free(&quoted);
}

/* True, after a finding, if the word cannot be a host name, so that the resolver need not be asked. */
static bool report_non_name(struct lookup *l, enum part part, const char *word)
{
	struct buf what = { 0 }, hint = { 0 };
	bool is_none = misread_address(word, strlen(word),
	                               verb_is_policy(l->stmt->verb) ? ADDRESS_RANGE : ADDRESS_HOST, &what,
	                               &hint);

	if (is_none)
		report_not_found(l, HOST, part, buf_str(&what));
	if (is_none && hint.len > 0)
		diag_hint(l->diags, "%s", buf_str(&hint));
	buf_free(&what);
	buf_free(&hint);
	return is_none;
}

/* A word in upper case, or one with an underscore, is probably a placeholder for an address. */
static bool is_placeholder(const char *word)
{
	bool lower = false, upper = false;

	for (const char *p = word; *p != '\0'; p++) {
		lower |= islower((unsigned char)*p) != 0;
		upper |= isupper((unsigned char)*p) != 0;
	}
	return strchr(word, '_') != NULL || (upper && !lower);
}

static bool is_protocol_name(const char *word)
{
	for (const struct name *n = proto_names; n->word != NULL; n++)
		if (strcasecmp(n->word, word) == 0)
			return true;
	return false;
}

static void report_unknown_host(struct lookup *l, enum part part, const char *word, int err)
{
	struct buf what = { 0 };

	buf_printf(&what, ": %s", gai_strerror(err));
	report_not_found(l, HOST, part, buf_str(&what));
	*l->silent |= err == EAI_AGAIN;
	if (err == EAI_AGAIN)
		diag_hint(l->diags, "later names were not looked up");
	else if (l->stmt->numeric)
		diag_hint(l->diags, "-n allows numeric addresses only");
	else if (l->stmt->af != AF_UNSPEC)
		diag_hint(l->diags, "-%c asks for an IPv%c address", l->stmt->af == AF_INET ? '4' : '6',
		          l->stmt->af == AF_INET ? '4' : '6');
	else if (part == PART_DST && is_protocol_name(word))
		diag_hint(l->diags, "if it is the protocol, write the destination before it");
	else if (is_placeholder(word))
		diag_hint(l->diags, "is it a placeholder? write the address in its place");
	buf_free(&what);
}

/* Returns the *n addresses of the host name at the part, NULL after a finding. The conf owns them. */
static const struct addr *look_up_host(struct lookup *l, enum part part, uint16_t *n)
{
	struct addrinfo hints = { .ai_family = l->stmt->af, .ai_socktype = SOCK_DGRAM, .ai_protocol = IPPROTO_UDP,
	                          .ai_flags = l->stmt->numeric || !l->hosts ? AI_NUMERICHOST : 0 };
	struct buf name = part_word(l, part);
	bool wrong = report_non_name(l, part, buf_str(&name));
	bool ask = !wrong && (l->stmt->numeric || !*l->silent);
	struct addrinfo *list = NULL;
	int err = !ask ? 0 : getaddrinfo(buf_str(&name), NULL, &hints, &list);
	const struct addr *found = NULL;

	*n = 0;
	l->stmt->no_address |= wrong;
	if (err != 0 && (l->hosts || l->stmt->numeric))
		report_unknown_host(l, part, buf_str(&name), err);
	else if (list != NULL)
		found = collect_addrs(l, list, n);
	if (list != NULL)
		freeaddrinfo(list);
	buf_free(&name);
	return found;
}

/* Returns the optional attributes, which it allocates at the first call. */
static struct attrs *use_attrs(struct lookup *l)
{
	if (l->stmt->attrs == NULL)
		l->stmt->attrs = arena_alloc(&l->conf->arena, sizeof(struct attrs));
	return l->stmt->attrs;
}

static struct addr *stmt_addr(struct stmt *s, bool dst)
{
	if (verb_is_policy(s->verb))
		return dst ? &s->policy.dst : &s->policy.src;
	return dst ? &s->sa.dst : &s->sa.src;
}

/* Sets an address of the statement, but keeps its port and the prefix length that was given. */
static void set_address(struct lookup *l, bool dst, const struct addr *found)
{
	struct addr *a = stmt_addr(l->stmt, dst), with = *found;
	enum part prefix = dst ? PART_DST_PREFIX : PART_SRC_PREFIX;

	with.port = a->port;
	if (stmt_has_part(l->stmt, prefix)) {
		with.plen = a->plen;
		if (a->plen > addr_bits(&with))
			add_finding(l, FAMILY, prefix, "an IPv4 prefix length is at most 32");
	}
	*a = with;
}

static void resolve_host(struct lookup *l, bool dst)
{
	struct stmt *s = l->stmt;
	enum part part = dst ? PART_DST : PART_SRC;
	uint16_t n;
	const struct addr *found = look_up_host(l, part, &n);

	if (found == NULL || n == 0)
		return;
	set_address(l, dst, &found[0]);
	if (n == 1)
		return;
	if (s->verb == VERB_DELETE || verb_is_policy(s->verb)) {
		add_finding(l, SEVERAL, part, "the name has %u addresses, %s takes one", n,
		            s->verb == VERB_DELETE ? "delete" : "a policy");
		diag_hint(l->diags, "write the address, or choose the family with -4 or -6");
		return;
	}
	if (dst) {
		use_attrs(l)->dsts = found;
		use_attrs(l)->ndsts = n;
	} else {
		use_attrs(l)->srcs = found;
		use_attrs(l)->nsrcs = n;
	}
}

static void resolve_port(struct lookup *l, bool dst)
{
	enum part part = dst ? PART_DST_PORT : PART_SRC_PORT;
	struct buf name = part_word(l, part);
	struct servent *found = getservbyname(buf_str(&name), "udp");

	if (found != NULL) {
		stmt_addr(l->stmt, dst)->port = ntohs((uint16_t)found->s_port);
	} else {
		report_not_found(l, SERVICE, part, " is not a UDP service in /etc/services");
		diag_hint(l->diags, isdigit((unsigned char)*buf_str(&name)) ?
		                            "write one port, or any: ranges are not supported" :
		                            "write the port's number");
		l->stmt->has_error = true;
	}
	buf_free(&name);
}

/* Explains a word that is no protocol: another name for one, or the name of a service. */
static void hint_upper(struct lookup *l, const char *word)
{
	static const struct { const char *word, *ours; } names[] = {
		{ "any", "any" }, { "all", "any" }, { "*", "any" }, { "icmp6", "icmp6" }, { "icmpv6", "icmp6" },
		{ "tcp6", "tcp" }, { "udp6", "udp" }, { "tcp4", "tcp" }, { "udp4", "udp" }, { "ospf6", "89" }, { "ospfv3", "89" },
		{ "ospf", "89" }, { "ospfv2", "89" }, { "mh", "135" }, { "mobility-header", "135" }, { "ip4", "4" }, { "ipip", "4" },
		{ "ipv6", "41" }, { "ip6", "41" }, { "sit", "41" }, { "gre", "47" }, { "vrrp", "112" }, { "pim", "103" }, { "igmp", "2" },
		{ "l2tpv3", "115" }, { "sctp", "132" },
	};
	const struct servent *service;

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcasecmp(names[i].word, word) == 0) {
			diag_hint(l->diags, "write %s", names[i].ours);
			return;
		}
	if ((service = getservbyname(word, NULL)) != NULL)
		diag_hint(l->diags, "write %s, and the port in brackets after an address: [%u]",
		          service->s_proto, ntohs((uint16_t)service->s_port));
}

static void resolve_upper(struct lookup *l)
{
	struct buf name = part_word(l, PART_UPPER);
	struct protoent *found = getprotobyname(buf_str(&name));

	if (found != NULL) {
		l->stmt->policy.upper = (uint8_t)found->p_proto;
	} else {
		report_not_found(l, PROTOCOL, PART_UPPER, " is not a protocol in /etc/protocols");
		hint_upper(l, buf_str(&name));
		l->stmt->has_error = true;
	}
	buf_free(&name);
}

static void resolve_natt_oa(struct lookup *l)
{
	uint16_t n;
	const struct addr *found = look_up_host(l, PART_NATT_OA, &n);

	if (found != NULL && n > 0)
		l->stmt->attrs->natt_oa = found[0];
}

/* Returns the decimal number of n digits at s, at most 10, or -1. */
static long read_digits(const char *s, size_t n)
{
	long v = 0;

	if (n == 0 || n > 10)
		return -1;
	for (size_t i = 0; i < n; i++) {
		if (!isdigit((unsigned char)s[i]))
			return -1;
		v = v * 10 + (s[i] - '0');
	}
	return v;
}

static void report_spec(struct lookup *l, const char *message)
{
	add_finding(l, TYPE_CODE, PART_UPPER_SPEC, "%s", message);
	l->stmt->has_error = true;
}

/* Port 0 means "any", but in exact mode it means 0. */
static void set_ports(struct stmt *s, uint32_t src, uint32_t dst, bool both)
{
	s->policy.sport_mask = s->exact ? UINT16_MAX : 0;
	s->policy.dport_mask = s->exact && both ? UINT16_MAX : 0;
	s->policy.src.port = (uint16_t)src;
	s->policy.dst.port = (uint16_t)dst;
}

static void set_type_code(struct lookup *l, const char *word)
{
	size_t n = strcspn(word, ",");
	long type = read_digits(word, n);
	long code = word[n] == ',' ? read_digits(word + n + 1, strlen(word + n + 1)) : 0;

	if (type < 0 || code < 0 || type > 255 || code > 255)
		report_spec(l, "expected TYPE or TYPE,CODE, each from 0 to 255");
	else
		set_ports(l->stmt, (uint32_t)type, (uint32_t)code, word[n] == ',');
}

/*
 * The 32-bit key of RFC 2890 is split over the two ports, as in the kernel's selector. The classic tool
 * accepted a number only if a comma followed.
 */
static void set_gre_key(struct lookup *l, const char *word)
{
	size_t n = strlen(word);
	long number = read_digits(word, word[n - 1] == ',' ? n - 1 : n);
	struct in_addr quad;

	if (number >= 0 && number <= UINT32_MAX)
		quad.s_addr = htonl((uint32_t)number);
	else if (strchr(word, '.') == NULL || inet_pton(AF_INET, word, &quad) != 1) {
		report_spec(l, "expected a GRE key: a number or a.b.c.d");
		return;
	}
	set_ports(l->stmt, ntohl(quad.s_addr) >> 16, ntohl(quad.s_addr) & 0xffff, true);
}

static void resolve_upper_spec(struct lookup *l)
{
	struct buf word = part_word(l, PART_UPPER_SPEC);

	switch (l->stmt->policy.upper) {
	case IPPROTO_ICMP: case IPPROTO_ICMPV6: case IPPROTO_MH:
		set_type_code(l, buf_str(&word));
		break;
	case IPPROTO_GRE:
		set_gre_key(l, buf_str(&word));
		break;
	default:
		report_spec(l, "only icmp, icmp6, mobility-header and gre take a type or key");
		diag_hint(l->diags, "write ports after the addresses: 192.0.2.1[80]");
	}
	buf_free(&word);
}

/*
 * Looks up a network device by name. A number is an index, as a dump shows it for a device that has no name.
 */
static void resolve_device(struct lookup *l)
{
	struct buf word = part_word(l, PART_OFFLOAD), shown = { 0 };
	uint32_t *device = &use_attrs(l)->device;
	long index = read_digits(buf_str(&word), word.len);

	*device = if_nametoindex(buf_str(&word));
	if (*device == 0 && index > 0 && index <= INT32_MAX)
		*device = (uint32_t)index;
	if (*device == 0) {
		harmless_put(l->stmt->src, buf_str(&word), word.len, &shown);
		add_finding(l, DEVICE, PART_OFFLOAD, "there is no network device %s", buf_str(&shown));
	}
	buf_free(&shown);
	buf_free(&word);
}

static const char *family_name(int family)
{
	return family == AF_INET ? "IPv4" : "IPv6";
}

static void check_literal_family(struct lookup *l, bool dst)
{
	const struct addr *a = stmt_addr(l->stmt, dst);

	if (a->family != 0 && l->stmt->af != AF_UNSPEC && a->family != l->stmt->af)
		add_finding(l, FAMILY, dst ? PART_DST : PART_SRC, "an %s address after %s",
		            family_name(a->family),
		            l->stmt->af == AF_INET ? "-4" : "-6");
}

static bool has_pair_of_one_family(const struct stmt *s, const struct addr *src, const struct addr *dst)
{
	const struct attrs *x = stmt_attrs(s);
	uint16_t ns = x->nsrcs ? x->nsrcs : 1, nd = x->ndsts ? x->ndsts : 1;

	for (uint16_t i = 0; i < ns; i++)
		for (uint16_t j = 0; j < nd; j++)
			if ((x->nsrcs ? x->srcs[i].family : src->family) ==
			    (x->ndsts ? x->dsts[j].family : dst->family))
				return true;
	return false;
}

static void check_families(struct lookup *l)
{
	struct addr *src = stmt_addr(l->stmt, false), *dst = stmt_addr(l->stmt, true);

	if (src->family == 0 || dst->family == 0 || has_pair_of_one_family(l->stmt, src, dst))
		return;
	add_finding(l, FAMILY, PART_DST, "the source is %s, the destination %s", family_name(src->family),
	            family_name(dst->family));
}

/* Without ports, UDP encapsulation uses port 4500 (RFC 3948). FreeBSD's -natt has set its ports already. */
static void complete_natt_ports(struct sa *sa, bool exact)
{
	enum { NATT_PORT = 4500 };

	if (sa->encap == ENCAP_NONE)
		return;
	if (sa->natt_sport == 0)
		sa->natt_sport = sa->src.port || exact ? sa->src.port : NATT_PORT;
	if (sa->natt_dport == 0)
		sa->natt_dport = sa->dst.port || exact ? sa->dst.port : NATT_PORT;
}

static void resolve_stmt(struct lookup *l)
{
	unsigned unresolved = l->stmt->unresolved;

	if (unresolved & UNRESOLVED_SRC)
		resolve_host(l, false);
	if (unresolved & UNRESOLVED_DST)
		resolve_host(l, true);
	if (unresolved & UNRESOLVED_SPORT)
		resolve_port(l, false);
	if (unresolved & UNRESOLVED_DPORT)
		resolve_port(l, true);
	if (unresolved & UNRESOLVED_UPPER)
		resolve_upper(l);
	if (unresolved & UNRESOLVED_OA)
		resolve_natt_oa(l);
	if (unresolved & UNRESOLVED_DEVICE)
		resolve_device(l);
	check_literal_family(l, false);
	check_literal_family(l, true);
	check_families(l);
	if (!verb_is_policy(l->stmt->verb))
		complete_natt_ports(&l->stmt->sa, l->stmt->exact);
	else if (unresolved & UNRESOLVED_UPPER_SPEC && !l->stmt->has_error)
		resolve_upper_spec(l);
}

void resolve_conf(struct conf *conf, bool hosts, struct diags *diags)
{
	bool silent = false;

	for (size_t i = 0; i < conf->n; i++) {
		struct lookup l = { conf, conf->stmt[i], diags, &silent, hosts };

		resolve_stmt(&l);
	}
}
