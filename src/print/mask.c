/* What stands for a key that is not shown: its length and, where that is asked for, its fingerprint. */
#include "print/print.h"

#include "base/fingerprint.h"

void print_mask(struct buf *out, const uint8_t *key, size_t n, const struct print_opts *o)
{
	char text[FINGERPRINT_LEN];

	buf_printf(out, "0x...(%zu bytes", n);
	if (o->fingerprints)
		buf_printf(out, ", %s", fingerprint(key, n, text));
	buf_addc(out, ')');
}
