/* SPDX-License-Identifier: ISC */
#include "model/verb.h"

#include "model/names.h"

#define SA VERB_CLASS_SA
#define SPD VERB_CLASS_SPD
#define EVENT(word) { word, VERB_CLASS_EVENT, 0, false, { NULL } }

const struct verb_row verbs[VERB_MAX] = {
	[VERB_NONE] = { NULL, VERB_CLASS_NONE, 0, false, { NULL } },
	[VERB_ADD] = { "add", SA, VERB_MAKES | VERB_NAMES | VERB_SENDS, true, { NULL } },
	[VERB_UPDATE] = { "update", SA, VERB_MAKES | VERB_NAMES | VERB_SENDS, true, { NULL } },
	[VERB_GETSPI] = { "getspi", SA, VERB_NAMES | VERB_SENDS, true, { NULL } },
	[VERB_GET] = { "get", SA, VERB_NAMES | VERB_SENDS, true, { NULL } },
	[VERB_DELETE] = { "delete", SA, VERB_NAMES | VERB_SENDS, true, { NULL } },
	[VERB_DELETEALL] = { "deleteall", SA, VERB_SENDS, true, { NULL } },
	[VERB_FLUSH] = { "flush", SA, VERB_SENDS, true, { NULL } },
	[VERB_DUMP] = { "dump", SA, VERB_SENDS, true, { NULL } },
	[VERB_SPDADD] = { "spdadd", SPD, VERB_MAKES | VERB_NAMES | VERB_SENDS, true, { NULL } },
	[VERB_SPDUPDATE] = { "spdupdate", SPD, VERB_MAKES | VERB_NAMES | VERB_SENDS, true, { NULL } },
	[VERB_SPDDELETE] = { "spddelete", SPD, VERB_NAMES | VERB_SENDS, true, { NULL } },
	[VERB_SPDDUMP] = { "spddump", SPD, VERB_SENDS, true, { NULL } },
	[VERB_SPDFLUSH] = { "spdflush", SPD, VERB_SENDS, true, { NULL } },
	[VERB_EXIT] = { "exit", VERB_CLASS_FILE, 0, true, { "quit", "bye" } },
	[VERB_EXACT] = { "exact", VERB_CLASS_FILE, 0, true, { NULL } },
	[VERB_DEFINE] = { "define", VERB_CLASS_TEXT, 0, true, { NULL } },
	[VERB_KEY] = { "key", VERB_CLASS_TEXT, 0, true, { NULL } },
	[VERB_KEYS] = { "keys", VERB_CLASS_TEXT, 0, true, { NULL } },
	[VERB_INCLUDE] = { "include", VERB_CLASS_TEXT, 0, true, { NULL } },
	[VERB_SPDGET] = { "spdget", SPD, VERB_SENDS, false, { NULL } },
	[VERB_SPDEXPIRE] = { "spdexpire", SPD, 0, false, { NULL } },
	[VERB_ACQUIRE] = EVENT("acquire"), [VERB_EXPIRE] = EVENT("expire"), [VERB_REGISTER] = EVENT("register"),
	[VERB_PROMISC] = EVENT("promisc"), [VERB_AEVENT] = EVENT("aevent"), [VERB_REPORT] = EVENT("report"),
	[VERB_MIGRATE] = EVENT("migrate"), [VERB_MAPPING] = EVENT("mapping"), [VERB_SETDEFAULT] = EVENT("setdefault"),
	[VERB_LISTEN] = EVENT("listen"), [VERB_OVERRUN] = EVENT("overrun"), [VERB_RESYNC] = EVENT("resync"),
	[VERB_OTHER] = EVENT("other"),
};

static bool is_alias(const struct verb_row *row, const char *word, size_t n)
{
	for (size_t i = 0; i < sizeof(row->alias) / sizeof(row->alias[0]); i++)
		if (row->alias[i] != NULL && name_is(row->alias[i], word, n))
			return true;
	return false;
}

enum verb verb_find(const char *word, size_t n)
{
	for (enum verb verb = VERB_ADD; verb < VERB_MAX; verb++)
		if (verbs[verb].statement &&
		    (name_is(verbs[verb].word, word, n) || is_alias(&verbs[verb], word, n)))
			return verb;
	return VERB_NONE;
}
