/* SPDX-License-Identifier: ISC */
/* Random bytes for keys. Knows getrandom(2) only. */
#include "base/random.h"

#include <errno.h>
#include <stdint.h>
#include <sys/random.h>

int random_fill(void *to, size_t n)
{
	uint8_t *at = to;

	while (n > 0) {
		ssize_t got = getrandom(at, n, 0);

		if (got < 0 && errno != EINTR)
			return -errno;
		at += got > 0 ? (size_t)got : 0;
		n -= got > 0 ? (size_t)got : 0;
	}
	return 0;
}
