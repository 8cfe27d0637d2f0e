/* SPDX-License-Identifier: Apache-2.0 */
#include "base/size.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/cleanup.h"

static const struct {
	const char *name;
	uint64_t usec;
} duration_units[] = {
	{"d", 86400 * USEC_PER_SEC},
	{"h", 3600 * USEC_PER_SEC},
	{"ms", USEC_PER_MSEC}, /* before "m" */
	{"m", 60 * USEC_PER_SEC},
	{"s", USEC_PER_SEC},
};

static const char size_units[] = "KMGT";

/* Reads digits at *S and moves it behind them. */
static int parse_digits(const char **s, uint64_t *ret)
{
	uint64_t value = 0;

	if (**s < '0' || **s > '9')
		return -EINVAL;
	for (; **s >= '0' && **s <= '9'; (*s)++) {
		if (value > (INT64_MAX - 9) / 10)
			return -ERANGE;
		value = value * 10 + (uint64_t)(**s - '0');
	}
	*ret = value;
	return 0;
}

int size_parse(const char *s, uint64_t *ret_bytes)
{
	const char *unit;
	uint64_t value;
	int r = parse_digits(&s, &value);

	if (r < 0)
		return r;
	if (*s) {
		unit = strchr(size_units, *s);
		if (!unit || s[1])
			return -EINVAL;
		for (; unit >= size_units; unit--) {
			if (value > INT64_MAX / 1024)
				return -ERANGE;
			value *= 1024;
		}
	}
	*ret_bytes = value;
	return 0;
}

const char *size_format(uint64_t bytes, char *buffer)
{
	size_t unit = 0;

	while (bytes && bytes % 1024 == 0 && unit < strlen(size_units)) {
		bytes /= 1024;
		unit++;
	}
	snprintf(buffer, SIZE_TEXT_MAX, "%llu%.1s", (unsigned long long)bytes,
		unit ? &size_units[unit - 1] : "");
	return buffer;
}

static int parse_unit(const char **s, uint64_t *ret_usec)
{
	for (size_t i = 0; i < ELEMENTS(duration_units); i++) {
		size_t n = strlen(duration_units[i].name);

		if (strncmp(*s, duration_units[i].name, n) == 0) {
			*s += n;
			*ret_usec = duration_units[i].usec;
			return 0;
		}
	}
	return -EINVAL;
}

int duration_parse(const char *s, uint64_t *ret_usec)
{
	uint64_t total = 0;

	do {
		uint64_t value, unit = USEC_PER_SEC, part;
		int r = parse_digits(&s, &value);

		if (r >= 0 && (*s || total))
			r = parse_unit(&s, &unit);
		if (r < 0)
			return r;
		if (__builtin_mul_overflow(value, unit, &part) ||
			__builtin_add_overflow(total, part, &total) || total > INT64_MAX)
			return -ERANGE;
	} while (*s);
	*ret_usec = total;
	return 0;
}

const char *duration_format(uint64_t usec, char *buffer)
{
	static const size_t shown[] = {0, 1, 3, 4, 2}; /* d h m s ms */
	size_t length = 0;

	for (size_t i = 0; i < ELEMENTS(shown); i++) {
		uint64_t unit = duration_units[shown[i]].usec;

		if (usec < unit)
			continue;
		length += (size_t)snprintf(buffer + length, DURATION_TEXT_MAX - length, "%llu%s",
			(unsigned long long)(usec / unit), duration_units[shown[i]].name);
		usec %= unit;
	}
	if (!length)
		snprintf(buffer, DURATION_TEXT_MAX, "0s");
	return buffer;
}
