/* SPDX-License-Identifier: ISC */
/*
 * What the files of config/ that read a text share: the statement being read, and what the grammar and the
 * scanner call. For these and grammar/ alone.
 */
#ifndef CONFIG_PARSE_INTERNAL_H
#define CONFIG_PARSE_INTERNAL_H

#include "config/parse.h"
#include "model/names.h"

/* Rows of parse_rules. */
enum parse_rule {
	PARSE_SYNTAX, PARSE_BACKSLASH, PARSE_UNCLOSED, PARSE_NOT_SETKEY, PARSE_IGNORED, PARSE_ODD_BYTES, PARSE_DOS_LINES,
	PARSE_RANGE, PARSE_UNKNOWN, PARSE_ADDRESS, PARSE_KEY_FORM, PARSE_UNDEFINED, PARSE_TWICE, PARSE_NAMED_FILE, PARSE_OPEN_KEYS,
};

enum parse_warning { WARN_CR, WARN_BACKSLASH, WARN_COMMENT, WARN_MAX };

/* The last algorithm looked up, one for each of -E, -A and -C. */
struct alg_cache {
	struct text word;
	const struct alg *alg; /* NULL: none yet */
	uint16_t icv;
};

struct parse {
	const struct parse_opts *opts;
	struct source *src;
	struct conf *conf;
	struct diags *diags;
	void *scanner;
	struct stmt stmt;       /* the one being read */
	struct attrs attrs;     /* of stmt, if it has any */
	struct part_at part[2 * PART_MAX];
	unsigned nparts;
	uint64_t parts_seen[(PART_MAX + 63) / 64]; /* a bit for each part */
	size_t errors;          /* of the diagnostics when the statement began */
	bool open;              /* between a verb and its ';' */
	bool in_selector;       /* the range being read is of an SA's selector */
	bool keys_only;         /* src is a key file */
	struct span name, value; /* of a directive: define, key, keys, include */
	struct alg_cache latest[ALG_COMP + 1];
	/* exit has been read, or the file is something else altogether: say no more */
	bool stop;
	bool looked;            /* for what the text is, if it is no setkey file */
	bool masked;            /* a key that is masked has been found fault with */
	bool warned[WARN_MAX];
};

struct value {
	int number;
};

/* parse.c: the text, findings, and the course of reading. */

/* The bytes at the span; more of the text follows them. */
const char *parse_text(const struct parse *p, struct span at);

/* The word at the span, or the value of $NAME. */
struct text parse_word(const struct parse *p, struct span at);
bool parse_is(const struct parse *p, struct span at, const char *word);

/* True if there are decimal digits and nothing else. */
bool parse_is_decimal(struct text t);
bool parse_all_digits(const struct parse *p, struct span at);

/* The user's word for a message, masked where it is a key; the caller frees. */
struct buf parse_quote(struct parse *p, struct span at);

/* Adds a finding, unless reading has stopped or the place has one. */
void parse_error(struct parse *p, enum parse_rule rule, struct span at, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));

/* Adds a syntax error with a hint, which may be NULL, unless the statement has an error already. */
void parse_error_hint(struct parse *p, struct span at, const char *message, const char *hint);

/* True once something in this statement was found wrong: what follows from that is not worth saying. */
bool parse_has_error(const struct parse *p);

/* True if the statement has the part. */
static inline bool parse_has_part(const struct parse *p, enum part part)
{
	return p->parts_seen[part / 64] >> part % 64 & 1;
}

/* Records the place of a part; of a part given twice, the last place. */
void parse_record(struct parse *p, enum part part, struct span at);

/* The statement is complete: stores it, or does what it says of the text. */
void parse_end(struct parse *p, struct span at);

/* Forgets the statement, complete or not: the next one can begin. */
void parse_resume(struct parse *p);

/* Reads a file that src names, from the statement being read. */
void parse_included(struct parse *p, struct source *src, bool keys_only);

/* tokens.c, for grammar/setkey.l: what tokens are. */

int parse_verb(struct parse *p, struct span at);

/*
 * The token of the option that the bytes begin with, the longest; *n is its length, and *number the place of
 * the attribute or limit in its table.
 */
int parse_option(struct parse *p, struct span at, uint32_t *n, int *number);

/* T_HEX, or T_WORD if anything but hex digits follows 0x; *n is the length of the token. */
int parse_hex(struct parse *p, struct span at, uint32_t *n);
bool parse_is_hwif(struct parse *p, struct span at);

void parse_warn_once(struct parse *p, enum parse_warning what, struct span at);
void parse_bad_option(struct parse *p, struct span at);
void parse_open_quote(struct parse *p, struct span at);
void parse_stray(struct parse *p, struct span at);

/* Finds fault with a comment of another language. */
void parse_comment(struct parse *p, struct span at);

/* True, after a finding, if the line is the first and is meant to be #!/usr/sbin/setkey -f. */
bool parse_first_line(struct parse *p, struct span line);

/*
 * True, after a finding, if it is at the beginning, where nothing has to be skipped for it; else as
 * parse_stray.
 */
bool parse_byte_order_mark(struct parse *p, struct span at);

/* syntax_error.c */

/* A token of the grammar: T_... or a character; its name is for messages alone. */
struct expected_token {
	int token;
	const char *name;
};

/* The token found, and the n that would have been accepted in its place. */
void parse_syntax_error(struct parse *p, struct span at, int found, const struct expected_token *tokens,
                        int n);

/*
 * True, after a finding, if a line up to here begins with the first word of another statement: the one being
 * read has not been ended. Not if the statement has an error already.
 */
bool parse_missing_end(struct parse *p, struct span at);

/* build.c, for grammar/setkey.y: the parts that SAs and policies have in common. */

void parse_addr(struct parse *p, enum part part, struct span word);
void parse_prefix(struct parse *p, enum part part, struct span number);
void parse_port(struct parse *p, enum part part, struct span word);
void parse_port_mask(struct parse *p, enum part part, struct span number);
void parse_upper(struct parse *p, struct span word);
void parse_flag(struct parse *p, struct span word);
void parse_limit(struct parse *p, const struct limit *limit, struct span number);

/* mask: of no length where none is given. */
void parse_attr(struct parse *p, enum attr_id id, struct span value, struct span mask);
void parse_selector(struct parse *p, struct span at, bool begin);
void parse_context(struct parse *p, struct span doi, struct span alg, struct span label);
void parse_ignored(struct parse *p, struct span at);

/* build_sa.c, for grammar/setkey.y: the parts that SAs alone have. */

void parse_proto(struct parse *p, struct span word);
void parse_oa(struct parse *p, struct span word);
void parse_spi(struct parse *p, struct span number);
void parse_mode(struct parse *p, struct span word);
void parse_reqid(struct parse *p, struct span number);
void parse_window(struct parse *p, struct span number);
void parse_esn(struct parse *p, struct span at);
void parse_natt(struct parse *p, bool dst, struct span word, struct span port);
void parse_icv(struct parse *p, struct span number);
void parse_replay(struct parse *p, struct span out, struct span in);
void parse_coaddr(struct parse *p, struct span word);
void parse_offload(struct parse *p, struct span kind, struct span device, struct span dir);
void parse_alg(struct parse *p, enum part part, struct span word);
void parse_key(struct parse *p, enum part part, struct span key);
void parse_rawcpi(struct parse *p);

/*
 * The bytes of a key as it is written, 0x... or "...", at most KEY_MAX at to; false after a finding at the
 * span.
 */
bool parse_key_bytes(struct parse *p, struct span at, struct text key, uint8_t *to, uint32_t *n);

/* build_policy.c, for grammar/setkey.y: the parts that policies alone have. */

void parse_index(struct parse *p, struct span number);
void parse_upper_spec(struct parse *p, struct span word);
void parse_tag(struct parse *p, struct span word, struct span tag);
void parse_dir(struct parse *p, struct span word);
void parse_priority(struct parse *p, struct span base, int sign, struct span number);
void parse_action(struct parse *p, struct span word);
void parse_no_action(struct parse *p, struct span at);
void parse_request(struct parse *p, struct span proto, struct span mode);

/* A port of length 0 was not given. */
void parse_endpoints(struct parse *p, struct span src, struct span sport, struct span dst, struct span dport);
void parse_level(struct parse *p, struct span word);
void parse_request_done(struct parse *p, struct span at);

/* build.c, for the other files that build: how words are read. */

/* The number at the span, decimal or 0x, at most max; false after a finding that calls it what. */
bool parse_number(struct parse *p, struct span at, uint64_t max, const char *what, uint64_t *out);

/* Records a part that is a number of up to 32 bits, and reads it. */
void parse_part_number(struct parse *p, enum part part, struct span at, uint32_t max, const char *what,
                       uint32_t *to);

/* False, without a finding: it is no address in numbers. */
bool parse_numeric_addr(const struct parse *p, struct addr *a, struct span word);

/* Finds fault with a word where only a numeric address can be; otherwise: what to say if nothing better. */
void parse_refuse_addr(struct parse *p, struct span word, const char *otherwise);

/* The number of one of the table's words, or -1 after a finding that lists them. */
int parse_fixed_word(struct parse *p, const struct name *table, const char *what, struct span word);

/* The mode, or -1 after a finding; wanted: the words that it could be. */
int parse_mode_word(struct parse *p, struct span word, const char *wanted);

/* The optional attributes, from now on part of the statement; the second sets one as given. */
struct attrs *parse_use_attrs(struct parse *p);
struct attrs *parse_use_attr(struct parse *p, enum attr_id id);

/* The upper-layer protocols that are words of the language: /etc/protocols is not asked for them. */
extern const struct name parse_uppers[];

/* Hints at the word, and is true, if what is at the span differs from it only in upper case, - and _. */
bool parse_hint_spelling(struct parse *p, const char *word, struct span at);

/* The same for each word of the table. */
void parse_hint_case(struct parse *p, const struct name *table, struct span word);

/* sniff.c, misread_*.c, unknown_alg.c: what of another program's language a mistake is. */

/* True, after a finding, if the text is something else altogether, or has been found wrong before. */
bool parse_recognise(struct parse *p, struct span at);

/* Something that is no text at all gets one sentence, not one for each of its bytes. */
bool parse_is_binary(struct parse *p);

/* Finds fault with the name of an algorithm; whole is it and what belongs to it: esp-aes 256. */
void parse_unknown_alg(struct parse *p, enum alg_kind kind, struct span word, struct span whole);

/*
 * True, after a finding, if the place is in or just behind the name of an algorithm that is not ours, behind
 * -E, -A or -C.
 */
bool parse_misread_alg(struct parse *p, struct span at);

/* True, after a finding, if an address there is written as another program has it. */
bool parse_misread_range(struct parse *p, struct span at);

/* The word at the place is where a key is expected. */
bool parse_key_is_due(const struct parse *p, struct span at);

/* True, after a finding, if a key is due there and the text is none, or goes on where a key has ended. */
bool parse_misread_key(struct parse *p, struct span at);

/* include.c: define, key, keys and include. */

void parse_directive(struct parse *p, struct span name, struct span value);

/* Does what the directive says that has been read: binds names, reads files. */
void parse_run_directive(struct parse *p);

/* True if a file of keys that cannot be read, -errno, need not be there or is not for us to read. */
bool parse_may_miss(const struct parse *p, int err);

/* False, after a finding: others may read or write the file, which holds keys. */
bool parse_is_private(struct parse *p, const struct source *file, struct span at);

/* The file of that name, relative to where src is; the caller frees. */
struct buf parse_path(const struct source *src, const char *name, size_t n);

/* variables.c: the values of $NAME and @NAME. */

/* The token of the value of $NAME. */
int parse_variable(struct parse *p, struct span at);

/* The key that @NAME, @file:PATH or @cred:NAME refers to; *missing: it is not there and need not be. */
bool parse_key_reference(struct parse *p, struct span at, uint8_t *to, uint32_t *n, bool *missing);

/* Adds to the latest finding, which is about the word at the span, where $NAME or @NAME gets its value. */
void parse_note_binding(const struct conf *conf, struct diags *diags, struct source *src, struct span at);

/* True if there is a credential of that name. */
bool parse_has_credential(const char *name, size_t n);

/* Reports that $NAME or @NAME is not defined. */
void parse_undefined(struct parse *p, struct span at);

/* vocabulary.c */

/* What is known to be no key: the words of the language, and the names in struct variables. */
extern const struct vocabulary parse_vocabulary;

/* A word or the name of a file for a message, masked where it may be a key; the caller frees. */
struct buf parse_shown(const struct parse *p, const char *word, size_t n);
struct buf parse_shown_path(const struct parse *p, const char *path);

#endif
