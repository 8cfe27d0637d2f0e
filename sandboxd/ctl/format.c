/* SPDX-License-Identifier: Apache-2.0 */
#include "ctl/format.h"

#include <inttypes.h>
#include <stdio.h>
#include <time.h>

#include "base/clock.h"

enum { NUMBER_MAX = 24 };

const char *format_bytes(uint64_t bytes, char *buffer)
{
	static const char units[] = "BKMGTPE";
	double value = (double)bytes;
	size_t unit = 0;

	if (bytes == UINT64_MAX) {
		snprintf(buffer, NUMBER_MAX, "-");
		return buffer;
	}
	/* 999.5 would be rounded to four digits: the next unit shows it as 0.98. */
	while (value >= 999.5 && units[unit + 1]) {
		value /= 1024;
		unit++;
	}
	snprintf(buffer, NUMBER_MAX, "%.3g%.*s", value, unit > 0, &units[unit]);
	return buffer;
}

const char *format_memory_of(uint64_t used, uint64_t max, char *buffer)
{
	char a[NUMBER_MAX], b[NUMBER_MAX];

	if (max == UINT64_MAX)
		return format_bytes(used, buffer);
	snprintf(buffer, FORMAT_TEXT_MAX, "%s/%s", format_bytes(used, a), format_bytes(max, b));
	return buffer;
}

const char *format_count_of(uint64_t used, uint64_t max, char *buffer)
{
	if (max == UINT64_MAX)
		snprintf(buffer, FORMAT_TEXT_MAX, "%" PRIu64, used);
	else
		snprintf(buffer, FORMAT_TEXT_MAX, "%" PRIu64 "/%" PRIu64, used, max);
	return buffer;
}

const char *format_time(uint64_t usec, char *buffer)
{
	time_t seconds = (time_t)(usec / USEC_PER_SEC);
	struct tm tm;

	buffer[0] = '\0';
	if (usec != 0 && localtime_r(&seconds, &tm))
		strftime(buffer, FORMAT_TEXT_MAX, "%Y-%m-%d %H:%M", &tm);
	return buffer;
}
