/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Eats memory of one kind (row Q02): eat KIND MEGABYTES [SECONDS] [PATH]. KIND: anon, file (PATH,
 * on a tmpfs), memfd, shm (System V), pipe. Prints "held N" after every 16 MB and "done N ERROR",
 * then holds it SECONDS (0). Who meets the limit is killed, which is the answer.
 */
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/shm.h>
#include <unistd.h>

#include "probe.h"

enum { MEGABYTE = 1 << 20 };

static char block[MEGABYTE];
static int output = -1; /* of file and memfd */

static long eat_anon(void)
{
	char *p = mmap(NULL, MEGABYTE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED)
		return -1;
	memset(p, 'x', MEGABYTE);
	return 0;
}

static long eat_output(void)
{
	ssize_t n = write(output, block, sizeof(block));

	if (n >= 0 && n < (ssize_t)sizeof(block))
		errno = ENOSPC;
	return n == (ssize_t)sizeof(block) ? 0 : -1;
}

static long eat_shm(void)
{
	int id = shmget(IPC_PRIVATE, MEGABYTE, IPC_CREAT | 0600);
	char *p = id < 0 ? (void *)-1 : shmat(id, NULL, 0);

	if (id >= 0)
		shmctl(id, IPC_RMID, NULL);
	if (p == (void *)-1)
		return -1;
	memset(p, 'x', MEGABYTE);
	return 0;
}

static long eat_pipe(void)
{
	for (int i = 0; i < 16; i++) {
		int ends[2];

		if (pipe2(ends, O_NONBLOCK) < 0 || write(ends[1], block, 65536) < 0)
			return -1;
	}
	return 0;
}

static const struct {
	const char *name;
	long (*eat)(void); /* a megabyte more */
} kinds[] = {
	{"anon", eat_anon},
	{"file", eat_output},
	{"memfd", eat_output},
	{"shm", eat_shm},
	{"pipe", eat_pipe},
};

static void eat(long (*more)(void), int megabytes)
{
	long r = 0;
	int held = 0;

	while (held < megabytes && (r = more()) >= 0)
		if (++held % 16 == 0)
			printf("held %d\n", held);
	printf("done %d %s\n", held, probe_outcome(r));
}

int main(int argc, char **argv)
{
	if (argc < 3) {
		fprintf(stderr, "usage: eat KIND MEGABYTES [SECONDS] [PATH]\n");
		return 2;
	}
	setvbuf(stdout, NULL, _IOLBF, 0);
	if (argc > 4)
		output = open(argv[4], O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	else
		output = memfd_create("eat", MFD_CLOEXEC);
	if (output < 0)
		return 2;
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (strcmp(argv[1], kinds[i].name) == 0)
			eat(kinds[i].eat, atoi(argv[2]));
	if (argc > 3)
		sleep((unsigned)atoi(argv[3]));
	return 0;
}
