/* SPDX-License-Identifier: ISC */
/* The names of upper-layer protocols, read once from /etc/protocols. Knows no format. */
#include "format/format.h"

#include <netdb.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

static const char *names[256];

/* The first line of a number wins, as with getprotobynumber: 0 is ip, not hopopt. */
static void read_protocol_names(void)
{
	struct protoent *p;

	setprotoent(1);
	while ((p = getprotoent()) != NULL)
		if (p->p_proto >= 0 && p->p_proto < 256 && names[p->p_proto] == NULL)
			names[p->p_proto] = memory_string(p->p_name);
	endprotoent();
}

const char *upper_name(uint8_t proto)
{
	static bool done;

	if (!done)
		read_protocol_names();
	done = true;
	return names[proto];
}

bool upper_has_type(uint8_t proto)
{
	return proto == IPPROTO_ICMP || proto == IPPROTO_ICMPV6 || proto == IPPROTO_MH;
}

int upper_number(const char *word)
{
	const char *error;
	int number = (int)strtonum(word, 0, UPPER_ANY - 1, &error);

	if (error == NULL)
		return number;
	if (strcmp(word, "any") == 0)
		return UPPER_ANY;
	if (strcmp(word, "icmp6") == 0)
		return IPPROTO_ICMPV6;
	for (number = UPPER_ANY - 1; number >= 0; number--)
		if (upper_name((uint8_t)number) != NULL && strcmp(upper_name((uint8_t)number), word) == 0)
			break;
	return number;
}
