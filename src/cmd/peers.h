/* Hosts that share keys, and what each of them has to load: its file, and the steps from one set of keys to the next. */
#ifndef CMD_PEERS_H
#define CMD_PEERS_H

#include "cmd/cmd.h"
#include "cmd/keyfile.h"
#include "cmd/newkey.h"
#include "lint/index.h"

struct peer {
	const char *name;     /* of its files */
	struct addr addr;
	struct addr *net;     /* what it is the gateway of; without any it stands for itself */
	size_t nnets, capnets;
	struct source *src;   /* where it was listed; NULL: on the command line */
	struct span at;
};

/* What is said for all of them. */
struct plan {
	const char *name;     /* NULL: none */
	struct newkey enc, auth; /* auth.alg NULL: an AEAD; enc.alg NULL: AH */
	uint8_t proto, upper;
	uint8_t mode;         /* MODE_ANY: a tunnel where either end has networks */
	uint32_t reqid;       /* 0: none */
	uint32_t spi_low, spi_high;
	bool beside;          /* others of the host's files are loaded before */
	bool allow_weak, fingerprints;
	struct index taken;   /* SPIs, and those derived by destination */
	struct source secret; /* that keys are derived from; no text: random ones */
	const char *context, *epoch;
	struct peer *peer;
	size_t npeers, cap;
	uint8_t *ways;        /* the SPI and the keys from each to each */
	struct keyfile *keys; /* where keys go, and names in their place; NULL: nowhere */
	bool named;           /* names are being printed */
	const char *place;    /* and from this file, of these keys; NULL: they are being collected */
	unsigned accepted;    /* what the text owns up to, see peers.c */
};

/* A host's file, and the three that bring it from the keys it has to those. */
enum phase { PHASE_WHOLE, PHASE_ADD, PHASE_SWITCH, PHASE_RETIRE };

/* Reads the algorithms and all else that is said for all; the caller frees. Returns a status, after complaining. */
int plan_read(struct plan *p, const struct settings *s);
void plan_free(struct plan *p);

/* Takes up the SPIs of the files that are to be avoided. Returns a status, after complaining. */
int plan_avoid(struct plan *p, const struct settings *s);

/* Reads an address of a host, or a network; what is wrong with it, or NULL. */
const char *peer_read_addr(struct addr *a, const char *word, size_t n);
const char *peer_read_net(struct addr *a, const char *word, size_t n);

struct peer *plan_add_peer(struct plan *p, const char *name);
void peer_add_net(struct peer *peer, const struct addr *net);

/* Reads a list of hosts. Names are borrowed from names. Every fault goes to the diagnostics. */
void plan_read_hosts(struct plan *p, struct source *src, struct arena *names, struct diags *diags);

/* One direction: its SPI, as a uint32_t, then the keys; and its bytes. */
uint8_t *way(const struct plan *p, size_t from, size_t to);
size_t way_size(const struct plan *p);

/* Makes SPIs and keys for every direction of every pair. Returns a status, after complaining. */
int plan_make(struct plan *p, const struct settings *s);

/*
 * Appends what host i is to load, which lint has nothing against. old is, for the last phase, the
 * SAs that go. Returns a status, after complaining.
 */
int plan_text(struct plan *p, size_t i, enum phase phase, const struct conf *old, const struct settings *s, struct buf *out);

#endif
