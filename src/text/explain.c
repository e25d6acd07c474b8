/* SPDX-License-Identifier: ISC */
/* Finds an explanation by its name. explain.awk makes the table from explain.txt. */
#include "text/explain.h"

#include <string.h>

extern const struct explanation explanations[];

const struct explanation *explain_find(const char *name)
{
	static const struct explanation none = { "", NULL, "" };

	for (const struct explanation *e = explanations; e->name != NULL; e++)
		if (strcmp(e->name, name) == 0)
			return e;
	return &none;
}
