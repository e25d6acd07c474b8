/* setkey dump and setkey flush, and behind them -D and -F: the SAD, the SPD or both. */
#include "cmd/cmd.h"

#include "model/names.h"

#include <string.h>

/* Runs one statement that no file holds. */
static int run(struct settings *s, enum verb verb, uint8_t proto)
{
	struct input in = { 0 };
	struct session session;
	struct stmt stmt = { .verb = (uint8_t)verb };
	static struct source none = { .name = "setkey", .line = 1, .col = 1 };
	bool ended;
	int status;

	stmt.src = &none;
	if (!verb_is_policy(verb))
		stmt.sa.proto = proto;
	conf_add(&in.conf, &stmt, NULL, 0);
	status = session_open(&session, s, &in);
	if (status == STATUS_OK) {
		status = session_run(&session, 0, &ended);
		session_close(&session);
	}
	input_free(&in);
	return status;
}

static int both(struct settings *s, int argc, char **argv, enum verb sa, enum verb policy)
{
	const char *what = argc > 0 ? argv[0] : "all";
	int proto = argc > 1 ? name_number(proto_names, argv[1], strlen(argv[1])) : PROTO_ANY;
	bool all = strcmp(what, "all") == 0;
	int status = STATUS_OK;

	if ((!all && strcmp(what, "sa") != 0 && strcmp(what, "policy") != 0) || proto < 0 || argc > 2 ||
	    (argc == 2 && strcmp(what, "sa") != 0)) {
		complain("expected sa [esp|ah|ipcomp], policy or all");
		return STATUS_USAGE;
	}
	if (s->check_only)
		return STATUS_OK;
	if (all || strcmp(what, "sa") == 0)
		status = run(s, sa, (uint8_t)proto);
	if (status != STATUS_WORLD && (all || strcmp(what, "policy") == 0)) {
		int second = run(s, policy, PROTO_ANY);

		status = second > status ? second : status;
	}
	return status;
}

int cmd_dump(struct settings *s, int argc, char **argv)
{
	return both(s, argc, argv, VERB_DUMP, VERB_SPDDUMP);
}

int cmd_flush(struct settings *s, int argc, char **argv)
{
	return both(s, argc, argv, VERB_FLUSH, VERB_SPDFLUSH);
}
