/* SPDX-License-Identifier: Apache-2.0 */
#include "ctl/table.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"

/* Characters that a terminal shows for S: the bytes that do not continue a UTF-8 sequence. */
static size_t width(const char *s)
{
	size_t count = 0;

	for (; *s; s++)
		count += ((unsigned char)*s & 0xc0) != 0x80;
	return count;
}

void table_init(struct table *table, const char *const *headings, size_t count)
{
	*table = (struct table){.columns = count};
	for (size_t i = 0; i < count; i++)
		table_add(table, headings[i]);
}

static bool grow(struct table *table)
{
	size_t room = table->room ? 2 * table->room : 16 * table->columns;
	char **texts;

	if (table->cells < table->room)
		return true;
	texts = reallocarray(table->texts, room, sizeof(*texts));
	if (!texts)
		return false;
	table->texts = texts;
	table->room = room;
	return true;
}

void table_add(struct table *table, const char *text)
{
	size_t column, w;
	char *copy;

	if (table->columns == 0 || !grow(table)) {
		table->columns = 0;
		return;
	}
	copy = strdup(text && *text ? text : "-");
	if (!copy) {
		table->columns = 0;
		return;
	}
	str_make_printable(copy);
	column = table->cells % table->columns;
	w = width(copy);
	if (w > table->widths[column])
		table->widths[column] = w;
	table->texts[table->cells++] = copy;
}

int table_print(const struct table *table, FILE *file)
{
	if (table->columns == 0)
		return -ENOMEM;
	for (size_t i = 0; i < table->cells; i++) {
		size_t column = i % table->columns;

		fputs(table->texts[i], file);
		if (column + 1 == table->columns)
			fputc('\n', file);
		else
			fprintf(file, "%*s",
				(int)(table->widths[column] - width(table->texts[i]) + 2), "");
	}
	return 0;
}

void table_done(struct table *table)
{
	for (size_t i = 0; i < table->cells; i++)
		free(table->texts[i]);
	free(table->texts);
	*table = (struct table){0};
}
