/* SPDX-License-Identifier: Apache-2.0 */
/* The module's arguments, by one table. Part of pam_sandbox.so. */
#include "pam/options.h"

#include <stddef.h>
#include <string.h>
#include <sys/un.h>

#include "base/clock.h"
#include "base/cleanup.h"
#include "base/size.h"
#include "base/str.h"
#include "wire/protocol.h"

#define DEADLINE_MAX (UINT64_C(3600) * USEC_PER_SEC)

enum option_type { OPTION_NAME, OPTION_SOCKET, OPTION_DEADLINE, OPTION_FLAG };

static const struct option {
	char name[12];
	enum option_type type;
	size_t offset;
} option_table[] = {
	{"group", OPTION_NAME, offsetof(struct options, group)},
	{"exempt", OPTION_NAME, offsetof(struct options, exempt)},
	{"as", OPTION_NAME, offsetof(struct options, as)},
	{"socket", OPTION_SOCKET, offsetof(struct options, socket)},
	{"deadline", OPTION_DEADLINE, offsetof(struct options, deadline)},
	{"gate", OPTION_FLAG, offsetof(struct options, gate)},
	{"debug", OPTION_FLAG, offsetof(struct options, debug)},
};

static bool is_name(const char *value)
{
	size_t length = strlen(value);

	return length > 0 && length <= WIRE_NAME_MAX && !strpbrk(value, ":,/");
}

static bool is_socket_path(const char *value)
{
	return value[0] == '/' && strlen(value) < sizeof(((struct sockaddr_un *)0)->sun_path);
}

/* Stores VALUE (NULL: no '=' was written); false if it is none for this option. */
static bool set_option(const struct option *option, const char *value, struct options *options)
{
	void *field = (char *)options + option->offset;
	uint64_t usec;

	if (option->type == OPTION_FLAG) {
		if (value)
			return false;
		*(bool *)field = true;
		return true;
	}
	if (!value)
		return false;
	if (option->type == OPTION_DEADLINE) {
		if (duration_parse(value, &usec) < 0 || usec == 0 || usec > DEADLINE_MAX)
			return false;
		*(uint64_t *)field = usec;
		return true;
	}
	if (option->type == OPTION_NAME ? !is_name(value) : !is_socket_path(value))
		return false;
	*(const char **)field = value;
	return true;
}

static const struct option *find_option(const char *word, size_t length)
{
	for (size_t i = 0; i < ELEMENTS(option_table); i++)
		if (strlen(option_table[i].name) == length &&
			strncmp(option_table[i].name, word, length) == 0)
			return &option_table[i];
	return NULL;
}

int options_parse(int argc, const char **argv, struct options *ret, struct refusal *refusal)
{
	int r = 0;

	*ret = (struct options){
		.group = "sandboxed",
		.exempt = "sudo",
		.socket = "/run/sandboxd/sandboxd.sock",
		.deadline = 5 * USEC_PER_SEC,
	};
	for (int i = 0; i < argc; i++) {
		size_t length = strcspn(argv[i], "=");
		const struct option *option = find_option(argv[i], length);
		const char *value = argv[i][length] ? argv[i] + length + 1 : NULL;

		if (option && set_option(option, value, ret))
			continue;
		/* The rest is read all the same: exempt= behind a mistake still holds. */
		if (r == 0)
			r = refuse(refusal,
				"pam_sandbox.so has %s option \"%.64s\" in its PAM file: an "
				"administrator must correct it, see pam_sandbox(8)",
				option ? "a wrong value in the" : "no", argv[i]);
	}
	return r;
}
