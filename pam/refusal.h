/* SPDX-License-Identifier: Apache-2.0 */
/* Why a login is refused: one line for people, made where the failure happened. */
#pragma once

enum {
	/* What a function of this module returns beside 0 when it has filled a refusal. */
	REFUSED = 1,
	REFUSAL_TEXT_MAX = 768,
};

struct refusal {
	char text[REFUSAL_TEXT_MAX];
};

/* Sets the text, which says why and what to do; all but printable ASCII becomes '?'. Returns
 * REFUSED. */
int refuse(struct refusal *refusal, const char *format, ...) __attribute__((format(printf, 2, 3)));

/*
 * Copies S so far as it fits into the SIZE bytes of BUFFER, with '?' for all but printable ASCII: a
 * terminal's 8-bit controls and a log's line ends alike. Returns BUFFER.
 */
const char *printable_copy(const char *s, char *buffer, unsigned long size);
