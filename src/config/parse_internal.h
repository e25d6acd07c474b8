/* SPDX-License-Identifier: ISC */
/*
 * What the files of config/ that read a text share: the state of the parser, and the functions that the
 * grammar and the scanner call. Include it only in config/ and grammar/.
 */
#ifndef CONFIG_PARSE_INTERNAL_H
#define CONFIG_PARSE_INTERNAL_H

#include "config/parse.h"
#include "model/names.h"

/* Indexes of parse_rules. */
enum parse_rule {
	PARSE_SYNTAX, PARSE_BACKSLASH, PARSE_UNCLOSED, PARSE_NOT_SETKEY, PARSE_IGNORED, PARSE_ODD_BYTES, PARSE_DOS_LINES,
	PARSE_RANGE, PARSE_UNKNOWN, PARSE_ADDRESS, PARSE_KEY_FORM, PARSE_UNDEFINED, PARSE_TWICE, PARSE_NAMED_FILE, PARSE_OPEN_KEYS,
};

enum parse_warning { WARN_CR, WARN_BACKSLASH, WARN_COMMENT, WARN_MAX };

/* The algorithm looked up last; one cache for each kind. */
struct alg_cache {
	struct text word;
	const struct alg *alg; /* NULL: the cache is empty */
	uint16_t icv;
};

struct parse {
	const struct parse_opts *opts;
	struct source *src;
	struct conf *conf;
	struct diags *diags;
	void *scanner;
	struct stmt stmt;       /* the statement being read */
	struct attrs attrs;     /* optional attributes of stmt, if it has any */
	struct part_at part[2 * PART_MAX];
	unsigned nparts;
	uint64_t parts_seen[(PART_MAX + 63) / 64]; /* bit set: enum part of the parts recorded */
	size_t errors;          /* number of errors in diags when the statement began */
	bool open;              /* a verb has been read, but not yet its ';' */
	bool in_selector;       /* the range being read belongs to the selector of an SA */
	bool keys_only;         /* src is a key file */
	struct span name, value; /* the operands of define, key, keys or include */
	struct alg_cache latest[ALG_COMP + 1];
	/* exit has been read, or the text is not a setkey file: report nothing more */
	bool stop;
	bool foreign_checked;   /* the check for files of other programs has been made */
	bool masked_reported;   /* a masked key has been reported */
	bool warned[WARN_MAX];
};

struct value {
	int number;
};

/* parse.c: the text, findings and statements. */

/* The text that begins at the span. It is not terminated at the end of the span. */
const char *parse_text(const struct parse *p, struct span at);

/* The word at the span or, if it is $NAME, the value of that name. */
struct text parse_word(const struct parse *p, struct span at);
bool parse_is(const struct parse *p, struct span at, const char *word);

/* True if the text is not empty and has decimal digits only. */
bool parse_is_decimal(struct text t);
bool parse_all_digits(const struct parse *p, struct span at);

/* The user's word, quoted for a message and masked if it may be a key. The caller frees it. */
struct buf parse_quote(struct parse *p, struct span at);

/*
 * Adds a finding, unless reading has stopped. If an unknown word (PARSE_UNKNOWN) begins another statement,
 * the finding is the missing ';' before it.
 */
void parse_error(struct parse *p, enum parse_rule rule, struct span at, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));

/* Adds a syntax error, unless the statement has an error already. hint may be NULL. */
void parse_error_hint(struct parse *p, struct span at, const char *message, const char *hint);

/* True if an error was found in this statement. Further errors are then likely to be consequences of it. */
bool parse_has_error(const struct parse *p);

/* True if the statement has the part. */
static inline bool parse_has_part(const struct parse *p, enum part part)
{
	return p->parts_seen[part / 64] >> part % 64 & 1;
}

/* Records the place of a part. If a part is given twice, the last place counts. */
void parse_record(struct parse *p, enum part part, struct span at);

/* Ends a complete statement: stores it, or runs it if it is a directive. */
void parse_end(struct parse *p, struct span at);

/* Discards the current statement, complete or not, so that the next one can begin. */
void parse_resume(struct parse *p);

/* Reads the file src, which the current statement includes. */
void parse_included(struct parse *p, struct source *src, bool keys_only);

/* tokens.c, called by grammar/setkey.l: finds the kind of a token. */

int parse_verb(struct parse *p, struct span at);

/*
 * Returns the token of the longest option that the text begins with. *n is its length; for an attribute or a
 * limit *number is its index in attr_table or limits.
 */
int parse_option(struct parse *p, struct span at, uint32_t *n, int *number);

/* Returns T_HEX, or T_WORD if anything but hex digits follows 0x. *n is the length of the token. */
int parse_hex(struct parse *p, struct span at, uint32_t *n);
bool parse_is_hwif(struct parse *p, struct span at);

void parse_warn_once(struct parse *p, enum parse_warning what, struct span at);
void parse_bad_option(struct parse *p, struct span at);
void parse_open_quote(struct parse *p, struct span at);
void parse_stray(struct parse *p, struct span at);

/* Reports a comment in the notation of another language. */
void parse_comment(struct parse *p, struct span at);

/* True, after a finding, if the line is a malformed #!/usr/sbin/setkey -f, or a comment after a "!". */
bool parse_first_line(struct parse *p, struct span line);

/*
 * Reports a byte order mark. True if it is at the beginning of the text, where reading continues with the
 * next byte; otherwise the same as parse_stray().
 */
bool parse_byte_order_mark(struct parse *p, struct span at);

/* syntax_error.c */

/* A token that the grammar expects: T_... or a character. name is for messages only. */
struct expected_token {
	int token;
	const char *name;
};

/* Reports the token found at the span; tokens are the n tokens that were expected instead. */
void parse_syntax_error(struct parse *p, struct span at, int found, const struct expected_token *tokens,
                        int n);

/*
 * True, after a finding, if a line of the current statement, up to the span, begins with the verb of another
 * statement, so that a ';' is missing. False if the statement already has an error.
 */
bool parse_missing_end(struct parse *p, struct span at);

/* build.c, called by grammar/setkey.y: the parts that SAs and policies have in common. */

void parse_addr(struct parse *p, enum part part, struct span word);
void parse_prefix(struct parse *p, enum part part, struct span number);
void parse_port(struct parse *p, enum part part, struct span word);
void parse_port_mask(struct parse *p, enum part part, struct span number);
void parse_upper(struct parse *p, struct span word);
void parse_flag(struct parse *p, struct span word);
void parse_limit(struct parse *p, const struct limit *limit, struct span number);

/* mask has length 0 if none is given. */
void parse_attr(struct parse *p, enum attr_id id, struct span value, struct span mask);
void parse_selector(struct parse *p, struct span at, bool begin);
void parse_context(struct parse *p, struct span doi, struct span alg, struct span label);
void parse_ignored(struct parse *p, struct span at);

/* build_sa.c, called by grammar/setkey.y: the parts that only SAs have. */

void parse_proto(struct parse *p, struct span word);
void parse_oa(struct parse *p, struct span word);

/* In "add SRC esp 0x1000" the word esp is the protocol, not a host name: reports the missing destination. */
void parse_check_destination(struct parse *p);

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
 * Copies the bytes of a key in the notation 0x... or "..." to the buffer at to, of KEY_MAX bytes; *n is their
 * number. False after a finding at the span.
 */
bool parse_key_bytes(struct parse *p, struct span at, struct text key, uint8_t *to, uint32_t *n);

/* build_policy.c, called by grammar/setkey.y: the parts that only policies have. */

void parse_index(struct parse *p, struct span number);
void parse_upper_spec(struct parse *p, struct span word);
void parse_tag(struct parse *p, struct span word, struct span tag);
void parse_dir(struct parse *p, struct span word);
void parse_priority(struct parse *p, struct span base, int sign, struct span number);
void parse_action(struct parse *p, struct span word);
void parse_no_action(struct parse *p, struct span at);
void parse_request(struct parse *p, struct span proto, struct span mode);

/* A port that is not given has length 0. */
void parse_endpoints(struct parse *p, struct span src, struct span sport, struct span dst, struct span dport);
void parse_level(struct parse *p, struct span word);
void parse_request_done(struct parse *p, struct span at);

/* build.c, called by the other build files: reads words. */

/*
 * Reads a decimal or 0x number of at most max into *out. False after a finding, in which what names the
 * number.
 */
bool parse_number(struct parse *p, struct span at, uint64_t max, const char *what, uint64_t *out);

/* Records the part and reads its number, of at most 32 bits, into *to. */
void parse_part_number(struct parse *p, enum part part, struct span at, uint32_t max, const char *what,
                       uint32_t *to);

/* Reads a numeric address. False, without a finding, if the word is not one. */
bool parse_numeric_addr(const struct parse *p, struct addr *a, struct span word);

/*
 * Reports a word where only a numeric address is allowed. otherwise is the message if misread_address() has
 * none.
 */
void parse_refuse_addr(struct parse *p, struct span word, const char *otherwise);

/*
 * Returns the number of a word of the table, or -1 after a finding that lists the words; what names their
 * kind.
 */
int parse_fixed_word(struct parse *p, const struct name *table, const char *what, struct span word);

/* Returns the mode, or -1 after a finding; wanted lists the possible words. */
int parse_mode_word(struct parse *p, struct span word, const char *wanted);

/* Return the optional attributes and make them part of the statement. The second also marks one as given. */
struct attrs *parse_use_attrs(struct parse *p);
struct attrs *parse_use_attr(struct parse *p, enum attr_id id);

/* The upper-layer protocols that are words of the language. They are not looked up in /etc/protocols. */
extern const struct name parse_uppers[];

/* True, after adding a hint, if the text at the span differs from the word only in case, - and _. */
bool parse_hint_spelling(struct parse *p, const char *word, struct span at);

/* Adds the same hint for the first word of the table that fits. */
void parse_hint_case(struct parse *p, const struct name *table, struct span word);

/* sniff.c, misread_*.c, unknown_alg.c: recognise the notation of other programs in a mistake. */

/*
 * True, after a finding, if the text is not a setkey file or contains a placeholder. Also true if the
 * statement already has an error.
 */
bool parse_recognise(struct parse *p, struct span at);

/* True, after one finding, if the text is binary or UTF-16. */
bool parse_is_binary(struct parse *p);

/*
 * Reports the word, an unknown name of an algorithm. whole also includes a number that belongs to it (esp-aes
 * 256).
 */
void parse_unknown_alg(struct parse *p, enum alg_kind kind, struct span word, struct span whole);

/*
 * True, after a finding, if the span is in or just after a foreign name of an algorithm after -E, -A or -C.
 */
bool parse_misread_alg(struct parse *p, struct span at);

/* True, after a finding, if there is an address in the notation of another program at the span. */
bool parse_foreign_address(struct parse *p, struct span at);

/* True if a key is expected at the span. */
bool parse_key_is_due(const struct parse *p, struct span at);

/* True, after a finding, if there is a malformed key at the span, or a further group of its digits. */
bool parse_misread_key(struct parse *p, struct span at);

/* include.c: define, key, keys and include. */

void parse_directive(struct parse *p, struct span name, struct span value);

/* Runs the directive that has just been read: defines names or reads files. */
void parse_run_directive(struct parse *p);

/* True if a file of keys that failed to open with err (-errno) may be missing or unreadable in this run. */
bool parse_may_miss(const struct parse *p, int err);

/* False, after a finding, if others may read or write the file, which contains keys. */
bool parse_is_private(struct parse *p, const struct source *file, struct span at);

/* Returns the path of the file called name, relative to the directory of src. The caller frees it. */
struct buf parse_path(const struct source *src, const char *name, size_t n);

/* variables.c: the values of $NAME and @NAME. */

/* Returns the token of the value of $NAME, YYerror after a finding. */
int parse_variable(struct parse *p, struct span at);

/*
 * Copies the key that @NAME, @file:PATH or @cred:NAME refers to; the buffer at to has KEY_MAX bytes. False
 * after a finding, or with *missing set if the key does not exist and need not exist.
 */
bool parse_key_reference(struct parse *p, struct span at, uint8_t *to, uint32_t *n, bool *missing);

/*
 * If the word at the span is $NAME or @NAME, adds a note to the latest finding that tells where it is
 * defined.
 */
void parse_note_binding(const struct conf *conf, struct diags *diags, struct source *src, struct span at);

/* True if there is a systemd credential of that name. */
bool parse_has_credential(const char *name, size_t n);

/* Reports that the $NAME or @NAME at the span is not defined. */
void parse_undefined(struct parse *p, struct span at);

/* known_words.c */

/* Words that are known not to be keys: the words of the language, and the names in struct variables. */
extern const struct vocabulary parse_vocabulary;

/* Return a word, or the path of a file, for a message, masked if it may be a key. The caller frees it. */
struct buf parse_shown(const struct parse *p, const char *word, size_t n);
struct buf parse_shown_path(const struct parse *p, const char *path);

#endif
