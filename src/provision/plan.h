/* SPDX-License-Identifier: ISC */
/* The parts of setkey keygen: keys, files of keys, and what hosts that share keys have to load. */
#ifndef PROVISION_PLAN_H
#define PROVISION_PLAN_H

#include "base/files.h"
#include "base/hash.h"
#include "model/alg.h"
#include "run/settings.h"

/* What the options of keygen say; words as they were given, borrowed, NULL where they were not. */
struct keygen_choices {
	const struct settings *settings;
	bool allow_weak;     /* DES and 3DES too */
	bool force;          /* files that are there give way */
	bool pair, rotate, derive;
	bool no_flush;       /* other files are loaded beside what is made */
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

/* A key that is to be made. */
struct key_spec {
	const struct alg *alg; /* NULL: no key */
	const char *word;      /* what the user called it, n bytes; borrowed */
	size_t n;
	uint16_t icvbits;      /* that the word names, or 0 */
	unsigned bits;         /* salt included; 0: the algorithm takes none */
};

/* Reads NAME or NAME:BITS, n bytes; the salt need not be counted. False after complaining. */
bool newkey_read(struct key_spec *k, const char *word, size_t n, bool allow_weak);

/* Makes k->bits / 8 random bytes, none that the algorithm is weak with. Returns 0 or -errno. */
int newkey_fill(const struct key_spec *k, uint8_t *to);

/* Gives the bytes, which come from elsewhere, the form the algorithm wants; false if it is weak with them. */
bool newkey_form(const struct key_spec *k, uint8_t *bytes);

/* A file of key statements that gets more of them: all of those or none. */
struct keyfile {
	const char *name;
	struct source was;    /* what it holds */
	bool there;
	struct buf more;      /* the statements that are added */
};

/*
 * Reads what is there, if anything is; whoever calls has locked its folder. Returns a status after
 * complaining; in any case the caller frees.
 */
int keyfile_open(struct keyfile *k, const char *name);
void keyfile_free(struct keyfile *k);

void keyfile_add(struct keyfile *k, const char *name, size_t n, const uint8_t *key, unsigned bits);

/*
 * Makes what it is to be one of the files, unless a name has a key already. Returns a status after
 * complaining.
 */
int keyfile_write(struct keyfile *k, const struct settings *s, struct files *files);

/* An address of a host that shares keys with others; its first one is what tunnels end at. */
struct peer {
	const char *name;     /* of its host */
	size_t host;          /* the index of the first address of its host */
	struct addr addr;
	uint16_t port;        /* that is protected alone; 0: all */
	struct addr *net;     /* networks behind the gateway; without any its address counts */
	size_t nnets, capnets;
	struct source *src;   /* where it was listed; NULL: on the command line */
	struct span at;
	const char *file;     /* of the first address: what the host loads. NULL: none. Borrowed */
};

/* Options for all of them. */
struct plan {
	const char *name;     /* NULL: none */
	struct key_spec enc, auth; /* auth.alg NULL: an AEAD; enc.alg NULL: AH */
	uint8_t proto, upper;
	const char *upper_word; /* what it was called; NULL: by its number. Borrowed */
	uint8_t mode;         /* MODE_ANY: a tunnel where either end has networks */
	uint32_t reqid;       /* 0: none */
	uint32_t spi_low, spi_high;
	bool beside;          /* others of the host's files are loaded before */
	bool allow_weak, fingerprints;
	struct hash_table taken; /* SPIs, and those derived by destination */
	struct source secret; /* that keys are derived from; no text: random ones */
	const char *context, *epoch;
	struct peer *peer;
	size_t npeers, cap;
	uint8_t *flows;       /* the SPI and the keys from each to each */
	struct keyfile *keys; /* where keys go, and names in their place; NULL: nowhere */
	bool named;           /* names are being printed */
	const char *place;    /* and from this file, of these keys; NULL: they are being collected */
	unsigned accepted;    /* what the text owns up to, see render.c */
};

/* A host's file, and the three that bring it from the keys it has to those. */
enum phase { PHASE_WHOLE, PHASE_ADD, PHASE_SWITCH, PHASE_RETIRE };

/*
 * Reads the algorithms and all other options for all hosts; the caller frees. Returns a status, after
 * complaining.
 */
int plan_read(struct plan *p, const struct keygen_choices *o);
void plan_free(struct plan *p);

/* Takes up the SPIs of the files that are to be avoided. Returns a status, after complaining. */
int plan_avoid(struct plan *p, const struct keygen_choices *o);

/* Reads an address of a host, or a network; what is wrong with it, or NULL. */
const char *peer_read_addr(struct addr *a, const char *word, size_t n);
const char *peer_read_net(struct addr *a, const char *word, size_t n);

/* One more address, of a host of its own. */
struct peer *plan_add_peer(struct plan *p, const char *name);

/* True if there are SAs between the two: they are of two hosts and of one family. */
bool plan_joins(const struct plan *p, size_t i, size_t k);
void peer_add_net(struct peer *peer, const struct addr *net);

/* Reads a list of hosts. Names are borrowed from names. Every fault goes to the diagnostics. */
void plan_read_hosts(struct plan *p, struct source *src, struct arena *names, struct diags *diags);

/* True if there is something of the family that the two have to send each other. */
bool peers_meet(const struct peer *a, const struct peer *b, uint8_t family);

/* One direction: its SPI, as a uint32_t, then the keys; and its bytes. */
uint8_t *plan_flow(const struct plan *p, size_t from, size_t to);
size_t flow_size(const struct plan *p);

/* Makes SPIs and keys for every direction of every pair. Returns a status, after complaining. */
int plan_make(struct plan *p, const struct keygen_choices *o);

/*
 * From the files that the hosts have to new keys. Begin before plan_make: takes up the SPIs that are in use,
 * and refuses where a rotation is not finished. Then adds the files of a host, by the index of its first
 * address. Each returns a status, after complaining.
 */
int rotation_begin(struct plan *p, const struct keygen_choices *o);
int rotation_write(struct plan *p, size_t i, const struct keygen_choices *o, struct files *files);

/*
 * Appends what host i is to load, which lint has nothing against. old is, for the last phase, the
 * SAs that go. Returns a status, after complaining.
 */
int plan_text(struct plan *p, size_t i, enum phase phase, const struct conf *old, const struct settings *s,
              struct buf *out);

#endif
