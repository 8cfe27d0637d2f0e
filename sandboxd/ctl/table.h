/* SPDX-License-Identifier: Apache-2.0 */
/* Text in columns as wide as their widest cell, two blanks apart; the last column is not padded. */
#pragma once

#include <stdio.h>
#include <stddef.h>

enum { TABLE_COLUMNS_MAX = 16 };

struct table {
	size_t columns;
	size_t cells;
	size_t room;
	char **texts; /* row by row */
	size_t widths[TABLE_COLUMNS_MAX];
};

/* The first row holds the COUNT headings. */
void table_init(struct table *table, const char *const *headings, size_t count);

/* The next cell, a copy of TEXT with control characters replaced; an empty one is shown as "-". */
void table_add(struct table *table, const char *text);

/* 0, or -ENOMEM if a cell got lost: then nothing is printed. */
int table_print(const struct table *table, FILE *file);
void table_done(struct table *table);
#define _cleanup_table_ __attribute__((cleanup(table_done)))
