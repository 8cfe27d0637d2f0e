/* SPDX-License-Identifier: Apache-2.0 */
#include "ctl/login.h"

#include <errno.h>
#include <grp.h>
#include <linux/capability.h>
#include <linux/nsfs.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/process.h"
#include "base/str.h"

static bool is_namespace(int fd, int type)
{
	return ioctl(fd, NS_GET_NSTYPE) == type;
}

static bool is_fifo(int fd)
{
	struct stat st;

	return fstat(fd, &st) == 0 && S_ISFIFO(st.st_mode);
}

int login_read(struct reply *reply, struct login *ret)
{
	struct wire_reader *r = &reply->fields;
	struct login login;

	login.session = wire_get_string(r, WIRE_SESSION_MAX);
	login.uid = wire_get_u32(r);
	login.gid = wire_get_u32(r);
	login.user = wire_get_string(r, WIRE_NAME_MAX);
	login.home = wire_get_string(r, WIRE_PATH_MAX);
	login.shell = wire_get_string(r, WIRE_PATH_MAX);
	if (wire_reader_end(r) < 0 || reply->fd_count != LOGIN_FDS)
		return -EBADMSG;
	if (login.uid == 0 || login.uid == (uid_t)-1 || login.gid == (gid_t)-1)
		return -EBADMSG;
	if (!*login.user || *login.home != '/' || *login.shell != '/')
		return -EBADMSG;
	login.lease = reply->fds[0];
	login.view = reply->fds[1];
	login.netns = reply->fds[2];
	if (!is_fifo(login.lease) || !is_namespace(login.view, CLONE_NEWNS) ||
		!is_namespace(login.netns, CLONE_NEWNET))
		return -EBADMSG;
	*ret = login;
	return 0;
}

void login_strings_free(char ***strings)
{
	for (char **s = *strings; s && *s; s++)
		free(*s);
	free(*strings);
	*strings = NULL;
}

static char *join(char *const *words, size_t count)
{
	size_t size = 1;
	char *joined, *end;

	for (size_t i = 0; i < count; i++)
		size += strlen(words[i]) + 1;
	joined = malloc(size);
	if (!joined)
		return NULL;
	end = joined;
	for (size_t i = 0; i < count; i++) {
		if (i > 0)
			*end++ = ' ';
		end = stpcpy(end, words[i]);
	}
	*end = '\0';
	return joined;
}

/* Takes the COUNT new STRINGS into a new array; NULL, and they are freed, if one is missing. */
static char **collect(char **strings, size_t count)
{
	char **array = calloc(count + 1, sizeof(*array));
	bool whole = array != NULL;

	for (size_t i = 0; i < count; i++)
		whole = whole && strings[i];
	for (size_t i = 0; i < count; i++) {
		if (whole)
			array[i] = strings[i];
		else
			free(strings[i]);
	}
	if (!whole)
		free(array);
	return whole ? array : NULL;
}

char **login_arguments(const struct login *login, char *const *words, size_t count)
{
	const char *name = strrchr(login->shell, '/') + 1;
	char *strings[3];

	if (count == 0) {
		strings[0] = str_format("-%s", name);
		return collect(strings, 1);
	}
	strings[0] = strdup(name);
	strings[1] = strdup("-c");
	strings[2] = join(words, count);
	return collect(strings, 3);
}

char **login_environment(const struct login *login)
{
	const char *term = getenv("TERM");
	char *strings[LOGIN_ENVIRONMENT_MAX];
	size_t count = 0;

	strings[count++] = str_format("HOME=%s", login->home);
	strings[count++] = str_format("USER=%s", login->user);
	strings[count++] = str_format("LOGNAME=%s", login->user);
	strings[count++] = str_format("SHELL=%s", login->shell);
	strings[count++] = strdup("PATH=/usr/local/bin:/usr/bin:/bin");
	if (term)
		strings[count++] = str_format("TERM=%s", term);
	return collect(strings, count);
}

/* All ids, then every capability set: setresuid clears them only where no securebit says otherwise.
 */
static int drop_privileges(const struct login *login)
{
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct none[2] = {0};

	if (setgroups(0, NULL) < 0 || setresgid(login->gid, login->gid, login->gid) < 0 ||
		setresuid(login->uid, login->uid, login->uid) < 0)
		return -errno;
	if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) < 0 ||
		syscall(SYS_capset, &header, none) < 0 ||
		prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return -errno;
	return 0;
}

int login_exec(const struct login *login, char **argv, char **envp, const char **ret_what)
{
	int r;

	if (setns(login->netns, CLONE_NEWNET) < 0) {
		*ret_what = "join the sandbox's network";
		return -errno;
	}
	if (setns(login->view, CLONE_NEWNS) < 0) {
		*ret_what = "join the login view";
		return -errno;
	}
	r = process_close_from(STDERR_FILENO + 1);
	if (r >= 0)
		r = drop_privileges(login);
	if (r < 0) {
		*ret_what = "become the student";
		return r;
	}
	/* Of the student's view, with the student's rights; the shim only tells PID 1 its name. */
	if (chdir(login->home) < 0 && chdir("/") < 0) {
		*ret_what = "enter the home";
		return -errno;
	}
	execve(login->shell, argv, envp);
	*ret_what = "execute the shim";
	return -errno;
}
