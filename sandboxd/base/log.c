/* SPDX-License-Identifier: Apache-2.0 */
#include "base/log.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/str.h"

enum { LOG_LINE_MAX = 2048 };

static struct {
	const char *name;
	int show_debug;
	int journal;
} log_form = {.name = "sandboxd"};

void log_open(const char *name, int show_debug)
{
	log_form.name = name;
	log_form.show_debug = show_debug;
	log_form.journal = getenv("JOURNAL_STREAM") != NULL;
}

static int write_prefix(char *line, size_t size, int priority)
{
	struct tm tm;
	time_t now;
	char stamp[32];

	if (log_form.journal)
		return snprintf(line, size, "<%d>", priority);
	now = time(NULL);
	localtime_r(&now, &tm);
	strftime(stamp, sizeof(stamp), "%Y-%m-%d %H:%M:%S", &tm);
	return snprintf(line, size, "%s %s[%d]: ", stamp, log_form.name, (int)getpid());
}

void log_write(int priority, const char *format, ...)
{
	char line[LOG_LINE_MAX];
	va_list ap;
	size_t length;
	int saved = errno;

	if (priority >= LOG_DEBUG && !log_form.show_debug)
		return;
	length = (size_t)write_prefix(line, sizeof(line), priority);
	va_start(ap, format);
	/* The format is a literal of the caller's: the attribute of log_write() checks it. */
	vsnprintf(line + length, sizeof(line) - length - 1, format, ap);
	va_end(ap);
	str_make_printable(line);
	length = strlen(line);
	line[length++] = '\n';
	if (write(STDERR_FILENO, line, length) < 0) {
		/* There is nowhere left to say so. */
	}
	errno = saved;
}

void log_lines(int priority, const char *text)
{
	while (*text) {
		size_t length = strcspn(text, "\n");

		log_write(priority, "%.*s", (int)length, text);
		text += length + (text[length] == '\n');
	}
}
