/* Findings in the form that a person, an editor or a CI service reads. */
#include "text/report.h"

static void put_text(const struct diags *d, bool color, struct buf *out)
{
	for (size_t i = 0; i < d->n; i++)
		diag_text(&d->diag[i], color, out);
}

static void put_gcc(const struct diags *d, bool color, struct buf *out)
{
	uint32_t line, col;

	(void)color;
	for (size_t i = 0; i < d->n; i++) {
		const struct diag *g = &d->diag[i];

		if (g->src != NULL) {
			source_place(g->src, g->at.off, &line, &col);
			buf_printf(out, "%s:%u:%u: ", g->src->name, line, col);
		}
		buf_printf(out, "%s: %s [%s]\n", severity_word(g->severity), g->message, g->rule->id);
	}
}

const struct report reports[] = {
	{ "text", "for people, with the line and a caret", put_text },
	{ "gcc", "one line each, as compilers print them", put_gcc },
	{ NULL, NULL, NULL }
};
