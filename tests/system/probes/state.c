/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Prints what a process inherits, one "name value" a line: ids, groups, capabilities, limits,
 * signals, scheduling, descriptors. Run as the first program of a login, so that nothing in between
 * repairs it.
 */
#include <dirent.h>
#include <linux/capability.h>
#include <linux/keyctl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <unistd.h>

static void print_status(void)
{
	static const char *const wanted[] = {
		"Uid:", "Gid:", "Groups:", "CapInh:", "CapPrm:", "CapEff:", "CapBnd:", "CapAmb:",
		"NoNewPrivs:", "Seccomp:", "SigBlk:", "SigIgn:", "SigPnd:", "Cpus_allowed_list:"};
	char line[512];
	FILE *file = fopen("/proc/self/status", "re");

	while (file && fgets(line, sizeof(line), file))
		for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++)
			if (strncmp(line, wanted[i], strlen(wanted[i])) == 0)
				fputs(line, stdout);
	if (file)
		fclose(file);
}

static void print_descriptors(void)
{
	char target[256], name[300];
	DIR *directory = opendir("/proc/self/fd");
	struct dirent *entry;

	while (directory && (entry = readdir(directory))) {
		ssize_t length;

		if (entry->d_name[0] == '.' || atoi(entry->d_name) == dirfd(directory))
			continue;
		snprintf(name, sizeof(name), "/proc/self/fd/%s", entry->d_name);
		length = readlink(name, target, sizeof(target) - 1);
		printf("fd %s %.*s\n", entry->d_name, (int)(length > 0 ? length : 0), target);
	}
	if (directory)
		closedir(directory);
}

int main(void)
{
	struct itimerval timer = {0};
	int parent_death = 0, reaper = 0;
	char oom[16] = "?", session[64] = "?";
	FILE *file;

	print_status();
	for (int resource = 0; resource < (int)RLIM_NLIMITS; resource++) {
		struct rlimit limit;

		if (getrlimit(resource, &limit) == 0)
			printf("rlimit%d %llu %llu\n", resource, (unsigned long long)limit.rlim_cur,
				(unsigned long long)limit.rlim_max);
	}
	getitimer(ITIMER_REAL, &timer);
	prctl(PR_GET_PDEATHSIG, &parent_death);
	prctl(PR_GET_CHILD_SUBREAPER, &reaper);
	printf("umask %03o\n", umask(0));
	printf("nice %d\n", getpriority(PRIO_PROCESS, 0));
	printf("ioprio %ld\n", syscall(SYS_ioprio_get, 1, 0));
	printf("policy %d\n", sched_getscheduler(0));
	printf("personality %x\n", (unsigned)personality(0xffffffff));
	printf("securebits %d\n", prctl(PR_GET_SECUREBITS));
	printf("timer %ld\n", (long)timer.it_value.tv_sec);
	printf("pdeathsig %d\n", parent_death);
	printf("subreaper %d\n", reaper);
	printf("keyring %s\n",
		syscall(SYS_keyctl, KEYCTL_GET_KEYRING_ID, KEY_SPEC_SESSION_KEYRING, 0) < 0
			? "none"
			: "some");
	file = fopen("/proc/self/oom_score_adj", "re");
	if (file && fgets(oom, sizeof(oom), file))
		oom[strcspn(oom, "\n")] = '\0';
	printf("oom_score_adj %s\n", oom);
	if (getcwd(session, sizeof(session)))
		printf("cwd %s\n", session);
	printf("sid-is-pid %d\n", getsid(0) == getpid());
	if (file)
		fclose(file);
	print_descriptors();
	return 0;
}
