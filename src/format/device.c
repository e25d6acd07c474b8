/* SPDX-License-Identifier: ISC */
/* The names of network devices, as the running system has them. Knows no format. */
#include "format/format.h"

#include <inttypes.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>

_Static_assert(DEVICE_NAME >= IF_NAMESIZE, "a name fits");

const char *device_name(uint32_t device, char name[DEVICE_NAME])
{
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789:_.%-";

	if (if_indextoname(device, name) == NULL || name[strspn(name, letters)] != '\0' ||
	    strchr(".%-", name[0]) != NULL)
		snprintf(name, DEVICE_NAME, "%" PRIu32, device);
	return name;
}
