/* SPDX-License-Identifier: ISC */
/* A text of statements for other eyes: every key replaced by another one. */
#ifndef CONFIG_MASK_KEYS_H
#define CONFIG_MASK_KEYS_H

#include "model/model.h"

/*
 * Appends the text with a random key of the same length in the place of each key; keys that are equal stay
 * equal. Comments are kept, but for what in them may be a key. conf is what was read from the text, which is
 * without an error. Returns 0 or -errno: the kernel gives no random bytes.
 */
int mask_keys(struct source *src, const struct conf *conf, struct buf *out);

#endif
