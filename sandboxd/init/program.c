/* SPDX-License-Identifier: Apache-2.0 */
/* Runs in a child of PID 1 that is the student already. */
#include "init/program.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/str.h"

#define SYSTEM_SHELL "/bin/sh"

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

/* How the shim was executed says what was asked for: sshd's rc and xauth, cron's lines use /bin/sh.
 */
static bool is_system_shell(const struct wire_start *start, const char *executable)
{
	const char *name = base_name(executable);

	return !str_eq(executable, start->shell) && !str_eq(name, base_name(start->shell)) &&
	       (str_eq(name, "sh") || str_eq(name, "dash"));
}

static char *join(const char *prefix, const char *s)
{
	char *joined = malloc(strlen(prefix) + strlen(s) + 1);

	if (joined)
		stpcpy(stpcpy(joined, prefix), s);
	return joined;
}

/* The name that the program is called by: as asked, unless another one is executed in its place. */
static char *choose_name(const struct program *p, char *asked, bool is_replaced)
{
	if (asked && *asked && !is_replaced)
		return asked;
	return join(asked && *asked == '-' ? "-" : "", base_name(p->path));
}

static int choose_argv(struct program *p, char **asked, bool is_replaced)
{
	char **argv = asked;

	if (!*asked) {
		argv = calloc(2, sizeof(*argv));
		if (!argv)
			return -ENOMEM;
	}
	argv[0] = choose_name(p, asked[0], is_replaced);
	if (!argv[0])
		return -ENOMEM;
	p->argv = argv;
	return 0;
}

struct variable {
	const char *name; /* with its '=' */
	const char *value;
};

static bool is_dropped(
	const struct wire_start *start, const struct variable *own, size_t count, const char *entry)
{
	const char *equals = strchr(entry, '=');
	size_t length = equals ? (size_t)(equals - entry) : strlen(entry);

	for (size_t i = 0; i < count; i++)
		if (str_starts(entry, own[i].name))
			return true;
	for (size_t i = 0; i < start->env_drop_count; i++)
		if (str_matches(entry, length, start->env_drop[i]))
			return true;
	return false;
}

/* A value of sshd's, su's or a crontab's own: it stays, if it means something in here. */
static bool has_shell(const struct wire_start *start, char *const *envp)
{
	const size_t length = strlen("SHELL");

	for (; *envp; envp++)
		if (str_starts(*envp, "SHELL="))
			return access(*envp + length + 1, F_OK) == 0 &&
			       !is_dropped(start, NULL, 0, *envp);
	return false;
}

static int choose_envp(
	const struct wire_start *start, const struct door_request *request, struct program *p)
{
	_cleanup_free_ char *authority = join("/tmp/.Xauthority-", request->session);
	const struct variable own[] = {
		{"HOME=", start->home},
		{"USER=", start->user},
		{"LOGNAME=", start->user},
		{"XAUTHORITY=", authority},
		{"SHELL=", p->path},
	};
	size_t own_count = ELEMENTS(own) - has_shell(start, request->envp);
	size_t count = 0, kept = 0;
	char **envp;

	while (request->envp[count])
		count++;
	envp = calloc(count + ELEMENTS(own) + 1, sizeof(*envp));
	if (!envp || !authority)
		return -ENOMEM;
	for (size_t i = 0; i < count; i++)
		if (!is_dropped(start, own, own_count, request->envp[i]))
			envp[kept++] = request->envp[i];
	for (size_t i = 0; i < own_count; i++) {
		envp[kept] = join(own[i].name, own[i].value);
		if (!envp[kept++])
			return -ENOMEM;
	}
	p->envp = envp;
	return 0;
}

int program_choose(
	const struct wire_start *start, const struct door_request *request, struct program *ret)
{
	bool is_fallback = access(start->shell, X_OK) < 0;
	bool is_system = is_system_shell(start, request->executable);
	struct program p = {.path = start->shell};
	int r;

	if (is_system)
		p.path = SYSTEM_SHELL;
	else if (is_fallback)
		p.path = start->fallback_shell;
	r = choose_argv(&p, request->argv, is_fallback && !is_system);
	if (r >= 0)
		r = choose_envp(start, request, &p);
	if (r >= 0)
		*ret = p;
	return r;
}

bool program_is_login(char *const *argv)
{
	if (!argv[0] || argv[0][0] != '-')
		return false;
	for (size_t i = 1; argv[i]; i++)
		if (str_eq(argv[i], "-c"))
			return false;
	return true;
}
