/* The names of upper-layer protocols, read once from /etc/protocols. Knows no format. */
#include "print/print.h"

#include <netdb.h>
#include <string.h>

static const char *names[256];

/* The first line of a number wins, as with getprotobynumber: 0 is ip, not hopopt. */
static void read_names(void)
{
	struct protoent *p;

	setprotoent(1);
	while ((p = getprotoent()) != NULL) {
		size_t n = strlen(p->p_name) + 1;

		if (p->p_proto >= 0 && p->p_proto < 256 && names[p->p_proto] == NULL)
			names[p->p_proto] = memcpy(memory_resize(NULL, n, 1), p->p_name, n);
	}
	endprotoent();
}

const char *upper_name(uint8_t proto)
{
	static bool done;

	if (!done)
		read_names();
	done = true;
	return names[proto];
}
