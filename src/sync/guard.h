/* SPDX-License-Identifier: ISC */
/*
 * Finds out which packets that pass before a plan would be stopped after it. Knows no process, no socket and
 * no text of a file.
 */
#ifndef SYNC_GUARD_H
#define SYNC_GUARD_H

#include "sync/sync.h"
#include "tables/lookup.h"

enum cut_why {
	CUT_NONE,              /* it passes after the plan, or did not pass before */
	CUT_DISCARDED,
	CUT_DEFAULT,           /* no policy matches it after the plan, and the kernel blocks such packets */
	CUT_NO_SA,             /* it must be protected, and not every SA for that exists */
	CUT_PROTECTED,         /* it was unprotected and must be protected: the other end does not know */
};

/* A packet that must go on passing, and what the plan does to it. */
struct kept {
	struct packet packet;
	uint8_t dir;           /* DIR_IN or DIR_OUT */
	uint8_t kind;          /* for the caller */
	uint8_t why;           /* enum cut_why; from here on set by sync_guard */
	/* the policy that stops it: a wanted one, or an object that stays; places from 1, 0: none */
	uint32_t wanted, there;
	uint32_t removed;      /* the policy that let it pass before, if that is deleted; else 0 */
};

/*
 * Judges n packets, after sync_plan. standard: what the kernel does with packets that no policy matches, by
 * direction as in struct facts.
 */
void sync_guard(const struct sync *s, const uint8_t standard[3], struct kept *kept, size_t n);

#endif
