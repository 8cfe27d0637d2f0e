/* SPDX-License-Identifier: Apache-2.0 */
/*
 * PID 1 watches the counters of its cgroups. The line is written by a child that is the student:
 * the terminals are theirs, and whatever stands at /dev/pts by then is theirs too.
 */
#include "init/notice.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/process.h"
#include "base/signals.h"
#include "base/str.h"
#include "init/identity.h"
#include "init/loop.h"
#include "init/place.h"

enum {
	NOTICE_SECONDS = 10, /* at most one line of a kind in that time */
	WRITER_SECONDS = 5,  /* what stands at /dev/pts may not answer */
	COUNTER_FILE_MAX = 1024,
	LINE_MAX_SIZE = 128,
	PIDS_LOOK_MSEC = 2000,
	OOM_LOOK_MSEC = 250,
	OOM_LOOKS = 8,
};

struct counter {
	struct watch watch;
	int file; /* holds "NAME NUMBER" among its lines */
	const char *name;
	uint64_t count; /* as last read */
	uint64_t quiet_until;
	uint64_t look_at; /* if looks_left > 0: when to look without an event */
	unsigned looks_left;
	void (*describe)(char *line);
};

static const struct settings *settings;

static void describe_pids(char *line);
static void describe_memory(char *line);

static struct counter pids = {
	.file = START_FD_PIDS_EVENTS, .name = "max", .describe = describe_pids};
static struct counter memory = {
	.file = START_FD_MEMORY_EVENTS, .name = "oom_kill", .describe = describe_memory};

/* LINE holds LINE_MAX_SIZE bytes. */
static void describe_pids(char *line)
{
	uint64_t max = place_read_number(START_FD_PIDS_MAX);
	char digits[24] = "", *at = digits + sizeof(digits) - 1;

	do
		*--at = (char)('0' + max % 10);
	while (max /= 10);
	stpcpy(stpcpy(stpcpy(line, "sandbox: limit of "), at),
		" processes (quota.pids) reached\r\n");
}

static void describe_memory(char *line)
{
	strcpy(line, "sandbox: a process was killed: memory limit (quota.memory) reached\r\n");
}

/* The number behind NAME in the file's lines; 0 where there is none. */
static uint64_t read_counter(const struct counter *c)
{
	char text[COUNTER_FILE_MAX], *line, *rest = text;
	size_t length = strlen(c->name);
	ssize_t n = pread(c->file, text, sizeof(text) - 1, 0);
	uint64_t count;

	if (n <= 0)
		return 0;
	text[n] = '\0';
	while ((line = strsep(&rest, "\n")))
		if (strncmp(line, c->name, length) == 0 && line[length] == ' ' &&
			str_to_u64(line + length + 1, UINT64_MAX, &count) == 0)
			return count;
	return 0;
}

static void write_to_terminals(const char *line)
{
	_cleanup_closedir_ DIR *directory = opendir("/dev/pts");
	struct dirent *entry;

	while (directory && (entry = readdir(directory))) {
		_cleanup_close_ int fd = -EBADF;

		if (entry->d_name[0] < '0' || entry->d_name[0] > '9')
			continue;
		fd = openat(dirfd(directory), entry->d_name,
			O_WRONLY | O_NOCTTY | O_NONBLOCK | O_CLOEXEC | O_NOFOLLOW);
		if (fd >= 0 && isatty(fd) && write(fd, line, strlen(line)) < 0)
			continue;
	}
}

static void tell(const struct counter *c)
{
	char line[LINE_MAX_SIZE];
	pid_t pid;

	c->describe(line);
	/* At the limit that is told of, too: place_fork() finds room. */
	pid = place_fork(settings);
	if (pid != 0)
		return;
	process_close_from(3);
	signals_reset();
	if (identity_become(settings) < 0)
		_exit(1);
	alarm(WRITER_SECONDS);
	write_to_terminals(line);
	_exit(0);
}

static void look(struct counter *c)
{
	uint64_t count = read_counter(c), now = clock_monotonic();

	if (count <= c->count)
		return;
	c->count = count;
	if (now < c->quiet_until)
		return;
	c->quiet_until = now + NOTICE_SECONDS * USEC_PER_SEC;
	tell(c);
}

static void on_counter(struct watch *watch, uint32_t events)
{
	struct counter *c = (struct counter *)((char *)watch - offsetof(struct counter, watch));
	uint64_t told;

	look(c);
	if (watch->fd == c->file)
		return; /* reading the counter was what waits for the next event */
	if (read(watch->fd, &told, sizeof(told)) < 0 && errno != EAGAIN)
		loop_remove(watch);
	/* v1 tells of the OOM first and counts the kill when it is done. */
	c->looks_left = OOM_LOOKS;
	c->look_at = clock_monotonic() + OOM_LOOK_MSEC * USEC_PER_MSEC;
}

static void watch_counter(struct counter *c, int watched, uint32_t events)
{
	c->watch = (struct watch){.fd = watched, .on_event = on_counter};
	/* Reading is also what makes the next change an event. */
	c->count = read_counter(c);
	loop_add(&c->watch, events);
}

void notice_open(const struct settings *s)
{
	settings = s;
	if (settings_has(s, START_HAS_PIDS))
		watch_counter(&pids, START_FD_PIDS_EVENTS, EPOLLPRI);
	if (!settings_has(s, START_HAS_MEMORY))
		return;
	if (settings_has(s, START_HAS_OOM))
		watch_counter(&memory, START_FD_OOM, EPOLLIN);
	else
		watch_counter(&memory, START_FD_MEMORY_EVENTS, EPOLLPRI);
}

static uint64_t check_counter(struct counter *c, uint64_t interval)
{
	uint64_t now = clock_monotonic();

	if (c->looks_left > 0 && now >= c->look_at) {
		look(c);
		c->looks_left--;
		c->look_at = now + interval;
	}
	return c->looks_left > 0 ? c->look_at : USEC_INFINITY;
}

uint64_t notice_check(bool is_used)
{
	bool is_silent =
		settings_has(settings, START_HAS_PIDS) && !settings_has(settings, START_HAS_INTO);
	uint64_t pids_at, memory_at;

	/* v1 counts what pids.max refused, but since kernel 6.11 makes no event of it. */
	if (is_silent && is_used)
		pids.looks_left = 1;
	pids_at = check_counter(&pids, PIDS_LOOK_MSEC * USEC_PER_MSEC);
	if (is_silent && is_used)
		pids_at = pids.look_at;
	memory_at = check_counter(&memory, OOM_LOOK_MSEC * USEC_PER_MSEC);
	return pids_at < memory_at ? pids_at : memory_at;
}
