/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Makes many namespaces (row I22): bomb KIND COUNT [SECONDS], KIND one of user net mnt pid ipc uts
 * cgroup depth (user namespaces one in the other). Each is held by a waiting child for SECONDS (1).
 * Prints "made N" and the error that ended it. With "user" the others are tried in a user namespace
 * each.
 */
#include <sched.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "probe.h"

static const struct {
	const char *name;
	int flags;
} kinds[] = {
	{"user", CLONE_NEWUSER},
	{"net", CLONE_NEWNET},
	{"mnt", CLONE_NEWNS},
	{"pid", CLONE_NEWPID},
	{"ipc", CLONE_NEWIPC},
	{"uts", CLONE_NEWUTS},
	{"cgroup", CLONE_NEWCGROUP},
	{"user+net", CLONE_NEWUSER | CLONE_NEWNET},
	{"user+mnt", CLONE_NEWUSER | CLONE_NEWNS},
	{"user+pid", CLONE_NEWUSER | CLONE_NEWPID},
};

/* A child that has unshared and waits. 0, or the errno of the first step that failed. */
static int hold_one(int flags, int hold)
{
	int status[2], error = 0;
	pid_t pid;

	if (pipe(status) < 0)
		return errno;
	pid = fork();
	if (pid == 0) {
		char byte;

		error = unshare(flags) < 0 ? errno : 0;
		if (write(status[1], &error, sizeof(error)) < 0 || error)
			_exit(1);
		_exit(read(hold, &byte, 1) < 0);
	}
	if (pid < 0)
		error = errno;
	else if (read(status[0], &error, sizeof(error)) != sizeof(error))
		error = EPIPE;
	close(status[0]);
	close(status[1]);
	return error;
}

/* Without maps of its user and group the next one could not be made. */
static void write_map(const char *path, const char *text)
{
	FILE *file = fopen(path, "we");

	if (file) {
		fputs(text, file);
		fclose(file);
	}
}

static void map_to_root(unsigned uid, unsigned gid)
{
	char line[32];

	write_map("/proc/self/setgroups", "deny");
	snprintf(line, sizeof(line), "0 %u 1", uid);
	write_map("/proc/self/uid_map", line);
	snprintf(line, sizeof(line), "0 %u 1", gid);
	write_map("/proc/self/gid_map", line);
}

static int nest(int count)
{
	for (int made = 0; made < count; made++) {
		unsigned uid = geteuid(), gid = getegid();

		if (unshare(CLONE_NEWUSER) < 0) {
			printf("made %d %s\n", made, strerrorname_np(errno));
			return 0;
		}
		map_to_root(uid, gid);
	}
	printf("made %d ok\n", count);
	return 0;
}

static int spread(int flags, int count, unsigned seconds)
{
	int hold[2], made = 0, error = 0;

	if (pipe(hold) < 0)
		return 2;
	while (made < count && (error = hold_one(flags, hold[0])) == 0)
		made++;
	printf("made %d %s\n", made, error ? strerrorname_np(error) : "ok");
	fflush(stdout);
	sleep(seconds);
	/* All children hold the write end too: they end by the signal. */
	signal(SIGTERM, SIG_IGN);
	kill(0, SIGTERM);
	while (wait(NULL) > 0)
		;
	return 0;
}

int main(int argc, char **argv)
{
	int count = argc > 2 ? atoi(argv[2]) : 100;
	unsigned seconds = argc > 3 ? (unsigned)atoi(argv[3]) : 1;

	probe_refuse_host();
	setpgid(0, 0);
	if (argc > 1 && strcmp(argv[1], "depth") == 0)
		return nest(count);
	for (size_t i = 0; argc > 1 && i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (strcmp(argv[1], kinds[i].name) == 0)
			return spread(kinds[i].flags, count, seconds);
	fprintf(stderr, "usage: bomb KIND COUNT [SECONDS]\n");
	return 2;
}
