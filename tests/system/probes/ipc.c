/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Things by which two users could meet (row I18): "ipc make NAME SECONDS" makes one of each with a
 * name that follows from NAME and holds them, "ipc find NAME" says of each whether it is seen. One
 * line each: "shm ok" or "shm ENOENT". "ipc list" counts what System V objects there are.
 */
#include <fcntl.h>
#include <mqueue.h>
#include <stddef.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "probe.h"

static char name[64] = "/probe";
static key_t key;
static bool making;

static int flags(void)
{
	return making ? IPC_CREAT | 0666 : 0;
}

static long visit_shm(void)
{
	return shmget(key, 4096, flags());
}

static long visit_msg(void)
{
	return msgget(key, flags());
}

static long visit_sem(void)
{
	return semget(key, 1, flags());
}

static long visit_posix_shm(void)
{
	return shm_open(name, O_RDWR | (making ? O_CREAT : 0), 0666);
}

static long visit_mqueue(void)
{
	return mq_open(name, O_RDWR | (making ? O_CREAT : 0), 0666, NULL);
}

static long visit_abstract(void)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	socklen_t size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + strlen(name));
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	memcpy(address.sun_path + 1, name, strlen(name));
	if (fd < 0)
		return -1;
	if (!making)
		return connect(fd, (struct sockaddr *)&address, size);
	if (bind(fd, (struct sockaddr *)&address, size) < 0)
		return -1;
	return listen(fd, 8);
}

static long visit_file(void)
{
	char path[96];

	snprintf(path, sizeof(path), "/tmp%s", name);
	return open(path, O_RDWR | (making ? O_CREAT : 0), 0666);
}

static const struct {
	const char *name;
	long (*visit)(void);
} objects[] = {
	{"sysv-shm", visit_shm},
	{"sysv-msg", visit_msg},
	{"sysv-sem", visit_sem},
	{"posix-shm", visit_posix_shm},
	{"mqueue", visit_mqueue},
	{"abstract", visit_abstract},
	{"tmp", visit_file},
};

static int list(void)
{
	struct shm_info shm;
	struct msginfo msg;
	struct seminfo sem;

	shmctl(0, SHM_INFO, (struct shmid_ds *)&shm);
	msgctl(0, MSG_INFO, (struct msqid_ds *)&msg);
	semctl(0, 0, SEM_INFO, &sem);
	printf("sysv-shm %d\nsysv-msg %d\nsysv-sem %d\n", shm.used_ids, msg.msgpool, sem.semusz);
	return 0;
}

int main(int argc, char **argv)
{
	if (argc == 2 && strcmp(argv[1], "list") == 0)
		return list();
	if (argc < 3)
		return 2;
	making = strcmp(argv[1], "make") == 0;
	snprintf(name, sizeof(name), "/probe-%.40s", argv[2]);
	for (const char *c = argv[2]; *c; c++)
		key = key * 31 + *c;
	for (size_t i = 0; i < sizeof(objects) / sizeof(objects[0]); i++)
		printf("%s %s\n", objects[i].name, probe_outcome(objects[i].visit()));
	fflush(stdout);
	if (making && argc > 3)
		sleep((unsigned)atoi(argv[3]));
	return 0;
}
