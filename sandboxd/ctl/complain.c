/* SPDX-License-Identifier: Apache-2.0 */
#include "ctl/ctl.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/str.h"

void complain(const char *format, ...)
{
	_cleanup_free_ char *line = NULL;
	va_list arguments;

	va_start(arguments, format);
	if (vasprintf(&line, format, arguments) < 0)
		line = NULL;
	va_end(arguments);
	if (!line)
		return;
	str_make_printable(line);
	fprintf(stderr, "sandboxctl: %s\n", line);
}

void complain_lines(const char *text)
{
	_cleanup_free_ char *copy = strdup(text);
	char *rest = copy, *line;

	while (rest && (line = strsep(&rest, "\n")))
		if (*line)
			complain("%s", line);
}
