/* SPDX-License-Identifier: Apache-2.0 */
/* The words of a refusal. Part of pam_sandbox.so: root, inside sshd, login, su and cron. */
#include "pam/refusal.h"

#include <stdarg.h>
#include <stdio.h>

static void make_printable(char *s)
{
	for (; *s; s++)
		if (*s < 0x20 || *s > 0x7e)
			*s = '?';
}

int refuse(struct refusal *refusal, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	/* The format is a literal of the caller's: the attribute of refuse() checks it. */
	vsnprintf(refusal->text, sizeof(refusal->text), format, ap);
	va_end(ap);
	make_printable(refusal->text);
	return REFUSED;
}

const char *printable_copy(const char *s, char *buffer, unsigned long size)
{
	snprintf(buffer, size, "%s", s);
	make_printable(buffer);
	return buffer;
}
