/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Watches for something of the host in the box (row I01): race SECONDS. Stops every process whose
 * number is about to be given (numbers are sequential), then looks at its leisure: is its parent
 * outside (PPid 0, not PID 1), are its namespaces ours, may it be traced, its memory opened, its
 * descriptors taken? Prints one line for each process that a look found something about, and at the
 * end "seen N stopped N outside N foreign N traced N leaked N". Exits 1 unless outside, foreign and
 * leaked are 0.
 *
 * traced counts what is no boundary: a student's process in its own box, of the same user, under
 * way to its exec. leaked counts descriptors in such a process beyond those that the door brought
 * and PID 1's own.
 */
#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "probe.h"

static struct {
	unsigned long seen, stopped, outside, foreign, traced, leaked;
} counts;

static const char *const spaces[] = {"pid", "user", "mnt", "net"};
enum { SPACES = sizeof(spaces) / sizeof(spaces[0]) };
static ino_t own_spaces[SPACES];

static ino_t space_inode(pid_t pid, const char *name)
{
	char path[64];
	struct stat st;

	snprintf(path, sizeof(path), "/proc/%d/ns/%s", (int)pid, name);
	return stat(path, &st) == 0 ? st.st_ino : 0;
}

/* A number of /proc/PID/status, or -1. */
static long status_number(pid_t pid, const char *name)
{
	char path[64], line[256];
	long value = -1;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
	file = fopen(path, "re");
	while (file && value < 0 && fgets(line, sizeof(line), file))
		if (strncmp(line, name, strlen(name)) == 0)
			value = atol(line + strlen(name));
	if (file)
		fclose(file);
	return value;
}

/* Everything that is reached through the process's descriptors, directories and memory. */
static void look_at_files(pid_t pid)
{
	char path[64], target[256], executable[256] = "?";
	struct dirent *entry;
	ssize_t length;
	DIR *directory;

	snprintf(path, sizeof(path), "/proc/%d/exe", (int)pid);
	length = readlink(path, executable, sizeof(executable) - 1);
	executable[length > 0 ? length : 0] = '\0';
	snprintf(path, sizeof(path), "/proc/%d/fd", (int)pid);
	directory = opendir(path);
	while (directory && (entry = readdir(directory))) {
		char name[384];
		struct stat st;

		snprintf(name, sizeof(name), "/proc/%d/fd/%.32s", (int)pid, entry->d_name);
		length = readlink(name, target, sizeof(target) - 1);
		if (length <= 0)
			continue;
		target[length] = '\0';
		printf("fd %d %s %s %s\n", (int)pid, executable, entry->d_name, target);
		/* A directory of a file system that we do not have is a way out. */
		if (stat(name, &st) == 0 && S_ISDIR(st.st_mode) && target[0] != '/')
			counts.leaked++;
	}
	if (directory)
		closedir(directory);
	snprintf(path, sizeof(path), "/proc/%d/mem", (int)pid);
	length = open(path, O_RDWR | O_CLOEXEC);
	if (length >= 0) {
		printf("mem %d %s\n", (int)pid, executable);
		close((int)length);
	}
}

static void take_descriptors(pid_t pid)
{
	int pidfd = (int)syscall(SYS_pidfd_open, pid, 0);

	for (int number = 0; pidfd >= 0 && number < 64; number++) {
		int fd = (int)syscall(SYS_pidfd_getfd, pidfd, number, 0);

		if (fd >= 0) {
			printf("taken %d %d\n", (int)pid, number);
			close(fd);
		}
	}
	if (pidfd >= 0)
		close(pidfd);
}

static void inspect(pid_t pid)
{
	long parent = status_number(pid, "PPid:");

	if (parent == 0 && pid != 1) {
		printf("outside %d\n", (int)pid);
		counts.outside++;
	}
	for (size_t i = 0; i < SPACES; i++) {
		ino_t inode = space_inode(pid, spaces[i]);

		if (inode && inode != own_spaces[i]) {
			printf("foreign %d %s\n", (int)pid, spaces[i]);
			counts.foreign++;
		}
	}
	if (ptrace(PTRACE_SEIZE, pid, 0, 0) < 0)
		return;
	counts.traced++;
	look_at_files(pid);
	take_descriptors(pid);
	ptrace(PTRACE_DETACH, pid, 0, 0);
}

/* Waits shortly until it is stopped; gone or running on is no matter. */
static bool has_stopped(pid_t pid)
{
	char path[64], line[256];

	for (int tries = 0; tries < 200; tries++) {
		FILE *file;
		char state = '?';
		const char *end;

		snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
		file = fopen(path, "re");
		if (!file)
			return false;
		if (fgets(line, sizeof(line), file) && (end = strrchr(line, ')')))
			state = end[2];
		fclose(file);
		if (state == 'T')
			return true;
		if (state == 'Z' || state == '?')
			return false;
		usleep(50);
	}
	return false;
}

static pid_t newest(void)
{
	char line[128];
	FILE *file = fopen("/proc/loadavg", "re");
	int pid = -1;

	if (file && fgets(line, sizeof(line), file)) {
		const char *last = strrchr(line, ' ');

		pid = last ? atoi(last + 1) : -1;
	}
	if (file)
		fclose(file);
	return pid;
}

int main(int argc, char **argv)
{
	time_t end = time(NULL) + (argc > 1 ? atoi(argv[1]) : 10);
	pid_t last;

	probe_refuse_host();
	for (size_t i = 0; i < SPACES; i++)
		own_spaces[i] = space_inode(getpid(), spaces[i]);
	last = newest();
	while (time(NULL) < end) {
		pid_t pid = last + 1;

		if (kill(pid, SIGSTOP) < 0 && errno != EPERM) {
			/* Somebody may have come and gone: catch up. */
			if (newest() > last)
				last++;
			continue;
		}
		last = pid;
		counts.seen++;
		if (has_stopped(pid))
			counts.stopped++;
		inspect(pid);
		kill(pid, SIGCONT);
	}
	printf("seen %lu stopped %lu outside %lu foreign %lu traced %lu leaked %lu\n", counts.seen,
		counts.stopped, counts.outside, counts.foreign, counts.traced, counts.leaked);
	return counts.outside || counts.foreign || counts.leaked;
}
