/* SPDX-License-Identifier: Apache-2.0 */
#include "ctl/json.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "ctl/ctl.h"

json_t *json_text(const char *s)
{
	json_t *text = json_string(s);
	_cleanup_free_ char *copy = NULL;

	if (text)
		return text;
	copy = strdup(s);
	if (!copy)
		return NULL;
	for (char *c = copy; *c; c++)
		if ((unsigned char)*c >= 0x80)
			*c = '?';
	return json_string(copy);
}

json_t *json_limit(uint64_t value)
{
	return value == UINT64_MAX ? json_null() : json_integer((json_int_t)value);
}

json_t *json_time(uint64_t usec)
{
	time_t seconds = (time_t)(usec / USEC_PER_SEC);
	struct tm tm;
	char text[32];

	if (usec == 0 || !gmtime_r(&seconds, &tm))
		return json_null();
	strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &tm);
	return json_string(text);
}

int json_print(json_t *value)
{
	int r = value ? json_dumpf(value, stdout, JSON_INDENT(2)) : -1;

	json_decref(value);
	if (r < 0) {
		complain("the answer cannot be written as JSON");
		return CTL_FAILED;
	}
	fputc('\n', stdout);
	return CTL_DONE;
}
