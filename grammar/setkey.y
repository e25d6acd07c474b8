/* SPDX-License-Identifier: ISC */
/*
 * Turns tokens into statements; one grammar for SAs and policies. Only calls the functions that build the
 * parts: looks no names up, includes no kernel header, prints nothing.
 */

%define api.pure full
%define api.value.type {struct value}
%define api.location.type {struct span}
%define parse.error custom
%define lr.type canonical-lr
%define lr.default-reduction consistent
%locations
%expect 0
%parse-param { struct parse *p }
%lex-param { void *scanner }
%initial-action { @$ = (struct span){ 0, 0 }; }

%code requires {
#include "config/parse_internal.h"
}

%code {
#include "scanner.h"

#define YYLLOC_DEFAULT(Current, Rhs, N) \
	((Current) = (N) ? span_join(YYRHSLOC(Rhs, 1), YYRHSLOC(Rhs, N)) \
	                 : (struct span){ YYRHSLOC(Rhs, 0).off + YYRHSLOC(Rhs, 0).len, 0 })

static struct span span_join(struct span a, struct span b)
{
	return (struct span){ a.off, b.off + b.len - a.off };
}

/* yylex() gets the scanner from the parser's state p. */
#define scanner (p->scanner)

static void yyerror(const struct span *at, struct parse *p, const char *message);

/* Not inlined into its caller, so that yylex() stays within the compiler's limits for inlining here. */
__attribute__((noinline)) int yyparse(struct parse *p);

#define NOWHERE (struct span){ 0, 0 }
}

%token END 0 "end of file"
%token T_ADD "add or update" T_REF "get, getspi or delete" T_DELETEALL "deleteall" T_FLUSH "flush or dump"
%token T_SPD "spdadd, spdupdate or spddelete" T_SPDALL "spdflush or spddump" T_EXIT "exit"
%token T_UNKNOWN "an unknown word"
%token T_WORD "a word" T_NUMBER "a decimal number" T_HEX "a hex number" T_STRING "quoted text" T_PAIR "type,code"
%token T_AF "-4, -6 or -n" T_MODE "-m" T_REQID "-u" T_WINDOW "-r" T_FLAG "-f" T_LIMIT "a lifetime option"
%token T_ATTR "-if_id, -tfcpad or -seq" T_ATTR_MASKED "-mark or -omark" T_ATTR_WORD "-dir"
%token T_SELECTOR "-sel" T_REPLAY "-replay" T_COADDR "-coa" T_OFFLOAD "-offload" T_ICV "-icv" T_INDEX "-index"
%token T_CTX "-ctx" T_ESN "-esn" T_NATT "-natt" T_NATT_MTU "-natt_mtu" T_HWIF "-hwif"
%token T_ENC "-E" T_AUTH "-A" T_COMP "-C" T_RAWCPI "-R" T_KAME98 "-p" T_POLICY "-P"
%token T_PRIO "prio" T_ACTION "an action" T_PROTO "a request"
%token T_DEFINE "define" T_KEY "key" T_INCLUDE "include or keys" T_KEYREF "@NAME"

%%

file:
	%empty
|	file command ';'                { parse_end(p, span_join(@2, @3)); }
|	file error ';'                  { yyerrok; parse_resume(p); }
;

command:
	T_ADD af src dst proto spi exts algs
|	T_REF af src dst proto spi exts
|	T_REF af src dst proto spi exts alg1 { parse_error_hint(p, @8, "only add and update take an algorithm", NULL); }
|	T_DELETEALL af host-src host-dst proto { parse_check_destination(p); }
|	T_DELETEALL af host-src host-dst proto spi { parse_error_hint(p, @6, "deleteall takes no SPI", "write delete to name an SPI"); }
|	T_FLUSH proto
|	T_SPD af range-src range-dst upper spec pexts T_POLICY policy
|	T_SPD af range-src range-dst upper spec pexts {
		parse_error_hint(p, @1, "a policy statement needs -P and a direction", "write -P in, -P out or -P fwd");
	}
|	T_SPD af T_WORD T_STRING T_POLICY policy { parse_tag(p, @3, @4); }
|	T_SPDALL
|	T_EXIT
|	T_DEFINE T_WORD '=' T_WORD      { parse_directive(p, @2, @4); }
|	T_KEY T_WORD literal            { parse_directive(p, @2, @3); }
|	T_INCLUDE T_STRING              { parse_directive(p, NOWHERE, @2); }
;

af:
	%empty
|	af T_AF
;

src:
	T_WORD                          { parse_addr(p, PART_SRC, @1); }
|	T_WORD '[' port ']'             { parse_addr(p, PART_SRC, @1); parse_port(p, PART_SRC_PORT, @3); }
;

dst:
	T_WORD                          { parse_addr(p, PART_DST, @1); }
|	T_WORD '[' port ']'             { parse_addr(p, PART_DST, @1); parse_port(p, PART_DST_PORT, @3); }
;

host-src:
	T_WORD                          { parse_addr(p, PART_SRC, @1); }
;

host-dst:
	T_WORD                          { parse_addr(p, PART_DST, @1); }
;

port:
	T_WORD
|	T_NUMBER
;

range-src:
	T_WORD                          { parse_addr(p, PART_SRC, @1); }
|	T_WORD '/' T_NUMBER             { parse_addr(p, PART_SRC, @1); parse_prefix(p, PART_SRC_PREFIX, @3); }
|	T_WORD '[' ports-src ']'        { parse_addr(p, PART_SRC, @1); }
|	T_WORD '/' T_NUMBER '[' ports-src ']' { parse_addr(p, PART_SRC, @1); parse_prefix(p, PART_SRC_PREFIX, @3); }
|	T_WORD '[' ports-src ']' '/' T_NUMBER { parse_addr(p, PART_SRC, @1); parse_prefix(p, PART_SRC_PREFIX, @6); }
;

ports-src:
	port                            { parse_port(p, PART_SRC_PORT, @1); }
|	T_NUMBER '/' number             { parse_port(p, PART_SRC_PORT, @1); parse_port_mask(p, PART_SRC_PORT, @3); }
;

range-dst:
	T_WORD                          { parse_addr(p, PART_DST, @1); }
|	T_WORD '/' T_NUMBER             { parse_addr(p, PART_DST, @1); parse_prefix(p, PART_DST_PREFIX, @3); }
|	T_WORD '[' ports-dst ']'        { parse_addr(p, PART_DST, @1); }
|	T_WORD '/' T_NUMBER '[' ports-dst ']' { parse_addr(p, PART_DST, @1); parse_prefix(p, PART_DST_PREFIX, @3); }
|	T_WORD '[' ports-dst ']' '/' T_NUMBER { parse_addr(p, PART_DST, @1); parse_prefix(p, PART_DST_PREFIX, @6); }
;

ports-dst:
	port                            { parse_port(p, PART_DST_PORT, @1); }
|	T_NUMBER '/' number             { parse_port(p, PART_DST_PORT, @1); parse_port_mask(p, PART_DST_PORT, @3); }
;

proto:
	%empty
|	T_WORD                          { parse_proto(p, @1); }
|	T_WORD T_WORD                   { parse_proto(p, @1); parse_oa(p, @2); }
;

spi:
	T_NUMBER                        { parse_spi(p, @1); }
|	T_HEX                           { parse_spi(p, @1); }
;

exts:
	%empty
|	exts ext
;

ext:
	T_MODE T_WORD                   { parse_mode(p, @2); }
|	T_REQID T_NUMBER                { parse_reqid(p, @2); }
|	T_WINDOW T_NUMBER               { parse_window(p, @2); }
|	common
|	T_SELECTOR                      { parse_selector(p, @1, true); }
	range-src range-dst upper       { parse_selector(p, @1, false); }
|	T_REPLAY number '/' number      { parse_replay(p, @2, @4); }
|	T_COADDR T_WORD                 { parse_coaddr(p, @2); }
|	T_OFFLOAD T_WORD device T_WORD  { parse_offload(p, @2, @3, @4); }
|	T_ICV T_NUMBER                  { parse_icv(p, @2); }
|	T_ESN                           { parse_esn(p, @1); }
|	T_NATT T_WORD '[' port ']' T_WORD '[' port ']' { parse_natt(p, false, @2, @4); parse_natt(p, true, @6, @8); }
|	T_NATT_MTU T_NUMBER             { parse_ignored(p, @$); }
|	hwif
|	T_KAME98 T_WORD {
		parse_error_hint(p, @$, "this is the KAME syntax of 1998",
		             "write the protocol before the SPI: add SRC DST esp SPI ...");
	}
;

device:
	T_WORD
|	T_NUMBER
;

hwif:
	T_HWIF T_WORD                   { parse_ignored(p, @$); }
;

algs:
	%empty
|	alg1
|	enc auth
|	auth enc                        { parse_error_hint(p, @2, "-E must come before -A", NULL); }
;

alg1:
	enc
|	auth
|	comp
;

enc:
	T_ENC T_WORD                    { parse_alg(p, PART_ENC, @2); }
|	T_ENC T_WORD key                { parse_alg(p, PART_ENC, @2); parse_key(p, PART_ENCKEY, @3); }
;

auth:
	T_AUTH T_WORD                   { parse_alg(p, PART_AUTH, @2); }
|	T_AUTH T_WORD key               { parse_alg(p, PART_AUTH, @2); parse_key(p, PART_AUTHKEY, @3); }
;

comp:
	T_COMP T_WORD                   { parse_alg(p, PART_COMP, @2); }
|	T_COMP T_WORD T_RAWCPI          { parse_alg(p, PART_COMP, @2); parse_rawcpi(p); }
;

key:
	T_HEX
|	T_STRING
|	T_KEYREF
;

literal:
	T_HEX
|	T_STRING
;

upper:
	T_WORD                          { parse_upper(p, @1); }
|	T_NUMBER                        { parse_upper(p, @1); }
;

spec:
	%empty
|	T_WORD                          { parse_upper_spec(p, @1); }
|	T_NUMBER                        { parse_upper_spec(p, @1); }
|	T_PAIR                          { parse_upper_spec(p, @1); }
;

pexts:
	%empty
|	pexts pext
;

pext:
	common
|	T_INDEX T_NUMBER                { parse_index(p, @2); }
;

/* Options of both SAs and policies. */
common:
	T_CTX T_NUMBER T_NUMBER T_STRING { parse_context(p, @2, @3, @4); }
|	T_FLAG T_WORD                   { parse_flag(p, @2); }
|	T_LIMIT T_NUMBER                { parse_limit(p, &limits[$1.number], @2); }
|	T_ATTR number                   { parse_attr(p, $1.number, @2, NOWHERE); }
|	T_ATTR_MASKED number            { parse_attr(p, $1.number, @2, NOWHERE); }
|	T_ATTR_MASKED number '/' number { parse_attr(p, $1.number, @2, @4); }
|	T_ATTR_WORD T_WORD              { parse_attr(p, $1.number, @2, NOWHERE); }
;

number:
	T_NUMBER
|	T_HEX
;

policy:
	dir                             { parse_no_action(p, @1); }
|	dir hwif                        { parse_no_action(p, @1); }
|	dir offset                      { parse_error_hint(p, @2, "the action is missing", "write discard, none or ipsec"); }
|	dir prio T_ACTION requests      { parse_action(p, @3); }
|	dir prio T_ACTION requests hwif { parse_action(p, @3); }
|	dir prio T_WORD                 {
		parse_error_hint(p, @3, "unknown action", "write discard, none or ipsec");
	}
|	dir prio request requests       {
		parse_error_hint(p, @3, "the word ipsec is missing before the first request", "write -P DIR ipsec esp/...");
	}
|	T_ACTION                        { parse_error_hint(p, @1, "the direction is missing", "write -P in, -P out or -P fwd"); }
|	T_ACTION T_PROTO kame98 {
		parse_error_hint(p, @1, "this is the KAME syntax of 1998", "write -P in ipsec esp/transport//require");
	}
;

kame98:
	%empty
|	kame98 '/'
|	kame98 T_WORD
|	kame98 T_PROTO
;

dir:
	T_WORD                          { parse_dir(p, @1); }
;

prio:
	%empty
|	offset
;

offset:
	T_PRIO T_NUMBER                 { parse_priority(p, NOWHERE, 1, @2); }
|	T_PRIO '-' T_NUMBER             { parse_priority(p, NOWHERE, -1, @3); }
|	T_PRIO T_WORD                   { parse_priority(p, @2, 0, NOWHERE); }
|	T_PRIO T_WORD '+' T_NUMBER      { parse_priority(p, @2, 1, @4); }
|	T_PRIO T_WORD '-' T_NUMBER      { parse_priority(p, @2, -1, @4); }
;

requests:
	%empty
|	requests request
;

request:
	head                            { parse_request_done(p, @$); }
|	head '/'                        { parse_request_done(p, @$); }
|	head '/' ends                   { parse_request_done(p, @$); }
|	head '/' ends '/'               { parse_request_done(p, @$); }
|	head '/' ends '/' T_WORD        { parse_level(p, @5); parse_request_done(p, @$); }
|	head '/' '/' T_WORD             { parse_level(p, @4); parse_request_done(p, @$); }
|	head '/' T_WORD                 {
		parse_error_hint(p, @3, "a request has four parts: PROTO/MODE/SRC-DST/LEVEL", "write esp/transport//require");
		parse_request_done(p, @$);
	}
|	T_PROTO '/' '/' T_WORD          { parse_error_hint(p, @2, "a request needs a mode", "write esp/transport//require"); }
|	T_PROTO                         { parse_error_hint(p, @1, "a request needs a mode", "write esp/transport//require"); }
|	T_PROTO '/'                     { parse_error_hint(p, @$, "a request needs a mode", "write esp/transport//require"); }
;

head:
	T_PROTO '/' T_WORD              { parse_request(p, @1, @3); }
;

ends:
	T_WORD '-' T_WORD               { parse_endpoints(p, @1, NOWHERE, @3, NOWHERE); }
|	T_WORD '[' port ']' '-' T_WORD '[' port ']' { parse_endpoints(p, @1, @3, @6, @8); }
;

%%

/*
 * Returns the token that the scanner returns for a symbol of the parser. bison has a table only for the other
 * direction.
 */
static int token_of(yysymbol_kind_t symbol)
{
	int token = 0;

	while (token < YYMAXUTOK && YYTRANSLATE(token) != symbol)
		token++;
	return token;
}

static int yyreport_syntax_error(const yypcontext_t *context, struct parse *p)
{
	enum { LISTED = 32 };
	yysymbol_kind_t found = yypcontext_token(context), symbols[LISTED];
	int n = yypcontext_expected_tokens(context, symbols, LISTED);
	struct expected_token expected[LISTED];

	if (found == YYSYMBOL_YYUNDEF || found == YYSYMBOL_YYEMPTY)
		return 0;
	for (int i = 0; i < n; i++)
		expected[i] = (struct expected_token){ token_of(symbols[i]), yysymbol_name(symbols[i]) };
	parse_syntax_error(p, *yypcontext_location(context), token_of(found), expected, n);
	return 0;
}

static void yyerror(const struct span *at, struct parse *p, const char *message)
{
	parse_error_hint(p, *at, message, NULL);
}
