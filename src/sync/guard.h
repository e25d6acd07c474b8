/* SPDX-License-Identifier: ISC */
/*
 * Which packets that pass before a plan would be stopped after it. Knows no process, no socket and no text of
 * a file.
 */
#ifndef SYNC_GUARD_H
#define SYNC_GUARD_H

#include "sync/sync.h"
#include "tables/lookup.h"

enum cut_why {
	CUT_NONE,              /* it passes as before, or did not pass before */
	CUT_DISCARDED,
	CUT_DEFAULT,           /* no policy is for it after the plan, and the kernel blocks such packets */
	CUT_NO_SA,             /* it is to be protected, and not every SA for that is there */
	CUT_PROTECTED,         /* it was in the clear and is to be protected: the other end does not know */
};

/* A packet that is to go on passing, and what the plan does to it. */
struct kept {
	struct packet packet;
	uint8_t dir;           /* DIR_IN or DIR_OUT */
	uint8_t kind;          /* the caller's own */
	uint8_t why;           /* enum cut_why; from here on it is found by sync_guard */
	/* the policy that stops it: one that is wanted, or an object that stays; places from 1, 0 none */
	uint32_t wanted, there;
	uint32_t removed;      /* the object by which it passed before, if that goes; else 0 */
};

/*
 * Finds what the plan does to each of n packets: after sync_plan. standard: what becomes of packets that no
 * policy is for, by direction as in struct facts.
 */
void sync_guard(const struct sync *s, const uint8_t standard[3], struct kept *kept, size_t n);

#endif
