/* SPDX-License-Identifier: ISC */
/* Looks up the names of network devices. Knows no format. */
#include "format/format.h"

#include <inttypes.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

_Static_assert(DEVICE_NAME >= IF_NAMESIZE, "a name fits");

/* To look a name up takes three system calls, and the objects of a table have few devices. */
enum { DEVICES = 16 };

static struct {
	uint32_t device;       /* 0: not in use */
	time_t read;           /* when it was looked up: names change while a monitor runs */
	char name[DEVICE_NAME];
} known[DEVICES];

static void read_device_name(uint32_t device, char name[DEVICE_NAME])
{
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789:_.%-";

	if (if_indextoname(device, name) == NULL || name[strspn(name, letters)] != '\0' ||
	    strchr(".%-", name[0]) != NULL)
		snprintf(name, DEVICE_NAME, "%" PRIu32, device);
}

const char *device_name(uint32_t device, char name[DEVICE_NAME])
{
	unsigned i = device % DEVICES;
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
	if (known[i].device != device || known[i].read != now.tv_sec || device == 0) {
		read_device_name(device, known[i].name);
		known[i].device = device;
		known[i].read = now.tv_sec;
	}
	return memcpy(name, known[i].name, DEVICE_NAME);
}
