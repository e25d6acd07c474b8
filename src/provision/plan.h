/* SPDX-License-Identifier: ISC */
/* The parts of setkey keygen: keys, key files, and the configurations of hosts that share keys. */
#ifndef PROVISION_PLAN_H
#define PROVISION_PLAN_H

#include "base/files.h"
#include "base/hash.h"
#include "model/alg.h"
#include "run/settings.h"

/* The options of keygen. Strings are as given and borrowed, NULL if not given. */
struct keygen_choices {
	const struct settings *settings;
	bool allow_weak;     /* DES and 3DES too */
	bool force;          /* replace files that exist */
	bool pair, rotate, derive;
	bool no_flush;       /* other files are loaded as well */
	const char *secret_file, *context, *epoch, *keys_file;
	const char *mesh, *out, *out_a, *out_b, *alg, *upper, *port, *spi_range, *name;
	struct words net_a, net_b, avoid;
	uint8_t mode, proto; /* 0: not given */
	bool has_reqid;
	uint32_t reqid;
};

/* --pair A B and --mesh=HOSTS; each returns a status. */
int keygen_pair(const struct keygen_choices *o, int argc, char **argv);
int keygen_mesh(const struct keygen_choices *o, int argc);

/* What key is to be made. */
struct key_spec {
	const struct alg *alg; /* NULL: no key */
	const char *word;      /* the user's name for the algorithm, n bytes; borrowed */
	size_t n;
	uint16_t icvbits;      /* from the name, or 0 */
	unsigned bits;         /* including the salt; 0: the algorithm takes no key */
};

/* Reads NAME or NAME:BITS, n bytes. BITS may include the salt or not. False after complaining. */
bool newkey_read(struct key_spec *k, const char *word, size_t n, bool allow_weak);

/* Fills in k->bits / 8 random bytes, never a weak key of the algorithm. Returns 0 or -errno. */
int newkey_fill(const struct key_spec *k, uint8_t *to);

/* Adjusts given bytes to the algorithm (the parity of DES); false if they are a weak key. */
bool newkey_form(const struct key_spec *k, uint8_t *bytes);

/* A file of key statements to which more are added, all or none. */
struct keyfile {
	const char *name;
	struct source was;    /* what the file contains */
	bool there;
	struct buf more;      /* the statements to be added */
};

/*
 * Reads the file, if it exists. The caller has locked its folder, and calls keyfile_free in any case. Returns
 * a status after complaining.
 */
int keyfile_open(struct keyfile *k, const char *name);
void keyfile_free(struct keyfile *k);

void keyfile_add(struct keyfile *k, const char *name, size_t n, const uint8_t *key, unsigned bits);

/*
 * Adds the new text of the key file to files, unless a name in it has a key already. Returns a status after
 * complaining.
 */
int keyfile_write(struct keyfile *k, const struct settings *s, struct files *files);

/*
 * An address of a host that shares keys with others. The first address of a host is the one of its name and
 * file.
 */
struct peer {
	const char *name;     /* of its host */
	size_t host;          /* the index of the first address of its host */
	struct addr addr;
	uint16_t port;        /* the only port that is protected; 0: all */
	struct addr *net;     /* networks behind the gateway; if there are none, the address itself */
	size_t nnets, capnets;
	struct source *src;   /* the host list; NULL: from the command line */
	struct span at;
	/* set for the first address of a host: the file that the host loads; NULL: none. Borrowed */
	const char *file;
};

/* Options for all hosts, and what is made for them. */
struct plan {
	const char *name;     /* NULL: none */
	struct key_spec enc, auth; /* auth.alg NULL: AEAD; enc.alg NULL: AH */
	uint8_t proto, upper;
	const char *upper_word; /* the protocol's name as given; NULL: print its number. Borrowed */
	uint8_t mode;         /* MODE_ANY: a tunnel if either end has networks */
	uint32_t reqid;       /* 0: none */
	uint32_t spi_low, spi_high;
	bool beside;          /* the host loads other files before */
	bool allow_weak, fingerprints;
	struct hash_table taken; /* SPIs in use, and derived SPIs by destination */
	struct source secret; /* keys are derived from it; no text: keys are random */
	const char *context, *epoch;
	struct peer *peer;
	size_t npeers, cap;
	uint8_t *flows;       /* the SPI and the keys from each peer to each other, see plan_flow */
	struct keyfile *keys; /* the file for the keys, which the configuration then names; NULL: none */
	bool named;           /* the configuration names its keys */
	const char *place;    /* the file in its keys statement; NULL: keys are being collected */
	unsigned accepted;    /* bits of acceptances that the text has comments for, see render.c */
};

/* The whole configuration of a host, and the three steps that lead from its old keys to new ones. */
enum phase { PHASE_WHOLE, PHASE_ADD, PHASE_SWITCH, PHASE_RETIRE };

/* Reads all options except the hosts; the caller calls plan_free. Returns a status after complaining. */
int plan_read(struct plan *p, const struct keygen_choices *o);
void plan_free(struct plan *p);

/* Marks the SPIs in the files of --avoid as in use. Returns a status after complaining. */
int plan_avoid(struct plan *p, const struct keygen_choices *o);

/* Reads the address of a host, or a network. Returns what is wrong with it, or NULL. */
const char *peer_read_addr(struct addr *a, const char *word, size_t n);
const char *peer_read_net(struct addr *a, const char *word, size_t n);

/* Adds an address as a new host. */
struct peer *plan_add_peer(struct plan *p, const char *name);

/* True if there are SAs between the two addresses: they belong to different hosts and are of one family. */
bool plan_joins(const struct plan *p, size_t i, size_t k);
void peer_add_net(struct peer *peer, const struct addr *net);

/* Reads a list of hosts. Host names are allocated from names. Faults become findings. */
void plan_read_hosts(struct plan *p, struct source *src, struct arena *names, struct diags *diags);

/* True if both have a network, or an address, of the family. */
bool peers_meet(const struct peer *a, const struct peer *b, uint8_t family);

/* The data of one direction: the SPI as a uint32_t, then the keys. flow_size: its length in bytes. */
uint8_t *plan_flow(const struct plan *p, size_t from, size_t to);
size_t flow_size(const struct plan *p);

/* Makes SPIs and keys for every direction between any two hosts. Returns a status after complaining. */
int plan_make(struct plan *p, const struct keygen_choices *o);

/*
 * A rotation: new keys for hosts that have configurations. rotation_begin, before plan_make, marks the SPIs
 * in use and refuses if an earlier rotation is not finished. rotation_write adds the files of a host, given
 * by the index of its first address. Both return a status after complaining.
 */
int rotation_begin(struct plan *p, const struct keygen_choices *o);
int rotation_write(struct plan *p, size_t i, const struct keygen_choices *o, struct files *files);

/*
 * Appends the configuration of host i for the phase; it passes lint. old: for PHASE_RETIRE, the SAs to be
 * deleted. Returns a status after complaining.
 */
int plan_text(struct plan *p, size_t i, enum phase phase, const struct conf *old, const struct settings *s,
              struct buf *out);

#endif
