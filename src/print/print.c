/* The table of output formats. */
#include "print/print.h"

#include <stddef.h>

const struct format *const formats[] = {
	&classic_format, &conf_format, &json_format, &ip_format, &table_format, &dot_format, &text_format, NULL,
};
