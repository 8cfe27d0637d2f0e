/* SPDX-License-Identifier: Apache-2.0 */
/* "Did you mean": the known word that is nearest to one that nobody knows. */
#pragma once

#include <stddef.h>

struct nearest {
	const char *word;
	const char *found; /* NULL: none is near enough */
	size_t distance;
};

void nearest_init(struct nearest *nearest, const char *word);
void nearest_try(struct nearest *nearest, const char *known);
