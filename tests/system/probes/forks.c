/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A fork bomb with an end (row Q01): forks KIND COUNT [SECONDS], KIND fork or thread. Makes COUNT
 * waiting tasks, prints "made N ERROR", holds them SECONDS (1) while it goes on trying, and ends
 * them.
 */
#include <pthread.h>
#include <signal.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "probe.h"

static void *wait_for_ever(void *unused)
{
	for (;;)
		pause();
	return unused;
}

static int make_process(void)
{
	pid_t pid = fork();

	if (pid == 0)
		wait_for_ever(NULL);
	return pid < 0 ? errno : 0;
}

static int make_thread(void)
{
	pthread_t thread;
	pthread_attr_t attributes;

	pthread_attr_init(&attributes);
	pthread_attr_setstacksize(&attributes, 16384);
	return pthread_create(&thread, &attributes, wait_for_ever, NULL);
}

int main(int argc, char **argv)
{
	int (*make)(void) = argc > 1 && strcmp(argv[1], "thread") == 0 ? make_thread : make_process;
	int count = argc > 2 ? atoi(argv[2]) : 1000, made = 0, error = 0;
	time_t end = time(NULL) + (argc > 3 ? atoi(argv[3]) : 1);

	probe_refuse_host();
	setpgid(0, 0);
	while (made < count && (error = make()) == 0)
		made++;
	printf("made %d %s\n", made, error ? strerrorname_np(error) : "ok");
	fflush(stdout);
	while (time(NULL) < end) {
		if (made < count && make() == 0)
			made++;
		else
			usleep(1000);
	}
	printf("total %d\n", made);
	fflush(stdout);
	signal(SIGTERM, SIG_IGN);
	kill(0, SIGTERM);
	while (wait(NULL) > 0)
		;
	return 0;
}
