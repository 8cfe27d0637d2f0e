/* SPDX-License-Identifier: Apache-2.0 */
#include "base/say.h"

#include <stdarg.h>
#include <stdint.h>
#include <string.h>
#include <sys/uio.h>

void say(int fd, ...)
{
	enum { STRINGS_MAX = 8 };
	struct iovec strings[STRINGS_MAX];
	const char *s;
	int count = 0;
	va_list ap;

	va_start(ap, fd);
	while (count < STRINGS_MAX && (s = va_arg(ap, const char *)))
		strings[count++] = (struct iovec){(void *)(uintptr_t)s, strlen(s)};
	va_end(ap);
	if (writev(fd, strings, count) < 0) {
		/* There is nowhere left to say so. */
	}
}

const char *say_errno(int error)
{
	const char *words = strerrordesc_np(error);

	return words ? words : "error";
}
