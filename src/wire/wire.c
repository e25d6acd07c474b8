/* What both wires share. Knows neither of them. */
#include "wire/wire.h"

enum part encoding_part(const struct mark *mark, unsigned n, uint32_t off)
{
	enum part part = PART_MAX;

	for (unsigned i = 0; i < n && mark[i].off <= off; i++)
		part = mark[i].part;
	return part;
}
