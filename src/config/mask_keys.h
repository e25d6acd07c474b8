/* SPDX-License-Identifier: ISC */
/* Replaces the keys in a text of statements, so that the text can be given to others. */
#ifndef CONFIG_MASK_KEYS_H
#define CONFIG_MASK_KEYS_H

#include "model/model.h"

/*
 * Appends the text of src with each key replaced by a random one of the same length; equal keys stay equal.
 * Comments are kept, but words in them that may be keys are masked. conf must hold the statements of src,
 * which must be free of errors. Returns 0, or -errno if the kernel provides no random bytes.
 */
int mask_keys(struct source *src, const struct conf *conf, struct buf *out);

#endif
