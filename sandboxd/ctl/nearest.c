/* SPDX-License-Identifier: Apache-2.0 */
#include "ctl/nearest.h"

#include <string.h>

#include "base/str.h"

void nearest_init(struct nearest *nearest, const char *word)
{
	/* Beyond a third of its letters another word is not a slip of the fingers. */
	*nearest = (struct nearest){.word = word, .distance = strlen(word) / 3 + 2};
}

void nearest_try(struct nearest *nearest, const char *known)
{
	size_t distance;

	if (!*known)
		return;
	distance = str_distance(nearest->word, known);
	if (distance < nearest->distance && distance < strlen(known)) {
		nearest->distance = distance;
		nearest->found = known;
	}
}
