/* The table of output formats, and what several of them share. Knows no object. */
#include "print/print.h"

#include "model/names.h"

#include <stddef.h>

const struct format *const formats[] = {
	&classic_format, &conf_format, &json_format, &ip_format, &table_format, &dot_format, &text_format, NULL,
};

void print_word(struct buf *out, const struct name *table, unsigned number)
{
	const char *word = name_word(table, (int)number);

	if (word != NULL)
		buf_adds(out, word);
	else
		buf_printf(out, "%u", number);
}
